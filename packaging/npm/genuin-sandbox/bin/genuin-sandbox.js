#!/usr/bin/env node
// The command genuin-sandbox: runs the binary and ends as it does.
"use strict";

const { spawn } = require("node:child_process");
const { BinaryError, binaryPath, cannotRun } = require("../binary.js");

function run() {
  const binary = binaryPath();
  const child = start(binary);
  // a terminal sends these to the binary itself, for which a second one means "at once"
  const fromTerminal = process.stdin.isTTY ? ["SIGINT", "SIGHUP", "SIGQUIT"] : [];
  const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
  for (const signal of signals) {
    process.on(signal, () => fromTerminal.includes(signal) || child.kill(signal));
  }
  child.on("error", (error) => fail(cannotRun(binary, error)));
  child.on("exit", (code, signal) => {
    if (signal === null) {
      process.exitCode = code;
      return;
    }
    signals.forEach((each) => process.removeAllListeners(each));
    process.kill(process.pid, signal);
  });
}

function start(binary) {
  try {
    return spawn(binary, process.argv.slice(2), { stdio: "inherit" });
  } catch (error) {
    // Windows says at once that a file is no program; all else comes as an event
    throw cannotRun(binary, error);
  }
}

function fail(error) {
  console.error(`error: ${error.message}`);
  process.exitCode = error.exitCode;
}

try {
  run();
} catch (error) {
  if (!(error instanceof BinaryError)) throw error;
  fail(error);
}
