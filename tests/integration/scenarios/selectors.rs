//! Which place names the scenario of a call, and that an unknown name is refused.

use genuin_sandbox::RunningSandbox;
use serde_json::json;

use super::{COMMUNITY_NOT_FOUND, Call, HEADER, ending, endings};
use crate::harness::{
    AUTH, Answer, App, BAD_REQUEST, CREATE, PRECONDITION_FAILED, UNAUTHORIZED, VIDEO_NOT_FOUND,
    vendor,
};

const SCENARIOS: &str = "(scenarios: ambiguous-create, flaky-twice, outage, partner-journey, rush-hour, slow; outcomes: see genuin-sandbox outcomes)";

/// The answer to a call that names an unknown scenario.
fn not_implemented(detail: &str) -> Answer {
    let body = format!(
        r#"{{"type":"urn:genuin-sandbox:not-implemented","title":"Not Implemented","status":501,"detail":{}}}"#,
        json!(detail)
    );
    let mut answer = vendor(501, &body);
    answer.headers[0].1 = "application/problem+json".into();
    answer
}

fn token_for(app: &App, api_key: &str) -> String {
    let answer = app.auth(&json!({"api_key": api_key, "api_secret": "gnsb-secret"}).to_string());
    assert_eq!(answer.status, 200, "{api_key}: {}", answer.body);
    answer.header("gn-access-token").unwrap().to_owned()
}

#[test]
fn the_header_chooses() {
    let app = App::start();
    assert_eq!(Call::new().header("5026").send(&app), vendor(500, VIDEO_NOT_FOUND));
    assert_eq!(endings(&app, &Call::new().header("flaky-twice"), 3), ["500", "500", "ok"]);
    assert_eq!(ending(&Call::new().send(&app)), "ok", "the next call is as before");
}

#[test]
fn the_prefix_of_the_url_chooses() {
    let app = App::start();
    assert_eq!(Call::new().url("5026").send(&app), vendor(500, VIDEO_NOT_FOUND));
    assert_eq!(endings(&app, &Call::new().url("flaky-twice"), 3), ["500", "500", "ok"]);
    assert_eq!(ending(&Call::new().send(&app)), "ok", "the next call is as before");
}

#[test]
fn the_magic_word_chooses() {
    let app = App::start();
    let by_tags = Call::new().tags("technology, sandbox:5026");
    assert_eq!(by_tags.send(&app), vendor(500, VIDEO_NOT_FOUND));
    assert_eq!(Call::new().name("sandbox:412").send(&app), vendor(412, PRECONDITION_FAILED));
    assert_eq!(endings(&app, &Call::new().tags("sandbox:flaky-twice"), 3), ["500", "500", "ok"]);
}

#[test]
fn the_token_chooses() {
    let app = App::start();
    assert_eq!(Call::new().token("gnsb_demo.5026").send(&app), vendor(500, VIDEO_NOT_FOUND));
    let line = Call::new().token("gnsb_demo.1x500,5026,ok*");
    assert_eq!(endings(&app, &line, 4), ["500", "5026", "ok", "ok"]);
    assert_eq!(ending(&Call::new().send(&app)), "ok", "another token of the tenant");
}

#[test]
fn an_issued_token_chooses_the_line_of_its_api_key() {
    let app = App::start();
    for (line, expected) in [("5026", "5026"), ("ok+1ms", "ok"), ("flaky-twice", "500")] {
        let token = token_for(&app, &format!("gnsb_ci.{line}"));
        assert_eq!(ending(&Call::new().token(&token).send(&app)), expected, "{line}");
        let altered = token.replace(line, "404");
        assert_eq!(Call::new().token(&altered).send(&app), vendor(401, UNAUTHORIZED), "{line}");
    }
}

#[test]
fn the_option_of_the_server_chooses_for_every_tenant() {
    let app = App::with(|builder| builder.scenario("1x5026, 412"));
    for tenant in ["gnsb_demo", "gnsb_other"] {
        let call = Call::new().token(tenant);
        assert_eq!(call.send(&app), vendor(500, VIDEO_NOT_FOUND), "{tenant}");
        assert_eq!(call.send(&app), vendor(412, PRECONDITION_FAILED), "{tenant}");
        assert_eq!(ending(&call.send(&app)), "ok", "{tenant}");
    }
}

#[test]
fn of_two_places_the_first_in_order_wins() {
    let plain = App::start();
    let served = App::with(|builder| builder.scenario("400"));
    let name = |call: Call, selector: &str| match selector {
        "header" => call.header("404"),
        "url" => call.url("412"),
        "magic word" => call.tags("sandbox:5026"),
        "token" => call.token("gnsb_demo.401"),
        "server" => call,
        other => panic!("{other}"),
    };
    let order = [
        ("header", vendor(404, COMMUNITY_NOT_FOUND)),
        ("url", vendor(412, PRECONDITION_FAILED)),
        ("magic word", vendor(500, VIDEO_NOT_FOUND)),
        ("token", vendor(401, UNAUTHORIZED)),
        ("server", vendor(400, BAD_REQUEST)),
    ];
    for (index, (first, expected)) in order.iter().enumerate() {
        let app_of = |selector: &str| if selector == "server" { &served } else { &plain };
        assert_eq!(name(Call::new(), first).send(app_of(first)), *expected, "{first} alone");
        for (second, _) in &order[index + 1..] {
            let call = name(name(Call::new(), second), first);
            assert_eq!(call.send(app_of(second)), *expected, "{first} before {second}");
        }
        let all_below =
            order[index..].iter().fold(Call::new(), |call, (other, _)| name(call, other));
        assert_eq!(all_below.send(&served), *expected, "{first} before all below");
    }
}

#[test]
fn an_unknown_name_is_refused_in_every_place() {
    // this would act if an unknown name were skipped
    let app = App::with(|builder| builder.scenario("400"));
    let outcome =
        format!("unknown outcome \"sever-error\"; did you mean \"server-error\"? {SCENARIOS}");
    let scenario = "unknown scenario \"outrage\"; did you mean \"outage\"? (scenarios: ambiguous-create, flaky-twice, outage, partner-journey, rush-hour, slow)";
    let nothing = format!("unknown outcome \"\" {SCENARIOS}");
    for (name, expected) in [("sever-error", &*outcome), ("outrage", scenario), ("", &nothing)] {
        for (selector, call) in [
            ("header", Call::new().header(name)),
            ("magic word in tags", Call::new().tags(&format!("a,sandbox:{name}"))),
            ("magic word in name", Call::new().name(&format!("sandbox:{name} b"))),
            ("header before url", Call::new().header(name).url("500")),
            ("tags before name", Call::new().tags(&format!("sandbox:{name}")).name("sandbox:500")),
        ] {
            assert_eq!(call.send(&app), not_implemented(expected), "{selector}: {name:?}");
        }
    }
    for (name, expected) in [("sever-error", &*outcome), ("outrage", scenario)] {
        for call in [Call::new().url(name), Call::new().url(name).tags("sandbox:500")] {
            assert_eq!(call.send(&app), not_implemented(expected), "url: {name:?}");
        }
    }
    // the text in a token may be a secret and is not repeated
    let in_token = "the token names an unknown scenario";
    for (name, hint) in [
        ("sever-error", "; did you mean \"server-error\"?"),
        ("outrage", "; did you mean \"outage\"?"),
        ("", ""),
    ] {
        let call = Call::new().token(&format!("gnsb_demo.{name}"));
        let expected = not_implemented(&format!("{in_token}{hint} {SCENARIOS}"));
        assert_eq!(call.send(&app), expected, "{name:?}");
    }
    for (line, why) in [
        ("2x5000", "unknown outcome \"5000\"; did you mean \"500\"?"),
        ("2X500", "unknown outcome \"2X500\"; did you mean \"2x500\"?"),
        ("404,3xsever-error", "unknown outcome \"sever-error\"; did you mean \"server-error\"?"),
        ("0x500", "invalid count \"0\"; it must be at least 1"),
    ] {
        let expected = not_implemented(&format!("{why} {SCENARIOS}"));
        for call in [Call::new().token(&format!("gnsb_demo.{line}")), Call::new().header(line)] {
            assert_eq!(call.send(&app), expected, "a line that is nearly one says why: {line}");
        }
    }
    let keys = json!({"api_key": "gnsb_demo.sever-error", "api_secret": "gnsb-secret"});
    let expected = format!("{in_token}; did you mean \"server-error\"? {SCENARIOS}");
    assert_eq!(app.auth(&keys.to_string()), not_implemented(&expected), "not bound to a token");
    let error = RunningSandbox::builder().scenario("sever-error").start().unwrap_err();
    assert_eq!(error.to_string(), format!("--scenario: {outcome}"));
}

#[test]
fn a_repeated_header_is_refused_even_with_equal_values() {
    let app = App::start();
    let expected = not_implemented("the header X-Sandbox-Scenario is repeated; send it once");
    for (first, second) in [("500", "500"), ("500", "404"), ("ok", "")] {
        let call = Call::new().header(first).header(second);
        assert_eq!(call.send(&app), expected, "{first:?} and {second:?}");
    }
}

#[test]
fn the_prefix_ends_at_the_first_api_segment_and_is_decoded_once() {
    let not_known = |shown: &str| not_implemented(&format!("unknown outcome {shown} {SCENARIOS}"));
    let percent = |shown: &str| {
        not_implemented(&format!(
            "invalid chance {shown}; write it like 30%, from 0% to 100% {SCENARIOS}"
        ))
    };
    for (prefix, expected, reason) in [
        ("1x400,%205026", vendor(400, BAD_REQUEST), "a space"),
        ("404%2c500", vendor(404, COMMUNITY_NOT_FOUND), "lower-case digits"),
        ("%34%30%34", vendor(404, COMMUNITY_NOT_FOUND), "what needs no encoding"),
        ("404@100%25", vendor(404, COMMUNITY_NOT_FOUND), "an encoded %"),
        ("404@100%", vendor(404, COMMUNITY_NOT_FOUND), "a stray % before the slash"),
        ("404%40100%,500", vendor(404, COMMUNITY_NOT_FOUND), "a stray % before a comma"),
        ("404+1ms", vendor(404, COMMUNITY_NOT_FOUND), "a + is no space"),
        ("404/before-auth", vendor(404, COMMUNITY_NOT_FOUND), "a phase with its slash"),
        ("404%2Fbefore-auth", vendor(404, COMMUNITY_NOT_FOUND), "a phase with an encoded slash"),
        ("404*", vendor(404, COMMUNITY_NOT_FOUND), "a star"),
        ("404@100%2525", percent("\"100%25\""), "not decoded twice"),
        (
            "%ff",
            not_implemented(&format!("the call names an unknown scenario {SCENARIOS}")),
            "what is not UTF-8",
        ),
        (
            "500/~401",
            not_implemented(&format!(
                "unknown phase \"~401\" (known: before-auth, after-auth, after-validation, after-commit) {SCENARIOS}"
            )),
            "two prefixes",
        ),
        (
            "[post_video,auth]:500",
            not_implemented(&format!(
                "unknown endpoint \"[post_video,auth]\" (known: create_group, create_community, add_users, \
                 add_moderators, auth, post_video, update_conversation) {SCENARIOS}"
            )),
            "a list of endpoints",
        ),
        ("%zz", not_known("\"%zz\""), "a % that begins nothing"),
    ] {
        assert_eq!(Call::new().url(prefix).send(&App::start()), expected, "{prefix}: {reason}");
    }
}

#[test]
fn the_tilde_of_a_prefix_may_be_encoded() {
    let app = App::start();
    let call = Call::new();
    let headers = [("Authorization", "Bearer gnsb_demo"), ("Content-Type", "application/json")];
    for (path, status) in [
        (format!("/%7E404{CREATE}"), 404),
        (format!("/%7e2x412,404{CREATE}"), 412),
        (format!("/%7E404@100%25{CREATE}"), 404),
        (format!("/%7Esever-error{CREATE}"), 501),
        // decoded once: this is a path of its own
        (format!("/%257E412{CREATE}"), 404),
    ] {
        let answer = app.post(&path, &headers, call.body.to_string().as_bytes());
        assert_eq!(answer.status, status, "{path}");
        let is_vendor = answer.header("content-type") == Some("application/json; charset=utf-8");
        assert_eq!(is_vendor, !path.contains("257E") && status != 501, "{path}: {}", answer.body);
    }
}

#[test]
fn a_prefix_that_is_incomplete_is_refused_with_the_form_of_the_base_url() {
    let app = App::with(|builder| builder.scenario("400"));
    let nameless = "the URL names no scenario after its \"/~\"";
    let slash = "the scenario in the URL has a slash too many";
    for (prefix, what, example) in [
        ("", nameless, "5026"),
        ("/", nameless, "5026"),
        ("500/", slash, "500"),
        ("/500", slash, "500"),
        ("flaky-twice//", slash, "flaky-twice"),
        ("500//after-commit", slash, "NAME"),
        ("S3CRET/", slash, "NAME"),
    ] {
        let expected = format!(
            "{what}; write the base URL like http://HOST:PORT/~{example}, with no slash at its end"
        );
        assert_eq!(Call::new().url(prefix).send(&app), not_implemented(&expected), "{prefix:?}");
    }
    for path in ["/~500", "/~500/", "/~", "/%7E500/group/create", "/~500/api"] {
        let answer = app.post(path, &[("Content-Type", "application/json")], b"{}");
        assert_eq!(answer.status, 404, "{path}");
        let expected = format!(
            "unknown path \"{path}\"; a URL with a scenario has the vendor's path after it, as in \
             /~5026{CREATE}, where the base URL is http://HOST:PORT/~5026"
        );
        assert_eq!(answer.json()["detail"], json!(expected), "{path}");
    }
}

#[test]
fn the_phase_in_a_prefix_is_used() {
    let app = App::start();
    let chat_id = json!("0a0b0c0d-1111-4222-8333-444455556666");
    let call = Call::new().with("/chat_id", chat_id);
    assert_eq!(call.clone().url("500/after-commit").send(&app), vendor(500, BAD_REQUEST));
    assert_eq!(call.send(&app), vendor(400, BAD_REQUEST), "the group is there");
}

#[test]
fn the_magic_word_is_a_whole_word_in_tags_or_name() {
    for (tags, name, expected, reason) in [
        ("sandbox:5026", "n", "5026", "all there is"),
        ("a,sandbox:5026,b", "n", "5026", "between commas"),
        ("a sandbox:5026 b", "n", "5026", "between spaces"),
        ("a", "My sandbox:5026", "5026", "at the end of the name"),
        ("sandbox:5026 sandbox:400", "n", "5026", "the first of two"),
        ("sandbox:5026", "sandbox:400", "5026", "tags before name"),
        ("a,,  sandbox:5026", "n", "5026", "after empty words"),
        ("Sandbox:503", "n", "503", "in another case"),
        ("a", "My SANDBOX:5026", "5026", "in capitals"),
        ("sandBOX:Server-Error", "n", "500", "the outcome in another case"),
        ("Sandbox:RATE-LIMITED", "n", "429", "the outcome in capitals"),
        ("SANDBOX:Flaky-Twice", "n", "501", "a scenario has one name"),
        ("SANDBOX:nope", "n", "501", "an unknown name in capitals"),
        ("ſandbox:503", "n", "ok", "a letter that is none of them"),
        ("xsandbox:5026", "n", "ok", "the end of another word"),
        ("a;sandbox:5026", "n", "ok", "after another letter"),
        ("sandbox", "5026", "ok", "no colon"),
        ("sandbox:5026.", "n", "501", "the word does not end there"),
        ("sandbox: 5026", "n", "501", "a space ends the word"),
    ] {
        let answer = Call::new().tags(tags).name(name).send(&App::start());
        assert_eq!(ending(&answer), expected, "{tags:?} {name:?}: {reason}");
    }
}

#[test]
fn the_magic_word_has_no_effect_in_other_fields() {
    for pointer in ["/group/description", "/group/dp", "/recorded_video/description_text"] {
        let answer = Call::new().with(pointer, json!("sandbox:5026")).send(&App::start());
        assert_eq!(ending(&answer), "ok", "{pointer}");
    }
}

#[test]
fn the_magic_word_is_found_in_escaped_json() {
    let app = App::start();
    let body = Call::new().tags("sandbox:5026").body.to_string();
    let escaped = body.replace("sandbox:5026", "s\\u0061ndbox\\u003a5026");
    assert_ne!(body, escaped);
    assert_eq!(app.create_as("gnsb_demo", escaped.as_bytes()), vendor(500, VIDEO_NOT_FOUND));
}

#[test]
fn a_scenario_that_is_too_long_is_refused_alike_wherever_it_is_named() {
    let app = App::start();
    let line = |bytes: usize| format!("1x5026{}", ",ok".repeat(bytes / 3 - 2));
    for bytes in [510, 516, 1023] {
        let line = line(bytes);
        assert_eq!(line.len(), bytes);
        for call in [
            Call::new().token("gnsb_a").header(&line),
            Call::new().token("gnsb_b").url(&line),
            Call::new().token(&format!("gnsb_c.{line}")),
        ] {
            assert_eq!(ending(&call.send(&app)), "5026", "{bytes}");
        }
    }
    for bytes in [1026, 6000] {
        let line = line(bytes);
        let api_key = format!("gnsb_demo.{line}");
        for (answer, place) in [
            (Call::new().header(&line).send(&app), "header X-Sandbox-Scenario"),
            (Call::new().url(&line).send(&app), "URL"),
            (Call::new().token(&api_key).send(&app), "token"),
        ] {
            let detail =
                format!("the scenario in the {place} has {bytes} bytes, the limit is 1024");
            assert_eq!(answer, not_implemented(&detail));
        }
    }
}

#[test]
fn a_login_is_affected_only_by_a_line_that_is_chosen_for_the_call() {
    let served = App::with(|builder| builder.scenario("500"));
    let keys = r#"{"api_key":"gnsb_demo.500","api_secret":"gnsb-secret"}"#;
    let headers = [("Content-Type", "application/json"), (HEADER, "500")];
    let in_url = format!("/~500{AUTH}");
    for (path, headers, expected) in
        [(AUTH, &headers[..1], 200), (AUTH, &headers[..], 500), (&in_url, &headers[..1], 500)]
    {
        assert_eq!(served.post(path, headers, keys.as_bytes()).status, expected, "{path}");
    }
}

#[test]
fn a_file_leaves_logins_alone_that_its_rules_do_not_name_even_if_it_is_chosen_for_the_call() {
    let app = App::start();
    let keys = r#"{"api_key":"demo-key","api_secret":"demo-secret"}"#;
    let scenarios = app.own("scenarios")["scenarios"].clone();
    let names = scenarios.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap());
    let is_refused = |name: &&str| {
        let headers = [("Content-Type", "application/json"), (HEADER, *name)];
        app.post(AUTH, &headers, keys.as_bytes()).status != 200
    };
    let (refused, accepted): (Vec<_>, Vec<_>) = names.partition(is_refused);
    assert_eq!(refused, ["partner-journey"]);
    assert!(accepted.contains(&"outage"), "{accepted:?}");
}
