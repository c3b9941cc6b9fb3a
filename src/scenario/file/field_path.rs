//! Paths to fields of a body, checked against the contract.

use std::cell::RefCell;
use std::fmt::{self, Write as _};
use std::sync::LazyLock;

use smallvec::SmallVec;

use super::endpoint_set::EndpointSet;
use crate::text::did_you_mean;
use crate::vendor::ENDPOINTS;
use crate::vendor::schema::{Kind, LazyTree, Tree};
use crate::world::ids::hash_of;

/// How many values of a field in a list are looked at.
pub(super) const MAX_VALUES: usize = 1000;

/// How much of a value is hashed, in bytes of its notation.
const MAX_HASHED_BYTES: usize = 4 * 1024;

/// The path to a field of a body; a list on the way stands for any of its items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FieldPath {
    /// Its place among all known fields.
    number: u16,
}

/// A field that an endpoint has, or several.
struct KnownField {
    /// As the ledger writes it: `group.members[].user_id`.
    path: String,
    /// The same without `[]`.
    plain: String,
    keys: Vec<String>,
    /// What the endpoints take it for.
    kinds: Vec<Kind>,
}

static KNOWN: LazyLock<Vec<KnownField>> = LazyLock::new(|| {
    let mut known: Vec<KnownField> = Vec::new();
    for (path, field) in ENDPOINTS.iter().flat_map(|endpoint| endpoint.body.paths()) {
        let plain = path.replace("[]", "");
        if let Some(same) = known.iter_mut().find(|known| known.plain == plain) {
            same.kinds.push(field.kind);
            if path.len() > same.path.len() {
                // an endpoint takes a list where another takes one value
                same.path = path;
            }
            continue;
        }
        let keys = plain.split('.').map(str::to_owned).collect();
        known.push(KnownField { path, plain, keys, kinds: vec![field.kind] });
    }
    known
});

impl FieldPath {
    /// Returns the path of every field, as the ledger writes it.
    pub(crate) fn known() -> impl Iterator<Item = &'static str> {
        KNOWN.iter().map(|field| &*field.path)
    }

    /// Parses the path of a known field; `[]` may be left out.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let plain = text.replace("[]", "");
        let place = KNOWN.iter().position(|field| field.plain == plain);
        let number = place.and_then(|place| u16::try_from(place).ok());
        number.map(|number| Self { number }).ok_or_else(|| {
            let hint = did_you_mean(text, Self::known());
            format!("the contract has no field {text:?}{hint}")
        })
    }

    fn field(self) -> &'static KnownField {
        &KNOWN[usize::from(self.number)]
    }

    /// The path, as the ledger writes it.
    pub(crate) fn path(self) -> &'static str {
        &self.field().path
    }

    /// What the endpoints that know the field take it for.
    pub(crate) fn kinds(self) -> &'static [Kind] {
        &self.field().kinds
    }

    /// Whether values that differ in case alone are the same, as ids are.
    pub(super) fn ignores_case(self) -> bool {
        self.kinds().iter().any(|kind| kind.ignores_case())
    }

    /// Returns the endpoints that have the field.
    pub(crate) fn owners(self) -> EndpointSet {
        EndpointSet::with(|endpoint| endpoint.body.paths().iter().any(|(path, _)| self.is(path)))
    }

    /// Whether a path leads to the field; `[]` may be left out.
    pub(crate) fn is(self, path: &str) -> bool {
        path.replace("[]", "") == self.field().plain
    }

    /// Whether a body can have more than one value of it.
    pub(crate) fn is_in_list(self) -> bool {
        let field = self.field();
        field.path != field.plain
    }

    /// Whether `accepts` accepts a value of the field, or `None` where the field is absent.
    pub(crate) fn matches<'t>(
        self,
        values: &FieldValues<'t>,
        body: &LazyTree<'t>,
        accepts: impl Fn(Option<&Tree>) -> bool,
    ) -> bool {
        values.look_up(self, body, |found| match found {
            Found::NoBody => false,
            Found::One(value) => accepts(value.as_ref()),
            Found::Many(values) => values.iter().any(|value| accepts(value.as_ref())),
        })
    }

    /// Returns the first value of the field.
    pub(crate) fn first<'t>(
        self,
        values: &FieldValues<'t>,
        body: &LazyTree<'t>,
    ) -> Option<Tree<'t>> {
        values.look_up(self, body, |found| match found {
            Found::NoBody => None,
            Found::One(value) => *value,
            Found::Many(values) => values.iter().find_map(|value| *value),
        })
    }

    /// Returns a hash of the first value; of a long one, of its start.
    pub(crate) fn hash<'t>(self, values: &FieldValues<'t>, body: &LazyTree<'t>) -> u128 {
        let mut start = Start(String::new());
        if let Some(value) = self.first(values, body) {
            // an error says that it is long enough
            let _ = match value {
                Tree::Text(text) if self.ignores_case() => {
                    let end = text.floor_char_boundary(MAX_HASHED_BYTES);
                    write!(start, "{}:{}", text.len(), text[..end].to_ascii_lowercase())
                }
                Tree::Text(text) => write!(start, "{}:{text}", text.len()),
                value => write!(start, "{value:?}"),
            };
        }
        hash_of(&start.0)
    }
}

/// The first bytes of what is written to it.
struct Start(String);

impl fmt::Write for Start {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let left = MAX_HASHED_BYTES - self.0.len();
        let end = text.floor_char_boundary(left);
        self.0.push_str(&text[..end]);
        if end == text.len() { Ok(()) } else { Err(fmt::Error) }
    }
}

/// The values of the fields of one body that rules have looked at: finding one can mean to go through the
/// whole body, which rules on the same field do once.
#[derive(Debug, Default)]
pub struct FieldValues<'t>(RefCell<SmallVec<[(FieldPath, Found<'t>); 8]>>);

#[derive(Debug)]
enum Found<'t> {
    /// There is no body, or no JSON.
    NoBody,
    One(Option<Tree<'t>>),
    /// In the items of lists.
    Many(Vec<Option<Tree<'t>>>),
}

impl<'t> FieldValues<'t> {
    fn look_up<R>(
        &self,
        path: FieldPath,
        body: &LazyTree<'t>,
        read: impl FnOnce(&Found<'t>) -> R,
    ) -> R {
        if let Some((_, found)) = self.0.borrow().iter().find(|(known, _)| *known == path) {
            return read(found);
        }
        let mut all = self.0.borrow_mut();
        let keys = &path.field().keys;
        let found = body.get().map_or(Found::NoBody, |body| find(body, keys));
        let result = read(&found);
        all.push((path, found));
        result
    }
}

fn find<'t>(body: Tree<'t>, keys: &[String]) -> Found<'t> {
    let mut value = body;
    for (index, key) in keys.iter().enumerate() {
        if let Tree::List(_) = value {
            let mut values = Vec::new();
            add_values(value, &keys[index..], &mut values);
            return Found::Many(values);
        }
        match value.get(key) {
            Some(next) => value = next,
            None => return Found::One(None),
        }
    }
    Found::One(Some(value))
}

fn add_values<'t>(value: Tree<'t>, keys: &[String], values: &mut Vec<Option<Tree<'t>>>) {
    if values.len() >= MAX_VALUES {
        return;
    }
    match (value, keys.split_first()) {
        (value, None) => values.push(Some(value)),
        (Tree::List(items), Some(_)) => {
            items.iter().take(MAX_VALUES).for_each(|item| add_values(*item, keys, values));
        }
        (value, Some((key, rest))) => match value.get(key) {
            Some(value) => add_values(value, rest, values),
            None => values.push(None),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendor::schema::Arena;

    #[test]
    fn a_path_leads_to_a_field_of_the_contract() {
        let path = FieldPath::parse("group.members.user_id").unwrap();
        assert_eq!(path.path(), "group.members[].user_id");
        let why = FieldPath::parse("group.nmae").unwrap_err();
        assert_eq!(why, "the contract has no field \"group.nmae\"; did you mean \"group.name\"?");
    }

    #[test]
    fn of_a_list_the_first_thousand_values_are_looked_at() {
        let path = FieldPath::parse("group.members.name").unwrap();
        assert!(path.is_in_list());
        let arena = Arena::default();
        for (place, is_seen) in [(0, true), (MAX_VALUES - 1, true), (MAX_VALUES, false)] {
            let member = |number| if number == place { r#"{"name":"x"}"# } else { "{}" };
            let members: Vec<_> = (0..2 * MAX_VALUES).map(member).collect();
            let body = format!(r#"{{"group":{{"members":[{}]}}}}"#, members.join(","));
            let body = LazyTree::of(body.as_bytes(), &arena);
            let values = FieldValues::default();
            let is_x = |value: Option<&Tree>| value == Some(&Tree::Text("x"));
            assert_eq!(path.matches(&values, &body, is_x), is_seen, "{place}");
            let first = path.first(&values, &body);
            assert_eq!(first, is_seen.then_some(Tree::Text("x")), "{place}");
        }
    }

    #[test]
    fn values_have_hashes_of_their_own_even_if_they_are_long() {
        let path = FieldPath::parse("group.name").unwrap();
        let (long, longer) = ("x".repeat(1_000_000), "x".repeat(1_000_001));
        let bodies = [
            "{}".to_owned(),
            r#"{"group":{"name":""}}"#.to_owned(),
            r#"{"group":{"name":"1"}}"#.to_owned(),
            r#"{"group":{"name":1}}"#.to_owned(),
            format!(r#"{{"group":{{"name":"{long}"}}}}"#),
            format!(r#"{{"group":{{"name":"{longer}"}}}}"#),
            format!(r#"{{"group":{{"name":["{long}"]}}}}"#),
        ];
        let hash = |body: &String| {
            let arena = Arena::default();
            path.hash(&FieldValues::default(), &LazyTree::of(body.as_bytes(), &arena))
        };
        let mut hashes: Vec<_> = bodies.iter().map(hash).collect();
        assert_eq!(hashes, bodies.iter().map(hash).collect::<Vec<_>>());
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), bodies.len());
    }
}
