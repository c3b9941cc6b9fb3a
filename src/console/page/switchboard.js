// Chooses what the next calls get: an outcome or a line, for how long, and for whom.

import { address, onAddress } from './address.js';
import { Problem, encode, get, put } from './api.js';
import { buttons, confirm, doing, h, setText } from './dom.js';
import { journal } from './journal.js';
import { session } from './session.js';
import { count, oneLine } from './text.js';

const TYPING_MS = 200;
const AFTER_COMMIT = '/after-commit';
const OWNER = 'genuin-sandbox-owner';

/** The statuses that a proxy in front of the vendor answers with. */
const GATEWAY = new Set([429, 502, 503, 504]);

const nodes = {};
const seen = new Map();
let outcomes = [];

export function switchboard() {
  const radios = h('div', { class: 'outcomes', role: 'radiogroup', label: 'Outcome' });
  const number = (testid, value, max) => h('input', { type: 'number', testid, min: '1', max, value, placeholder: 'any', inputmode: 'numeric' });
  nodes.hits = number('hits', '', '1000000');
  nodes.minutes = number('minutes', '10', '43200');
  nodes.forever = h('input', { type: 'checkbox', testid: 'forever', onchange: () => { nodes.minutes.disabled = nodes.forever.checked; } });
  nodes.afterCommit = h('input', { type: 'checkbox', testid: 'after-commit', onchange: toggleAfterCommit });
  nodes.line = h('input', { id: 'line', testid: 'line', spellcheck: 'false', autocomplete: 'off', autocapitalize: 'none', placeholder: '2x500, 5026, ok*', 'aria-describedby': 'line-check', oninput: typed });
  nodes.check = h('p', { id: 'line-check', class: 'check', testid: 'line-check', role: 'status' });
  nodes.all = h('input', { type: 'checkbox', testid: 'all-tenants' });
  nodes.owner = h('input', { testid: 'owner', maxlength: '100', autocomplete: 'off', value: sessionStorage.getItem(OWNER) ?? '' });
  nodes.reason = h('input', { testid: 'reason', maxlength: '500', autocomplete: 'off' });
  nodes.apply = h('button', { class: 'main', testid: 'apply' }, 'Force it');
  nodes.radios = radios;
  const submit = doing(apply);
  const form = h('form', { class: 'switchboard', label: 'Force an outcome', onsubmit: (event) => { event.preventDefault(); submit(); } },
    h('h2', {}, 'Force an outcome'),
    radios,
    h('div', { class: 'field' }, h('label', { for: 'line' }, 'or a line, or a scenario'), nodes.line, nodes.check),
    h('div', { class: 'life' }, h('label', {}, 'next calls ', nodes.hits), h('label', {}, 'minutes ', nodes.minutes), h('label', {}, nodes.forever, ' for ever')),
    h('div', { class: 'boxes' }, h('label', {}, nodes.afterCommit, ' after the group is made'), h('label', {}, nodes.all, ' for all tenants')),
    h('div', { class: 'by' }, h('label', {}, 'your name', nodes.owner), h('label', {}, 'why', nodes.reason)),
    buttons(nodes.apply));
  journal.addEventListener('reload', showSeen);
  journal.addEventListener('add', showSeen);
  onAddress(showSeen);
  doing(load)();
  session.addEventListener('change', () => { if (!outcomes.length && !session.goneSince) load().catch(() => {}); });
  return form;
}

async function load() {
  const list = (await get('outcomes')).outcomes;
  if (outcomes.length) return;
  outcomes = list;
  const kind = ({ status, name }) => {
    if (status === null) return name.startsWith('hold') ? 'Others' : 'Faults of the connection';
    if (GATEWAY.has(status)) return 'Answers of a gateway';
    return status < 300 ? 'Others' : 'Answers of the vendor';
  };
  for (const title of ['Answers of the vendor', 'Answers of a gateway', 'Faults of the connection', 'Others']) {
    const group = outcomes.filter((outcome) => kind(outcome) === title);
    if (group.length) nodes.radios.append(h('h3', {}, title), ...group.map(choice));
  }
  nodes.radios.append(h('datalist', { id: 'outcome-names' }, outcomes.map(({ name }) => h('option', { value: name }))));
  showSeen();
  choose(nodes.line.value);
}

function codeOf({ body }) {
  try {
    return JSON.parse(body).code;
  } catch {
    return '';
  }
}

function choice(outcome) {
  const { name, status, body } = outcome;
  const times = h('span', { class: 'seen' });
  seen.set(name, times);
  return h('label', { class: 'choice', testid: `outcome-${name}`, title: body },
    h('input', { type: 'radio', name: 'outcome', value: name, onchange: () => pick(name) }),
    h('span', { class: 'name' }, name), h('span', { class: 'code' }, [status, codeOf(outcome)].filter(Boolean).join(' ')), times);
}

function showSeen() {
  for (const [name, node] of seen) {
    const times = journal.seen.get(name) ?? 0;
    setText(node, times ? `${times}×` : 'never tried');
    node.classList.toggle('never', times === 0);
  }
}

function pick(name) {
  nodes.line.value = nodes.afterCommit.checked ? name + AFTER_COMMIT : name;
  check();
}

function toggleAfterCommit() {
  const line = nodes.line.value.trim();
  const on = nodes.afterCommit.checked;
  if (on && line && !line.includes(',') && !line.includes('/')) nodes.line.value = line + AFTER_COMMIT;
  else if (!on && line.endsWith(AFTER_COMMIT)) nodes.line.value = line.slice(0, -AFTER_COMMIT.length);
  check();
}

/** Marks the outcome that a line is. */
function choose(line) {
  const isAfter = line.endsWith(AFTER_COMMIT);
  const name = isAfter ? line.slice(0, -AFTER_COMMIT.length) : line;
  for (const radio of nodes.radios.querySelectorAll('input')) radio.checked = radio.value === name;
  nodes.afterCommit.checked = isAfter;
}

let timer = 0;

function typed() {
  choose(nodes.line.value.trim());
  clearTimeout(timer);
  setText(nodes.check, '');
  timer = setTimeout(check, TYPING_MS);
}

let checks = 0;

/** Has the server read the line, and says what it would do. */
async function check() {
  clearTimeout(timer);
  const number = checks += 1;
  const line = nodes.line.value.trim();
  let said = '';
  let isBad = false;
  if (line) {
    try {
      const { rules, description } = await get(`scenarios/${encode(line)}`);
      said = description || rules.map(({ do: steps }) => steps.map(stepText).join(', then ')).join('; ');
    } catch (error) {
      [said, isBad] = [error.message, true];
    }
  }
  if (number !== checks) return;
  setText(nodes.check, oneLine(said, 400));
  nodes.check.classList.toggle('bad', isBad);
  nodes.line.setAttribute('aria-invalid', isBad);
}

function stepText({ outcome, times, phase, chance }) {
  const often = times === null ? 'every call' : count(times, 'call');
  const part = chance === null ? '' : ` in ${Math.round(chance * 1000) / 10} %`;
  const late = phase === 'after-commit' ? ' after the change is made' : '';
  return `${often}: ${outcome}${late}${part}`;
}

async function apply() {
  const line = nodes.line.value.trim();
  if (!line) {
    nodes.line.focus();
    throw new Error('choose an outcome, or write a line');
  }
  const { hits, minutes, forever } = nodes;
  const body = { scenario: line };
  if (hits.value) body.hits = Number(hits.value);
  if (forever.checked) body.ttl = 'forever';
  else if (minutes.value) body.ttl = `${Math.round(Number(minutes.value) * 60)}s`;
  if (nodes.owner.value.trim()) body.owner = nodes.owner.value.trim();
  if (nodes.reason.value.trim()) body.reason = nodes.reason.value.trim();
  sessionStorage.setItem(OWNER, nodes.owner.value.trim());
  const all = nodes.all.checked;
  if (all && !await confirm('Force it for all tenants?', `Every tenant of this server gets ${oneLine(line, 100)}, also those of other people, until it ends.`, 'Force it for all')) return;
  await set(all ? '*' : address().tenant, body);
  nodes.all.checked = false;
}

/** Sets an override; one of another owner is replaced only after a question. */
export async function set(tenant, body) {
  const path = `tenants/${tenant === '*' ? '*' : encode(tenant)}/scenario`;
  try {
    await put(path, body);
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 409) throw error;
    if (!await confirm('Replace what is forced?', oneLine(error.message.split('; to replace')[0], 400), 'Replace it')) return;
    await put(path, { ...body, replace: true });
  }
  await session.refresh();
}

/** Writes a line into the field, to be forced. */
export function useLine(line) {
  nodes.line.value = line;
  choose(line);
  check();
  nodes.line.focus();
}
