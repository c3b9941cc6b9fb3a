//! The answers of forced outcomes, compared as a whole: nothing in them shows that they were forced.

use super::{COMMUNITY_NOT_FOUND, Call, SERVER_ERROR, with_rules};
use crate::harness::{
    Answer, App, BAD_REQUEST, BRAND_NOT_FOUND, PRECONDITION_FAILED, UNAUTHORIZED, VIDEO_NOT_FOUND,
    example, vendor,
};

/// The answer of a proxy.
fn gateway(status: u16, reason: &str, more: &[(&str, &str)]) -> Answer {
    let body = format!(
        "<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>\r\n\
         <center><h1>{status} {reason}</h1></center>\r\n<hr><center>gateway</center>\r\n</body>\r\n</html>\r\n"
    );
    with_headers(vendor(status, &body), "text/html", more)
}

/// The answer with another media type and more headers.
fn with_headers(mut answer: Answer, media_type: &str, more: &[(&str, &str)]) -> Answer {
    answer.headers[0].1 = media_type.into();
    let more = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    answer.headers.splice(1..1, more);
    answer
}

/// Removes the spaces between the parts of a JSON text.
fn compact(text: &str) -> String {
    let (mut in_text, mut escaped) = (false, false);
    text.chars()
        .filter(|letter| {
            let keep = in_text || !letter.is_whitespace();
            if *letter == '"' && !escaped {
                in_text = !in_text;
            }
            escaped = in_text && *letter == '\\' && !escaped;
            keep
        })
        .collect()
}

fn documented_example() -> String {
    compact(include_str!("../examples/create-group.response.json"))
}

#[test]
fn every_outcome_of_the_contract_has_the_vendors_answer() {
    for (names, status, body) in [
        (&["bad-request", "400", "1099"][..], 400, BAD_REQUEST),
        (&["unauthorized", "401", "5159"], 401, UNAUTHORIZED),
        (&["community-not-found", "404", "5218"], 404, COMMUNITY_NOT_FOUND),
        (&["brand-not-found"], 404, BRAND_NOT_FOUND),
        (&["precondition-failed", "412", "5166"], 412, PRECONDITION_FAILED),
        (&["video-not-found", "5026"], 500, VIDEO_NOT_FOUND),
        (&["server-error", "500"], 500, SERVER_ERROR),
    ] {
        for name in names {
            for call in [
                Call::new().header(name),
                Call::new().url(name),
                Call::new().tags(&format!("sandbox:{name}")),
                Call::new().token(&format!("gnsb_demo.{name}")),
            ] {
                assert_eq!(call.send(&App::start()), vendor(status, body), "{name}");
            }
        }
    }
}

#[test]
fn the_outcome_ok_has_the_answer_of_a_call_without_a_scenario() {
    let real = Call::new().send(&App::start());
    assert_eq!(real, vendor(200, &real.body));
    for line in ["ok", "ok+1ms", "3xok", "500@0%"] {
        assert_eq!(Call::new().header(line).send(&App::start()), real, "{line}");
        assert_eq!(Call::new().url(line).send(&App::start()), real, "{line}");
        let served = App::with(|builder| builder.scenario(line));
        assert_eq!(Call::new().send(&served), real, "{line}");
    }
}

#[test]
fn a_gateway_outcome_has_the_page_of_a_proxy() {
    let app = App::start();
    for (names, expected) in [
        (["rate-limited", "429"], gateway(429, "Too Many Requests", &[("retry-after", "1")])),
        (["bad-gateway", "502"], gateway(502, "Bad Gateway", &[])),
        (["unavailable", "503"], gateway(503, "Service Unavailable", &[])),
        (["gateway-timeout", "504"], gateway(504, "Gateway Timeout", &[])),
    ] {
        for name in names {
            assert_eq!(Call::new().header(name).send(&app), expected, "{name}");
        }
    }
}

#[test]
fn the_built_in_outage_is_a_503_behind_the_token_check() {
    let app = App::start();
    let expected = gateway(503, "Service Unavailable", &[]);
    assert_eq!(Call::new().header("outage").send(&app), expected);
    let bad_token = Call::new().token("no-such-token").header("outage");
    assert_eq!(bad_token.send(&app).status, 401);
}

#[test]
fn the_documented_example_is_sent_word_for_word_and_nothing_is_created() {
    let app = App::start();
    let example_call = Call::new().with("/chat_id", example()["chat_id"].clone());
    let documented = documented_example();
    assert!(serde_json::from_str::<serde_json::Value>(&documented).is_ok(), "{documented}");
    for _ in 0..2 {
        let answer = example_call.clone().header("documented-example").send(&app);
        assert_eq!(answer, vendor(200, &documented));
    }
    assert_eq!(example_call.send(&app), example_call.send(&App::start()), "the first group");
}

#[test]
fn a_step_can_replace_the_message_of_an_error() {
    let (app, _folder) = with_rules(
        "- { id: a, do: { outcome: video-not-found, message: \"Video \\\"x\\\" is gné\" } }",
    );
    let expected = r#"{"code":"5026","message":"Video \"x\" is gné","data":{}}"#;
    assert_eq!(Call::new().send(&app), vendor(500, expected));
}

#[test]
fn a_step_can_add_and_replace_headers() {
    let (app, _folder) = with_rules(
        "- id: a\n  do:\n  - { outcome: 500, headers: { X-Trace: abc, content-type: text/plain } }\n\
         \x20 - { outcome: ok, headers: { x-trace: abc } }",
    );
    let expected = with_headers(vendor(500, SERVER_ERROR), "text/plain", &[]);
    let first = Call::new().send(&app);
    assert_eq!(first.header("x-trace"), Some("abc"));
    assert_eq!(first.header("content-type"), Some("text/plain"));
    assert_eq!((first.status, first.headers.len(), &first.body), (500, 3, &expected.body));
    let second = Call::new().send(&app);
    let plain = Call::new().send(&App::start());
    assert_eq!(
        second,
        with_headers(plain, "application/json; charset=utf-8", &[("x-trace", "abc")])
    );
}

#[test]
fn a_retry_after_among_the_headers_replaces_the_default_of_429() {
    let (app, _folder) =
        with_rules("- { id: a, do: { outcome: 429, headers: { Retry-After: \"7\" } } }");
    let expected = gateway(429, "Too Many Requests", &[("retry-after", "7")]);
    assert_eq!(Call::new().send(&app), expected);
}

#[test]
fn a_step_can_set_retry_after() {
    let (app, _folder) = with_rules(
        "- id: a\n  do:\n  - { outcome: 429, retry_after: 30 }\n  - { outcome: 503, retry_after: 1.2s }\n\
         \x20 - { outcome: 500, retry_after: 2m }\n  - { outcome: 503 }",
    );
    let json = "application/json; charset=utf-8";
    for expected in [
        gateway(429, "Too Many Requests", &[("retry-after", "30")]),
        gateway(503, "Service Unavailable", &[("retry-after", "2")]),
        with_headers(vendor(500, SERVER_ERROR), json, &[("retry-after", "120")]),
        gateway(503, "Service Unavailable", &[]),
    ] {
        assert_eq!(Call::new().send(&app), expected);
    }
}
