// Starts a sandbox for tests and speaks to it with the commands of its own binary.
"use strict";

const { AssertionError } = require("node:assert");
const { execFile, spawn } = require("node:child_process");
const { createHash, randomBytes } = require("node:crypto");
const { binaryPath, cannotRun } = require("./binary.js");

// the most calls that the sandbox lists at once
const MAX_CALLS = 1000;

// keeps the tenants of this process apart from those of others that use the same sandbox
const thisRun = process.env.GENUIN_SANDBOX_RUN || randomBytes(4).toString("hex");

// holds the calls without an accepted token
const ANONYMOUS = "anonymous";

// the flags of the commands for what the methods take
const BOUNDS = { exactly: "--exactly", min: "--min", max: "--max", waitMs: "--wait-ms" };
const LIMITS = { hits: "--hits", ttl: "--ttl" };

class Tenant {
  // options for the calls after the last reset
  #since = [];
  #end;

  constructor(url, name, end) {
    if (typeof name !== "string") throw new TypeError(`the name of a tenant is a text, not ${name}`);
    // says how the sandbox ended, if it did
    this.#end = end;
    this.url = url;
    this.name = name;
    this.token = `gnsb_${name}`;
  }

  async requests() {
    const list = await this.#run(["requests", "--json", "--last", String(MAX_CALLS)]);
    return JSON.parse(list).requests;
  }

  async verify(match = {}, bounds = {}) {
    const command = ["verify", "--match", JSON.stringify(match, defined), ...flags(BOUNDS, bounds)];
    const { code, stdout, stderr } = await this.#execute(command);
    if (code === 1 && stdout) {
      // not the command's own note: who reads the report may find no sandbox at its address
      const message = stdout.trimEnd() + (await this.#callsWithoutToken());
      throw new AssertionError({ message, stackStartFn: this.verify });
    }
    checked(code, stdout, stderr);
  }

  async force(scenario, limits = {}) {
    const options = flags(LIMITS, limits);
    // an override alone goes on with the step where the tenant was, and does nothing after the last
    await this.#run(["reset", "--what", "scenarios"]);
    await this.#run(["override", "set", String(scenario), "--replace", ...options]);
  }

  async reset() {
    await this.#run(["reset"]);
    const newest = await this.#run(["requests", "--json", "--last", "1"], ANONYMOUS);
    this.#since = ["--since", JSON.parse(newest).next];
  }

  // those since the last reset
  async #callsWithoutToken() {
    const command = ["requests", "--last", "20", ...this.#since];
    const list = JSON.parse(await this.#run([...command, "--json"], ANONYMOUS));
    if (!list.requests.length) return "";
    const calls = await this.#run(command, ANONYMOUS);
    // the last line says how to ask for later calls
    return `\ncalls without an accepted token:\n${calls.replace(/\n\(.*\n*$/, "")}`;
  }

  async #run(command, tenant) {
    const { code, stdout, stderr } = await this.#execute(command, tenant);
    checked(code, stdout, stderr);
    return stdout;
  }

  #execute(command, tenant = this.name) {
    const options = ["--url", this.url, "--tenant", tenant];
    return withBinary((binary, resolve, reject) => {
      const limits = { maxBuffer: Infinity };
      execFile(binary, [...command, ...options], limits, (error, stdout, stderr) => {
        const end = error && this.#end();
        if (end) reject(new Error(end));
        else if (error && typeof error.code !== "number") reject(error);
        else resolve({ code: error ? error.code : 0, stdout, stderr });
      });
    });
  }
}

function flags(known, given) {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined) {
    throw new TypeError(`unknown option "${unknown}"; there is ${Object.keys(known).join(", ")}`);
  }
  return Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => [known[name], String(value)]);
}

// JSON would leave it out, and more calls would match
function defined(name, value) {
  if (value === undefined) throw new TypeError(`"${name}" of what should match is undefined`);
  return value;
}

// runs the binary; an error of the system becomes one that says what could not be run
function withBinary(start) {
  const binary = binaryPath();
  return new Promise((resolve, reject) => start(binary, resolve, reject)).catch((error) => {
    // only these have a name of the system in place of a number
    throw typeof error.code === "string" && error.syscall ? cannotRun(binary, error) : error;
  });
}

function checked(code, stdout, stderr) {
  if (code !== 0) {
    throw new Error((stderr || stdout).trim().replace(/^error: /, ""));
  }
}

class Sandbox {
  #child;
  #written;
  #isStopped = false;

  constructor(url, child, written) {
    this.url = url;
    this.#child = child;
    this.#written = written;
  }

  tenant(name) {
    return new Tenant(this.url, name, () => this.#end());
  }

  // how the sandbox ended, if it was started here and ended by itself
  #end() {
    if (!this.#child || this.#isStopped || isRunning(this.#child)) return "";
    const { exitCode, signalCode } = this.#child;
    const how = signalCode ? `by ${signalCode}` : `with exit code ${exitCode}`;
    return `the sandbox ended ${how}: ${this.#written()}`;
  }

  async freshTenant(test) {
    if (typeof test !== "string" || !test) {
      throw new TypeError("freshTenant needs the name of the test, such as t.name or, in vitest, task.name");
    }
    // nobody else uses a sandbox that was started here, where the names can be the same in every run
    const tenant = this.tenant(tenantName(test, this.#child ? "" : thisRun));
    // a repeated test starts anew, and with the same ids
    await tenant.reset();
    return tenant;
  }

  async stop() {
    const child = this.#child;
    this.#isStopped = true;
    if (!child || !isRunning(child)) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.ref();
    child.kill();
    await ended;
  }
}

function isRunning(child) {
  return child.exitCode === null && child.signalCode === null;
}

let isWarned = false;

exports.startSandbox = async function startSandbox(options = []) {
  if (!Array.isArray(options)) {
    throw new TypeError(`the options are a list, such as ["--seed", "7"], not ${JSON.stringify(options)}`);
  }
  const url = process.env.GNSB_URL;
  if (url) {
    if (options.length && !isWarned) {
      isWarned = true;
      process.emitWarning(`GNSB_URL names a sandbox: its options are used, not ${options.join(" ")}`);
    }
    return new Sandbox(url.replace(/\/+$/, ""));
  }
  // the tests read the calls from the journal
  const common = ["serve", "--listen", "127.0.0.1:0", "--log", "warn", "--log-format", "text"];
  let [child, written] = [];
  const ready = await withBinary((binary, resolve, reject) => {
    child = spawn(binary, [...common, ...options], { stdio: ["ignore", "pipe", "pipe"] });
    const kill = () => child.kill();
    process.once("exit", kill);
    for (const event of ["exit", "error"]) child.once(event, () => process.off("exit", kill));
    written = readyUrl(child, resolve, reject);
  });
  // a test process that forgets to stop it can still end
  child.unref();
  child.stdout.unref();
  child.stderr.unref();
  return new Sandbox(ready, child, written);
};

// resolves with the URL; returns what gives the end of the standard error
function readyUrl(child, resolve, reject) {
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
    const ready = / ready on (\S+) /.exec(stdout);
    if (ready) resolve(ready[1]);
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr = (stderr + text).slice(-4096);
  });
  const written = () => stderr.trim() || "no reason given";
  child.once("error", reject);
  child.once("close", () => reject(new Error(`the sandbox did not start: ${written()}`)));
  return written;
}

exports.useSandbox = function useSandbox({ before, after }, options = []) {
  let sandbox;
  const running = () => {
    if (!sandbox) throw new Error("the sandbox is not running yet: use it inside of tests and hooks");
    return sandbox;
  };
  before(async () => {
    sandbox = await exports.startSandbox(options);
  });
  after(async () => {
    await sandbox?.stop();
  });
  return {
    get url() {
      return running().url;
    },
    tenant: (name) => running().tenant(name),
    freshTenant: (test) => running().freshTenant(test),
  };
};

exports.binaryPath = binaryPath;

// a readable name that no other test has and that is the same in every run of that name
function tenantName(test, inRun) {
  const words = (text, most) => text.toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, most);
  // the whole of both, of which the words may show a part
  const whole = inRun ? `${inRun}\0${test}` : test;
  const digest = createHash("sha256").update(whole).digest("hex").slice(0, 10);
  const name = inRun ? `${words(inRun, 12)}-${words(test, 38)}` : words(test, 40);
  return `${name}-${digest}`.replace(/^-+/, "");
}
