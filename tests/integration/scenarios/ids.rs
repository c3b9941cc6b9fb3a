//! Ids are the same in either case, for the contract and so for what matches them.

use serde_json::json;

use super::{Call, ending, with_rules, write_rules};
use crate::admin::ask;
use crate::harness::App;

const LOWER: &str = "abcd1234-5678-90ef-1112-234567890fab";
const OTHER: &str = "abcd1234-5678-90ef-1112-234567890fac";

/// Creates a group with this id; other groups have other names.
fn create(app: &App, chat_id: &str) -> String {
    ending(&Call::new().with("/chat_id", json!(chat_id)).send(app))
}

#[test]
fn a_matcher_on_an_id_matches_it_in_either_case() {
    let upper = LOWER.to_uppercase();
    let mixed = format!("{}{}", &upper[..20], &LOWER[20..]);
    for matcher in [
        format!("{upper:?}"),
        format!("{LOWER:?}"),
        format!("{{ equals: {mixed:?} }}"),
        format!("{{ in: [x, {upper:?}] }}"),
        "{ glob: 'ABCD1234*Fab' }".into(),
        "{ glob: 'ABCD1234-*' , max_len: 36, regex: B$ }".into(),
        "{ glob: 'abcd????-*-*FAB' }".into(),
        format!("{{ glob: {upper:?} }}"),
        "{ regex: '^[A-F]+1234.*[^C]$' }".into(),
    ] {
        let rule = format!(
            "- {{ id: a, match: {{ body: {{ chat_id: {matcher} }} }}, do: {{ outcome: 412 }} }}"
        );
        let (app, _folder) = with_rules(&rule);
        for (sent, expected) in [(LOWER, "412"), (&upper, "412"), (&mixed, "412"), (OTHER, "ok")] {
            assert_eq!(create(&app, sent), expected, "{matcher} {sent}");
        }
    }
}

#[test]
fn so_does_one_on_an_id_in_a_list_in_the_path_and_in_not() {
    let user = "abcd1234-5678-90ef-1112-234567890111";
    let (app, _folder) = with_rules(&format!(
        "- {{ id: user, match: {{ body: {{ group.members.user_id: {:?} }} }}, do: {{ outcome: 412 }} }}",
        user.to_uppercase()
    ));
    assert_eq!(ending(&Call::new().send(&app)), "412", "the example names the user");
    let (app, _folder) = with_rules(&format!(
        "- {{ id: path, match: {{ endpoint: update_conversation, path: {{ chat_id: {LOWER} }} }}, \
         do: {{ outcome: 412 }} }}\n- {{ id: not, match: {{ not: {{ body: {{ chat_id: {LOWER} }} }} }}, \
         do: {{ outcome: 503 }} }}"
    ));
    let headers = [("Authorization", "Bearer gnsb_demo"), ("Content-Type", "application/json")];
    let path = format!("/api/thirdparty/update_conversation/{}", LOWER.to_uppercase());
    assert_eq!(ending(&app.send("PATCH", &path, &headers, b"{}")), "412");
    assert_eq!(create(&app, &LOWER.to_uppercase()), "ok");
    assert_eq!(create(&app, OTHER), "503");
}

#[test]
fn other_text_keeps_its_case() {
    let (app, _folder) = with_rules(
        "- { id: a, match: { body: { group.name: { glob: 'Retry*' } } }, do: { outcome: 412 } }\n\
         - { id: b, match: { body: { group.tags: { regex: '^x' } } }, do: { outcome: 503 } }",
    );
    for (name, tags, expected) in
        [("Retry", "X", "412"), ("retry", "X", "ok"), ("retry", "x", "503")]
    {
        assert_eq!(ending(&Call::new().name(name).tags(tags).send(&app)), expected, "{name}");
    }
}

#[test]
fn an_id_has_one_counter_in_either_case() {
    let (app, folder) =
        with_rules("- { id: a, scope: 'field:chat_id', do: { outcome: 503, times: 1 } }");
    let upper = LOWER.to_uppercase();
    assert_eq!([LOWER, &upper, OTHER].map(|id| create(&app, id)), ["503", "ok", "503"]);
    let text = "- { id: a, scope: 'field:group.name', do: { outcome: 503, times: 1 } }";
    write_rules(&folder, "names", text);
    let app = App::with(|builder| builder.scenarios(folder.path()).scenario("names"));
    let endings = ["a", "A", "a"].map(|name| ending(&Call::new().name(name).send(&app)));
    assert_eq!(endings, ["503", "503", "ok"], "names are not ids");
}

#[test]
fn verify_counts_the_calls_with_an_id_in_either_case() {
    let app = App::start();
    assert_eq!(create(&app, &LOWER.to_uppercase()), "ok");
    create(&app, OTHER);
    for matcher in [json!(LOWER), json!({"glob": "*FAB"}), json!({"in": [LOWER.to_uppercase()]})] {
        let expectation = json!({"match": {"body": {"chat_id": matcher}}, "count": {"exactly": 1}});
        let verify = "tenants/demo/verify";
        let answer = ask(app.sandbox.address(), "POST", verify, &expectation.to_string()).json();
        assert_eq!(answer["pass"], json!(true), "{matcher}: {answer}");
    }
}
