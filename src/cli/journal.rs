//! `requests`, `reset` and `verify`: reads, clears and checks the journal of a tenant.

use std::fmt::Write as _;

use anyhow::anyhow;
use clap::Args;
use serde::Serialize;
use serde_json::Value;

use super::client::{SandboxTarget, encoded, print, to_json};
use super::{Failure, UNMET, USAGE};
use crate::admin::entry::{RequestEntry, outcome_name};
use crate::admin::requests::{MAX_LIMIT, RequestPage};
use crate::admin::tenants::ResetReply;
use crate::admin::verify::Verdict;
use crate::config_file;
use crate::journal::CallCount;
use crate::scenario;
use crate::vendor::finding::{Finding, Severity};

#[derive(Debug, Args)]
pub(super) struct RequestsOptions {
    /// Only this many of the newest calls [default: 20; with --since all]
    #[arg(long, value_name = "N")]
    last: Option<u64>,
    /// Only calls after this cursor, which an earlier list has printed
    #[arg(long, value_name = "CURSOR")]
    since: Option<String>,
    /// Keep printing new calls
    #[arg(long)]
    follow: bool,
    /// The calls of all tenants, and those that name none, whatever --tenant says
    #[arg(long)]
    all: bool,
    /// Only calls with this outcome
    #[arg(long, value_name = "OUTCOME")]
    outcome: Option<String>,
    /// Only calls with this HTTP status
    #[arg(long, value_name = "STATUS")]
    status: Option<u16>,
    #[command(flatten)]
    target: SandboxTarget,
}

/// Prints the journal, one call a line.
pub(super) fn requests(options: &RequestsOptions) -> Result<(), Failure> {
    let target = &options.target;
    let default_last = if options.since.is_some() { MAX_LIMIT } else { 20 };
    let query: Vec<_> = [
        ("last", Some(options.last.unwrap_or(default_last).to_string())),
        ("since", options.since.clone()),
        ("outcome", options.outcome.clone()),
        ("status", options.status.map(|number| number.to_string())),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(format!("{name}={}", encoded(&value?))))
    .collect();
    let query = query.join("&");
    let (list, events) = if options.all {
        (format!("requests?{query}"), "events".to_owned())
    } else {
        let tenant = encoded(&target.tenant);
        (format!("tenants/{tenant}/requests?{query}"), format!("events?tenant={tenant}"))
    };
    let page: RequestPage = target.get(&list)?;
    if !options.follow {
        return target.show(&page, describe);
    }
    let line = |entry: &RequestEntry| if target.json { to_json(entry) } else { line(entry) };
    for entry in &page.requests {
        print(&line(entry))?;
    }
    if let Some(note) = dropped_note(page.dropped).filter(|_| !target.json) {
        print(&note)?;
    }
    let wanted = options.outcome.as_deref().map(outcome_name).transpose();
    let wanted = wanted.map_err(|problem| Failure::new(USAGE, anyhow!("{}", problem.detail())))?;
    target.follow(&events, "call", &page.next, |entry: RequestEntry| {
        let matches = wanted.as_ref().is_none_or(|outcome| entry.outcome == *outcome)
            && options.status.is_none_or(|status| entry.status == Some(status));
        !matches || print(&line(&entry)).is_ok()
    })
}

fn describe(page: &RequestPage) -> String {
    let mut lines: Vec<_> = page.requests.iter().map(line).collect();
    if lines.is_empty() {
        lines.push("(no calls)".to_owned());
    }
    lines.extend(dropped_note(page.dropped));
    lines.push(format!("(later calls: --since {})", page.next));
    lines.join("\n")
}

fn dropped_note(dropped: u64) -> Option<String> {
    match dropped {
        0 => None,
        1 => Some("(1 older call was dropped from the journal)".to_owned()),
        count => Some(format!("({count} older calls were dropped from the journal)")),
    }
}

/// Formats a call on one line, with its findings below.
pub(super) fn line(entry: &RequestEntry) -> String {
    let RequestEntry { id, time, outcome, method, path, .. } = entry;
    let status = entry.status.map_or_else(|| "---".to_owned(), |status| status.to_string());
    let mut text = format!("{id:<9} {time} {status} {outcome:20} {method} {path}");
    if let (Some(rule), Some(scenario)) = (&entry.rule, &entry.scenario) {
        let committed = if entry.committed { "; the change was made" } else { "" };
        let selector = &entry.selector;
        write!(text, " (rule {rule} of {scenario}, chosen by {selector}{committed})")
            .expect("BUG: a string can always be written to");
    }
    for finding in &entry.findings {
        write!(text, "\n{}", finding_line(finding))
            .expect("BUG: a string can always be written to");
    }
    if let Some(count) = entry.findings_omitted {
        let findings = if count == 1 { "finding" } else { "findings" };
        write!(text, "\n        and {count} more {findings}")
            .expect("BUG: a string can always be written to");
    }
    text
}

/// Formats a finding for the line below its call.
pub(super) fn finding_line(finding: &Finding) -> String {
    let Finding { pointer, message, suggestion, .. } = finding;
    let suggestion = suggestion.as_ref().map_or_else(String::new, |text| format!("; {text}"));
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let space = if pointer.is_empty() { "" } else { " " };
    format!("        {severity}: {pointer}{space}{message}{suggestion}")
}

#[derive(Debug, Args)]
pub(super) struct ResetOptions {
    #[command(flatten)]
    request: ResetRequest,
    #[command(flatten)]
    target: SandboxTarget,
}

/// The body of the request.
#[derive(Debug, Args, Serialize)]
#[group(skip)]
struct ResetRequest {
    /// Only these parts: state, journal, scenarios, clock
    #[arg(long, value_name = "PART", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    what: Vec<String>,
}

/// Resets a tenant.
pub(super) fn reset(options: &ResetOptions) -> Result<(), Failure> {
    let path = format!("tenants/{}/reset", encoded(&options.target.tenant));
    let reply: ResetReply = options.target.send("POST", &path, &options.request)?;
    options
        .target
        .show(&reply, |reply| format!("reset {}: {}", reply.tenant, reply.reset.join(", ")))
}

#[derive(Debug, Args)]
pub(super) struct VerifyOptions {
    /// What a call must match, as in a rule, for example '{outcome: ok, body: {group.name: x}}'
    #[arg(long = "match", value_name = "YAML", default_value = "{}")]
    matcher: String,
    #[command(flatten)]
    count: CountOptions,
    /// How long to wait for the calls, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 0)]
    wait_ms: u64,
    #[command(flatten)]
    target: SandboxTarget,
}

#[derive(Debug, Clone, Args, Serialize)]
#[group(skip)]
struct CountOptions {
    /// At least this many matching calls; 1 without --max and --exactly
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<u64>,
    /// At most this many matching calls
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<u64>,
    /// Exactly this many matching calls
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    exactly: Option<u64>,
}

#[derive(Debug, Serialize)]
struct VerifyRequest {
    #[serde(rename = "match")]
    matcher: Value,
    wait_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<CountOptions>,
}

/// Ends with code 1 if the expectation is not met.
pub(super) fn verify(options: &VerifyOptions) -> Result<(), Failure> {
    let matcher = config_file::parse(&options.matcher)
        .map_err(|problem| Failure::new(USAGE, anyhow!("--match: {}", problem.message)))?;
    let CountOptions { min, max, exactly } = options.count;
    let is_counted = min.or(max).or(exactly).is_some();
    let count = if is_counted {
        CallCount::of(min, max, exactly).map_err(|why| Failure::new(USAGE, anyhow!(why)))?
    } else {
        CallCount::default()
    };
    let request = VerifyRequest {
        matcher: scenario::match_with_text(&matcher).value.to_json(),
        wait_ms: options.wait_ms,
        count: is_counted.then(|| options.count.clone()),
    };
    let path = format!("tenants/{}/verify", encoded(&options.target.tenant));
    let verdict: Verdict = options.target.send("POST", &path, &request)?;
    options.target.show(&verdict, |verdict| verdict.describe(count))?;
    if verdict.pass { Ok(()) } else { Err(Failure::reported(UNMET)) }
}
