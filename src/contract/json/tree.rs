//! JSON as a tree that keeps order, repeated keys and unknown values. Lone surrogates and more than
//! 128 levels do not become a tree.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::plain;

/// The deepest nesting accepted (`assumed`).
pub const LIMIT_DEPTH: usize = 128;

/// A JSON value, whose strings are those of the text it was parsed from where they can be.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// Written without fraction or exponent, within 64 bits.
    Integer(i64),
    /// Any other number.
    Number(f64),
    /// A string.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<Tree<'a>>),
    /// In the order sent, repeated keys included.
    Object(Vec<Entry<'a>>),
}

/// A key and its value.
pub type Entry<'a> = (Cow<'a, str>, Tree<'a>);

/// Parses a whole text, or says what is wrong with it and where.
pub fn parse(text: &str) -> Result<Tree<'_>, String> {
    plain::parse(text).map_or_else(|| by_library(text), Ok)
}

/// The same by the library alone.
pub fn by_library(text: &str) -> Result<Tree<'_>, String> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    // the depth is counted here, as the library's own limit ends one level too early
    deserializer.disable_recursion_limit();
    let tree = Depth(0).deserialize(&mut deserializer);
    let whole = tree.and_then(|tree| deserializer.end().map(|()| tree));
    whole.map_err(|error| error.to_string())
}

/// A text that becomes a tree when somebody looks at it.
pub struct LazyTree<'a> {
    text: Option<&'a str>,
    tree: OnceCell<Option<Tree<'a>>>,
}

impl<'a> LazyTree<'a> {
    /// The tree of these bytes; there is none if they are not JSON in UTF-8.
    pub fn of(bytes: &'a [u8]) -> Self {
        Self { text: std::str::from_utf8(bytes).ok(), tree: OnceCell::new() }
    }

    /// The text; none if it is not UTF-8.
    pub fn text(&self) -> Option<&'a str> {
        self.text
    }

    /// The tree.
    pub fn get(&self) -> Option<&Tree<'a>> {
        self.tree.get_or_init(|| parse(self.text?).ok()).as_ref()
    }
}

/// Reads a value at this depth.
#[derive(Clone, Copy)]
struct Depth(usize);

impl Depth {
    /// One level further in, unless that is too far.
    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.0 == LIMIT_DEPTH {
            return Err(E::custom(format!("more than {LIMIT_DEPTH} levels of nesting")));
        }
        Ok(Self(self.0 + 1))
    }
}

impl<'de> DeserializeSeed<'de> for Depth {
    type Value = Tree<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Depth {
    type Value = Tree<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Tree<'de>, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree<'de>, E> {
        Ok(Tree::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree<'de>, E> {
        Ok(Tree::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree<'de>, E> {
        #[expect(clippy::cast_precision_loss, reason = "only its kind matters past 64 bits")]
        Ok(i64::try_from(value).map_or(Tree::Number(value as f64), Tree::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree<'de>, E> {
        Ok(Tree::Number(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Tree<'de>, E> {
        Ok(Tree::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree<'de>, E> {
        Ok(Tree::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree<'de>, A::Error> {
        let deeper = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(deeper)? {
            list.push(item);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree<'de>, A::Error> {
        let deeper = self.deeper()?;
        let mut object = Vec::new();
        while let Some(Key(key)) = entries.next_key()? {
            object.push((key, entries.next_value_seed(deeper)?));
        }
        Ok(Tree::Object(object))
    }
}

/// A key, that of the text unless it has escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Depth(0).deserialize(deserializer)? {
            Tree::Text(key) => Ok(Self(key)),
            _ => Err(D::Error::custom("a key is a string")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_repeated_keys_are_kept() {
        let tree = parse(r#"{"b":1,"a":4.0,"b":[null,"x"]}"#).unwrap();
        let expected = Tree::Object(vec![
            ("b".into(), Tree::Integer(1)),
            ("a".into(), Tree::Number(4.0)),
            ("b".into(), Tree::List(vec![Tree::Null, Tree::Text("x".into())])),
        ]);
        assert_eq!(tree, expected);
    }

    #[test]
    fn exactly_128_levels_are_accepted() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(parse(&nested(128)).is_ok());
        for levels in [129, 5000, 500_000] {
            let error = parse(&nested(levels)).unwrap_err();
            assert!(error.contains("more than 128 levels"), "{levels}: {error}");
        }
    }
}
