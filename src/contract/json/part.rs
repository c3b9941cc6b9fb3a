//! A part of a JSON object: only the fields that somebody will look at become a tree, all others are
//! skipped. Most bodies are mostly fields that no rule looks at.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::tree::{Depth, Tree};
use super::typed::Text;

/// The fields that will be looked at. A list on the way stands for all of its items.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Part {
    /// By key; a field with nothing below is taken as it is.
    below: Vec<(String, Part)>,
}

impl Part {
    /// The fields at these paths.
    pub fn of<'p>(paths: impl IntoIterator<Item = &'p [String]>) -> Self {
        let mut part = Self::default();
        for path in paths {
            part.add(path);
        }
        part
    }

    fn add(&mut self, path: &[String]) {
        let Some((key, rest)) = path.split_first() else { return };
        let known = self.below.iter_mut().find(|(known, _)| known == key);
        match (known, rest) {
            (None, _) => {
                let mut below = Self::default();
                below.add(rest);
                self.below.push((key.clone(), below));
            }
            // one path takes the field as it is, so it is taken as it is
            (Some((_, below)), []) => below.below.clear(),
            (Some((_, below)), _) if below.below.is_empty() => {}
            (Some((_, below)), rest) => below.add(rest),
        }
    }
}

/// Parses an object and keeps a part of it; `None` if the text is not JSON. What is left out need
/// not be well-formed beyond its brackets and quotes.
pub fn parse<'a>(text: &'a str, part: &Part) -> Option<Tree<'a>> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    // the depth is counted here
    deserializer.disable_recursion_limit();
    let tree = Pruned { part, depth: Depth(0) }.deserialize(&mut deserializer).ok()?;
    deserializer.end().ok().map(|()| tree)
}

/// Keeps the part of an object, wherever it stands; anything else is kept as it is.
#[derive(Clone, Copy)]
struct Pruned<'p> {
    part: &'p Part,
    depth: Depth,
}

impl<'de> DeserializeSeed<'de> for Pruned<'_> {
    type Value = Tree<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Pruned<'_> {
    type Value = Tree<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Tree<'de>, E> {
        self.depth.visit_unit()
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Tree<'de>, E> {
        self.depth.visit_bool(value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Tree<'de>, E> {
        self.depth.visit_i64(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Tree<'de>, E> {
        self.depth.visit_u64(value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Tree<'de>, E> {
        self.depth.visit_f64(value)
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<Tree<'de>, E> {
        self.depth.visit_borrowed_str(value)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Tree<'de>, E> {
        self.depth.visit_str(value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree<'de>, A::Error> {
        let deeper = Pruned { depth: self.depth.deeper()?, ..self };
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(deeper)? {
            list.push(item);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree<'de>, A::Error> {
        let depth = self.depth.deeper()?;
        let mut object = Vec::with_capacity(self.part.below.len());
        while let Some(key) = entries.next_key::<Text>()? {
            let wanted = self.part.below.iter().find(|(wanted, _)| *wanted == *key);
            match wanted.map(|(_, part)| part) {
                None => drop(entries.next_value::<IgnoredAny>()?),
                Some(part) if part.below.is_empty() => {
                    object.push((key.0, entries.next_value_seed(depth)?));
                }
                Some(part) => {
                    object.push((key.0, entries.next_value_seed(Pruned { part, depth })?));
                }
            }
        }
        Ok(Tree::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(paths: &[&str]) -> Part {
        let paths: Vec<Vec<String>> =
            paths.iter().map(|path| path.split('.').map(str::to_owned).collect()).collect();
        Part::of(paths.iter().map(Vec::as_slice))
    }

    #[test]
    fn a_part_has_the_fields_asked_for() {
        let text = r#"{"b":{"a":[1,"]}"]},"a":{"x":1,"y":{"z":2},"x":"\u0041"},
            "l":[{"x":1,"y":2},[{"y":3}],4],"c":[{"b":2}],"n":null}"#;
        for (paths, expected) in [
            (&["c"][..], r#"{"c":[{"b":2}]}"#),
            (&["a.x", "n"], r#"{"a":{"x":1,"x":"A"},"n":null}"#),
            (&["a.y", "a.x.q"], r#"{"a":{"x":1,"y":{"z":2},"x":"A"}}"#),
            (&["a.y.z", "a.y"], r#"{"a":{"y":{"z":2}}}"#),
            (&["a.y", "a.y.q"], r#"{"a":{"y":{"z":2}}}"#),
            (&["l.y"], r#"{"l":[{"y":2},[{"y":3}],4]}"#),
            (&["zzz"], "{}"),
        ] {
            let whole = super::super::tree::parse(expected).unwrap();
            assert_eq!(parse(text, &part(paths)), Some(whole), "{paths:?}");
        }
    }

    #[test]
    fn what_is_no_json_has_no_part() {
        let part = part(&["a"]);
        for text in ["", "{", r#"{"b":1"#, r#"{"b":1}x"#, r#"{"b":1,}"#, r#"{"b":"#, "{b:1}"] {
            assert_eq!(parse(text, &part), None, "{text}");
        }
        let deep =
            |levels: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
        assert!(parse(&deep(127), &part).is_some());
        assert!(parse(&deep(128), &part).is_none());
    }
}
