//! The fields of `group`.

use serde_json::{Value, json};

use super::{OTHER_ID, OTHER_ID_LOWER, Row, not_id, not_text, row, text};

#[expect(clippy::too_many_lines, reason = "a table")]
pub fn rows() -> Vec<Row> {
    let second = json!({
        "member_id": OTHER_ID_LOWER, "name": "Second Member", "username": "second_member",
        "is_avatar": true, "is_brand_system_user": false, "status": 1, "role": 2,
        "profile_image": "owl", "profile_image_s": "", "profile_image_m": "", "profile_image_l": "",
    });
    let joined = move || {
        vec![("/data/group/members/1", second.clone()), ("/data/group/no_of_members", json!(2))]
    };
    vec![
        row(
            "group",
            "/group",
            vec![(json!({}), no_group()), (Value::Null, no_group())],
            vec![
                (json!("x"), "a string"),
                (json!([]), "a list"),
                (json!(["a", "b"]), "a list of values"),
            ],
        ),
        row(
            "group.name",
            "/group/name",
            vec![
                (
                    json!("\u{0}\u{1f600}"),
                    vec![("/data/group/group_name", json!("\u{0}\u{1f600}"))],
                ),
                (json!(""), vec![("/data/group/group_name", json!(""))]),
                (Value::Null, vec![("/data/group/group_name", Value::Null)]),
            ],
            not_text(),
        ),
        row(
            "group.description",
            "/group/description",
            vec![
                (json!("d"), vec![("/data/group/group_description", json!("d"))]),
                (Value::Null, vec![("/data/group/group_description", Value::Null)]),
            ],
            not_text(),
        ),
        text("group.tags", "/group/tags"),
        row(
            "group.dp",
            "/group/dp",
            vec![
                (json!("p.png"), pictures(Some("p.png"))),
                (json!(""), pictures(None)),
                (Value::Null, pictures(None)),
            ],
            not_text(),
        ),
        row(
            "group.topics",
            "/group/topics",
            vec![(json!([]), vec![]), (json!([-1, 0, 7, 7]), vec![]), (Value::Null, vec![])],
            vec![
                (json!(1), "a number"),
                (json!(["1"]), "a string in the list"),
                (json!([1.5]), "a fraction in the list"),
                (json!([null]), "null in the list"),
            ],
        ),
        row(
            "group.members",
            "/group/members",
            vec![
                (json!([]), vec![]),
                (Value::Null, vec![]),
                (json!([{"user_id": OTHER_ID}, {"user_id": OTHER_ID_LOWER}]), joined()),
            ],
            vec![
                (json!({}), "an object"),
                (json!(["x"]), "a string in the list"),
                (json!([[]]), "a list in the list"),
                (json!([null]), "null in the list"),
                (json!([{}]), "neither user_id nor phone_number"),
                (json!([{"name": "x"}]), "a name alone"),
                (json!([{"user_id": null, "phone_number": null}]), "both null, which means absent"),
                (json!([{"user_id": OTHER_ID, "phone_number": "919876543210"}]), "both"),
            ],
        ),
        row(
            "group.members[].user_id",
            "/group/members/1/user_id",
            vec![(json!(OTHER_ID), joined())],
            {
                let mut refused = not_id();
                refused
                    .push((json!("11111111-1111-1111-1111-111111111111"), "no user has this id"));
                refused
            },
        ),
        row(
            "group.members[].phone_number",
            "/group/members/0/phone_number",
            vec![(json!("1234567"), vec![]), (json!("123456789012345"), vec![])],
            vec![
                (json!("+919876543210"), "a plus"),
                (json!("0919876543"), "starts with 0"),
                (json!("123456"), "6 digits"),
                (json!("1234567890123456"), "16 digits"),
                (json!("91987 654321"), "a space"),
                (json!("९१९८७६५"), "digits of another script"),
                (json!(""), "empty"),
                (json!(919_876_543_210_u64), "a number"),
            ],
        ),
        row(
            "group.members[].name",
            "/group/members/0/name",
            vec![(json!("Ada"), vec![]), (json!(""), vec![]), (Value::Null, vec![])],
            not_text(),
        ),
    ]
}

fn pictures(file: Option<&str>) -> Vec<(&'static str, Value)> {
    [
        ("/data/group/dp", ""),
        ("/data/group/dp_s", "s/"),
        ("/data/group/dp_m", "m/"),
        ("/data/group/dp_l", "l/"),
    ]
    .map(|(pointer, size)| {
        let url = file.map_or(String::new(), |file| {
            format!("http://sandbox/uploads/profile_images/rt/{size}{file}")
        });
        (pointer, json!(url))
    })
    .to_vec()
}

fn no_group() -> Vec<(&'static str, Value)> {
    let mut effects = pictures(None);
    effects.push(("/data/group/group_name", Value::Null));
    effects.push(("/data/group/group_description", Value::Null));
    effects
}
