// Calls that wait to be released.

import { get, ofTenant, post } from './api.js';
import { button, buttons, doing, fill, h } from './dom.js';
import { session } from './session.js';
import { count, oneLine, timeOfDay } from './text.js';

const node = h('section', { class: 'held', label: 'Held calls', testid: 'held', hidden: true });

async function release(body) {
  await post(ofTenant('release'), body);
  await session.refresh();
  await refresh();
}

async function refresh() {
  const { tenant } = session;
  const calls = session.cause('held') ? (await get(ofTenant('held'))).held : [];
  if (tenant !== session.tenant) return;
  node.hidden = calls.length === 0;
  fill(node,
    h('h2', `${count(calls.length, 'call')} held`),
    h('ul', calls.slice(0, 5).map((call) => h('li',
      `${call.id} ${oneLine(call.endpoint, 60)}, since ${timeOfDay(Date.now() - call.held_ms)}`))),
    buttons(
      button('Release the oldest', () => release({ count: 1 }), 'release'), button('Release all', () => release({}), 'release-all')));
}

let drawn = '';
session.addEventListener('change', () => {
  const now = session.tenant + session.cause('held')?.detail;
  if (now === drawn) return;
  drawn = now;
  doing(refresh)();
});

export const held = { node, refresh };
