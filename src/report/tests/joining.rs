//! Which calls are tries of the same thing.

use super::calls::{found, found_in, report};

fn operations(calls: &str) -> u64 {
    report("a", calls).operations
}

#[test]
fn calls_are_joined_by_own_id_then_by_body_then_by_key() {
    for (calls, expected, reason) in [
        ("0 id=a body=x 500, 100 id=a body=y 500", 1, "the same own id"),
        ("0 id=a body=x 500, 100 id=A body=y 500", 1, "in another case"),
        ("0 id=a body=x 500, 90000 id=a body=y 500", 1, "however late"),
        ("0 body=x 500, 60001 body=x 500", 1, "the same body within 60 s of the answer"),
        ("0 body=x 500, 60002 body=x 500", 2, "after more"),
        ("0 body=x 500 takes=500, 400 body=x 500", 2, "before the answer"),
        ("0 body=x 500 left takes=500, 400 body=x 500", 1, "one that was left before it ended"),
        ("0 body=x ok left takes=500, 400 body=x ok", 1, "the same with a success"),
        ("0 body=x close takes=500, 400 body=x ok", 1, "one that a fault ended"),
        ("0 body=x ok left takes=500, 60501 body=x ok", 2, "but no more than 60 s after it"),
        ("0 body=x 500 pending, 400 body=x 500", 2, "the first is under way"),
        ("0 body=x 500, 100 body=y 500", 2, "another body"),
        ("0 body=x key=k 500, 100 body=y key=k 500", 1, "the same key"),
        ("0 body=x key=k 500, 100 body=y key=l 500", 2, "another key"),
        ("0 body=x ok, 100 body=x ok", 2, "a success ends an operation"),
        ("0 id=a ok, 100 id=a 400", 2, "for the own id too"),
        ("0 id=a ok takes=500, 499 id=A body=y 400", 1, "but not while it is under way"),
        ("0 id=a ok takes=500, 500 id=a 400", 2, "but when it was sent"),
        (
            "0 id=a ok takes=500, 100 id=a ok takes=10, 200 id=a 400",
            2,
            "the first of two successes ends it",
        ),
        (
            "0 id=a ok takes=500, 100 id=a 400, 450 id=b body=y ok, 600 id=a 400, 700 id=a 400",
            3,
            "one that others went on beside",
        ),
        ("0 key=k ok takes=500, 100 body=y key=k 400", 1, "the same by the key"),
        ("0 key=k ok takes=500, 600 body=y key=k 400", 2, "and its end"),
        ("0 to=add_users key=k ok takes=9, 1 to=add_users body=y key=k 404", 1, "no own id"),
        ("0 body=x ok takes=500, 100 body=x ok", 2, "the body alone says nothing then"),
        ("0 body=x ok left, 3000 body=x ok", 1, "one that was not read does not"),
        ("0 body=x documented-example, 100 body=x 500", 2, "that is a success"),
        ("0 to=add_users body=x 500, 100 to=add_moderators body=x 500", 2, "another endpoint"),
        (
            "0 id=a body=x 500, 100 id=b body=x 500, 200 id=a body=z 500, 300 id=b body=z 500",
            1,
            "both ids",
        ),
        ("0 body=x 500, 10 body=y 500, 500 body=x 500, 510 body=y 500", 2, "two clients in turn"),
        (
            "0 body=x 500 takes=9, 1 body=x 500 takes=9, 20 body=x ok, 40 body=x ok",
            2,
            "two at the same time",
        ),
    ] {
        assert_eq!(operations(calls), expected, "{reason}");
    }
}

#[test]
fn bodies_are_compared_as_json_without_own_ids() {
    for (one, other, expected, reason) in [
        (r#"{"a":1,"b":[1,2]}"#, r#"{"b":[1,2],"a":1}"#, 1, "the order of keys"),
        (r#"{"a":1}"#, r#"{"a":1.0}"#, 2, "another number"),
        (r#"{"b":[1,2]}"#, r#"{"b":[2,1]}"#, 2, "the order of a list"),
        (r#"{"a":"x"}"#, r#"{"a":"\u0078"}"#, 1, "another way to write it"),
        (r#"{"a":1}"#, r#"{"chat_id":"x","a":1}"#, 1, "an own id more"),
        (r#"{"a":{"chat_id":"x"}}"#, r#"{"a":{"chat_id":"y"}}"#, 2, "not the own id"),
        (
            r#"{"recorded_video":{"message_id":"x"}}"#,
            r#"{"recorded_video":{"message_id":"y"}}"#,
            1,
            "an id that the caller makes up",
        ),
        ("{broken", "{broken", 1, "not JSON"),
        ("{broken", "{broken]", 2, "not JSON, and different"),
        (r#"{"a":null}"#, r#"{"a":0}"#, 2, "null"),
        ("[]", "{}", 2, "nothing in it"),
    ] {
        let calls = format!("0 raw={one} 500, 100 raw={other} 500");
        assert_eq!(operations(&calls), expected, "{reason}");
    }
}

#[test]
fn a_body_that_is_too_long_to_be_kept_is_compared_by_its_fingerprint() {
    assert_eq!(operations("0 raw={a cut=20000 long=1 500, 100 raw={a cut=20000 long=1 500"), 1);
    assert_eq!(operations("0 raw={a cut=20000 long=1 500, 100 raw={a cut=20000 long=2 500"), 2);
    assert_eq!(operations("0 raw={a cut=20000 500, 100 raw={a cut=20000 500"), 1);
    assert_eq!(operations("0 raw={a cut=20000 500, 100 raw={a cut=20001 500"), 2);
    assert_eq!(report("a", "0 raw={a cut=20000 500, 1 500").cut_bodies, 1);
}

#[test]
fn a_key_or_query_that_is_too_long_to_be_kept_is_compared_by_its_fingerprint() {
    let long = "x".repeat(2000);
    let key = |one: &str, other: &str| {
        operations(&format!(
            "0 to=add_users key={long}{one} 500, 100 to=add_users body=y key={long}{other} 500"
        ))
    };
    assert_eq!(key("1", "1"), 1);
    assert_eq!(key("1", "2"), 2);
    let query = |one: &str, other: &str| {
        found(&format!("0 query={long}{one} 400, 100 query={long}{other} 400"))
    };
    assert_eq!(query("1", "1"), "retried-permanent 1 2");
    assert_eq!(query("1", "2"), "");
}

#[test]
fn calls_without_a_tenant_are_joined_if_their_token_is_the_same() {
    assert_eq!(found_in("anonymous", "0 401, 500 401"), "retried-permanent 1 2");
    assert_eq!(found_in("anonymous", "0 401, 500 token=2 401"), "");
    assert_eq!(report("anonymous", "0 id=a 503, 500 id=a token=2 503").operations, 2);
    let calls = "0 503, 500 token=2 503";
    assert_eq!(found(calls), "gave-up-on-transient 2", "a tenant is one client");
}

#[test]
fn many_calls_at_the_same_time_are_judged_in_linear_time() {
    // each is looked for among all before it
    for (words, operations) in [("hang pending", 20_000), ("key=k ok takes=99999", 1)] {
        let calls: Vec<_> = (0..20_000).map(|at| format!("{at} {words}")).collect();
        let report = report("a", &calls.join(", "));
        assert_eq!((report.calls, report.operations), (20_000, operations));
    }
}
