//! Parses bodies: plain JSON by hand, everything else by the JSON library.

use std::cell::OnceCell;

use super::plain;
use super::tree::{Arena, Tree, by_library};

/// Parses a whole text. The error says what is wrong and where.
pub(crate) fn parse<'a>(text: &'a str, arena: &'a Arena) -> Result<Tree<'a>, String> {
    plain::parse(text, arena).map_or_else(|| by_library(text, arena), Ok)
}

/// Returns the library's error for a text that is not JSON.
pub(crate) fn syntax_error(text: &str) -> String {
    by_library(text, &Arena::default()).err().unwrap_or_default()
}

/// A text that is parsed into a tree on first use.
pub struct LazyTree<'a> {
    text: Option<&'a str>,
    arena: &'a Arena,
    tree: OnceCell<Option<Tree<'a>>>,
}

impl<'a> LazyTree<'a> {
    /// Creates a tree of any bytes.
    pub fn of(bytes: &'a [u8], arena: &'a Arena) -> Self {
        Self { text: std::str::from_utf8(bytes).ok(), arena, tree: OnceCell::new() }
    }

    /// Returns the arena, which other trees of the same call can use too.
    pub(crate) fn arena(&self) -> &'a Arena {
        self.arena
    }

    /// Returns the text, if it is UTF-8.
    pub(crate) fn text(&self) -> Option<&'a str> {
        self.text
    }

    /// Returns the tree, if the text is JSON.
    pub fn get(&self) -> Option<Tree<'a>> {
        *self.tree.get_or_init(|| parse(self.text?, self.arena).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_repeated_keys_are_kept() {
        let arena = Arena::default();
        let tree = parse(r#"{"b":1,"a":4.0,"b":[null,"x"]}"#, &arena).unwrap();
        let expected = Tree::Object(&[
            ("b", Tree::Integer(1)),
            ("a", Tree::Number(4.0.into())),
            ("b", Tree::List(&[Tree::Null, Tree::Text("x")])),
        ]);
        assert_eq!(tree, expected);
    }

    #[test]
    fn minus_zero_is_an_integer_unless_it_has_a_fraction_or_exponent() {
        let arena = Arena::default();
        for (text, expected) in [
            ("0", Some(0)),
            ("-0", Some(0)),
            (" -0 ", Some(0)),
            ("-7", Some(-7)),
            ("-0.0", None),
            ("0.0", None),
            ("-0e0", None),
            ("0E1", None),
            ("4.0", None),
            ("1e2", None),
            ("9223372036854775808", None),
        ] {
            assert_eq!(parse(text, &arena).unwrap().integer(), expected, "{text}");
        }
    }

    #[test]
    fn exactly_128_levels_are_accepted() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        let arena = Arena::default();
        assert!(parse(&nested(128), &arena).is_ok());
        for levels in [129, 5000, 500_000] {
            let error = parse(&nested(levels), &arena).unwrap_err();
            assert!(error.contains("more than 128 levels"), "{levels}: {error}");
        }
    }
}
