//! The field table of the contract, row by row: what is accepted and what it does to the answer,
//! and what is refused. Written by hand from the contract; `ledger.rs` holds it to the code.

mod group;
mod top;
mod video;

use serde_json::{Value, json};

use crate::harness::{App, BAD_REQUEST, VIDEO_NOT_FOUND, example, set, vendor};

/// A row of the table.
pub struct Row {
    /// Where the field is in the example, as an RFC 6901 pointer.
    pub pointer: &'static str,
    /// Its name in the ledger.
    pub path: &'static str,
    /// Values accepted, each with what it changes in the answer to the example.
    accepted: Vec<(Value, Vec<(&'static str, Value)>)>,
    /// Values refused as `bad-request`, each with the reason.
    pub(crate) refused: Vec<(Value, &'static str)>,
}

impl Row {
    /// Whether something is accepted and something is refused.
    pub fn has_both_kinds(&self) -> bool {
        !self.accepted.is_empty() && !self.refused.is_empty()
    }
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

/// A string that no answer shows.
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
        (json!(1), "a number is no string"),
        (json!(true), "a boolean is no string"),
        (json!(["x"]), "a list is no string"),
        (json!({}), "an object is no string"),
    ]
}

fn boolean(path: &'static str, pointer: &'static str) -> Row {
    let accepted = vec![(json!(true), vec![]), (json!(false), vec![]), (Value::Null, vec![])];
    row(path, pointer, accepted, not_boolean())
}

fn not_boolean() -> Vec<(Value, &'static str)> {
    vec![(json!("true"), "a string is no boolean"), (json!(1), "1 is no boolean"), (json!([]), "")]
}

fn measure(path: &'static str, pointer: &'static str) -> Row {
    let accepted = vec![
        (json!("5MB"), vec![]),
        (json!(""), vec![]),
        (json!(5), vec![]),
        (json!(-1.5e300), vec![]),
        (Value::Null, vec![]),
    ];
    let refused = vec![(json!(true), "neither text nor number"), (json!([1]), ""), (json!({}), "")];
    row(path, pointer, accepted, refused)
}

fn not_integer() -> Vec<(Value, &'static str)> {
    vec![
        (json!("2"), "a string is no integer"),
        (json!(2.0), "a fraction makes it no integer"),
        (json!(1e3), "nor may it have an exponent"),
        (json!(u64::MAX), "beyond 64 bits with sign"),
        (json!(true), "a boolean is no integer"),
    ]
}

fn not_id() -> Vec<(Value, &'static str)> {
    vec![
        (json!(""), "an empty id"),
        (json!("abcd1234567890ef1112234567890111"), "without dashes"),
        (json!("{abcd1234-5678-90ef-1112-234567890111}"), "in braces"),
        (json!("urn:uuid:abcd1234-5678-90ef-1112-234567890111"), "with a prefix"),
        (json!("abcd1234-5678-90ef-1112-23456789011g"), "g is no hex digit"),
        (json!("abcd12345-678-90ef-1112-234567890111"), "dashes in other places"),
        (json!(" abcd1234-5678-90ef-1112-234567890111"), "with a space"),
        (json!(7), "a number"),
    ]
}

/// Every row.
pub fn table() -> Vec<Row> {
    [top::rows(), video::rows(), group::rows()].into_iter().flatten().collect()
}

#[test]
fn every_accepted_value_has_its_effect_and_no_other() {
    let usual = App::start().create(&example());
    assert_eq!(usual.status, 200, "{}", usual.body);
    for row in table() {
        for (value, effects) in row.accepted {
            let answer = App::start().create(&set(example(), row.pointer, value.clone()));
            let mut expected = usual.json();
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
fn every_refused_value_gets_the_vendors_bytes() {
    for row in table() {
        let app = App::start();
        for (value, reason) in row.refused {
            let answer = app.create(&set(example(), row.pointer, value.clone()));
            let expected = vendor(400, BAD_REQUEST);
            assert_eq!(answer, expected, "{} = {value}: {reason}", row.path);
        }
        let untouched = app.create(&example());
        assert_eq!(untouched.status, 200, "{}: a refusal changed something", row.path);
    }
}

#[test]
fn a_video_without_a_findable_name_is_5026() {
    let app = App::start();
    for (name, reason) in [
        (json!("missing.mp4"), "the reserved beginning"),
        (json!("MiSsInG"), "in any case"),
        (json!(""), "empty"),
        (Value::Null, "absent"),
    ] {
        let body = set(example(), "/recorded_video/video_name", name);
        assert_eq!(app.create(&body), vendor(500, VIDEO_NOT_FOUND), "{reason}");
    }
    let body = set(example(), "/recorded_video", json!({}));
    assert_eq!(app.create(&body), vendor(500, VIDEO_NOT_FOUND), "a video without anything");
}
