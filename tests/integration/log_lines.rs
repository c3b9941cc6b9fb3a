//! What the log says of calls, switches and resets, as text and as JSON.

use serde_json::{Value, json};

use crate::admin::{ask, done, write};
use crate::harness::raw;
use crate::process::{Process, command};
use crate::scenarios::Call;

/// The next line that contains `part`, without time and level.
fn text(process: &mut Process, part: &str) -> String {
    let line = process.log_line(part);
    line.split_once("INFO  ").unwrap_or_else(|| panic!("{line}")).1.to_owned()
}

#[test]
fn each_call_is_one_line() {
    let mut process = Process::start(&[]);
    let address = process.address;
    Call::new().send_to(address);
    Call::new().token("gnsb_other").send_to(address);
    Call::new().with("/type", json!("4")).send_to(address);
    Call::new().header("500/after-commit").send_to(address);
    Call::new().header("ok+1ms").send_to(address);
    let end = process_end(process);
    let calls: Vec<_> = end.lines().filter_map(|line| line.split_once("INFO  ")).collect();
    let calls: Vec<_> =
        calls.iter().map(|(_, call)| *call).filter(|call| call.contains(" for ")).collect();
    let expected = [
        "accepted create_group for demo",
        "accepted create_group for other",
        "refused create_group for demo: /type must be the integer 4, not the string \"4\"; send it without quotes",
        "forced server-error on create_group for demo by rule line of scenario \"500/after-commit\" \
         (header, after-commit); the change was made all the same",
        "accepted create_group for demo by rule line of scenario \"ok+1ms\" (header, after-auth)",
    ];
    assert_eq!(calls, expected, "{end}");
    process = Process::start(&["--log", "warn"]);
    Call::new().send_to(process.address);
    Call::new().header("500").send_to(process.address);
    assert_eq!(process_end(process), "", "a filter leaves them out");
}

fn process_end(process: Process) -> String {
    let end = process.stop();
    assert_eq!(end.code, Some(0));
    end.stderr
}

#[test]
fn switches_and_resets_are_a_line_each() {
    let mut process = Process::start(&[]);
    let address = process.address;
    write(address, "PUT", "tenants/demo/scenario", &json!({"scenario": "5026", "ttl": "forever"}));
    assert_eq!(text(&mut process, "5026"), "forcing 5026 for demo until it is cleared");
    done(address, "DELETE", "tenants/demo/scenario");
    let cleared = "5026 for demo was cleared after 0 hits, back to the contract";
    assert_eq!(text(&mut process, "5026"), cleared);
    write(address, "POST", "tenants/demo/reset", &json!({"what": ["state", "clock"]}));
    assert_eq!(text(&mut process, "reset"), "reset demo: state, clock");
    done(address, "DELETE", "tenants/demo");
    assert_eq!(text(&mut process, "removed"), "removed tenant demo");
}

#[test]
fn a_line_or_file_that_is_only_checked_is_not_logged_as_refused() {
    let process = Process::start(&[]);
    let address = process.address;
    let bad = "{\"version\": 1, \"rules\": ";
    for (method, path, body, status) in [
        ("GET", "scenarios/2x50", "", 404),
        ("GET", "scenarios/flaky-", "", 404),
        ("POST", "scenarios/mine", bad, 400),
        ("PUT", "scenarios/mine", bad, 400),
        ("GET", "tenants/demo/groups/nope", "", 404),
    ] {
        assert_eq!(ask(address, method, path, body).status, status, "{method} {path}");
    }
    let end = process_end(process);
    let refused = end.lines().filter_map(|line| line.split_once("refused "));
    let refused: Vec<_> = refused.map(|(_, what)| what.split(": ").next().unwrap()).collect();
    let expected = [
        "\"PUT\" \"/_sandbox/v1/scenarios/mine\"",
        "\"GET\" \"/_sandbox/v1/tenants/demo/groups/nope\"",
    ];
    assert_eq!(refused, expected, "{end}");
}

#[test]
fn the_end_of_an_override_is_logged_after_the_call_that_used_it_up() {
    for (path, whose, scenario, calls) in [
        ("tenants/demo/scenario", "demo", "404", 2),
        ("tenants/*/scenario", "all tenants", "ok+1ms", 3),
        ("tenants/demo/scenario", "demo", "500/after-commit", 1),
    ] {
        let process = Process::start(&[]);
        let address = process.address;
        write(
            address,
            "PUT",
            path,
            &json!({"scenario": scenario, "hits": calls, "ttl": "forever"}),
        );
        for _ in 0..calls {
            Call::new().send_to(address);
        }
        let end = process_end(process);
        let ended = format!("{scenario} for {whose} ended after ");
        let lines = end.lines().filter_map(|line| line.split_once("INFO  "));
        let kind = |line: &str| match line {
            line if line.starts_with(&ended) => Some("end"),
            line if line.contains(" by rule line of scenario ") => Some("call"),
            _ => None,
        };
        let kinds: Vec<_> = lines.filter_map(|(_, line)| kind(line)).collect();
        let expected: Vec<_> = std::iter::repeat_n("call", calls).chain(["end"]).collect();
        assert_eq!(kinds, expected, "{end}");
    }
}

#[test]
fn the_end_of_an_override_says_what_applies_then() {
    let mut process = Process::start(&["--scenario", "slow"]);
    let address = process.address;
    let (demo, all) = ("tenants/demo/scenario", "tenants/*/scenario");
    for (path, scenario, expected) in [
        (
            all,
            "404",
            "404 for all tenants was cleared after 0 hits, back to slow, the server's scenario",
        ),
        (demo, "404", "404 for demo was cleared after 0 hits, back to slow, the server's scenario"),
    ] {
        write(address, "PUT", path, &json!({"scenario": scenario}));
        done(address, "DELETE", path);
        assert_eq!(text(&mut process, "cleared"), expected);
    }
    write(address, "PUT", all, &json!({"scenario": "2x500,\nok"}));
    write(address, "PUT", demo, &json!({"scenario": "404", "ttl": "1ms"}));
    let expected =
        "404 for demo expired after 0 hits, back to \"2x500,\\nok\", forced for all tenants";
    assert_eq!(text(&mut process, "expired"), expected);
}

#[test]
fn a_head_that_is_too_large_is_told_from_what_is_not_http() {
    let mut process = Process::start(&[]);
    let headers = "x-y: z\r\n".repeat(101);
    for (request, expected) in [
        (
            format!("GET /livez HTTP/1.1\r\n{headers}\r\n"),
            "sent a request whose head is too large; send at most 100 headers and 16 KiB",
        ),
        (
            format!("GET /livez HTTP/1.1\r\nx: {}\r\n\r\n", "y".repeat(17_000)),
            "sent a request whose head is too large; send at most 100 headers and 16 KiB",
        ),
        ("hello\r\n\r\n".to_owned(), "sent a request that is not HTTP/1.1: invalid"),
    ] {
        raw(process.address, request.as_bytes());
        let line = text(&mut process, " sent a request ");
        let (_, said) = line.split_once(' ').unwrap();
        assert!(said.starts_with(expected), "{line}");
    }
}

#[test]
fn in_json_each_call_is_an_object() {
    let mut process = Process::start(&["--log-format", "json"]);
    let address = process.address;
    let mut logged = |part: &str| {
        let mut line: Value = serde_json::from_str(&process.log_line(part)).unwrap();
        let time = line.as_object_mut().unwrap().remove("timestamp").unwrap();
        assert!(time.as_str().unwrap().ends_with('Z'), "{time}");
        line
    };
    let expected = |seq: u64, status: Value, outcome: &str, message: &str| {
        json!({
            "level": "INFO", "instance": "test-1", "message": message, "request": format!("demo/{seq}"), "tenant": "demo",
            "endpoint": "create_group", "method": "POST", "path": "/api/thirdparty/group/create",
            "status": status, "outcome": outcome,
        })
    };
    Call::new().send_to(address);
    let accepted = "accepted create_group for demo";
    assert_eq!(logged("demo/1"), expected(1, json!(200), "ok", accepted));
    Call::new().with("/type", json!("4")).send_to(address);
    let refused = "refused create_group for demo: /type must be the integer 4, not the string \"4\"; \
                   send it without quotes";
    assert_eq!(logged("demo/2"), expected(2, json!(400), "bad-request", refused));
    raw(address, &Call::new().header("close").bytes(&["Connection: close"]));
    let forced = "forced close on create_group for demo by rule line of scenario \"close\" (header, after-auth)";
    assert_eq!(logged("demo/3"), expected(3, Value::Null, "close", forced));
    write(address, "POST", "tenants/demo/reset", &json!({"what": ["clock"]}));
    assert_eq!(
        logged("reset"),
        json!({
            "level": "INFO", "instance": "test-1", "message": "reset demo: clock", "tenant": "demo",
        })
    );
    for (path, tenant) in
        [("tenants/demo/scenario", json!("demo")), ("tenants/*/scenario", Value::Null)]
    {
        write(address, "PUT", path, &json!({"scenario": "5026", "hits": 7}));
        assert_eq!(logged("forcing")["tenant"], tenant, "{path}");
        done(address, "DELETE", path);
        assert_eq!(logged("was cleared")["tenant"], tenant, "{path}");
    }
    done(address, "DELETE", "tenants/demo");
    assert_eq!(logged("removed")["tenant"], "demo");
}

#[test]
fn in_json_the_ready_line_is_an_object_too() {
    for (scenario, expected) in [(&[][..], Value::Null), (&["--scenario", "2x500"], json!("2x500"))]
    {
        let common = ["--listen", "127.0.0.1:0", "--log-format", "json", "--seed", "7"];
        let process = Process::spawn(command(&[&common, scenario].concat(), &[]));
        let ready: Value = serde_json::from_str(&process.ready_line).unwrap();
        let url = format!("http://{}", process.address);
        assert_eq!(
            ready,
            json!({"event": "ready", "url": url, "seed": 7, "scenario": expected, "assumptions": []})
        );
        assert_eq!(process.stop().stdout, "", "it is the only thing on stdout");
    }
}
