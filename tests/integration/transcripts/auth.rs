//! Tokens: which are refused, and how one is issued.

use super::exchange::{Exchange, Request};

pub fn exchanges() -> Vec<Exchange> {
    let create = Request::create;
    let cases = [
        ("no-token", "the header is missing", create().without("Authorization")),
        ("unknown-token", "real tokens do not work", create().token("eyJhbGciOi")),
        (
            "other-scheme",
            "only Bearer is taken",
            create().without("Authorization").header("Authorization", "Basic eDp5"),
        ),
        (
            "two-headers",
            "the header may stand once",
            create().header("Authorization", "Bearer gnsb_demo"),
        ),
        ("upper-case-tenant", "a tenant's name is lower case", create().token("gnsb_Demo")),
        ("expired-token", "a fixed token", create().token("gn-expired-token")),
        ("revoked-token", "a fixed token", create().token("gn-revoked-token")),
        (
            "token-issued",
            "the token is in a header",
            Request::auth(r#"{"api_key":"demo-key","api_secret":"demo-secret"}"#),
        ),
        (
            "token-issued-for-any-tenant",
            "any tenant has a key",
            Request::auth(r#"{"api_key":"gnsb_demo","api_secret":"gnsb-secret"}"#),
        ),
        ("missing-secret", "both keys are mandatory", Request::auth(r#"{"api_key":"demo-key"}"#)),
        (
            "malformed-secret",
            "the secret is a string",
            Request::auth(r#"{"api_key":"demo-key","api_secret":7}"#),
        ),
        ("malformed-body", "the body is JSON", Request::auth("{")),
        (
            "wrong-secret",
            "the secret is another",
            Request::auth(r#"{"api_key":"demo-key","api_secret":"wrong"}"#),
        ),
        (
            "wrong-key",
            "no such key",
            Request::auth(r#"{"api_key":"nobody","api_secret":"demo-secret"}"#),
        ),
    ];
    cases.map(|(name, why, request)| Exchange::new(name, why, request).with_entry()).into()
}
