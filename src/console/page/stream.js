// Reads server-sent events with fetch, which can send the admin token in a header.

import { Problem, send } from './api.js';

/** The server sends something every 15 s; after this long without, the connection is taken for lost. */
const QUIET_MS = 40_000;

/** Reads the events after a cursor until the connection ends. */
export async function follow(tenant, cursor, { signal, opened, event }) {
  const lost = new AbortController();
  const stop = () => lost.abort();
  signal.addEventListener('abort', stop);
  let quiet = setTimeout(stop, QUIET_MS);
  try {
    const headers = { 'last-event-id': cursor };
    const response = await send('GET', `events?tenant=${encodeURIComponent(tenant)}`, { headers, signal: lost.signal });
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
    signal.removeEventListener('abort', stop);
    lost.abort();
  }
}

function parse(block, event) {
  let type = 'message';
  let data = '';
  for (const line of block.split('\n')) {
    if (line.startsWith('event: ')) type = line.slice(7);
    else if (line.startsWith('data: ')) data += line.slice(6);
  }
  if (data) event(type, JSON.parse(data));
}
