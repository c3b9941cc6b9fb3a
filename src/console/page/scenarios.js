// The scenarios with their hits, files that could not be loaded, and an editor that checks while one types.

import { address, go, onAddress } from './address.js';
import { Gone, encode, get, remove, sendFile } from './api.js';
import { button, buttons, fill, h, section, setText, toast } from './dom.js';
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
  nodes.list = h('ul', { class: 'scenarios', testid: 'scenarios' });
  nodes.error = h('div', { class: 'file-error', testid: 'file-error', hidden: true });
  nodes.text = h('textarea', { label: 'Scenario file', testid: 'editor', rows: '18', spellcheck: 'false', autocomplete: 'off', 'aria-describedby': 'editor-check', oninput: typed, value: START });
  nodes.check = h('div', { id: 'editor-check', class: 'check', testid: 'editor-check', role: 'status' });
  onAddress(() => address().tab === 'scenarios' && refresh());
  return h('div', { class: 'scenarios-view' },
    section('', 'Scenarios', button('Reload', refresh, 'scenarios-reload'),
      nodes.error, nodes.list),
    section('editor', 'Scenario file', null,
      nodes.text, nodes.check,
      buttons(button('Upload', upload, 'upload', { class: 'main' }), h('span', { class: 'muted' }, 'kept in memory until the server ends'))));
}

export async function refresh() {
  try {
    const [{ scenarios: all }, status] = await Promise.all([get('scenarios'), get('status')]);
    const error = status.scenarios.last_error;
    nodes.error.hidden = !error;
    fill(nodes.error, error && [h('b', {}, 'A file could not be loaded'), h('pre', { tabindex: '0' }, visible(error))]);
    fill(nodes.list, all.map((scenario, index) => item(scenario, index < ASKED_AT_ONCE)));
  } catch (error) {
    toast(error.message, 'bad');
  }
}

function item({ name, description, rules, uploaded }, asks) {
  const hits = h('span', { class: 'muted', testid: 'scenario-hits' });
  const more = h('div', {});
  const show = async () => {
    const whole = await get(`scenarios/${encode(name)}`);
    const { tenant } = address();
    const own = whole.rules.reduce((sum, rule) => sum + (rule.hits[tenant] ?? 0), 0);
    const all = whole.rules.reduce((sum, rule) => sum + Object.values(rule.hits).reduce((a, b) => a + b, 0), 0);
    setText(hits, all ? `${count(own, 'hit')} here, ${all} in all` : 'no hit');
    fill(more, h('table', {}, h('thead', {}, h('tr', {}, ['rule', 'does', 'hits here'].map((title) => h('th', { scope: 'col' }, title)))),
      h('tbody', {}, whole.rules.map((rule) => h('tr', {}, h('td', {}, oneLine(rule.id, 80)),
        h('td', {}, rule.do.map((step) => `${step.times === null ? '' : `${step.times}× `}${step.outcome}`).join(', ')), h('td', {}, String(rule.hits[tenant] ?? 0)))))));
  };
  if (asks) show().catch(() => {});
  return h('li', { testid: 'scenario', 'data-name': name },
    h('details', { ontoggle: () => show().catch((error) => toast(error.message, 'bad')) },
      h('summary', {}, h('b', {}, oneLine(name, 100)), ' ', h('span', { class: 'muted' }, count(rules, 'rule')), ' ', hits),
      h('p', {}, oneLine(description, 1000)), more),
    buttons(
      button('force…', () => force(name), null, { class: 'small', label: `Force ${name}` }),
      uploaded && button('delete', () => drop(name), null, { class: 'small', label: `Delete the upload ${name}` })));
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
const nameOf = (text) => /^name:\s*["']?([^"'\s#]+)/m.exec(text)?.[1] ?? '';

let timer = 0;

function typed() {
  clearTimeout(timer);
  timer = setTimeout(() => check(), TYPING_MS);
}

let checks = 0;

/** Has the server read the file without keeping it; whether it is good. */
async function check() {
  const number = checks += 1;
  const text = nodes.text.value;
  const name = nameOf(text);
  const said = NAME.test(name) ? await problemsOf(name, text) : ['the file needs a name: a-z, 0-9 and -, first a letter'];
  if (number !== checks) return;
  nodes.check.classList.toggle('bad', said.length > 0);
  nodes.text.setAttribute('aria-invalid', said.length > 0);
  fill(nodes.check, said.length ? said.map((line) => h('pre', {}, visible(line + caret(text, line)))) : 'it can be loaded');
}

async function problemsOf(name, text) {
  try {
    await sendFile('POST', `scenarios/${encode(name)}`, text);
    return [];
  } catch (error) {
    return error instanceof Gone ? [] : [error.message];
  }
}

/** The line of the text that a problem names, with a mark below its column. */
function caret(text, problem) {
  const place = /^line (\d+), column (\d+)/.exec(problem);
  const line = place && text.split('\n')[place[1] - 1];
  return line ? `\n${line}\n${' '.repeat(Math.max(0, place[2] - 1))}^` : '';
}

async function upload() {
  const name = nameOf(nodes.text.value);
  if (!NAME.test(name)) throw new Error('the file needs a name: a-z, 0-9 and -, first a letter');
  const { warnings } = await sendFile('PUT', `scenarios/${encode(name)}`, nodes.text.value);
  await check();
  if (warnings?.length) fill(nodes.check, warnings.map((warning) => h('pre', {}, visible(`warning: ${warning}`))));
  toast(`uploaded ${name}`);
  await refresh();
  session.refreshSoon();
}

/** Writes a file into the editor. */
export function fillEditor({ text }) {
  nodes.text.value = text;
  check();
}
