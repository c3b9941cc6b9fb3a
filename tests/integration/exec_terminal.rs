//! `exec` at a terminal: who reads from it, and whom its keys reach.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

const CTRL_C: &str = "\x03";
const CTRL_Z: &str = "\x1a";

/// A shell whose terminal is ours, killed when dropped.
struct Terminal {
    keys_and_screen: File,
    seen: String,
    shell: Child,
}

impl Terminal {
    /// Runs a bash script in a session of its own; `$exec` in it is `genuin-sandbox exec`.
    fn run(script: &str) -> Self {
        let terminal =
            openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&terminal).unwrap();
        unlockpt(&terminal).unwrap();
        let name = ptsname(&terminal, Vec::new()).unwrap().into_string().unwrap();
        let exec = concat!("exec=\"", env!("CARGO_BIN_EXE_genuin-sandbox"), " exec\"\n");
        // the first terminal that the leader of a session opens becomes that of the session
        let script = format!("exec <>\"$0\" >&0 2>&0\n{exec}{script}");
        let mut shell = Command::new("setsid");
        shell.args(["bash", "-c", &script, &name]).stdin(Stdio::null());
        Self {
            keys_and_screen: terminal.into(),
            seen: String::new(),
            shell: shell.spawn().unwrap(),
        }
    }

    /// Reads until the screen shows this, and forgets it.
    fn wait_for(&mut self, text: &str) {
        while !self.seen.contains(text) {
            let mut bytes = [0; 1024];
            let length = self.keys_and_screen.read(&mut bytes).unwrap_or(0);
            assert_ne!(length, 0, "no {text:?} in {:?}", self.seen);
            self.seen.push_str(&String::from_utf8_lossy(&bytes[..length]));
        }
        let (_, rest) = self.seen.split_once(text).unwrap();
        self.seen = rest.to_owned();
    }

    fn press(&mut self, keys: &str) {
        self.keys_and_screen.write_all(keys.as_bytes()).unwrap();
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // an error says that it has ended already
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}

#[test]
fn the_command_reads_from_the_terminal_which_is_given_back_at_the_end() {
    let mut terminal = Terminal::run(
        "$exec -- bash -c 'echo ask; read -r word; echo \"the command read $word\"; exit 3'\n\
         echo \"ended with $?\"; read -r word; echo \"the shell read $word\"",
    );
    terminal.wait_for("ask");
    terminal.press("one\n");
    terminal.wait_for("the command read one");
    terminal.wait_for("ended with 3");
    terminal.press("two\n");
    terminal.wait_for("the shell read two");
}

#[test]
fn ctrl_c_reaches_the_command_once() {
    let mut terminal = Terminal::run(
        "trap : INT QUIT\n\
         $exec -- bash -c 'trap \"n=\\$((n + 1)); echo got one\" INT; trap \"exit \\$n\" QUIT\n\
         echo ready; while :; do sleep 0.01; done'\n\
         echo \"ended with $?\"",
    );
    terminal.wait_for("ready");
    terminal.press(CTRL_C);
    terminal.wait_for("got one");
    // Ctrl-\
    terminal.press("\x1c");
    terminal.wait_for("ended with 1");
}

#[test]
fn ctrl_z_stops_it_with_the_command_and_fg_continues_both() {
    let mut terminal = Terminal::run(
        "set -m\n\
         $exec -- bash -c 'echo ready; read -r word; echo \"the command read $word\"'\n\
         echo \"stopped with $?\"; read -r word; echo \"the shell read $word\"\n\
         fg; echo \"ended with $?\"",
    );
    terminal.wait_for("ready");
    terminal.press(CTRL_Z);
    // 128 + SIGTSTP
    terminal.wait_for("stopped with 148");
    terminal.press("one\n");
    terminal.wait_for("the shell read one");
    terminal.press("two\n");
    terminal.wait_for("the command read two");
    terminal.wait_for("ended with 0");
}

#[test]
fn a_command_in_the_background_that_asks_for_the_terminal_waits_for_fg() {
    let mut terminal = Terminal::run(
        "set -m\n\
         $exec -- bash -c 'read -r word; echo \"the command read $word\"' &\n\
         until jobs -s | grep -q .; do sleep 0.01; done; echo asks; fg",
    );
    terminal.wait_for("asks");
    terminal.press("one\n");
    terminal.wait_for("the command read one");
}
