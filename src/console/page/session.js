// What the server says of the tenant: whether it is normal, and why not. Asked for again and again, and soon
// after each call and each change.

import { address, onAddress } from './address.js';
import { Gone, get, ofTenant } from './api.js';

const POLL_MS = 2000;
const POLL_UNSEEN_MS = 10_000;
const SOON_MS = 300;

class Session extends EventTarget {
  /** The answer of `normal`; `null` until it is known. */
  normal = null;
  /** The overrides of the tenant and of all tenants, where they act. */
  overrides = { own: null, all: null };
  clock = null;
  status = null;
  /** Since when the server has not answered; `null` while it does. */
  goneSince = null;
  /** Why the state cannot be shown. */
  problem = null;
  /** When the state was received, by `performance.now()`. */
  receivedAt = 0;

  #running = null;
  #again = false;
  #timer = 0;

  start() {
    onAddress(() => this.#onAddress());
    document.addEventListener('visibilitychange', () => document.hidden || this.refresh());
    this.#onAddress();
  }

  get tenant() {
    return address().tenant;
  }

  get age() {
    return (performance.now() - this.receivedAt) / 1000;
  }

  /** The reason of a kind why the tenant is not normal, if it is one. */
  cause(what) {
    return this.normal?.because.find((cause) => cause.what === what);
  }

  #onAddress() {
    if (this.shown === this.tenant) return;
    this.shown = this.tenant;
    Object.assign(this, { normal: null, overrides: { own: null, all: null }, clock: null, problem: null });
    this.dispatchEvent(new Event('change'));
    this.refresh();
  }

  /** Asks soon, once for many calls of this. */
  refreshSoon() {
    if (this.soon) return;
    this.soon = setTimeout(() => {
      this.soon = 0;
      this.refresh();
    }, SOON_MS);
  }

  refresh() {
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.refresh(), document.hidden ? POLL_UNSEEN_MS : POLL_MS);
    });
    return this.#running;
  }

  async #run() {
    while (this.#again) {
      this.#again = false;
      const tenant = this.tenant;
      try {
        this.status ??= await get('status');
        const state = await ask(tenant);
        if (tenant === this.tenant) Object.assign(this, state, { problem: null, goneSince: null, receivedAt: performance.now() });
        else this.#again = true;
      } catch (error) {
        // another server may come after this one
        this.status = null;
        if (error instanceof Gone) this.goneSince ??= Date.now();
        else Object.assign(this, { problem: error.message, goneSince: null });
      }
      this.dispatchEvent(new Event('change'));
    }
  }
}

async function ask(tenant) {
  const [normal, clock] = await Promise.all(['normal', 'clock'].map((what) => get(ofTenant(what, tenant))));
  const override = async (what, whose) => (
    normal.because.some((cause) => cause.what === what) ? (await get(ofTenant('scenario', whose))).override : null);
  const [own, all] = await Promise.all([override('override', tenant), override('override-for-all', '*')]);
  return { normal, clock, overrides: { own, all } };
}

export const session = new Session();
