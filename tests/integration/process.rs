//! The binary as a process: its arguments, environment, output and end.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

/// A running `genuin-sandbox serve`.
pub struct Process {
    child: Child,
    pub ready_line: String,
    pub address: SocketAddr,
}

/// How a process ended.
#[derive(Debug)]
pub struct End {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Builds the command, without `GNSB_` variables and run by `tester`.
pub fn command(arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_genuin-sandbox"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GNSB_") {
            command.env_remove(name);
        }
    }
    // the owner of an override
    command.env("USER", "tester").env_remove("LOGNAME");
    let variables: HashMap<_, _> = variables.iter().copied().collect();
    command.args(arguments).envs(variables).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs a command to its end.
pub fn run(arguments: &[&str], variables: &[(&str, &str)]) -> End {
    let output = command(arguments, variables).output().unwrap();
    End {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs a command whose output nobody reads; returns its exit code and stderr.
pub fn run_unread(arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = command(arguments, &[]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = command.stdout(writer).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

impl Process {
    /// Starts on a free port, with a frozen clock and the name `test-1`, and waits for the ready line.
    pub fn start(arguments: &[&str]) -> Self {
        let variables = [
            ("GNSB_LISTEN", "127.0.0.1:0"),
            ("GNSB_CLOCK", crate::harness::EXAMPLE_TIME),
            ("GNSB_INSTANCE", "test-1"),
        ];
        Self::spawn(command(arguments, &variables))
    }

    pub fn spawn(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut ready_line = String::new();
        // one byte at a time, so that nothing after the line is swallowed
        let stdout = child.stdout.as_mut().unwrap();
        while !ready_line.ends_with('\n') {
            let mut byte = [0];
            if stdout.read(&mut byte).unwrap() == 0 {
                let mut stderr = String::new();
                child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
                panic!("not ready: {stderr}");
            }
            ready_line.push(char::from(byte[0]));
        }
        let url = ready_line.split_once("http://").unwrap().1;
        let address = url.split([' ', '"']).next().unwrap().parse().unwrap();
        Self { child, ready_line, address }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by name.
    pub fn signal(&self, name: &str) {
        let signal = match name {
            "TERM" => Signal::TERM,
            "INT" => Signal::INT,
            "HUP" => Signal::HUP,
            "QUIT" => Signal::QUIT,
            "ALRM" => Signal::ALARM,
            "XCPU" => Signal::XCPU,
            "IO" => Signal::IO,
            "KILL" => Signal::KILL,
            other => panic!("no test sends {other}"),
        };
        let id = Pid::from_raw(self.id().try_into().unwrap()).unwrap();
        kill_process(id, signal).unwrap();
    }

    /// Sends SIGTERM and waits for the end.
    pub fn stop(self) -> End {
        self.signal("TERM");
        self.wait()
    }

    pub fn wait(mut self) -> End {
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        let code = self.child.wait().unwrap().code();
        End { code, stdout, stderr }
    }

    /// Closes the reading ends of stdout and stderr.
    pub fn close_output(&mut self) {
        drop((self.child.stdout.take(), self.child.stderr.take()));
    }

    /// Waits without reading the output, and returns the exit code.
    pub fn end_unread(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// Returns the next log line that contains `part`.
    pub fn log_line(&mut self, part: &str) -> String {
        let mut reader = BufReader::with_capacity(1, self.child.stderr.as_mut().unwrap());
        let mut seen = String::new();
        loop {
            let mut line = String::new();
            assert_ne!(
                reader.read_line(&mut line).unwrap(),
                0,
                "no line with {part:?} in:\n{seen}"
            );
            if line.contains(part) {
                return line.trim_end().to_owned();
            }
            seen.push_str(&line);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // an error says that it has ended already
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
