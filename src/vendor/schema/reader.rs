//! Reads typed values from a JSON tree and reports every violation, in one pass. Messages
//! are formatted only on error.

use super::fields::{Field, Kind, Schema};
use super::lookup::{NamedThing, WorldLookup};
use super::patch;
use super::place::ValuePlace;
use super::secret::is_shown_key;
use super::tree::{SeenKeys, Tree, TreeEntry, describe, last_of_each};
use crate::text::secrets::REDACTED;
use crate::text::{nearest_key, quoted};
use crate::vendor::assumptions::{Assumptions, UnknownFields};
use crate::vendor::finding::{Finding, Findings, PatchOp, Severity, UNKNOWN_FIELD};

/// A type that is read from a JSON value.
pub(crate) trait FieldType<'t>: Sized {
    /// The kind of value that this type is read from.
    const KIND: Kind;
    /// Whether it is read from a list that must have an item.
    const NEEDS_ITEM: bool = false;

    /// The kind of value that this type is read from as an assumption may have it.
    fn kind_under(_: &Assumptions) -> Kind {
        Self::KIND
    }

    /// Reads the value. `None` means that it is wrong and the reader has reported it.
    fn read(value: Tree<'t>, place: &ValuePlace, reader: &mut Reader) -> Option<Self>;
}

/// Collects what is wrong with a body or with path parameters.
pub(crate) struct Reader<'w> {
    endpoint: &'static str,
    root: &'static Schema,
    /// Whether messages must not repeat values, as for a login.
    hides_values: bool,
    pub(crate) assumptions: Assumptions,
    pub(super) lookup: &'w dyn WorldLookup,
    pub(super) findings: Findings,
    /// Whether an enclosing patch already replaces the current value.
    is_replaced: bool,
    /// Whether a patch takes the list's item that was read last out of the list.
    pub(super) takes_item_out: bool,
}

/// Where the fields of every endpoint are listed.
const CONTRACT: &str = "/_sandbox/v1/contract";

/// The message, suggestion and patch of a finding.
pub(super) struct FindingText {
    pub(crate) message: String,
    pub(crate) suggestion: Option<String>,
    pub(crate) patch: Vec<PatchOp>,
}

impl<'w> Reader<'w> {
    /// Creates a reader for an endpoint's values, whose outermost object is `root`.
    pub(crate) fn new(
        endpoint: &'static str,
        root: &'static Schema,
        hides_values: bool,
        lookup: &'w dyn WorldLookup,
        assumptions: Assumptions,
    ) -> Self {
        let findings = Findings::default();
        let (is_replaced, takes_item_out) = (false, false);
        Self {
            endpoint,
            root,
            hides_values,
            assumptions,
            lookup,
            findings,
            is_replaced,
            takes_item_out,
        }
    }

    pub(crate) fn into_findings(self) -> Findings {
        self.findings
    }

    /// Reads a value without fields or items. `None` from `convert` is reported as a wrong type.
    #[inline]
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

    /// Reports that a value is not of the kind that its field needs.
    pub(crate) fn wrong_type(&mut self, value: &Tree, kind: Kind, place: &ValuePlace) {
        let (hides_values, lookup) = (self.hides_values, self.lookup);
        let mut takes_item_out = false;
        self.report(Severity::Error, place, |place| {
            let found = match value {
                Tree::Text(_) if hides_values && place.field.is_none() => "a string".into(),
                Tree::Integer(_) | Tree::Number(_) if hides_values => "a number".into(),
                value => describe(value),
            };
            let message = format!("must be {}, not {found}", kind.describe());
            if place.is_root() {
                return FindingText {
                    message: format!("the body {message}"),
                    suggestion: Some("send a JSON object".into()),
                    patch: Vec::new(),
                };
            }
            // nothing but a secret would pass there
            let patch = if hides_values {
                Vec::new()
            } else {
                patch::for_wrong_type(place, value, kind, lookup)
            };
            takes_item_out = place.is_item() && matches!(*patch, [PatchOp::Remove { .. }]);
            let named = || match (value, place.referent()) {
                (Tree::Text(text), Some(thing)) => lookup.named(thing, text),
                _ => None,
            };
            let suggestion = hint(value, kind).map(str::to_owned).or_else(|| {
                let NamedThing { id, description } = named()?;
                Some(format!("send {id}, the id of the {description}"))
            });
            FindingText { message, suggestion, patch }
        });
        self.takes_item_out = takes_item_out;
        // the patch replaces the whole value
        let before = std::mem::replace(&mut self.is_replaced, true);
        self.repeated_keys_within(value, place);
        self.is_replaced = before;
    }

    /// Reports that a list which needs an item has none.
    pub(super) fn empty_list(&mut self, kind: Kind, place: &ValuePlace) {
        let lookup = self.lookup;
        self.report(Severity::Error, place, |place| FindingText {
            message: "is empty".into(),
            suggestion: Some("send at least one item".into()),
            patch: patch::example(kind, place.field, lookup)
                .map(|value| PatchOp::Replace { path: place.target(), value })
                .into_iter()
                .collect(),
        });
    }

    /// Reports that a required field is absent or null; `sent` is an unknown key that may be meant.
    pub(super) fn missing(
        &mut self,
        place: &ValuePlace,
        parent: &ValuePlace,
        sent: Option<&TreeEntry>,
    ) {
        let field = place.field.expect("BUG: only fields are missing");
        let lookup = self.lookup;
        let unknown_fields = self.assumptions.unknown_fields;
        self.report(Severity::Error, place, |_| FindingText {
            message: "is missing".into(),
            suggestion: Some(match sent {
                Some((key, _)) => {
                    format!("you sent {} — did you mean {:?}?", quoted(key), field.name)
                }
                None => format!("send {}", field.kind.describe()),
            }),
            patch: patch::for_missing(parent, field, sent, unknown_fields, lookup),
        });
    }

    /// Reports a key that is not in the schema, with the repeated keys in its value. `meant` is the field of the
    /// object that is missing and that its value is for.
    pub(super) fn unknown_key(
        &mut self,
        place: &ValuePlace,
        key: &str,
        value: &Tree,
        meant: Option<&'static Field>,
        schema: &'static Schema,
    ) {
        let (root, hides_values) = (self.root, self.hides_values);
        let (severity, end) = match self.assumptions.unknown_fields {
            UnknownFields::Ignore => (Severity::Warning, " and was ignored"),
            UnknownFields::Refuse => (Severity::Error, ""),
        };
        self.report(severity, place, |place| {
            let near = schema.meant_field(key, root);
            let suggestion = near.map(|field| format!("did you mean {field:?}?"));
            let (suggestion, patch) = match severity {
                Severity::Warning => (
                    suggestion.or_else(|| Some(format!("GET {CONTRACT} lists the fields"))),
                    Vec::new(),
                ),
                Severity::Error => (
                    suggestion.or_else(|| Some("leave it out".into())),
                    if hides_values && !is_shown_key(root, key) {
                        Vec::new()
                    } else {
                        vec![match meant {
                            Some(field) => PatchOp::Move {
                                from: place.target(),
                                path: format!("{}/{}", place.parent_target(), field.name),
                            },
                            None => PatchOp::Remove { path: place.target() },
                        }]
                    },
                ),
            };
            FindingText { message: format!("{UNKNOWN_FIELD}{end}"), suggestion, patch }
        });
        // a patch that removes the value mends what is in it
        let is_removed = severity == Severity::Error || self.is_replaced;
        let before = std::mem::replace(&mut self.is_replaced, is_removed);
        self.repeated_keys_within(value, place);
        self.is_replaced = before;
    }

    /// Reports that an object does not have exactly one of its alternative fields.
    pub(super) fn not_exactly_one(
        &mut self,
        place: &ValuePlace,
        schema: &'static Schema,
        sent: &[&'static str],
        unknown: &[TreeEntry],
    ) {
        let lookup = self.lookup;
        self.report(Severity::Error, place, |place| {
            let both = schema.exactly_one_of.join(" and ");
            let meant = meant_alternative(schema, unknown, lookup).filter(|_| sent.is_empty());
            FindingText {
                message: if sent.is_empty() {
                    format!("has none of {both}")
                } else {
                    format!("has {both} together")
                },
                suggestion: Some(format!("send exactly one of {both}")),
                patch: patch::for_exactly_one(place, schema, sent, meant, lookup),
            }
        });
    }

    /// Reports each repeated key of an object.
    pub(super) fn repeated_keys(&mut self, entries: &[TreeEntry], place: &ValuePlace) {
        let mut seen = SeenKeys::default();
        for (key, value) in entries {
            if seen.insert(key) {
                continue;
            }
            let has_patch = !self.is_replaced && !self.hides_values;
            self.report(Severity::Error, &place.key(key), |place| FindingText {
                message: "is repeated".into(),
                suggestion: Some("send each key once".into()),
                patch: if has_patch { patch::for_repeated(place, key, value) } else { Vec::new() },
            });
        }
    }

    /// Whether another finding of a severity would be kept.
    pub(super) fn has_room(&self, severity: Severity) -> bool {
        self.findings.has_room(severity)
    }

    /// Reports each repeated key of a value and of everything in it.
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
                    self.repeated_keys_within(item, &place.item(index, 0));
                }
            }
            Tree::Null | Tree::Boolean(_) | Tree::Integer(_) | Tree::Number(_) | Tree::Text(_) => {}
        }
    }

    fn report(
        &mut self,
        severity: Severity,
        place: &ValuePlace,
        text: impl FnOnce(&ValuePlace) -> FindingText,
    ) {
        let Self { endpoint, root, hides_values, .. } = *self;
        self.findings.add_with(severity, || {
            let FindingText { message, suggestion, patch } = text(place);
            let hides_key = |key: &str| hides_values && !is_shown_key(root, key);
            Finding {
                severity,
                pointer: place.pointer_with(&|key| if hides_key(key) { REDACTED } else { key }),
                clause: place
                    .clause_with(endpoint, &|key| if hides_key(key) { REDACTED } else { key }),
                message,
                suggestion,
                patch: patch.into_boxed_slice(),
            }
        });
    }
}

/// Returns the unknown key that is probably one of an object's alternative fields, and that field.
pub(super) fn meant_alternative<'t>(
    schema: &'static Schema,
    unknown: &[TreeEntry<'t>],
    lookup: &dyn WorldLookup,
) -> Option<(&'t str, &'static str)> {
    schema.exactly_one_of.iter().find_map(|name| {
        let field = schema.field(name)?;
        let fit = unknown.iter().filter(|(_, value)| patch::fits(value, field, lookup));
        nearest_key(name, fit.map(|(key, _)| *key)).map(|key| (key, *name))
    })
}

/// Returns a number as an integer, if it is one and of exact value.
fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "only whole numbers within the range are cast"
    )]
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

/// Returns how to fix a value of the wrong type, if that is clear.
fn hint(value: &Tree, kind: Kind) -> Option<&'static str> {
    match (kind, value) {
        (Kind::Integer | Kind::OneOfIntegers(_), Tree::Text(text)) => {
            let number = text.parse().ok().map(Tree::Integer);
            number.is_some_and(|it| kind.accepts(&it)).then_some("send it without quotes")
        }
        (Kind::Boolean, Tree::Text("true" | "false")) => Some("send it without quotes"),
        (Kind::Integer | Kind::OneOfIntegers(_), Tree::Number(number)) => {
            let whole = whole(number.value()).map(Tree::Integer);
            let is_accepted = whole.is_some_and(|it| kind.accepts(&it));
            is_accepted.then_some("write it without a fraction or exponent")
        }
        (Kind::Formatted(format), Tree::Text(text)) if text.starts_with('+') => {
            (format.accepts)(&text[1..]).then_some("remove the plus")
        }
        (kind, Tree::Integer(number)) if kind.takes_text() => {
            kind.accepts(&Tree::Text(&number.to_string())).then_some("put it in quotes")
        }
        _ => None,
    }
}
