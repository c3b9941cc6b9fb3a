//! The commands that talk to a running sandbox: what they change, print and end with.

mod closed_output;
mod curl;
mod explain;
mod har;
mod har_comments;
mod healthcheck;
mod help;
mod hidden_secrets;
mod hostile;
mod look;
mod normal;
mod reach;
mod requests;
mod scenario_rules;
mod shells;
mod tls;
mod unaccepted;
mod verify;
mod wrong_values;

use std::process::Command;
use std::time::Instant;

use serde_json::{Value, json};

use crate::harness::Answer;
use crate::hold::{Waiting, wait_until_held};
use crate::process::{End, Process, run};
use crate::scenarios::Call;

/// Runs a command against this server, which a variable names.
fn run_on(process: &Process, arguments: &[&str]) -> End {
    run(arguments, &[("GNSB_URL", &url(process))])
}

fn url(process: &Process) -> String {
    format!("http://{}", process.address)
}

/// The stdout of a command that ends with code 0 and an empty stderr.
fn printed(process: &Process, arguments: &[&str]) -> String {
    let end = run_on(process, arguments);
    assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""), "{arguments:?}");
    end.stdout
}

/// A text about an override without the time that is left.
fn untimed(text: &str) -> String {
    let mut parts = text.split("expires in ");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |text, part| {
        let end = part.find([',', ';', '\n']).unwrap();
        text + "expires" + &part[end..]
    })
}

fn printed_json(process: &Process, arguments: &[&str]) -> Value {
    serde_json::from_str(&printed(process, &[arguments, &["--json"]].concat())).unwrap()
}

/// Makes a valid call as tenant `demo`.
fn call(process: &Process) -> Answer {
    Call::new().send_to(process.address)
}

fn call_as(process: &Process, token: &str) -> u16 {
    Call::new().token(token).send_to(process.address).status
}

#[test]
fn an_override_is_set_shown_and_cleared() {
    let process = Process::start(&[]);
    let nothing = "no override for demo; calls follow the contract\n";
    assert_eq!(printed(&process, &["override", "show"]), nothing);
    assert_eq!(
        untimed(&printed(&process, &["override", "set", "2x500", "--hits", "5"])),
        "forcing 2x500 for demo: 5 of 5 calls left, expires, set by tester\n"
    );
    let statuses = [(); 3].map(|()| call(&process).status);
    assert_eq!(statuses, [500, 500, 200]);
    assert_eq!(
        untimed(&printed(&process, &["override", "show"])),
        "forcing 2x500 for demo: 3 of 5 calls left, expires, set by tester\nused up for create_group, where \
         calls follow the contract; to start again, run genuin-sandbox reset --what scenarios --tenant demo, \
         which ends this override, and set it again\n"
    );
    assert_eq!(printed(&process, &["override", "clear"]), nothing);
    let twice = "no override for demo; calls follow the contract; nothing to clear: 2x500 for demo was \
                 cleared after 2 hits\n";
    assert_eq!(printed(&process, &["override", "clear"]), twice, "clearing twice is fine");
    assert_eq!(call(&process).status, 200);
    assert_eq!(
        untimed(&printed(&process, &["override", "set", "503", "--hits", "1"])),
        "forcing 503 for demo: 1 of 1 call left, expires, set by tester\n"
    );
}

#[test]
fn an_override_ends_after_its_hits() {
    let process = Process::start(&[]);
    printed(&process, &["override", "set", "401", "--hits", "2"]);
    assert_eq!([(); 3].map(|()| call(&process).status), [401, 401, 200]);
}

#[test]
fn clearing_says_how_the_last_one_ended_and_what_was_let_go() {
    let process = Process::start(&[]);
    let clear = |more: &[&str]| printed(&process, &[&["override", "clear"], more].concat());
    let nothing = "no override for demo; calls follow the contract";
    assert_eq!(clear(&[]), format!("{nothing}\n"), "there never was one");
    assert_eq!(clear(&["--tenant", "*"]), "no override for all tenants\n");
    printed(&process, &["override", "set", "401", "--hits", "1"]);
    assert_eq!(call(&process).status, 401);
    let ended = format!("{nothing}; nothing to clear: 401 for demo ended after 1 hit\n");
    assert_eq!(clear(&[]), ended);
    let other = format!("{}\n", nothing.replace("demo", "other"));
    assert_eq!(clear(&["--tenant", "other"]), other);
    printed(&process, &["override", "set", "hold", "--hits", "1"]);
    let held = Waiting::send(process.address, &Call::new());
    wait_until_held(process.address, "demo", 1);
    let ended = "nothing to clear: hold for demo ended after 1 hit; released 1 held call";
    assert_eq!(clear(&[]), format!("{nothing}; {ended}\n"));
    assert_eq!(held.answer().status, 200);
    printed(&process, &["override", "set", "hold"]);
    let held = [(); 2].map(|()| Waiting::send(process.address, &Call::new()));
    wait_until_held(process.address, "demo", 2);
    assert_eq!(clear(&[]), format!("{nothing}; released 2 held calls\n"));
    assert_eq!(held.map(|call| call.answer().status), [200, 200]);
    printed(&process, &["override", "set", "503", "--tenant", "*"]);
    printed(&process, &["override", "clear", "--tenant", "*"]);
    let expected = "no override for all tenants; nothing to clear: 503 for all tenants was cleared after \
                    0 hits\n";
    assert_eq!(clear(&["--tenant", "*"]), expected);
}

#[test]
fn an_override_says_who_why_and_how_long() {
    let process = Process::start(&[]);
    let set =
        ["override", "set", "flaky-twice", "--ttl", "10m", "--owner", "qa", "--reason", "a b"];
    let start = Instant::now();
    let mut answer = printed_json(&process, &set);
    let passed_s = start.elapsed().as_secs() + 1;
    let left = answer["override"]["ttl_left_s"].take().as_u64().unwrap();
    assert!(left <= 600 && left + passed_s >= 600, "{left} s left after at most {passed_s} s");
    let ends = answer["override"]["ends"].take();
    assert!(ends.as_str().unwrap().ends_with('Z'), "{ends}");
    let active = json!({
        "scenario": "flaky-twice", "hits": null, "hits_left": null, "acted": 0,
        "ttl_left_s": null, "ends": null, "owner": "qa", "reason": "a b",
    });
    let next = json!({"selector": "override", "scenario": "flaky-twice"});
    assert_eq!(answer, json!({"tenant": "demo", "override": active, "next": next}));
    let mut shown = printed_json(&process, &["override", "show"]);
    shown["override"]["ttl_left_s"].take();
    assert_eq!(shown["override"]["ends"].take(), ends, "the same, whenever it is asked");
    assert_eq!(shown, answer);
    let text = printed(&process, &["override", "show"]);
    assert!(text.starts_with("forcing flaky-twice for demo: expires in "), "{text}");
    assert!(text.ends_with(", set by qa (a b)\n"), "{text}");
    let cleared = printed_json(&process, &["override", "clear"]);
    let next = json!({"selector": "contract", "scenario": null});
    assert_eq!(cleared, json!({"tenant": "demo", "override": null, "next": next}));
}

#[test]
fn an_override_applies_to_one_tenant_or_to_all() {
    let process = Process::start(&[]);
    printed(&process, &["override", "set", "401", "--tenant", "other"]);
    assert_eq!((call_as(&process, "gnsb_other"), call_as(&process, "gnsb_demo")), (401, 200));
    let all = ["override", "set", "503", "--tenant", "*", "--hits", "9", "--ttl", "forever"];
    let all = printed(&process, &all);
    assert_eq!(all, "forcing 503 for all tenants: 9 of 9 calls left, set by tester\n");
    assert_eq!((call_as(&process, "gnsb_other"), call_as(&process, "gnsb_demo")), (401, 503));
    assert_eq!(
        printed(&process, &["override", "show"]),
        "no override for demo; calls get 503 by the override for all tenants: 8 of 9 calls left, set by \
         tester\n"
    );
    let cleared = printed(&process, &["override", "clear", "--tenant", "*"]);
    assert_eq!(cleared, "no override for all tenants\n");
    assert_eq!((call_as(&process, "gnsb_other"), call_as(&process, "gnsb_demo")), (401, 200));
}

#[test]
fn overrides_are_listed() {
    let process = Process::start(&[]);
    assert_eq!(printed(&process, &["override", "list"]), "no overrides\n");
    assert_eq!(printed_json(&process, &["override", "list"]), json!({"overrides": []}));
    call_as(&process, "gnsb_idle");
    let set = |tenant: &str, more: &[&str]| {
        printed(&process, &[&["override", "set", "--tenant", tenant], more].concat());
    };
    set("b", &["5026", "--ttl", "forever"]);
    set("*", &["503", "--hits", "2"]);
    set("a", &["2x500", "--owner", "ann", "--reason", "why"]);
    let expected = "forcing 503 for all tenants: 2 of 2 calls left, expires, set by tester\n\
                    forcing 2x500 for a: expires, set by ann (why)\n\
                    forcing 5026 for b: until it is cleared, set by tester\n";
    assert_eq!(untimed(&printed(&process, &["override", "list"])), expected);
    let listed = printed_json(&process, &["override", "list"]);
    let tenants = [0, 1, 2].map(|index| &listed["overrides"][index]["tenant"]);
    assert_eq!(tenants, ["*", "a", "b"]);
    assert_eq!(listed["overrides"][2]["override"]["scenario"], "5026");
    let upload = b"{\"version\":1,\"rules\":[{\"id\":\"a\",\"do\":{\"outcome\":500}}]}";
    let address = process.address;
    ask_with(address, "PUT", "scenarios/gone", upload);
    set("c", &["gone"]);
    ask_with(address, "DELETE", "scenarios/gone", b"");
    let text = printed(&process, &["override", "list"]);
    let last = text.lines().last().unwrap();
    assert!(
        last.starts_with("forcing gone for c: ") && last.contains("; calls get 501: "),
        "{text}"
    );
}

fn ask_with(address: std::net::SocketAddr, method: &str, path: &str, body: &[u8]) {
    let head = format!(
        "{method} /_sandbox/v1/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let answer = crate::harness::raw(address, &[head.as_bytes(), body].concat());
    assert!(answer.starts_with(b"HTTP/1.1 20"), "{}", String::from_utf8_lossy(&answer));
}

#[test]
fn the_owner_is_the_user_unless_one_is_named() {
    let process = Process::start(&[]);
    let url = url(&process);
    let set = |variables: &[(&str, &str)], more: &[&str]| {
        let set = ["override", "set", "500", "--json", "--url", &url];
        let end = run(&[&set, more].concat(), variables);
        let Ok(answer) = serde_json::from_str::<Value>(&end.stdout) else {
            return (end.code, end.stderr);
        };
        (end.code, answer["override"]["owner"].to_string())
    };
    let ann = [("USER", "ann"), ("LOGNAME", "other")];
    let id = Command::new("id").arg("-un").output().unwrap();
    let machine = String::from_utf8(id.stdout).unwrap();
    let nobody = [("USER", ""), ("LOGNAME", " "), ("USERNAME", "")];
    for more in [&[][..], &["--owner", ""], &["--owner", " "]] {
        let expected = format!("\"{}\"", machine.trim());
        assert_eq!(set(&nobody, more), (Some(0), expected), "by the list of users");
    }
    printed(&process, &["override", "clear"]);
    assert_eq!(set(&[("USER", " "), ("LOGNAME", "lo")], &[]), (Some(0), "\"lo\"".into()));
    let (code, why) = set(&ann, &[]);
    assert_eq!(code, Some(2), "{why}");
    assert!(why.starts_with("error: 500 is forced for demo for "), "{why}");
    assert!(
        why.contains(", set by \"lo\"; to replace it, send replace: true (override set --replace)"),
        "{why}"
    );
    assert_eq!(set(&ann, &["--replace"]), (Some(0), "\"ann\"".into()));
    assert_eq!(set(&ann, &["--owner", "ci", "--replace"]), (Some(0), "\"ci\"".into()));
}

#[test]
fn a_refused_command_ends_with_code_2_and_advice() {
    let process = Process::start(&[]);
    let cases: [(&[&str], &str); 13] = [
        (&["override", "set", "flaky-twize"], "did you mean \"flaky-twice\"?"),
        (&["override", "set", "2x50"], "unknown outcome \"50\"; did you mean \"500\"?"),
        (&["override", "set", "500", "--hits", "0"], "error: hits must be at least 1"),
        (&["override", "set", "500", "--hits", "many"], "write a whole number of calls"),
        (&["override", "set", "500", "--ttl", "soon"], "ttl"),
        (&["override", "set", "500", "--tenant", "Not A Name"], "Not A Name"),
        (&["reset", "--what", "jurnal"], "unknown part \"jurnal\"; did you mean \"journal\"?"),
        (&["requests", "--outcome", "okk"], "unknown outcome \"okk\"; did you mean \"ok\"?"),
        (&["requests", "--status", "42"], "write an HTTP status from 100 to 599"),
        (&["requests", "--last", "0"], "last must be from 1 to 1000, not 0"),
        (&["verify", "--match", "{endpont: auth}"], "did you mean \"endpoint\"?"),
        (&["verify", "--match", "{outcome: [}"], "--match: "),
        (&["verify", "--min", "2", "--max", "1"], "min must not be greater than max"),
    ];
    for (arguments, expected) in cases {
        let end = run_on(&process, arguments);
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{arguments:?} {}", end.stderr);
        assert!(end.stderr.starts_with("error: "), "{}", end.stderr);
        assert!(end.stderr.contains(expected), "{expected}: {}", end.stderr);
        // these are refused with a hint at the help
        let is_by_flag = ["many", "Not A Name", "42"].iter().any(|value| arguments.contains(value));
        assert!(end.stderr.lines().count() == 1 || is_by_flag, "{}", end.stderr);
    }
    assert_eq!(call(&process).status, 200, "nothing was set");
}

#[test]
fn a_reset_clears_everything_or_the_named_parts() {
    let process = Process::start(&[]);
    let seen = || printed_json(&process, &["requests"])["requests"].as_array().unwrap().len();
    printed(&process, &["override", "set", "1x500, ok*"]);
    assert_eq!([call(&process).status, call(&process).status], [500, 200]);
    let only = printed(&process, &["reset", "--what", "journal,state"]);
    assert_eq!(only, "reset demo: journal, state\n");
    assert_eq!(seen(), 0);
    assert_eq!(call(&process).status, 200, "the counters went on");
    let only = printed_json(&process, &["reset", "--what", "scenarios"]);
    assert_eq!(only, json!({"tenant": "demo", "reset": ["scenarios"]}));
    assert_eq!(seen(), 1, "the journal was not named");
    let off = printed(&process, &["override", "show"]);
    assert!(off.starts_with("no override for demo;"), "{off}");
    let all = printed(&process, &["reset"]);
    assert_eq!(all, "reset demo: state, journal, scenarios, clock\n");
    assert_eq!(seen(), 0);
}

#[test]
fn a_reset_affects_one_tenant_and_frees_its_ids() {
    let process = Process::start(&[]);
    let call = Call::new().with("/chat_id", json!("456e7890-b12c-4c23-89ef-126314214567"));
    let repeat = |token| call.clone().token(token).send_to(process.address);
    assert_eq!([repeat("gnsb_demo").status, repeat("gnsb_other").status], [200, 200]);
    printed(&process, &["reset", "--tenant", "other"]);
    assert_eq!([repeat("gnsb_demo").status, repeat("gnsb_other").status], [400, 200]);
}
