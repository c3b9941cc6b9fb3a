/** One call in the journal; the documentation of the own API says what else an entry holds. */
export interface Call {
  id: string;
  method: string;
  path: string;
  status: number | null;
  outcome: string;
  committed: boolean;
  body: string;
  findings: Array<{ message: string; [key: string]: unknown }>;
  [key: string]: unknown;
}

/** How many calls must match; without a bound, at least one. */
export interface Bounds {
  exactly?: number;
  min?: number;
  max?: number;
  /** How long to wait for the calls. */
  waitMs?: number;
}

/** A copy of the data with its own calls and overrides. */
export interface Tenant {
  readonly name: string;
  /** Base URL of the vendor's API, for the client under test. */
  readonly url: string;
  /** Token for the client under test. */
  readonly token: string;
  /** The newest 1000 calls, oldest first. */
  requests(): Promise<Call[]>;
  /**
   * Checks how many calls match, written as in a scenario's rule, such as `{ outcome: "ok" }`. Rejects with
   * an AssertionError that says how many match and how the closest one differs.
   */
  verify(match?: Record<string, unknown>, bounds?: Bounds): Promise<void>;
  /** Forces an outcome, a line such as "2x500, ok*", or a scenario for the calls that follow, from its first step on. */
  force(scenario: string | number, options?: { hits?: number; ttl?: string }): Promise<void>;
  /** Forgets state, calls, overrides and clock. */
  reset(): Promise<void>;
}

export interface Sandbox {
  readonly url: string;
  /** A tenant: 1 to 63 of a-z, 0-9 and -, not starting with -. */
  tenant(name: string): Tenant;
  /**
   * A tenant for a test, named after it and empty: `await sandbox.freshTenant(t.name)`. In a sandbox that GNSB_URL
   * names, its name begins with that of the run: GENUIN_SANDBOX_RUN, or else one that no other process has.
   */
  freshTenant(test: string): Promise<Tenant>;
}

/**
 * Starts a sandbox on a free port, with further options of `genuin-sandbox serve`. If GNSB_URL is set, the
 * sandbox there is used, and not stopped.
 */
export function startSandbox(options?: readonly (string | number)[]): Promise<Sandbox & { stop(): Promise<void> }>;

/** The hooks of a test runner: `{ before, after }` of node:test, `{ before: beforeAll, after: afterAll }` of vitest. */
export interface Hooks {
  before(hook: () => Promise<void>): unknown;
  after(hook: () => Promise<void>): unknown;
}

/** A sandbox for the tests of a file: started before them and stopped after them. */
export function useSandbox(hooks: Hooks, options?: readonly (string | number)[]): Sandbox;

/** The path of the binary: the one that GENUIN_SANDBOX_BINARY names, or that of this platform's package. */
export function binaryPath(): string;
