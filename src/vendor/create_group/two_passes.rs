//! The typed pass and the explaining pass come to the same verdict, whatever is sent.

use proptest::prelude::*;

use super::request::{CreateGroup, SHAPE};
use crate::vendor::schema::{Arena, FromTree as _, LazyTree, explain};
use crate::vendor::{Kind, Shape};

/// A value of any kind, as JSON text.
fn any_value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("4".to_owned()),
        Just("-0".to_owned()),
        Just("4.0".to_owned()),
        Just("1e400".to_owned()),
        Just("18446744073709551616".to_owned()),
        Just("\"\"".to_owned()),
        Just(r#""\ud83d\ude00""#.to_owned()),
        Just(r#""\ud83d""#.to_owned()),
        Just("\"0\"".to_owned()),
        Just("\"919876543210\"".to_owned()),
        Just("\"abcd1234-5678-90ef-1112-234567890111\"".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let key = prop_oneof![Just("a"), Just("b"), Just("type"), Just("user_id")];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3)
                .prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((key, inner), 0..3).prop_map(|entries| object(&entries)),
        ]
    })
}

fn object(entries: &[(&'static str, String)]) -> String {
    let entries: Vec<_> = entries.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
    format!("{{{}}}", entries.join(","))
}

/// A value that fits a kind more often than not.
fn value_of(kind: Kind) -> BoxedStrategy<String> {
    let fitting = match kind {
        Kind::Integer => Just("7".to_owned()).boxed(),
        Kind::Exactly(value) => Just(value.to_string()).boxed(),
        Kind::Id => Just("\"ABCD1234-5678-90ef-1112-234567890111\"".to_owned()).boxed(),
        Kind::Text | Kind::Secret => Just(r#""te\u0078t""#.to_owned()).boxed(),
        Kind::Phone => Just("\"919876543210\"".to_owned()).boxed(),
        Kind::TextOrNumber => Just("1.5".to_owned()).boxed(),
        Kind::Boolean => Just("false".to_owned()).boxed(),
        Kind::Object(shape) => object_of(shape).boxed(),
        Kind::List(kind) => prop::collection::vec(value_of(*kind), 0..3)
            .prop_map(|items| format!("[{}]", items.join(",")))
            .boxed(),
    };
    prop_oneof![30 => fitting, 1 => any_value()].boxed()
}

/// An object with the fields of a shape: most of them, now and then one twice or one unknown.
fn object_of(shape: &'static Shape) -> impl Strategy<Value = String> {
    let fields: Vec<_> = shape
        .fields
        .iter()
        .map(|field| {
            let usual = if shape.exactly_one_of.contains(&field.name) { 1 } else { 12 };
            let times = if field.required {
                Just(1).boxed()
            } else {
                prop_oneof![1 => Just(0), usual => Just(1)].boxed()
            };
            let times = prop_oneof![40 => times, 1 => Just(2)];
            (times, value_of(field.kind))
                .prop_map(move |(times, value)| vec![(field.name, value); times])
        })
        .collect();
    let unknown = prop_oneof![12 => Just(None), 1 => any_value().prop_map(Some)];
    (fields, unknown).prop_map(|(fields, unknown)| {
        let mut entries = fields.concat();
        entries.extend(unknown.map(|value| ("unknown", value)));
        object(&entries)
    })
}

fn compare(text: &str) -> Result<bool, TestCaseError> {
    let arena = Arena::default();
    let body = LazyTree::of(text.as_bytes(), &arena);
    let explained = explain(text, body.get(), "create_group", &SHAPE);
    match body.get().and_then(CreateGroup::from_tree) {
        Some(typed) if typed.saw_unknown() => {
            prop_assert!(!explained.is_empty(), "an unknown key goes unsaid: {text}");
        }
        Some(_) => prop_assert!(!explained.has_errors(), "{explained}: {text}"),
        None => prop_assert!(explained.has_errors(), "refused, yet nothing is wrong: {text}"),
    }
    Ok(explained.has_errors())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_passes_agree_on_bodies_that_are_nearly_right(text in object_of(&SHAPE)) {
        compare(&text)?;
    }

    #[test]
    fn both_passes_agree_on_bodies_that_are_cut_off(text in object_of(&SHAPE), at in 0.0..1.0) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place within the text")]
        let mut end = (text.len() as f64 * at) as usize;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        compare(&text[..end])?;
    }
}

#[test]
fn the_generated_bodies_are_of_both_kinds() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let verdicts: Vec<_> = (0..300)
        .map(|_| object_of(&SHAPE).new_tree(&mut runner).unwrap().current())
        .map(|text| compare(&text).unwrap())
        .collect();
    let refused = verdicts.iter().filter(|refused| **refused).count();
    assert!(
        (30..270).contains(&refused),
        "{refused} of 300 are refused, which tests one side only"
    );
}
