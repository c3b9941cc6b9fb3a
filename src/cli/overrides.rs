//! `override`: forces a scenario for every call of a tenant, or of all tenants, at run time.

use clap::{Args, Subcommand};
use serde::Serialize;

use super::client::{SandboxTarget, encoded};
use super::user_name::user_name;
use super::{Failure, numbers};
use crate::admin::held::HeldList;
use crate::admin::overrides::{ActiveOverride, NextScenario, OverrideReply};
use crate::admin::status::Status;
use crate::admin::switches::SwitchList;
use crate::admin::tenants::TenantList;
use crate::scenario::Selector;
use crate::switches::{SwitchKind, SwitchTarget};
use crate::text::{append, plural, seconds};

#[derive(Debug, Subcommand)]
pub(super) enum OverrideCommand {
    /// Force a scenario; it lasts 10 minutes unless --ttl says otherwise
    Set {
        #[command(flatten)]
        new: NewOverride,
        #[command(flatten)]
        target: SandboxTarget,
    },
    /// Show the override, or what calls get without one
    Show(SandboxTarget),
    /// List the overrides of all tenants and the one for all
    List(SandboxTarget),
    /// Clear the override
    Clear(SandboxTarget),
}

#[derive(Debug, Args, Serialize)]
#[group(skip)]
pub(super) struct NewOverride {
    /// A scenario, an outcome or a line; its steps go on where they were for the tenant until a reset
    #[arg(value_name = "SCENARIO")]
    scenario: String,
    /// End after this many calls in which a rule acted
    #[arg(long, value_name = "N", value_parser = numbers::calls)]
    hits: Option<u64>,
    /// End after this time, such as 30m, or "forever" [default: 10m]
    #[arg(long, value_name = "TIME")]
    ttl: Option<String>,
    /// Who sets it [default: the user who runs this]
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Why it is set
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Replace an override that somebody else has set
    #[arg(long)]
    replace: bool,
}

/// A list of overrides; the tenant `*` is all of them.
#[derive(Debug, Serialize)]
struct OverrideList {
    overrides: Vec<OverrideReply>,
}

/// Sets, shows, lists or clears; the tenant `*` means all tenants.
pub(super) fn run(command: OverrideCommand) -> Result<(), Failure> {
    let (target, reply) = match command {
        OverrideCommand::Set { mut new, target } => {
            let given = new.owner.filter(|name| !name.trim().is_empty());
            new.owner = Some(given.unwrap_or_else(user_name));
            let reply = target.send("PUT", &path(&target), &new)?;
            (target, reply)
        }
        OverrideCommand::List(target) => return list(&target),
        OverrideCommand::Show(target) => {
            let reply = target.get(&path(&target))?;
            (target, reply)
        }
        OverrideCommand::Clear(target) => return clear(&target),
    };
    show(&target, &reply, "")
}

fn show(target: &SandboxTarget, reply: &OverrideReply, note: &str) -> Result<(), Failure> {
    let for_all = match &reply.next {
        Some(next) if next.selector == Selector::GlobalOverride.name() => Some(for_all(target)?),
        _ => None,
    };
    let for_all = for_all.as_ref().and_then(|for_all| for_all.active.as_ref());
    target.show(reply, |reply| {
        let again = how_to_start_again(target, reply);
        let again = again.map_or_else(String::new, |how| format!("\n{how}"));
        format!("{}{note}{again}", describe(reply, for_all))
    })
}

/// Clears the override, and says how many calls that released; where there was none, how the last one ended.
fn clear(target: &SandboxTarget) -> Result<(), Failure> {
    let before: OverrideReply = target.get(&path(target))?;
    let held_before = held_calls(target)?;
    target.delete(&path(target))?;
    let reply: OverrideReply = target.get(&path(target))?;
    let mut note = String::new();
    if before.active.is_none()
        && let Some(ended) = last_end(target, &reply.tenant)?
    {
        append!(note, "; nothing to clear: {ended}");
    }
    let released = held_before.saturating_sub(held_calls(target)?);
    if released > 0 {
        append!(note, "; released {}", plural(released, "held call"));
    }
    show(target, &reply, &note)
}

/// How many calls the tenant holds, or all tenants together.
fn held_calls(target: &SandboxTarget) -> Result<u64, Failure> {
    if target.tenant == SwitchTarget::ALL_TENANTS {
        let status: Status = target.get("status")?;
        return Ok(status.counts.held as u64);
    }
    let list: HeldList = target.get(&target.tenant_path("held"))?;
    Ok(list.held.len() as u64)
}

/// How the last override of a tenant ended, if none was set since: `5026 for demo ended after 2 hits`.
fn last_end(target: &SandboxTarget, tenant: &str) -> Result<Option<String>, Failure> {
    let list: SwitchList = target.get(&format!("switches?tenant={}", encoded(tenant)))?;
    let newest_first = list.switches.into_iter().rev();
    let mut own = newest_first.filter(|switch| switch.tenant == tenant);
    let ended = own.find(|switch| switch.what == SwitchKind::OverrideEnded.name());
    Ok(ended.map(|switch| match switch.detail.rsplit_once(", back to") {
        Some((ended, _)) => ended.to_owned(),
        None => switch.detail,
    }))
}

fn list(target: &SandboxTarget) -> Result<(), Failure> {
    let TenantList { tenants } = target.get("tenants")?;
    let forced = tenants.into_iter().filter(|tenant| tenant.active.is_some());
    // each for itself, which also says whether its scenario has gone
    let of_tenants =
        forced.map(|tenant| target.get(&format!("tenants/{}/scenario", encoded(&tenant.name))));
    let overrides = std::iter::once(for_all(target)).chain(of_tenants);
    let overrides = overrides.collect::<Result<Vec<OverrideReply>, _>>()?;
    let overrides = overrides.into_iter().filter(|reply| reply.active.is_some()).collect();
    target.show(&OverrideList { overrides }, |list| match list.overrides.as_slice() {
        [] => "no overrides".to_owned(),
        all => all.iter().map(describe_with_use).collect::<Vec<_>>().join("\n"),
    })
}

fn for_all(target: &SandboxTarget) -> Result<OverrideReply, Failure> {
    target.get("tenants/*/scenario")
}

fn path(target: &SandboxTarget) -> String {
    target.tenant_path("scenario")
}

fn describe(reply: &OverrideReply, for_all: Option<&ActiveOverride>) -> String {
    let whose = if reply.tenant == "*" { "all tenants" } else { &reply.tenant };
    match (&reply.active, &reply.next) {
        (Some(active), next) => {
            let facts = facts(active);
            let problem = next.as_ref().and_then(|next| next.problem.as_deref());
            let problem = problem.map_or_else(String::new, |why| format!("; calls get 501: {why}"));
            format!("forcing {} for {whose}{facts}{problem}", active.scenario)
        }
        (None, None) => format!("no override for {whose}"),
        (None, Some(next)) => {
            format!("no override for {whose}; {}", describe_next(next, for_all))
        }
    }
}

/// The line of a list, which also says for what the scenario is used up.
fn describe_with_use(reply: &OverrideReply) -> String {
    let used_up = used_up_for(reply).map(|endpoints| format!("; used up for {endpoints}"));
    format!("{}{}", describe(reply, None), used_up.unwrap_or_default())
}

/// Says for which endpoints the scenario of a tenant's override is used up, and what makes it act again.
fn how_to_start_again(target: &SandboxTarget, reply: &OverrideReply) -> Option<String> {
    let endpoints = used_up_for(reply)?;
    let reset = target.command(&format!("reset --what scenarios --tenant {}", reply.tenant));
    Some(format!(
        "used up for {endpoints}, where calls follow the contract; to start again, run {reset}, which ends this \
         override, and set it again"
    ))
}

fn used_up_for(reply: &OverrideReply) -> Option<String> {
    let endpoints = reply.active.as_ref()?.used_up_for.as_ref()?;
    Some(endpoints.join(", "))
}

/// What is known of an override, after a colon; nothing if that is nothing.
fn facts(active: &ActiveOverride) -> String {
    let hits = active.hits_left.zip(active.hits);
    let reason = active.reason.as_ref().map_or_else(String::new, |why| format!(" ({why})"));
    let setter = match (&active.owner, reason) {
        (Some(owner), reason) => Some(format!("set by {owner}{reason}")),
        (None, reason) if reason.is_empty() => None,
        (None, reason) => Some(format!("set{reason}")),
    };
    let is_endless = hits.is_none() && active.ttl_left_s.is_none();
    let facts = [
        is_endless.then(|| "until it is cleared".to_owned()),
        hits.map(|(left, hits)| format!("{left} of {} left", plural(hits, "call"))),
        active.ttl_left_s.map(|left| format!("expires in {}", seconds(left))),
        setter,
    ];
    let facts = facts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    if facts.is_empty() { facts } else { format!(": {facts}") }
}

fn describe_next(next: &NextScenario, for_all: Option<&ActiveOverride>) -> String {
    let Some(scenario) = &next.scenario else { return "calls follow the contract".to_owned() };
    let place = match for_all {
        Some(active) => format!("by the override for all tenants{}", facts(active)),
        None if next.selector == Selector::GlobalOverride.name() => {
            "by the override for all tenants".to_owned()
        }
        None => "by the server's scenario".to_owned(),
    };
    match &next.problem {
        None => format!("calls get {scenario} {place}"),
        Some(why) => format!("calls get 501 {place}: {why}"),
    }
}
