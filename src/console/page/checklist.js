// What a client should have been tried with, and a button that provokes each.

import { address, go, onAddress } from './address.js';
import { encode, get } from './api.js';
import { openCall } from './details.js';
import { button, fill, h, section, toast } from './dom.js';
import { set } from './switchboard.js';
import { oneLine } from './text.js';

const nodes = {};

export function checklist() {
  nodes.list = h('ol', { class: 'checklist', testid: 'checklist' });
  onAddress(() => address().tab === 'checklist' && refresh());
  return section('checklist-view', 'Is the client right?', button('Reload', refresh, 'checklist-reload'),
    h('p', { class: 'muted' }, 'Provoke a trap, let the client make its calls, and reload.'),
    nodes.list);
}

export async function refresh() {
  const { tenant } = address();
  try {
    const { items } = await get(`tenants/${encode(tenant)}/checklist`);
    fill(nodes.list, items.map((item) => line(tenant, item)));
  } catch (error) {
    toast(error.message, 'bad');
  }
}

function open(tenant, seq) {
  go({ tab: 'calls' });
  return openCall(tenant, seq, true);
}

function line(tenant, { item, state, requests, provoke, line: scenario, hits }) {
  return h('li', { class: state, testid: 'item', 'data-item': item, 'data-state': state },
    h('b', { class: 'verdict' }, state.replace('-', ' ')), ' ', h('span', {}, item.replaceAll('-', ' ')), ' ',
    requests.slice(0, 8).map((seq) => button(`#${seq}`, () => open(tenant, seq), null, { class: 'small', label: `Open the call ${tenant}/${seq}` })),
    button('provoke', () => set(tenant, { scenario, hits, reason: `checklist: ${item}` }), `provoke-${item}`, { class: 'small' }),
    h('code', { class: 'muted' }, oneLine(provoke, 200)));
}
