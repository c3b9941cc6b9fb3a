//! `hold`: lists the calls that a scenario holds, and releases them.

use clap::{Args, Subcommand};
use serde::Serialize;

use super::answer_status::status_or_dashes;
use super::client::SandboxTarget;
use super::{Failure, numbers};
use crate::admin::held::{HeldEntry, HeldList, ReleaseReply, ReleasedEntry};
use crate::text::{plural, plural_with, seconds};

#[derive(Debug, Subcommand)]
pub(super) enum HoldCommand {
    /// List the calls that are held, the oldest first
    List(SandboxTarget),
    /// Release held calls, the oldest first
    Release {
        #[command(flatten)]
        request: ReleaseRequest,
        #[command(flatten)]
        target: SandboxTarget,
    },
}

#[derive(Debug, Args, Serialize)]
#[group(skip)]
pub(super) struct ReleaseRequest {
    /// Only this many [default: all]
    #[arg(long, value_name = "N", value_parser = numbers::some_calls)]
    count: Option<u64>,
    /// The outcome that they get [default: what the contract answers]
    #[arg(long = "as", value_name = "OUTCOME")]
    #[serde(rename = "as")]
    outcome: Option<String>,
}

pub(super) fn run(command: &HoldCommand) -> Result<(), Failure> {
    match command {
        HoldCommand::List(target) => {
            let list: HeldList = target.get(&target.tenant_path("held"))?;
            target.show(&list, describe_list)
        }
        HoldCommand::Release { request, target } => {
            let reply: ReleaseReply =
                target.send("POST", &target.tenant_path("release"), request)?;
            target.show(&reply, describe_release)
        }
    }
}

fn describe_list(list: &HeldList) -> String {
    if list.held.is_empty() {
        return format!("{} holds no calls", list.tenant);
    }
    let line = |call: &HeldEntry| {
        let HeldEntry { id, endpoint, selector, .. } = call;
        let [rule, scenario, phase] = [&call.rule, &call.scenario, &call.phase]
            .map(|text| text.as_deref().unwrap_or_default());
        let (held, left) = (seconds(call.held_ms / 1000), seconds(call.left_ms.div_ceil(1000)));
        let until = call.until_held.map_or_else(String::new, |count| {
            format!(" or when {} held", plural_with(count, "call", ["is", "are"]))
        });
        let change = if call.committed { "; the change is made" } else { "" };
        format!(
            "{id:<9} {endpoint}, held {held} by rule {rule} of {scenario} ({selector}, {phase}){change}; \
             goes in {left}{until}"
        )
    };
    list.held.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn describe_release(reply: &ReleaseReply) -> String {
    let ReleaseReply { tenant, released, held } = reply;
    let left = match held {
        0 => String::new(),
        held => format!(", {held} {} still held", if *held == 1 { "is" } else { "are" }),
    };
    let head = format!("released {} of {tenant}{left}", plural(released.len(), "call"));
    let line = |call: &ReleasedEntry| {
        let ReleasedEntry { id, outcome, status, .. } = call;
        let status = status_or_dashes(*status);
        format!("{id:<9} {status} {outcome}")
    };
    std::iter::once(head).chain(released.iter().map(line)).collect::<Vec<_>>().join("\n")
}
