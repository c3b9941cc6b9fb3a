//! The explaining pass: walks a body by the ledger and names everything that is wrong with it.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::tree::{self, Tree};
use crate::contract::{Field, Finding, Findings, Kind, Severity, Shape, ledger};
use crate::nearest::{nearest, quoted};

/// Every violation of `shape` in a text, and a warning for every key it does not know.
pub fn explain(text: &str, endpoint: &str, shape: &'static Shape) -> Findings {
    let mut walk = Walk {
        endpoint,
        root: shape,
        pointer: String::new(),
        path: String::new(),
        findings: Findings::default(),
    };
    match tree::parse(text) {
        Ok(Tree::Object(entries)) => walk.object(&entries, shape),
        Ok(other) => walk.error(|| {
            let message = format!("the body must be an object, not {}", describe(&other));
            (message, None)
        }),
        Err(syntax) => walk.error(|| {
            let hint = text.starts_with('\u{feff}').then(|| "leave off the byte order mark".into());
            // well-formed JSON, yet more than any number of the contract's can be
            let is_number = syntax.starts_with("number out of range");
            let what = if is_number { "accepted" } else { "JSON" };
            (format!("the body is not {what}: {syntax}"), hint)
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
}

type MessageAndHint = (String, Option<String>);

impl Walk<'_> {
    fn object(&mut self, entries: &[(String, Tree)], shape: &'static Shape) {
        self.repeated_keys(entries);
        let find = |name: &str| entries.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        let unknown: Vec<_> = entries
            .iter()
            .filter(|(key, _)| !shape.fields.iter().any(|field| field.name == key))
            .collect();
        let mut meant = None;
        for field in shape.fields {
            match find(field.name) {
                None | Some(Tree::Null) if field.required => {
                    let mut sent = None;
                    self.at(field.name, |walk| {
                        walk.error(|| {
                            let keys = unknown.iter().take(1000).map(|(key, _)| key.as_str());
                            sent = nearest(field.name, keys);
                            missing(field, sent)
                        });
                    });
                    meant = meant.or(sent);
                }
                None | Some(Tree::Null) => {}
                Some(value) => self.at(field.name, |walk| walk.value(value, field.kind)),
            }
        }
        for (key, value) in unknown {
            if meant != Some(key) {
                self.unknown_key(key, shape);
            }
            self.at(key, |walk| walk.repeated_keys_within(value));
        }
        self.exactly_one(entries, shape);
    }

    fn value(&mut self, value: &Tree, kind: Kind) {
        match (kind, value) {
            (Kind::Object(shape), Tree::Object(entries)) => return self.object(entries, shape),
            (Kind::List(kind), Tree::List(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.item(index, |walk| walk.value(item, *kind));
                }
                return;
            }
            _ if fits(value, kind) => {}
            _ => self.error(|| wrong(value, kind)),
        }
        // a list or an object in the wrong place may still repeat keys
        self.repeated_keys_within(value);
    }

    fn exactly_one(&mut self, entries: &[(String, Tree)], shape: &'static Shape) {
        let names = shape.exactly_one_of;
        let is_sent =
            |name: &&&str| entries.iter().any(|(key, value)| key == **name && *value != Tree::Null);
        let sent = names.iter().filter(is_sent).count();
        if !names.is_empty() && sent != 1 {
            let both = names.join(" and ");
            self.error(|| {
                let message = match sent {
                    0 => format!("has none of {both}"),
                    _ => format!("has {both} together"),
                };
                (message, Some(format!("send exactly one of {both}")))
            });
        }
    }

    fn unknown_key(&mut self, key: &str, shape: &'static Shape) {
        let root = self.root;
        self.at(key, |walk| {
            walk.note(Severity::Warning, || {
                let near = nearest(key, shape.fields.iter().map(|field| field.name));
                let hint = near.map(|name| format!("did you mean {name:?}?")).or_else(|| {
                    let elsewhere =
                        ledger::paths(root).into_iter().find(|(_, field)| field.name == key);
                    elsewhere.map(|(path, _)| format!("did you mean {path}?"))
                });
                ("is not a field of the contract and was ignored".into(), hint)
            });
        });
    }

    fn repeated_keys(&mut self, entries: &[(String, Tree)]) {
        let mut seen = HashSet::new();
        for (key, _) in entries {
            if !seen.insert(key) {
                self.at(key, |walk| {
                    walk.error(|| {
                        ("is there more than once".into(), Some("send each key once".into()))
                    });
                });
            }
        }
    }

    fn repeated_keys_within(&mut self, value: &Tree) {
        match value {
            Tree::Object(entries) => {
                self.repeated_keys(entries);
                for (key, value) in entries {
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

    fn error(&mut self, words: impl FnOnce() -> MessageAndHint) {
        self.note(Severity::Error, words);
    }

    fn note(&mut self, severity: Severity, words: impl FnOnce() -> MessageAndHint) {
        let (endpoint, pointer, path) = (self.endpoint, &self.pointer, &self.path);
        self.findings.add_with(severity, || {
            let (message, suggestion) = words();
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
            }
        });
    }
}

fn missing(field: &Field, sent: Option<&str>) -> MessageAndHint {
    let hint = match sent {
        Some(key) => format!("you sent {} — did you mean {:?}?", quoted(key), field.name),
        None => format!("send {}", field.kind.describe()),
    };
    ("is missing".into(), Some(hint))
}

fn wrong(value: &Tree, kind: Kind) -> MessageAndHint {
    let found = match (kind, value) {
        (Kind::Secret, Tree::Integer(_) | Tree::Number(_)) => "a number".into(),
        _ => describe(value),
    };
    let hint = match (kind, value) {
        (Kind::Integer | Kind::Exactly(_), Tree::Text(text)) if text.parse::<i64>().is_ok() => {
            Some("send it without quotes".into())
        }
        (Kind::Boolean, Tree::Text(text)) if text == "true" || text == "false" => {
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
    (format!("must be {}, not {found}", kind.describe()), hint)
}

fn describe(value: &Tree) -> String {
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
