//! The fields at the top level.

use serde_json::{Value, json};

use super::{OTHER_ID, OTHER_ID_LOWER, Row, boolean, not_boolean, not_id, not_integer, row};

#[expect(clippy::too_many_lines, reason = "a table")]
pub fn rows() -> Vec<Row> {
    vec![
        row("type", "/type", vec![(json!(4), vec![])], {
            let mut refused = not_integer();
            refused.extend([
                (json!(1), "a reaction"),
                (json!(2), "a direct chat"),
                (json!(3), "a private chat"),
                (json!(5), "a public video"),
                (json!(6), "a comment"),
                (json!(0), "no type at all"),
                (json!(-4), "negative"),
                (json!("4"), "a string"),
                (json!(4.0), "a fraction"),
                (Value::Null, "null, which means absent, for a mandatory field"),
            ]);
            refused
        }),
        row(
            "community_id",
            "/community_id",
            vec![
                (json!("f2a05adb-93ce-4a19-b003-3523fa745667"), vec![]),
                (json!("F2A05ADB-93CE-4A19-B003-3523FA745667"), vec![]),
            ],
            {
                let mut refused = not_id();
                refused.push((Value::Null, "null, which means absent, for a mandatory field"));
                refused.push((json!(OTHER_ID), "no community has this id"));
                refused
            },
        ),
        row(
            "chat_id",
            "/chat_id",
            vec![
                (json!(OTHER_ID), vec![("/data/chat_id", json!(OTHER_ID_LOWER))]),
                (
                    Value::Null,
                    vec![("/data/chat_id", json!("05c60fd2-9c6d-4ece-8f67-ceeff1b66aef"))],
                ),
            ],
            not_id(),
        ),
        row(
            "actions",
            "/actions",
            vec![(json!([]), vec![]), (Value::Null, vec![])],
            vec![
                (json!({}), "an object"),
                (json!([null]), "null in the list"),
                (json!([3, 5]), "numbers in the list"),
            ],
        ),
        row(
            "actions[].action_id",
            "/actions/0/action_id",
            vec![(json!(99), vec![]), (json!(-3), vec![])],
            {
                let mut refused = not_integer();
                refused.push((Value::Null, "null, which means absent, for a mandatory field"));
                refused
            },
        ),
        row(
            "actions[].access_type_id",
            "/actions/0/access_type_id",
            vec![(json!(6), vec![]), (json!(99), vec![])],
            {
                let mut refused = not_integer();
                refused.push((Value::Null, "null, which means absent, for a mandatory field"));
                refused
            },
        ),
        row(
            "settings",
            "/settings",
            vec![
                (json!({}), vec![("/data/settings/discoverable", json!(true))]),
                (Value::Null, vec![("/data/settings/discoverable", json!(true))]),
            ],
            vec![(json!(true), "a boolean"), (json!([true]), "a list")],
        ),
        row(
            "settings.discoverable",
            "/settings/discoverable",
            vec![
                (json!(true), vec![("/data/settings/discoverable", json!(true))]),
                (json!(false), vec![]),
                (Value::Null, vec![("/data/settings/discoverable", json!(true))]),
            ],
            not_boolean(),
        ),
        row(
            "template_id",
            "/template_id",
            vec![
                (json!(0), vec![]),
                (json!(-5), vec![]),
                (json!(i64::MAX), vec![]),
                (Value::Null, vec![]),
            ],
            not_integer(),
        ),
        boolean("is_ai_generated", "/is_ai_generated"),
    ]
}
