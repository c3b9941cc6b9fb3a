//! What a single value must be: a literal, or a map of conditions that must all hold.

use serde_json::json;

use super::pattern::{Glob, Pattern};
use crate::config_file::{MapReader, Node, Problems, Read, Value, choice};
use crate::text::did_you_mean;
use crate::vendor::schema::Tree;

/// Conditions on one value, or on its absence.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueMatcher(Vec<Condition>);

#[derive(Debug, Clone, PartialEq)]
enum Condition {
    Equals(Literal),
    In(Vec<Literal>),
    Pattern(Pattern),
    Present(bool),
    Type(JsonType),
    MinLen(u64),
    MaxLen(u64),
}

/// A value written into a scenario.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `null`, which absent is too.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number; 4 and 4.0 are the same.
    Number(f64),
    /// A string.
    Text(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum JsonType {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    List,
    Object,
}

const TYPES: [(&str, JsonType); 7] = [
    ("null", JsonType::Null),
    ("boolean", JsonType::Boolean),
    ("integer", JsonType::Integer),
    ("number", JsonType::Number),
    ("string", JsonType::String),
    ("list", JsonType::List),
    ("object", JsonType::Object),
];

const KEYS: [&str; 9] =
    ["equals", "in", "glob", "regex", "present", "absent", "type", "min_len", "max_len"];

impl ValueMatcher {
    /// Whether the conditions hold for a value, or for none.
    pub fn holds(&self, value: Option<&Tree>) -> bool {
        self.0.iter().all(|condition| condition.holds(value))
    }

    /// Whether they hold for text outside a body.
    pub fn holds_for_text(&self, text: Option<&str>) -> bool {
        self.holds(text.map(Tree::Text).as_ref())
    }

    /// The literals that a value must be one of; `None` if other values may match too.
    pub fn literals(&self) -> Option<Vec<&Literal>> {
        self.0.iter().find_map(|condition| match condition {
            Condition::Equals(literal) => Some(vec![literal]),
            Condition::In(literals) => Some(literals.iter().collect()),
            _ => None,
        })
    }

    /// The conditions in words.
    pub fn describe(&self) -> String {
        let words: Vec<_> = self.0.iter().map(Condition::describe).collect();
        words.join(" and ")
    }

    /// Whether only absent or null matches.
    pub fn wants_absence(&self) -> bool {
        self.0.contains(&Condition::Present(false))
    }
}

impl Condition {
    fn describe(&self) -> String {
        let literal = |literal: &Literal| crate::vendor::schema::describe(&literal.to_tree());
        match self {
            Self::Equals(wanted) => literal(wanted),
            Self::In(wanted) => {
                format!("one of {}", wanted.iter().map(literal).collect::<Vec<_>>().join(", "))
            }
            Self::Pattern(pattern) => format!("like {:?}", pattern.as_str()),
            Self::Present(true) => "present".into(),
            Self::Present(false) => "absent".into(),
            Self::Type(wanted) => {
                let name =
                    TYPES.iter().find(|(_, json_type)| json_type == wanted).map(|(name, _)| *name);
                format!("of type {}", name.unwrap_or_default())
            }
            Self::MinLen(least) => format!("at least {least} long"),
            Self::MaxLen(most) => format!("at most {most} long"),
        }
    }

    fn holds(&self, value: Option<&Tree>) -> bool {
        let value = value.unwrap_or(&Tree::Null);
        match self {
            Self::Equals(literal) => literal.is(value),
            Self::In(literals) => literals.iter().any(|literal| literal.is(value)),
            Self::Pattern(pattern) => {
                matches!(value, Tree::Text(text) if pattern.is_match(text))
            }
            Self::Present(present) => (*value != Tree::Null) == *present,
            Self::Type(wanted) => match value {
                Tree::Null => *wanted == JsonType::Null,
                Tree::Boolean(_) => *wanted == JsonType::Boolean,
                Tree::Integer(_) => matches!(wanted, JsonType::Integer | JsonType::Number),
                Tree::Number(_) => *wanted == JsonType::Number,
                Tree::Text(_) => *wanted == JsonType::String,
                Tree::List(_) => *wanted == JsonType::List,
                Tree::Object(_) => *wanted == JsonType::Object,
            },
            Self::MinLen(least) => length(value).is_some_and(|length| length >= *least),
            Self::MaxLen(most) => length(value).is_some_and(|length| length <= *most),
        }
    }
}

/// Characters of a string, items of a list.
fn length(value: &Tree) -> Option<u64> {
    match value {
        Tree::Text(text) => Some(text.chars().count() as u64),
        Tree::List(items) => Some(items.len() as u64),
        _ => None,
    }
}

impl Literal {
    fn is(&self, value: &Tree) -> bool {
        match (self, value) {
            (Self::Null, Tree::Null) => true,
            (Self::Boolean(literal), Tree::Boolean(value)) => literal == value,
            #[expect(clippy::cast_precision_loss, reason = "as exact as the literal")]
            (Self::Number(literal), Tree::Integer(value)) => same(*literal, *value as f64),
            (Self::Number(literal), Tree::Number(value)) => same(*literal, *value),
            (Self::Text(literal), Tree::Text(value)) => *literal == *value,
            _ => false,
        }
    }

    /// The literal as a value of a body.
    pub fn to_tree(&self) -> Tree<'_> {
        match self {
            Self::Null => Tree::Null,
            Self::Boolean(value) => Tree::Boolean(*value),
            #[expect(clippy::cast_possible_truncation, reason = "only whole numbers are cast")]
            Self::Number(value) if value.fract() == 0.0 && value.abs() < 1e15 => {
                Tree::Integer(*value as i64)
            }
            Self::Number(value) => Tree::Number(*value),
            Self::Text(text) => Tree::Text(text),
        }
    }
}

/// Numbers of JSON are the same when they are written for the same value.
fn same(one: f64, other: f64) -> bool {
    one.partial_cmp(&other) == Some(std::cmp::Ordering::Equal)
}

impl Read for Literal {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        match &node.value {
            Value::Null => Some(Self::Null),
            Value::Boolean(value) => Some(Self::Boolean(*value)),
            #[expect(clippy::cast_precision_loss, reason = "compared as numbers of JSON are")]
            Value::Integer(value) => Some(Self::Number(*value as f64)),
            Value::Float(value) => Some(Self::Number(*value)),
            Value::Text(text) => Some(Self::Text(text.clone())),
            Value::List(_) | Value::Map(_) => {
                problems.wrong_type(node, "a single value");
                None
            }
        }
    }

    fn schema() -> serde_json::Value {
        json!({"type": ["string", "number", "boolean", "null"]})
    }
}

impl Read for ValueMatcher {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let Value::Map(entries) = &node.value else {
            return Literal::read(node, problems)
                .map(|literal| Self(vec![Condition::Equals(literal)]));
        };
        if entries.is_empty() {
            problems
                .add(node.at, format!("a matcher needs a condition: one of {}", KEYS.join(", ")));
            return None;
        }
        let mut conditions = Vec::new();
        for entry in entries {
            conditions.push(condition(&entry.key, &entry.node, problems, entry.at)?);
        }
        Some(Self(conditions))
    }

    fn schema() -> serde_json::Value {
        json!({"$ref": "#/$defs/matcher"})
    }
}

/// What `#/$defs/matcher` stands for in the schema of a scenario file.
pub fn definition() -> serde_json::Value {
    let types = TYPES.map(|(name, _)| name);
    json!({"oneOf": [Literal::schema(), {
            "type": "object",
            "additionalProperties": false,
            "minProperties": 1,
            "properties": {
                "equals": Literal::schema(),
                "in": {"type": "array", "items": Literal::schema(), "minItems": 1},
                "glob": Glob::schema(),
                "regex": Pattern::schema(),
                "present": {"type": "boolean"},
                "absent": {"type": "boolean"},
                "type": {"enum": types},
                "min_len": u64::schema(),
                "max_len": u64::schema(),
            },
    }]})
}

fn condition(
    key: &str,
    node: &Node,
    problems: &mut Problems,
    at: crate::config_file::Place,
) -> Option<Condition> {
    match key {
        "equals" => Literal::read(node, problems).map(Condition::Equals),
        "in" => {
            let literals = Vec::<Literal>::read(node, problems)?;
            if literals.is_empty() {
                problems.add(node.at, "an empty list matches nothing; name at least one value");
                return None;
            }
            Some(Condition::In(literals))
        }
        "glob" => Glob::read(node, problems).map(Pattern::Glob).map(Condition::Pattern),
        "regex" => Pattern::read(node, problems).map(Condition::Pattern),
        "present" => bool::read(node, problems).map(Condition::Present),
        "absent" => bool::read(node, problems).map(|absent| Condition::Present(!absent)),
        "type" => choice(node, problems, "type", &TYPES).map(Condition::Type),
        "min_len" => u64::read(node, problems).map(Condition::MinLen),
        "max_len" => u64::read(node, problems).map(Condition::MaxLen),
        _ => {
            let hint = did_you_mean(key, KEYS);
            problems.add(
                at,
                format!("unknown matcher {key:?}{hint} (known here: {})", KEYS.join(", ")),
            );
            None
        }
    }
}

/// Reads a map of names to matchers, each name checked by `known`.
pub fn read_named<K>(
    node: &Node,
    problems: &mut Problems,
    mut known: impl FnMut(&str) -> Result<K, String>,
) -> Option<Vec<(K, ValueMatcher)>> {
    let entries = MapReader::entries_of(node, problems)?;
    let mut named = Vec::new();
    for entry in entries {
        let name = known(&entry.key).map_err(|why| problems.add(entry.at, why)).ok();
        let matcher = ValueMatcher::read(&entry.node, problems);
        named.extend(name.zip(matcher));
    }
    (named.len() == entries.len()).then_some(named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config_file::parse;

    fn matcher(text: &str) -> Result<ValueMatcher, String> {
        let mut problems = Problems::default();
        let matcher = ValueMatcher::read(&parse(text).unwrap(), &mut problems);
        matcher.ok_or_else(|| problems.into_sorted()[0].message.clone())
    }

    #[test]
    fn each_condition_holds_for_what_it_says() {
        let text = |text| Some(Tree::Text(text));
        let list = Some(Tree::List(&[Tree::Null, Tree::Null]));
        for (written, yes, no) in [
            ("Tech", text("Tech"), text("tech")),
            ("4", Some(Tree::Integer(4)), text("4")),
            ("{equals: true}", Some(Tree::Boolean(true)), Some(Tree::Boolean(false))),
            ("{in: [a, 2]}", Some(Tree::Integer(2)), text("b")),
            ("{glob: 'Re?ry*'}", text("Retry\nme"), text("xRetry")),
            ("{glob: 'a.b'}", text("a.b"), text("axb")),
            ("{regex: '^a+$'}", text("aaa"), text("aab")),
            ("{present: true}", text(""), Some(Tree::Null)),
            ("{absent: true}", None, text("")),
            ("{present: false}", Some(Tree::Null), Some(Tree::Boolean(false))),
            ("{type: integer}", Some(Tree::Integer(1)), Some(Tree::Number(1.5))),
            ("{type: number}", Some(Tree::Integer(1)), text("1")),
            ("{type: list}", list, Some(Tree::Object(&[]))),
            ("{min_len: 2}", text("äö"), text("ä")),
            ("{max_len: 2}", list, text("abc")),
            ("{min_len: 1, glob: 'a*'}", text("ab"), text("b")),
        ] {
            let matcher = matcher(written).unwrap();
            assert!(matcher.holds(yes.as_ref()), "{written} holds for {yes:?}");
            assert!(!matcher.holds(no.as_ref()), "{written} does not hold for {no:?}");
        }
    }

    #[test]
    fn what_is_no_matcher_is_refused_with_advice() {
        for (written, expected) in [
            ("{glbo: x}", "unknown matcher \"glbo\"; did you mean \"glob\"?"),
            ("{}", "a matcher needs a condition"),
            ("[a]", "this must be a single value, not a list"),
            ("{regex: '('}", "not a regular expression"),
            ("{regex: 'a{1000}{1000}{1000}'}", "not a regular expression"),
            ("{glob: '[a-z]*'}", "a glob has only * and ?"),
            ("{glob: ''}", "a glob has only * and ?"),
            ("{type: text}", "unknown type \"text\""),
            ("{min_len: -1}", "0 or more"),
            ("{in: []}", "an empty list matches nothing"),
            ("{present: 'yes'}", "true or false"),
        ] {
            let why = matcher(written).unwrap_err();
            assert!(why.contains(expected), "{written}: {why}");
        }
    }

    #[test]
    fn a_hostile_pattern_takes_no_longer_than_its_text() {
        let matcher = matcher("{regex: '(a*)*(a*)*(a*)*b$'}").unwrap();
        assert!(!matcher.holds(Some(&Tree::Text(&"a".repeat(20_000)))));
    }
}
