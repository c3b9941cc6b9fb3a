// The helper and the command as a user of the installed packages sees them, with node:test.
import assert from "node:assert";
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { binaryPath, startSandbox, useSandbox } from "genuin-sandbox";

const COMMUNITY = "f2a05adb-93ce-4a19-b003-3523fa745667";
const require = createRequire(import.meta.url);
const launcher = require.resolve("genuin-sandbox/bin/genuin-sandbox.js");

const sandbox = useSandbox({ before, after });

async function create(tenant, changes = {}) {
  const answer = await fetch(`${tenant.url}/api/thirdparty/group/create`, {
    method: "POST",
    headers: { Authorization: `Bearer ${tenant.token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ type: 4, community_id: COMMUNITY, ...changes }),
  });
  return { status: answer.status, body: await answer.json() };
}

test("a group is created", async (t) => {
  const genuin = await sandbox.freshTenant(t.name);
  const { status, body } = await create(genuin, { group: { name: "Ünïcode" } });
  assert.deepEqual([status, body.code, body.data.group.group_name], [200, 200, "Ünïcode"]);
  await genuin.verify({ outcome: "ok", body: { "group.name": "Ünïcode" } }, { exactly: 1 });
  assert.deepEqual((await genuin.requests()).map((call) => call.outcome), ["ok"]);
});

test("a fresh tenant is empty, and the same in every run", async (t) => {
  const ids = [];
  for (const _ of [1, 2]) {
    const genuin = await sandbox.freshTenant(t.name);
    ids.push((await create(genuin)).body.data.chat_id);
    await genuin.verify({}, { exactly: 1 });
  }
  assert.equal(ids[0], ids[1]);
  const [other, another] = [await sandbox.freshTenant("Ä/Ö"), await sandbox.freshTenant("Ä-Ö")];
  assert.notEqual(other.name, another.name);
});

test("verify says what is wrong", async (t) => {
  const genuin = await sandbox.freshTenant(t.name);
  await create(genuin);
  const fails = (match, bounds, message) =>
    assert.rejects(genuin.verify(match, bounds), { name: "AssertionError", message });
  await fails({}, { exactly: 2 }, /^expected exactly 2 matching calls, found 1/);
  await fails({ outcome: 5026 }, {}, /expected outcome video-not-found, found ok/);
  await genuin.verify({}, { max: 1 });
  await genuin.verify({}, { min: 1, waitMs: 10 });
  await assert.rejects(genuin.verify({ outcom: "ok" }), { name: "Error", message: /did you mean "outcome"/ });
  await genuin.reset();
  await create({ url: genuin.url, token: "mistaken" });
  await fails({}, {}, /found 0\ncalls without an accepted token:\nanonymous\/.*\n.*unknown token.*$/);
  await genuin.reset();
  await fails({}, {}, /found 0$/);
});

test("options that do not exist, and values that are missing, are refused", async () => {
  const genuin = sandbox.tenant("qa");
  const refuses = (call, message) => assert.rejects(call, { name: "TypeError", message });
  await refuses(genuin.verify({}, { exacty: 1 }), 'unknown option "exacty"; there is exactly, min, max, waitMs');
  await refuses(genuin.force("outage", { hit: 1 }), 'unknown option "hit"; there is hits, ttl');
  await refuses(
    genuin.verify({ body: { "group.name": undefined } }),
    '"group.name" of what should match is undefined',
  );
});

test("outcomes are forced and reset", async (t) => {
  const genuin = await sandbox.freshTenant(t.name);
  const statuses = async (count) => {
    const all = [];
    while (all.length < count) all.push((await create(genuin)).status);
    return all;
  };
  await genuin.force("2x500, ok*");
  assert.deepEqual(await statuses(3), [500, 500, 200]);
  await genuin.force(5026, { hits: 1, ttl: "1m" });
  assert.deepEqual(await statuses(2), [500, 200]);
  await genuin.force("outage");
  await genuin.reset();
  assert.deepEqual(await statuses(1), [200]);
  await assert.rejects(genuin.force("no-such"), /unknown outcome/);
});

for (const scenario of ["2x500, ok*", "2x500", "flaky-twice"]) {
  test(`what is forced again acts again: ${scenario}`, async (t) => {
    const genuin = await sandbox.freshTenant(t.name);
    // used up, then used in part, then not at all
    for (const calls of [3, 1, 0, 2]) {
      await genuin.force(scenario);
      const statuses = [];
      while (statuses.length < calls) statuses.push((await create(genuin)).status);
      assert.deepEqual(statuses, [500, 500, 200].slice(0, calls));
    }
  });
}

test("a sandbox takes options and stops", async () => {
  const listeners = process.listenerCount("exit");
  const own = await startSandbox(["--scenario", "5026"]);
  assert.equal((await create(own.tenant("qa"))).status, 500);
  await own.stop();
  await assert.rejects(fetch(own.url));
  await own.stop();
  assert.equal(process.listenerCount("exit"), listeners);
  await assert.rejects(own.tenant("qa").reset(), /cannot reach a sandbox/);
});

test("a sandbox that cannot start says why", async () => {
  const listeners = process.listenerCount("exit");
  await assert.rejects(startSandbox(["--sed", 7]), /^Error: the sandbox did not start: [^]*--sed/);
  assert.equal(process.listenerCount("exit"), listeners);
  await assert.rejects(startSandbox("--seed 7"), /^TypeError: the options are a list, such as .*, not "--seed 7"$/);
});

test("a sandbox that ended says how", async () => {
  // commands fail as soon as it has ended
  const script = `if [ "$1" = serve ]; then
    echo $$ >"$0.pid"; echo "it is ready on http://127.0.0.1:1 now"; echo "out of luck" >&2; exit 3
  fi
  while kill -0 "$(cat "$0.pid")" 2>/dev/null; do :; done
  exit 1`;
  process.env.GENUIN_SANDBOX_BINARY = path.join(path.dirname(launcher), "ends");
  fs.writeFileSync(process.env.GENUIN_SANDBOX_BINARY, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  try {
    const own = await startSandbox();
    const message = "the sandbox ended with exit code 3: out of luck";
    await assert.rejects(own.tenant("qa").reset(), { message });
  } finally {
    delete process.env.GENUIN_SANDBOX_BINARY;
  }
});

test("a tenant needs a name", async () => {
  await assert.rejects(sandbox.freshTenant(), /^TypeError: freshTenant needs the name of the test, such as t\.name/);
  assert.throws(() => sandbox.tenant(undefined), /^TypeError: the name of a tenant is a text, not undefined$/);
});

test("a running sandbox is used if a variable names it", async () => {
  process.env.GNSB_URL = `${sandbox.url}/`;
  try {
    const same = await startSandbox();
    assert.equal(same.url, sandbox.url);
    await same.stop();
    assert.equal((await create(same.tenant("qa"))).status, 200, "it still runs");
    const warnings = [];
    process.on("warning", ({ message }) => warnings.push(message));
    for (const _ of [1, 2]) await startSandbox(["--seed", 7]);
    await new Promise(setImmediate);
    assert.deepEqual(warnings, ["GNSB_URL names a sandbox: its options are used, not --seed 7"]);
  } finally {
    delete process.env.GNSB_URL;
  }
});

test("processes that share a sandbox have tenants of their own", async () => {
  const program = `require("genuin-sandbox").startSandbox().then(async (sandbox) => {
    console.log((await sandbox.freshTenant("That creates")).name);
  })`;
  const name = (variables) => {
    const done = spawnSync(process.execPath, ["-e", program], {
      encoding: "utf8",
      env: { ...process.env, ...variables },
    });
    assert.deepEqual([done.status, done.stderr], [0, ""]);
    return done.stdout.trim();
  };
  const own = name({});
  assert.match(own, /^that-creates-[0-9a-f]{10}$/);
  const [first, second] = [name({ GNSB_URL: sandbox.url }), name({ GNSB_URL: sandbox.url })];
  for (const random of [first, second]) assert.match(random, /^[0-9a-f]{8}-that-creates-[0-9a-f]{10}$/);
  // another digest too, where the words show only a part of the name
  assert.notEqual(first.slice(0, 8), second.slice(0, 8));
  assert.notEqual(first.slice(-10), second.slice(-10));
  const inRun = (run) => name({ GNSB_URL: sandbox.url, GENUIN_SANDBOX_RUN: run });
  const named = ["Ann's", "x".repeat(100), "x".repeat(101), "…"].map(inRun);
  assert.match(named[0], /^ann-s-that-creates-/);
  assert.equal(inRun("Ann's"), named[0]);
  assert.equal(new Set([own, first, second, ...named]).size, 7);
  assert.equal(name({ GENUIN_SANDBOX_RUN: "Ann's" }), own, "nobody shares a sandbox of one's own");
});

test("a binary that cannot be run is one line", async () => {
  for (const [binary, why] of [
    ["/dev/null", /^Error: cannot run \/dev\/null: .*EACCES$/],
    [path.dirname(launcher), /^Error: cannot run .*\/bin: .*EACCES$/],
    ["/no/such/file", /^Error: GENUIN_SANDBOX_BINARY names "\/no\/such\/file", which does not exist$/],
  ]) {
    process.env.GENUIN_SANDBOX_BINARY = binary;
    try {
      await assert.rejects(startSandbox(), why);
      await assert.rejects(sandbox.tenant("qa").reset(), why);
    } finally {
      delete process.env.GENUIN_SANDBOX_BINARY;
    }
  }
});

test("a program that forgets to stop its sandbox ends, and the sandbox with it", async () => {
  const program = 'require("genuin-sandbox").startSandbox().then((sandbox) => console.log(sandbox.url))';
  const done = spawnSync(process.execPath, ["-e", program], { encoding: "utf8" });
  assert.equal(done.status, 0);
  // it was told to stop before its parent ended, and takes no call after that
  await assert.rejects(async () => {
    for (;;) await fetch(done.stdout.trim(), { headers: { Connection: "close" } });
  });
});

test("the helper is used inside of tests only", () => {
  const early = useSandbox({ before() {}, after() {} });
  assert.throws(() => early.url, /^Error: the sandbox is not running yet: use it inside of tests and hooks$/);
});

function launch(args, options = {}) {
  return spawnSync(process.execPath, [launcher, ...args], { encoding: "utf8", ...options });
}

test("the command ends as the binary does", () => {
  assert.equal(launch(["exec", "--", "sh", "-c", "exit 7"]).status, 7);
  assert.equal(launch(["--sed", "7"]).status, 2);
  const piped = launch(["exec", "--", "cat"], { input: "all of stdin\n" });
  assert.deepEqual([piped.status, piped.stdout], [0, "all of stdin\n"]);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  test(`the command passes ${signal} on once`, async () => {
    const server = spawn(process.execPath, [launcher, "--listen", "127.0.0.1:0"]);
    const [ready] = await once(server.stdout, "data");
    assert.match(String(ready), /^genuin-sandbox ready on /);
    server.kill(signal);
    assert.deepEqual(await once(server, "exit"), [0, null]);
  });
}

function once(emitter, event) {
  return new Promise((resolve) => emitter.once(event, (...values) => resolve(values)));
}

test("a platform without a binary, or without its package, gets an error", () => {
  const preload = (name, text) => {
    const file = path.join(path.dirname(launcher), `preload-${name}.cjs`);
    fs.writeFileSync(file, text);
    return ["--require", file, launcher, "status"];
  };
  const define = (name, value) => `Object.defineProperty(process, "${name}", { value: "${value}" });`;
  // where no package of a platform is near
  const alone = fs.mkdtempSync(path.join(os.tmpdir(), "genuin-sandbox-alone-"));
  fs.cpSync(path.join(path.dirname(launcher), ".."), alone, { recursive: true });
  const platform = `${process.platform}-${process.arch}`;
  for (const [args, message] of [
    [
      preload("mips", define("arch", "mips")),
      /^error: there is no binary for linux-mips \(there is for linux-[a-z0-9]+\); build one with cargo and set GENUIN_SANDBOX_BINARY to its path\n$/,
    ],
    [
      [path.join(alone, "bin", "genuin-sandbox.js"), "status"],
      new RegExp(`^error: the package genuin-sandbox-${platform} is not installed; install genuin-sandbox again`),
    ],
  ]) {
    const done = spawnSync(process.execPath, args, { encoding: "utf8" });
    assert.deepEqual([done.status, done.stdout], [127, ""]);
    assert.match(done.stderr, message);
  }
  fs.rmSync(alone, { recursive: true });
});

test("a binary that is named without its folder is not looked up in PATH", () => {
  process.env.GENUIN_SANDBOX_BINARY = "package.json";
  assert.equal(binaryPath(), path.resolve("package.json"));
  delete process.env.GENUIN_SANDBOX_BINARY;
});

test("another binary can be named", () => {
  const named = (binary) => launch(["7"], { env: { ...process.env, GENUIN_SANDBOX_BINARY: binary } });
  const own = path.join(path.dirname(launcher), "other");
  fs.writeFileSync(own, "#!/bin/sh\nexit $1\n", { mode: 0o755 });
  assert.equal(named(own).status, 7);
  const missing = named("/no/such/file");
  assert.deepEqual(
    [missing.status, missing.stderr],
    [127, 'error: GENUIN_SANDBOX_BINARY names "/no/such/file", which does not exist\n'],
  );
  const orphan = path.join(path.dirname(launcher), "orphan");
  fs.writeFileSync(orphan, "#!/no/such/shell\n", { mode: 0o755 });
  for (const [binary, code] of [["/dev/null", 126], [path.dirname(launcher), 126], [orphan, 127]]) {
    const done = named(binary);
    const line = done.stderr.startsWith(`error: cannot run ${binary}: `) && done.stderr.split("\n").length;
    assert.deepEqual([done.status, line], [code, 2], done.stderr);
  }
  const itself = named(launcher);
  assert.deepEqual([itself.status, itself.stderr.slice(0, 47)], [126, "error: GENUIN_SANDBOX_BINARY names the launcher"]);
});
