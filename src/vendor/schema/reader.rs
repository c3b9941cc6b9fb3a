//! Reads typed values from a JSON tree and notes every violation, in one pass. Nothing is worded
//! unless something is wrong.

use std::collections::HashSet;

use serde_json::Value;

use super::fields::{Named, Schema};
use super::kind::Kind;
use super::patch;
use super::place::ValuePlace;
use super::tree::{Tree, TreeEntry, describe};
use crate::text::{nearest, quoted};
use crate::vendor::finding::{Finding, Findings, PatchOp, Severity};

/// A type that is read from a JSON value.
pub(crate) trait FieldType<'t>: Sized {
    /// The kind of value it is read from.
    const KIND: Kind;

    /// The value, or `None` once the reader has noted what is wrong with it.
    fn read(value: Tree<'t>, place: &ValuePlace, reader: &mut Reader) -> Option<Self>;
}

/// What a tenant's world can tell a reader, for patches that pass.
pub(crate) trait WorldNames {
    /// Whether there is a thing of this id or name.
    fn knows(&self, thing: Named, value: &Value) -> bool;

    /// A thing that is there.
    fn example(&self, thing: Named) -> Option<Value>;
}

/// Notes what is wrong with one body.
pub(crate) struct Reader<'w> {
    endpoint: &'static str,
    root: &'static Schema,
    /// Whether values are kept out of messages, as those of a login are.
    hides_values: bool,
    pub(super) names: &'w dyn WorldNames,
    pub(super) findings: Findings,
    /// Whether a patch replaces everything that is being looked at.
    is_replaced: bool,
}

/// What a finding says of a place.
pub(super) struct Wording {
    pub(crate) message: String,
    pub(crate) suggestion: Option<String>,
    pub(crate) patch: Vec<PatchOp>,
}

impl<'w> Reader<'w> {
    /// A reader of an endpoint's values, whose outermost object is `root`.
    pub(crate) fn new(
        endpoint: &'static str,
        root: &'static Schema,
        hides_values: bool,
        names: &'w dyn WorldNames,
    ) -> Self {
        let findings = Findings::default();
        Self { endpoint, root, hides_values, names, findings, is_replaced: false }
    }

    /// Everything noted so far.
    pub(crate) fn into_findings(self) -> Findings {
        self.findings
    }

    /// Reads a value without fields or items: `None` from `convert` is a wrong type.
    pub(crate) fn scalar<'t, T>(
        &mut self,
        value: Tree<'t>,
        kind: Kind,
        place: &ValuePlace,
        convert: impl FnOnce(Tree<'t>) -> Option<T>,
    ) -> Option<T> {
        let converted = convert(value);
        if converted.is_none() {
            self.wrong_type(&value, kind, place);
        }
        converted
    }

    /// Notes that a value is not of the kind its field needs.
    pub(crate) fn wrong_type(&mut self, value: &Tree, kind: Kind, place: &ValuePlace) {
        let (hides_values, names) = (self.hides_values, self.names);
        self.note(Severity::Error, place, |place| {
            let found = match value {
                Tree::Text(_) if hides_values && place.field.is_none() => "a string".into(),
                Tree::Integer(_) | Tree::Number(_) if hides_values => "a number".into(),
                value => describe(value),
            };
            let message =
                if place.field.is_none() && matches!(kind, Kind::Object(_)) && place.is_root() {
                    format!("the body must be {}, not {found}", kind.describe())
                } else {
                    format!("must be {}, not {found}", kind.describe())
                };
            if place.is_root() {
                return Wording {
                    message,
                    suggestion: Some("send a JSON object".into()),
                    patch: Vec::new(),
                };
            }
            Wording {
                message,
                suggestion: hint(value, kind).map(str::to_owned),
                patch: patch::for_wrong_type(place, value, kind, names),
            }
        });
        // the patch replaces the whole value
        let before = std::mem::replace(&mut self.is_replaced, true);
        self.repeated_keys_within(value, place);
        self.is_replaced = before;
    }

    /// Notes that a required field is absent or null; `sent` is the unknown key that was meant.
    pub(super) fn missing(
        &mut self,
        place: &ValuePlace,
        parent: &ValuePlace,
        sent: Option<&TreeEntry>,
    ) {
        let field = place.field.expect("BUG: only fields are missing");
        let names = self.names;
        self.note(Severity::Error, place, |_| Wording {
            message: "is missing".into(),
            suggestion: Some(match sent {
                Some((key, _)) => {
                    format!("you sent {} — did you mean {:?}?", quoted(key), field.name)
                }
                None => format!("send {}", field.kind.describe()),
            }),
            patch: patch::for_missing(parent, field, sent, names),
        });
    }

    /// Warns of a key that the schema does not know.
    pub(super) fn unknown_key(&mut self, place: &ValuePlace, key: &str, schema: &'static Schema) {
        let root = self.root;
        self.note(Severity::Warning, place, |_| {
            let near = nearest(key, schema.fields.iter().map(|field| field.name));
            let suggestion = near.map(|name| format!("did you mean {name:?}?")).or_else(|| {
                let elsewhere = root.paths().into_iter().find(|(_, field)| field.name == key);
                elsewhere.map(|(path, _)| format!("did you mean {path}?"))
            });
            Wording {
                message: "is not a field of the contract and was ignored".into(),
                suggestion,
                patch: Vec::new(),
            }
        });
    }

    /// Notes that an object does not have exactly one of the fields of which it needs one.
    pub(super) fn not_exactly_one(
        &mut self,
        place: &ValuePlace,
        schema: &'static Schema,
        sent: &[&'static str],
        unknown: &[TreeEntry],
    ) {
        let names = self.names;
        self.note(Severity::Error, place, |place| {
            let both = schema.exactly_one_of.join(" and ");
            let meant = schema.exactly_one_of.iter().filter(|_| sent.is_empty()).find_map(|name| {
                let kind = schema.field(name)?.kind;
                let fit = unknown.iter().filter(|(_, value)| kind.accepts(value));
                nearest(name, fit.map(|(key, _)| *key)).map(|key| (key, *name))
            });
            Wording {
                message: if sent.is_empty() {
                    format!("has none of {both}")
                } else {
                    format!("has {both} together")
                },
                suggestion: Some(format!("send exactly one of {both}")),
                patch: patch::for_exactly_one(place, schema, sent, meant, names),
            }
        });
    }

    /// Notes each key that an object has more than once.
    pub(super) fn repeated_keys(&mut self, entries: &[TreeEntry], place: &ValuePlace) {
        let mut seen = HashSet::new();
        for (key, value) in entries {
            if seen.insert(key) {
                continue;
            }
            let has_patch = !self.is_replaced && !self.hides_values;
            self.note(Severity::Error, &place.key(key), |place| Wording {
                message: "is there more than once".into(),
                suggestion: Some("send each key once".into()),
                patch: if has_patch { patch::for_repeated(place, key, value) } else { Vec::new() },
            });
        }
    }

    /// The same of an object and of everything in it.
    pub(super) fn repeated_keys_within(&mut self, value: &Tree, place: &ValuePlace) {
        match value {
            Tree::Object(entries) => {
                self.repeated_keys(entries, place);
                for (key, value) in last_of_each(entries) {
                    self.repeated_keys_within(&value, &place.key(key));
                }
            }
            Tree::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.repeated_keys_within(item, &place.item(index));
                }
            }
            Tree::Null | Tree::Boolean(_) | Tree::Integer(_) | Tree::Number(_) | Tree::Text(_) => {}
        }
    }

    fn note(
        &mut self,
        severity: Severity,
        place: &ValuePlace,
        wording: impl FnOnce(&ValuePlace) -> Wording,
    ) {
        let endpoint = self.endpoint;
        self.findings.add_with(severity, || {
            let Wording { message, suggestion, patch } = wording(place);
            Finding {
                severity,
                pointer: place.pointer(),
                clause: place.clause(endpoint),
                message,
                suggestion,
                patch: patch.into_boxed_slice(),
            }
        });
    }
}

/// The entries that count where keys are repeated, in order.
pub(super) fn last_of_each<'t>(entries: &[TreeEntry<'t>]) -> Vec<TreeEntry<'t>> {
    let mut seen = HashSet::new();
    let mut last: Vec<_> =
        entries.iter().rev().filter(|(key, _)| seen.insert(*key)).copied().collect();
    last.reverse();
    last
}

/// What to do about a value of the wrong type, where that helps.
fn hint(value: &Tree, kind: Kind) -> Option<&'static str> {
    match (kind, value) {
        (Kind::Integer | Kind::OneOfIntegers(_), Tree::Text(text)) => {
            text.parse::<i64>().is_ok().then_some("send it without quotes")
        }
        (Kind::Boolean, Tree::Text("true" | "false")) => Some("send it without quotes"),
        (Kind::Integer | Kind::OneOfIntegers(_), Tree::Number(_)) => {
            Some("write it as digits alone")
        }
        (Kind::Formatted(format), Tree::Text(text)) if text.starts_with('+') => {
            (format.accepts)(&text[1..]).then_some("leave off the plus")
        }
        (kind, Tree::Integer(number)) if kind.takes_text() => {
            kind.accepts(&Tree::Text(&number.to_string())).then_some("put it in quotes")
        }
        _ => None,
    }
}
