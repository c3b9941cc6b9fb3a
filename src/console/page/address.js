// What is looked at, kept in the page's address, so that it can be sent to somebody and comes back after a
// reload: the tenant, the view and the filter.

import { oneLine } from './text.js';

const KEYS = { tenant: 'demo', tab: 'calls', text: '', status: '', outcome: '' };

/** The tenant of calls whose token names none. */
export const STRANGERS = 'anonymous';

/** The token that names a tenant; `null` if none can. */
export const tokenOf = (tenant) => (/^[a-z0-9][a-z0-9-]{0,62}$/.test(tenant) && tenant !== STRANGERS ? `gnsb_${tenant}` : null);

/** Why no token names a tenant. */
export const whyNoTenant = (tenant) => (tenant === STRANGERS
  ? 'calls whose token names no tenant are shown with those of every tenant'
  : `${oneLine(tenant, 70)} is no tenant's name: write a-z, 0-9 and -, at most 63`);

const changed = new EventTarget();

export function address() {
  const query = new URLSearchParams(location.search);
  return Object.fromEntries(Object.entries(KEYS).map(([key, usual]) => [key, query.get(key) || usual]));
}

/** Changes what is looked at; a new tenant or view can be left with the browser's button. */
export function go(change) {
  const before = address();
  const now = { ...before, ...change };
  const query = new URLSearchParams();
  for (const [key, usual] of Object.entries(KEYS)) if (now[key] !== usual) query.set(key, now[key]);
  const path = query.size ? `${location.pathname}?${query}` : location.pathname;
  const isPlace = now.tenant !== before.tenant || now.tab !== before.tab;
  history[isPlace ? 'pushState' : 'replaceState'](null, '', path);
  changed.dispatchEvent(new Event('change'));
}

export function onAddress(listener) {
  changed.addEventListener('change', listener);
  addEventListener('popstate', listener);
}
