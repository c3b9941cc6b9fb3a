//! `clock`: freezing, advancing and resuming the clock of one tenant.

use genuin_sandbox::RunningSandbox;
use serde_json::json;

use super::{ask, assert_problem, read, write};
use crate::harness::App;
use crate::scenarios::{Call, ending};

const DEMO: &str = "tenants/demo/clock";

#[test]
fn it_freezes_advances_and_resumes() {
    let app = App::start();
    let address = app.sandbox.address();
    for (body, now) in [
        (json!({"freeze": "2030-01-01T00:00:00Z"}), "2030-01-01T00:00:00.000Z"),
        (json!({"freeze": "2030-01-01T02:00:00.5+02:00"}), "2030-01-01T00:00:00.500Z"),
        (json!({"advance": "25h"}), "2030-01-02T01:00:00.500Z"),
        (json!({"advance": "1.5s"}), "2030-01-02T01:00:02.000Z"),
        (json!({"freeze": "1970-01-01T00:00:00Z"}), "1970-01-01T00:00:00.000Z"),
        (json!({"advance": "2s"}), "1970-01-01T00:00:02.000Z"),
    ] {
        let expected = json!({"tenant": "demo", "now": now, "frozen": true});
        assert_eq!(write(address, "POST", DEMO, &body), expected, "{body}");
        assert_eq!(read(address, "tenants/demo/state")["now"], now, "{body}");
    }
    Call::new().send(&app);
    let last = read(address, "tenants/demo/requests/last");
    assert_eq!(last["time"], "1970-01-01T00:00:02.000Z", "the journal goes by it");
    assert_eq!(read(address, "tenants/demo/groups")["groups"][0]["created_at"], "2000");
    let resumed = write(address, "POST", DEMO, &json!({"resume": true}));
    assert_eq!(resumed["frozen"], false);
    assert!(resumed["now"].as_str().unwrap() > "2024-09-25", "the machine's time: {resumed}");
    let ahead = write(address, "POST", DEMO, &json!({"advance": "365d"}));
    assert_eq!(ahead["frozen"], false);
    let year =
        |reply: &serde_json::Value| reply["now"].as_str().unwrap()[..4].parse::<u32>().unwrap();
    assert!(year(&ahead) > year(&resumed), "{ahead} after {resumed}");
}

#[test]
fn it_freezes_at_the_time_that_it_shows() {
    let app = App::start();
    let address = app.sandbox.address();
    let freeze = || write(address, "POST", DEMO, &json!({"freeze": "now"}));
    let at = |now: &str| json!({"tenant": "demo", "now": now, "frozen": true});
    assert_eq!(freeze(), at("2024-09-24T09:13:31.000Z"), "that of the server");
    write(address, "POST", DEMO, &json!({"freeze": "2030-01-01T00:00:00.25Z"}));
    assert_eq!(freeze(), at("2030-01-01T00:00:00.250Z"), "that of the tenant");
    write(address, "POST", DEMO, &json!({"resume": true}));
    let running = write(address, "POST", DEMO, &json!({"advance": "25h"}));
    let frozen = freeze();
    let [before, now] = [&running, &frozen].map(|reply| reply["now"].as_str().unwrap());
    assert!(before <= now, "a running clock: {running}, {frozen}");
    assert_eq!(frozen["frozen"], true);
    assert_eq!(read(address, DEMO), frozen, "it stays");
}

#[test]
fn a_running_clock_still_runs_after_it_is_advanced() {
    let app = App { sandbox: RunningSandbox::start().unwrap() };
    let address = app.sandbox.address();
    let answer = write(address, "POST", DEMO, &json!({"advance": "1h"}));
    assert_eq!(answer["frozen"], false);
    let before = answer["now"].as_str().unwrap().to_owned();
    let status = read(address, "status")["clock"]["now"].as_str().unwrap().to_owned();
    assert!(before > status, "{before} is an hour after {status}");
    crate::scenarios::wait_until("time goes on", std::time::Duration::from_secs(10), || {
        read(address, "tenants/demo/state")["now"].as_str().unwrap() > before.as_str()
    });
}

#[test]
fn an_issued_token_expires_after_a_day_of_the_tenants_clock() {
    let app = App::start();
    let address = app.sandbox.address();
    let answer = app.auth(r#"{"api_key":"demo-key","api_secret":"demo-secret"}"#);
    let token = answer.header("gn-access-token").unwrap();
    let call = Call::new().token(token);
    for (by, expected) in
        [("23h", "ok"), ("59m", "ok"), ("59s", "ok"), ("1s", "401"), ("25h", "401")]
    {
        write(address, "POST", DEMO, &json!({"advance": by}));
        assert_eq!(ending(&call.send(&app)), expected, "{by} later");
    }
    let finding = read(address, "tenants/demo/requests/last")["findings"][0]["message"].clone();
    assert_eq!(finding, "the token expired at 2024-09-25T09:13:31Z");
    write(address, "POST", "tenants/demo/reset", &json!({"what": ["clock"]}));
    assert_eq!(ending(&call.send(&app)), "ok");
}

#[test]
fn a_time_in_a_message_has_no_or_three_digits_of_milliseconds() {
    let app = App::start();
    let address = app.sandbox.address();
    for (now, end) in [
        ("2024-09-24T09:13:31Z", "2024-09-25T09:13:31Z"),
        ("2024-09-24T09:13:31.66Z", "2024-09-25T09:13:31.660Z"),
        ("2024-09-24T09:13:31.007Z", "2024-09-25T09:13:31.007Z"),
    ] {
        write(address, "POST", DEMO, &json!({"freeze": now}));
        let answer = app.auth(r#"{"api_key":"demo-key","api_secret":"demo-secret"}"#);
        let token = answer.header("gn-access-token").unwrap();
        write(address, "POST", DEMO, &json!({"advance": "25h"}));
        Call::new().token(token).send(&app);
        let last = read(address, "tenants/demo/requests/last");
        assert_eq!(last["findings"][0]["message"], format!("the token expired at {end}"));
    }
}

#[test]
fn each_tenant_has_its_own_clock() {
    let app = App::start();
    let address = app.sandbox.address();
    write(address, "POST", "tenants/a/clock", &json!({"advance": "1h"}));
    write(address, "POST", "tenants/b/clock", &json!({"freeze": "2030-01-01T00:00:00Z"}));
    for (tenant, now) in [
        ("a", "2024-09-24T10:13:31.000Z"),
        ("b", "2030-01-01T00:00:00.000Z"),
        ("c", "2024-09-24T09:13:31.000Z"),
    ] {
        Call::new().token(&format!("gnsb_{tenant}")).send(&app);
        assert_eq!(read(address, &format!("tenants/{tenant}/state"))["now"], now, "{tenant}");
        assert_eq!(
            read(address, &format!("tenants/{tenant}/requests/last"))["time"],
            now,
            "{tenant}"
        );
    }
    assert_eq!(read(address, "status")["clock"]["now"], "2024-09-24T09:13:31.000Z");
}

#[test]
fn an_impossible_time_is_refused_and_the_clock_stays() {
    let app = App::start();
    let address = app.sandbox.address();
    write(address, "POST", DEMO, &json!({"freeze": "2030-01-01T00:00:00Z"}));
    let choice = r#"send exactly one of {"freeze": RFC3339}, {"advance": "25h"}, {"resume": true}"#;
    let range = "is out of range; use a time from 1970-01-01T00:00:00Z to 9999-12-30T22:00:00Z";
    for (time, why) in [
        (r#""1969-12-31T23:59:59Z""#, range),
        (r#""0000-01-01T00:00:00Z""#, range),
        (r#""9999-12-30T22:00:01Z""#, range),
        (r#""9999-12-31T23:59:59Z""#, range),
        (r#""9999-12-31T23:59:59.5+02:00""#, range),
        (r#""+010000-01-01T00:00:00Z""#, "is neither a time like 2024-09-24T09:13:31Z nor now"),
        (r#""9999-12-32T00:00:00Z""#, "is neither a time like 2024-09-24T09:13:31Z nor now"),
        (r#""9999-12-31""#, "is neither a time like 2024-09-24T09:13:31Z nor now"),
        (r#""soon""#, "is neither a time like 2024-09-24T09:13:31Z nor now"),
        (r#""NOW""#, "is neither a time like 2024-09-24T09:13:31Z nor now"),
        (r#""""#, "is neither a time like 2024-09-24T09:13:31Z nor now"),
        (r#""real""#, "is no time to freeze the clock at; to follow the machine's, resume it"),
    ] {
        let answer = ask(address, "POST", DEMO, &format!(r#"{{"freeze":{time}}}"#));
        let detail = format!("{time} {why}");
        assert_problem(&answer, 400, "Bad Request", &detail, Some("/freeze"));
    }
    for (body, detail, pointer) in [
        (
            r#"{"freeze":1727169211}"#,
            r#""1727169211" is neither a time like 2024-09-24T09:13:31Z nor now"#,
            "/freeze",
        ),
        (
            r#"{"advance":"-1h"}"#,
            r#""-1h" is not a duration; write it like 200ms, 1.5s, 2m or 25h"#,
            "/advance",
        ),
        (
            r#"{"advance":5}"#,
            r#""5" is not a duration; write it like 200ms, 1.5s, 2m or 25h"#,
            "/advance",
        ),
        (r#"{"advance":["1h"]}"#, "expected text, found a list", "/advance"),
        (r#"{"advance":"2920000d"}"#, "advance must not go past the year 9999", "/advance"),
        (r#"{"resume":false}"#, "resume must be true; to stop the clock, send freeze", "/resume"),
        (r#"{"resume":true,"advance":"1h"}"#, choice, ""),
        (r#"{"freeze":"2031-01-01T00:00:00Z","advance":"1h"}"#, choice, ""),
        ("{}", choice, ""),
        ("", choice, ""),
        (
            r#"{"forward":"1h"}"#,
            r#"unknown key "forward" (known: freeze, advance, resume)"#,
            "/forward",
        ),
    ] {
        let answer = ask(address, "POST", DEMO, body);
        assert_problem(&answer, 400, "Bad Request", detail, Some(pointer));
        assert_eq!(
            read(address, "tenants/demo/state")["now"],
            "2030-01-01T00:00:00.000Z",
            "{body}"
        );
    }
}

#[test]
fn a_clock_always_shows_an_rfc_3339_time() {
    let app = App::start();
    let address = app.sandbox.address();
    write(address, "POST", DEMO, &json!({"freeze": "9999-12-30T21:00:00Z"}));
    let answer = ask(address, "POST", DEMO, r#"{"advance":"2h"}"#);
    assert!([200, 400].contains(&answer.status), "{}", answer.body);
    let now = read(address, "tenants/demo/state")["now"].as_str().unwrap().to_owned();
    assert!(now.starts_with("9999-12-30T2"), "{now}");
}
