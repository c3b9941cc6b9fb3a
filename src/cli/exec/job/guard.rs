//! A process beside `exec` that ends the command if `exec` is killed, which nothing in `exec` itself can do.
//! It is this program again, and learns of the end by a pipe that the system closes.

use std::env::{args_os, current_exe};
use std::io::{Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};

/// The only argument of the process; nobody else has a use for it.
const ARGUMENT: &str = "exec-guard";

/// The process, which ends with this value.
pub(super) struct Guard(Child);

impl Guard {
    /// Starts the process. Where it cannot be started, `exec` does without.
    pub(super) fn start() -> Option<Self> {
        let mut command = Command::new(current_exe().ok()?);
        command.arg(ARGUMENT).env_clear().stdin(Stdio::piped());
        // it holds no output open, and a signal to the group of `exec` is not meant for it
        command.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        command.spawn().ok().map(Self)
    }

    /// Sends it the group to end.
    pub(super) fn protect(&mut self, group: Pid) {
        if let Some(pipe) = &mut self.0.stdin {
            // an error says that it has gone
            let _ = pipe.write_all(format!("{group}\n").as_bytes());
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // before its pipe is closed; errors say that it has gone
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Does what the process is for if this is it; returns whether it is.
pub(crate) fn run_guard() -> bool {
    let mut arguments = args_os().skip(1);
    if arguments.next().is_none_or(|argument| argument != ARGUMENT) || arguments.next().is_some() {
        return false;
    }
    let mut input = String::new();
    // an error means that there is no group to end
    let _ = std::io::stdin().read_to_string(&mut input);
    if let Some(group) = group_in(&input) {
        // an error says that the command has ended
        let _ = kill_process_group(group, Signal::KILL);
    }
    true
}

/// The group that a whole line names; never that of all processes.
fn group_in(input: &str) -> Option<Pid> {
    let number = input.strip_suffix('\n')?.parse::<u32>().ok().filter(|number| *number > 1)?;
    Pid::from_raw(i32::try_from(number).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_line_with_the_number_of_a_group_names_one() {
        assert_eq!(group_in("4368\n").map(Pid::as_raw_pid), Some(4368));
        for other in
            ["", "\n", "4368", "0\n", "1\n", "-1\n", "-4368\n", "4294967295\n", "4 3\n", "x\n"]
        {
            assert_eq!(group_in(other), None, "{other:?}");
        }
    }
}
