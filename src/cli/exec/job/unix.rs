//! A command in a process group of its own: its signals, its stops and the terminal.
//!
//! A group of its own makes a signal reach the command once, whether it was sent to this process, to
//! its whole group, or typed at the terminal, which then belongs to the command's group.

use std::fs::File;
use std::future::poll_fn;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use anyhow::{Context as _, anyhow};
use nix::sys::signal::{SigSet, Signal, raise};
use rustix::io::Errno;
use rustix::process::{
    Pid, Signal as Number, WaitOptions, WaitStatus, getpgrp, kill_process_group, waitpid,
};
use rustix::termios::{tcgetpgrp, tcsetpgrp};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use super::guard::Guard;
use super::spawn::spawn;

/// What ends this process once the command has ended.
const ENDING: [Number; 4] = [Number::HUP, Number::INT, Number::QUIT, Number::TERM];

/// What is passed on besides: all that would end this process and leave the command behind. SIGTSTP is
/// too, but not caught: it stops this process when the command has stopped.
const OTHERS: &[Number] = &[
    Number::USR1,
    Number::USR2,
    Number::WINCH,
    Number::ALARM,
    Number::VTALARM,
    Number::PROF,
    Number::IO,
    #[cfg(target_os = "linux")]
    Number::POWER,
    Number::XCPU,
    Number::XFSZ,
];

/// The signals that are passed on, caught from now on.
pub(in crate::cli::exec) struct CaughtSignals {
    runtime: Runtime,
    signals: Vec<(tokio::signal::unix::Signal, Number)>,
}

impl CaughtSignals {
    /// Catches them, so that none is lost and none ends this process.
    pub(in crate::cli::exec) fn catch() -> anyhow::Result<Self> {
        // on this thread and those that it starts from now on
        stop_signal().thread_block().context("cannot hold signals back")?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let guard = runtime.enter();
        let ignored = ignored_signals();
        // what is ignored, as SIGHUP below nohup, the command ignores too unless it is caught here
        let signals = ENDING
            .into_iter()
            .chain(OTHERS.iter().copied())
            .filter(|number| ignored >> (number.as_raw() - 1) & 1 == 0)
            .map(|number| Ok((signal(SignalKind::from_raw(number.as_raw()))?, number)));
        let signals = signals.collect::<std::io::Result<_>>().context("cannot catch signals")?;
        drop(guard);
        Ok(Self { runtime, signals })
    }

    /// Starts the command and passes the signals on to it, those caught before first.
    pub(in crate::cli::exec) fn start(self, command: &mut Command) -> std::io::Result<Job> {
        // first, so that the command is left alone for as short as can be
        let mut guard = Guard::start();
        let group = Pid::from_raw(spawn(command, Signal::SIGTSTP)?);
        let group = group.ok_or(std::io::ErrorKind::InvalidData)?;
        if let Some(guard) = &mut guard {
            guard.protect(group);
        }
        let job = Job {
            group,
            _guard: guard,
            terminal: File::open("/dev/tty").ok(),
            has_ended: Arc::default(),
        };
        job.give_terminal();
        job.forward(self)?;
        Ok(job)
    }

    /// Waits for the next one.
    async fn next(signals: &mut [(tokio::signal::unix::Signal, Number)]) -> Number {
        poll_fn(|context| {
            let caught = signals.iter_mut().find_map(|(signal, number)| {
                signal.poll_recv(context).is_ready().then_some(*number)
            });
            caught.map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}

/// The signals that this process was started to ignore: a bit for each, from 1. They are known on Linux
/// only; elsewhere none counts as ignored.
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}

/// The signal that Ctrl-Z sends.
fn stop_signal() -> SigSet {
    SigSet::from_iter([Signal::SIGTSTP])
}

/// A running command and all that it starts.
pub(in crate::cli::exec) struct Job {
    group: Pid,
    _guard: Option<Guard>,
    /// The terminal of this process, if it has one.
    terminal: Option<File>,
    has_ended: Arc<AtomicBool>,
}

impl Job {
    /// Waits for the command's end, stops with it and continues it.
    pub(in crate::cli::exec) fn wait(self) -> anyhow::Result<ExitStatus> {
        loop {
            let status = match waitpid(Some(self.group), WaitOptions::UNTRACED) {
                Ok(Some((_, status))) => status,
                Ok(None) | Err(Errno::INTR) => continue,
                Err(error) => return Err(anyhow!("cannot wait for the command: {error}")),
            };
            if status.stopped() {
                self.follow_stop(status)?;
                continue;
            }
            self.has_ended.store(true, Ordering::SeqCst);
            self.take_terminal_back();
            return Ok(exit_status(status));
        }
    }

    /// Passes signals on, from threads of its own.
    fn forward(&self, caught: CaughtSignals) -> std::io::Result<()> {
        let CaughtSignals { runtime, mut signals } = caught;
        let (group, has_ended) = (self.group, Arc::clone(&self.has_ended));
        let spawn = |forward| std::thread::Builder::new().name("signals".into()).spawn(forward);
        let forward: Box<dyn FnOnce() + Send> = Box::new(move || {
            loop {
                let number = runtime.block_on(CaughtSignals::next(&mut signals));
                if !has_ended.load(Ordering::SeqCst) {
                    // an error says that the command has just ended
                    let _ = kill_process_group(group, number);
                } else if ENDING.contains(&number) {
                    std::process::exit(128 + number.as_raw());
                }
            }
        });
        spawn(forward)?;
        let has_ended = Arc::clone(&self.has_ended);
        let forward_stop: Box<dyn FnOnce() + Send> = Box::new(move || {
            while stop_signal().wait().is_ok() && !has_ended.load(Ordering::SeqCst) {
                let _ = kill_process_group(group, Number::TSTP);
            }
        });
        spawn(forward_stop).map(drop)
    }

    /// Stops this process as the command was stopped, and continues the command when it goes on.
    fn follow_stop(&self, status: WaitStatus) -> anyhow::Result<()> {
        let signal = status.stopping_signal();
        let wants_terminal = [Signal::SIGTTIN, Signal::SIGTTOU]
            .into_iter()
            .any(|number| signal == Some(number as i32));
        // it can have asked before it was given the terminal, and so can this process
        let can_have_it =
            self.foreground().is_some_and(|group| group == self.group || group == getpgrp());
        if !(wants_terminal && can_have_it) {
            self.take_terminal_back();
            // the kernel passes it over where no shell could continue this process
            stop_signal()
                .thread_unblock()
                .and_then(|()| raise(Signal::SIGTSTP))
                .and_then(|()| stop_signal().thread_block())
                .context("cannot stop with the command")?;
        }
        self.give_terminal();
        // an error says that the command has ended
        let _ = kill_process_group(self.group, Number::CONT);
        Ok(())
    }

    /// The group that the terminal belongs to.
    fn foreground(&self) -> Option<Pid> {
        tcgetpgrp(self.terminal.as_ref()?).ok()
    }

    fn give_terminal(&self) {
        self.move_terminal(getpgrp(), self.group);
    }

    fn take_terminal_back(&self) {
        self.move_terminal(self.group, getpgrp());
    }

    fn move_terminal(&self, from: Pid, to: Pid) {
        if let Some(terminal) = &self.terminal
            && self.foreground() == Some(from)
        {
            // a process in the background is stopped for this unless it holds the signal back
            let background = SigSet::from_iter([Signal::SIGTTOU]);
            if background.thread_block().is_ok() {
                // an error says that the terminal or the group has gone
                let _ = tcsetpgrp(terminal, to);
                let _ = background.thread_unblock();
            }
        }
    }
}

/// The exit code, or 128 and the number of the signal that ended the command.
pub(in crate::cli::exec) fn exit_code(status: ExitStatus) -> Option<i32> {
    status.code().or_else(|| status.signal().map(|signal| 128 + signal))
}

/// The status in the standard library's type.
fn exit_status(status: WaitStatus) -> ExitStatus {
    ExitStatus::from_raw(status.as_raw())
}
