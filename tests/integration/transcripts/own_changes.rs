//! What the own API changes: overrides, clocks, data, scenarios, resets.

use super::exchange::{Exchange, Request};

const MINE: &str = "version: 1\nname: mine\ndescription: Mine.\nrules:\n- { id: a, do: { outcome: 5026 } }\n- { id: b, do: { outcome: 404 } }\n";

pub fn exchanges() -> Vec<Exchange> {
    let create = Request::create;
    let read = Request::read;
    let change = Request::change;
    let yaml = |text: &str| {
        change("PUT", "scenarios/mine", text)
            .without("Content-Type")
            .header("Content-Type", "application/yaml")
    };
    let cases = [
        ("override-none", "nothing is forced", read("tenants/demo/scenario")),
        (
            "override-set",
            "for two calls, with owner and reason",
            change(
                "PUT",
                "tenants/demo/scenario",
                r#"{"scenario":5026,"hits":2,"owner":"ann","reason":"ticket 7"}"#,
            ),
        ),
        ("override-get", "what is set", read("tenants/demo/scenario")),
        ("override-acts", "a call is forced", create()),
        ("override-left", "one call is left", read("tenants/demo/scenario")),
        (
            "override-all-set",
            "for every tenant, for a time",
            change("PUT", "tenants/*/scenario", r#"{"scenario":"2x500, ok*","ttl":"10m"}"#),
        ),
        ("override-all-get", "what is set for all", read("tenants/*/scenario")),
        ("override-of-other", "what is set for all is next", read("tenants/other/scenario")),
        ("override-delete", "of one tenant", change("DELETE", "tenants/demo/scenario", "")),
        ("override-after-delete", "what is set for all is next", read("tenants/demo/scenario")),
        ("override-all-delete", "of all tenants", change("DELETE", "tenants/*/scenario", "")),
        ("clock-freeze", "at a time", change("POST", "tenants/demo/clock", r#"{"freeze":"2030-01-01T00:00:00Z"}"#)),
        ("clock-advance", "a frozen clock", change("POST", "tenants/demo/clock", r#"{"advance":"25h"}"#)),
        ("create-later", "the answer goes by the clock", create()),
        ("clock-resume", "real time again", change("POST", "tenants/demo/clock", r#"{"resume":true}"#)),
        ("reset-parts", "only what is named", change("POST", "tenants/demo/reset", r#"{"what":["clock","journal"]}"#)),
        (
            "community-added",
            "seed data at run time",
            change(
                "POST",
                "tenants/demo/communities",
                r##"{"community_id":"6e4cb171-0336-4358-88d1-9ca80d31a675","handle":"new","name":"New","description":"Added.","type":1,"color_code":"#8DC6E8","text_color_code":"#1B8DD1"}"##,
            ),
        ),
        (
            "user-added",
            "seed data at run time",
            change(
                "POST",
                "tenants/demo/users",
                r#"{"user_id":"0badcafe-1111-4222-8333-444455556666","username":"second"}"#,
            ),
        ),
        (
            "create-with-added",
            "the new community and user are known",
            create().body(
                r#"{"type":4,"community_id":"6e4cb171-0336-4358-88d1-9ca80d31a675","group":{"members":[{"user_id":"0badcafe-1111-4222-8333-444455556666"}]}}"#,
            ),
        ),
        ("scenario-uploaded", "YAML with a rule that never acts", yaml(MINE)),
        ("scenario-used", "the uploaded one acts", create().scenario("mine")),
        ("scenario-read", "with its hits", read("scenarios/mine")),
        ("scenario-deleted", "an uploaded one", change("DELETE", "scenarios/mine", "")),
        ("scenario-gone", "it is not there any more", read("scenarios/mine")),
        ("reset", "all parts", change("POST", "tenants/demo/reset", "")),
        ("state-after-reset", "as at the start", read("tenants/demo/state")),
        ("tenant-deleted", "with all it had", change("DELETE", "tenants/demo", "")),
        ("tenants-after", "none is left", read("tenants")),
        ("switches", "all that was turned on or off", read("switches")),
        ("switches-newest", "of one tenant, and what concerns all", read("switches?tenant=qa&last=2")),
    ];
    cases.map(|(name, why, request)| Exchange::new(name, why, request)).into()
}
