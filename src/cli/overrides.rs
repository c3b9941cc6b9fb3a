//! `override`: forces a scenario for every call of a tenant, or of all tenants, at run time.

use clap::{Args, Subcommand};
use jiff::SignedDuration;
use serde::Serialize;

use super::Failure;
use super::client::{SandboxTarget, encoded};
use crate::admin::overrides::{ActiveOverride, NextScenario, OverrideReply};
use crate::scenario::Selector;

#[derive(Debug, Args)]
pub(super) struct OverrideOptions {
    #[command(subcommand)]
    action: OverrideCommand,
}

#[derive(Debug, Subcommand)]
enum OverrideCommand {
    /// Force a scenario; it lasts 30 minutes unless --hits or --ttl say otherwise
    Set {
        #[command(flatten)]
        new: NewOverride,
        #[command(flatten)]
        target: SandboxTarget,
    },
    /// Show the override, or what calls get without one
    Show {
        #[command(flatten)]
        target: SandboxTarget,
    },
    /// Clear the override
    Clear {
        #[command(flatten)]
        target: SandboxTarget,
    },
}

/// The body of the request.
#[derive(Debug, Args, Serialize)]
#[group(skip)]
struct NewOverride {
    /// A scenario, an outcome or a line
    #[arg(value_name = "SCENARIO")]
    scenario: String,
    /// End after this many calls in which a rule acted
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    hits: Option<u64>,
    /// End after this time, for example 10m
    #[arg(long, value_name = "TIME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<String>,
    /// Who sets it
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    /// Why it is set
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// Sets, shows or clears; the tenant `*` means all tenants.
pub(super) fn run(options: &OverrideOptions) -> Result<(), Failure> {
    let (target, reply) = match &options.action {
        OverrideCommand::Set { new, target } => (target, target.send("PUT", &path(target), new)?),
        OverrideCommand::Show { target } => (target, target.get(&path(target))?),
        OverrideCommand::Clear { target } => {
            target.delete(&path(target))?;
            (target, target.get(&path(target))?)
        }
    };
    target.show(&reply, describe)
}

fn path(target: &SandboxTarget) -> String {
    format!("tenants/{}/scenario", encoded(&target.tenant))
}

fn describe(reply: &OverrideReply) -> String {
    let whose = if reply.tenant == "*" { "all tenants" } else { &reply.tenant };
    match (&reply.active, &reply.next) {
        (Some(active), _) => {
            let facts = facts(active);
            format!("forcing {} for {whose}: {}", active.scenario, facts.join(", "))
        }
        (None, None) => format!("no override for {whose}"),
        (None, Some(next)) => format!("no override for {whose}; {}", describe_next(next)),
    }
}

fn facts(active: &ActiveOverride) -> Vec<String> {
    let hits = active.hits_left.zip(active.hits);
    let seconds = active.ttl_left_s.and_then(|seconds| i64::try_from(seconds).ok());
    let reason = active.reason.as_ref().map_or_else(String::new, |why| format!(" ({why})"));
    let setter = match (&active.owner, reason) {
        (Some(owner), reason) => Some(format!("set by {owner}{reason}")),
        (None, reason) if reason.is_empty() => None,
        (None, reason) => Some(format!("set{reason}")),
    };
    [
        hits.map(|(left, hits)| format!("{left} of {hits} calls left")),
        seconds.map(|seconds| format!("expires in {:#}", SignedDuration::from_secs(seconds))),
        setter,
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn describe_next(next: &NextScenario) -> String {
    match &next.scenario {
        None => "calls follow the contract".to_owned(),
        Some(scenario) if next.selector == Selector::GlobalOverride.name() => {
            format!("calls get {scenario} by the override for all tenants")
        }
        Some(scenario) => format!("calls get {scenario} by the server's --scenario"),
    }
}
