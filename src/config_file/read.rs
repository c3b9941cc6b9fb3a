//! Reads nodes as strict types.

use serde_json::{Value as Json, json};

use super::{Location, Node, Problems, Value};
use crate::text::not_among;

pub(crate) trait Read: Sized {
    /// Reads the value; `None` once a problem has been added.
    fn read(node: &Node, problems: &mut Problems) -> Option<Self>;

    /// Reads a value that a check accepts too; its error says why it does not.
    fn read_checked(
        node: &Node,
        problems: &mut Problems,
        check: impl Fn(&Self) -> Result<(), String>,
    ) -> Option<Self> {
        let value = Self::read(node, problems)?;
        problems.accept(node.at, check(&value)).map(|()| value)
    }

    fn schema() -> Json;
}

/// A value with its place, for checks across a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Located<T> {
    pub(crate) at: Location,
    pub(crate) value: T,
}

impl<T: Read> Read for Located<T> {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        T::read(node, problems).map(|value| Self { at: node.at, value })
    }

    fn schema() -> Json {
        T::schema()
    }
}

/// Absent and null are `None`.
impl<T: Read> Read for Option<T> {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        if node.value == Value::Null { Some(None) } else { T::read(node, problems).map(Some) }
    }

    fn schema() -> Json {
        T::schema()
    }
}

impl<T: Read> Read for Box<T> {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        T::read(node, problems).map(Self::new)
    }

    fn schema() -> Json {
        T::schema()
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let Value::List(items) = &node.value else {
            problems.wrong_type(node, "a list");
            return None;
        };
        let read: Vec<T> = items.iter().filter_map(|item| T::read(item, problems)).collect();
        (read.len() == items.len()).then_some(read)
    }

    fn schema() -> Json {
        json!({"type": "array", "items": T::schema()})
    }
}

impl Read for String {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        match &node.value {
            Value::Text(text) => return Some(text.clone()),
            Value::Integer(_) | Value::Float(_) | Value::Boolean(_) => {
                let found = node.value.describe();
                problems.add(node.at, format!("expected text, found {found}; put it in quotes"));
            }
            Value::Null | Value::List(_) | Value::Map(_) => problems.wrong_type(node, "text"),
        }
        None
    }

    fn read_checked(
        node: &Node,
        problems: &mut Problems,
        check: impl Fn(&Self) -> Result<(), String>,
    ) -> Option<Self> {
        parsed_text(node, problems, |text| {
            let text = text.to_owned();
            check(&text).map(|()| text)
        })
    }

    fn schema() -> Json {
        json!({"type": "string"})
    }
}

/// Reads text that `parse` knows the form of. A number or truth value in its place is told to be put in quotes only
/// where that would do; else the problem is what is wrong with it as text.
pub(crate) fn parsed_text<T, E: Into<String>>(
    node: &Node,
    problems: &mut Problems,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Option<T> {
    if let Some(written) = node.value.written()
        && let Err(why) = parse(written)
    {
        problems.add(node.at, why);
        return None;
    }
    let text = String::read(node, problems)?;
    problems.accept(node.at, parse(&text))
}

/// Implements `Read` for a type that a function makes of a value.
macro_rules! scalar {
    ($type:ty, $wanted:literal, $schema:tt, $from:expr) => {
        impl Read for $type {
            fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
                let from: fn(&Value) -> Option<Self> = $from;
                let found = from(&node.value);
                if found.is_none() {
                    problems.wrong_type(node, $wanted);
                }
                found
            }

            fn schema() -> Json {
                json!($schema)
            }
        }
    };
}

scalar!(bool, "true or false", {"type": "boolean"}, |value| match value {
    Value::Boolean(it) => Some(it.value),
    _ => None,
});
scalar!(i64, "a whole number",
    {"type": "integer", "format": "int64", "minimum": i64::MIN, "maximum": i64::MAX}, Value::whole);
scalar!(f64, "a number", {"type": "number"}, |value| match value {
    Value::Integer(it) => it.value.to_string().parse().ok(),
    Value::Float(it) => Some(it.value),
    _ => None,
});

impl Read for u64 {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        Self::read_checked(node, problems, |_| Ok(()))
    }

    /// The problem with something else says what the check says of 0, but for the number that was not sent.
    fn read_checked(
        node: &Node,
        problems: &mut Problems,
        check: impl Fn(&Self) -> Result<(), String>,
    ) -> Option<Self> {
        let number = node.value.whole().and_then(|number| Self::try_from(number).ok());
        let Some(number) = number else {
            let Err(why) = check(&0) else {
                problems.wrong_type(node, "a whole number, 0 or more");
                return None;
            };
            let bounds = why.strip_suffix(", not 0").unwrap_or(&why);
            problems.add(
                node.at,
                match &node.value {
                    Value::Integer(number) if bounds.len() < why.len() => {
                        format!("{bounds}, not {}", number.value)
                    }
                    Value::Integer(_) => why,
                    other => {
                        format!("expected a whole number, found {}; {bounds}", other.describe())
                    }
                },
            );
            return None;
        };
        problems.accept(node.at, check(&number)).map(|()| number)
    }

    fn schema() -> Json {
        json!({"type": "integer", "format": "int64", "minimum": 0, "maximum": i64::MAX})
    }
}

/// Reads text, or a whole number as its digits: `5026` needs no quotes. Other numbers stay as written.
pub(crate) fn text_or_number(node: &Node, problems: &mut Problems) -> Option<String> {
    match &node.value {
        Value::Integer(number) => Some(number.value.to_string()),
        _ => text_as_written(node, problems),
    }
}

/// Text that may be written as a number or truth value, which stands for its text.
#[derive(Debug)]
pub(crate) struct TextOrNumber(pub(crate) String);

impl Read for TextOrNumber {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        text_or_number(node, problems).map(Self)
    }

    fn schema() -> Json {
        json!({"type": ["string", "number", "boolean"]})
    }
}

/// Reads text, or a number or truth value as it is written: `1.50` is the text "1.50".
pub(crate) fn text_as_written(node: &Node, problems: &mut Problems) -> Option<String> {
    let written = node.value.written().map(str::to_owned);
    written.or_else(|| String::read(node, problems))
}

/// Finds one of a few names; the error lists them.
pub(crate) fn one_of<T: Copy>(
    text: &str,
    what: &str,
    choices: &[(&'static str, T)],
) -> Result<T, String> {
    let found = choices.iter().find(|(name, _)| *name == text);
    found.map(|(_, value)| *value).ok_or_else(|| {
        format!("unknown {what} {}", not_among(text, choices.iter().map(|(name, _)| *name)))
    })
}

/// Reads one of a few names.
pub(crate) fn choice<T: Copy>(
    node: &Node,
    problems: &mut Problems,
    what: &str,
    choices: &[(&'static str, T)],
) -> Option<T> {
    let text = text_as_written(node, problems)?;
    problems.accept(node.at, one_of(&text, what, choices))
}

/// Implements `Read` for an enum declared with `named!` that lists all.
macro_rules! read_by_name {
    ($type:ty, $what:literal) => {
        impl crate::config_file::Read for $type {
            fn read(
                node: &crate::config_file::Node,
                problems: &mut crate::config_file::Problems,
            ) -> Option<Self> {
                let choices = Self::ALL.map(|choice| (choice.name(), choice));
                crate::config_file::choice(node, problems, $what, &choices)
            }

            fn schema() -> serde_json::Value {
                serde_json::json!({"enum": Self::ALL.map(Self::name)})
            }
        }
    };
}

pub(crate) use read_by_name;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config_file::{checked, parse};

    checked! {
        #[derive(Debug, PartialEq)]
        Short(String): {"maxLength": 3},
        |text| text.len() < 4,
        |text| format!("{text:?} is too long")
    }

    checked! {
        #[derive(Debug, PartialEq)]
        Dozen(u64): {"minimum": 2, "maximum": 12},
        |count| (2..=12).contains(count),
        |_| "eggs must be from 2 to 12".into()
    }

    /// Reads a value, or gives its first problem.
    fn read<T: Read>(text: &str) -> Result<T, String> {
        let mut problems = Problems::default();
        let value = T::read(&parse(text).unwrap(), &mut problems);
        let problem = problems.into_sorted().into_iter().map(|problem| problem.message).next();
        value.ok_or_else(|| problem.unwrap())
    }

    #[test]
    fn a_number_with_bounds_is_asked_for_by_these_bounds_alone() {
        let bounds = "eggs must be from 2 to 12";
        for (text, expected) in [
            ("2", Ok(2)),
            ("12.0", Ok(12)),
            ("0", Err(bounds.to_owned())),
            ("13", Err(bounds.to_owned())),
            ("-1", Err(bounds.to_owned())),
            ("'3'", Err(format!("expected a whole number, found the text \"3\"; {bounds}"))),
            ("2.5", Err(format!("expected a whole number, found the number 2.5; {bounds}"))),
            ("null", Err(format!("expected a whole number, found nothing; {bounds}"))),
        ] {
            assert_eq!(read(text).map(|Dozen(count)| count), expected, "{text}");
        }
        let any = "expected a whole number, 0 or more, found the text \"3\"";
        assert_eq!(read::<u64>("'3'"), Err(any.to_owned()));
    }

    #[test]
    fn quotes_are_advised_only_where_they_would_do() {
        for (text, expected) in [
            ("abc", Ok("abc")),
            ("'5'", Ok("5")),
            ("abcd", Err("\"abcd\" is too long")),
            ("5", Err("expected text, found the number 5; put it in quotes")),
            ("5000", Err("\"5000\" is too long")),
            ("1.50", Err("\"1.50\" is too long")),
            ("true", Err("\"true\" is too long")),
            ("[a]", Err("expected text, found a list")),
            ("null", Err("expected text, found nothing")),
        ] {
            let read = read(text).map(|Short(text)| text);
            assert_eq!(read.as_deref().map_err(String::as_str), expected, "{text}");
        }
    }
}
