// Chooses what the next calls get: an outcome or a line, for how long, and for whom.

import { address, onAddress } from './address.js';
import { Problem, encode, get, ofTenant, put } from './api.js';
import { buttons, checkbox, confirm, doing, field, form, h, later, muted, newest, setText, toast } from './dom.js';
import { journal } from './journal.js';
import { afterCommit, ruleText, withoutAfterCommit } from './lines.js';
import { isFault, loadOutcomes, outcomes } from './outcomes.js';
import { session } from './session.js';
import { oneLine } from './text.js';

const TYPING_MS = 200;
/** How long it is forced if nobody says. */
const MINUTES = 10;
const OWNER = 'genuin-sandbox-owner';

/** The statuses that a proxy in front of the vendor answers with. */
const GATEWAY = new Set([429, 502, 503, 504]);

const nodes = {};
const seen = new Map();

/** Whether the box was ticked when there was no line yet. */
let isAfterCommit = false;

export function switchboard() {
  const number = (testid, value, max, placeholder) => field(testid, { type: 'number', min: '1', max, value, placeholder, inputmode: 'numeric' });
  const label = (...content) => h('label', content);
  const all = form({ class: 'switchboard', label: 'Force an outcome' }, apply,
    h('h2', 'Force an outcome'),
    nodes.radios = h('div', { class: 'outcomes', role: 'radiogroup', label: 'Outcome' }),
    h('div', { class: 'field' }, h('label', { for: 'line' }, 'or a line, or a scenario'),
      nodes.line = field('line', { id: 'line', autocapitalize: 'none', placeholder: '2x500, 5026, ok*', 'aria-describedby': 'line-check', oninput: typed }),
      nodes.check = h('p', { id: 'line-check', class: 'check', testid: 'line-check', role: 'status' })),
    h('div', { class: 'life' },
      label('next calls ', nodes.hits = number('hits', '', '1000000', 'any')),
      label('minutes ', nodes.minutes = number('minutes', MINUTES, '43200', MINUTES)),
      label(nodes.forever = checkbox('forever', { onchange: () => { nodes.minutes.disabled = nodes.forever.checked; } }), ' for ever')),
    h('div', { class: 'boxes' },
      label(nodes.afterCommit = checkbox('after-commit', { onchange: toggleAfterCommit }), ' after the group is made ',
        nodes.noAfterCommit = muted('(only with a line of failures)')),
      label(nodes.all = checkbox('all-tenants'), ' for all tenants')),
    h('div', { class: 'by' },
      label('your name', nodes.owner = field('owner', { maxlength: '100', value: sessionStorage.getItem(OWNER) ?? '' })),
      label('why', nodes.reason = field('reason', { maxlength: '500' }))),
    buttons(h('button', { class: 'main', testid: 'apply' }, 'Force it')));
  mark();
  journal.addEventListener('reload', showSeen);
  journal.addEventListener('add', showSeen);
  onAddress(showSeen);
  doing(load)();
  session.addEventListener('change', () => { if (!seen.size && !session.goneSince) load().catch(() => {}); });
  return all;
}

async function load() {
  await loadOutcomes();
  if (seen.size) return;
  const kind = (outcome) => {
    if (isFault(outcome)) return 'Faults of the connection';
    if (GATEWAY.has(outcome.status)) return 'Answers of a gateway';
    return outcome.status < 300 ? 'Others' : 'Answers of the vendor';
  };
  for (const title of ['Answers of the vendor', 'Answers of a gateway', 'Faults of the connection', 'Others']) {
    const group = outcomes.filter((outcome) => kind(outcome) === title);
    if (group.length) nodes.radios.append(h('h3', title), ...group.map(choice));
  }
  nodes.radios.append(h('datalist', { id: 'outcome-names' }, outcomes.map(({ name }) => h('option', { value: name }))));
  showSeen();
  mark();
}

function choice({ name, status, body }) {
  const code = /"code":"(\d+)"/.exec(body)?.[1];
  const times = h('span', { class: 'seen' });
  seen.set(name, times);
  return h('label', { class: 'choice', testid: `outcome-${name}`, title: body },
    h('input', { type: 'radio', name: 'outcome', value: name, onchange: () => pick(name) }),
    h('span', { class: 'name' }, name), h('span', { class: 'code' }, [status, code].filter(Boolean).join(' ')), times);
}

function showSeen() {
  for (const [name, node] of seen) {
    const times = journal.seen.get(name) ?? 0;
    setText(node, times ? `${times}×` : 'never tried');
    node.classList.toggle('never', times === 0);
  }
}

function pick(name) {
  write(nodes.afterCommit.checked ? afterCommit(name) ?? name : name);
}

function toggleAfterCommit() {
  const line = nodes.line.value;
  const isOn = nodes.afterCommit.checked;
  write(isOn ? afterCommit(line) ?? line : withoutAfterCommit(line));
  isAfterCommit = isOn && !line.trim();
  mark();
}

/** Marks the outcome that the line is, and whether it acts after the change is made. */
function mark() {
  const line = nodes.line.value.trim();
  const after = afterCommit(line);
  const name = withoutAfterCommit(line);
  for (const radio of nodes.radios.querySelectorAll('input')) radio.checked = radio.value === name;
  nodes.afterCommit.checked = line ? after === line || (isAfterCommit && after !== null) : isAfterCommit;
  nodes.afterCommit.disabled = line !== '' && after === null;
  nodes.noAfterCommit.hidden = !nodes.afterCommit.disabled;
}

/** The line that is forced. */
function chosen() {
  const line = nodes.line.value.trim();
  return isAfterCommit ? afterCommit(line) ?? line : line;
}

const checkSoon = later(TYPING_MS, () => check());

function typed() {
  mark();
  setText(nodes.check, '');
  checkSoon();
}

/** Has the server read the line, and says what it would do. */
const check = newest(async () => {
  const line = chosen();
  if (!line) return ['', false];
  try {
    const { rules, description } = await get(`scenarios/${encode(line)}`);
    return [description || rules.map(ruleText).join('; '), false];
  } catch (error) {
    return [error.message, true];
  }
}, ([said, isBad]) => {
  setText(nodes.check, oneLine(said, 400));
  nodes.check.classList.toggle('bad', isBad);
  nodes.line.setAttribute('aria-invalid', isBad);
});

async function apply() {
  const line = chosen();
  if (!line) {
    nodes.line.focus();
    throw new Error('choose an outcome, or write a line');
  }
  write(line);
  const { hits, minutes, forever } = nodes;
  const owner = nodes.owner.value.trim();
  const body = {
    scenario: line,
    hits: hits.value ? Number(hits.value) : null,
    ttl: forever.checked ? 'forever' : `${Math.round((minutes.value || MINUTES) * 60)}s`,
    owner,
    reason: nodes.reason.value.trim(),
  };
  sessionStorage.setItem(OWNER, owner);
  const all = nodes.all.checked;
  if (all && !await confirm('Force it for all tenants?', `Every tenant of this server gets ${oneLine(line, 100)}, also those of other people, until it ends.`, 'Force it for all')) return;
  await set(all ? '*' : address().tenant, body);
  nodes.all.checked = false;
}

/** Sets an override; one of another owner is replaced only after a question. */
export async function set(tenant, body) {
  const path = ofTenant('scenario', tenant);
  const answer = await put(path, body).catch(async (error) => {
    if (!(error instanceof Problem) || error.status !== 409) throw error;
    const isSure = await confirm('Replace what is forced?', oneLine(error.message.split('; to replace')[0], 400), 'Replace it');
    return isSure && put(path, { ...body, replace: true });
  });
  if (answer.override?.used_up_for) toast(`${usedUp(answer.override)}: see above`, 'bad');
  await session.refresh();
}

/** What an override does that has nothing left to do. */
export const usedUp = ({ scenario, used_up_for: endpoints }) =>
  `${oneLine(scenario, 80)} forces nothing any more on calls to ${endpoints.join(', ')} until the scenario counters are reset`;

function write(line) {
  nodes.line.value = line;
  isAfterCommit = false;
  mark();
  check();
}

export function useLine(line) {
  write(line);
  nodes.line.focus();
}
