// The calls, live, newest first, with the switches between them.

import { address, go, onAddress } from './address.js';
import { encode, get } from './api.js';
import { closeDetails, details, openCall, openKey } from './details.js';
import { button, h, section, setText, toast } from './dom.js';
import { STRANGERS, callKey, journal } from './journal.js';
import { VirtualList } from './list.js';
import { session } from './session.js';
import { count, milliseconds, oneLine, timeOfDay } from './text.js';

const ROW_HEIGHT = 44;
const TYPING_MS = 250;

let paused = false;
/** What was there when it was paused. */
let pausedRows = [];
let shown = [];
let textHits = null;
let search = new AbortController();

const nodes = {};

const list = new VirtualList({
  label: 'Calls, newest first', testid: 'calls', rowHeight: ROW_HEIGHT, draw: drawRow, key: (row) => row.key,
  open: (row, opens) => {
    if (row.kind === 'call' && (opens || openKey())) openCall(row.tenant, row.seq, opens);
  },
});

export function calls() {
  const filter = (props) => h('input', {
    oninput: typed, spellcheck: 'false', autocomplete: 'off', ...props,
  });
  nodes.text = filter({ type: 'search', id: 'filter', testid: 'filter', maxlength: '200', placeholder: 'find in calls…', label: 'Filter by text' });
  nodes.status = filter({ type: 'search', testid: 'filter-status', placeholder: 'status', label: 'Filter by status', size: '5', inputmode: 'numeric', maxlength: '3' });
  nodes.outcome = filter({ type: 'search', testid: 'filter-outcome', placeholder: 'outcome', label: 'Filter by outcome', size: '12', list: 'outcome-names' });
  nodes.pause = button('Pause', togglePause, 'pause', { 'aria-pressed': 'false' });
  nodes.count = h('span', { class: 'muted', testid: 'count' });
  nodes.empty = h('p', { class: 'empty' });
  const part = section('calls', 'Calls', [nodes.count, nodes.pause],
    h('div', { class: 'filters' }, nodes.text, nodes.status, nodes.outcome),
    h('div', { class: 'frame' }, list.node, nodes.empty));
  journal.addEventListener('reload', update);
  journal.addEventListener('add', (event) => {
    const { text } = address();
    if (textHits && text) for (const entry of event.detail) if (holds(entry, text)) textHits.add(callKey(entry.tenant, entry.seq));
    update();
  });
  onAddress(onPlace);
  onPlace();
  return part;
}

let typing = 0;

function typed() {
  clearTimeout(typing);
  const value = (key) => nodes[key].value.trim();
  typing = setTimeout(() => go({ text: value('text'), status: value('status'), outcome: value('outcome') }), TYPING_MS);
}

let place = '';

function onPlace() {
  const { tenant, text, status, outcome } = address();
  for (const [key, value] of Object.entries({ text, status, outcome })) {
    if (document.activeElement !== nodes[key]) nodes[key].value = value;
  }
  if (journal.tenant !== tenant) {
    paused = false;
    closeDetails();
    journal.follow(tenant);
  }
  if (place === JSON.stringify([tenant, text])) {
    update();
    return;
  }
  place = JSON.stringify([tenant, text]);
  searchText(tenant, text);
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
    const found = (name) => get(`tenants/${encode(name)}/requests?last=1000&text=${encode(text)}`, signal);
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
    const said = `${row.what} ${row.scenario ?? ''} ${row.owner ?? ''} ${row.reason ?? ''} ${row.detail ?? ''}`;
    return !status && !outcome && (!text || said.toLowerCase().includes(text.toLowerCase()));
  }
  return (!status || String(row.status ?? '').startsWith(status)) && (!outcome || row.outcome.includes(outcome.toLowerCase()))
    && (!text || textHits?.has(row.key));
}

function togglePause() {
  paused = !paused;
  pausedRows = paused ? [...journal.rows] : [];
  nodes.pause.setAttribute('aria-pressed', paused);
  setText(nodes.pause, paused ? 'Go on' : 'Pause');
  update();
}

let wanted = false;

/** Draws soon, once for many calls. */
function update() {
  if (wanted) return;
  wanted = true;
  requestAnimationFrame(() => {
    wanted = false;
    draw();
  });
}

function draw() {
  const before = shown;
  const filter = address();
  const { text, status, outcome } = filter;
  shown = (paused ? pausedRows : journal.rows).filter((row) => matches(row, filter)).reverse();
  // what is new on top must not move what is being read
  const top = before[0]?.key;
  const added = top ? Math.max(0, shown.findIndex((row) => row.key === top)) : 0;
  list.show(shown, { added });
  const total = shown.filter((row) => row.kind === 'call').length;
  const waiting = paused ? journal.rows.length - pausedRows.length : 0;
  setText(nodes.count, `${count(total, 'call')}${journal.isComplete ? '' : ' …'}${paused ? ` · paused, ${Math.max(0, waiting)} new` : ''}`);
  nodes.empty.hidden = shown.length > 0;
  setText(nodes.empty, text || status || outcome
    ? 'No call matches the filter.'
    : `No call yet. Send one to ${location.origin} with the token gnsb_${session.tenant}: it shows here at once. A tenant that was deleted is made anew by its next call.`);
}

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
      h('time', {}, timeOfDay(row.at)),
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
      h('time', {}, timeOfDay(row.at)), h('b', {}, row.what.replaceAll('-', ' ')), h('span', { class: 'outcome' }, oneLine(row.scenario ?? '', 80) + scope),
      h('span', { class: 'who' }, set)),
    h('span', { class: 'line why' }, oneLine(row.detail ?? '', 240)));
}

export { details };
