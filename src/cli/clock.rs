//! `clock`: shows and sets the clock of a tenant.

use clap::Subcommand;
use serde_json::json;

use super::Failure;
use super::client::SandboxTarget;
use crate::admin::clock::ClockReply;

#[derive(Debug, Subcommand)]
pub(super) enum ClockCommand {
    /// Show the time
    Show(SandboxTarget),
    /// Stop the clock at a time
    Freeze {
        /// RFC 3339, such as 2024-09-24T09:13:31Z, or "now" for the time that it shows
        #[arg(value_name = "TIME")]
        time: String,
        #[command(flatten)]
        target: SandboxTarget,
    },
    /// Move the clock forward, for example by 25h to have every token expire
    Advance {
        /// A number with a unit, such as 90s or 25h
        #[arg(value_name = "DURATION")]
        duration: String,
        #[command(flatten)]
        target: SandboxTarget,
    },
    /// Follow the machine's time again
    Resume(SandboxTarget),
}

pub(super) fn run(command: &ClockCommand) -> Result<(), Failure> {
    let (target, change) = match command {
        ClockCommand::Show(target) => (target, None),
        ClockCommand::Freeze { time, target } => (target, Some(json!({"freeze": time}))),
        ClockCommand::Advance { duration, target } => (target, Some(json!({"advance": duration}))),
        ClockCommand::Resume(target) => (target, Some(json!({"resume": true}))),
    };
    let path = target.tenant_path("clock");
    let reply: ClockReply = match change {
        None => target.get(&path)?,
        Some(change) => target.send("POST", &path, &change)?,
    };
    target.show(&reply, |ClockReply { tenant, now, frozen }| {
        let verb = if *frozen { "is frozen" } else { "runs" };
        format!("the clock of {tenant} {verb} at {now}")
    })
}
