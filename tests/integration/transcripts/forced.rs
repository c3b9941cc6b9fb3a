//! Outcomes that the caller asks for: in every place, every phase, and of every kind.

use super::exchange::{Exchange, Request};
use crate::harness::CREATE;

pub fn exchanges() -> Vec<Exchange> {
    let create = Request::create;
    let with = Request::create_with;
    let cases = [
        ("by-header", "a line in the header", create().scenario("5026")),
        ("by-url", "a line in front of the path", create().target(format!("/~412{CREATE}"))),
        (
            "by-magic-word-in-tags",
            "a word in the group's tags",
            with(r#""group":{"tags":"a, sandbox:404"}"#),
        ),
        (
            "by-magic-word-as-name",
            "a word as the group's name",
            with(r#""group":{"name":"sandbox:500"}"#),
        ),
        ("by-token", "a line in the token", create().token("gnsb_demo.401")),
        ("by-scenario-name", "a built-in scenario", create().scenario("flaky-twice")),
        ("counted-first", "the first call of a line", create().scenario("1x500, ok*")),
        ("counted-second", "the second call of a line", create().scenario("1x500, ok*")),
        (
            "unknown-scenario",
            "an unknown name is answered with the nearest",
            create().scenario("flaky-twize"),
        ),
        ("unknown-outcome", "an outcome that is none", create().scenario("2x50")),
        (
            "unknown-scenario-by-url",
            "the same in the URL",
            create().target(format!("/~outrage{CREATE}")),
        ),
        (
            "two-scenario-headers",
            "only one scenario can be asked for",
            create().scenario("500").scenario("404"),
        ),
        (
            "before-auth",
            "the token is not looked at",
            create().token("gn-revoked-token").scenario("500/before-auth"),
        ),
        ("after-auth", "the body is not looked at", create().body("{").scenario("500/after-auth")),
        ("after-validation", "a valid call fails", create().scenario("5026/after-validation")),
        (
            "after-validation-refused",
            "a call that is refused before uses nothing up",
            create().body("{}").scenario("5026/after-validation"),
        ),
        (
            "after-commit",
            "the group is created, and the caller gets an error",
            create().scenario("500/after-commit"),
        ),
        ("ok", "the contract's answer", create().scenario("ok")),
        ("bad-request", "by name", create().scenario("bad-request")),
        ("unauthorized", "by name", create().scenario("unauthorized")),
        ("community-not-found", "by name", create().scenario("community-not-found")),
        ("brand-not-found", "by name", create().scenario("brand-not-found")),
        ("precondition-failed", "by name", create().scenario("precondition-failed")),
        ("video-not-found", "by name", create().scenario("video-not-found")),
        ("server-error", "by name", create().scenario("server-error")),
        (
            "documented-example",
            "the vendor's answer word for word, nothing is created",
            create().scenario("documented-example"),
        ),
        ("rate-limited", "a proxy's answer", create().scenario("rate-limited")),
        ("bad-gateway", "a proxy's answer", create().scenario("bad-gateway")),
        ("unavailable", "a proxy's answer", create().scenario("unavailable")),
        ("gateway-timeout", "a proxy's answer", create().scenario("gateway-timeout")),
        ("close", "closed without a byte", create().scenario("close")),
        ("truncate", "half of a success", create().scenario("truncate")),
        ("garbage", "bytes that are not HTTP", create().scenario("garbage")),
    ];
    cases.map(|(name, why, request)| Exchange::new(name, why, request).with_entry()).into()
}

/// With `--debug-headers`, which say what was decided.
pub fn with_debug_headers() -> Vec<Exchange> {
    let create = Request::create;
    vec![
        Exchange::new("ok", "a success", create()),
        Exchange::new("refused", "a body that is refused", create().body("{}")),
        Exchange::new("forced", "a forced outcome", create().scenario("5026")),
        Exchange::new("gateway", "a proxy's answer", create().scenario("outage")),
        Exchange::new("no-tenant", "a token of nobody", create().token("x")),
        Exchange::new("unknown-scenario", "a problem", create().scenario("nope")),
        Exchange::new(
            "auth",
            "another endpoint",
            Request::auth(r#"{"api_key":"demo-key","api_secret":"demo-secret"}"#),
        ),
    ]
}
