// The scenarios with their hits, files that could not be loaded, and an editor that checks while one types.

import { address, go } from './address.js';
import { Gone, encode, get, remove, sendFile } from './api.js';
import { button, buttons, doing, fill, h, later, muted, newest, section, setText, small, toast } from './dom.js';
import { ruleText } from './lines.js';
import { session } from './session.js';
import { count, oneLine, visible } from './text.js';
import { useLine } from './switchboard.js';

const NAME = /^[a-z][a-z0-9-]{0,62}$/;
const TYPING_MS = 300;
/** Of how many scenarios the hits are asked for without a click. */
const ASKED_AT_ONCE = 60;
const START = 'version: 1\nname: my-scenario\ndescription: What it is for.\nrules:\n  - id: first\n    do: { outcome: server-error, times: 2 }\n';

const nodes = {};

export function scenarios() {
  return h('div', { class: 'scenarios-view' },
    section('', 'Scenarios', button('Reload', refresh, 'scenarios-reload'),
      nodes.error = h('div', { class: 'file-error', testid: 'file-error', hidden: true }),
      nodes.list = h('ul', { class: 'scenarios', testid: 'scenarios' })),
    section('editor', 'Scenario file', null,
      nodes.text = h('textarea', { label: 'Scenario file', testid: 'editor', rows: '18', spellcheck: 'false', autocomplete: 'off', 'aria-describedby': 'editor-check', oninput: later(TYPING_MS, () => check()), value: START }),
      nodes.check = h('div', { id: 'editor-check', class: 'check', testid: 'editor-check', role: 'status' }),
      buttons(button('Upload', upload, 'upload', { class: 'main' }), muted('kept in memory until the server ends'))));
}

export const refresh = doing(async () => {
  const [{ scenarios: all }, status] = await Promise.all([get('scenarios'), get('status')]);
  const error = status.scenarios.last_error;
  nodes.error.hidden = !error;
  fill(nodes.error, error && [h('b', 'A file could not be loaded'), h('pre', { tabindex: '0' }, visible(error))]);
  fill(nodes.list, all.map((scenario, index) => item(scenario, index < ASKED_AT_ONCE)));
});

function item({ name, description, rules, uploaded }, asks) {
  const hits = h('span', { class: 'muted', testid: 'scenario-hits' });
  const more = h('div');
  const show = async () => {
    const whole = await get(`scenarios/${encode(name)}`);
    const { tenant } = address();
    const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
    const own = sum(whole.rules.map((rule) => rule.hits[tenant] ?? 0));
    const all = sum(whole.rules.flatMap((rule) => Object.values(rule.hits)));
    setText(hits, all ? `${count(own, 'hit')} here, ${all} in all` : 'no hit');
    fill(more, h('table', h('thead', h('tr', ['rule', 'does', 'hits here'].map((title) => h('th', { scope: 'col' }, title)))),
      h('tbody', whole.rules.map((rule) => h('tr', h('td', oneLine(rule.id, 80)),
        h('td', oneLine(ruleText(rule), 600)), h('td', String(rule.hits[tenant] ?? 0)))))));
  };
  if (asks) show().catch(() => {});
  return h('li', { testid: 'scenario', 'data-name': name },
    h('details', { ontoggle: doing(show) },
      h('summary', h('b', oneLine(name, 100)), ' ', muted(count(rules, 'rule')), ' ', hits),
      h('p', oneLine(description, 1000)), more),
    buttons(
      small('force…', () => force(name), `Force ${name}`),
      uploaded && small('delete', () => drop(name), `Delete the upload ${name}`)));
}

function force(name) {
  go({ tab: 'calls' });
  useLine(name);
}

async function drop(name) {
  await remove(`scenarios/${encode(name)}`);
  await refresh();
}

/** The name that a file gives itself. */
function nameOf(text) {
  let name;
  try {
    ({ name } = JSON.parse(text));
  } catch {
    name = /^(?:\s*\{(?:.*?,)?\s*)?name:\s*["']?([^"'\s#,}]+)/m.exec(text)?.[1];
  }
  if (!NAME.test(name ?? '')) throw new Error('the file needs a name: a-z, 0-9 and -, first a letter');
  return name;
}

/** Has the server read the file without keeping it; whether it is good. */
const check = newest(async () => {
  const text = nodes.text.value;
  try {
    await sendFile('POST', `scenarios/${nameOf(text)}`, text);
  } catch (error) {
    if (!(error instanceof Gone)) return error.message + caret(text, error.message);
  }
  return '';
}, (problem) => {
  nodes.check.classList.toggle('bad', problem !== '');
  nodes.text.setAttribute('aria-invalid', problem !== '');
  fill(nodes.check, problem ? h('pre', visible(problem)) : 'it can be loaded');
});

/** The line of the text that a problem names, with a mark below its column. */
function caret(text, problem) {
  const place = /^line (\d+), column (\d+)/.exec(problem);
  const line = place && text.split('\n')[place[1] - 1];
  return line ? `\n${line}\n${' '.repeat(Math.max(0, place[2] - 1))}^` : '';
}

async function upload() {
  const name = nameOf(nodes.text.value);
  const { warnings } = await sendFile('PUT', `scenarios/${name}`, nodes.text.value);
  await check();
  if (warnings?.length) fill(nodes.check, warnings.map((warning) => h('pre', visible(`warning: ${warning}`))));
  toast(`uploaded ${name}`);
  await refresh();
  session.refreshSoon();
}

export function fillEditor(text) {
  nodes.text.value = text;
  check();
}
