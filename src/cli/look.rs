//! `status`, `scenarios` and `state`: what a running sandbox has.

use clap::Args;
use serde::Deserialize;
use serde_json::Value;

use super::Failure;
use super::client::{SandboxTarget, Texts, encoded, for_terminal, print};
use crate::admin::rules::{DripReply, RuleReply, StepReply};
use crate::admin::scenarios::{ScenarioList, ScenarioReply};
use crate::admin::status::{BudgetUse, Memory, Status};
use crate::report::expectation_name;
use crate::scenario::Phase;
use crate::text::{append, escaped_lines, plural, seconds};

pub(super) fn status(target: &SandboxTarget) -> Result<(), Failure> {
    let reply: Status = target.get_as("status", Texts::AsTheyAre)?;
    target.show(&reply, |reply| {
        let mut text = describe_status(&for_terminal(reply));
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
         journal: {} in {} KiB, {} dropped\n\
         memory: {}\n\
         scenarios: {}",
        clock.now,
        plural(counts.calls, "call"),
        plural(counts.tenants, "tenant"),
        plural(counts.groups, "group"),
        plural(counts.journal_entries, "entry"),
        counts.journal_bytes.div_ceil(1024),
        counts.journal_dropped,
        describe_memory(&status.memory),
        scenarios.names.join(", "),
    );
    if counts.held > 0 {
        let held = plural(counts.held, "call");
        append!(text, "\nheld: {held}");
    }
    for unused in &scenarios.unused_files {
        append!(text, "\nwarning: {unused}");
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
    let of_budget = |(name, budget): (&str, &BudgetUse)| {
        let (used, limit) = (budget.used_bytes.div_ceil(1024), budget.limit_bytes / 1024);
        let refused = match budget.refused {
            0 => String::new(),
            count => format!(" (too little {})", plural(count, "time")),
        };
        format!("{name} {used} of {limit} KiB{refused}")
    };
    memory.by_name().map(of_budget).join(", ")
}

#[derive(Debug, Args)]
#[group(skip)]
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
    let lines = rules.iter().map(describe_rule);
    let expected = expect.iter().map(|one| format!("  expects {}", describe_expectation(one)));
    std::iter::once(head).chain(lines).chain(expected).collect::<Vec<_>>().join("\n")
}

/// Says it as in `first: 2x server-error; for create_group, beyond 5/1s; hits: 1 in demo`.
fn describe_rule(rule: &RuleReply) -> String {
    let RuleReply { id, enabled, steps, hits, rate, limit, scope, then, .. } = rule;
    let off = if *enabled { "" } else { " (not enabled)" };
    let steps = steps.iter().map(describe_step).collect::<Vec<_>>().join(", ");
    let mut text = format!("  {id}{off}: {steps}");
    if let Some(then) = then {
        append!(text, ", then {then}");
    }
    append!(text, "; for {}", rule.endpoints.join(" or "));
    if let Some(rate) = rate {
        append!(text, ", beyond {rate}");
    }
    if let Some(limit) = limit {
        append!(text, ", at most {}", plural(*limit, "time"));
    }
    let mut conditions = rule.conditions.as_ref().and_then(Value::as_object).cloned();
    // named already
    conditions.as_mut().and_then(|conditions| conditions.remove("endpoint"));
    if let Some(conditions) = conditions.filter(|conditions| !conditions.is_empty()) {
        append!(text, "; match {}", Value::Object(conditions));
    }
    if let Some(scope) = scope {
        append!(text, "; scope {scope}");
    }
    let hits = hits.iter().map(|(tenant, hits)| format!("{hits} in {tenant}"));
    let hits = hits.collect::<Vec<_>>().join(", ");
    append!(text, "; hits: {}", if hits.is_empty() { "none" } else { &hits });
    text
}

/// Says it as in `2x server-error (chance 30%, delay 2s)`.
fn describe_step(step: &StepReply) -> String {
    let StepReply { times, outcome, until_held, chance, delay, drip, .. } = step;
    let times = times.map_or_else(String::new, |times| format!("{times}x "));
    let until_held = until_held.map_or_else(String::new, |count| format!("({count})"));
    let mut more = Vec::new();
    more.extend(chance.map(|chance| format!("chance {}", percent(chance))));
    if step.phase != Phase::AfterAuth.name() {
        more.push(format!("phase {}", step.phase));
    }
    more.extend(delay.as_ref().map(|delay| format!("delay {}", describe_delay(delay))));
    more.extend(
        drip.as_ref().map(|DripReply { chunks, over }| format!("drip chunks {chunks} over {over}")),
    );
    more.extend(step.message.as_ref().map(|message| format!("message \"{message}\"")));
    more.extend(step.headers.iter().map(|(name, value)| format!("header {name}: {value}")));
    more.extend(step.retry_after.map(|seconds| format!("retry_after {seconds}s")));
    let more = match more.join(", ") {
        more if more.is_empty() => more,
        more => format!(" ({more})"),
    };
    format!("{times}{outcome}{until_held}{more}")
}

/// Says it as in `2s`, or `min 1s max 2s`.
fn describe_delay(delay: &Value) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match delay.as_object() {
        None => text(delay),
        Some(parts) => {
            let parts = parts.iter().map(|(name, value)| format!("{name} {}", text(value)));
            parts.collect::<Vec<_>>().join(" ")
        }
    }
}

/// Writes a fraction in percent, without what the multiplication alone adds to its digits.
fn percent(fraction: f64) -> String {
    let percent = fraction * 100.0;
    let rounded = format!("{percent:.12e}").parse().unwrap_or(percent);
    format!("{rounded}%")
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
#[group(skip)]
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
        return target.print_document(&target.tenant_path("fixtures"));
    }
    let path = target.tenant_path("state");
    if target.json {
        target.print_document(&path)
    } else {
        print(&describe_state(&target.get(&path)?))
    }
}

fn describe_state(state: &State) -> String {
    let State { tenant, now, forgotten, .. } = state;
    let mut text = format!(
        "{tenant} at {now}: {}, {}, {} created ({forgotten} forgotten)",
        plural(state.communities, "community"),
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
