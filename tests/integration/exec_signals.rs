//! Signals to `exec` and to its command.

use std::time::Duration;

use crate::process::{Process, command, run};
use crate::scenarios::wait_until;

/// A shell script that ends with this code on the signal, and prints a line once it handles it.
fn trapping(signal: &str, code: u8) -> String {
    format!(
        "sleep 20 >/dev/null 2>&1 & trap 'kill $! 2>/dev/null; exit {code}' {signal}; \
         echo \"listening at $GENUIN_BASE_URL \"; wait"
    )
}

#[test]
fn signals_are_passed_on_to_the_command() {
    for (signal, code) in [
        ("TERM", 9),
        ("INT", 10),
        ("HUP", 11),
        ("QUIT", 12),
        ("ALRM", 13),
        ("XCPU", 14),
        ("IO", 15),
    ] {
        let script = trapping(signal, code);
        let process = Process::spawn(command(&["exec", "--", "sh", "-c", &script], &[]));
        process.signal(signal);
        let end = process.wait();
        let expected = (Some(i32::from(code)), "", "the sandbox received 0 calls\n");
        assert_eq!((end.code, end.stdout.as_str(), end.stderr.as_str()), expected, "{signal}");
    }
}

#[test]
fn a_signal_that_is_ignored_from_the_start_is_ignored_by_the_command_too() {
    let program = env!("CARGO_BIN_EXE_genuin-sandbox");
    for signal in ["HUP", "INT", "QUIT"] {
        // as nohup and a shell's background job start it
        let script = format!(
            "trap '' {signal}; {program} exec -- sh -c 'kill -{signal} $$ $PPID; echo survived'"
        );
        let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert_eq!((output.status.code(), &*stdout), (Some(0), "survived\n"), "{signal}");
    }
}

/// Counts the signals that it gets until it gets SIGTERM, and ends with their number.
const COUNTING: &str = "n=0; trap 'n=$((n + 1)); echo got one' INT HUP QUIT USR1; trap 'exit $n' TERM; \
    echo \"listening at $GENUIN_BASE_URL \"; while :; do sleep 0.01; done";

#[test]
fn a_signal_to_the_process_or_to_its_group_reaches_the_command_once() {
    use rustix::process::{Pid, Signal, kill_process, kill_process_group};
    use std::io::{BufRead as _, BufReader};
    use std::os::unix::process::CommandExt as _;
    for signal in [Signal::INT, Signal::HUP, Signal::QUIT, Signal::USR1] {
        for kill in [kill_process, kill_process_group] {
            let mut exec = command(&["exec", "--", "bash", "-c", COUNTING], &[]);
            let mut child = exec.process_group(0).spawn().unwrap();
            let id = Pid::from_raw(child.id().try_into().unwrap()).unwrap();
            let mut lines =
                BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
            assert!(lines.next().unwrap().starts_with("listening at "));
            kill(id, signal).unwrap();
            assert_eq!(lines.next().as_deref(), Some("got one"));
            // passed on after the first one, so that a second delivery would be counted before
            kill_process(id, Signal::TERM).unwrap();
            assert_eq!(lines.next(), None, "{signal:?}");
            assert_eq!(child.wait().unwrap().code(), Some(1), "{signal:?}");
        }
    }
}

/// The state of a process, such as `S` for asleep and `T` for stopped.
fn state(process: &str) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

#[test]
fn a_command_does_not_outlive_an_exec_that_is_killed() {
    // neither does what it has started, though both ignore what can be ignored
    let script = "trap '' TERM INT HUP; sleep 60 >/dev/null 2>&1 & \
                  echo \"listening at $GENUIN_BASE_URL $$ $!\"; wait";
    let process = Process::spawn(command(&["exec", "--", "sh", "-c", script], &[]));
    let job: Vec<_> = process.ready_line.split_whitespace().skip(3).collect();
    assert!(job.len() == 2 && job.iter().all(|one| state(one).is_some()), "{job:?}");
    process.signal("KILL");
    // a zombie is one that its new parent has yet to notice
    let has_ended = |one: &&str| matches!(state(one), None | Some('Z' | 'X'));
    wait_until("all have ended", Duration::from_secs(20), || job.iter().all(has_ended));
}

#[test]
fn what_a_command_leaves_behind_stays_and_nothing_else_does() {
    let script = "sleep 60 >/dev/null 2>&1 & echo $!; \
                  grep -ls \"^PPid:.$PPID$\" /proc/[0-9]*/status | tr -d a-z/; true";
    let end = run(&["exec", "--", "sh", "-c", script], &[]);
    let (left, children) = end.stdout.split_once('\n').unwrap();
    assert!(state(left).is_some_and(|state| state != 'Z'), "{end:?}");
    let left_id = rustix::process::Pid::from_raw(left.parse().unwrap()).unwrap();
    rustix::process::kill_process(left_id, rustix::process::Signal::KILL).unwrap();
    let children: Vec<_> = children.split_whitespace().collect();
    assert_eq!(children.len(), 2, "the command, and the process beside it: {end:?}");
    assert!(children.iter().all(|child| state(child).is_none()), "{children:?}");
}

#[test]
fn it_stops_and_continues_with_the_command() {
    use rustix::process::{Pid, Signal, kill_process};
    use std::io::{BufRead as _, BufReader};
    use std::os::unix::process::CommandExt as _;
    let script = "trap 'exit 5' TERM; echo $$; while :; do sleep 0.01; done";
    // often, since the first signal may come before the command's start has returned
    for _ in 0..10 {
        let mut exec = command(&["exec", "--", "bash", "-c", script], &[]);
        // a group of its own that is not orphaned, as a shell with job control makes it
        let mut child = exec.process_group(0).spawn().unwrap();
        let id = Pid::from_raw(child.id().try_into().unwrap()).unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let (exec, command) = (child.id().to_string(), lines.next().unwrap());
        for _ in 0..3 {
            kill_process(id, Signal::TSTP).unwrap();
            let stopped = || [&exec, &command].iter().all(|process| state(process) == Some('T'));
            wait_until("both stop", Duration::from_secs(10), stopped);
            kill_process(id, Signal::CONT).unwrap();
            let running = || [&exec, &command].iter().all(|process| state(process) != Some('T'));
            wait_until("both go on", Duration::from_secs(10), running);
        }
        kill_process(id, Signal::TERM).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(5));
    }
}

#[test]
fn a_signal_just_after_the_start_is_not_lost() {
    // the command outlives its signal by a second at most, should nobody pass it on
    let script = "trap 'exit 9' TERM; kill -TERM $PPID; sleep 1 >/dev/null 2>&1 & wait";
    for round in 0..20 {
        let end = run(&["exec", "--", "sh", "-c", script], &[]);
        assert_eq!((end.code, end.stdout.as_str()), (Some(9), ""), "{round}: {}", end.stderr);
    }
}

#[test]
fn a_command_without_a_handler_is_killed_by_the_signal() {
    let script = "echo \"listening at $GENUIN_BASE_URL \"; exec sleep 20";
    let process = Process::spawn(command(&["exec", "--", "sh", "-c", script], &[]));
    process.signal("TERM");
    assert_eq!(process.wait().code, Some(143));
}

#[test]
fn a_command_can_end_with_code_0_after_a_signal() {
    let script = trapping("TERM", 0);
    let process = Process::spawn(command(&["exec", "--", "sh", "-c", &script], &[]));
    process.signal("TERM");
    let end = process.wait();
    assert_eq!((end.code, end.stdout.as_str(), end.stderr.as_str()), (Some(0), "", ""));
}
