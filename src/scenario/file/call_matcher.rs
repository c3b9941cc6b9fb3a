//! The conditions on a call under `match`; all of them must hold.

use std::cell::Cell;

use http::{HeaderMap, HeaderName};
use serde_json::json;
use smallvec::SmallVec;

use super::endpoint_set::EndpointSet;
use super::field_path::{FieldPath, FieldValues};
use super::named_matchers::{FieldMatchers, HeaderMatchers, PathMatchers};
use super::nth::Nth;
use super::pattern::MAX_TEXT_BYTES;
use super::value_matcher::ValueMatcher;
use super::written_pattern::Glob;
use crate::config_file::{Node, Problems, Read, record};
use crate::http::PathParameters;
use crate::vendor::Endpoint;
use crate::vendor::schema::{LazyTree, Tree, describe};

/// The facts of a call that a rule can check.
pub struct CallFacts<'a, 'b> {
    /// The endpoint called, if the request came to one.
    pub called: EndpointSet,
    /// The name of the caller's tenant.
    pub tenant: &'a str,
    /// The parameters of the path.
    pub parameters: &'a PathParameters,
    /// The headers sent.
    pub headers: &'a HeaderMap,
    /// The body; it is parsed when a rule first checks it.
    pub body: &'a LazyTree<'b>,
    /// What rules have found in the body.
    pub values: FieldValues<'b>,
    /// Unix milliseconds by the tenant's clock.
    pub now_ms: i64,
    /// The number of the call among the tenant's to this endpoint, from 1.
    pub nth: u64,
}

/// The conditions on a call.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct CallMatcher {
    /// Every endpoint but logins if there is none.
    pub(crate) endpoints: Option<EndpointSet>,
    /// In one short list, since every call looks at the conditions of every rule; most have one.
    conditions: SmallVec<[CallCondition; 1]>,
}

#[derive(Debug, Clone, PartialEq)]
enum CallCondition {
    Tenant(Glob),
    Nth(Nth),
    Path(Box<(String, ValueMatcher)>),
    Header(Box<(HeaderName, ValueMatcher)>),
    Body(FieldCondition),
    Any(Vec<CallMatcher>),
    Not(Box<CallMatcher>),
}

/// A condition on a field of the body.
#[derive(Debug, Clone, PartialEq)]
struct FieldCondition {
    path: FieldPath,
    /// What every value that matches begins with, if it must be a text. Beside the path, since most values
    /// differ in it from most rules, whose other memory is not read then.
    first_byte: Option<u8>,
    matcher: Box<ValueMatcher>,
}

impl FieldCondition {
    fn new((path, matcher): (FieldPath, ValueMatcher)) -> Self {
        Self { path, first_byte: matcher.first_byte(), matcher: Box::new(matcher) }
    }

    #[inline]
    fn holds(&self, facts: &CallFacts) -> bool {
        let left = Cell::new(MAX_TEXT_BYTES);
        self.path.matches(&facts.values, facts.body, |value| {
            self.can_match(value) && self.matcher.matches_within(value, &left)
        })
    }

    #[inline]
    fn can_match(&self, value: Option<&Tree>) -> bool {
        self.first_byte.is_none_or(|first| match value {
            Some(Tree::Text(text)) => text.as_bytes().first() == Some(&first),
            _ => false,
        })
    }
}

record! {
    #[derive(Debug)]
    struct CallMatcherMap as "match" {
        /// The endpoint, a list of them, or any; if left out, `create_group` for a rule, every one but auth
        /// for verify, and that of the match around it inside any and not.
        endpoint: Option<EndpointSet> => optional,
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
        any: Option<Alternatives> => optional,
        /// This must not hold.
        not: Option<Box<CallMatcher>> => optional,
    }
}

impl Read for CallMatcher {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let map = CallMatcherMap::read(node, problems)?;
        let mut conditions = SmallVec::new();
        conditions.extend(map.nth.map(CallCondition::Nth));
        conditions.extend(map.path.0.into_iter().map(|path| CallCondition::Path(path.into())));
        conditions.extend(map.header.0.into_iter().map(|it| CallCondition::Header(it.into())));
        conditions
            .extend(map.body.0.into_iter().map(|it| CallCondition::Body(FieldCondition::new(it))));
        conditions.extend(map.tenant.map(CallCondition::Tenant));
        conditions.extend(map.any.map(|any| CallCondition::Any(any.0)));
        conditions.extend(map.not.map(CallCondition::Not));
        Some(Self { endpoints: map.endpoint, conditions })
    }

    fn schema() -> serde_json::Value {
        CallMatcherMap::schema()
    }
}

/// One matcher or more, of which one must hold.
#[derive(Debug)]
struct Alternatives(Vec<CallMatcher>);

impl Read for Alternatives {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let matchers = Vec::read(node, problems)?;
        if matchers.is_empty() {
            problems.add(node.at, "any needs at least one match; add one, or remove any");
            return None;
        }
        Some(Self(matchers))
    }

    fn schema() -> serde_json::Value {
        json!({"type": "array", "minItems": 1, "items": CallMatcher::schema()})
    }
}

/// A field or a path parameter that a matcher looks at, and none of its endpoints has.
pub(crate) struct ForeignPart {
    pub(crate) name: String,
    /// The endpoints that have it.
    pub(crate) owners: EndpointSet,
    /// The endpoints that the matcher is for.
    pub(crate) endpoints: EndpointSet,
}

/// A condition that a call does not meet: the field, and what was wanted and found.
pub(crate) type Miss = (String, String, String);

impl CallMatcher {
    /// The schema of the map.
    pub(crate) fn definition() -> serde_json::Value {
        CallMatcherMap::definition()
    }

    /// Matches every call to these endpoints.
    pub(crate) fn for_endpoints(endpoints: EndpointSet) -> Self {
        Self { endpoints: Some(endpoints), conditions: SmallVec::new() }
    }

    pub(crate) fn matches(&self, facts: &CallFacts) -> bool {
        self.is_for(facts.called) && self.matches_parts(facts)
    }

    pub(crate) fn endpoint_names(&self) -> Vec<&'static str> {
        self.endpoints.unwrap_or_else(EndpointSet::of_lines).written_names()
    }

    /// Whether calls to one of these endpoints can match; where none is named, a login cannot, nor what came
    /// to no endpoint.
    pub(crate) fn is_for(&self, called: EndpointSet) -> bool {
        self.endpoints.unwrap_or_else(EndpointSet::of_lines).meets(called)
    }

    fn matches_parts(&self, facts: &CallFacts) -> bool {
        self.conditions.iter().all(|condition| condition.holds(facts))
    }

    /// Inside `any` and `not`, no endpoint means every endpoint.
    fn matches_nested(&self, facts: &CallFacts) -> bool {
        self.endpoints.is_none_or(|wanted| wanted.meets(facts.called)) && self.matches_parts(facts)
    }

    /// Returns the fields of the body that are looked at, with what is wanted of them.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (FieldPath, &ValueMatcher)> {
        self.conditions.iter().filter_map(|condition| match condition {
            CallCondition::Body(field) => Some((field.path, &*field.matcher)),
            _ => None,
        })
    }

    /// Returns the fields and path parameters that none of the endpoints has whose calls can match, in `any`
    /// and `not` too.
    pub(crate) fn foreign_parts(&self) -> Vec<ForeignPart> {
        let mut foreign = Vec::new();
        self.add_foreign_parts(EndpointSet::OF_FILES, &mut foreign);
        foreign
    }

    fn add_foreign_parts(&self, around: EndpointSet, foreign: &mut Vec<ForeignPart>) {
        let endpoints = self.endpoints.unwrap_or(around);
        for condition in &self.conditions {
            let (name, owners) = match condition {
                CallCondition::Body(field) => {
                    (format!("the field {}", field.path.path()), field.path.owners())
                }
                CallCondition::Path(path) => {
                    let has_it = |it: &Endpoint| it.parameters.field(&path.0).is_some();
                    (format!("the path parameter {}", path.0), EndpointSet::with(has_it))
                }
                CallCondition::Any(matchers) => {
                    for matcher in matchers {
                        matcher.add_foreign_parts(endpoints, foreign);
                    }
                    continue;
                }
                CallCondition::Not(matcher) => {
                    matcher.add_foreign_parts(endpoints, foreign);
                    continue;
                }
                CallCondition::Tenant(_) | CallCondition::Nth(_) | CallCondition::Header(_) => {
                    continue;
                }
            };
            if !owners.meets(endpoints) {
                foreign.push(ForeignPart { name, owners, endpoints });
            }
        }
    }

    /// Returns the conditions that a call does not meet.
    pub(crate) fn misses(&self, facts: &CallFacts) -> Vec<Miss> {
        let mut misses = Vec::new();
        if !self.is_for(facts.called) {
            let wanted =
                self.endpoints.map_or_else(|| "any but auth".into(), EndpointSet::describe);
            misses.push(("endpoint".into(), wanted, facts.called.describe()));
        }
        let unmet = self.conditions.iter().filter(|condition| !condition.holds(facts));
        misses.extend(unmet.map(|condition| condition.miss(facts)));
        // one for all conditions that are not on a single field
        misses.dedup();
        misses
    }

    /// The memory that it takes besides its own place, in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        let conditions = self.conditions.iter().map(CallCondition::heap_bytes);
        let spilled = if self.conditions.spilled() { self.conditions.capacity() } else { 0 };
        spilled * size_of::<CallCondition>() + conditions.sum::<usize>()
    }

    /// Whether a condition checks the body.
    pub(crate) fn needs_body(&self) -> bool {
        self.conditions.iter().any(|condition| match condition {
            CallCondition::Body(_) => true,
            CallCondition::Any(matchers) => matchers.iter().any(Self::needs_body),
            CallCondition::Not(matcher) => matcher.needs_body(),
            _ => false,
        })
    }

    /// The headers that conditions check.
    pub(crate) fn headers(&self) -> Vec<&HeaderName> {
        let headers = self.conditions.iter().flat_map(|condition| match condition {
            CallCondition::Header(header) => vec![&header.0],
            CallCondition::Any(matchers) => matchers.iter().flat_map(Self::headers).collect(),
            CallCondition::Not(matcher) => matcher.headers(),
            CallCondition::Tenant(_)
            | CallCondition::Nth(_)
            | CallCondition::Path(_)
            | CallCondition::Body(_) => Vec::new(),
        });
        headers.collect()
    }

    /// Whether every call that matches `other` matches this too, as far as their conditions are
    /// written in the same way.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let is_shared = |condition| other.conditions.contains(condition);
        let has_its_endpoints = match (self.endpoints, other.endpoints) {
            (Some(own), Some(others)) => own.includes(others),
            (own, others) => own == others,
        };
        has_its_endpoints && self.conditions.iter().all(is_shared)
    }
}

impl CallCondition {
    fn holds(&self, facts: &CallFacts) -> bool {
        match self {
            Self::Tenant(glob) => glob.0.is_match(facts.tenant, &Cell::new(MAX_TEXT_BYTES)),
            Self::Nth(nth) => nth.contains(facts.nth),
            Self::Path(path) => path_matches(facts.parameters, &path.0, &path.1),
            Self::Header(header) => header_matches(facts.headers, &header.0, &header.1),
            Self::Body(field) => field.holds(facts),
            Self::Any(matchers) => matchers.iter().any(|matcher| matcher.matches_nested(facts)),
            Self::Not(matcher) => !matcher.matches_nested(facts),
        }
    }

    fn heap_bytes(&self) -> usize {
        let nested = |matcher: &CallMatcher| size_of::<CallMatcher>() + matcher.heap_bytes();
        match self {
            Self::Tenant(glob) => glob.0.cost().bytes,
            Self::Nth(_) => 0,
            Self::Path(path) => size_of_val(&**path) + path.0.capacity() + path.1.heap_bytes(),
            // a name that is not a standard one has its text
            Self::Header(it) => size_of_val(&**it) + it.0.as_str().len() + it.1.heap_bytes(),
            Self::Body(field) => size_of_val(&*field.matcher) + field.matcher.heap_bytes(),
            Self::Any(matchers) => matchers.iter().map(nested).sum(),
            Self::Not(matcher) => nested(matcher),
        }
    }

    /// Describes what was wanted and found.
    fn miss(&self, facts: &CallFacts) -> Miss {
        let absent = || "absent".into();
        match self {
            Self::Nth(nth) => ("nth".into(), nth.to_string(), facts.nth.to_string()),
            Self::Path(path) => {
                let found = facts.parameters.find(&path.0);
                let found = found.map_or_else(absent, |value| format!("{value:?}"));
                (format!("path.{}", path.0), path.1.describe(), found)
            }
            Self::Header(header) => {
                let found = facts.headers.get(&header.0);
                let found = found.map_or_else(absent, |value| format!("{value:?}"));
                (format!("header.{}", header.0), header.1.describe(), found)
            }
            Self::Body(field) => {
                let found = field.path.first(&facts.values, facts.body);
                let found = found.map_or_else(absent, |value| describe(&value));
                (format!("body.{}", field.path.path()), field.matcher.describe(), found)
            }
            Self::Tenant(_) | Self::Any(_) | Self::Not(_) => {
                ("tenant, any or not".into(), "to hold".into(), "does not".into())
            }
        }
    }
}

/// Whether a parameter of the path matches, or its absence from the pattern.
fn path_matches(parameters: &PathParameters, name: &str, wanted: &ValueMatcher) -> bool {
    wanted.matches(parameters.find(name).map(Tree::Text).as_ref())
}

/// Whether one of a header's values matches, or its absence.
fn header_matches(headers: &HeaderMap, name: &HeaderName, wanted: &ValueMatcher) -> bool {
    // a request has a few headers: looking at each costs less than hashing the name
    let named = headers.iter().filter(|(known, _)| *known == name);
    let mut texts = named.map(|(_, value)| String::from_utf8_lossy(value.as_bytes())).peekable();
    if texts.peek().is_none() {
        return wanted.matches(None);
    }
    let left = Cell::new(MAX_TEXT_BYTES);
    texts.any(|text| wanted.matches_within(Some(&Tree::Text(&text)), &left))
}
