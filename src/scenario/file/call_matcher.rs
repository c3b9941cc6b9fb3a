//! The conditions on a call under `match`; all of them must hold.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName};
use serde_json::json;

use super::field_path::FieldPath;
use super::nth::Nth;
use super::pattern::Glob;
use super::value_matcher::{ValueMatcher, read_named};
use crate::config_file::{Node, Problems, Read, choice, record};
use crate::http::PathParameters;
use crate::text::did_you_mean;
use crate::vendor::schema::{LazyTree, Tree, describe};
use crate::vendor::{ENDPOINTS, Endpoint};

/// The facts of a call that a rule can check.
pub struct CallFacts<'a, 'b> {
    /// The endpoint called.
    pub endpoint: &'a Endpoint,
    /// The name of the caller's tenant.
    pub tenant: &'a str,
    /// The parameters of the path.
    pub parameters: &'a PathParameters,
    /// The headers sent.
    pub headers: &'a HeaderMap,
    /// The body; it is parsed when a rule first checks it.
    pub body: &'a LazyTree<'b>,
    /// The number of the call among the tenant's to this endpoint, from 1.
    pub nth: u64,
}

record! {
    #[derive(Debug, Clone, PartialEq, Default)]
    pub(crate) struct CallMatcher as "match" {
        /// The endpoint; every one but auth if none is named.
        endpoint: Option<EndpointName> => optional,
        /// A glob for the name of the tenant.
        tenant: Option<Glob> => optional,
        /// Parameters of the path, each with a matcher.
        path: PathMatchers => or(PathMatchers::default()),
        /// Header names, each with a matcher.
        header: HeaderMatchers => or(HeaderMatchers::default()),
        /// Dotted fields of the body, each with a matcher.
        body: FieldMatchers => or(FieldMatchers::default()),
        /// Which of the tenant's calls to the endpoint.
        nth: Option<Nth> => optional,
        /// At least one of these must hold.
        any: Vec<CallMatcher> => or(Vec::new()),
        /// This must not hold.
        not: Option<Box<CallMatcher>> => optional,
    }
}

/// A condition that a call does not meet: the field, and what was wanted and found.
pub(crate) type Miss = (String, String, String);

impl CallMatcher {
    pub fn matches(&self, facts: &CallFacts) -> bool {
        self.is_for(facts.endpoint) && self.matches_parts(facts)
    }

    /// Whether calls to an endpoint can match; a login must be named.
    pub fn is_for(&self, endpoint: &Endpoint) -> bool {
        self.endpoint.map_or(!endpoint.is_login(), |wanted| wanted.0 == endpoint.name)
    }

    fn matches_parts(&self, facts: &CallFacts) -> bool {
        // inside any and not, no endpoint means every endpoint
        let nested = |other: &CallMatcher| {
            other.endpoint.is_none_or(|wanted| wanted.0 == facts.endpoint.name)
                && other.matches_parts(facts)
        };
        self.tenant.as_ref().is_none_or(|glob| glob.0.is_match(facts.tenant))
            && self.nth.is_none_or(|nth| nth.contains(facts.nth))
            && self.path.0.iter().all(|(name, wanted)| path_matches(facts.parameters, name, wanted))
            && self
                .header
                .0
                .iter()
                .all(|(name, wanted)| header_matches(facts.headers, name, wanted))
            && self.body.0.iter().all(|(path, wanted)| field_matches(facts.body, path, wanted))
            && (self.any.is_empty() || self.any.iter().any(nested))
            && !self.not.as_deref().is_some_and(nested)
    }

    /// Returns the conditions that a call does not meet.
    pub fn misses(&self, facts: &CallFacts) -> Vec<Miss> {
        let mut misses = Vec::new();
        let mut check = |holds: bool, field: String, wanted: String, found: String| {
            if !holds {
                misses.push((field, wanted, found));
            }
        };
        let endpoint = self.endpoint.map_or("any but auth", |wanted| wanted.0);
        let is_for = self.is_for(facts.endpoint);
        check(is_for, "endpoint".into(), endpoint.into(), facts.endpoint.name.into());
        if let Some(nth) = self.nth {
            let holds = nth.contains(facts.nth);
            check(holds, "nth".into(), nth.to_string(), facts.nth.to_string());
        }
        let absent = || "absent".into();
        for (name, wanted) in &self.path.0 {
            let holds = path_matches(facts.parameters, name, wanted);
            let found =
                facts.parameters.find(name).map_or_else(absent, |value| format!("{value:?}"));
            check(holds, format!("path.{name}"), wanted.describe(), found);
        }
        for (name, wanted) in &self.header.0 {
            let holds = header_matches(facts.headers, name, wanted);
            let found = facts.headers.get(name).map_or_else(absent, |value| format!("{value:?}"));
            check(holds, format!("header.{name}"), wanted.describe(), found);
        }
        for (path, wanted) in &self.body.0 {
            let holds = field_matches(facts.body, path, wanted);
            let found = path.first(facts.body).map_or_else(absent, |value| describe(&value));
            check(holds, format!("body.{}", path.path), wanted.describe(), found);
        }
        let (tenant, any, not) = (self.tenant.clone(), self.any.clone(), self.not.clone());
        let rest = Self { tenant, any, not, ..Self::default() };
        let holds = rest.matches_parts(facts);
        check(holds, "tenant, any or not".into(), "to hold".into(), "does not".into());
        misses
    }

    /// Whether a condition checks the body.
    pub fn needs_body(&self) -> bool {
        let nested = || self.any.iter().chain(self.not.as_deref());
        !self.body.0.is_empty() || nested().any(Self::needs_body)
    }

    /// Whether every call that matches `other` matches this too, as far as their conditions are
    /// written in the same way.
    pub fn covers(&self, other: &Self) -> bool {
        self.endpoint == other.endpoint
            && (self.tenant.is_none() || self.tenant == other.tenant)
            && (self.nth.is_none() || self.nth == other.nth)
            && self.path.0.iter().all(|condition| other.path.0.contains(condition))
            && self.header.0.iter().all(|condition| other.header.0.contains(condition))
            && self.body.0.iter().all(|condition| other.body.0.contains(condition))
            && (self.any.is_empty() || self.any == other.any)
            && (self.not.is_none() || self.not == other.not)
    }
}

/// Whether a parameter of the path matches, or its absence from the pattern.
fn path_matches(parameters: &PathParameters, name: &str, wanted: &ValueMatcher) -> bool {
    wanted.matches(parameters.find(name).map(Tree::Text).as_ref())
}

/// Whether one of a header's values matches, or its absence.
fn header_matches(headers: &HeaderMap, name: &HeaderName, wanted: &ValueMatcher) -> bool {
    let mut texts =
        headers.get_all(name).iter().map(|value| match str::from_utf8(value.as_bytes()) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => String::from_utf8_lossy(value.as_bytes()),
        });
    match texts.next() {
        None => wanted.matches(None),
        Some(first) => {
            let mut texts = std::iter::once(first).chain(texts);
            texts.any(|text| wanted.matches(Some(&Tree::Text(&text))))
        }
    }
}

fn field_matches(body: &LazyTree, path: &FieldPath, wanted: &ValueMatcher) -> bool {
    path.matches(body, |value| wanted.matches(value))
}

/// The name of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EndpointName(pub &'static str);

impl EndpointName {
    pub fn endpoint(self) -> &'static Endpoint {
        let found = ENDPOINTS.iter().find(|endpoint| endpoint.name == self.0);
        found.expect("BUG: the name was read from the table")
    }
}

impl Read for EndpointName {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let names = ENDPOINTS.iter().map(|endpoint| (endpoint.name, Self(endpoint.name)));
        choice(node, problems, "endpoint", &names.collect::<Vec<_>>())
    }

    fn schema() -> serde_json::Value {
        json!({"enum": ENDPOINTS.iter().map(|endpoint| endpoint.name).collect::<Vec<_>>()})
    }
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct PathMatchers(pub Vec<(String, ValueMatcher)>);

impl PathMatchers {
    /// Returns the name of every parameter of an endpoint's path.
    fn known() -> impl Iterator<Item = &'static str> {
        let fields = ENDPOINTS.iter().flat_map(|endpoint| endpoint.parameters.fields);
        fields.map(|field| field.name)
    }
}

impl Read for PathMatchers {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let name = |text: &str| {
            let is_known = Self::known().any(|name| name == text);
            is_known.then(|| text.to_owned()).ok_or_else(|| {
                let hint = did_you_mean(text, Self::known());
                format!("no endpoint has a path parameter {text:?}{hint}")
            })
        };
        read_named(node, problems, name).map(Self)
    }

    fn schema() -> serde_json::Value {
        let property = |name: &str| (name.to_owned(), ValueMatcher::schema());
        let properties: serde_json::Map<_, _> = Self::known().map(property).collect();
        json!({"type": "object", "additionalProperties": false, "properties": properties})
    }
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct HeaderMatchers(Vec<(HeaderName, ValueMatcher)>);

impl Read for HeaderMatchers {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let name = |text: &str| {
            let name = HeaderName::from_bytes(text.as_bytes());
            name.map_err(|_| format!("invalid header name {text:?}"))
        };
        read_named(node, problems, name).map(Self)
    }

    fn schema() -> serde_json::Value {
        json!({"type": "object", "additionalProperties": ValueMatcher::schema()})
    }
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct FieldMatchers(pub Vec<(FieldPath, ValueMatcher)>);

impl Read for FieldMatchers {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        read_named(node, problems, FieldPath::parse).map(Self)
    }

    fn schema() -> serde_json::Value {
        let property = |path: String| (path.replace("[]", ""), ValueMatcher::schema());
        let properties: serde_json::Map<_, _> = FieldPath::known().map(property).collect();
        json!({"type": "object", "additionalProperties": false, "properties": properties})
    }
}
