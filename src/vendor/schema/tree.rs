//! JSON as a tree that keeps order, repeated keys and unknown values. Lone surrogates and more than
//! 128 levels are rejected.

use std::cell::Cell;
use std::collections::HashSet;
use std::{fmt, mem};

use bumpalo::Bump;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Value, json};
use smallvec::SmallVec;

use crate::text::quoted;

/// The deepest nesting accepted (`assumed`).
pub(crate) const MAX_DEPTH: usize = 128;

/// A JSON value that borrows from the text it was parsed from and from an arena.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tree<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number without a fraction or exponent, within signed 64 bits, but for `-0`.
    Integer(i64),
    /// Any other number; `-0` is an integer too.
    Number(Number<'a>),
    /// A string.
    Text(&'a str),
    /// A list.
    List(&'a [Tree<'a>]),
    /// An object: its entries in the order sent, including repeated keys.
    Object(&'a [TreeEntry<'a>]),
}

/// A number that is no integer of 64 bits. Numbers are equal if their values are.
#[derive(Debug, Clone, Copy)]
pub struct Number<'a> {
    value: f64,
    /// As it is written in a body. A reference to the text alone would make every tree larger.
    written: Option<&'a &'a str>,
}

impl<'a> Number<'a> {
    pub(crate) fn value(self) -> f64 {
        self.value
    }

    /// Returns the integer 0 if it is written `-0`, which stays as it is where a number is echoed.
    fn as_integer(self) -> Option<i64> {
        self.written.is_some_and(|text| *text == "-0").then_some(0)
    }

    /// Returns the number with the text that it was parsed from.
    pub(super) fn written_as(self, text: &'a str, arena: &'a Arena) -> Self {
        Self { written: Some(arena.0.alloc(text)), ..self }
    }
}

impl From<f64> for Number<'_> {
    fn from(value: f64) -> Self {
        Self { value, written: None }
    }
}

impl PartialEq for Number<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl fmt::Display for Number<'_> {
    /// Writes the number as JSON, as it was written if that is known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.written {
            Some(text) => f.write_str(text),
            None => write!(f, "{}", json!(self.value)),
        }
    }
}

impl<'a> Tree<'a> {
    /// Returns the value of a key, if this is an object that has it.
    pub(crate) fn get(self, key: &str) -> Option<Tree<'a>> {
        let Tree::Object(entries) = self else { return None };
        // few keys have the same length and the same last byte, and comparing those is cheap
        let last = key.as_bytes().last();
        let is_wanted = |known: &str| known.as_bytes().last() == last && known == key;
        entries.iter().find(|(known, _)| is_wanted(known)).map(|(_, value)| *value)
    }

    /// Returns the value of an integer: of a number without a fraction or exponent, within signed 64 bits.
    #[inline]
    pub(crate) fn integer(self) -> Option<i64> {
        match self {
            Tree::Integer(value) => Some(value),
            Tree::Number(number) => number.as_integer(),
            Tree::Null | Tree::Boolean(_) | Tree::Text(_) | Tree::List(_) | Tree::Object(_) => None,
        }
    }

    /// Converts the value to the JSON library's type. The last of repeated keys wins.
    pub(crate) fn to_json(self) -> Value {
        match self {
            Tree::Null => Value::Null,
            Tree::Boolean(value) => json!(value),
            Tree::Integer(value) => json!(value),
            Tree::Number(number) => json!(number.value),
            Tree::Text(text) => json!(text),
            Tree::List(items) => items.iter().map(|item| item.to_json()).collect(),
            Tree::Object(entries) => {
                entries.iter().map(|(key, value)| ((*key).to_owned(), value.to_json())).collect()
            }
        }
    }
}

/// A key and its value.
pub(crate) type TreeEntry<'a> = (&'a str, Tree<'a>);

/// The memory of trees, freed as a whole.
#[derive(Debug, Default)]
pub struct Arena(Bump);

/// The most memory that a thread keeps for its next tree, in bytes.
const MAX_SPARE_BYTES: usize = 16 * 1024;

thread_local! {
    /// The memory of the last tree that is gone: taking it again is quicker than asking for new memory.
    static SPARE: Cell<Option<Bump>> = const { Cell::new(None) };
}

impl Arena {
    /// Creates an arena with room for the tree of a usual body of this size.
    pub fn for_body(bytes: usize) -> Self {
        let spare = SPARE.take().filter(|spare| spare.chunk_capacity() >= 2 * bytes);
        Self(spare.unwrap_or_else(|| Bump::with_capacity(2 * bytes)))
    }

    pub(super) fn text(&self, text: &str) -> &str {
        self.0.alloc_str(text)
    }

    pub(super) fn list<'a>(&'a self, items: &[Tree<'a>]) -> Tree<'a> {
        Tree::List(self.0.alloc_slice_copy(items))
    }

    /// Creates an object.
    pub(crate) fn object<'a>(&'a self, entries: &[TreeEntry<'a>]) -> Tree<'a> {
        Tree::Object(self.0.alloc_slice_copy(entries))
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        if (1..=MAX_SPARE_BYTES).contains(&self.0.allocated_bytes()) {
            self.0.reset();
            // a thread that is ending has no place for it
            let _ = SPARE.try_with(|spare| spare.set(Some(mem::take(&mut self.0))));
        }
    }
}

/// Parses a whole text with the JSON library alone.
pub fn by_library<'a>(text: &'a str, arena: &'a Arena) -> Result<Tree<'a>, String> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    // the library's own limit allows one level less than ours
    deserializer.disable_recursion_limit();
    let tree = TreeVisitor { arena, depth: 0 }.deserialize(&mut deserializer);
    let whole = tree.and_then(|tree| deserializer.end().map(|()| tree));
    whole.map_err(|error| error.to_string())
}

/// Describes a value for a message.
pub(crate) fn describe(value: &Tree) -> String {
    match value {
        Tree::Null => "null".into(),
        Tree::Boolean(value) => value.to_string(),
        Tree::Integer(value) => format!("the number {value}"),
        Tree::Number(number) if number.as_integer().is_some() => format!("the number {number}"),
        Tree::Number(_) => "a number with a fraction, with an exponent or beyond 64 bits".into(),
        Tree::Text(text) => format!("the string {}", quoted(text)),
        Tree::List(_) => "a list".into(),
        Tree::Object(_) => "an object".into(),
    }
}

/// Builds the tree of a value that is inside `depth` lists and objects.
#[derive(Clone, Copy)]
struct TreeVisitor<'a> {
    arena: &'a Arena,
    depth: usize,
}

impl TreeVisitor<'_> {
    /// Returns the visitor for the next level, unless that is too deep.
    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(E::custom(format!("more than {MAX_DEPTH} levels of nesting")));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for TreeVisitor<'de> {
    type Value = Tree<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TreeVisitor<'de> {
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
        Ok(i64::try_from(value).map_or(Tree::Number((value as f64).into()), Tree::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree<'de>, E> {
        Ok(Tree::Number(value.into()))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Tree<'de>, E> {
        Ok(Tree::Text(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree<'de>, E> {
        Ok(Tree::Text(self.arena.text(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree<'de>, A::Error> {
        let deeper = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(deeper)? {
            list.push(item);
        }
        Ok(self.arena.list(&list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree<'de>, A::Error> {
        let deeper = self.deeper()?;
        let mut object = Vec::new();
        while let Some(key) = entries.next_key_seed(self)? {
            // the library refuses any other key before this
            let Tree::Text(key) = key else { return Err(A::Error::custom("a key is a string")) };
            object.push((key, entries.next_value_seed(deeper)?));
        }
        Ok(self.arena.object(&object))
    }
}

/// Returns the entries of an object in order, of repeated keys only the last.
pub(super) fn last_of_each<'t>(entries: &[TreeEntry<'t>]) -> Vec<TreeEntry<'t>> {
    let mut seen = SeenKeys::default();
    let mut last: Vec<_> =
        entries.iter().rev().filter(|(key, _)| seen.insert(key)).copied().collect();
    last.reverse();
    last
}

/// The keys of one object. Few of them need no memory: a body can have a hundred thousand objects.
#[derive(Default)]
pub(super) struct SeenKeys<'t> {
    few: SmallVec<[&'t str; FEW_KEYS]>,
    /// All keys, once there are more than `few` can have.
    many: HashSet<&'t str>,
}

/// So many keys are compared one by one.
const FEW_KEYS: usize = 16;

impl<'t> SeenKeys<'t> {
    /// Adds a key; returns false if it was there already.
    pub(super) fn insert(&mut self, key: &'t str) -> bool {
        if !self.many.is_empty() {
            return self.many.insert(key);
        }
        if self.few.contains(&key) {
            return false;
        }
        if self.few.len() < FEW_KEYS {
            self.few.push(key);
            return true;
        }
        self.many.extend(self.few.drain(..));
        self.many.insert(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_new_once_among_few_and_among_many() {
        let keys: Vec<_> = (0..3 * FEW_KEYS).map(|number| number.to_string()).collect();
        let mut seen = SeenKeys::default();
        for (index, key) in keys.iter().enumerate() {
            assert!(seen.insert(key), "{key}");
            let known = &keys[..=index];
            assert!(known.iter().all(|known| !seen.insert(known)), "after {key}");
        }
    }
}
