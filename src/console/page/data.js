// What the tenant holds: groups with their invitations and videos, communities and users; its clock; reset.

import { address, onAddress } from './address.js';
import { encode, get, post } from './api.js';
import { button, buttons, confirm, copyButton, doing, fill, h, head, section, setText, toast } from './dom.js';
import { VirtualList } from './list.js';
import { session } from './session.js';
import { count, oneLine, pretty, timeOfDay, visible } from './text.js';

const PARTS = { state: 'groups, communities and users', journal: 'calls', scenarios: 'overrides and counters', clock: 'clock' };

const KINDS = {
  groups: (group) => [group.name ?? '(no name)', [group.chat_id, count(group.members.length, 'member'),
    `${group.pending.length} invited`, count(group.no_of_videos, 'video'), `made ${timeOfDay(Number(group.created_at))}`].join(' · ')],
  communities: (community) => [`${community.name} @${community.handle}`, [community.community_id, count(community.members.length, 'member')].join(' · ')],
  users: (user) => [user.name ?? user.username ?? user.phone_number ?? '(no name)', [user.user_id, user.username && `@${user.username}`, user.phone_number].filter(Boolean).join(' · ')],
};

const nodes = {};
let kind = 'groups';
let all = [];

const list = new VirtualList({
  label: 'Data', testid: 'data-list', rowHeight: 44, draw, key: (row) => row.key,
  open: (row) => show(row.item),
});

function draw({ item }) {
  const [name, more] = KINDS[kind](item);
  return h('div', { class: 'item', testid: 'item' }, h('span', { class: 'line' }, h('b', {}, oneLine(name, 120))), h('span', { class: 'line why' }, oneLine(more, 300)));
}

export function data() {
  nodes.kinds = h('div', { class: 'kinds', role: 'group', label: 'Which data' }, Object.keys(KINDS).map((name) =>
    button(name, () => { kind = name; return refresh(); }, `data-${name}`, { 'aria-pressed': name === kind })));
  nodes.count = h('span', { class: 'muted' });
  nodes.find = h('input', { type: 'search', testid: 'data-filter', placeholder: 'find…', label: 'Find in the data', oninput: filter });
  nodes.item = h('section', { class: 'details', testid: 'data-details', label: 'Details of the item', hidden: true });
  nodes.empty = h('p', { class: 'empty' });
  onAddress(() => address().tab === 'data' && refresh());
  return h('div', { class: 'data' },
    section('browse', 'Data', [nodes.count, button('Reload', refresh, 'data-reload')],
      h('div', { class: 'filters' }, nodes.kinds, nodes.find), h('div', { class: 'frame' }, list.node, nodes.empty)),
    nodes.item,
    h('div', { class: 'side' }, clockPart(), resetPart()));
}

let asked = 0;

export async function refresh() {
  const number = asked += 1;
  for (const button of nodes.kinds.children) button.setAttribute('aria-pressed', button.textContent === kind);
  nodes.item.hidden = true;
  try {
    const answer = await get(`tenants/${encode(address().tenant)}/${kind}`);
    if (number !== asked) return;
    all = answer[kind].map((item, index) => ({ key: `${kind}-${index}`, item, version: asked, text: JSON.stringify(item).toLowerCase() })).reverse();
    filter();
  } catch (error) {
    toast(error.message, 'bad');
  }
}

function filter() {
  const wanted = nodes.find.value.trim().toLowerCase();
  const rows = wanted ? all.filter(({ text }) => text.includes(wanted)) : all;
  list.show(rows);
  setText(nodes.count, String(rows.length));
  nodes.empty.hidden = rows.length > 0;
  setText(nodes.empty, wanted ? 'Nothing matches.' : `No ${kind} yet.`);
}

function close() {
  nodes.item.hidden = true;
  list.node.focus();
}

function show(item) {
  const text = JSON.stringify(item);
  nodes.item.hidden = false;
  fill(nodes.item,
    head(oneLine(KINDS[kind](item)[0], 120), button('×', close, null, { class: 'quiet', label: 'Close the details' })),
    h('div', { class: 'body' }, h('pre', { tabindex: '0' }, visible(pretty(text))), copyButton('the item', () => text)));
}

function clockPart() {
  const now = h('p', { class: 'mono', testid: 'clock' });
  const showNow = () => setText(now, session.clock ? `${session.clock.now}${session.clock.frozen ? ', frozen' : ''}` : '…');
  session.addEventListener('change', showNow);
  showNow();
  const change = async (body) => {
    await post(`tenants/${encode(address().tenant)}/clock`, body);
    await session.refresh();
  };
  const field = (id, label, placeholder, does, body) => {
    const input = h('input', { id, testid: id, placeholder, autocomplete: 'off', spellcheck: 'false' });
    const run = doing(() => change(body(input.value.trim())));
    return h('form', { class: 'field', onsubmit: (event) => { event.preventDefault(); run(); } },
      h('label', { for: id }, label), h('span', { class: 'with-button' }, input, h('button', { testid: `${id}-apply` }, does)));
  };
  return section('card', 'Clock', null, now,
    field('advance', 'move on by', '25h', 'Move', (advance) => ({ advance })),
    field('freeze', 'stop at', '2027-01-01T00:00:00Z', 'Stop', (freeze) => ({ freeze })),
    buttons(button('Real time again', () => change({ resume: true }), 'resume')));
}

function resetPart() {
  const boxes = Object.entries(PARTS).map(([part, what]) => {
    const box = h('input', { type: 'checkbox', value: part, checked: true, testid: `reset-${part}` });
    return [box, h('label', {}, box, ` ${what}`)];
  });
  const reset = async () => {
    const what = boxes.filter(([box]) => box.checked).map(([box]) => box.value);
    if (!what.length) throw new Error('choose what to reset');
    const { tenant } = address();
    const parts = what.map((part) => PARTS[part]).join(', ');
    if (!await confirm(`Reset ${tenant}?`, `It loses: ${parts}. Other tenants are not touched.`, 'Reset')) return;
    await post(`tenants/${encode(tenant)}/reset`, { what });
    toast(`reset ${tenant}: ${what.join(', ')}`);
    await Promise.all([session.refresh(), refresh()]);
  };
  return section('card', 'Reset', null,
    h('div', { class: 'column' }, boxes.map(([, label]) => label)),
    buttons(button('Reset…', reset, 'reset')));
}
