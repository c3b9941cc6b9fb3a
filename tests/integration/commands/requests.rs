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
    assert_eq!(printed(&process, &["requests"]), "");
    call(&process);
    Call::new().header("reset-me").send_to(process.address);
    Call::new().header("500/after-commit").send_to(process.address);
    Call::new().with("/type", json!("4")).send_to(process.address);
    let (time, call) = ("2024-09-24T09:13:31.000Z", "POST /api/thirdparty/group/create");
    let text = printed(&process, &["requests"]);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], format!("    1 {time} 200 ok                   {call}"));
    assert!(
        lines[1].starts_with(&format!("    2 {time} 501 unknown-scenario     {call}")),
        "{text}"
    );
    let forced = lines.iter().find(|line| line.contains(" 500 server-error ")).unwrap();
    assert!(
        forced.starts_with(&format!("    3 {time} 500 server-error         {call} (rule ")),
        "{forced}"
    );
    assert!(
        forced.ends_with(" of 500/after-commit, chosen by header; the change was made)"),
        "{forced}"
    );
    let refused =
        "        error: /type must be the integer 4, not the string \"4\"; send it without quotes";
    let last = [format!("    4 {time} 400 bad-request          {call}"), refused.to_owned()];
    assert_eq!(lines[lines.len() - 2..], last);
}

#[test]
fn requests_are_filtered() {
    let process = Process::start(&[]);
    call(&process);
    Call::new().with("/type", json!(1)).send_to(process.address);
    call_as(&process, "gnsb_other");
    Call::new().header("500").send_to(process.address);
    let page = printed_json(&process, &["requests"]);
    assert_eq!((page["next"].as_u64(), page["dropped"].as_u64()), (Some(4), Some(0)), "{page}");
    let cases: [(&[&str], &[u64]); 9] = [
        (&[], &[1, 2, 4]),
        (&["--tenant", "other"], &[3]),
        (&["--tenant", "nobody"], &[]),
        (&["--outcome", "bad-request"], &[2]),
        (&["--outcome", "500"], &[4]),
        (&["--status", "200"], &[1]),
        (&["--since", "1"], &[2, 4]),
        (&["--limit", "2"], &[1, 2]),
        (&["--since", "1", "--limit", "1", "--status", "500"], &[4]),
    ];
    for (filters, expected) in cases {
        let page = printed_json(&process, &[&["requests"], filters].concat());
        let entries = page["requests"].as_array().unwrap();
        let ids: Vec<_> = entries.iter().map(|entry| entry["id"].as_u64().unwrap()).collect();
        assert_eq!(ids, expected, "{filters:?}");
        let text = printed(&process, &[&["requests"], filters].concat());
        let calls = text.lines().filter(|line| line.contains(" POST ")).count();
        assert_eq!(calls, expected.len(), "{filters:?}\n{text}");
    }
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
    assert_eq!(entry(following.line().unwrap())["id"], json!(1));
    // both come at once, and only one of them is asked for
    call_as(&process, "gnsb_demo.401");
    call(&process);
    assert_eq!(following.line().map(entry).map(|entry| entry["id"].clone()), Some(json!(3)));
}

#[test]
fn following_prints_every_past_call() {
    let process = Process::start(&[]);
    for _ in 0..101 {
        call(&process);
    }
    let following = Following::start(&process, &[]);
    let lines: Vec<_> = (0..101).map_while(|_| following.line()).collect();
    assert_eq!(lines.len(), 101, "the last is {:?}", lines.last());
}
