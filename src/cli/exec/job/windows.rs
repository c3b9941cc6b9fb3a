//! A command that shares this process's console, where Ctrl-C reaches both. There are no signals to pass
//! on, and a command cannot be stopped.

use std::process::{Child, Command, ExitStatus};

use anyhow::Context as _;
use tokio::signal::windows::{CtrlBreak, CtrlC, ctrl_break, ctrl_c};

/// The keys that end a program, which do not end this one from now on.
pub(in crate::cli::exec) struct CaughtSignals {
    _caught: (CtrlC, CtrlBreak),
}

impl CaughtSignals {
    /// Catches them, so that this process outlives the command and returns its code.
    pub(in crate::cli::exec) fn catch() -> anyhow::Result<Self> {
        let caught = ctrl_c().and_then(|interrupt| Ok((interrupt, ctrl_break()?)));
        Ok(Self { _caught: caught.context("cannot catch Ctrl-C and Ctrl-Break")? })
    }

    /// Starts the command.
    pub(in crate::cli::exec) fn start(self, command: &mut Command) -> std::io::Result<Job> {
        Ok(Job { child: command.spawn()?, _caught: self })
    }
}

/// A running command.
pub(in crate::cli::exec) struct Job {
    child: Child,
    _caught: CaughtSignals,
}

impl Job {
    /// Waits for the command's end.
    pub(in crate::cli::exec) fn wait(mut self) -> anyhow::Result<ExitStatus> {
        self.child.wait().context("cannot wait for the command")
    }
}

/// The exit code.
pub(in crate::cli::exec) fn exit_code(status: ExitStatus) -> Option<i32> {
    status.code()
}
