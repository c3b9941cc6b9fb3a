//! Matchers for a single value: a literal, or a map of conditions that must all hold.

use serde_json::json;

use super::pattern::{Glob, Pattern};
use crate::config_file::{Entry, MapReader, Node, Problems, Read, Value, choice};
use crate::text::did_you_mean;
use crate::vendor::schema::Tree;

/// The conditions on one value, or on its absence.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ValueMatcher(Vec<Condition>);

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

/// A value in a scenario.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    /// Matches an absent value too.
    Null,
    Boolean(bool),
    /// 4 and 4.0 are the same number.
    Number(f64),
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
    /// Whether the conditions hold for a value, or for its absence.
    pub fn matches(&self, value: Option<&Tree>) -> bool {
        self.0.iter().all(|condition| condition.holds(value.unwrap_or(&Tree::Null)))
    }

    /// Returns the literals that a value must be one of; `None` if other values may match too.
    pub fn literals(&self) -> Option<&[Literal]> {
        self.0.iter().find_map(|condition| match condition {
            Condition::Equals(literal) => Some(std::slice::from_ref(literal)),
            Condition::In(literals) => Some(literals),
            _ => None,
        })
    }

    /// Whether only absent or null matches.
    pub fn requires_absence(&self) -> bool {
        self.0.contains(&Condition::Present(false))
    }

    /// Describes the conditions: `like "a*" and at least 2 long`.
    pub fn describe(&self) -> String {
        let words: Vec<_> = self.0.iter().map(Condition::describe).collect();
        words.join(" and ")
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
            Self::Pattern(pattern) => format!("like {:?}", pattern.as_written()),
            Self::Present(true) => "present".into(),
            Self::Present(false) => "absent".into(),
            Self::Type(wanted) => format!("of type {}", TYPES[*wanted as usize].0),
            Self::MinLen(least) => format!("at least {least} long"),
            Self::MaxLen(most) => format!("at most {most} long"),
        }
    }

    fn holds(&self, value: &Tree) -> bool {
        match self {
            Self::Equals(literal) => literal.equals(value),
            Self::In(literals) => literals.iter().any(|literal| literal.equals(value)),
            Self::Pattern(pattern) => matches!(value, Tree::Text(text) if pattern.is_match(text)),
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

/// Counts the characters of a string, or the items of a list.
fn length(value: &Tree) -> Option<u64> {
    match value {
        Tree::Text(text) => Some(text.chars().count() as u64),
        Tree::List(items) => Some(items.len() as u64),
        _ => None,
    }
}

impl Literal {
    fn equals(&self, value: &Tree) -> bool {
        match (self, value) {
            (Self::Null, Tree::Null) => true,
            (Self::Boolean(literal), Tree::Boolean(value)) => literal == value,
            #[expect(
                clippy::cast_precision_loss,
                clippy::float_cmp,
                reason = "as exact as the literal"
            )]
            (Self::Number(literal), Tree::Integer(value)) => *literal == *value as f64,
            #[expect(
                clippy::float_cmp,
                reason = "numbers are equal if they are written for the same value"
            )]
            (Self::Number(literal), Tree::Number(value)) => literal == value,
            (Self::Text(literal), Tree::Text(value)) => *literal == *value,
            _ => false,
        }
    }

    /// Converts the literal to a value of a body.
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

impl Read for Literal {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        match &node.value {
            Value::Null => Some(Self::Null),
            Value::Boolean(value) => Some(Self::Boolean(*value)),
            #[expect(clippy::cast_precision_loss, reason = "numbers are compared as floats")]
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
        let conditions = entries.iter().map(|entry| read_condition(entry, problems));
        conditions.collect::<Option<_>>().map(Self)
    }

    fn schema() -> serde_json::Value {
        json!({"$ref": "#/$defs/matcher"})
    }
}

/// The schema behind `#/$defs/matcher`.
pub(super) fn definition() -> serde_json::Value {
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
            "type": {"enum": TYPES.map(|(name, _)| name)},
            "min_len": u64::schema(),
            "max_len": u64::schema(),
        },
    }]})
}

fn read_condition(entry: &Entry, problems: &mut Problems) -> Option<Condition> {
    let node = &entry.node;
    match entry.key.as_str() {
        "equals" => Literal::read(node, problems).map(Condition::Equals),
        "in" => {
            let literals = Vec::<Literal>::read(node, problems)?;
            if literals.is_empty() {
                problems.add(node.at, "an empty list matches nothing; add at least one value");
                return None;
            }
            Some(Condition::In(literals))
        }
        "glob" => Glob::read(node, problems).map(|glob| Condition::Pattern(glob.0)),
        "regex" => Pattern::read(node, problems).map(Condition::Pattern),
        "present" => bool::read(node, problems).map(Condition::Present),
        "absent" => bool::read(node, problems).map(|absent| Condition::Present(!absent)),
        "type" => choice(node, problems, "type", &TYPES).map(Condition::Type),
        "min_len" => u64::read(node, problems).map(Condition::MinLen),
        "max_len" => u64::read(node, problems).map(Condition::MaxLen),
        key => {
            let (hint, known) = (did_you_mean(key, KEYS), KEYS.join(", "));
            problems.add(entry.at, format!("unknown matcher {key:?}{hint} (known here: {known})"));
            None
        }
    }
}

/// Reads a map of names to matchers; `parse` checks each name.
pub(super) fn read_named<K>(
    node: &Node,
    problems: &mut Problems,
    parse: impl Fn(&str) -> Result<K, String>,
) -> Option<Vec<(K, ValueMatcher)>> {
    let entries = MapReader::entries_of(node, problems)?;
    let mut named = Vec::new();
    for entry in entries {
        let name = problems.accept(entry.at, parse(&entry.key));
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
            assert!(matcher.matches(yes.as_ref()), "{written} matches {yes:?}");
            assert!(!matcher.matches(no.as_ref()), "{written} does not match {no:?}");
        }
    }

    #[test]
    fn a_bad_matcher_is_refused_with_advice() {
        for (written, expected) in [
            ("{glbo: x}", "unknown matcher \"glbo\"; did you mean \"glob\"?"),
            ("{}", "a matcher needs a condition"),
            ("[a]", "this must be a single value, not a list"),
            ("{regex: '('}", "not a regular expression"),
            ("{regex: 'a{1000}{1000}{1000}'}", "not a regular expression"),
            ("{glob: '[a-z]*'}", "knows only * and ?"),
            ("{glob: ''}", "knows only * and ?"),
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
        assert!(!matcher.matches(Some(&Tree::Text(&"a".repeat(20_000)))));
    }
}
