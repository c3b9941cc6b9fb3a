// What is looked at, kept in the page's address, so that it can be sent to somebody and comes back after a
// reload: the tenant, the view and the filter.

const KEYS = { tenant: 'demo', tab: 'calls', text: '', status: '', outcome: '' };

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
