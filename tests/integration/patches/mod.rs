//! Findings that mend: whatever is refused passes once the patches of its findings are applied.

mod not_json;
mod repeated;

use genuin_sandbox::MediaMode;
use json_patch::Patch;
use serde_json::{Value, json};

use crate::fields::table;
use crate::harness::{Answer, App, EXAMPLE, example, set, without};

const NOBODY: &str = "11111111-1111-1111-1111-111111111111";

/// Sends a body and gives the answer and what the journal found.
fn send(app: &App, body: &str) -> (Answer, Vec<Value>) {
    let answer = app.create_as(&app.sandbox.token(), body.as_bytes());
    let last = app.sandbox.requests().pop().unwrap();
    (answer, last.findings.iter().map(|finding| json!(finding)).collect())
}

/// A body with all patches of all errors applied one after another.
fn mended(body: &str, findings: &[Value]) -> Result<String, String> {
    let mut body: Value = serde_json::from_str(body).unwrap();
    for finding in findings.iter().filter(|finding| finding["severity"] == "error") {
        // what is mended by the patch of another finding needs none of its own
        let Some(patch) = finding.get("patch") else { continue };
        let patch: Patch = serde_json::from_value(patch.clone()).unwrap();
        json_patch::patch(&mut body, &patch).map_err(|error| format!("{error}: {finding}"))?;
    }
    Ok(body.to_string())
}

/// Why a body is not refused at first and answered 200 once it is mended; `None` if it is.
fn complaint(app: &App, body: &str) -> Option<String> {
    let (answer, findings) = send(app, body);
    if answer.status == 200 {
        return Some("is not refused".into());
    }
    let patched_warning = findings
        .iter()
        .find(|finding| finding["severity"] == "warning" && !finding["patch"].is_null());
    if let Some(finding) = patched_warning {
        return Some(format!("a warning has a patch: {finding}"));
    }
    let mended = match mended(body, &findings) {
        Ok(mended) => mended,
        Err(why) => return Some(why),
    };
    let (answer, still) = send(app, &mended);
    let patches: Vec<_> = findings.iter().map(|finding| &finding["patch"]).collect();
    (answer.status != 200)
        .then(|| format!("{} after {}: {}", answer.status, json!(patches), json!(still)))
}

/// Holds every body to being refused and then mended, each in a world of its own.
fn hold(media: MediaMode, cases: impl IntoIterator<Item = (String, String)>) {
    let mut held = 0;
    let mut complaints = Vec::new();
    for (name, body) in cases {
        let app = App::with(|builder| builder.media(media));
        complaints.extend(complaint(&app, &body).map(|why| format!("{name}: {why}")));
        held += 1;
    }
    assert!(complaints.is_empty(), "{} of {held}:\n{}", complaints.len(), complaints.join("\n"));
    assert!(held > 0, "there was nothing to hold");
}

fn hold_values<const N: usize>(cases: [(&str, Value); N]) {
    hold(MediaMode::Lenient, cases.map(|(name, body)| (name.to_owned(), body.to_string())));
}

#[test]
fn every_refused_value_of_the_field_table_is_mended() {
    let cases = table().into_iter().flat_map(|row| {
        let (path, pointer) = (row.path, row.pointer);
        row.refused.into_iter().map(move |(value, reason)| {
            let name = format!("{path} = {value} ({reason})");
            (name, set(example(), pointer, value).to_string())
        })
    });
    hold(MediaMode::Lenient, cases);
}

#[test]
fn a_missing_mandatory_key_is_added_and_a_misspelled_one_is_moved() {
    let renamed = |pointer: &str, name: &str| {
        let value = example().pointer(pointer).unwrap().clone();
        let (parent, _) = pointer.rsplit_once('/').unwrap();
        set(without(example(), pointer), &format!("{parent}/{name}"), value)
    };
    hold_values([
        ("no type", without(example(), "/type")),
        ("no community_id", without(example(), "/community_id")),
        ("nothing at all", json!({})),
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
fn a_misspelled_mandatory_key_is_mended_by_one_move() {
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
fn a_member_gets_exactly_one_of_the_two_keys() {
    let member = |member: Value| set(example(), "/group/members/0", member);
    let user = "0badcafe-1111-4222-8333-444455556666";
    hold_values([
        ("none", member(json!({}))),
        ("a name alone", member(json!({"name": "Ada"}))),
        ("both null", member(json!({"user_id": null, "phone_number": null}))),
        ("both", member(json!({"user_id": user, "phone_number": "919876543210"}))),
        ("both, one wrong", member(json!({"user_id": 7, "phone_number": "919876543210"}))),
        ("both, other wrong", member(json!({"user_id": user, "phone_number": "+1"}))),
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
fn what_the_world_does_not_know_is_replaced() {
    let user = json!({"user_id": NOBODY});
    hold_values([
        ("an unknown community", set(example(), "/community_id", json!(NOBODY))),
        ("an unknown user", set(example(), "/group/members/0", user.clone())),
        ("two unknown users", set(example(), "/group/members", json!([user, user]))),
    ]);
}

#[test]
fn a_repeated_chat_id_is_taken_away() {
    let app = App::start();
    assert_eq!(send(&app, EXAMPLE).0.status, 200);
    assert_eq!(complaint(&app, EXAMPLE), None);
}

#[test]
fn a_missing_video_is_named_in_both_media_modes() {
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
    hold(MediaMode::Lenient, cases());
    let not_uploaded = set(example(), "/recorded_video/video_name", json!("never.mp4")).to_string();
    hold(MediaMode::Strict, cases().chain([("not uploaded".to_owned(), not_uploaded)]));
}

#[test]
fn all_violations_of_one_body_are_mended_together() {
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
    hold_values([("many", body)]);
}

/// The statuses until a body is answered 200, each time with the patches applied; at most ten.
fn rounds(app: &App, body: &Value) -> Vec<u16> {
    let mut body = body.to_string();
    let mut statuses = Vec::new();
    while statuses.last() != Some(&200) && statuses.len() < 10 {
        let (answer, findings) = send(app, &body);
        statuses.push(answer.status);
        body = mended(&body, &findings).unwrap();
    }
    statuses
}

#[test]
fn violations_of_later_steps_are_mended_step_by_step() {
    let mut body = set(example(), "/community_id", json!(NOBODY));
    body["type"] = json!("4");
    body["recorded_video"]["video_name"] = json!("missing.mp4");
    // the field rules, the community, the video
    assert_eq!(rounds(&App::start(), &body), [400, 400, 500, 200]);
}

#[test]
fn more_violations_than_the_journal_keeps_are_mended_in_rounds() {
    let body = set(example(), "/group/members", json!(vec![json!({}); 60]));
    let statuses = rounds(&App::start(), &body);
    assert_eq!(statuses.last(), Some(&200), "{statuses:?}");
    assert!(statuses.len() > 2, "the journal kept all of them: {statuses:?}");
}

#[test]
fn patches_name_what_the_world_at_hand_knows() {
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
        ("an unknown user", member(json!({"user_id": NOBODY}))),
        ("an unknown community", set(good.clone(), "/community_id", json!(NOBODY))),
    ];
    let complaints: Vec<_> = cases
        .into_iter()
        .filter_map(|(name, body)| Some((name, complaint(&start(), &body.to_string())?)))
        .collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
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
