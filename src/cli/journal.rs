//! `requests`, `reset` and `verify`: what happened, forgetting it, and holding it to expectations.

use anyhow::anyhow;
use clap::Args;
use serde_json::{Value, json};

use super::client::{Target, part, print, tell};
use super::{Failure, UNMET, USAGE};
use crate::config_file;

/// How many entries the API gives unless it is asked for another number.
const DEFAULT_LIMIT: u64 = 100;

#[derive(Debug, Args)]
pub struct RequestsOptions {
    /// Go on with the calls that come
    #[arg(long)]
    follow: bool,
    /// Only those after this id
    #[arg(long, value_name = "ID")]
    since: Option<u64>,
    /// At most so many
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Only those that ended so
    #[arg(long, value_name = "OUTCOME")]
    outcome: Option<String>,
    /// Only those with this HTTP status
    #[arg(long, value_name = "STATUS")]
    status: Option<u16>,
    #[command(flatten)]
    target: Target,
}

/// Prints the journal, a line each.
pub fn requests(options: &RequestsOptions) -> Result<(), Failure> {
    let target = &options.target;
    let mut query = Vec::new();
    for (name, value) in [
        ("since", options.since.map(|number| number.to_string())),
        ("limit", options.limit.map(|number| number.to_string())),
        ("outcome", options.outcome.clone()),
        ("status", options.status.map(|number| number.to_string())),
    ] {
        query.extend(value.map(|value| format!("{name}={}", part(&value))));
    }
    let tenant = part(&target.tenant);
    let page =
        target.call("GET", &format!("tenants/{tenant}/requests?{}", query.join("&")), None)?;
    if target.json && !options.follow {
        return print(&format!("{page:#}"));
    }
    let show = |entry: &Value| if target.json { entry.to_string() } else { line(entry) };
    for entry in page["requests"].as_array().into_iter().flatten() {
        print(&show(entry))?;
    }
    if page["dropped"].as_u64().is_some_and(|dropped| dropped > 0) && !target.json {
        print(&format!("({} older ones gave way to newer ones)", page["dropped"]))?;
    }
    let entries = page["requests"].as_array().map_or(0, Vec::len) as u64;
    if !options.follow {
        if !target.json && entries >= options.limit.unwrap_or(DEFAULT_LIMIT) {
            print(&format!("(there may be more: --since {})", page["next"]))?;
        }
        return Ok(());
    }
    target.follow(&format!("events?tenant={tenant}"), &page["next"], |entry| {
        let wanted =
            options.outcome.as_ref().is_none_or(|outcome| entry["outcome"] == json!(outcome))
                && options.status.is_none_or(|status| entry["status"] == json!(status));
        !wanted || print(&show(entry)).is_ok()
    })
}

/// An entry on one line, with its findings below.
pub fn line(entry: &Value) -> String {
    let text = |key: &str| entry[key].as_str().unwrap_or("-").to_owned();
    let status = entry["status"].as_u64().map_or_else(|| "---".into(), |status| status.to_string());
    let (seq, time, outcome) =
        (entry["seq"].as_u64().unwrap_or_default(), text("time"), text("outcome"));
    let call = format!("{seq:>5} {time} {status} {outcome:20} {} {}", text("method"), text("path"));
    let forced = if entry["rule"].is_string() {
        let made = if entry["committed"] == json!(true) { ", the change was made" } else { "" };
        format!(" (rule {} of {} by {}{made})", text("rule"), text("scenario"), text("selector"))
    } else {
        String::new()
    };
    let findings = entry["findings"].as_array().into_iter().flatten().map(|finding| {
        let part = |key: &str| finding[key].as_str().unwrap_or_default();
        let suggestion = part("suggestion");
        let more = if suggestion.is_empty() { String::new() } else { format!("; {suggestion}") };
        format!("\n        {}: {} {}{more}", part("severity"), part("pointer"), part("message"))
    });
    format!("{call}{forced}{}", findings.collect::<Vec<_>>().concat())
}

#[derive(Debug, Args)]
pub struct ResetOptions {
    /// Only these parts: state, journal, scenarios, clock
    #[arg(long, value_name = "PART", value_delimiter = ',')]
    what: Vec<String>,
    #[command(flatten)]
    target: Target,
}

/// Sets a tenant back to how it began.
pub fn reset(options: &ResetOptions) -> Result<(), Failure> {
    let body = if options.what.is_empty() { json!({}) } else { json!({"what": options.what}) };
    let path = format!("tenants/{}/reset", part(&options.target.tenant));
    let answer = options.target.call("POST", &path, Some(&body))?;
    tell(&options.target, &answer, |answer| {
        let parts: Vec<_> =
            answer["reset"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        format!("{} is back at the start: {}", options.target.tenant, parts.join(", "))
    })
}

#[derive(Debug, Args)]
pub struct VerifyOptions {
    /// What the calls must be like, as in a rule, for example '{outcome: ok, body: {group.name: x}}'
    #[arg(long = "match", value_name = "YAML", default_value = "{}")]
    wanted: String,
    /// At least so many
    #[arg(long, value_name = "N")]
    min: Option<u64>,
    /// At most so many
    #[arg(long, value_name = "N")]
    max: Option<u64>,
    /// Just so many
    #[arg(long, value_name = "N")]
    exactly: Option<u64>,
    /// How long to wait for it
    #[arg(long, value_name = "MS", default_value_t = 0)]
    wait_ms: u64,
    #[command(flatten)]
    target: Target,
}

/// Ends with code 1 if the expectation is not met.
pub fn verify(options: &VerifyOptions) -> Result<(), Failure> {
    let wanted = config_file::parse(&options.wanted)
        .map_err(|problem| Failure::new(USAGE, anyhow!("--match: {}", problem.message)))?;
    let mut body = json!({"match": wanted.value.to_json(), "wait_ms": options.wait_ms});
    for (key, value) in [("min", options.min), ("max", options.max), ("exactly", options.exactly)] {
        if let Some(value) = value {
            body["count"][key] = json!(value);
        }
    }
    let path = format!("tenants/{}/verify", part(&options.target.tenant));
    let answer = options.target.call("POST", &path, Some(&body))?;
    tell(&options.target, &answer, |answer| {
        let closest = match &answer["closest"] {
            Value::Null => String::new(),
            closest => format!("; the nearest other is {closest}"),
        };
        format!("calls that match: {}{closest}", answer["matched"])
    })?;
    if answer["pass"] == json!(true) { Ok(()) } else { Err(Failure::told(UNMET)) }
}
