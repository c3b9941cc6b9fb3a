//! The explaining pass: walks a body by the ledger and names everything that is wrong with it.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::field as ledger;
use super::patch as mend;
use super::tree::{self, Arena, Entry, Tree};
use crate::text::{nearest, quoted};
use crate::vendor::finding::PatchOp;
use crate::vendor::schema::secret::{holds_secret, is_secret_key};
use crate::vendor::{Field, Finding, Findings, Kind, Severity, Shape};

/// Every violation of `shape` in a text and its tree, if it has one, and a warning for every key that
/// the shape does not know.
pub fn explain(text: &str, tree: Option<Tree>, endpoint: &str, shape: &'static Shape) -> Findings {
    let mut walk = Walk {
        endpoint,
        root: shape,
        pointer: String::new(),
        path: String::new(),
        findings: Findings::default(),
        taken_away: false,
    };
    match tree {
        Some(Tree::Object(entries)) => walk.object(entries, shape),
        Some(other) => walk.error(|_| {
            // of a login nothing is repeated, whatever it is
            let found = match &other {
                Tree::Text(_) if endpoint == "auth" => "a string".into(),
                Tree::Integer(_) if endpoint == "auth" => "a number".into(),
                other => describe(other),
            };
            let message = format!("the body must be an object, not {found}");
            Words::new(message, Some("send a JSON object".into()), Vec::new())
        }),
        None => walk.error(|_| {
            let syntax = tree::by_library(text, &Arena::default()).err().unwrap_or_default();
            let hint = if text.starts_with('\u{feff}') {
                "leave off the byte order mark"
            } else {
                "mend the body at that place"
            };
            // well-formed JSON, yet more than any number of the contract's can be
            let is_number = syntax.starts_with("number out of range");
            let what = if is_number { "accepted" } else { "JSON" };
            Words::new(format!("the body is not {what}: {syntax}"), Some(hint.into()), Vec::new())
        }),
    }
    walk.findings
}

/// Whether a single value is of a kind that is no object or list.
pub fn fits(value: &Tree, kind: Kind) -> bool {
    match (kind, value) {
        (Kind::Exactly(wanted), Tree::Integer(value)) => *value == wanted,
        (Kind::Id, Tree::Text(text)) => super::parse_id(text).is_some(),
        (Kind::Phone, Tree::Text(text)) => super::is_phone(text),
        (Kind::Integer, Tree::Integer(_))
        | (Kind::Text | Kind::Secret, Tree::Text(_))
        | (Kind::TextOrNumber, Tree::Text(_) | Tree::Integer(_) | Tree::Number(_))
        | (Kind::Boolean, Tree::Boolean(_)) => true,
        _ => false,
    }
}

struct Walk<'a> {
    endpoint: &'a str,
    root: &'static Shape,
    /// RFC 6901 pointer to where the walk stands.
    pointer: String,
    /// The same place as the ledger's dotted path.
    path: String,
    findings: Findings,
    taken_away: bool,
}

/// What is said of a place: what is wrong, what to do, and what makes it pass.
struct Words {
    message: String,
    hint: Option<String>,
    patch: Vec<PatchOp>,
}

impl Words {
    fn new(message: impl Into<String>, hint: Option<String>, patch: Vec<PatchOp>) -> Self {
        Self { message: message.into(), hint, patch }
    }
}

impl Walk<'_> {
    fn object(&mut self, entries: &[Entry], shape: &'static Shape) {
        self.repeated_keys(entries);
        let find =
            |name: &str| entries.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| value);
        let unknown: Vec<_> = last_of_each(entries)
            .into_iter()
            .filter(|(key, _)| !shape.fields.iter().any(|field| field.name == *key))
            .collect();
        let mut meant: Vec<&str> = Vec::new();
        for field in shape.fields {
            match find(field.name) {
                None | Some(Tree::Null) if field.required => {
                    let mut sent = None;
                    self.at(field.name, |walk| {
                        walk.error(|pointer| {
                            let keys = unknown.iter().take(1000).map(|(key, _)| *key);
                            // what was meant for one field is not meant for another
                            let keys = keys.filter(|key| !meant.contains(key));
                            sent = nearest(field.name, keys);
                            let parent = &pointer[..pointer.len() - field.name.len() - 1];
                            let value = unknown.iter().find(|(key, _)| Some(*key) == sent);
                            let value = value.map(|(key, value)| (*key, value));
                            missing(field, sent, mend::missing(parent, field, value))
                        });
                    });
                    meant.extend(sent);
                }
                None | Some(Tree::Null) => {}
                Some(value) => {
                    let needed = field.required || shape.exactly_one_of.contains(&field.name);
                    self.at(field.name, |walk| walk.value(value, field.kind, Some(field), needed));
                }
            }
        }
        for (key, value) in unknown {
            if !meant.contains(key) {
                self.unknown_key(key, shape);
            }
            self.at(key, |walk| walk.repeated_keys_within(value));
        }
        self.exactly_one(entries, shape);
    }

    fn value(&mut self, value: &Tree, kind: Kind, field: Option<&Field>, needed: bool) {
        match (kind, value) {
            (Kind::Object(shape), Tree::Object(entries)) => return self.object(entries, shape),
            (Kind::List(kind), Tree::List(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.item(index, |walk| walk.value(item, *kind, None, true));
                }
                return;
            }
            _ if fits(value, kind) => {}
            _ => {
                self.error(|pointer| {
                    wrong(value, kind, mend::wrong(pointer, value, kind, field, needed))
                });
                // the patch takes the whole value away
                let before = std::mem::replace(&mut self.taken_away, true);
                self.repeated_keys_within(value);
                self.taken_away = before;
                return;
            }
        }
        // a list or an object in the wrong place may still repeat keys
        self.repeated_keys_within(value);
    }

    fn exactly_one(&mut self, entries: &[Entry], shape: &'static Shape) {
        let names = shape.exactly_one_of;
        let is_sent = |name: &&&str| {
            entries
                .iter()
                .rev()
                .find(|(key, _)| *key == **name)
                .is_some_and(|(_, value)| *value != Tree::Null)
        };
        let sent: Vec<&str> = names.iter().filter(is_sent).copied().collect();
        if names.is_empty() || sent.len() == 1 {
            return;
        }
        let both = names.join(" and ");
        self.error(|pointer| {
            let meant = names.iter().filter(|_| sent.is_empty()).find_map(|name| {
                let field = shape.fields.iter().find(|field| field.name == *name)?;
                let fit =
                    last_of_each(entries).into_iter().filter(|(_, value)| fits(value, field.kind));
                let unknown =
                    fit.filter(|(key, _)| !shape.fields.iter().any(|field| field.name == *key));
                nearest(name, unknown.map(|(key, _)| *key)).map(|key| (key, *name))
            });
            let what = if sent.is_empty() {
                format!("has none of {both}")
            } else {
                format!("has {both} together")
            };
            let hint = format!("send exactly one of {both}");
            Words::new(what, Some(hint), mend::exactly_one(pointer, shape, &sent, meant))
        });
    }

    fn unknown_key(&mut self, key: &str, shape: &'static Shape) {
        let root = self.root;
        self.at(key, |walk| {
            walk.note(Severity::Warning, |_| {
                let near = nearest(key, shape.fields.iter().map(|field| field.name));
                let hint = near.map(|name| format!("did you mean {name:?}?")).or_else(|| {
                    let elsewhere =
                        ledger::paths(root).into_iter().find(|(_, field)| field.name == key);
                    elsewhere.map(|(path, _)| format!("did you mean {path}?"))
                });
                Words::new("is not a field of the contract and was ignored", hint, Vec::new())
            });
        });
    }

    fn repeated_keys(&mut self, entries: &[Entry]) {
        let mut seen = HashSet::new();
        for (key, value) in entries {
            if !seen.insert(key) {
                self.at(key, |walk| {
                    let (taken_away, endpoint) = (walk.taken_away, walk.endpoint);
                    walk.error(|pointer| {
                        let value = mend::to_json(value);
                        let is_secret =
                            endpoint == "auth" || is_secret_key(key) || holds_secret(&value);
                        let patch = PatchOp::Replace { path: pointer.into(), value };
                        Words::new(
                            "is there more than once",
                            Some("send each key once".into()),
                            if taken_away || is_secret { Vec::new() } else { vec![patch] },
                        )
                    });
                });
            }
        }
    }

    fn repeated_keys_within(&mut self, value: &Tree) {
        match value {
            Tree::Object(entries) => {
                self.repeated_keys(entries);
                for (key, value) in last_of_each(entries) {
                    self.at(key, |walk| walk.repeated_keys_within(value));
                }
            }
            Tree::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.item(index, |walk| walk.repeated_keys_within(item));
                }
            }
            Tree::Null | Tree::Boolean(_) | Tree::Integer(_) | Tree::Number(_) | Tree::Text(_) => {}
        }
    }

    /// Does something one key further in.
    fn at(&mut self, key: &str, act: impl FnOnce(&mut Self)) {
        let (pointer, path) = (self.pointer.len(), self.path.len());
        self.pointer.push('/');
        for letter in key.chars() {
            match letter {
                '~' => self.pointer.push_str("~0"),
                '/' => self.pointer.push_str("~1"),
                letter => self.pointer.push(letter),
            }
        }
        self.path.push('.');
        self.path.push_str(key);
        act(self);
        self.pointer.truncate(pointer);
        self.path.truncate(path);
    }

    /// Does something one list item further in.
    fn item(&mut self, index: usize, act: impl FnOnce(&mut Self)) {
        let (pointer, path) = (self.pointer.len(), self.path.len());
        write!(self.pointer, "/{index}").expect("BUG: a string can always be written to");
        self.path.push_str("[]");
        act(self);
        self.pointer.truncate(pointer);
        self.path.truncate(path);
    }

    fn error(&mut self, words: impl FnOnce(&str) -> Words) {
        self.note(Severity::Error, words);
    }

    fn note(&mut self, severity: Severity, words: impl FnOnce(&str) -> Words) {
        let (endpoint, pointer, path) = (self.endpoint, &self.pointer, &self.path);
        self.findings.add_with(severity, || {
            let Words { message, hint: suggestion, patch } = words(pointer);
            Finding {
                severity,
                pointer: pointer.clone(),
                clause: if path.is_empty() {
                    format!("{endpoint}.body")
                } else {
                    format!("{endpoint}{path}")
                },
                message,
                suggestion,
                patch: patch.into_boxed_slice(),
            }
        });
    }
}

/// The entries that count where keys are repeated, in order.
fn last_of_each<'t, 'a>(entries: &'t [Entry<'a>]) -> Vec<&'t Entry<'a>> {
    let mut seen = HashSet::new();
    let mut last: Vec<_> = entries.iter().rev().filter(|(key, _)| seen.insert(key)).collect();
    last.reverse();
    last
}

fn missing(field: &Field, sent: Option<&str>, patch: Vec<PatchOp>) -> Words {
    let hint = match sent {
        Some(key) => format!("you sent {} — did you mean {:?}?", quoted(key), field.name),
        None => format!("send {}", field.kind.describe()),
    };
    Words::new("is missing", Some(hint), patch)
}

fn wrong(value: &Tree, kind: Kind, patch: Vec<PatchOp>) -> Words {
    let found = match (kind, value) {
        (Kind::Secret, Tree::Integer(_) | Tree::Number(_)) => "a number".into(),
        _ => describe(value),
    };
    let hint = match (kind, value) {
        (Kind::Integer | Kind::Exactly(_), Tree::Text(text)) if text.parse::<i64>().is_ok() => {
            Some("send it without quotes".into())
        }
        (Kind::Boolean, Tree::Text(text)) if matches!(*text, "true" | "false") => {
            Some("send it without quotes".into())
        }
        (Kind::Integer | Kind::Exactly(_), Tree::Number(_)) => {
            Some("write it as digits alone".into())
        }
        (Kind::Phone, Tree::Text(text)) if text.starts_with('+') => {
            Some("leave off the plus".into())
        }
        (Kind::Text | Kind::Phone | Kind::Id, Tree::Integer(_)) => Some("put it in quotes".into()),
        _ => None,
    };
    Words::new(format!("must be {}, not {found}", kind.describe()), hint, patch)
}

/// What a value is, for a message.
pub fn describe(value: &Tree) -> String {
    match value {
        Tree::Null => "null".into(),
        Tree::Boolean(value) => value.to_string(),
        Tree::Integer(value) => format!("the number {value}"),
        Tree::Number(_) => "a number with fraction or exponent, or beyond signed 64 bits".into(),
        Tree::Text(text) => format!("the string {}", quoted(text)),
        Tree::List(_) => "a list".into(),
        Tree::Object(_) => "an object".into(),
    }
}
