#!/usr/bin/env node
// The command genuin-sandbox: runs the binary and ends as it does.
"use strict";

const { spawn } = require("node:child_process");
const { binaryPath } = require("../binary.js");

function run() {
  let binary;
  try {
    binary = binaryPath();
  } catch (error) {
    console.error(`error: ${error.message}`);
    process.exitCode = 125;
    return;
  }
  const child = spawn(binary, process.argv.slice(2), { stdio: "inherit" });
  // a terminal sends these to the binary itself, for which a second one means "at once"
  const fromTerminal = process.stdin.isTTY ? ["SIGINT", "SIGHUP", "SIGQUIT"] : [];
  const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
  for (const signal of signals) {
    process.on(signal, () => fromTerminal.includes(signal) || child.kill(signal));
  }
  child.on("error", (error) => {
    console.error(`error: cannot run ${binary}: ${error.message}`);
    process.exitCode = 126;
  });
  child.on("exit", (code, signal) => {
    if (signal === null) {
      process.exitCode = code;
      return;
    }
    signals.forEach((each) => process.removeAllListeners(each));
    process.kill(process.pid, signal);
  });
}

run();
