//! A running command and what it shares with this process: signals, stops and the terminal. Knows nothing
//! of the sandbox.

#[cfg(unix)]
mod guard;
#[cfg(unix)]
mod spawn;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(in crate::cli) use guard::run_guard;
#[cfg(unix)]
pub(super) use unix::{CaughtSignals, exit_code};
#[cfg(windows)]
pub(super) use windows::{CaughtSignals, exit_code};
