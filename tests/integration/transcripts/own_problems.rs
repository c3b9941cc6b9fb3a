//! What the own API refuses.

use genuin_sandbox::internals::admin::{Access, Mode};

use super::exchange::{Exchange, Request};
use super::record::Transcript;
use super::{app, replay};
use crate::admin::v1;

pub fn transcript() -> Transcript {
    let with_token = Access { token: Some("s3cret".into()), ..Access::default() };
    let off = Access { mode: Mode::Off, ..Access::default() };
    let mut transcript = replay(&app(|_| {}), exchanges());
    transcript.extend(replay(&app(|config| config.admin = with_token), with_admin_token()));
    transcript.extend(replay(&app(|config| config.admin = off), switched_off()));
    transcript
}

fn exchanges() -> Vec<Exchange> {
    let read = Request::read;
    let change = Request::change;
    let put = |body| change("PUT", "tenants/demo/scenario", body);
    let verify = |body| change("POST", "tenants/demo/verify", body);
    let cases = [
        ("unknown-path", "the nearest is named", read("stats")),
        ("no-path", "the version alone", Request::get("/_sandbox/v1/")),
        ("below-own", "beside the version", Request::get("/_sandbox/nowhere")),
        ("wrong-method", "the methods are listed", change("POST", "status", "")),
        ("options", "the methods are listed", Request::new("OPTIONS", v1("tenants/demo/scenario"))),
        (
            "no-content-type",
            "a write says what it is, even without a body",
            change("POST", "tenants/demo/reset", "").without("Content-Type"),
        ),
        (
            "form",
            "a page can send this one",
            change("POST", "tenants/demo/reset", "a=b")
                .without("Content-Type")
                .header("Content-Type", "application/x-www-form-urlencoded"),
        ),
        ("bad-tenant", "a name that is none", read("tenants/Not-A-Name/state")),
        ("bad-json", "the place is named", put("{")),
        ("unknown-key", "a pointer to the key", put(r#"{"scenari":"500"}"#)),
        ("unknown-scenario", "a pointer to the name", put(r#"{"scenario":"flaky-twize"}"#)),
        ("zero-hits", "a pointer to the number", put(r#"{"scenario":"500","hits":0}"#)),
        ("bad-ttl", "a pointer to the time", put(r#"{"scenario":"500","ttl":"soon"}"#)),
        (
            "unknown-part",
            "a pointer into a list",
            change("POST", "tenants/demo/reset", r#"{"what":["jurnal"]}"#),
        ),
        (
            "bad-clock",
            "a time that is none",
            change("POST", "tenants/demo/clock", r#"{"freeze":"soon"}"#),
        ),
        ("bad-match", "a pointer into a match", verify(r#"{"match":{"endpont":"auth"}}"#)),
        ("never-holds", "bounds that exclude each other", verify(r#"{"count":{"min":2,"max":1}}"#)),
        (
            "bad-user",
            "a user without a name",
            change("POST", "tenants/demo/users", r#"{"user_id":"x"}"#),
        ),
        (
            "bad-scenario",
            "an uploaded file with a mistake",
            change(
                "PUT",
                "scenarios/mine",
                r#"{"version":1,"rules":[{"id":"a","do":{"outcome":5027}}]}"#,
            ),
        ),
        ("bad-limit", "a query with a number out of range", read("tenants/demo/requests?limit=0")),
        (
            "bad-outcome",
            "a query with an unknown outcome",
            read("tenants/demo/requests?outcome=okk"),
        ),
        ("unknown-parameter", "the nearest is named", read("events?tennant=demo")),
        (
            "unknown-group",
            "there is none",
            read("tenants/demo/groups/456e7890-b12c-4c23-89ef-126314214567"),
        ),
        ("unknown-request", "there is none", read("tenants/demo/requests/99")),
        (
            "explain-own-path",
            "no call to the vendor",
            change("POST", "explain", r#"{"path":"/livez"}"#),
        ),
        (
            "other-host",
            "an address that names another host",
            Request::get("http://evil.com/_sandbox/v1/status"),
        ),
        (
            "other-origin",
            "a page of another origin",
            read("status").header("Origin", "http://evil.com"),
        ),
        (
            "other-site",
            "a page of another site",
            read("status").header("Sec-Fetch-Site", "cross-site"),
        ),
    ];
    cases.map(|(name, why, request)| Exchange::new(name, why, request)).into()
}

fn with_admin_token() -> Vec<Exchange> {
    let read = |token: &str| Request::read("tenants").header("Authorization", token);
    vec![
        Exchange::new("admin-token-missing", "none was sent", Request::read("tenants")),
        Exchange::new("admin-token-wrong", "another was sent", read("Bearer wrong")),
        Exchange::new("admin-token-right", "this one is let in", read("Bearer s3cret")),
    ]
}

fn switched_off() -> Vec<Exchange> {
    vec![Exchange::new("switched-off", "nothing is there", Request::read("status"))]
}
