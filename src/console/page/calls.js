// The calls, live, newest first, with the switches between them.

import { STRANGERS, address, go, onAddress, tokenOf, whyNoTenant } from './address.js';
import { encode, get, ofTenant } from './api.js';
import { closeDetails, details, openCall, openKey } from './details.js';
import { button, field, h, inFrame, later, section, setText, toast } from './dom.js';
import { callKey, journal } from './journal.js';
import { VirtualList } from './list.js';
import { findOutcome, loadOutcomes } from './outcomes.js';
import { count, milliseconds, oneLine, timeOfDay } from './text.js';

const TYPING_MS = 250;
const FILTERS = ['text', 'status', 'outcome'];

let paused = false;
/** What was there when it was paused. */
let pausedRows = [];
let shown = [];
let textHits = null;
let search = new AbortController();

const nodes = {};

const list = new VirtualList({
  label: 'Calls, newest first', testid: 'calls', draw: drawRow, key: (row) => row.key,
  open: (row, opens) => {
    if (row.kind === 'call' && (opens || openKey())) openCall(row.tenant, row.seq, opens);
  },
});

export function calls() {
  const filter = (testid, props) => field(testid, { type: 'search', oninput: typed, ...props });
  const part = section('calls', 'Calls', [
    nodes.count = h('span', { class: 'muted', testid: 'count' }),
    nodes.pause = button('Pause', togglePause, 'pause', { 'aria-pressed': 'false' }),
  ],
    h('div', { class: 'filters' },
      nodes.text = filter('filter', { id: 'filter', maxlength: '200', placeholder: 'find in calls…', label: 'Filter by text' }),
      nodes.status = filter('filter-status', { placeholder: 'status', label: 'Filter by status', size: '5', inputmode: 'numeric', maxlength: '3' }),
      nodes.outcome = filter('filter-outcome', { placeholder: 'outcome', label: 'Filter by outcome', size: '12', list: 'outcome-names' })),
    h('div', { class: 'frame' }, list.node, nodes.empty = h('p', { class: 'empty' })));
  journal.addEventListener('reload', update);
  journal.addEventListener('add', (event) => {
    const { text } = address();
    if (textHits && text) for (const entry of event.detail) if (holds(entry, text)) textHits.add(callKey(entry.tenant, entry.seq));
    update();
  });
  onAddress(onPlace);
  onPlace();
  // an alias to filter by has no name before
  loadOutcomes().then(update, () => {});
  return part;
}

const typed = later(TYPING_MS, () => go(Object.fromEntries(FILTERS.map((key) => [key, nodes[key].value.trim()]))));

let place = '';

function onPlace() {
  const filter = address();
  const { tenant, text } = filter;
  for (const key of FILTERS) if (document.activeElement !== nodes[key]) nodes[key].value = filter[key];
  if (journal.tenant !== tenant) {
    paused = false;
    closeDetails();
    journal.follow(tenant);
  }
  const now = JSON.stringify([tenant, text]);
  if (now === place) update();
  else searchText(tenant, text);
  place = now;
}

/** Has the server find a text, which is in more of a call than is kept here. */
async function searchText(tenant, text) {
  search.abort();
  search = new AbortController();
  textHits = text ? new Set() : null;
  update();
  if (!text) return;
  const { signal } = search;
  try {
    const found = (name) => get(ofTenant(`requests?last=1000&text=${encode(text)}`, name), signal);
    const pages = await Promise.all([found(tenant), found(STRANGERS)]);
    for (const { requests } of pages) for (const { tenant: name, seq } of requests) textHits.add(callKey(name, seq));
    update();
  } catch (error) {
    if (!signal.aborted) toast(error.message, 'bad');
  }
}

/** Whether a call holds a text, as the server would find it. */
function holds(entry, text) {
  const wanted = text.toLowerCase();
  const { method, path, query, body, outcome, scenario, findings, headers, answer } = entry;
  const texts = [method, path, query, body, outcome, scenario, headers['user-agent'], answer?.body, ...findings.map(({ message }) => message)];
  return texts.some((part) => part?.toLowerCase().includes(wanted));
}

function matches(row, { text, status, outcome }) {
  if (row.kind === 'switch') {
    const said = [row.what, row.scenario, row.owner, row.reason, row.detail].join(' ');
    return !status && !outcome && (!text || said.toLowerCase().includes(text.toLowerCase()));
  }
  return (!status || String(row.status ?? '').startsWith(status)) && (!outcome || row.outcome.includes(outcome))
    && (!text || textHits?.has(row.key));
}

function togglePause() {
  paused = !paused;
  pausedRows = paused ? [...journal.rows] : [];
  nodes.pause.setAttribute('aria-pressed', paused);
  setText(nodes.pause, paused ? 'Go on' : 'Pause');
  update();
}

const update = inFrame(() => {
  const before = shown;
  const filter = address();
  const { tenant, text, status } = filter;
  const token = tokenOf(tenant);
  const outcome = filter.outcome.toLowerCase();
  filter.outcome = findOutcome(outcome)?.name ?? outcome;
  shown = (paused ? pausedRows : journal.rows).filter((row) => matches(row, filter)).reverse();
  // what is new on top must not move what is being read
  const top = before[0]?.key;
  const added = top ? Math.max(0, shown.findIndex((row) => row.key === top)) : 0;
  list.show(shown, added);
  const total = shown.filter((row) => row.kind === 'call').length;
  const waiting = paused ? journal.rows.length - pausedRows.length : 0;
  setText(nodes.count, `${count(total, 'call')}${journal.isComplete ? '' : ' …'}${paused ? ` · paused, ${Math.max(0, waiting)} new` : ''}`);
  nodes.empty.hidden = shown.length > 0;
  setText(nodes.empty, text || status || outcome
    ? 'No call matches the filter.'
    : token
      ? `No call yet. Send one to ${location.origin} with the token ${token}: it shows here at once. A tenant that was deleted is made anew by its next call.`
      : `No call: ${whyNoTenant(tenant)}.`);
});

const family = (status) => (status === null ? 's0' : `s${Math.floor(status / 100)}`);

function drawRow(row) {
  return row.kind === 'switch' ? drawSwitch(row) : drawCall(row);
}

function drawCall(row) {
  const notes = [
    row.delivery === 'client-left' && 'client left',
    row.delivery === 'pending' && row.status === null && 'held',
    row.delayMs > 0 && `+${milliseconds(row.delayMs)}`,
    row.tenant === STRANGERS && 'unknown token',
  ].filter(Boolean);
  const what = row.endpoint ?? `${row.method} ${row.path}`;
  return h('div', { class: 'call', testid: 'call', 'data-seq': row.seq, 'data-status': row.status ?? '', 'data-outcome': row.outcome, 'data-tenant': row.tenant },
    h('span', { class: 'line' },
      h('time', timeOfDay(row.at)),
      h('b', { class: `status ${family(row.status)}` }, row.status ?? '—'),
      h('span', { class: 'outcome' }, oneLine(row.outcome, 60)),
      h('span', { class: 'endpoint' }, oneLine(what, 120)),
      notes.map((note) => h('span', { class: 'note' }, note)),
      h('span', { class: 'who' }, row.selector === 'none' ? '' : row.selector)),
    h('span', { class: 'line why' }, oneLine(row.why, 240)));
}

function drawSwitch(row) {
  const set = [row.owner, row.reason].filter(Boolean).map((text) => oneLine(text, 100)).join(': ');
  const scope = row.tenant === '*' ? ' for all tenants' : '';
  return h('div', { class: 'switch', testid: 'switch', 'data-what': row.what },
    h('span', { class: 'line' },
      h('time', timeOfDay(row.at)), h('b', row.what.replaceAll('-', ' ')), h('span', { class: 'outcome' }, oneLine(row.scenario ?? '', 80) + scope),
      h('span', { class: 'who' }, set)),
    h('span', { class: 'line why' }, oneLine(row.detail ?? '', 240)));
}

export { details };
