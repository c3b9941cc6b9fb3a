//! What of a scenario is used up in a tenant: the calls on which none of its rules can act until a reset.

use std::fmt;

use super::{ScenarioState, counters_key};
use crate::scenario::file::Scenario;
use crate::scenario::file::endpoint_set::EndpointSet;
use crate::scenario::file::rule::Rule;

/// The endpoints for which a scenario is used up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UsedUp {
    /// The names of at least one, in the order of the table.
    pub(crate) endpoints: Vec<&'static str>,
    /// Whether no rule can act at all; those of a line, which begins anew at each endpoint, on none of them.
    pub(crate) is_whole: bool,
}

/// As in `used up for create_group until a reset`.
impl fmt::Display for UsedUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "used up for {} until a reset", self.endpoints.join(", "))
    }
}

impl ScenarioState {
    /// Returns for which of the endpoints that the tenant has called a scenario is used up that is chosen for all
    /// calls; `None` if for none of them.
    pub(crate) fn used_up(&self, scenario: &Scenario) -> Option<UsedUp> {
        let (mut endpoints, mut is_whole) = (Vec::new(), true);
        for (_, endpoint) in EndpointSet::with(|_| true).endpoints() {
            let called = EndpointSet::called(Some(endpoint));
            let rules = self.enabled_rules(scenario, called);
            let mut meant = rules.filter(|(rule, _)| rule.when.is_for(called)).peekable();
            if meant.peek().is_none() {
                continue;
            }
            let is_used_up = meant.all(|(_, is_used_up)| is_used_up);
            is_whole &= is_used_up;
            let has_called = self.next_call(endpoint.name) > 1;
            if is_used_up && has_called {
                endpoints.push(endpoint.name);
            }
        }
        (!endpoints.is_empty()).then_some(UsedUp { endpoints, is_whole })
    }

    /// Iterates over the rules that are not turned off; says of each whether no call to an endpoint can make it
    /// act any more.
    fn enabled_rules<'s>(
        &'s self,
        scenario: &'s Scenario,
        called: EndpointSet,
    ) -> impl Iterator<Item = (&'s Rule, bool)> {
        let counters = self.scenarios.get(&counters_key(scenario, called));
        let rules = scenario.rules.iter().enumerate().filter(|(_, rule)| rule.enabled);
        rules.map(move |(index, rule)| {
            let counters = counters.and_then(|counters| counters.rule(scenario, index));
            (rule, counters.is_some_and(|counters| counters.is_used_up(rule)))
        })
    }
}
