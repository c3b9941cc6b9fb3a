//! Reports as Markdown, as GitHub and GitLab show it.

use super::text::total;
use super::{SHOWN_FINDINGS, addresses, unseen_notes, worst_first};
use crate::report::checklist::{Checklist, ItemEntry, ItemState};
use crate::report::client_finding::ClientFinding;
use crate::report::summary::Report;
use crate::text;

pub(super) fn report(report: &Report) -> String {
    let mut lines = vec!["## What the sandbox saw of the client".to_owned(), String::new()];
    lines.push(cell(&total(report)));
    let findings = worst_first(report);
    if !findings.is_empty() {
        lines.extend(
            ["", "| | rule | calls | what was seen | what to do |", "|---|---|---|---|---|"]
                .map(String::from),
        );
    }
    for finding in findings.iter().take(SHOWN_FINDINGS) {
        let ClientFinding { rule, severity, tenant, requests, detail, remedy, ignored } = finding;
        let calls = cell(&addresses(tenant, requests));
        let (severity, detail) = (severity.name(), cell(detail));
        let advice = match ignored {
            None => cell(remedy),
            Some(reason) => format!("ignored: {}", cell(reason)),
        };
        lines.push(format!("| {severity} | {rule} | {calls} | {detail} | {advice} |"));
    }
    if findings.len() > SHOWN_FINDINGS {
        let more = findings.len() - SHOWN_FINDINGS;
        lines.extend([String::new(), format!("and {more} more, which `--format json` shows")]);
    }
    if !report.expectations.is_empty() {
        let head =
            ["", "| | scenario | tenant | expectation | what was seen |", "|---|---|---|---|---|"];
        lines.extend(head.map(String::from));
    }
    for entry in &report.expectations {
        let state = if entry.met { "met" } else { "unmet" };
        let parts =
            [&entry.scenario, &entry.tenant, &entry.name(), &entry.detail].map(|it| cell(it));
        lines.push(format!("| {state} | {} |", parts.join(" | ")));
    }
    for note in unseen_notes(report.unseen, report.cut_bodies) {
        lines.extend([String::new(), cell(&note)]);
    }
    lines.join("\n")
}

pub(super) fn checklist(checklist: &Checklist) -> String {
    let mut lines = vec![format!("## Checklist of {}", cell(&checklist.tenant)), String::new()];
    lines.extend(["| | item | calls | to try it |", "|---|---|---|---|"].map(String::from));
    for ItemEntry { item, state, requests, provoke, .. } in &checklist.items {
        let calls = cell(&addresses(&checklist.tenant, requests));
        let provoke = match state {
            ItemState::Passed => String::new(),
            ItemState::NotTried | ItemState::Failed => code(provoke),
        };
        let (state, item) = (state.words(), cell(item));
        lines.push(format!("| {state} | {item} | {calls} | {provoke} |"));
    }
    for note in unseen_notes(checklist.unseen, 0) {
        lines.extend([String::new(), cell(&note)]);
    }
    lines.join("\n")
}

/// A text for a cell of a table. One with anything that Markdown could take for its own, links among it,
/// becomes code.
fn cell(text: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || " ,;()/-\"'".contains(letter);
    let mut words = text.chars().filter(|letter| !matches!(letter, '.' | ':' | '%'));
    let has_link = text.contains("://") || text.to_ascii_lowercase().contains("www.");
    if words.all(is_plain) && !has_link { text.to_owned() } else { code(text) }
}

fn code(text: &str) -> String {
    let text = text::escaped(text).to_string();
    // a bar ends the cell, unless it follows a backslash that is not escaped itself
    let text = text.replace("\\|", "\\\\u{7c}").replace('|', "\\|");
    let runs = text.split(|letter| letter != '`').map(str::len);
    let fence = "`".repeat(runs.max().unwrap_or_default() + 1);
    // spaces that are not shown keep it apart from backticks of its own
    let space = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}
