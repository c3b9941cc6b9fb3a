//! Which calls a rule is for: all parts of its `match` must hold.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName};
use serde_json::json;

use super::matcher::{ValueMatcher, read_named};
use super::nth::Nth;
use super::pattern::Glob;
use crate::config_file::{Node, Problems, Read, choice, record};
use crate::text::did_you_mean;
use crate::vendor::schema::{LazyTree, Tree, describe};
use crate::vendor::{ENDPOINTS, Endpoint};

/// The facts of a call that a rule can look at.
pub struct CallFacts<'a, 'b> {
    /// What was called.
    pub endpoint: &'a Endpoint,
    /// Who called.
    pub tenant: &'a str,
    /// What was sent beside the body.
    pub headers: &'a HeaderMap,
    /// The body, which is parsed if a rule looks at it.
    pub body: &'a LazyTree<'b>,
    /// The number of this call among the tenant's to this endpoint, from 1.
    pub nth: u64,
}

/// The conditions of a rule.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CallMatcher {
    /// Its name; every endpoint but `auth` if `None`.
    pub endpoint: Option<&'static str>,
    tenant: Option<Glob>,
    header: Vec<(HeaderName, ValueMatcher)>,
    /// Conditions on fields of the body.
    pub body: Vec<(FieldPath, ValueMatcher)>,
    nth: Option<Nth>,
    any: Vec<CallMatcher>,
    not: Option<Box<CallMatcher>>,
}

/// A condition that a rule cannot do without, the quickest to check that it has.
#[derive(Debug, Clone, Copy)]
pub enum Need<'a> {
    /// On the number of the call.
    Nth(Nth),
    /// On the name of the tenant.
    Tenant(&'a Glob),
    /// On a header.
    Header(&'a HeaderName, &'a ValueMatcher),
    /// On a field of the body.
    Field(&'a FieldPath, &'a ValueMatcher),
}

impl CallMatcher {
    /// A condition that must hold for the rule to be for a call, if there is a simple one.
    pub fn need(&self) -> Option<Need<'_>> {
        let nth = self.nth.map(Need::Nth);
        let header = || self.header.first().map(|(name, matcher)| Need::Header(name, matcher));
        let field = || self.body.first().map(|(path, matcher)| Need::Field(path, matcher));
        nth.or_else(|| self.tenant.as_ref().map(Need::Tenant)).or_else(header).or_else(field)
    }

    /// Whether the call is meant.
    pub fn holds(&self, facts: &CallFacts) -> bool {
        let name = facts.endpoint.name;
        self.endpoint.map_or(!facts.endpoint.is_login(), |wanted| wanted == name)
            && self.parts_hold(facts)
    }

    /// Inside `any` and `not`, an endpoint that is not named is no condition.
    fn parts_hold(&self, facts: &CallFacts) -> bool {
        let nested = |other: &CallMatcher| {
            other.endpoint.is_none_or(|wanted| wanted == facts.endpoint.name)
                && other.parts_hold(facts)
        };
        self.tenant.as_ref().is_none_or(|glob| glob.is_match(facts.tenant))
            && self.nth.is_none_or(|nth| nth.holds(facts.nth))
            && self.header.iter().all(|(name, matcher)| header_holds(facts.headers, name, matcher))
            && self.body.iter().all(|(path, matcher)| path.holds(facts.body, matcher))
            && (self.any.is_empty() || self.any.iter().any(nested))
            && !self.not.as_deref().is_some_and(nested)
    }

    /// The parts that do not hold: what was looked at, what was wanted, what was found.
    pub fn misses(&self, facts: &CallFacts) -> Vec<(String, String, String)> {
        let mut misses = Vec::new();
        let mut miss = |holds: bool, field: String, wanted: String, found: String| {
            if !holds {
                misses.push((field, wanted, found));
            }
        };
        let name = facts.endpoint.name;
        let holds = self.endpoint.map_or(!facts.endpoint.is_login(), |wanted| wanted == name);
        miss(holds, "endpoint".into(), self.endpoint.unwrap_or("any but auth").into(), name.into());
        if let Some(nth) = self.nth {
            miss(nth.holds(facts.nth), "nth".into(), nth.to_string(), facts.nth.to_string());
        }
        for (header, matcher) in &self.header {
            let found =
                facts.headers.get(header).map_or("absent".into(), |value| format!("{value:?}"));
            let holds = header_holds(facts.headers, header, matcher);
            miss(holds, format!("header.{header}"), matcher.describe(), found);
        }
        for (path, matcher) in &self.body {
            let found = facts
                .body
                .get()
                .and_then(|body| first_at(body, &path.keys))
                .map_or("absent".into(), |value| describe(&value));
            miss(
                path.holds(facts.body, matcher),
                format!("body.{}", path.path),
                matcher.describe(),
                found,
            );
        }
        let rest = Self {
            endpoint: None,
            header: Vec::new(),
            body: Vec::new(),
            nth: None,
            ..self.clone()
        };
        miss(
            rest.parts_hold(facts),
            "tenant, any or not".into(),
            "to hold".into(),
            "does not".into(),
        );
        misses
    }

    /// The fields of the body that it looks at.
    pub fn fields(&self) -> Vec<&FieldPath> {
        let inner = self.any.iter().chain(self.not.as_deref()).flat_map(Self::fields);
        self.body.iter().map(|(path, _)| path).chain(inner).collect()
    }

    /// Whether it has to look at the body.
    pub fn needs_body(&self) -> bool {
        !self.fields().is_empty()
    }

    /// Whether every call that `other` means is meant here too, as far as can be told from how the
    /// two are written.
    pub fn covers(&self, other: &Self) -> bool {
        self.endpoint == other.endpoint
            && (self.tenant.is_none() || self.tenant == other.tenant)
            && (self.nth.is_none() || self.nth == other.nth)
            && self.header.iter().all(|condition| other.header.contains(condition))
            && self.body.iter().all(|condition| other.body.contains(condition))
            && (self.any.is_empty() || self.any == other.any)
            && (self.not.is_none() || self.not == other.not)
    }
}

/// The values of a header, which are text but in odd cases.
pub fn header_texts<'h>(
    headers: &'h HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = Cow<'h, str>> {
    // a call has few headers: looking at them all is quicker than a hash of the name
    let named = headers.iter().filter(move |(known, _)| *known == name);
    named.map(|(_, value)| match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(value.as_bytes()),
    })
}

/// Whether a matcher holds for one of a header's values, or for there being none.
fn header_holds(headers: &HeaderMap, name: &HeaderName, matcher: &ValueMatcher) -> bool {
    let mut texts = header_texts(headers, name).peekable();
    if texts.peek().is_none() {
        return matcher.holds(None);
    }
    texts.any(|text| matcher.holds_for_text(Some(&text)))
}

/// The way to a field of a body; a list on the way stands for any of its items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldPath {
    /// As the ledger writes it: `group.members[].user_id`.
    pub path: String,
    /// The same, key by key.
    pub keys: Vec<String>,
}

impl FieldPath {
    /// Reads the path of a field that an endpoint's contract knows; `[]` may be left out.
    pub fn parse(text: &str) -> Result<Self, String> {
        let known: Vec<String> = ENDPOINTS
            .iter()
            .flat_map(|endpoint| endpoint.body.paths())
            .map(|(path, _)| path)
            .collect();
        let plain = |path: &str| path.replace("[]", "");
        let Some(path) = known.iter().find(|path| plain(path) == plain(text)) else {
            let hint = did_you_mean(text, known.iter().map(String::as_str));
            return Err(format!("the contract has no field {text:?}{hint}"));
        };
        let keys = plain(path).split('.').map(str::to_owned).collect();
        Ok(Self { path: path.clone(), keys })
    }

    fn holds(&self, body: &LazyTree, matcher: &ValueMatcher) -> bool {
        body.get().is_some_and(|body| holds_at(body, &self.keys, matcher))
    }

    /// The field's first value in a body, as a hash to tell values apart by: a value may be long.
    pub fn value_in(&self, body: Option<Tree>) -> u128 {
        let value = body.and_then(|body| first_at(body, &self.keys));
        crate::world::ids::hash_of(&value.map_or_else(String::new, |value| format!("{value:?}")))
    }
}

fn holds_at(value: Tree, keys: &[String], matcher: &ValueMatcher) -> bool {
    let Some((key, rest)) = keys.split_first() else {
        return matcher.holds(Some(&value));
    };
    match value {
        Tree::Object(entries) => match entries.iter().find(|(known, _)| known == key) {
            Some((_, value)) => holds_at(*value, rest, matcher),
            None => matcher.holds(None),
        },
        Tree::List(items) => items.iter().any(|item| holds_at(*item, keys, matcher)),
        _ => matcher.holds(None),
    }
}

fn first_at<'t>(value: Tree<'t>, keys: &[String]) -> Option<Tree<'t>> {
    let Some((key, rest)) = keys.split_first() else {
        return Some(value);
    };
    match value {
        Tree::Object(entries) => {
            let (_, value) = entries.iter().find(|(known, _)| known == key)?;
            first_at(*value, rest)
        }
        Tree::List(items) => items.iter().find_map(|item| first_at(*item, keys)),
        _ => None,
    }
}

record! {
    #[derive(Debug)]
    struct MatchEntry {
        /// The endpoint; every one but auth if none is named.
        endpoint: Option<EndpointName> => optional,
        /// A glob on the name of the tenant.
        tenant: Option<Glob> => optional,
        /// Header names, each with a matcher.
        header: Option<Headers> => optional,
        /// Dotted fields of the body, each with a matcher.
        body: Option<Body> => optional,
        /// Which of the tenant's calls to the endpoint.
        nth: Option<Nth> => optional,
        /// At least one of these must hold.
        any: Vec<CallMatcher> => or(Vec::new()),
        /// This must not hold.
        not: Option<CallMatcher> => optional,
    }
}

impl Read for CallMatcher {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let entry = MatchEntry::read(node, problems)?;
        Some(Self {
            endpoint: entry.endpoint.map(|name| name.0),
            tenant: entry.tenant,
            header: entry.header.map_or_else(Vec::new, |header| header.0),
            body: entry.body.map_or_else(Vec::new, |body| body.0),
            nth: entry.nth,
            any: entry.any,
            not: entry.not.map(Box::new),
        })
    }

    fn schema() -> serde_json::Value {
        json!({"$ref": "#/$defs/match"})
    }
}

/// What `#/$defs/match` stands for in the schema of a scenario file.
pub fn definition() -> serde_json::Value {
    MatchEntry::schema()
}

#[derive(Debug)]
struct EndpointName(&'static str);

impl Read for EndpointName {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let names: Vec<_> =
            ENDPOINTS.iter().map(|endpoint| (endpoint.name, endpoint.name)).collect();
        choice(node, problems, "endpoint", &names).map(Self)
    }

    fn schema() -> serde_json::Value {
        json!({"enum": ENDPOINTS.iter().map(|endpoint| endpoint.name).collect::<Vec<_>>()})
    }
}

#[derive(Debug)]
struct Headers(Vec<(HeaderName, ValueMatcher)>);

impl Read for Headers {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let name = |text: &str| {
            HeaderName::from_bytes(text.as_bytes())
                .map_err(|_| format!("{text:?} is not the name of a header"))
        };
        read_named(node, problems, name).map(Self)
    }

    fn schema() -> serde_json::Value {
        json!({"type": "object", "additionalProperties": ValueMatcher::schema()})
    }
}

#[derive(Debug)]
struct Body(Vec<(FieldPath, ValueMatcher)>);

impl Read for Body {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        read_named(node, problems, FieldPath::parse).map(Self)
    }

    fn schema() -> serde_json::Value {
        let paths = ENDPOINTS.iter().flat_map(|endpoint| endpoint.body.paths());
        let properties: serde_json::Map<_, _> =
            paths.map(|(path, _)| (path.replace("[]", ""), ValueMatcher::schema())).collect();
        json!({"type": "object", "additionalProperties": false, "properties": properties})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_one_of_the_contract() {
        assert_eq!(
            FieldPath::parse("group.members.user_id").unwrap().path,
            "group.members[].user_id"
        );
        let why = FieldPath::parse("group.nmae").unwrap_err();
        assert_eq!(why, "the contract has no field \"group.nmae\"; did you mean \"group.name\"?");
    }
}
