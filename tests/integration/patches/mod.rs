//! Patches: a refused body is accepted once the patches of its findings are applied.

mod not_json;
mod repeated;
mod shapes;

use genuin_sandbox::MediaMode;
use json_patch::Patch;
use serde_json::{Value, json};

use crate::fields::table;
use crate::harness::{Answer, App, EXAMPLE, example, set, without};

const UNKNOWN_ID: &str = "11111111-1111-1111-1111-111111111111";

/// Sends a body; returns the answer and the findings in the journal.
fn send(app: &App, body: &str) -> (Answer, Vec<Value>) {
    let answer = app.create_as(&app.sandbox.token(), body.as_bytes());
    let last = app.sandbox.requests().pop().unwrap();
    (answer, last.findings.iter().map(|finding| json!(finding)).collect())
}

/// Applies the patches of all errors, one after another.
fn patched(body: &str, findings: &[Value]) -> Result<String, String> {
    let mut body: Value = serde_json::from_str(body).unwrap();
    for finding in findings.iter().filter(|finding| finding["severity"] == "error") {
        // a finding that another patch repairs has no patch
        let Some(patch) = finding.get("patch") else { continue };
        let patch: Patch = serde_json::from_value(patch.clone()).unwrap();
        json_patch::patch(&mut body, &patch).map_err(|error| format!("{error}: {finding}"))?;
    }
    Ok(body.to_string())
}

/// Sends a body, which must be refused, and the patched body, which must be accepted. Returns what is
/// wrong otherwise.
fn patch_failure(app: &App, body: &str) -> Option<String> {
    let (answer, findings) = send(app, body);
    if answer.status == 200 {
        return Some("it is not refused".into());
    }
    let patched_warning = findings
        .iter()
        .find(|finding| finding["severity"] == "warning" && !finding["patch"].is_null());
    if let Some(finding) = patched_warning {
        return Some(format!("a warning has a patch: {finding}"));
    }
    let patched = match patched(body, &findings) {
        Ok(patched) => patched,
        Err(why) => return Some(why),
    };
    let (answer, remaining) = send(app, &patched);
    let applied: Vec<_> = findings.iter().map(|finding| &finding["patch"]).collect();
    (answer.status != 200)
        .then(|| format!("{} after {}: {}", answer.status, json!(applied), json!(remaining)))
}

/// Checks that each body is refused and its patches repair it, each in a new sandbox.
fn assert_patched(media: MediaMode, cases: impl IntoIterator<Item = (String, String)>) {
    let mut count = 0;
    let mut failures = Vec::new();
    for (name, body) in cases {
        let app = App::with(|builder| builder.media(media));
        failures.extend(patch_failure(&app, &body).map(|why| format!("{name}: {why}")));
        count += 1;
    }
    assert!(failures.is_empty(), "{} of {count}:\n{}", failures.len(), failures.join("\n"));
    assert!(count > 0, "no bodies were given");
}

fn assert_values_patched<const N: usize>(cases: [(&str, Value); N]) {
    assert_patched(
        MediaMode::Lenient,
        cases.map(|(name, body)| (name.to_owned(), body.to_string())),
    );
}

#[test]
fn every_refused_value_of_the_field_table_is_repaired() {
    let cases = table().into_iter().flat_map(|row| {
        let (path, pointer) = (row.path, row.pointer);
        row.refused.into_iter().map(move |(value, reason)| {
            let name = format!("{path} = {value} ({reason})");
            (name, set(example(), pointer, value).to_string())
        })
    });
    assert_patched(MediaMode::Lenient, cases);
}

#[test]
fn a_missing_mandatory_key_is_added_and_a_misspelled_one_renamed() {
    let renamed = |pointer: &str, name: &str| {
        let value = example().pointer(pointer).unwrap().clone();
        let (parent, _) = pointer.rsplit_once('/').unwrap();
        set(without(example(), pointer), &format!("{parent}/{name}"), value)
    };
    assert_values_patched([
        ("no type", without(example(), "/type")),
        ("no community_id", without(example(), "/community_id")),
        ("an empty object", json!({})),
        ("a misspelled type", renamed("/type", "typ")),
        ("a misspelled community_id", renamed("/community_id", "communityId")),
        ("a misspelled key with / and ~", renamed("/community_id", "community~1id")),
        ("no action_id", without(example(), "/actions/1/action_id")),
        ("a misspelled action_id", renamed("/actions/0/action_id", "actionId")),
        ("a misspelled access_type_id", renamed("/actions/1/access_type_id", "accessTypeId")),
        ("a key that could be either of two", {
            let both =
                without(without(example(), "/actions/0/action_id"), "/actions/0/access_type_id");
            set(both, "/actions/0/action_type_id", json!(3))
        }),
        ("a misspelled key of the wrong kind", set(renamed("/type", "typ"), "/typ", json!("four"))),
        ("two that are misspelled", {
            let mut body = without(without(example(), "/type"), "/community_id");
            body["Type"] = json!(4);
            body["Community_id"] = example()["community_id"].clone();
            body
        }),
    ]);
}

#[test]
fn a_misspelled_mandatory_key_is_renamed_by_one_move() {
    let app = App::start();
    let mut body = without(example(), "/community_id");
    body["communityId"] = example()["community_id"].clone();
    let (_, findings) = send(&app, &body.to_string());
    let expected = json!([{
        "severity": "error",
        "pointer": "/community_id",
        "clause": "create_group.community_id",
        "message": "is missing",
        "suggestion": "you sent \"communityId\" — did you mean \"community_id\"?",
        "patch": [{"op": "move", "from": "/communityId", "path": "/community_id"}],
    }]);
    assert_eq!(json!(findings), expected);
}

#[test]
fn a_member_is_left_with_exactly_one_of_the_two_keys() {
    let member = |member: Value| set(example(), "/group/members/0", member);
    let user = "0badcafe-1111-4222-8333-444455556666";
    assert_values_patched([
        ("none", member(json!({}))),
        ("a name alone", member(json!({"name": "Ada"}))),
        ("both null", member(json!({"user_id": null, "phone_number": null}))),
        ("both", member(json!({"user_id": user, "phone_number": "919876543210"}))),
        ("both, the user_id wrong", member(json!({"user_id": 7, "phone_number": "919876543210"}))),
        ("both, the phone_number wrong", member(json!({"user_id": user, "phone_number": "+1"}))),
        ("both wrong", member(json!({"user_id": "x", "phone_number": "x"}))),
        ("a misspelled number", member(json!({"phoneNumber": "919876543210"}))),
        ("a misspelled id", member(json!({"userId": user}))),
        ("a misspelled number with a plus", member(json!({"phoneNumber": "+919876543210"}))),
        ("both misspelled", member(json!({"userId": user, "phoneNumber": "919876543210"}))),
        ("a misspelled number beside null", {
            member(json!({"phone_number": null, "phoneNumber": "919876543210"}))
        }),
        ("three at once", set(example(), "/group/members", json!([{}, null, {"user_id": 1}]))),
    ]);
}

#[test]
fn an_unknown_id_is_replaced() {
    let user = json!({"user_id": UNKNOWN_ID});
    assert_values_patched([
        ("an unknown community", set(example(), "/community_id", json!(UNKNOWN_ID))),
        ("an unknown user", set(example(), "/group/members/0", user.clone())),
        ("two unknown users", set(example(), "/group/members", json!([user, user]))),
    ]);
}

#[test]
fn a_repeated_chat_id_is_removed() {
    let app = App::start();
    assert_eq!(send(&app, EXAMPLE).0.status, 200);
    assert_eq!(patch_failure(&app, EXAMPLE), None);
}

#[test]
fn a_missing_video_is_replaced_in_both_media_modes() {
    let cases = || {
        [json!("missing.mp4"), json!("MISSING"), json!(""), Value::Null]
            .map(|name| set(example(), "/recorded_video/video_name", name))
            .into_iter()
            .chain([
                without(example(), "/recorded_video/video_name"),
                set(example(), "/recorded_video", json!({})),
            ])
            .map(|body| (body["recorded_video"].to_string(), body.to_string()))
    };
    assert_patched(MediaMode::Lenient, cases());
    let not_uploaded = set(example(), "/recorded_video/video_name", json!("never.mp4")).to_string();
    assert_patched(MediaMode::Strict, cases().chain([("not uploaded".to_owned(), not_uploaded)]));
}

#[test]
fn a_file_that_is_reserved_for_errors_is_not_proposed() {
    let patch = |media: &str| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("media.yaml");
        let text = include_str!("../../../fixtures/default.yaml");
        let head = text.split("\nmedia:").next().unwrap();
        std::fs::write(&file, format!("{head}\nmedia: {media}\n")).unwrap();
        let app = App::with(|builder| builder.fixtures(&file).media(MediaMode::Strict));
        let body = set(example(), "/recorded_video/video_name", json!("never.mp4"));
        let (_, findings) = send(&app, &body.to_string());
        findings[0]["patch"].clone()
    };
    let named =
        |name: &str| json!([{"op": "add", "path": "/recorded_video/video_name", "value": name}]);
    assert_eq!(patch("[Missing.mp4, a/missing_2.mp4, z.mp4]"), named("z.mp4"));
    assert_eq!(patch("[a/present.mp4, Missing.mp4]"), named("a/present.mp4"));
    let removed = json!([{"op": "remove", "path": "/recorded_video"}]);
    assert_eq!(patch("[MISSING]"), removed);
}

#[test]
fn all_violations_of_a_body_are_repaired_together() {
    let mut body = without(example(), "/community_id");
    body["communityId"] = example()["community_id"].clone();
    body["type"] = json!("4");
    body["chat_id"] = json!({});
    body["settings"]["discoverable"] = json!("true");
    body["template_id"] = json!(2.0);
    body["actions"] = json!([{"action_id": "3"}, 7]);
    body["group"]["topics"] = json!(["1", 2, null]);
    body["group"]["members"] = json!([{"phoneNumber": "919876543210"}, {}, {"user_id": ""}]);
    body["recorded_video"]["message_id"] = json!(7);
    body["recorded_video"]["size"] = json!([]);
    body["unknown"] = json!(1);
    assert_values_patched([("many", body)]);
}

/// Sends a body and applies its patches until it is accepted, at most ten times; returns the statuses.
fn rounds(app: &App, body: &Value) -> Vec<u16> {
    let mut body = body.to_string();
    let mut statuses = Vec::new();
    while statuses.last() != Some(&200) && statuses.len() < 10 {
        let (answer, findings) = send(app, &body);
        statuses.push(answer.status);
        body = patched(&body, &findings).unwrap();
    }
    statuses
}

#[test]
fn violations_of_later_checks_are_repaired_one_after_another() {
    let mut body = set(example(), "/community_id", json!(UNKNOWN_ID));
    body["type"] = json!("4");
    body["recorded_video"]["video_name"] = json!("missing.mp4");
    // the field rules, the community, the video
    assert_eq!(rounds(&App::start(), &body), [400, 400, 500, 200]);
}

#[test]
fn more_violations_than_the_journal_keeps_are_repaired_in_rounds() {
    let body = set(example(), "/group/members", json!(vec![json!({}); 60]));
    let statuses = rounds(&App::start(), &body);
    assert_eq!(statuses.last(), Some(&200), "{statuses:?}");
    assert!(statuses.len() > 2, "the journal kept all findings: {statuses:?}");
}

#[test]
fn patches_use_ids_of_the_given_fixtures() {
    let text = "version: 1\ncreator: 11111111-2222-4333-8444-555566667777\n\
                users: [{user_id: 11111111-2222-4333-8444-555566667777, username: other}]\n\
                communities: [{community_id: 99999999-2222-4333-8444-555566667777, handle: o, name: o, type: 1, color_code: \"#FF5733\", text_color_code: \"#C70039\"}]\n";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("other.yaml");
    std::fs::write(&file, text).unwrap();
    let good =
        json!({"type": 4, "community_id": "99999999-2222-4333-8444-555566667777", "group": {}});
    let member = |member: Value| set(good.clone(), "/group/members", json!([member]));
    let start = || App::with(|builder| builder.fixtures(&file));
    assert_eq!(send(&start(), &good.to_string()).0.status, 200);
    let cases = [
        ("no community_id", without(good.clone(), "/community_id")),
        ("a number for a community_id", set(good.clone(), "/community_id", json!(7))),
        ("a number for a user_id", member(json!({"user_id": 7}))),
        ("an unknown user", member(json!({"user_id": UNKNOWN_ID}))),
        ("an unknown community", set(good.clone(), "/community_id", json!(UNKNOWN_ID))),
    ];
    let failures: Vec<_> = cases
        .into_iter()
        .filter_map(|(name, body)| Some((name, patch_failure(&start(), &body.to_string())?)))
        .collect();
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn a_warning_never_has_a_patch() {
    let mut body = without(example(), "/chat_id");
    body["descripton"] = json!("x");
    body["group"]["discoverable"] = json!(true);
    body["actions"][0]["access_type_id"] = json!(9);
    body["recorded_video"]["description_data"] = json!("plain text");
    let (answer, findings) = send(&App::start(), &body.to_string());
    assert_eq!((answer.status, findings.len()), (200, 4), "{findings:?}");
    for finding in findings {
        assert_eq!(finding["severity"], "warning", "{finding}");
        assert_eq!(finding.get("patch"), None, "{finding}");
    }
}
