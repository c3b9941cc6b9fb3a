//! `requests`: prints, filters and follows the journal.

use std::io::{BufRead as _, BufReader};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value, json};

use super::{call, call_as, printed, printed_json, url};
use crate::process::{Process, command};
use crate::scenarios::Call;

#[test]
fn each_request_is_a_line_with_its_findings_below() {
    let process = Process::start(&[]);
    assert_eq!(printed(&process, &["requests"]).lines().next(), Some("(no calls)"));
    call(&process);
    Call::new().header("reset-me").send_to(process.address);
    Call::new().header("500/after-commit").send_to(process.address);
    Call::new().with("/type", json!("4")).send_to(process.address);
    let (time, call) = ("2024-09-24T09:13:31.000Z", "POST /api/thirdparty/group/create");
    let text = printed(&process, &["requests"]);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], format!("demo/1    {time} 200 ok                   {call}"));
    assert!(
        lines[1].starts_with(&format!("demo/2    {time} 501 unknown-scenario     {call}")),
        "{text}"
    );
    let forced = lines.iter().find(|line| line.contains(" 500 server-error ")).unwrap();
    assert!(
        forced.starts_with(&format!("demo/3    {time} 500 server-error         {call} (rule ")),
        "{forced}"
    );
    assert!(
        forced.ends_with(" of 500/after-commit, chosen by header; the change was made)"),
        "{forced}"
    );
    let refused =
        "        error: /type must be the integer 4, not the string \"4\"; send it without quotes";
    let last = [format!("demo/4    {time} 400 bad-request          {call}"), refused.to_owned()];
    let [.., third, second, cursor] = &lines[..] else { panic!("{text}") };
    assert_eq!([*third, *second], last);
    assert!(cursor.starts_with("(later calls: --since "), "{cursor}");
}

#[test]
fn requests_are_filtered() {
    let process = Process::start(&[]);
    call(&process);
    Call::new().with("/type", json!(1)).send_to(process.address);
    let page = printed_json(&process, &["requests"]);
    let cursor = page["next"].as_str().unwrap();
    call_as(&process, "gnsb_other");
    Call::new().header("500").send_to(process.address);
    Call::new().token("nobody").send_to(process.address);
    let cases: [(&[&str], &[&str]); 11] = [
        (&[], &["demo/1", "demo/2", "demo/3"]),
        (&["--tenant", "other"], &["other/1"]),
        (&["--tenant", "anonymous"], &["anonymous/1"]),
        (&["--all"], &["demo/1", "demo/2", "other/1", "demo/3", "anonymous/1"]),
        (&["--all", "--last", "2"], &["demo/3", "anonymous/1"]),
        (&["--outcome", "bad-request"], &["demo/2"]),
        (&["--outcome", "500"], &["demo/3"]),
        (&["--status", "200"], &["demo/1"]),
        (&["--since", cursor], &["demo/3"]),
        (&["--since", "17"], &["demo/1", "demo/2", "demo/3"]),
        (&["--last", "1", "--status", "400"], &["demo/2"]),
    ];
    for (filters, expected) in cases {
        let page = printed_json(&process, &[&["requests"], filters].concat());
        let entries = page["requests"].as_array().unwrap();
        let ids: Vec<_> = entries.iter().map(|entry| entry["id"].as_str().unwrap()).collect();
        assert_eq!(ids, expected, "{filters:?}");
        let text = printed(&process, &[&["requests"], filters].concat());
        let calls = text.lines().filter(|line| line.contains(" POST "));
        let calls: Vec<_> = calls
            .map(|line| line.split(' ').next().unwrap())
            .filter(|address| !address.is_empty())
            .collect();
        assert_eq!(calls, expected, "{filters:?}\n{text}");
    }
}

#[test]
fn the_newest_twenty_are_shown_unless_more_are_asked_for() {
    let process = Process::start(&[]);
    let cursor = printed_json(&process, &["requests"])["next"].as_str().unwrap().to_owned();
    for _ in 0..30 {
        call(&process);
    }
    let shown = |arguments: &[&str]| {
        let page = printed_json(&process, &[&["requests"], arguments].concat());
        let seqs = page["requests"].as_array().unwrap().iter();
        seqs.map(|entry| entry["seq"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(shown(&[]), (11..=30).collect::<Vec<_>>());
    assert_eq!(shown(&["--last", "25"]), (6..=30).collect::<Vec<_>>());
    assert_eq!(shown(&["--since", &cursor]), (1..=30).collect::<Vec<_>>());
    assert_eq!(shown(&["--since", &cursor, "--last", "2"]), [29, 30]);
}

#[test]
fn calls_that_are_not_shown_are_counted() {
    let process = Process::start(&[]);
    let note = |arguments: &[&str]| {
        let text = printed(&process, &[&["requests"], arguments].concat());
        let notes: Vec<_> = text.lines().filter(|line| line.contains("left out")).collect();
        assert!(notes.len() <= 1, "{text}");
        notes.first().map(|note| (*note).to_owned())
    };
    let counted = |count: &str| Some(format!("({count} left out; --last N shows more)"));
    let mut connection = crate::scenarios::Kept::open(process.address);
    let mut call = |token: &str, times: usize| {
        for _ in 0..times {
            connection.call(&Call::new().token(token).bytes(&[]));
        }
    };
    assert_eq!(note(&[]), None, "there is none");
    call("gnsb_demo", 20);
    assert_eq!(note(&[]), None, "all are shown");
    call("gnsb_demo", 1);
    assert_eq!(note(&[]), counted("1 older call is"));
    call("gnsb_demo", 9);
    assert_eq!(note(&[]), counted("10 older calls are"));
    assert_eq!(note(&["--last", "30"]), None);
    assert_eq!(note(&["--last", "1"]), None, "as was asked for");
    let as_comment = counted("10 older calls are").map(|note| format!("# {note}"));
    assert_eq!(note(&["--curl"]), as_comment);
    let text = printed(&process, &["requests"]);
    let [.., note_line, cursor] = &text.lines().collect::<Vec<_>>()[..] else { panic!("{text}") };
    assert!(note_line.contains("10 older") && cursor.starts_with("(later calls: "), "{text}");
    call("gnsb_other.401", 150);
    call("gnsb_demo", 1);
    assert_eq!(note(&[]), counted("11 older calls are"));
    assert_eq!(note(&["--all"]), counted("161 older calls are"));
    assert_eq!(note(&["--all", "--status", "401"]), counted("130 older calls are"));
    assert_eq!(note(&["--all", "--text", "unauthorized"]), counted("130 older calls are"));
    let page = printed_json(&process, &["requests"]);
    assert_eq!(page["requests"].as_array().unwrap().len(), 20);
    let keys: Vec<_> = page.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["requests", "next", "dropped"], "programs count for themselves");
    call("gnsb_demo", 1000);
    let many = "(more than 1000 older calls are left out; --har FILE writes all)";
    assert_eq!(note(&[]).as_deref(), Some(many));
    printed(&process, &["reset"]);
    call("gnsb_demo", 22);
    assert_eq!(note(&[]), counted("2 older calls are"), "their numbers go on");
}

/// A `requests --follow`, killed when dropped.
struct Following {
    child: std::process::Child,
    lines: mpsc::Receiver<String>,
}

impl Following {
    fn start(process: &Process, arguments: &[&str]) -> Self {
        let url = url(process);
        let all = [&["requests", "--follow", "--url", url.as_str()], arguments].concat();
        let mut child = command(&all, &[]).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self { child, lines }
    }

    fn line(&self) -> Option<String> {
        self.lines.recv_timeout(Duration::from_secs(5)).ok()
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        // an error says that it has ended already
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn following_prints_past_and_new_calls() {
    let process = Process::start(&[]);
    call(&process);
    let following = Following::start(&process, &["--json", "--status", "200"]);
    let entry = |line: String| serde_json::from_str::<Value>(&line).unwrap();
    assert_eq!(entry(following.line().unwrap())["id"], "demo/1");
    // both come at once, and only one of them is asked for
    call_as(&process, "gnsb_demo.401");
    call(&process);
    assert_eq!(following.line().map(entry).map(|entry| entry["id"].clone()), Some(json!("demo/3")));
}

#[test]
fn following_prints_what_has_a_text_or_is_of_a_trace_and_no_switches() {
    let process = Process::start(&[]);
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let wanted = || {
        let header = format!("traceparent: 00-{trace}-b7ad6b7169203331-01");
        let call = Call::new().bytes(&[&header, "User-Agent: okhttp/4", "Connection: close"]);
        crate::harness::raw(process.address, &call);
    };
    wanted();
    let following = [
        Following::start(&process, &["--text", "OKHTTP"]),
        Following::start(&process, &["--trace", trace]),
        Following::start(&process, &["--trace", trace, "--curl"]),
    ];
    let next = |following: &Following, start: &str| {
        let mut lines = std::iter::from_fn(|| following.line());
        let found = lines.find(|line| line.contains("demo/"));
        assert!(found.as_ref().is_some_and(|line| line.starts_with(start)), "{start}: {found:?}");
    };
    let starts = ["demo/", "demo/", "# demo/"];
    for (following, start) in following.iter().zip(starts) {
        next(following, &format!("{start}1 "));
    }
    call(&process);
    printed(&process, &["override", "set", "ok"]);
    wanted();
    for (following, start) in following.iter().zip(starts) {
        next(following, &format!("{start}3 "));
    }
    let end = super::run_on(&process, &["requests", "--follow", "--text", ""]);
    assert_eq!(end.code, Some(2), "{}", end.stderr);
    assert!(
        end.stderr.contains("text must have from 1 to 200 characters, not 0"),
        "{}",
        end.stderr
    );
}

#[test]
fn following_goes_on_where_the_list_ends() {
    let process = Process::start(&[]);
    for _ in 0..101 {
        call(&process);
    }
    call_as(&process, "gnsb_other");
    let following = Following::start(&process, &["--all", "--last", "102"]);
    let lines: Vec<_> = (0..102).map_while(|_| following.line()).collect();
    let ids: Vec<_> = lines.iter().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!((ids.len(), ids[0], ids[101]), (102, "demo/1", "other/1"));
    Call::new().token("nobody").send_to(process.address);
    let line = following.line().unwrap_or_default();
    assert!(line.starts_with("anonymous/1 "), "{line}");
}
