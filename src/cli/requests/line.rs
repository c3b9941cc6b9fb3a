//! A call as a line for people, with its findings below.

use crate::admin::entry::RequestEntry;
use crate::cli::answer_status::status_or_dashes;
use crate::text::{append, plural};
use crate::vendor::finding::{Finding, Severity};

pub(in super::super) fn line(entry: &RequestEntry) -> String {
    let RequestEntry { id, time, outcome, method, .. } = entry;
    let (status, target) = (status_or_dashes(entry.status), entry.target());
    let mut text = format!("{id:<9} {time} {status} {outcome:20} {method} {target}");
    if let (Some(rule), Some(scenario)) = (&entry.rule, &entry.scenario) {
        let committed = if entry.committed { "; the change was made" } else { "" };
        let selector = &entry.selector;
        append!(text, " (rule {rule} of {scenario}, chosen by {selector}{committed})");
    }
    for finding in &entry.findings {
        append!(text, "\n{}", finding_line(finding));
    }
    if let Some(count) = entry.findings_omitted {
        append!(text, "\n        and {}", plural(count, "more finding"));
    }
    text
}

pub(in super::super) fn finding_line(finding: &Finding) -> String {
    let Finding { pointer, message, suggestion, .. } = finding;
    let suggestion = suggestion.as_ref().map_or_else(String::new, |text| format!("; {text}"));
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let space = if pointer.is_empty() { "" } else { " " };
    format!("        {severity}: {pointer}{space}{message}{suggestion}")
}
