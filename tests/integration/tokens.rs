//! The Authorization header, tokens and tenants.

use crate::harness::{App, CREATE, EXAMPLE, UNAUTHORIZED, vendor};

#[test]
fn tenants_do_not_see_each_others_groups() {
    let app = App::start();
    for token in ["gnsb_a", "gnsb_b", &format!("gnsb_{}", "x".repeat(63)), "gn-demo-token"] {
        assert_eq!(app.create_as(token, EXAMPLE.as_bytes()).status, 200, "{token}");
    }
    assert_eq!(
        app.create_as("gnsb_demo", EXAMPLE.as_bytes()).status,
        400,
        "gn-demo-token is of the same tenant"
    );
}

#[test]
fn the_scheme_is_case_insensitive() {
    let app = App::start();
    for (index, scheme) in ["Bearer", "bearer", "BEARER", "Bearer "].into_iter().enumerate() {
        let value = format!("{scheme} gnsb_t{index}");
        let headers = [("Authorization", value.as_str()), ("Content-Type", "application/json")];
        assert_eq!(app.post(CREATE, &headers, EXAMPLE.as_bytes()).status, 200, "{scheme:?}");
    }
}

#[test]
fn any_other_authorization_is_refused() {
    let app = App::start();
    let long = format!("Bearer gnsb_{}", "x".repeat(64));
    let cases: [(&[(&str, &str)], &str); 16] = [
        (&[], "no header"),
        (&[("Authorization", "")], "an empty header"),
        (&[("Authorization", "gnsb_demo")], "no scheme"),
        (&[("Authorization", "Basic Z25zYl9kZW1v")], "another scheme"),
        (&[("Authorization", "Bearer")], "no token"),
        (&[("Authorization", "Bearer gnsb_demo x")], "a space in the token"),
        (
            &[("Authorization", "Bearer gnsb_demo"), ("Authorization", "Bearer gnsb_demo")],
            "two headers",
        ),
        (&[("gn-access-token", "gnsb_demo")], "the token in a header of answers"),
        (&[("Authorization", "Bearer nobody")], "an unknown token"),
        (&[("Authorization", "Bearer gnsb_")], "no tenant after the prefix"),
        (&[("Authorization", "Bearer gnsb_Demo")], "a tenant in upper case"),
        (&[("Authorization", "Bearer gnsb_anonymous")], "the reserved tenant"),
        (&[("Authorization", &long)], "a tenant of 64 letters"),
        (&[("Authorization", "Bearer gn-expired-token")], "an expired token"),
        (&[("Authorization", "Bearer gn-revoked-token")], "a revoked token"),
        (&[("Authorization", "Bearer gnat_demo.1.0.x.y")], "a forged token"),
    ];
    for (headers, reason) in cases {
        let headers: Vec<_> =
            headers.iter().copied().chain([("Content-Type", "application/json")]).collect();
        assert_eq!(
            app.post(CREATE, &headers, EXAMPLE.as_bytes()),
            vendor(401, UNAUTHORIZED),
            "{reason}"
        );
    }
}
