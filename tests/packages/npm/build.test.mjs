// What packaging/npm/build makes of binaries, of which only the heads matter here.
import assert from "node:assert";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const BUILD = fileURLToPath(new URL("../../../packaging/npm/build", import.meta.url));
const HEADS = {
  "darwin-arm64": "cffaedfe0c000001",
  "darwin-x64": "cffaedfe07000001",
  "linux-arm64": `7f454c46${"00".repeat(14)}b700`,
  "linux-x64": `7f454c46${"00".repeat(14)}3e00`,
  "win32-x64": "4d5a90",
};

const work = fs.mkdtempSync(path.join(os.tmpdir(), "genuin-sandbox-build-test-"));
after(() => fs.rmSync(work, { recursive: true }));
const binary = (platform) => path.join(work, platform);
for (const [platform, head] of Object.entries(HEADS)) fs.writeFileSync(binary(platform), head, "hex");

function run(command, args, options = {}) {
  return spawnSync(command, args, { encoding: "utf8", ...options });
}

function build(out, platforms) {
  const done = run(BUILD, [out, ...platforms.map((platform) => `${platform}=${binary(platform)}`)]);
  assert.deepEqual([done.status, done.stderr], [0, ""]);
  return done.stdout.trim().split("\n");
}

test("the main package names the packages that are built, all of them in a release", () => {
  for (const platforms of [["linux-arm64"], Object.keys(HEADS)]) {
    const [main, ...others] = build(path.join(work, "OUT"), platforms);
    assert.equal(others.length, platforms.length);
    const read = (file) => JSON.parse(run("tar", ["-xzOf", main, `package/${file}`]).stdout);
    const { version, optionalDependencies } = read("package.json");
    const expected = platforms.map((platform) => [`genuin-sandbox-${platform}`, version]);
    assert.deepEqual(optionalDependencies, Object.fromEntries(expected));
    assert.deepEqual(read("platforms.json"), platforms);
  }
});

test("what is built is installed again from its lock file, without a registry", () => {
  const packages = build(path.join(work, "own"), [`${process.platform}-${process.arch}`]);
  const project = path.join(work, "project");
  fs.mkdirSync(project);
  for (const args of [["install", ...packages], ["ci"]]) {
    const done = run("npm", [...args, "--offline", "--no-audit", "--no-fund"], { cwd: project });
    assert.equal(done.status, 0, done.stderr);
  }
});

test("a binary that cannot be packed is one line", () => {
  fs.writeFileSync(binary("text"), "#!/bin/sh\n");
  for (const [arguments_, message] of [
    [[], /^error: usage: packaging\/npm\/build OUT PLATFORM=BINARY\.\.\.\n$/],
    [[`mips=${binary("linux-x64")}`], /^error: unknown platform "mips" \(known: darwin-arm64, .*\)\n$/],
    [[`linux-x64=${binary("none")}`], /^error: cannot read the binary for linux-x64: ENOENT: .*none'\n$/],
    [[`win32-x64=${binary("linux-x64")}`], /^error: .* is no program for win32-x64, but one for linux-x64\n$/],
    [[`linux-x64=${binary("text")}`], /^error: .*text is no program for linux-x64\n$/],
  ]) {
    const done = run(BUILD, [path.join(work, "refused"), ...arguments_]);
    assert.deepEqual([done.status, done.stdout], [2, ""]);
    assert.match(done.stderr, message);
  }
  assert.ok(!fs.existsSync(path.join(work, "refused")));
});
