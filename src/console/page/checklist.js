// What a client should have been tried with, and a button that provokes each.

import { address, go } from './address.js';
import { get, ofTenant } from './api.js';
import { openCall } from './details.js';
import { button, doing, fill, h, note, section, small } from './dom.js';
import { set } from './switchboard.js';
import { oneLine } from './text.js';

const nodes = {};

export function checklist() {
  nodes.list = h('ol', { class: 'checklist', testid: 'checklist' });
  return section('checklist-view', 'Is the client right?', button('Reload', refresh, 'checklist-reload'),
    note('Provoke a trap, let the client make its calls, and reload.'),
    nodes.list);
}

export const refresh = doing(async () => {
  const { tenant } = address();
  const { items } = await get(ofTenant('checklist'));
  fill(nodes.list, items.map((item) => line(tenant, item)));
});

function open(tenant, seq) {
  go({ tab: 'calls' });
  return openCall(tenant, seq, true);
}

function line(tenant, { item, state, requests, provoke, line: scenario, hits }) {
  return h('li', { class: state, testid: 'item', 'data-item': item, 'data-state': state },
    h('b', { class: 'verdict' }, state.replace('-', ' ')), ' ', h('span', item.replaceAll('-', ' ')), ' ',
    requests.slice(0, 8).map((seq) => small(`#${seq}`, () => open(tenant, seq), `Open the call ${tenant}/${seq}`)),
    small('provoke', () => set(tenant, { scenario, hits, reason: `checklist: ${item}` }), null, `provoke-${item}`),
    h('code', { class: 'muted' }, oneLine(provoke, 200)));
}
