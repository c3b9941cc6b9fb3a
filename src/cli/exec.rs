//! `exec`: runs a command with its own sandbox.

use std::ffi::OsString;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, ExitCode};

use anyhow::anyhow;
use clap::Args;
use rustix::process::{Pid, Signal as Number, kill_process};
use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, journal, serve};
use crate::admin::entry::RequestEntry;
use crate::embedded::{self, RunningSandbox};
use crate::world::TenantName;

/// `exec` itself failed.
const FAILED: u8 = 125;
/// The command cannot be executed.
const NOT_EXECUTABLE: u8 = 126;
/// The command does not exist.
const NOT_FOUND: u8 = 127;

/// The tenant of the token that the command gets.
const TENANT: &str = "exec";

#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct ExecOptions {
    #[command(flatten)]
    serve: serve::ServeOptions,
    /// Command and its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

/// Runs the command and returns its exit code; prints the journal if it failed.
pub(super) fn run(options: ExecOptions) -> Result<ExitCode, Failure> {
    let failed = |why| Failure::new(FAILED, why);
    let config = serve::config(options.serve).map_err(failed)?;
    let sandbox = embedded::start(config).map_err(failed)?;
    // before the command runs, so that no early signal leaves it behind
    let forward_signals = catch_signals().map_err(failed)?;
    let (program, arguments) = options.command.split_first().expect("BUG: the command is required");
    let mut child = Command::new(program)
        .args(arguments)
        .env("GENUIN_BASE_URL", sandbox.url())
        .env("GENUIN_TOKEN", format!("gnsb_{TENANT}"))
        .env("GENUIN_API_KEY", format!("gnsb_{TENANT}"))
        .env("GENUIN_API_SECRET", "gnsb-secret")
        .spawn()
        .map_err(|error| {
            let code = match error.kind() {
                std::io::ErrorKind::NotFound => NOT_FOUND,
                _ => NOT_EXECUTABLE,
            };
            Failure::new(code, anyhow!("cannot run {}: {error}", program.display()))
        })?;
    forward_signals(child.id()).map_err(failed)?;
    let status =
        child.wait().map_err(|error| failed(anyhow!("cannot wait for the command: {error}")))?;
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal))
        .unwrap_or(FAILED.into());
    if code != 0 {
        print_journal(&sandbox);
    }
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(FAILED)))
}

/// Catches the signals that would end this process; the result passes them on to the command.
fn catch_signals() -> anyhow::Result<impl FnOnce(u32) -> anyhow::Result<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // installed before this returns, so that no signal is lost
    let guard = runtime.enter();
    let mut signals = [
        (signal(SignalKind::terminate())?, Number::TERM),
        (signal(SignalKind::interrupt())?, Number::INT),
        (signal(SignalKind::hangup())?, Number::HUP),
        (signal(SignalKind::quit())?, Number::QUIT),
    ];
    drop(guard);
    Ok(move |child: u32| {
        let child = i32::try_from(child)
            .ok()
            .and_then(Pid::from_raw)
            .ok_or_else(|| anyhow!("no such process"))?;
        std::thread::Builder::new().name("signals".into()).spawn(move || {
            runtime.block_on(async move {
                let [terminate, interrupt, hangup, quit] = &mut signals;
                loop {
                    let number = tokio::select! {
                        _ = terminate.0.recv() => terminate.1,
                        _ = interrupt.0.recv() => interrupt.1,
                        _ = hangup.0.recv() => hangup.1,
                        _ = quit.0.recv() => quit.1,
                    };
                    // an error says that the command has ended
                    let _ = kill_process(child, number);
                }
            });
        })?;
        Ok(())
    })
}

/// Prints the calls to stderr; stdout belongs to the command.
fn print_journal(sandbox: &RunningSandbox) {
    let mut stderr = std::io::stderr().lock();
    let anonymous = TenantName::anonymous();
    let mut entries = sandbox.all_requests();
    entries.retain(|entry| entry.tenant.as_str() == TENANT || entry.tenant == anonymous);
    let calls = if entries.len() == 1 { "call" } else { "calls" };
    let _ = writeln!(stderr, "the sandbox received {} {calls}", entries.len());
    for entry in entries {
        let _ = writeln!(stderr, "{}", journal::line(&RequestEntry::from(&entry)));
    }
    let _ = stderr.flush();
}
