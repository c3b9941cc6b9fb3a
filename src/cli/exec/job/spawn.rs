//! Starts a command that holds back fewer signals than this process.

use std::collections::BTreeMap;
use std::ffi::{CString, OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::process::Command;

use nix::spawn::{PosixSpawnAttr, PosixSpawnFileActions, PosixSpawnFlags, posix_spawnp};
use nix::sys::signal::{SigSet, Signal};
use nix::unistd::Pid;

/// Starts a command in a process group of its own, with `freed` not held back, and returns its id.
///
/// The standard library gives a command the signals that its thread holds back. To let one go for that long
/// would mean that it meets this process as if nothing were there to pass it on.
pub(super) fn spawn(command: &Command, freed: Signal) -> io::Result<i32> {
    let mut held_back = SigSet::thread_get_mask()?;
    held_back.remove(freed);
    let mut attributes = PosixSpawnAttr::init()?;
    attributes.set_flags(
        PosixSpawnFlags::POSIX_SPAWN_SETPGROUP
            | PosixSpawnFlags::POSIX_SPAWN_SETSIGMASK
            | PosixSpawnFlags::POSIX_SPAWN_SETSIGDEF,
    )?;
    // 0 is that of the command itself
    attributes.set_pgroup(Pid::from_raw(0))?;
    attributes.set_sigmask(&held_back)?;
    // Rust programs ignore it, others expect to be ended by it
    attributes.set_sigdefault(&SigSet::from_iter([Signal::SIGPIPE]))?;
    let program = text(command.get_program())?;
    let arguments = std::iter::once(command.get_program()).chain(command.get_args());
    let arguments = arguments.map(text).collect::<io::Result<Vec<_>>>()?;
    let variables = environment(command)?;
    let actions = PosixSpawnFileActions::init()?;
    Ok(posix_spawnp(&program, &actions, &attributes, &arguments, &variables)?.as_raw())
}

/// The variables of this process, changed as the command says.
fn environment(command: &Command) -> io::Result<Vec<CString>> {
    let mut variables = BTreeMap::<OsString, OsString>::new();
    variables.extend(std::env::vars_os());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => drop(variables.insert(name.to_owned(), value.to_owned())),
            None => drop(variables.remove(name)),
        }
    }
    let pair = |(name, value): (OsString, OsString)| text(&[name, value].join(OsStr::new("=")));
    variables.into_iter().map(pair).collect()
}

fn text(text: &OsStr) -> io::Result<CString> {
    Ok(CString::new(text.as_bytes())?)
}
