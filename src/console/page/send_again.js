// Sends a call again, from the page to the vendor's route, with the tenant's token.

import { STRANGERS, tokenOf } from './address.js';
import { bytesOf, target } from './curl.js';
import { toast } from './dom.js';
import { oneLine } from './text.js';

/** The headers that are sent again; the browser makes others itself. */
const KEPT = /^(content-type|accept|idempotency-key|x-request-id|x-sandbox-.+)$/;

export async function sendAgain(entry) {
  if (entry.body_truncated) throw new Error('the journal does not keep the whole body, so it cannot be sent again');
  if ((entry.body + entry.query).includes('[redacted]')) throw new Error('the journal keeps no secrets, so a call with one cannot be sent again; copy it as curl and fill it in');
  const url = new URL(location.origin + target(entry));
  // a path like //host must not lead elsewhere
  if (!entry.path.startsWith('/') || url.origin !== location.origin) throw new Error('this path cannot be sent from a page');
  const headers = new Headers();
  for (const [name, value] of Object.entries(entry.headers)) if (value !== null && KEPT.test(name)) headers.set(name, value);
  if (entry.headers.authorization && entry.tenant !== STRANGERS) headers.set('authorization', `Bearer ${token(entry)}`);
  const withBody = entry.method !== 'GET' && entry.method !== 'HEAD' && entry.body !== '';
  // bytes, to which the browser adds no content type
  const body = withBody ? bytesOf(entry) : undefined;
  let answer;
  try {
    answer = await fetch(url, { method: entry.method, headers, body, cache: 'no-store', credentials: 'omit' });
    await answer.arrayBuffer();
    toast(`sent again: ${answer.status}`);
  } catch (error) {
    if (!answer && /method|header/i.test(error.message)) throw new Error(`a page cannot send this call: ${oneLine(error.message, 200)}`);
    toast('sent again; the connection ended without a whole answer');
  }
}

/** The tenant's token, with the scenario that the first one was bound to. */
function token({ tenant, selector, scenario }) {
  return tokenOf(tenant) + (selector === 'token' ? `.${scenario.replaceAll(' ', '')}` : '');
}
