// Calls the sandbox's own API. Asks the person for the admin token when it is needed, and keeps it for the
// session of the tab.

import { address } from './address.js';
import { buttons, ask, form, h } from './dom.js';

const BASE = '/_sandbox/v1/';
const TOKEN = 'genuin-sandbox-admin-token';

/** What the server refuses, with the reason that it gives. */
export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

export class Gone extends Error {
  constructor() {
    super('the server does not answer');
  }
}

export const encode = encodeURIComponent;

/** The path of something of a tenant, or with `*` of all. */
export const ofTenant = (what, tenant = address().tenant) => `tenants/${tenant === '*' ? tenant : encode(tenant)}/${what}`;

let asking = null;

function askToken(before) {
  const why = before ? 'This token is not the right one.' : '';
  asking ??= ask('Admin token', (close) => {
    const input = h('input', {
      type: 'password', id: 'admin-token', testid: 'admin-token', autocomplete: 'off', required: true,
      'aria-describedby': 'admin-token-why',
    });
    return [form({}, () => input.value && close(input.value),
      h('p', 'This server has an admin token. It is kept until you close the tab.'),
      h('label', { for: 'admin-token' }, 'Admin token'), input,
      h('p', { id: 'admin-token-why', class: 'bad', role: 'alert' }, why),
      buttons(h('button', { class: 'main', testid: 'admin-token-apply' }, 'Use it')))];
  }).then((token) => {
    asking = null;
    // Escape asks again: nothing can be shown without it
    if (token) sessionStorage.setItem(TOKEN, token);
  });
  return asking;
}

/** Sends a request and returns the response, whatever its status but 401. */
export async function send(method, path, { body, type = 'application/json', headers = {}, signal } = {}) {
  for (;;) {
    const token = sessionStorage.getItem(TOKEN);
    const all = { ...headers };
    if (method === 'POST' || body !== undefined) all['content-type'] = type;
    let response;
    try {
      if (token) all.authorization = `Bearer ${toHeader(token)}`;
      response = await fetch(BASE + path, { method, headers: all, body, signal, cache: 'no-store' });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Gone();
    }
    if (response.status !== 401) return response;
    if (sessionStorage.getItem(TOKEN) === token) await askToken(token);
  }
}

// bytes of UTF-8, which a header can carry
const toHeader = (token) => String.fromCharCode(...new TextEncoder().encode(token));

async function read(response) {
  const text = await response.text().catch(() => { throw new Gone(); });
  let json = null;
  try {
    json = JSON.parse(text);
  } catch {
    // empty, or a proxy's page
  }
  if (response.ok) return json;
  const detail = response.status === 404 && json?.detail === 'not found'
    ? 'the own API is closed to this browser; the server\'s log says why and which option opens it'
    : json?.detail ?? `the answer was HTTP ${response.status}`;
  throw new Problem(response.status, detail);
}

const call = async (method, path, options) => read(await send(method, path, options));

export const get = (path, signal) => call('GET', path, { signal });
export const post = (path, value) => call('POST', path, { body: JSON.stringify(value) });
export const put = (path, value) => call('PUT', path, { body: JSON.stringify(value) });
export const remove = (path) => call('DELETE', path);
export const sendFile = (method, path, text) => call(method, path, { body: text, type: 'application/yaml' });
