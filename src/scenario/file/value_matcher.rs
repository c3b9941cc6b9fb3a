//! Matchers for a single value: a literal, or a map of conditions that must all hold.

use std::cell::Cell;

use serde_json::json;

use super::json_type::JsonType;
use super::letter_case::LetterCase;
use super::literal::{Literal, Literals};
use super::pattern::{MAX_TEXT_BYTES, Pattern};
use super::written_pattern::{WrittenGlob, WrittenRegex};
use crate::config_file::{Cost, MapEntry, Node, Problems, Read, Value, record};
use crate::vendor::schema::{Tree, describe};

/// The conditions on one value, or on its absence.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ValueMatcher(Vec<Condition>);

#[derive(Debug, Clone, PartialEq)]
enum Condition {
    Equals(Literal),
    OneOf(Literals),
    Like(Pattern),
    Present(bool),
    OfType(JsonType),
    MinLen(u64),
    MaxLen(u64),
}

record! {
    #[derive(Debug, Default)]
    struct ConditionMap {
        equals: Option<Literal> => optional,
        one_of "in": Option<Literals> => optional,
        glob: Option<WrittenGlob> => optional,
        regex: Option<WrittenRegex> => optional,
        present: Option<bool> => optional,
        absent: Option<bool> => optional,
        json_type "type": Option<JsonType> => optional,
        min_len: Option<u64> => optional,
        max_len: Option<u64> => optional,
    }
}

/// The most letters that a body has.
const MAX_COUNTED: u64 = 1024 * 1024;
/// How many letters are counted in a step.
const LETTERS_OF_STEP: u64 = 2;

impl ConditionMap {
    /// Returns a key that contradicts another one, and why: no value and no absence satisfies both.
    fn contradiction(&self, equals: Option<&Literal>) -> Option<(&'static str, String)> {
        if let (Some(min), Some(max)) = (self.min_len, self.max_len)
            && min > max
        {
            return Some(("max_len", format!("min_len {min} is greater than max_len {max}")));
        }
        let is_null = |literal: &Literal| *literal == Literal::Null;
        let of = self.one_of.as_ref().map(|of| &of.0);
        // what holds of null and absence alone, and what of no such thing
        let absent = [
            ("absent", self.absent == Some(true)),
            ("present", self.present == Some(false)),
            ("equals", equals.is_some_and(is_null)),
            ("in", of.is_some_and(|of| of.iter().all(is_null))),
            ("type", self.json_type == Some(JsonType::Null)),
        ];
        let present = [
            ("present", self.present == Some(true)),
            ("absent", self.absent == Some(false)),
            ("equals", equals.is_some_and(|literal| !is_null(literal))),
            ("in", of.is_some_and(|of| !of.iter().any(is_null))),
            ("type", self.json_type.is_some_and(|json_type| json_type != JsonType::Null)),
            ("glob", self.glob.is_some()),
            ("regex", self.regex.is_some()),
            ("min_len", self.min_len.is_some()),
            ("max_len", self.max_len.is_some()),
        ];
        let key = |keys: &[(&'static str, bool)]| {
            keys.iter().find(|(_, is_there)| *is_there).map(|(key, _)| *key)
        };
        let (absent, present) = (key(&absent)?, key(&present)?);
        let why = format!("{absent} wants no value here and {present} wants one");
        Some((absent, why))
    }
}

impl ValueMatcher {
    /// Whether the conditions hold for a value, or for its absence.
    pub(crate) fn matches(&self, value: Option<&Tree>) -> bool {
        self.matches_within(value, &Cell::new(MAX_TEXT_BYTES))
    }

    /// The same for one of several values; their patterns look at as much text in all as of a single one.
    pub(crate) fn matches_within(&self, value: Option<&Tree>, left: &Cell<usize>) -> bool {
        let value = value.unwrap_or(&Tree::Null);
        self.0.iter().all(|condition| condition.holds(value, left))
    }

    /// How many literals a value is compared with.
    pub(crate) fn literal_count(&self) -> usize {
        let count = |condition: &Condition| match condition {
            Condition::Equals(_) => 1,
            Condition::OneOf(literals) => literals.0.len(),
            _ => 0,
        };
        self.0.iter().map(count).sum()
    }

    /// Returns the first byte of every text that matches, if nothing else matches.
    pub(crate) fn first_byte(&self) -> Option<u8> {
        self.0.iter().find_map(|condition| match condition {
            Condition::Equals(Literal::Text(text)) => text.bytes().next(),
            Condition::Like(pattern) => pattern.first_byte(),
            _ => None,
        })
    }

    /// Returns the literals that a value must be one of; `None` if other values may match too.
    pub(crate) fn literals(&self) -> Option<&[Literal]> {
        self.0.iter().find_map(|condition| match condition {
            Condition::Equals(literal) => Some(std::slice::from_ref(literal)),
            Condition::OneOf(literals) => Some(&literals.0),
            _ => None,
        })
    }

    /// The memory that it takes besides its own place, in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        let conditions = self.0.iter().map(Condition::heap_bytes);
        self.0.capacity() * size_of::<Condition>() + conditions.sum::<usize>()
    }

    /// Whether only absent or null matches.
    pub(crate) fn requires_absence(&self) -> bool {
        self.0.contains(&Condition::Present(false))
    }

    /// Describes the conditions: `like "a*" and at least 2 long`.
    pub(crate) fn describe(&self) -> String {
        self.0.iter().map(Condition::describe).collect::<Vec<_>>().join(" and ")
    }
}

impl Condition {
    fn holds(&self, value: &Tree, left: &Cell<usize>) -> bool {
        match self {
            Self::Equals(literal) => literal.equals(value),
            Self::OneOf(literals) => literals.0.iter().any(|literal| literal.equals(value)),
            Self::Like(pattern) => {
                matches!(value, Tree::Text(text) if pattern.is_match(text, left))
            }
            Self::Present(wanted) => *wanted == (*value != Tree::Null),
            Self::OfType(wanted) => wanted.is_of(value),
            Self::MinLen(least) => has_length(value, *least) == Some(true),
            Self::MaxLen(most) => has_length(value, most.saturating_add(1)) == Some(false),
        }
    }

    fn heap_bytes(&self) -> usize {
        match self {
            Self::Equals(literal) => literal.heap_bytes(),
            Self::OneOf(of) => {
                of.0.iter().map(|literal| size_of::<Literal>() + literal.heap_bytes()).sum()
            }
            Self::Like(pattern) => pattern.cost().bytes,
            _ => 0,
        }
    }

    fn describe(&self) -> String {
        let literal = |literal: &Literal| describe(&literal.to_tree());
        match self {
            Self::Equals(wanted) => literal(wanted),
            Self::OneOf(of) => {
                format!("one of {}", of.0.iter().map(literal).collect::<Vec<_>>().join(", "))
            }
            Self::Like(pattern) => format!("like {:?}", pattern.as_written()),
            Self::Present(wanted) => if *wanted { "present" } else { "absent" }.to_owned(),
            Self::OfType(json_type) => format!("of type {}", json_type.name()),
            Self::MinLen(least) => format!("at least {least} long"),
            Self::MaxLen(most) => format!("at most {most} long"),
        }
    }
}

/// Whether a string has at least so many characters, or a list so many items; counts no further than that.
fn has_length(value: &Tree, least: u64) -> Option<bool> {
    match value {
        Tree::Text(text) => {
            let least = usize::try_from(least).unwrap_or(usize::MAX);
            Some(least == 0 || (text.len() >= least && text.chars().nth(least - 1).is_some()))
        }
        Tree::List(items) => Some(items.len() as u64 >= least),
        _ => None,
    }
}

impl Read for ValueMatcher {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        Self::read_in_case(node, LetterCase::Kept, problems)
    }

    fn schema() -> serde_json::Value {
        json!({"$ref": "#/$defs/matcher"})
    }
}

impl ValueMatcher {
    /// Reads the matcher of a value which is the same, or not, if it differs in case alone.
    pub(super) fn read_in_case(
        node: &Node,
        case: LetterCase,
        problems: &mut Problems,
    ) -> Option<Self> {
        let in_case = |literal: Literal| literal.in_case(case);
        let Value::Map(entries) = &node.value else {
            let literal = Literal::read(node, problems)?;
            return Some(Self(vec![Condition::Equals(in_case(literal))]));
        };
        let mut map = ConditionMap::read(node, problems)?;
        let glob = map.glob.as_ref().map(|glob| glob.compile(case, problems));
        let regex = map.regex.as_ref().map(|regex| regex.compile(case, problems));
        if [&glob, &regex].into_iter().any(|compiled| matches!(compiled, Some(None))) {
            return None;
        }
        for length in [map.min_len, map.max_len].into_iter().flatten() {
            let steps = length.min(MAX_COUNTED) / LETTERS_OF_STEP;
            problems.charge(node.at, Cost { steps, bytes: 0 });
        }
        let is_null = |entry: &MapEntry| entry.node.value == Value::Null;
        let has_null = |key| entries.iter().any(|entry| entry.key == key && is_null(entry));
        // null is a literal and a type here, not an absent key
        let equals = if has_null("equals") { Some(Literal::Null) } else { map.equals.take() };
        map.json_type = if has_null("type") { Some(JsonType::Null) } else { map.json_type };
        if equals.is_none() && map.json_type.is_none() && entries.iter().all(is_null) {
            let null = entries.first().map_or_else(String::new, |entry| {
                format!("{} is null, which stands for a key that is left out; ", entry.key)
            });
            let message = "a matcher needs a condition, for example present: true";
            problems.add(node.at, format!("{null}{message}"));
            return None;
        }
        if let Some((key, why)) = map.contradiction(equals.as_ref()) {
            let entry = entries.iter().find(|entry| entry.key == key);
            let message = format!("{why}, so that nothing matches; remove one of them");
            problems.add(entry.map_or(node.at, |entry| entry.at), message);
            return None;
        }
        let conditions = [
            equals.map(in_case).map(Condition::Equals),
            map.one_of
                .map(|of| Literals(of.0.into_iter().map(in_case).collect()))
                .map(Condition::OneOf),
            glob.flatten().map(Condition::Like),
            regex.flatten().map(Condition::Like),
            map.present.map(Condition::Present),
            map.absent.map(|absent| Condition::Present(!absent)),
            map.json_type.map(Condition::OfType),
            map.min_len.map(Condition::MinLen),
            map.max_len.map(Condition::MaxLen),
        ];
        Some(Self(conditions.into_iter().flatten().collect()))
    }
}

/// The schema behind `#/$defs/matcher`.
pub(super) fn definition() -> serde_json::Value {
    let mut conditions = ConditionMap::definition();
    conditions["minProperties"] = json!(1);
    json!({"oneOf": [Literal::schema(), conditions]})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config_file::parse;
    use crate::vendor::schema::{self, Arena};

    fn matcher(text: &str) -> Result<ValueMatcher, String> {
        let mut problems = Problems::default();
        let matcher = ValueMatcher::read(&parse(text).unwrap(), &mut problems);
        let problem = problems.into_sorted().into_iter().next();
        problem.map_or_else(|| Ok(matcher.unwrap()), |problem| Err(problem.message))
    }

    #[test]
    fn each_condition_accepts_and_rejects_values() {
        let text = |text| Some(Tree::Text(text));
        let list = Some(Tree::List(&[Tree::Null, Tree::Null]));
        let arena = Arena::default();
        let minus_zero = schema::parse("-0", &arena).unwrap();
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
            ("{type: integer}", Some(Tree::Integer(1)), Some(Tree::Number(1.5.into()))),
            ("{type: integer}", Some(minus_zero), Some(Tree::Number((-0.0).into()))),
            ("{type: number}", Some(minus_zero), text("0")),
            ("{equals: 0}", Some(minus_zero), Some(Tree::Integer(1))),
            ("{type: number}", Some(Tree::Integer(1)), text("1")),
            ("{type: list}", list, Some(Tree::Object(&[]))),
            ("{type: null}", None, text("null")),
            ("{type: 'null', glob: null}", Some(Tree::Null), Some(Tree::Boolean(false))),
            ("{min_len: 2}", text("äö"), text("ä")),
            ("{max_len: 2}", list, text("abc")),
            ("{min_len: 1, glob: 'a*'}", text("ab"), text("b")),
            ("{glob: 'ü?*'}", text("üb"), text("xb")),
            ("{glob: '*b'}", text("ab"), text("ba")),
            ("{in: [ab, cd], glob: '?b'}", text("ab"), text("cd")),
            ("{equals: ''}", text(""), text("a")),
            ("{equals: null}", None, text("")),
            ("null", Some(Tree::Null), text("")),
        ] {
            let matcher = matcher(written).unwrap();
            assert!(matcher.matches(yes.as_ref()), "{written} matches {yes:?}");
            if let Some(first) = matcher.first_byte() {
                assert!(matches!(yes, Some(Tree::Text(text)) if text.as_bytes()[0] == first));
            }
            assert!(!matcher.matches(no.as_ref()), "{written} does not match {no:?}");
        }
    }

    #[test]
    fn the_first_byte_is_known_of_texts_and_of_globs_that_begin_with_one() {
        for (written, first) in [
            ("Tech", Some(b'T')),
            ("{glob: 'Re?ry*'}", Some(b'R')),
            ("{present: true, equals: a}", Some(b'a')),
            ("{glob: '*y'}", None),
            ("{regex: '^a'}", None),
            ("{in: [a, ab]}", None),
            ("''", None),
            ("4", None),
        ] {
            assert_eq!(matcher(written).unwrap().first_byte(), first, "{written}");
        }
    }

    #[test]
    fn a_bad_matcher_is_refused_with_advice() {
        for (written, expected) in [
            ("{glbo: x}", "unknown key \"glbo\"; did you mean \"glob\"?"),
            ("{}", "a matcher needs a condition"),
            (
                "{glob: null}",
                "glob is null, which stands for a key that is left out; a matcher needs a condition",
            ),
            ("{absent: null, present: null}", "absent is null, which"),
            ("{type: null, glob: 'a*'}", "type wants no value here and glob wants one"),
            ("[a]", "expected a single value, found a list"),
            ("{regex: '('}", "not a regular expression"),
            ("{regex: 'a{1000}{1000}{1000}'}", "not a regular expression"),
            ("{glob: '[a-z]*'}", "supports only * and ?"),
            ("{glob: ''}", "supports only * and ?"),
            ("{min_len: -1}", "0 or more"),
            ("{in: []}", "an empty list matches nothing"),
            ("{present: 'yes'}", "true or false"),
        ] {
            let why = matcher(written).unwrap_err();
            assert!(why.contains(expected), "{written}: {why}");
        }
    }

    #[test]
    fn a_description_names_every_condition() {
        let written = "{equals: 4, in: [a, 2], glob: 'a*', regex: '^b', present: true, \
                       type: list, min_len: 1, max_len: 2}";
        let expected = "the number 4 and one of the string \"a\", the number 2 and like \"a*\" and \
                        like \"^b\" and present and of type list and at least 1 long and at most 2 \
                        long";
        assert_eq!(matcher(written).unwrap().describe(), expected);
        assert_eq!(matcher("{absent: true}").unwrap().describe(), "absent");
    }

    #[test]
    fn matching_time_is_linear_in_the_text() {
        let matcher = matcher("{regex: '(a*)*(a*)*(a*)*b$'}").unwrap();
        assert!(!matcher.matches(Some(&Tree::Text(&"a".repeat(20_000)))));
    }
}
