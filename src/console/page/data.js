// What the tenant holds: groups with their invitations and videos, communities and users; its clock; reset.

import { address } from './address.js';
import { get, ofTenant, post } from './api.js';
import { button, buttons, checkbox, closeButton, confirm, copyable, doing, field, fill, form, h, head, muted, newest, section, setText, toast } from './dom.js';
import { VirtualList } from './list.js';
import { session } from './session.js';
import { count, oneLine, pretty, timeOfDay } from './text.js';

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
  label: 'Data', testid: 'data-list', draw, key: (row) => row.key,
  open: (row) => show(row.item),
});

function draw({ item }) {
  const [name, more] = KINDS[kind](item);
  return h('div', { class: 'item', testid: 'item' }, h('span', { class: 'line' }, h('b', oneLine(name, 120))), h('span', { class: 'line why' }, oneLine(more, 300)));
}

export function data() {
  return h('div', { class: 'data' },
    section('browse', 'Data', [nodes.count = muted(), button('Reload', refresh, 'data-reload')],
      h('div', { class: 'filters' },
        nodes.kinds = h('div', { class: 'kinds', role: 'group', label: 'Which data' }, Object.keys(KINDS).map((name) =>
          button(name, () => { kind = name; return refresh(); }, `data-${name}`))),
        nodes.find = field('data-filter', { type: 'search', placeholder: 'find…', label: 'Find in the data', oninput: filter })),
      h('div', { class: 'frame' }, list.node, nodes.empty = h('p', { class: 'empty' }))),
    nodes.item = h('section', { class: 'details', testid: 'data-details', label: 'Details of the item', hidden: true }),
    h('div', { class: 'side' }, clockPart(), resetPart()));
}

export const refresh = doing(newest(() => {
  for (const button of nodes.kinds.children) button.setAttribute('aria-pressed', button.textContent === kind);
  nodes.item.hidden = true;
  return get(ofTenant(kind));
}, (answer) => {
  all = answer[kind].map((item, index) => ({ key: `${kind}-${index}`, item, text: JSON.stringify(item).toLowerCase() })).reverse();
  filter();
}));

function filter() {
  const wanted = nodes.find.value.trim().toLowerCase();
  const rows = wanted ? all.filter(({ text }) => text.includes(wanted)) : all;
  list.show(rows);
  setText(nodes.count, String(rows.length));
  nodes.empty.hidden = rows.length > 0;
  setText(nodes.empty, wanted ? 'Nothing matches.' : `No ${kind} yet.`);
}

function show(item) {
  const text = JSON.stringify(item);
  nodes.item.hidden = false;
  fill(nodes.item,
    head(oneLine(KINDS[kind](item)[0], 120), closeButton('Close the details', () => { nodes.item.hidden = true; list.node.focus(); })),
    copyable('the item', text, pretty(text)));
}

function clockPart() {
  const now = h('p', { class: 'mono', testid: 'clock' });
  const showNow = () => setText(now, session.clock ? `${session.clock.now}${session.clock.frozen ? ', frozen' : ''}` : '…');
  session.addEventListener('change', showNow);
  showNow();
  const change = (body) => post(ofTenant('clock'), body).then(() => session.refresh());
  const setter = (id, label, placeholder, does, body) => {
    const input = field(id, { id, placeholder });
    return form({ class: 'field' }, () => change(body(input.value.trim())),
      h('label', { for: id }, label), h('span', { class: 'with-button' }, input, h('button', { testid: `${id}-apply` }, does)));
  };
  return section('card', 'Clock', null, now,
    setter('advance', 'move on by', '25h', 'Move', (advance) => ({ advance })),
    setter('freeze', 'stop at', '2027-01-01T00:00:00Z', 'Stop', (freeze) => ({ freeze })),
    buttons(button('Real time again', () => change({ resume: true }), 'resume')));
}

function resetPart() {
  const boxes = Object.entries(PARTS).map(([part, what]) => {
    const box = checkbox(`reset-${part}`, { value: part, checked: true });
    return [box, h('label', box, ` ${what}`)];
  });
  const reset = async () => {
    const what = boxes.filter(([box]) => box.checked).map(([box]) => box.value);
    if (!what.length) throw new Error('choose what to reset');
    const { tenant } = address();
    const parts = what.map((part) => PARTS[part]).join(', ');
    if (!await confirm(`Reset ${tenant}?`, `It loses: ${parts}. Other tenants are not touched.`, 'Reset')) return;
    await post(ofTenant('reset', tenant), { what });
    toast(`reset ${tenant}: ${what.join(', ')}`);
    await Promise.all([session.refresh(), refresh()]);
  };
  return section('card', 'Reset', null,
    h('div', { class: 'column' }, boxes.map(([, label]) => label)),
    buttons(button('Reset…', reset, 'reset')));
}
