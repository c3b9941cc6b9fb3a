//! A rule: for which calls, what to make of them one after another, and in which phase.

use serde_json::json;

use super::matching::{CallMatcher, FieldPath};
use super::step::{Step, Steps};
use crate::config_file::{Located, Node, Place, Problems, Read, choice, record};
use crate::scenario::forced::ForcedOutcome;
use crate::text::did_you_mean;

/// How far a call has come; each phase includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Before the token is looked at.
    BeforeAuth,
    /// The token is accepted.
    AfterAuth,
    /// All checks of the contract are passed.
    AfterValidation,
    /// The change is made: the caller gets the failure all the same.
    AfterCommit,
}

impl Phase {
    /// All of them, in order.
    pub const ALL: [Self; 4] =
        [Self::BeforeAuth, Self::AfterAuth, Self::AfterValidation, Self::AfterCommit];

    /// The name users know it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::BeforeAuth => "before-auth",
            Self::AfterAuth => "after-auth",
            Self::AfterValidation => "after-validation",
            Self::AfterCommit => "after-commit",
        }
    }

    /// Reads a name, or says what there is.
    pub fn parse(text: &str) -> Result<Self, String> {
        let names = || Self::ALL.map(Self::name);
        Self::ALL.into_iter().find(|phase| phase.name() == text).ok_or_else(|| {
            let hint = did_you_mean(text, names());
            format!("unknown phase {text:?}{hint} (known: {})", names().join(", "))
        })
    }
}

/// A rule of a scenario. Two are equal if they do the same, wherever they stand.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its name within the scenario.
    pub id: String,
    /// Whether it acts at all.
    pub enabled: bool,
    /// Higher comes first.
    pub priority: i64,
    /// Which calls it is for.
    pub when: CallMatcher,
    /// What it makes of them, one after another.
    pub steps: Vec<Step>,
    /// What comes after the last step.
    pub then: Then,
    /// It acts at most so often in a tenant.
    pub limit: Option<u64>,
    /// Whose calls are counted together.
    pub scope: Scope,
    /// Whether `do` was a list, whose steps are once unless they say otherwise.
    pub listed: bool,
    /// Where it stands in its file.
    pub at: Place,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        let content = |rule: &Self| {
            (
                rule.id.clone(),
                rule.enabled,
                rule.priority,
                rule.then,
                rule.limit,
                rule.scope.clone(),
            )
        };
        content(self) == content(other) && self.when == other.when && self.steps == other.steps
    }
}

/// What comes after a rule's last step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The rules after it, or the contract.
    FallThrough,
    /// The first step again.
    Repeat,
    /// The last step for ever.
    HoldLast,
}

const THEN: [(&str, Then); 3] =
    [("fall-through", Then::FallThrough), ("repeat", Then::Repeat), ("hold-last", Then::HoldLast)];

/// Whose calls are counted together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All of the tenant's.
    Tenant,
    /// Those of the tenant's with the same value in a field.
    Field(FieldPath),
}

record! {
    #[derive(Debug)]
    struct RuleEntry {
        /// The rule's name; while it and the rule stay the same, a reload keeps its counters.
        id: Located<RuleId> => required,
        /// Which calls the rule is for; all of them if it is left out.
        when "match": CallMatcher => or(CallMatcher::default()),
        /// What becomes of them: one step, or a list of steps.
        steps "do": Steps => required,
        /// What comes after the last step.
        then: Then => or(Then::FallThrough),
        /// When the rule acts. A call that ends earlier uses nothing up.
        phase: Phase => or(Phase::AfterAuth),
        /// Rules of a higher priority come first, equal ones in the order of the file.
        priority: i64 => or(0),
        /// The part of the matching calls that the rule is for, 0 to 1.
        chance: Option<Chance> => optional,
        /// The rule acts at most so often in a tenant.
        limit: Option<Limit> => optional,
        /// tenant, or field:<dotted> for counters of each value's own.
        scope: Scope => or(Scope::Tenant),
        /// false switches the rule off.
        enabled: bool => or(true),
    }
}

impl Read for Rule {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let entry = RuleEntry::read(node, problems)?;
        let Steps { mut steps, listed } = entry.steps;
        for step in &mut steps {
            step.phase = entry.phase;
            step.chance = entry.chance.as_ref().map(|chance| chance.0);
        }
        if entry.when.endpoint == Some("auth")
            && steps.iter().any(|step| step.forced == ForcedOutcome::DocumentedExample)
        {
            problems.add(node.at, "auth has no documented example; name another outcome");
            return None;
        }
        Some(Self {
            id: entry.id.value.0,
            enabled: entry.enabled,
            priority: entry.priority,
            when: entry.when,
            steps,
            then: entry.then,
            limit: entry.limit.map(|limit| limit.0),
            scope: entry.scope,
            listed,
            at: entry.id.at,
        })
    }

    fn schema() -> serde_json::Value {
        RuleEntry::schema()
    }
}

#[derive(Debug)]
struct RuleId(String);

impl Read for RuleId {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let id = String::read(node, problems)?;
        if id.is_empty() || id.len() > 64 || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
            problems.add(node.at, "an id is 1 to 64 visible ASCII letters without spaces");
            return None;
        }
        Some(Self(id))
    }

    fn schema() -> serde_json::Value {
        json!({"type": "string", "pattern": "^[!-~]{1,64}$"})
    }
}

#[derive(Debug)]
struct Limit(u64);

impl Read for Limit {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let limit = u64::read(node, problems)?;
        if limit == 0 {
            problems
                .add(node.at, "a limit is 1 or more; to switch a rule off write enabled: false");
            return None;
        }
        Some(Self(limit))
    }

    fn schema() -> serde_json::Value {
        json!({"type": "integer", "minimum": 1})
    }
}

#[derive(Debug)]
struct Chance(f64);

impl Read for Chance {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let chance = f64::read(node, problems)?;
        if !(0.0..=1.0).contains(&chance) {
            problems.add(node.at, format!("a chance is from 0 to 1, not {chance}"));
            return None;
        }
        Some(Self(chance))
    }

    fn schema() -> serde_json::Value {
        json!({"type": "number", "minimum": 0, "maximum": 1})
    }
}

impl Read for Phase {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let text = String::read(node, problems)?;
        Self::parse(&text).map_err(|why| problems.add(node.at, why)).ok()
    }

    fn schema() -> serde_json::Value {
        json!({"enum": Self::ALL.map(Self::name)})
    }
}

impl Read for Then {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        choice(node, problems, "then", &THEN)
    }

    fn schema() -> serde_json::Value {
        json!({"enum": THEN.map(|(name, _)| name)})
    }
}

impl Read for Scope {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let text = String::read(node, problems)?;
        if text == "tenant" {
            return Some(Self::Tenant);
        }
        let Some(field) = text.strip_prefix("field:") else {
            problems
                .add(node.at, format!("unknown scope {text:?}; write tenant or field:<dotted>"));
            return None;
        };
        FieldPath::parse(field).map(Self::Field).map_err(|why| problems.add(node.at, why)).ok()
    }

    fn schema() -> serde_json::Value {
        json!({"type": "string", "pattern": "^(tenant|field:.+)$"})
    }
}
