//! `scenarios`: those loaded, and uploads that stay in memory.

use std::sync::Arc;

use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answer::{Json, NoContent};
use super::body;
use super::input::{Input, ParsedRequest};
use super::parameter::{Parameter, ParameterKind};
use super::rules::RuleReply;
use crate::call::Sandbox;
use crate::config_file::Format;
use crate::described::described;
use crate::http::Problem;
use crate::report::ClientExpectation;
use crate::scenario::{self, Rule, Scenario};
use crate::switches::{Switch, SwitchKind, SwitchTarget};
use crate::text::quoted;

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct ScenarioList {
        pub(crate) scenarios: Vec<ScenarioSummary>,
    }
}

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct ScenarioSummary {
        pub(crate) name: String,
        pub(crate) description: String,
        /// How many.
        pub(crate) rules: usize,
        /// `true` if it was uploaded, and so can be deleted.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub(crate) uploaded: Option<bool>,
    }
}

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct ScenarioReply {
        pub(crate) name: String,
        pub(crate) description: String,
        pub(crate) seed: Option<u64>,
        pub(crate) rules: Vec<RuleReply>,
        /// What is expected of the clients that meet it, as in its file.
        #[serde(default)]
        pub(crate) expect: Vec<Value>,
        /// Only after an upload: what the linter has found.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub(crate) warnings: Option<Vec<String>>,
    }
}

#[derive(Debug)]
pub(super) struct ScenarioName(String);

impl Input for ScenarioName {
    const PARAMETERS: &'static [Parameter] = &[Parameter::path(
        "name",
        "The name of a scenario; to show one, a line will do.",
        ParameterKind::Text,
    )];

    fn read(parsed: &ParsedRequest) -> Result<Self, Problem> {
        Ok(Self(parsed.path.get("name").to_owned()))
    }
}

#[derive(Debug)]
pub(super) struct ScenarioFile {
    format: Format,
    text: String,
}

impl Input for ScenarioFile {
    fn read(parsed: &ParsedRequest) -> Result<Self, Problem> {
        let text = body::text(parsed.request)?.to_owned();
        Ok(Self { format: body::format(parsed.request), text })
    }

    fn body_schema() -> Option<Value> {
        Some(scenario::schema())
    }

    fn body_name() -> Option<&'static str> {
        Some("ScenarioFile")
    }
}

pub(super) fn list(sandbox: &Sandbox, (): ()) -> Json<ScenarioList> {
    let (scenarios, uploads) = (sandbox.library.all(), sandbox.library.upload_names());
    let scenarios = scenarios.iter().map(|scenario| ScenarioSummary {
        name: scenario.name.clone(),
        description: scenario.description.clone(),
        rules: scenario.rules.len(),
        uploaded: uploads.contains(&scenario.name).then_some(true),
    });
    Json(ScenarioList { scenarios: scenarios.collect() })
}

/// Shows a scenario with its rules and how often each has acted in each tenant.
pub(super) fn show(
    sandbox: &Sandbox,
    ScenarioName(name): ScenarioName,
) -> Result<Json<ScenarioReply>, Problem> {
    let scenario = sandbox.library.resolve(&name).map_err(|error| {
        let unknown = sandbox.library.no_such_scenario(&name);
        // the console asks for each line that is being typed
        Problem::not_found(unknown.unwrap_or(error.0)).unlogged()
    })?;
    Ok(Json(describe(sandbox, &scenario, None)))
}

/// Takes a scenario file, which goes before files and built-in scenarios of its name.
pub(super) fn upload(
    sandbox: &Sandbox,
    (ScenarioName(name), file): (ScenarioName, ScenarioFile),
) -> Result<Json<ScenarioReply>, Problem> {
    let (scenario, warnings) = read(&name, &file)?;
    let scenario = sandbox
        .library
        .upload(scenario)
        .map_err(|why| Problem::new(StatusCode::INSUFFICIENT_STORAGE, why))?;
    let detail = format!("uploaded scenario {name}");
    log_upload(sandbox, name, detail);
    Ok(Json(describe(sandbox, &scenario, Some(warnings))))
}

described! {
    #[derive(Debug, Serialize)]
    pub(super) struct CheckedFile {
        name: String,
        /// How many.
        rules: usize,
        /// What the linter has found.
        warnings: Vec<String>,
    }
}

/// Checks a scenario file as an upload does, and keeps nothing of it.
pub(super) fn check(
    _: &Sandbox,
    (ScenarioName(name), file): (ScenarioName, ScenarioFile),
) -> Result<Json<CheckedFile>, Problem> {
    let (scenario, warnings) = read(&name, &file).map_err(Problem::unlogged)?;
    Ok(Json(CheckedFile { name: scenario.name, rules: scenario.rules.len(), warnings }))
}

/// Reads a scenario file; gives it with what the linter has found.
fn read(name: &str, file: &ScenarioFile) -> Result<(Scenario, Vec<String>), Problem> {
    let scenario = scenario::read_as(file.format, &file.text, Some(name)).map_err(|problems| {
        let first = &problems[0];
        let (line, column) = (first.at.line, first.at.column);
        let more = match problems.len() - 1 {
            0 => String::new(),
            count => format!(" (and {count} more)"),
        };
        Problem::bad_request(format!("line {line}, column {column}: {}{more}", first.message))
    })?;
    let warnings = scenario::lint(&scenario).iter().map(|warning| warning.in_file(name)).collect();
    Ok((scenario, warnings))
}

/// Removes an upload; a file or built-in scenario of its name counts again.
pub(super) fn remove(
    sandbox: &Sandbox,
    ScenarioName(name): ScenarioName,
) -> Result<NoContent, Problem> {
    if sandbox.library.remove_upload(&name) {
        let detail = format!("removed the uploaded scenario {name}");
        log_upload(sandbox, name, detail);
        return Ok(NoContent);
    }
    let name = quoted(&name);
    let detail =
        format!("no scenario {name} was uploaded; files and built-in scenarios cannot be deleted");
    Err(Problem::not_found(detail))
}

fn log_upload(sandbox: &Sandbox, name: String, detail: String) {
    let switch = Switch::new(SwitchTarget::AllTenants, SwitchKind::Upload, detail);
    sandbox.log_switch(Switch { scenario: Some(name), ..switch });
}

fn describe(
    sandbox: &Sandbox,
    scenario: &Arc<Scenario>,
    warnings: Option<Vec<String>>,
) -> ScenarioReply {
    let hits_by_tenant: Vec<_> = sandbox
        .tenants
        .all_with_anonymous()
        .into_iter()
        .map(|(name, tenant)| (name.to_string(), tenant.lock().scenario_state.acted(scenario)))
        .collect();
    let rule = |(index, rule): (usize, &Rule)| {
        let acted = hits_by_tenant.iter().filter(|(_, hits)| hits[index] > 0);
        RuleReply::of(rule, acted.map(|(tenant, hits)| (tenant.clone(), hits[index])).collect())
    };
    ScenarioReply {
        name: scenario.name.clone(),
        description: scenario.description.clone(),
        seed: scenario.seed,
        rules: scenario.rules.iter().enumerate().map(rule).collect(),
        expect: scenario.expectations.iter().map(ClientExpectation::to_json).collect(),
        warnings,
    }
}
