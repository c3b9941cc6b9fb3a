//! The field table of the contract: for each field, values that are accepted, with their effect on the
//! answer, and values that are refused. It is written by hand from the vendor's pages.

mod group;
mod top;
mod video;

use serde_json::{Value, json};

use crate::admin::read;
use crate::harness::{App, BAD_REQUEST, CREATE, VIDEO_NOT_FOUND, example, set, vendor};

/// The tests of one field.
pub struct Row {
    /// The place of the field in the example request, as an RFC 6901 pointer.
    pub pointer: &'static str,
    /// The name of the field in the ledger.
    pub path: &'static str,
    /// Accepted values, each with what it changes in the answer to the example.
    accepted: Vec<(Value, Vec<(&'static str, Value)>)>,
    /// Values that are refused as `bad-request`, each with the reason.
    pub refused: Vec<(Value, &'static str)>,
}

const OTHER_ID: &str = "0BADCAFE-1111-4222-8333-444455556666";
const OTHER_ID_LOWER: &str = "0badcafe-1111-4222-8333-444455556666";

fn row(
    path: &'static str,
    pointer: &'static str,
    accepted: Vec<(Value, Vec<(&'static str, Value)>)>,
    refused: Vec<(Value, &'static str)>,
) -> Row {
    Row { pointer, path, accepted, refused }
}

/// A string that does not appear in answers.
fn text(path: &'static str, pointer: &'static str) -> Row {
    let accepted = vec![
        (json!("x"), vec![]),
        (json!(""), vec![]),
        (json!("\u{0}\u{1f600}\\\""), vec![]),
        (Value::Null, vec![]),
    ];
    row(path, pointer, accepted, not_text())
}

fn not_text() -> Vec<(Value, &'static str)> {
    vec![
        (json!(1), "a number"),
        (json!(true), "a boolean"),
        (json!(["x"]), "a list"),
        (json!({}), "an object"),
    ]
}

fn boolean(path: &'static str, pointer: &'static str) -> Row {
    let accepted = vec![(json!(true), vec![]), (json!(false), vec![]), (Value::Null, vec![])];
    row(path, pointer, accepted, not_boolean())
}

fn not_boolean() -> Vec<(Value, &'static str)> {
    vec![(json!("true"), "a string"), (json!(1), "a number"), (json!([]), "a list")]
}

fn measure(path: &'static str, pointer: &'static str) -> Row {
    let accepted = vec![
        (json!("5MB"), vec![]),
        (json!(""), vec![]),
        (json!(5), vec![]),
        (json!(-1.5e300), vec![]),
        (Value::Null, vec![]),
    ];
    let refused =
        vec![(json!(true), "a boolean"), (json!([1]), "a list"), (json!({}), "an object")];
    row(path, pointer, accepted, refused)
}

fn not_integer() -> Vec<(Value, &'static str)> {
    vec![
        (json!("2"), "a string"),
        (json!(2.0), "a number with a fraction"),
        (json!(1e3), "a number with an exponent"),
        (json!(u64::MAX), "more than signed 64 bits"),
        (json!(true), "a boolean"),
    ]
}

fn not_id() -> Vec<(Value, &'static str)> {
    vec![
        (json!(""), "an empty id"),
        (json!("abcd1234567890ef1112234567890111"), "without dashes"),
        (json!("{abcd1234-5678-90ef-1112-234567890111}"), "in braces"),
        (json!("urn:uuid:abcd1234-5678-90ef-1112-234567890111"), "with a prefix"),
        (json!("abcd1234-5678-90ef-1112-23456789011g"), "a letter that is not hexadecimal"),
        (json!("abcd12345-678-90ef-1112-234567890111"), "dashes in the wrong places"),
        (json!(" abcd1234-5678-90ef-1112-234567890111"), "with a space"),
        (json!(7), "a number"),
    ]
}

pub fn table() -> Vec<Row> {
    [top::rows(), video::rows(), group::rows()].into_iter().flatten().collect()
}

#[test]
fn every_field_has_accepted_and_refused_values() {
    let app = App::start();
    let contract = read(app.sandbox.address(), "contract");
    let endpoints = contract["endpoints"].as_array().unwrap();
    let endpoint = endpoints.iter().find(|endpoint| endpoint["path"] == CREATE).unwrap();
    let fields = endpoint["fields"].as_array().unwrap();
    let mut declared: Vec<_> =
        fields.iter().map(|field| field["field"].as_str().unwrap()).collect();
    let mut tested: Vec<_> = table().iter().map(|row| row.path).collect();
    declared.sort_unstable();
    tested.sort_unstable();
    assert_eq!(tested, declared);
    for row in table() {
        assert!(!row.accepted.is_empty(), "{} has no accepted value", row.path);
        assert!(!row.refused.is_empty(), "{} has no refused value", row.path);
    }
}

#[test]
fn an_accepted_value_changes_only_its_part_of_the_answer() {
    let unchanged = App::start().create(&example());
    assert_eq!(unchanged.status, 200, "{}", unchanged.body);
    for row in table() {
        for (value, effects) in row.accepted {
            let answer = App::start().create(&set(example(), row.pointer, value.clone()));
            let mut expected = unchanged.json();
            for (pointer, effect) in effects {
                if let Some(place) = expected.pointer_mut(pointer) {
                    *place = effect;
                } else {
                    let list = pointer.rsplit_once('/').unwrap().0;
                    expected.pointer_mut(list).unwrap().as_array_mut().unwrap().push(effect);
                }
            }
            assert_eq!((answer.status, answer.json()), (200, expected), "{} = {value}", row.path);
        }
    }
}

#[test]
fn a_refused_value_gets_the_vendors_error_and_changes_nothing() {
    for row in table() {
        let app = App::start();
        for (value, reason) in row.refused {
            let answer = app.create(&set(example(), row.pointer, value.clone()));
            let expected = vendor(400, BAD_REQUEST);
            assert_eq!(answer, expected, "{} = {value}: {reason}", row.path);
        }
        let untouched = app.create(&example());
        assert_eq!(untouched.status, 200, "{}: a refused call changed something", row.path);
    }
}

#[test]
fn a_video_that_is_not_uploaded_is_error_5026() {
    let app = App::start();
    for (name, reason) in [
        (json!("missing.mp4"), "the reserved prefix"),
        (json!("MiSsInG"), "the reserved prefix in mixed case"),
        (json!(""), "empty"),
        (Value::Null, "absent"),
    ] {
        let body = set(example(), "/recorded_video/video_name", name);
        assert_eq!(app.create(&body), vendor(500, VIDEO_NOT_FOUND), "{reason}");
    }
    let body = set(example(), "/recorded_video", json!({}));
    assert_eq!(app.create(&body), vendor(500, VIDEO_NOT_FOUND), "an empty video object");
}
