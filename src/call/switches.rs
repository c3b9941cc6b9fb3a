//! What is turned on and off in a sandbox: each is logged and noted in the log of switches.

use super::sandbox::Sandbox;
use crate::scenario::{Override, UsedUp};
use crate::switches::{Switch, SwitchKind, SwitchTarget};
use crate::tenant::TenantState;
use crate::text::escaped;

impl Sandbox {
    /// Ends an override whose hits are used up or whose time is over.
    pub(crate) fn end_override(&self, slot: &mut Option<Override>, target: SwitchTarget) {
        let Some(ended) = slot.take_if(|active| active.has_ended()) else { return };
        if ended.hits_left() == Some(0) {
            self.note_end(&ended, target, "ended", None);
        } else {
            // its time may have been over before anybody looked
            self.note_end(&ended, target, "expired", ended.ends_us());
        }
    }

    /// Ends every override whose hits are used up or whose time is over.
    pub(crate) fn end_overrides(&self) {
        self.end_override(&mut self.global_override(), SwitchTarget::AllTenants);
        for (name, tenant) in self.tenants.all() {
            self.end_override(&mut tenant.lock().active_override, SwitchTarget::Tenant(&name));
        }
    }

    /// Notes that an override was removed; `verb` says how.
    pub(crate) fn note_override_end(&self, ended: &Override, target: SwitchTarget, verb: &str) {
        self.note_end(ended, target, verb, None);
    }

    /// Notes the end of an override, now unless a time is given.
    fn note_end(&self, ended: &Override, target: SwitchTarget, verb: &str, at_us: Option<i64>) {
        let detail = ended.describe_end(target, verb, &self.next(target));
        let switch = Switch::new(target, SwitchKind::OverrideEnded, detail);
        tracing::info!(tenant = tenant_of(&switch), "{}{}", switch.detail, ended.set_by());
        let at_us = at_us.unwrap_or(switch.at_us);
        self.note_switch(Switch { at_us, ..of(ended, switch) });
    }

    /// Names what applies where an override has ended.
    fn next(&self, target: SwitchTarget) -> String {
        // who ends the override for all tenants has locked it
        if let SwitchTarget::Tenant(_) = target
            && let Some(global) = &*self.global_override()
            && !global.has_ended()
        {
            return format!("{}, forced for all tenants", global.shown_scenario());
        }
        let server =
            self.scenario().map(|name| format!("{}, the server's scenario", escaped(name)));
        server.unwrap_or_else(|| "the contract".to_owned())
    }

    /// Returns for what the scenario of an override of a tenant is used up.
    pub(crate) fn used_up(&self, state: &TenantState, active: &Override) -> Option<UsedUp> {
        let scenario = self.library.resolve(&active.scenario).ok()?;
        state.scenario_state.used_up(&scenario)
    }

    /// Notes that an override was set, which may have replaced another one.
    pub(crate) fn note_override(
        &self,
        new: &Override,
        used_up: Option<&UsedUp>,
        replaced: Option<&Override>,
        target: SwitchTarget,
    ) {
        let (scenario, lifetime) = (new.shown_scenario(), new.lifetime());
        let forcing = format!("forcing {scenario} for {target} {lifetime}");
        let used_up = used_up.map_or_else(String::new, |it| format!("; it is {it}"));
        let (what, note) = match replaced {
            None => (SwitchKind::OverrideSet, String::new()),
            Some(old) => {
                let (before, by) = (old.shown_scenario(), old.set_by());
                (SwitchKind::OverrideReplaced, format!("; this replaced {before}{by}"))
            }
        };
        let switch = Switch::new(target, what, format!("{forcing}{used_up}{note}"));
        let by = new.set_by();
        tracing::info!(tenant = tenant_of(&switch), "{forcing}{by}{used_up}{note}");
        self.note_switch(of(new, switch));
    }

    /// Logs a switch that nobody owns, and notes it.
    pub(crate) fn log_switch(&self, switch: Switch) {
        tracing::info!(tenant = tenant_of(&switch), "{}", switch.detail);
        self.note_switch(switch);
    }

    fn note_switch(&self, switch: Switch) {
        self.switches.append(switch, || self.journal.last_id());
    }
}

/// The tenant that a switch is about, unless it is about all.
fn tenant_of(switch: &Switch) -> Option<&str> {
    Some(&*switch.tenant).filter(|name| *name != SwitchTarget::ALL_TENANTS)
}

/// Adds the scenario, owner and reason of an override to a switch.
fn of(active: &Override, switch: Switch) -> Switch {
    let (owner, reason) = (active.owner.clone(), active.reason.clone());
    Switch { scenario: Some(active.scenario.clone()), owner, reason, ..switch }
}
