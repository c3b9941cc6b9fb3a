//! Assigns processes to processors: servers to one, clients to the other.

use std::ffi::OsString;
use std::process::Command;

/// The processor that a process runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cpu {
    /// The first.
    Server,
    /// The second.
    Client,
    /// Any; the kernel chooses.
    Any,
}

/// Whether the machine has at least two processors.
pub fn are_two() -> bool {
    std::thread::available_parallelism().is_ok_and(|count| count.get() >= 2)
}

/// Builds a command that runs there, if there are two; its process id is that of the program itself.
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
