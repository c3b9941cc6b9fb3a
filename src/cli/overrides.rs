//! `override`: scenarios switched on and off at run time.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::Failure;
use super::client::{Target, part, tell};

#[derive(Debug, Args)]
pub struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Switch a scenario on; it lasts 30 minutes unless --hits or --ttl say otherwise
    Set {
        /// A scenario, an outcome or a line
        #[arg(value_name = "SCENARIO")]
        scenario: String,
        /// End after so many calls in which a rule acted
        #[arg(long, value_name = "N")]
        hits: Option<u64>,
        /// End after this time, for example 10m
        #[arg(long, value_name = "TIME")]
        ttl: Option<String>,
        /// Who switches it on
        #[arg(long)]
        owner: Option<String>,
        /// Why
        #[arg(long)]
        reason: Option<String>,
        #[command(flatten)]
        target: Target,
    },
    /// Show what is switched on, and what the next call will get
    Show {
        #[command(flatten)]
        target: Target,
    },
    /// Switch off what is on
    Clear {
        #[command(flatten)]
        target: Target,
    },
}

/// Does one of the three; the tenant `*` stands for all of them.
pub fn run(options: &Options) -> Result<(), Failure> {
    match &options.action {
        Action::Set { scenario, hits, ttl, owner, reason, target } => {
            let mut body = json!({"scenario": scenario});
            for (key, value) in [
                ("hits", hits.map(Value::from)),
                ("ttl", ttl.as_deref().map(Value::from)),
                ("owner", owner.as_deref().map(Value::from)),
                ("reason", reason.as_deref().map(Value::from)),
            ] {
                if let Some(value) = value {
                    body[key] = value;
                }
            }
            let answer = target.call("PUT", &path(target), Some(&body))?;
            tell(target, &answer, describe)
        }
        Action::Show { target } => {
            let answer = target.call("GET", &path(target), None)?;
            tell(target, &answer, describe)
        }
        Action::Clear { target } => {
            target.call("DELETE", &path(target), None)?;
            let answer = target.call("GET", &path(target), None)?;
            tell(target, &answer, describe)
        }
    }
}

fn path(target: &Target) -> String {
    let tenant = if target.tenant == "*" { "*".to_owned() } else { part(&target.tenant) };
    format!("tenants/{tenant}/scenario")
}

fn describe(answer: &Value) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let switched = &answer["override"];
    let mut lines = vec![if switched.is_null() {
        format!("nothing is switched on for {}", text(&answer["tenant"]))
    } else {
        let facts = [
            ("hits_left", " hits left"),
            ("ttl_left_s", " seconds left"),
            ("owner", " is who did it"),
            ("reason", " is why"),
        ];
        let known = facts.iter().filter(|(key, _)| !switched[*key].is_null());
        let facts: Vec<_> =
            known.map(|(key, words)| format!(", {}{words}", text(&switched[*key]))).collect();
        let (scenario, tenant) = (text(&switched["scenario"]), text(&answer["tenant"]));
        format!("{scenario} is switched on for {tenant}{}", facts.concat())
    }];
    if let Some(next) = answer.get("next") {
        let scenario = &next["scenario"];
        let what = if scenario.is_null() { "the contract".into() } else { text(scenario) };
        lines.push(format!("the next call gets {what} (by {})", text(&next["selector"])));
    }
    lines.join("\n")
}
