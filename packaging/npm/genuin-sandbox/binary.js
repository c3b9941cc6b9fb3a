// Finds the binary: the one that GENUIN_SANDBOX_BINARY names, or that of this platform's package.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const platforms = require("./platforms.json");

const VARIABLE = "GENUIN_SANDBOX_BINARY";

/** There is no binary, or it cannot be run; `exitCode` is what a shell would end with: 127 or 126. */
class BinaryError extends Error {
  constructor(message, exitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}

exports.BinaryError = BinaryError;

/** Says in one line why the system does not run a binary. */
exports.cannotRun = function cannotRun(binary, error) {
  // the system says so, too, if the interpreter or the loader that the file names is missing
  const exitCode = error.code === "ENOENT" ? 127 : 126;
  return new BinaryError(`cannot run ${binary}: ${error.message}`, exitCode);
};

exports.binaryPath = function binaryPath() {
  const named = process.env[VARIABLE];
  if (named) {
    if (!fs.existsSync(named)) {
      throw new BinaryError(`${VARIABLE} names "${named}", which does not exist`, 127);
    }
    // it would run itself again and again
    if (fs.realpathSync(named) === path.join(fs.realpathSync(__dirname), "bin", "genuin-sandbox.js")) {
      throw new BinaryError(`${VARIABLE} names the launcher "${named}"; name the binary itself`, 126);
    }
    // a bare name would be looked up in PATH, where the launcher is
    return path.resolve(named);
  }
  const platform = `${process.platform}-${process.arch}`;
  const build = `build one with cargo and set ${VARIABLE} to its path`;
  if (!platforms.includes(platform)) {
    throw new BinaryError(`there is no binary for ${platform} (there is for ${platforms.join(", ")}); ${build}`, 127);
  }
  const name = `genuin-sandbox-${platform}`;
  const executable = process.platform === "win32" ? "genuin-sandbox.exe" : "genuin-sandbox";
  try {
    return require.resolve(`${name}/${executable}`);
  } catch {
    throw new BinaryError(
      `the package ${name} is not installed; install genuin-sandbox again on this machine, without ` +
        `--omit=optional and without node_modules of another one, or ${build}`,
      127,
    );
  }
};
