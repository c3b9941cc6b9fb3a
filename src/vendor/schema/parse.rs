//! Parses bodies: plain JSON by hand, everything else by the JSON library.

use std::cell::OnceCell;

use super::place::escape;
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

/// Returns the RFC 6901 pointers to the numbers of a JSON text that are beyond the range of 64-bit floats, of which
/// no JSON reader need make sense. `shown` says how a key is shown.
pub(crate) fn numbers_out_of_range(
    text: &str,
    shown: impl for<'k> Fn(&'k str) -> &'k str,
) -> Vec<String> {
    let (arena, mut found) = (Arena::default(), Vec::new());
    if let Some(tree) = plain::parse_any_number(text, &arena) {
        find_out_of_range(tree, &mut Vec::new(), &mut found, &shown);
    }
    found
}

/// A step to a value: a key, or the index of an item.
type Step<'a> = Result<&'a str, usize>;

/// Pointers are written only where there is such a number: a body can have a long key and many items in it.
fn find_out_of_range<'a>(
    tree: Tree<'a>,
    path: &mut Vec<Step<'a>>,
    found: &mut Vec<String>,
    shown: &impl for<'k> Fn(&'k str) -> &'k str,
) {
    let mut look_at = |step, value, found: &mut Vec<String>| {
        path.push(step);
        find_out_of_range(value, path, found, shown);
        path.pop();
    };
    match tree {
        Tree::List(items) => {
            for (index, item) in items.iter().enumerate() {
                look_at(Err(index), *item, found);
            }
        }
        Tree::Object(entries) => {
            for (key, value) in entries {
                look_at(Ok(*key), *value, found);
            }
        }
        Tree::Number(number) if number.value().is_infinite() && found.len() < MAX_FOUND => {
            let steps = path.iter().map(|step| match step {
                Ok(key) => format!("/{}", escape(shown(key))),
                Err(index) => format!("/{index}"),
            });
            found.push(steps.collect());
        }
        Tree::Number(_) | Tree::Null | Tree::Boolean(_) | Tree::Integer(_) | Tree::Text(_) => {}
    }
}

/// As many as there are findings of a call.
const MAX_FOUND: usize = 50;

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
    fn numbers_out_of_range_are_found_in_the_order_sent() {
        let text = r#"{"a":[1,1e309,{"b/c~":-1e400}],"d":1e308,"e\u0041":1E+999,"f":"1e400"}"#;
        let find = |text| numbers_out_of_range(text, |key| if key == "eA" { "?" } else { key });
        assert_eq!(find(text), ["/a/1", "/a/2/b~1c~0", "/?"]);
        assert_eq!(find("1e400"), [""]);
        for text in ["1e308", "1e-400", "{\"a\":1e400", "01e400", "\"\\ud83d\""] {
            assert_eq!(find(text), [""; 0], "{text}");
        }
        assert_eq!(find(&format!("[{}1]", "1e400,".repeat(500))).len(), MAX_FOUND);
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
