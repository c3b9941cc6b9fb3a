//! Paths to fields of a body, checked against the contract.

use crate::text::did_you_mean;
use crate::vendor::ENDPOINTS;
use crate::vendor::schema::{Kind, LazyTree, Tree};
use crate::world::ids::hash_of;

/// The path to a field of a body; a list on the way stands for any of its items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldPath {
    /// As the ledger writes it: `group.members[].user_id`.
    pub path: String,
    keys: Vec<String>,
}

impl FieldPath {
    /// Returns the path of every field, as the ledger writes it.
    pub fn known() -> impl Iterator<Item = String> {
        let fields = ENDPOINTS.iter().flat_map(|endpoint| endpoint.body.paths());
        fields.map(|(path, _)| path)
    }

    /// Parses the path of a known field; `[]` may be left out.
    pub fn parse(text: &str) -> Result<Self, String> {
        let known: Vec<String> = Self::known().collect();
        let plain = |path: &str| path.replace("[]", "");
        let Some(path) = known.iter().find(|path| plain(path) == plain(text)) else {
            let hint = did_you_mean(text, known.iter().map(String::as_str));
            return Err(format!("the contract has no field {text:?}{hint}"));
        };
        let keys = plain(path).split('.').map(str::to_owned).collect();
        Ok(Self { path: path.clone(), keys })
    }

    /// Returns what the endpoints that know the field take it for.
    pub fn kinds(&self) -> Vec<Kind> {
        let fields = ENDPOINTS.iter().flat_map(|endpoint| endpoint.body.paths());
        fields.filter(|(path, _)| *path == self.path).map(|(_, field)| field.kind).collect()
    }

    /// Whether `accepts` accepts a value of the field, or `None` where the field is absent.
    pub fn matches(&self, body: &LazyTree, accepts: impl Fn(Option<&Tree>) -> bool) -> bool {
        body.get().is_some_and(|body| matches_at(body, &self.keys, &accepts))
    }

    /// Returns the first value of the field.
    pub fn first<'t>(&self, body: &LazyTree<'t>) -> Option<Tree<'t>> {
        first_at(body.get()?, &self.keys)
    }

    /// Returns a hash of the first value, to tell values apart: a value may be long.
    pub fn hash(&self, body: &LazyTree) -> u128 {
        hash_of(&self.first(body).map_or_else(String::new, |value| format!("{value:?}")))
    }
}

fn matches_at(value: Tree, keys: &[String], accepts: &impl Fn(Option<&Tree>) -> bool) -> bool {
    let Some((key, rest)) = keys.split_first() else {
        return accepts(Some(&value));
    };
    match value {
        Tree::List(items) => items.iter().any(|item| matches_at(*item, keys, accepts)),
        _ => match value.get(key) {
            Some(value) => matches_at(value, rest, accepts),
            None => accepts(None),
        },
    }
}

fn first_at<'t>(value: Tree<'t>, keys: &[String]) -> Option<Tree<'t>> {
    let Some((key, rest)) = keys.split_first() else {
        return Some(value);
    };
    match value {
        Tree::List(items) => items.iter().find_map(|item| first_at(*item, keys)),
        _ => first_at(value.get(key)?, rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_a_field_of_the_contract() {
        let path = FieldPath::parse("group.members.user_id").unwrap();
        assert_eq!(path.path, "group.members[].user_id");
        let why = FieldPath::parse("group.nmae").unwrap_err();
        assert_eq!(why, "the contract has no field \"group.nmae\"; did you mean \"group.name\"?");
    }
}
