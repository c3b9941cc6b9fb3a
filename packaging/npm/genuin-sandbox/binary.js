// Finds the binary: the one that GENUIN_SANDBOX_BINARY names, or that of this platform's package.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const platforms = require("./platforms.json");

const VARIABLE = "GENUIN_SANDBOX_BINARY";

exports.binaryPath = function binaryPath() {
  const named = process.env[VARIABLE];
  if (named) {
    if (!fs.existsSync(named)) {
      throw new Error(`${VARIABLE} names "${named}", which does not exist`);
    }
    // it would run itself again and again
    if (fs.realpathSync(named) === path.join(fs.realpathSync(__dirname), "bin", "genuin-sandbox.js")) {
      throw new Error(`${VARIABLE} names the launcher "${named}"; name the binary itself`);
    }
    return named;
  }
  const platform = `${process.platform}-${process.arch}`;
  const build = `build one with cargo and set ${VARIABLE} to its path`;
  if (!platforms.includes(platform)) {
    throw new Error(`there is no binary for ${platform} (there is for ${platforms.join(", ")}); ${build}`);
  }
  const name = `genuin-sandbox-${platform}`;
  const executable = process.platform === "win32" ? "genuin-sandbox.exe" : "genuin-sandbox";
  try {
    return require.resolve(`${name}/${executable}`);
  } catch {
    throw new Error(
      `the package ${name} is not installed; install genuin-sandbox again on this machine, without ` +
        `--omit=optional and without node_modules of another one, or ${build}`,
    );
  }
};
