//! A rule: the calls it is for, its steps, and how its use is counted.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde_json::json;

use super::call_matcher::CallMatcher;
use super::endpoint_set::EndpointSet;
use super::field_path::FieldPath;
use super::phase::Phase;
use super::rate::Rate;
use super::step::{Step, Steps};
use crate::config_file::{
    Cost, Located, Location, Node, Problems, Read, checked, parsed_text, read_by_name, record,
};
use crate::text::named;

/// What it costs to hash the value that a rule counts by, in steps.
const STEPS_OF_VALUE_HASH: u64 = 4096;

/// A rule of a scenario. Two are equal if they do the same, wherever they are in their files.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its name within the scenario.
    pub id: String,
    /// Whether it can act.
    pub enabled: bool,
    pub(crate) priority: i64,
    pub(crate) when: CallMatcher,
    /// The value of `match` as JSON text; empty if there is none.
    pub(crate) written_match: Box<str>,
    /// In the order they act.
    pub steps: Vec<Step>,
    pub(crate) then: Then,
    pub(crate) limit: Option<u64>,
    /// It acts only on calls beyond it.
    pub(crate) rate: Option<Rate>,
    pub(crate) scope: Scope,
    /// Whether `do` was a list, whose steps act once by default.
    pub(crate) listed: bool,
    pub(crate) version: RuleVersion,
    pub(crate) at: Location,
}

impl Rule {
    /// The rule of a line, with default settings.
    pub(crate) fn of_line(endpoints: EndpointSet, steps: Vec<Step>) -> Self {
        Self {
            id: "line".to_owned(),
            enabled: true,
            priority: 0,
            when: CallMatcher::for_endpoints(endpoints),
            written_match: Box::default(),
            steps,
            then: Then::FallThrough,
            limit: None,
            rate: None,
            scope: Scope::Tenant,
            listed: true,
            version: RuleVersion::OF_LINES,
            at: Location::default(),
        }
    }

    pub(super) fn is_of_line(&self) -> bool {
        self.version == RuleVersion::OF_LINES
    }

    /// The memory that it takes besides its own place, in bytes.
    pub(super) fn heap_bytes(&self) -> usize {
        let steps = self.steps.iter().map(Step::heap_bytes).sum::<usize>();
        let steps = self.steps.capacity() * size_of::<Step>() + steps;
        self.id.capacity() + self.when.heap_bytes() + self.written_match.len() + steps
    }
}

/// Returns why no call to any of these endpoints can end as one of the steps says, if there is such a step.
pub(crate) fn refused_step(endpoints: EndpointSet, steps: &[Step]) -> Option<String> {
    steps.iter().find_map(|step| {
        let mut refusals = endpoints.endpoints().map(|(_, it)| step.forced.refused_by(it));
        let first = refusals.next()??;
        refusals.all(|why| why.is_some()).then_some(first)
    })
}

/// The version of a rule, or of all rules of a scenario. It stays the same as long as the rules do the same, so
/// that counters need not keep them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RuleVersion(u64);

impl RuleVersion {
    /// A line is found by its text and thus always the same.
    const OF_LINES: Self = Self(0);

    /// Returns a version that no other rule has.
    fn new() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Relaxed) + 1)
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        let settings = |rule: &Self| {
            (rule.enabled, rule.priority, rule.then, rule.limit, rule.rate, rule.scope)
        };
        self.id == other.id
            && settings(self) == settings(other)
            && self.when == other.when
            && self.steps == other.steps
    }
}

/// The rules of a scenario in the order they are tried, found by what they are too.
#[derive(Debug, Clone)]
pub struct Rules {
    list: Vec<Rule>,
    /// The places in the list, ordered by the rules' ids.
    by_id: Box<[usize]>,
    /// Stays the same as long as the versions of all rules do, so that a call need not compare them.
    version: RuleVersion,
}

impl PartialEq for Rules {
    fn eq(&self, other: &Self) -> bool {
        self.list == other.list
    }
}

impl From<Vec<Rule>> for Rules {
    fn from(list: Vec<Rule>) -> Self {
        let mut by_id: Box<[_]> = (0..list.len()).collect();
        by_id.sort_by_key(|index| &list[*index].id);
        let is_line = list.first().is_some_and(Rule::is_of_line);
        let version = if is_line { RuleVersion::OF_LINES } else { RuleVersion::new() };
        Self { list, by_id, version }
    }
}

impl std::ops::Deref for Rules {
    type Target = [Rule];

    fn deref(&self) -> &[Rule] {
        &self.list
    }
}

impl Rules {
    /// Gives the rules that are as they were in the last version of the scenario their version then.
    pub(super) fn keep_versions(&mut self, last: &Self) {
        for rule in &mut self.list {
            if let Some(index) = last.index_of(rule) {
                rule.version = last[index].version;
            }
        }
        let versions =
            |rules: &Self| rules.list.iter().map(|rule| rule.version).collect::<Vec<_>>();
        if versions(self) == versions(last) {
            self.version = last.version;
        }
    }

    pub(crate) fn version(&self) -> RuleVersion {
        self.version
    }

    /// The memory that they take, in bytes.
    pub(super) fn heap_bytes(&self) -> usize {
        let places = self.by_id.len() * size_of::<usize>();
        let rules = self.list.iter().map(Rule::heap_bytes).sum::<usize>();
        self.list.capacity() * size_of::<Rule>() + rules + places
    }

    /// Returns the place of a rule that does the same; compares it with one at most.
    fn index_of(&self, rule: &Rule) -> Option<usize> {
        let place = self.by_id.binary_search_by_key(&&rule.id, |index| &self.list[*index].id);
        let index = self.by_id[place.ok()?];
        (self.list[index] == *rule).then_some(index)
    }
}

named! {
    /// What follows a rule's last step.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Then {
        /// The next rules, or the contract.
        FallThrough = "fall-through",
        /// The first step again.
        Repeat = "repeat",
        /// The last step, forever.
        HoldLast = "hold-last",
    }
    const ALL;
}

/// The calls that share a rule's counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All calls of a tenant.
    Tenant,
    /// A tenant's calls with the same value in a field.
    Field(FieldPath),
}

/// As it is written in a file.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tenant => f.write_str("tenant"),
            Self::Field(field) => write!(f, "field:{}", field.path()),
        }
    }
}

record! {
    struct RuleEntry {
        /// The rule's name; an unchanged rule keeps its counters over a reload.
        id: Located<RuleId> => required,
        /// The calls the rule is for; if left out, all to `create_group`.
        when "match": WrittenMatcher => or(WrittenMatcher::default()),
        /// One step, or a list of steps.
        steps "do": Steps => required,
        /// What follows the last step.
        then: Then => or(Then::FallThrough),
        /// When the rule acts. A call that ends earlier uses nothing up.
        phase: Phase => or(Phase::AfterAuth),
        /// Rules of higher priority come first, equal ones in the order of the file.
        priority: i64 => or(0),
        /// The fraction of the matching calls that the rule applies to, from 0 to 1.
        chance: Option<Chance> => optional,
        /// The rule acts at most this often: in a tenant, or for each value of the field of its scope.
        limit: Option<Limit> => optional,
        /// The rule acts only on calls beyond so many in a time of the tenant's clock, like 5/1s; Retry-After says
        /// when the next call passes.
        rate: Option<Rate> => optional,
        /// tenant, or field:<dotted> for separate counters for each value of the field.
        scope: Scope => or(Scope::Tenant),
        /// false turns the rule off.
        enabled: bool => or(true),
    }
}

checked! {
    RuleId(String): {"pattern": "^[!-~]{1,64}$"},
    |id| (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic()),
    |id| format!("invalid rule id {id:?}: use 1 to 64 visible ASCII characters, no spaces")
}

checked! {
    Limit(u64): {"minimum": 1},
    |limit| *limit > 0,
    |_| "limit must be at least 1; to turn the rule off write enabled: false".into()
}

checked! {
    Chance(f64): {"minimum": 0, "maximum": 1},
    |chance| (0.0..=1.0).contains(chance),
    |chance| format!("chance must be from 0 to 1, not {chance}")
}

impl Read for Rule {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let entry = RuleEntry::read(node, problems)?;
        let Steps { mut steps, listed } = entry.steps;
        for step in &mut steps {
            step.phase = entry.phase;
            step.chance = entry.chance.as_ref().map(|chance| chance.0);
        }
        let WrittenMatcher { matcher: mut when, written } = entry.when;
        let endpoints = when.endpoints.get_or_insert(EndpointSet::OF_FILES);
        if let Some(why) = refused_step(*endpoints, &steps) {
            problems.add(node.at, why);
            return None;
        }
        // a rule for several endpoints is for those whose calls can end as it says
        *endpoints = endpoints.without(EndpointSet::with(|endpoint| {
            steps.iter().any(|step| step.forced.refused_by(endpoint).is_some())
        }));
        Some(Self {
            id: entry.id.value.0,
            enabled: entry.enabled,
            priority: entry.priority,
            when,
            written_match: written,
            steps,
            then: entry.then,
            limit: entry.limit.map(|limit| limit.0),
            rate: entry.rate,
            scope: entry.scope,
            listed,
            version: RuleVersion::new(),
            at: entry.id.at,
        })
    }

    fn schema() -> serde_json::Value {
        RuleEntry::schema()
    }
}

/// Conditions, with their JSON text for those who ask what a rule is for.
#[derive(Debug, Default)]
struct WrittenMatcher {
    matcher: CallMatcher,
    written: Box<str>,
}

impl Read for WrittenMatcher {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let matcher = CallMatcher::read(node, problems)?;
        Some(Self { matcher, written: node.value.to_json().to_string().into() })
    }

    fn schema() -> serde_json::Value {
        CallMatcher::schema()
    }
}

/// Rules, whose number is checked with their ids.
pub(super) struct RuleList(pub(crate) Vec<Rule>);

impl Read for RuleList {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        Vec::read(node, problems).map(Self)
    }

    fn schema() -> serde_json::Value {
        json!({"type": "array", "minItems": 1, "items": Rule::schema()})
    }
}

read_by_name!(Then, "then");

impl Read for Scope {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let scope = parsed_text(node, problems, |text| match text.strip_prefix("field:") {
            Some(field) => FieldPath::parse(field).map(Self::Field),
            None if text == "tenant" => Ok(Self::Tenant),
            None => Err(format!("unknown scope {text:?}; write tenant or field:<dotted>")),
        })?;
        if let Self::Field(_) = scope {
            problems.charge(node.at, Cost { steps: STEPS_OF_VALUE_HASH, bytes: 0 });
        }
        Some(scope)
    }

    fn schema() -> serde_json::Value {
        json!({"type": "string", "pattern": "^(tenant|field:.+)$"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::read;

    #[test]
    fn a_rule_is_found_among_others_if_it_does_the_same() {
        let rules = |glob: &str| {
            let rule = |number| {
                format!(
                    "- {{ id: r{number}, match: {{ tenant: '{glob}' }}, do: {{ outcome: 500 }} }}\n"
                )
            };
            let file = format!("version: 1\nrules:\n{}", (0..300).map(rule).collect::<String>());
            read(&file, Some("test")).unwrap().rules
        };
        let (first, same, changed) = (rules("a*"), rules("a*"), rules("b*"));
        for (index, rule) in same.iter().enumerate() {
            assert_eq!(first.index_of(rule), Some(index));
        }
        assert!(changed.iter().all(|rule| first.index_of(rule).is_none()));
        assert_eq!(first.index_of(&Rule::of_line(EndpointSet::OF_FILES, Vec::new())), None);
    }
}
