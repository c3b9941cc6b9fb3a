// The calls of the tenant and the switches between them, as they come. Keeps of each call what its row shows.

import { STRANGERS } from './address.js';
import { encode, get, ofTenant } from './api.js';
import { session } from './session.js';
import { follow } from './stream.js';
import { why } from './why.js';

const PAGE = 1000;
/** The most rows that are kept; the journal has the rest. */
const MAX_ROWS = 30_000;
const STRANGERS_MS = 1500;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5000;
const LIVED_MS = 5000;
const UNSEEN_MS = 60_000;

export const callKey = (tenant, seq) => `${tenant}-${seq}`;

class Journal extends EventTarget {
  /** The oldest first. */
  rows = [];
  /** How often the tenant has seen each outcome. */
  seen = new Map();
  isComplete = false;

  #byKey = new Map();
  #control = new AbortController();

  /** Follows another tenant, or the same from anew. */
  follow(tenant) {
    this.#control.abort();
    this.#control = new AbortController();
    this.hasLeft = false;
    this.tenant = tenant;
    this.#clear();
    this.#run(tenant, this.#control.signal);
  }

  leave() {
    this.hasLeft = true;
    this.#control.abort();
  }

  #clear() {
    Object.assign(this, { rows: [], seen: new Map(), isComplete: false });
    this.#byKey.clear();
    this.dispatchEvent(new Event('reload'));
  }

  async #run(tenant, signal) {
    let wait = FIRST_WAIT_MS;
    while (!signal.aborted) {
      let openedAt = Infinity;
      const connection = new AbortController();
      const either = AbortSignal.any([signal, connection.signal]);
      try {
        const cursor = await this.#load(tenant, either);
        this.#followStrangers(either);
        await follow(tenant, cursor, {
          signal: either,
          opened: () => { openedAt = performance.now(); },
          event: (type, data) => this.#event(type, data),
        });
      } catch {
        // the state bar says that the server is gone, and why it refuses
      }
      connection.abort();
      if (signal.aborted) return;
      session.refreshSoon();
      if (performance.now() - openedAt > LIVED_MS) wait = FIRST_WAIT_MS;
      await pause(wait * (0.75 + Math.random() / 2), signal);
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    }
  }

  /** Reads the newest calls and the switches; gives the cursor behind them. */
  async #load(tenant, signal) {
    const [page, { switches }, strangers] = await Promise.all([
      get(ofTenant(`requests?last=${PAGE}`, tenant), signal),
      get(`switches?tenant=${encode(tenant)}&last=${PAGE}`, signal),
      get(ofTenant('requests?last=200', STRANGERS), signal),
    ]);
    this.#clear();
    this.strangersCursor = strangers.next;
    this.#add([...page.requests.map(callRow), ...switches.map(switchRow), ...strangers.requests.map(callRow)]);
    const first = page.requests[0]?.seq;
    if (page.requests.length === PAGE && first > 1) this.#loadOlder(tenant, first, signal);
    else this.isComplete = true;
    return page.next;
  }

  /** Reads what is before the newest page, from the oldest on. */
  async #loadOlder(tenant, before, signal) {
    try {
      let since = '';
      for (;;) {
        const page = await get(ofTenant(`requests?limit=${PAGE}${since}`, tenant), signal);
        this.#add(page.requests.filter(({ seq }) => seq < before).map(callRow));
        const last = page.requests.at(-1);
        if (!last || last.seq >= before - 1 || signal.aborted) break;
        since = `&since=${encode(page.next)}`;
      }
      this.isComplete = true;
      this.dispatchEvent(new CustomEvent('add', { detail: [] }));
    } catch {
      // the stream notices too, and all is read again
    }
  }

  async #followStrangers(signal) {
    while (!signal.aborted) {
      await pause(STRANGERS_MS, signal);
      if (signal.aborted || document.hidden) continue;
      try {
        const since = encode(this.strangersCursor);
        const page = await get(ofTenant(`requests?limit=${PAGE}&since=${since}`, STRANGERS), signal);
        if (signal.aborted) return;
        this.strangersCursor = page.next;
        if (page.requests.length) this.#add(page.requests.map(callRow), page.requests);
      } catch {
        // asked again in a moment
      }
    }
  }

  #event(type, data) {
    if (type === 'call') this.#add([callRow(data)], [data]);
    else if (type === 'switch') {
      this.#add([switchRow(data)]);
      // the journal may have been reset with the rest
      if (data.what === 'reset') this.follow(this.tenant);
    }
    session.refreshSoon();
  }

  /** Adds rows, or takes the new state of those that are there. `entries` are whole calls that just came. */
  #add(rows, entries = []) {
    const added = [];
    for (const row of rows) {
      const known = this.#byKey.get(row.key);
      if (known) {
        this.#count(known, -1);
        Object.assign(known, row, { version: known.version + 1 });
        this.#count(known, 1);
        continue;
      }
      this.#byKey.set(row.key, row);
      this.#count(row, 1);
      added.push(row);
    }
    if (added.length > 50) this.rows = [...this.rows, ...added].sort((a, b) => a.at - b.at || a.seq - b.seq);
    else for (const row of added) this.#insert(row);
    for (const row of this.rows.splice(0, this.rows.length - MAX_ROWS)) this.#byKey.delete(row.key);
    this.dispatchEvent(new CustomEvent('add', { detail: entries }));
  }

  #insert(row) {
    this.rows.splice(this.rows.findLastIndex(({ at }) => at <= row.at) + 1, 0, row);
  }

  #count(row, by) {
    if (row.kind !== 'call' || row.tenant !== this.tenant) return;
    this.seen.set(row.outcome, (this.seen.get(row.outcome) ?? 0) + by);
  }
}

function callRow(entry) {
  const { tenant, seq, status, outcome, endpoint, method, path, selector, delivery, delay_ms: delayMs } = entry;
  return {
    kind: 'call', key: callKey(tenant, seq), version: 0, at: Date.parse(entry.received_at ?? entry.time),
    tenant, seq, status, outcome, endpoint, method, path, selector, delivery, delayMs, why: why(entry),
  };
}

function switchRow(change) {
  const { at, tenant, what, scenario } = change;
  const key = `switch-${at}-${what}-${tenant}-${scenario}`.replace(/[^\w-]/g, '_');
  return { ...change, kind: 'switch', key, version: 0, at: Date.parse(at), seq: 0 };
}

function pause(ms, signal) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
    signal.addEventListener('abort', resolve, { once: true });
  });
}

export const journal = new Journal();

// a browser has few connections to a server, which tabs that nobody looks at must not take
let unseen = 0;
document.addEventListener('visibilitychange', () => {
  clearTimeout(unseen);
  if (document.hidden) unseen = setTimeout(() => journal.leave(), UNSEEN_MS);
  else if (journal.hasLeft) journal.follow(journal.tenant);
});

// a tenant that was deleted has had no call, whatever was shown of it
session.addEventListener('change', () => {
  const { normal } = session;
  if (normal && normal.last === null && !session.goneSince && journal.rows.some((row) => row.tenant === journal.tenant && row.kind === 'call')) {
    journal.follow(journal.tenant);
  }
});
