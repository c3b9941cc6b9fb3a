//! `explain`: what a call would get, and why, without making it.

use std::io::IsTerminal as _;

use anyhow::anyhow;
use clap::Args;
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::value::RawValue;

use super::answer_status::describe_status;
use super::client::{SandboxTarget, tenant_origin};
use super::{Failure, USAGE, input, requests};
use crate::admin::explain::{ChangeEntry, Explanation, RuleVerdict};
use crate::text::append;
use crate::vendor::tokens::ACCESS_TOKEN_HEADER;
use crate::world::TenantName;

#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct ExplainOptions {
    /// The call's body, or @FILE; read from the standard input if left out or -
    #[arg(value_name = "BODY")]
    body: Option<String>,
    /// A header of the call, "Name: value"; may be repeated. The Content-Type is application/json unless
    /// one is given, and the Authorization the tenant's token unless one or a gn-access-token is given
    #[arg(long = "header", short = 'H', value_name = "HEADER", value_parser = header)]
    headers: Vec<(String, String)>,
    /// The call has no Authorization but what --header gives
    #[arg(long)]
    no_token: bool,
    /// The call's method [default: POST]
    #[arg(long, value_name = "METHOD")]
    method: Option<String>,
    /// The call's path [default: that of Create Group]
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    #[command(flatten)]
    target: SandboxTarget,
}

pub(super) fn run(options: &ExplainOptions) -> Result<(), Failure> {
    let body = match &options.body {
        None if std::io::stdin().is_terminal() => Ok(String::new()),
        body => {
            let body = body.as_deref().unwrap_or(input::STDIN);
            input::read(body, "the body").map(|input| input.text)
        }
    };
    let body = body.map_err(|why| Failure::new(USAGE, why))?;
    let mut headers = IndexMap::<_, Vec<_>>::new();
    for (name, value) in &options.headers {
        headers.entry(name.to_ascii_lowercase()).or_default().push(value.clone());
    }
    // who sends a token in the wrong header does not send it in the right one too
    let needs_token = !options.no_token && !headers.contains_key(ACCESS_TOKEN_HEADER);
    if needs_token && !headers.contains_key("authorization") {
        let token = token_of(&options.target.tenant).map_err(|why| Failure::new(USAGE, why))?;
        headers.insert("authorization".to_owned(), vec![format!("Bearer {token}")]);
    }
    let content_type = || vec!["application/json".to_owned()];
    headers.entry("content-type".to_owned()).or_insert_with(content_type);
    let ExplainOptions { method, path, .. } = options;
    let request = ExplainRequest { method, path, headers: &headers, body: SentBody::of(&body) };
    let reply: Explanation = options.target.send("POST", "explain", &request)?;
    options.target.show(&reply, describe)
}

#[derive(Serialize)]
struct ExplainRequest<'o> {
    method: &'o Option<String>,
    path: &'o Option<String>,
    headers: &'o IndexMap<String, Vec<String>>,
    body: SentBody<'o>,
}

/// The body of the call that is explained, in that of the request to explain it.
#[derive(Serialize)]
#[serde(untagged)]
enum SentBody<'o> {
    /// JSON as it is: in a string it could be too long.
    Json(&'o RawValue),
    Text(&'o str),
}

impl<'o> SentBody<'o> {
    fn of(body: &'o str) -> Self {
        match serde_json::from_str::<&RawValue>(body) {
            // a string would be taken for the text of a body, and null for none
            Ok(json) if json.get().starts_with(['{', '[']) => Self::Json(json),
            _ => Self::Text(body),
        }
    }
}

/// The token of a tenant, which what stands for several does not have.
fn token_of(tenant: &str) -> anyhow::Result<String> {
    TenantName::parse(tenant).map(|name| format!("gnsb_{name}")).map_err(|why| {
        anyhow!("{}: {why}; or leave its token out with --no-token", tenant_origin())
    })
}

fn header(text: &str) -> anyhow::Result<(String, String)> {
    let (name, value) =
        text.split_once(':').ok_or_else(|| anyhow!("write a header as \"Name: value\""))?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn describe(reply: &Explanation) -> String {
    let Explanation { tenant, endpoint, selector, outcome, rules, findings, .. } = reply;
    let status = describe_status(reply.status);
    let delay = match reply.delay_ms {
        0 => String::new(),
        delay_ms => format!(" after {delay_ms} ms"),
    };
    let changes: Vec<_> = reply.changes.iter().map(ChangeEntry::describe).collect();
    let change = match (reply.committed, changes.is_empty()) {
        (false, _) => String::new(),
        (true, true) => "; it would change nothing".to_owned(),
        (true, false) => format!("; the change would be made: {}", changes.join(", ")),
    };
    let endpoint = endpoint.as_deref().unwrap_or("the sandbox itself");
    let mut text = format!("{outcome} ({status}{delay}) from {endpoint} for {tenant}{change}");
    let mut write = |line: String| {
        append!(text, "\n{line}");
    };
    match &reply.scenario {
        None => write("no scenario was chosen".to_owned()),
        Some(scenario) => write(format!("scenario {scenario}, chosen by {selector}")),
    }
    for RuleVerdict { rule, verdict } in rules {
        write(format!("  rule {rule}: {verdict}"));
    }
    if let (None, Some(_)) = (&reply.rule, &reply.scenario) {
        // a rule was selected, but the call did not get to it
        match rules.iter().find(|RuleVerdict { verdict, .. }| verdict == "acts") {
            Some(RuleVerdict { rule, .. }) => {
                write(format!("  the contract answers before rule {rule} can act"));
            }
            None => write("  no rule acts, so that the contract answers".to_owned()),
        }
    }
    for finding in findings {
        write(requests::finding_line(finding));
    }
    text
}
