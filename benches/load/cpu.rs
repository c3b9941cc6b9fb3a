//! Which processor a process runs on: servers on one, whoever asks them on the other.

use std::ffi::OsString;
use std::process::Command;

/// Where a process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cpu {
    /// On the first.
    Server,
    /// On the second.
    Client,
    /// Where the kernel puts it.
    Any,
}

/// Whether there are two to tell apart.
pub fn are_two() -> bool {
    std::thread::available_parallelism().is_ok_and(|count| count.get() >= 2)
}

/// A command that runs there, if there are two; its process id is that of the program itself.
pub fn command(cpu: Cpu, words: &[OsString]) -> Command {
    let number = match cpu {
        Cpu::Server => "0",
        Cpu::Client => "1",
        Cpu::Any => "",
    };
    let pin = ["taskset", "-c", number].map(OsString::from);
    let pinned = cpu != Cpu::Any && are_two();
    let mut words = pin.iter().filter(|_| pinned).chain(words);
    let mut command = Command::new(words.next().expect("BUG: a command has a program"));
    command.args(words);
    command
}
