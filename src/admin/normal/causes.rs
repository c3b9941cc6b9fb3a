//! What can affect a call that chooses no scenario itself, one by one.

use std::time::Instant;

use super::Cause;
use crate::admin::clock::set_to;
use crate::call::Sandbox;
use crate::clock::{real_now_us, rfc3339_ms};
use crate::scenario::Override;
use crate::switches::SwitchTarget;
use crate::tenant::{HeldCalls, TenantClock};
use crate::text::plural_with;
use crate::vendor::MediaMode;
use crate::world::TenantName;

/// Returns all that can affect the next call of a tenant, whatever comes first.
pub(super) fn causes(sandbox: &Sandbox, name: &TenantName) -> Vec<Cause> {
    let (own, clock, held) = of_tenant(sandbox, name);
    [own, override_for_all(sandbox), scenario(sandbox), clock, held, media(sandbox)]
        .into_iter()
        .flatten()
        .chain(assumptions(sandbox))
        .collect()
}

impl Cause {
    fn new(what: &str, detail: String) -> Self {
        Self { what: what.to_owned(), detail, owner: None, ends: None }
    }
}

/// The override and the clock of the tenant, and the calls that it holds.
fn of_tenant(
    sandbox: &Sandbox,
    name: &TenantName,
) -> (Option<Cause>, Option<Cause>, Option<Cause>) {
    let tenant = sandbox.tenants.find(name);
    let mut state = tenant.as_ref().map(|tenant| tenant.lock());
    let clock = state.as_ref().map_or(TenantClock::Server, |state| state.clock);
    let clock = set_to(clock, sandbox);
    let clock = clock.map(|set_to| Cause::new("clock", format!("the clock of {name} {set_to}")));
    let held = state.as_ref().and_then(|state| held(&state.held_calls, name));
    let own = state.as_mut().and_then(|state| {
        let target = SwitchTarget::Tenant(name);
        let own = of_override("override", sandbox, &mut state.active_override, target)?;
        let active = state.active_override.as_ref()?;
        let used_up = sandbox.used_up(state, active).map(|it| format!("; it is {it}"));
        Some(Cause { detail: own.detail + &used_up.unwrap_or_default(), ..own })
    });
    (own, clock, held)
}

/// The calls that are held; it ends with the last of them.
fn held(calls: &HeldCalls, name: &TenantName) -> Option<Cause> {
    let last = calls.waiting().map(|call| call.until).max()?;
    let left_us = last.saturating_duration_since(Instant::now()).as_micros();
    let ends_us = real_now_us().saturating_add(i64::try_from(left_us).unwrap_or(i64::MAX));
    let them = if calls.count() == 1 { "it" } else { "them" };
    let calls = plural_with(calls.count(), "call", ["is", "are"]);
    let detail = format!(
        "{calls} held for {name}; release {them} with genuin-sandbox hold release --tenant {name}"
    );
    Some(Cause { ends: Some(rfc3339_ms(ends_us / 1000)), ..Cause::new("held", detail) })
}

fn override_for_all(sandbox: &Sandbox) -> Option<Cause> {
    let mut slot = sandbox.global_override();
    of_override("override-for-all", sandbox, &mut slot, SwitchTarget::AllTenants)
}

fn of_override(
    what: &str,
    sandbox: &Sandbox,
    slot: &mut Option<Override>,
    target: SwitchTarget,
) -> Option<Cause> {
    sandbox.end_override(slot, target);
    let active = slot.as_ref()?;
    let (scenario, lifetime, set_by) =
        (active.shown_scenario(), active.lifetime(), active.set_by());
    let gone = gone_note(sandbox, &active.scenario);
    let detail = format!("{scenario} is forced for {target} {lifetime}{set_by}{gone}");
    let ends = active.ends_us().map(|us| rfc3339_ms(us / 1000));
    Some(Cause { owner: active.owner.clone(), ends, ..Cause::new(what, detail) })
}

/// Returns a note that a scenario no longer exists; an empty one if it does.
fn gone_note(sandbox: &Sandbox, scenario: &str) -> &'static str {
    match sandbox.library.resolve(scenario) {
        Ok(_) => "",
        Err(_) => "; this scenario is gone, so that calls get 501",
    }
}

/// The scenario that the server was started with.
fn scenario(sandbox: &Sandbox) -> Option<Cause> {
    let scenario = sandbox.scenario()?;
    let (by, gone) = (sandbox.origins.scenario, gone_note(sandbox, scenario));
    let detail =
        format!("{scenario:?} is forced for all tenants by {by}, as long as the server runs{gone}");
    Some(Cause::new("scenario", detail))
}

fn media(sandbox: &Sandbox) -> Option<Cause> {
    match sandbox.media() {
        MediaMode::Lenient => None,
        MediaMode::Strict => {
            let by = sandbox.origins.media;
            let detail = format!("only videos of the fixtures are found, by {by} strict");
            Some(Cause::new("media", detail))
        }
    }
}

/// One for each assumption that is not read by its default.
fn assumptions(sandbox: &Sandbox) -> Vec<Cause> {
    let by = sandbox.origins.assumptions;
    let cause = |(name, variant): (&str, &str)| {
        Cause::new("assumption", format!("{name} is read as {variant}, by {by}"))
    };
    sandbox.assumptions().turned().map(cause).collect()
}
