//! The commands `report` and `checklist`.

use super::{Client, group};
use crate::process::{End, Process, run};

fn run_on(process: &Process, arguments: &[&str]) -> End {
    let url = format!("http://{}", process.address);
    run(arguments, &[("GNSB_URL", &url)])
}

/// A server with a tenant that has something to fix and one that has something to look at.
fn start() -> Process {
    let process = Process::start(&[]);
    let (fix, look) = (Client::new(process.address, "demo"), Client::new(process.address, "look"));
    for _ in 0..2 {
        assert_eq!(fix.status("5026", &group("x")), 500);
    }
    assert_eq!(look.status("503", &group("x")), 503);
    process
}

const FIX: &str = "\
fix   retried-permanent: demo/1, demo/2
      the same request was sent again once after video-not-found (500)
      do not repeat a request after 400, 401, 404, 412 or a 500 with the code \"5026\": read the code besides the status, and change the request first
";
const LOOK: &str = "\
look  gave-up-on-transient: look/1
      never tried again after unavailable (503)
      try again after 429, 502, 503, 504 and broken connections, after a while and a few times
";

#[test]
fn a_report_is_printed_and_decides_the_exit_code() {
    let process = start();
    let one = format!("{FIX}2 calls in 1 operation of 1 tenant: 1 to fix, 0 to look at\n");
    let all = format!("{FIX}{LOOK}3 calls in 2 operations of 2 tenants: 1 to fix, 1 to look at\n");
    let look = format!("{LOOK}1 call in 1 operation of 1 tenant: 0 to fix, 1 to look at\n");
    let ignored = look.replace(
        "try again after 429, 502, 503, 504 and broken connections, after a while and a few times",
        "ignored: an outage",
    );
    let ignored = ignored.replace("1 to look at", "0 to look at, 1 ignored");
    for (arguments, code, stdout) in [
        (&[][..], 1, one.as_str()),
        (&["--all"], 1, &all),
        (&["--fail-on", "never"], 0, &one),
        (&["--tenant", "look"], 0, &look),
        (&["--tenant", "look", "--fail-on", "look"], 1, &look),
        (
            &[
                "--tenant",
                "look",
                "--fail-on",
                "look",
                "--ignore",
                "gave-up-on-transient:look=an outage",
            ],
            0,
            &ignored,
        ),
    ] {
        let end = run_on(&process, &[&["report"], arguments].concat());
        let expected = (Some(code), stdout, "");
        assert_eq!((end.code, end.stdout.as_str(), end.stderr.as_str()), expected, "{arguments:?}");
    }
}

#[test]
fn every_format_is_printed() {
    let process = start();
    for (format, start) in [
        ("json", "{\n  \"calls\": 2,"),
        ("junit", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"),
        ("markdown", "## What the sandbox saw of the client\n"),
    ] {
        let end = run_on(&process, &["report", "--format", format]);
        assert_eq!((end.code, end.stderr.as_str()), (Some(1), ""));
        assert!(end.stdout.starts_with(start), "{}", end.stdout);
        let end = run_on(&process, &["checklist", "--format", format]);
        assert_eq!((end.code, end.stderr.as_str()), (Some(1), ""), "5026 was tried again");
    }
    let json = run_on(&process, &["report", "--json"]);
    assert_eq!(json.stdout, run_on(&process, &["report", "--format", "json"]).stdout);
}

#[test]
fn a_checklist_says_what_is_shown_and_how_to_try_the_rest() {
    let process = start();
    let end = run_on(&process, &["checklist", "--tenant", "look"]);
    let expected = "\
not tried  5026-not-retried                try: genuin-sandbox override set 5026 --hits 1 --tenant look
not tried  400-not-retried                 try: genuin-sandbox override set 400 --hits 1 --tenant look
not tried  no-duplicate-after-lost-answer  try: genuin-sandbox override set reset/after-commit --hits 1 --tenant look
not tried  survives-500                    try: genuin-sandbox override set 500 --hits 1 --tenant look
not tried  waits-retry-after               try: genuin-sandbox override set 429 --hits 1 --tenant look
not tried  logs-in-again-after-401         try: genuin-sandbox override set 401 --hits 1 --tenant look
not tried  times-out-on-hang               try: genuin-sandbox override set hang --hits 1 --tenant look
not tried  survives-reset                  try: genuin-sandbox override set reset --hits 1 --tenant look
not tried  backs-off                       try: genuin-sandbox override set 503 --hits 2 --tenant look
0 passed, 0 failed, 9 not tried
";
    assert_eq!((end.code, end.stdout.as_str(), end.stderr.as_str()), (Some(0), expected, ""));
    let end = run_on(&process, &["checklist"]);
    assert_eq!(end.code, Some(1));
    assert!(end.stdout.starts_with("failed     5026-not-retried                demo/1, demo/2\n"));
}

#[test]
fn the_commands_that_try_an_item_are_right() {
    let process = start();
    let end = run_on(&process, &["checklist", "--tenant", "look"]);
    for line in end.stdout.lines().filter_map(|line| line.split_once("try: genuin-sandbox ")) {
        let command: Vec<_> = line.1.split(' ').collect();
        let set = run_on(&process, &command);
        assert_eq!((set.code, set.stderr.as_str()), (Some(0), ""), "{line:?}");
        assert!(set.stdout.contains("for look: "), "{}", set.stdout);
        run_on(&process, &["override", "clear", "--tenant", "look"]);
    }
}

#[test]
fn wrong_options_are_refused_before_anything_is_asked() {
    for (arguments, why) in [
        (&["--ignore", "no-bakoff=x"][..], "did you mean \"no-backoff\"?"),
        (&["--ignore", "no-backoff"], "the reason is missing; write RULE=REASON"),
        (
            &["--format", "xml"],
            "--format: unknown value \"xml\" (known: text, json, junit, markdown)",
        ),
        (&["--fail-on", "warn"], "--fail-on: unknown value \"warn\" (known: fix, look, never)"),
        (&["--format", "text", "--json"], "cannot be used with"),
    ] {
        let end = run(&[&["report"], arguments].concat(), &[]);
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""));
        assert!(end.stderr.contains(why), "{}", end.stderr);
    }
}
