//! `status`, `scenarios` and `state`: what a running sandbox has.

use clap::Args;
use serde::Deserialize;
use serde_json::Value;

use super::Failure;
use super::client::{SandboxTarget, Texts, encoded, for_terminal};
use crate::admin::scenarios::{RuleReply, ScenarioList, ScenarioReply};
use crate::admin::status::{BudgetUse, Memory, Status};
use crate::report::expectation_name;
use crate::text::{append, escaped_lines, plural, seconds};

#[derive(Debug, Args)]
pub(super) struct StatusOptions {
    #[command(flatten)]
    target: SandboxTarget,
}

pub(super) fn status(options: &StatusOptions) -> Result<(), Failure> {
    let reply: Status = options.target.get_as("status", Texts::AsTheyAre)?;
    options.target.show(&reply, |reply| {
        let mut text = describe_status(
            &for_terminal(reply).expect("BUG: a reply that was read can be read again"),
        );
        if let Some(error) = &reply.scenarios.last_error {
            // one problem a line; what looks like a line end within one is part of it
            let problems = escaped_lines(error).replace('\n', "\n  ");
            append!(text, "\nthe last reload failed:\n  {problems}");
        }
        text
    })
}

fn describe_status(status: &Status) -> String {
    let Status { version, instance, seed, clock, counts, forgotten, scenarios, .. } = status;
    let readiness = if status.ready { "ready" } else { "stopping" };
    let uptime = seconds(status.uptime_s);
    let scenario = status.scenario.as_deref().unwrap_or("none");
    let mode = if clock.mode == "real" { "real" } else { "frozen" };
    let mut text = format!(
        "genuin-sandbox {version}, instance {instance}, {readiness}, up {uptime}\n\
         seed {seed}, clock {mode} at {}, scenario {scenario}\n\
         {} by {}, {} ({forgotten} forgotten)\n\
         journal: {} entries in {} KiB, {} dropped\n\
         memory: {}\n\
         scenarios: {}",
        clock.now,
        plural(counts.calls, "call"),
        plural(counts.tenants, "tenant"),
        plural(counts.groups, "group"),
        counts.journal_entries,
        counts.journal_bytes.div_ceil(1024),
        counts.journal_dropped,
        describe_memory(&status.memory),
        scenarios.names.join(", "),
    );
    if counts.held > 0 {
        let held = plural(counts.held, "call");
        append!(text, "\nheld: {held}");
    }
    if !status.assumptions.is_empty() {
        let turned = status.assumptions.iter().map(|(name, variant)| format!("{name}={variant}"));
        let turned = turned.collect::<Vec<_>>().join(", ");
        append!(text, "\nassumptions turned: {turned}");
    }
    text
}

/// Says how much of each budget is used: `groups 3 of 28672 KiB, …`.
fn describe_memory(memory: &Memory) -> String {
    let of_budget = |(name, budget): (&str, BudgetUse)| {
        let (used, limit) = (budget.used_bytes.div_ceil(1024), budget.limit_bytes / 1024);
        let refused = match budget.refused {
            0 => String::new(),
            count => format!(" (too little {count} times)"),
        };
        format!("{name} {used} of {limit} KiB{refused}")
    };
    memory.by_name().map(of_budget).join(", ")
}

#[derive(Debug, Args)]
pub(super) struct ScenariosOptions {
    /// Show the rules of this scenario and how often each has acted
    #[arg(value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    target: SandboxTarget,
}

pub(super) fn scenarios(options: &ScenariosOptions) -> Result<(), Failure> {
    let target = &options.target;
    if let Some(name) = &options.name {
        let reply: ScenarioReply = target.get(&format!("scenarios/{}", encoded(name)))?;
        return target.show(&reply, describe_scenario);
    }
    let reply: ScenarioList = target.get("scenarios")?;
    target.show(&reply, |list| {
        let width = list.scenarios.iter().map(|scenario| scenario.name.len()).max().unwrap_or(0);
        let lines = list.scenarios.iter().map(|scenario| {
            let rules = plural(scenario.rules, "rule");
            format!("{:width$}  {rules:8}  {}", scenario.name, scenario.description)
                .trim_end()
                .to_owned()
        });
        lines.collect::<Vec<_>>().join("\n")
    })
}

fn describe_scenario(scenario: &ScenarioReply) -> String {
    let ScenarioReply { name, description, rules, expect, .. } = scenario;
    let head = format!("{name}: {description}");
    let head = head.trim_end_matches([':', ' ']).to_owned();
    let lines = rules.iter().map(|rule| {
        let RuleReply { id, enabled, steps, hits, endpoints, rate, .. } = rule;
        let steps = steps.iter().map(|step| match step.times {
            Some(times) => format!("{times}x {}", step.outcome),
            None => step.outcome.clone(),
        });
        let steps = steps.collect::<Vec<_>>().join(", ");
        let off = if *enabled { "" } else { " (not enabled)" };
        let hits = hits.iter().map(|(tenant, hits)| format!("{hits} in {tenant}"));
        let hits = hits.collect::<Vec<_>>().join(", ");
        let hits = if hits.is_empty() { "none".to_owned() } else { hits };
        let rate = rate.as_ref().map_or_else(String::new, |rate| format!(", beyond {rate}"));
        let endpoints = endpoints.join(" or ");
        format!("  {id}{off}: {steps}; for {endpoints}{rate}; hits: {hits}")
    });
    let expected = expect.iter().map(|one| format!("  expects {}", describe_expectation(one)));
    std::iter::once(head).chain(lines).chain(expected).collect::<Vec<_>>().join("\n")
}

/// Says it as in `outcome video-not-found (min 1, max 3)`.
fn describe_expectation(expect: &Value) -> String {
    let name = expectation_name(expect);
    match expect.get("count").and_then(Value::as_object) {
        None => name,
        Some(count) => {
            let bounds = count.iter().map(|(bound, calls)| format!("{bound} {calls}"));
            format!("{name} ({})", bounds.collect::<Vec<_>>().join(", "))
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct StateOptions {
    /// Print the tenant's world as a fixture file that starts an equal one (--fixtures)
    #[arg(long)]
    as_fixtures: bool,
    #[command(flatten)]
    target: SandboxTarget,
}

/// What the text says of a tenant's state; the rest is for programs.
#[derive(Debug, Deserialize)]
struct State {
    tenant: String,
    now: String,
    communities: u64,
    users: u64,
    groups_created: u64,
    forgotten: u64,
    groups: Vec<Group>,
}

#[derive(Debug, Deserialize)]
struct Group {
    chat_id: String,
    name: Option<String>,
    members: Vec<Member>,
    pending: Vec<Value>,
    no_of_videos: u64,
}

#[derive(Debug, Deserialize)]
struct Member {
    status: i64,
}

/// The `status` of members who have joined; others are invited.
const ACTIVE: i64 = 1;

pub(super) fn state(options: &StateOptions) -> Result<(), Failure> {
    let target = &options.target;
    if options.as_fixtures {
        return target.print_file(&target.tenant_path("fixtures"));
    }
    target.show_as::<State>(&target.tenant_path("state"), describe_state)
}

fn describe_state(state: &State) -> String {
    let State { tenant, now, forgotten, .. } = state;
    let mut text = format!(
        "{tenant} at {now}: {}, {}, {} created ({forgotten} forgotten)",
        match state.communities {
            1 => "1 community".to_owned(),
            communities => format!("{communities} communities"),
        },
        plural(state.users, "user"),
        plural(state.groups_created, "group"),
    );
    for Group { chat_id, name, members, pending, no_of_videos } in &state.groups {
        let name = name.as_ref().map_or_else(String::new, |name| format!(" {name:?}"));
        let active = members.iter().filter(|member| member.status == ACTIVE).count();
        let pending = members.len() - active + pending.len();
        let members = plural(active, "member");
        let pending = plural(pending, "pending invitation");
        let videos = plural(*no_of_videos, "video");
        append!(text, "\n{chat_id}{name}: {members}, {pending}, {videos}");
    }
    text
}
