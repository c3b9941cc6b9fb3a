// Reads server-sent events with fetch, which can send the admin token in a header.

import { Problem, encode, send } from './api.js';

/** The server sends something every 15 s; after this long without, the connection is taken for lost. */
const QUIET_MS = 40_000;

/** Reads the events after a cursor until the connection ends. */
export async function follow(tenant, cursor, { signal, opened, event }) {
  const lost = new AbortController();
  const stop = () => lost.abort();
  let quiet = setTimeout(stop, QUIET_MS);
  try {
    const response = await send('GET', `events?tenant=${encode(tenant)}`, {
      headers: { 'last-event-id': cursor }, signal: AbortSignal.any([signal, lost.signal]),
    });
    if (!response.ok) throw new Problem(response.status, `the events were refused with HTTP ${response.status}`);
    opened();
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let rest = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(quiet);
      quiet = setTimeout(stop, QUIET_MS);
      rest += decoder.decode(value, { stream: true });
      const blocks = rest.split('\n\n');
      rest = blocks.pop();
      for (const block of blocks) parse(block, event);
    }
  } finally {
    clearTimeout(quiet);
    lost.abort();
  }
}

function parse(block, event) {
  const valueOf = (key) => block.split('\n').filter((line) => line.startsWith(key)).map((line) => line.slice(key.length)).join('');
  const data = valueOf('data: ');
  if (data) event(valueOf('event: '), JSON.parse(data));
}
