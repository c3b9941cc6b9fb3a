//! Warnings about rules that are valid, but probably not what was meant.

use super::file::call_matcher::{CallMatcher, ForeignPart};
use super::file::endpoint_set::EndpointSet;
use super::file::phase::Phase;
use super::file::rule::{Rule, Scope, Then};
use super::file::value_matcher::ValueMatcher;
use super::file::{Example, Scenario, UnknownField};
use super::forced_outcome::ForcedOutcome;
use super::hold::HoldUntil;
use crate::config_file::FileProblem;
use crate::text::plural;
use crate::vendor::schema::Tree;
use crate::vendor::{ENDPOINTS, Endpoint};

/// Returns the warnings of a scenario, in the order of the file.
pub fn lint(scenario: &Scenario) -> Vec<FileProblem> {
    let mut warnings = Vec::new();
    let rules: Vec<_> = scenario.rules.iter().filter(|rule| rule.enabled).collect();
    let has_lists = rules.iter().any(|rule| rule.listed);
    for (index, rule) in rules.iter().enumerate() {
        let mut warn = |message| warnings.push(FileProblem::new(rule.at, message));
        let id = &rule.id;
        if let Some(earlier) =
            rules[..index].iter().find(|earlier| covers_all_calls_of(earlier, rule))
        {
            let (earlier, line) = (&earlier.id, earlier.at.line);
            warn(format!(
                "rule {id:?} never acts: rule {earlier:?} (line {line}) comes first, matches all \
                 its calls and never ends"
            ));
        }
        for ForeignPart { name, owners, endpoints } in rule.when.foreign_parts() {
            let (owners, endpoints) = (owners.describe(), endpoints.describe());
            warn(format!(
                "rule {id:?} looks at {name}, which {endpoints} does not have; name an endpoint that \
                 has it: {owners}"
            ));
        }
        if let Some(why) = refused_before_phase(rule) {
            warn(format!("rule {id:?} never acts: {why}"));
        }
        if let Some((wanted, most)) = holds_too_few(rule) {
            let (wanted, most) = (plural(wanted, "call"), plural(most, "call"));
            warn(format!(
                "rule {id:?} never holds {wanted}: it acts on {most} at most; raise its times or limit"
            ));
        }
        if has_lists && !rule.listed && never_ends(rule) {
            warn(format!(
                "the single step of rule {id:?} acts forever, while steps of lists act once; add \
                 times: forever or a number"
            ));
        }
    }
    warnings.extend(scenario.examples.iter().flat_map(unknown_fields));
    warnings.sort_by_key(|warning| (warning.at.line, warning.at.column));
    warnings
}

/// Returns a warning for each field that an example sends and its endpoint ignores.
fn unknown_fields(example: &Example) -> Vec<FileProblem> {
    let endpoint = example.endpoint.endpoint();
    let warning = |UnknownField { at, path, hint }| {
        let message = format!("{} does not have the field {path:?}{hint}", endpoint.name);
        FileProblem::new(at, message)
    };
    example.send.unknown_fields(endpoint).into_iter().map(warning).collect()
}

fn never_ends(rule: &Rule) -> bool {
    rule.limit.is_none()
        && rule.rate.is_none()
        && rule.steps.iter().any(|step| step.times.is_none())
}

/// Returns how many calls a rule is to hold and how many it can, if those are too few.
fn holds_too_few(rule: &Rule) -> Option<(u64, u64)> {
    let holding = rule.steps.iter().filter(|step| step.forced.is_hold());
    let wanted = holding.clone().filter_map(|step| match step.forced {
        ForcedOutcome::Hold(HoldUntil::Held(count)) => Some(u64::from(count)),
        _ => None,
    });
    let wanted = wanted.min()?;
    let of_steps = match rule.then {
        Then::FallThrough => holding
            .map(|step| step.times)
            .try_fold(0_u64, |sum, times| Some(sum.saturating_add(times?))),
        Then::Repeat | Then::HoldLast => None,
    };
    if rule.scope != Scope::Tenant {
        // calls with other values have steps and a limit of their own
        return None;
    }
    let most = [of_steps, rule.limit].into_iter().flatten().min()?;
    (most < wanted).then_some((wanted, most))
}

/// Whether `earlier` takes every call that `later` could act on.
fn covers_all_calls_of(earlier: &Rule, later: &Rule) -> bool {
    let is_certain =
        earlier.steps.iter().all(|step| step.chance.is_none_or(|chance| chance >= 1.0));
    let goes_on = match earlier.then {
        // the steps before one that lasts forever end, but they leave no call to a later rule
        Then::FallThrough => earlier.steps.iter().any(|step| step.times.is_none()),
        Then::Repeat | Then::HoldLast => true,
    };
    let is_unbounded = earlier.limit.is_none() && earlier.rate.is_none();
    is_certain && goes_on && is_unbounded && earlier.when.covers(&later.when)
}

/// Returns why the contract refuses every call of a rule before the rule's phase.
fn refused_before_phase(rule: &Rule) -> Option<String> {
    let phase = rule.steps.first()?.phase;
    if phase < Phase::AfterValidation {
        return None;
    }
    let has_fields = |endpoint: &Endpoint| {
        let paths = endpoint.body.paths();
        rule.when.fields().all(|(path, _)| paths.iter().any(|(known, _)| path.is(known)))
    };
    let is_meant = |endpoint: &&&Endpoint| {
        rule.when.is_for(EndpointSet::called(Some(endpoint))) && has_fields(endpoint)
    };
    let endpoints = ENDPOINTS.iter().filter(is_meant);
    let refusals = endpoints.map(|endpoint| refused_field(&rule.when, endpoint));
    // the rule is alive if one endpoint accepts its calls
    let (path, why) = refusals.collect::<Option<Vec<_>>>()?.into_iter().next()?;
    let phase = phase.name();
    Some(format!("calls that match {path} are refused before {phase}: {why}"))
}

/// Returns a field whose matcher accepts only what an endpoint refuses, and why it does.
fn refused_field<'m>(
    when: &'m CallMatcher,
    endpoint: &Endpoint,
) -> Option<(&'m str, &'static str)> {
    let mut conditions = when.fields();
    conditions
        .find_map(|(path, wanted)| Some((path.path(), refusal(path.path(), wanted, endpoint)?)))
}

fn refusal(path: &str, wanted: &ValueMatcher, endpoint: &Endpoint) -> Option<&'static str> {
    let fields = endpoint.body.paths();
    let plain = |path: &str| path.replace("[]", "");
    let find = |path: &str| {
        fields.iter().find(|(known, _)| plain(known) == plain(path)).map(|(_, field)| field)
    };
    let kind = find(path)?.kind;
    // a field is also absent where an object around it is
    let parents = path.match_indices('.').map(|(end, _)| path[..end].trim_end_matches("[]"));
    let can_be_absent = !parents.chain([path]).all(|path| find(path).is_some_and(|it| it.required));
    if !can_be_absent && wanted.requires_absence() {
        return Some("the field is missing");
    }
    let accepted = |value: Tree| kind.accepts(&value) || (can_be_absent && value == Tree::Null);
    let literals = wanted.literals()?;
    // a literal cannot stand for a whole object or list
    let is_refused = kind.is_scalar() && !literals.iter().any(|it| accepted(it.to_tree()));
    is_refused.then_some("the contract does not accept this value")
}
