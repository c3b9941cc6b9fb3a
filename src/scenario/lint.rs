//! Warnings about scenarios that are right and yet hardly meant.

use super::file::Scenario;
use super::file::matching::CallMatcher;
use super::file::rule::{Phase, Rule, Then};
use crate::config_file::FileProblem;
use crate::vendor::schema::Tree;
use crate::vendor::{ENDPOINTS, Kind};

/// What `check` warns of, in the order of the file.
pub fn lint(scenario: &Scenario) -> Vec<FileProblem> {
    let mut warnings = Vec::new();
    let rules: Vec<_> = scenario.rules.iter().filter(|rule| rule.enabled).collect();
    for (index, rule) in rules.iter().enumerate() {
        let mut warn = |message: String| warnings.push(FileProblem { at: rule.at, message });
        if let Some(earlier) = rules[..index].iter().find(|earlier| shadows(earlier, rule)) {
            warn(format!(
                "the rule {} can never act: {} in line {} comes first, is for all its calls and never ends",
                rule.id, earlier.id, earlier.at.line
            ));
        }
        if let Some(why) = refused_first(rule) {
            warn(format!("the rule {} can never act: {why}", rule.id));
        }
    }
    if rules.iter().any(|rule| rule.listed) {
        for rule in rules.iter().filter(|rule| !rule.listed && never_ends(rule)) {
            let message = format!(
                "do of {} is a single step and lasts for ever, while the steps of lists are once; \
                 say times: forever, or how often",
                rule.id
            );
            warnings.push(FileProblem { at: rule.at, message });
        }
    }
    warnings.sort_by_key(|problem| problem.at.line);
    warnings
}

fn never_ends(rule: &Rule) -> bool {
    rule.limit.is_none() && rule.steps.iter().any(|step| step.times.is_none())
}

/// Whether `earlier` takes every call that `later` could act on.
fn shadows(earlier: &Rule, later: &Rule) -> bool {
    let certain = earlier.steps.iter().all(|step| step.chance.is_none_or(|chance| chance >= 1.0));
    let goes_on = match earlier.then {
        // before a step that lasts for ever come some that end, but a later rule gets none of them
        Then::FallThrough => earlier.steps.iter().any(|step| step.times.is_none()),
        Then::Repeat | Then::HoldLast => true,
    };
    certain && goes_on && earlier.limit.is_none() && earlier.when.covers(&later.when)
}

/// Why the contract refuses every body that a rule is for, before the rule's phase.
fn refused_first(rule: &Rule) -> Option<String> {
    let phase = rule.steps.first()?.phase;
    (phase >= Phase::AfterValidation).then(|| refused_field(&rule.when, phase)).flatten()
}

fn refused_field(when: &CallMatcher, phase: Phase) -> Option<String> {
    let endpoint = ENDPOINTS.iter().find(|endpoint| match when.endpoint {
        Some(name) => endpoint.name == name,
        None => !endpoint.is_login(),
    })?;
    let fields = endpoint.body.paths();
    when.body.iter().find_map(|(path, matcher)| {
        let (_, field) = fields.iter().find(|(known, _)| *known == path.path)?;
        let refused = |why: &str| {
            let (path, phase) = (&path.path, phase.name());
            Some(format!("a call with such a {path} is refused {why}, before {phase}"))
        };
        if field.required && matcher.wants_absence() {
            return refused("because the field is missing");
        }
        // a literal cannot stand for a whole object or list
        if matches!(field.kind, Kind::Object(_) | Kind::List(_)) {
            return None;
        }
        let literals = matcher.literals()?;
        let fits = literals.iter().any(|literal| {
            let value = literal.to_tree();
            field.kind.accepts(&value) || (!field.required && value == Tree::Null)
        });
        if fits { None } else { refused("by the contract's rule for that field") }
    })
}
