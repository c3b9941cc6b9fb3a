//! A field with a value of the wrong type is refused, and the patch of the finding repairs it.

use serde_json::{Value, json};

use super::harness::{TestCall, endpoints, has_type_of, one_of_each_type, sandbox, value_of};
use crate::call::Sandbox;
use crate::vendor::Endpoint;
use crate::vendor::finding::{PatchOp, Severity};
use crate::vendor::schema::Kind;

/// A field of a body, with the pointer to it in a body with all fields.
struct FieldPlace {
    pointer: String,
    kind: Kind,
    /// Whether it is refused when absent or null; an item of a list is never absent.
    is_required: bool,
    is_item: bool,
    /// The alternatives to the field, which must not be sent with it.
    alternatives: Vec<&'static str>,
}

fn places(endpoint: &'static Endpoint) -> Vec<FieldPlace> {
    let mut places = Vec::new();
    collect(Kind::Object(endpoint.body), "", &mut places);
    places
}

fn collect(kind: Kind, pointer: &str, places: &mut Vec<FieldPlace>) {
    match kind {
        Kind::Object(schema) => {
            for field in schema.fields {
                let pointer = format!("{pointer}/{}", field.name);
                collect(field.kind, &pointer, places);
                let one_of = schema.exactly_one_of;
                let alternatives = if one_of.contains(&field.name) { one_of } else { &[] };
                let alternatives =
                    alternatives.iter().copied().filter(|name| *name != field.name).collect();
                let (kind, is_required) = (field.kind, field.required);
                places.push(FieldPlace {
                    pointer,
                    kind,
                    is_required,
                    is_item: false,
                    alternatives,
                });
            }
        }
        Kind::List(item) => {
            let pointer = format!("{pointer}/0");
            collect(*item, &pointer, places);
            let (kind, alternatives) = (*item, Vec::new());
            let (is_required, is_item) = (false, true);
            places.push(FieldPlace { pointer, kind, is_required, is_item, alternatives });
        }
        Kind::AnyOf(_, kinds) => collect(kinds[0], pointer, places),
        _ => {}
    }
}

/// Returns a call with all fields, and with the given value at a place.
fn call_with(endpoint: &'static Endpoint, place: &FieldPlace, value: Value) -> TestCall {
    let mut call = TestCall::with_all_fields(endpoint);
    let (parent, name) = place.pointer.rsplit_once('/').unwrap();
    let parent = call.body.pointer_mut(parent).unwrap_or_else(|| {
        panic!("{}: valid_request must have the first kind at {parent}", endpoint.name)
    });
    match parent {
        Value::Object(parent) => {
            for alternative in &place.alternatives {
                parent.remove(*alternative);
            }
            parent.insert(name.to_owned(), value);
        }
        Value::Array(items) => items[0] = value,
        other => panic!("{}: {} is in {other}", endpoint.name, place.pointer),
    }
    call
}

#[test]
fn a_wrong_type_is_reported_at_its_field_with_and_without_an_unknown_key() {
    for endpoint in endpoints() {
        for place in places(endpoint) {
            for value in one_of_each_type() {
                let is_right = has_type_of(place.kind, &value);
                let mut call = call_with(endpoint, &place, value.clone());
                let refused_at_place = |call: &TestCall| {
                    let (reply, record) = call.send(&sandbox());
                    let is_here = record.findings.iter().any(|finding| {
                        finding.severity == Severity::Error
                            && finding.pointer == place.pointer
                            && finding.message.starts_with("must be ")
                    });
                    (reply.status.as_u16() == 400) && is_here
                };
                let expected = !is_right || has_wrong_format(place.kind, &value);
                let what = format!("{} {} = {value}", endpoint.name, place.pointer);
                assert_eq!(refused_at_place(&call), expected, "{what}");
                call.body["no_such_key"] = json!(1);
                assert_eq!(refused_at_place(&call), expected, "{what}, with an unknown key");
            }
        }
    }
}

/// Whether a value has the right type but not the format of the kind.
fn has_wrong_format(kind: Kind, value: &Value) -> bool {
    match (kind, value) {
        (Kind::Formatted(format), Value::String(text)) => !(format.accepts)(text),
        (Kind::OneOfIntegers(values), Value::Number(number)) => {
            !number.as_i64().is_some_and(|number| values.contains(&number))
        }
        (Kind::AnyOf(_, kinds), value) => {
            kinds.iter().any(|kind| has_type_of(*kind, value) && has_wrong_format(*kind, value))
        }
        _ => false,
    }
}

#[test]
fn a_required_field_must_be_present_and_not_null() {
    for endpoint in endpoints() {
        for place in places(endpoint).iter().filter(|place| place.is_required) {
            for is_null in [false, true] {
                let mut call = call_with(endpoint, place, Value::Null);
                if !is_null {
                    let (parent, name) = place.pointer.rsplit_once('/').unwrap();
                    call.body.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
                }
                let (reply, record) = call.send(&sandbox());
                assert_eq!(reply.status, 400, "{} {}", endpoint.name, place.pointer);
                let missing = |finding: &crate::vendor::Finding| {
                    finding.pointer == place.pointer && finding.message == "is missing"
                };
                assert!(record.findings.iter().any(missing), "{}", record.findings);
            }
        }
    }
}

#[test]
fn an_optional_field_may_be_null() {
    for endpoint in endpoints() {
        let optional = |place: &&FieldPlace| {
            !place.is_required && !place.is_item && place.alternatives.is_empty()
        };
        for place in places(endpoint).iter().filter(optional) {
            let (_, record) = call_with(endpoint, place, Value::Null).send(&sandbox());
            let refused = record.findings.iter().any(|finding| {
                finding.pointer == place.pointer && finding.message.starts_with("must be ")
            });
            assert!(!refused, "{} {}: {}", endpoint.name, place.pointer, record.findings);
        }
    }
}

/// Ids in other forms: of nobody, of the owner of groups, of the group and the community that there are.
const OTHER_IDS: [&str; 4] = [
    "00000000000040008000000000000000",
    "{abcd1234-5678-90ef-1112-234567890111}",
    "urn:uuid:456e7890-b12c-4c23-89ef-126314214567",
    "F2A05ADB93CE4A19B0033523FA745667",
];

/// Values that say what is meant, but not in the shape of a field; some of them fit.
fn other_shapes() -> impl Iterator<Item = Value> {
    const ID: &str = "345e1234-5678-90ef-2345-678912341234";
    let bare = ID.replace('-', "");
    let ids = [ID.to_owned(), format!(" urn:uuid:{{{bare}}}")];
    ids.into_iter()
        .flat_map(|id| {
            let object = |key: &str| json!({key: id});
            [
                json!(id),
                json!([id]),
                object("user_id"),
                object("id"),
                json!([object("user_id"), id, 7, object("nothing")]),
                json!({"user_id": object("user_id")}),
                json!({"phoneNumber": "+49 170 1234567"}),
                json!("+49 170 1234567"),
            ]
        })
        .chain(OTHER_IDS.into_iter().flat_map(|id| [json!(id), json!([id, id]), json!({"id": id})]))
        .chain([json!("7"), json!(["7", "99"]), json!(["1", 99.0])])
}

#[test]
fn every_refused_value_is_repaired_by_its_patches() {
    let sandbox = sandbox();
    for endpoint in endpoints().filter(|endpoint| !endpoint.is_login()) {
        for place in places(endpoint) {
            let values = one_of_each_type().into_iter().chain([Value::Null]).chain(other_shapes());
            for value in values {
                let what = format!("{} {} = {value}", endpoint.name, place.pointer);
                assert_repaired(&sandbox, &call_with(endpoint, &place, value), &what);
            }
        }
    }
}

#[test]
fn every_refused_item_is_repaired_among_others() {
    let sandbox = sandbox();
    for endpoint in endpoints().filter(|endpoint| !endpoint.is_login()) {
        for place in places(endpoint).iter().filter(|place| place.is_item) {
            let list = place.pointer.trim_end_matches("/0");
            let Some(parent) = places(endpoint).into_iter().find(|it| it.pointer == list) else {
                continue;
            };
            let mut items = one_of_each_type().to_vec();
            items.extend(OTHER_IDS.map(|id| json!(id)));
            items.extend([json!(true), json!({"user_id": 7}), json!(3)]);
            let what = format!("{} {list} = {items:?}", endpoint.name);
            assert_repaired(&sandbox, &call_with(endpoint, &parent, json!(items)), &what);
        }
    }
}

#[test]
fn a_login_is_refused_without_a_patch() {
    for endpoint in endpoints().filter(|endpoint| endpoint.is_login()) {
        for place in places(endpoint) {
            for value in one_of_each_type() {
                let (_, record) = call_with(endpoint, &place, value).send(&sandbox());
                let patched = record.findings.iter().find(|finding| !finding.patch.is_empty());
                assert_eq!(patched, None, "{} {}", endpoint.name, place.pointer);
            }
        }
    }
}

/// Makes the calls that must come first, and one to every other endpoint.
fn prepare_world(sandbox: &Sandbox, call: &TestCall) {
    call.prepare(sandbox);
    for other in endpoints().filter(|other| !other.is_login()) {
        let mut other = TestCall::valid(other);
        other.tenant.clone_from(&call.tenant);
        other.send_again(sandbox);
    }
}

/// Sends the call and applies its patches until it is accepted. Checks come one after another, so that a call can be
/// refused again, but never for what a patch has put there.
fn assert_repaired(sandbox: &Sandbox, call: &TestCall, what: &str) {
    let mut call = call.clone();
    prepare_world(sandbox, &call);
    let mut patched: Vec<String> = Vec::new();
    for _ in 0..4 {
        let (reply, record) = call.send_again(sandbox);
        if reply.status == 200 {
            return;
        }
        for finding in record.findings.iter().filter(|it| it.severity == Severity::Error) {
            let is_patched = patched.iter().any(|path| finding.pointer.starts_with(path));
            assert!(!is_patched, "{what}: {finding} after its patch: {}", call.body);
            assert!(!finding.patch.is_empty(), "{what}: no patch for {finding}");
        }
        for finding in record.findings.iter().filter(|it| it.severity == Severity::Error) {
            let patch: json_patch::Patch = serde_json::from_value(json!(finding.patch)).unwrap();
            json_patch::patch(&mut call.body, &patch)
                .unwrap_or_else(|error| panic!("{what}: {error} for {finding}"));
            patched.extend(finding.patch.iter().filter_map(|operation| match operation {
                PatchOp::Add { path, .. }
                | PatchOp::Replace { path, .. }
                | PatchOp::Move { path, .. } => Some(path.clone()),
                PatchOp::Remove { .. } => None,
            }));
        }
    }
    panic!("{what}: not repaired: {}", call.body);
}

#[test]
fn every_kind_that_a_field_takes_is_accepted() {
    for endpoint in endpoints() {
        for place in places(endpoint) {
            let Kind::AnyOf(_, kinds) = place.kind else { continue };
            for kind in kinds {
                let call = call_with(endpoint, &place, value_of(*kind));
                let (reply, record) = call.send(&sandbox());
                let what = format!("{} {} = {}", endpoint.name, place.pointer, kind.describe());
                assert_eq!(reply.status, 200, "{what}: {}", record.findings);
            }
        }
    }
}
