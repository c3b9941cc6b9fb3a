// Calls that wait to be released.

import { address } from './address.js';
import { encode, get, post } from './api.js';
import { button, buttons, doing, fill, h } from './dom.js';
import { session } from './session.js';
import { count, oneLine, timeOfDay } from './text.js';

const node = h('section', { class: 'held', label: 'Held calls', testid: 'held', hidden: true });

async function release(body) {
  await post(`tenants/${encode(session.tenant)}/release`, body);
  await session.refresh();
  await refresh();
}

async function refresh() {
  const tenant = session.tenant;
  const isHeld = session.normal?.because.some((cause) => cause.what === 'held');
  const calls = isHeld ? (await get(`tenants/${encode(tenant)}/held`)).held : [];
  if (tenant !== address().tenant) return;
  node.hidden = calls.length === 0;
  fill(node,
    h('h2', {}, `${count(calls.length, 'call')} held`),
    h('ul', {}, calls.slice(0, 5).map((call) => h('li', {},
      `${call.id} ${oneLine(call.endpoint, 60)}, since ${timeOfDay(Date.now() - call.held_ms)}`))),
    buttons(
      button('Release the oldest', () => release({ count: 1 }), 'release'), button('Release all', () => release({}), 'release-all')));
}

let drawn = '';
session.addEventListener('change', () => {
  const causes = session.normal?.because.filter((cause) => cause.what === 'held') ?? [];
  const now = session.tenant + JSON.stringify(causes);
  if (now === drawn) return;
  drawn = now;
  doing(refresh)();
});

export const held = { node, refresh };
