//! Reports as text for a terminal.

use super::{SHOWN_FINDINGS, addresses, unseen_notes, worst_first};
use crate::report::checklist::{Checklist, ItemEntry, ItemState};
use crate::report::client_finding::ClientFinding;
use crate::report::expectation::ExpectationEntry;
use crate::report::summary::Report;
use crate::text::{escaped_lines, plural};

pub(super) fn report(report: &Report) -> String {
    let mut lines = Vec::new();
    let findings = worst_first(report);
    for finding in findings.iter().take(SHOWN_FINDINGS) {
        let ClientFinding { rule, severity, tenant, requests, detail, remedy, ignored } = finding;
        let calls = addresses(tenant, requests);
        lines.push(format!("{:4}  {rule}: {calls}", severity.name()));
        lines.push(format!("      {detail}"));
        lines.push(match ignored {
            None => format!("      {remedy}"),
            Some(reason) => format!("      ignored: {reason}"),
        });
    }
    if findings.len() > SHOWN_FINDINGS {
        let more = findings.len() - SHOWN_FINDINGS;
        lines.push(format!("and {more} more, which --format json shows"));
    }
    for entry in &report.expectations {
        let state = if entry.met { "met" } else { "unmet" };
        let ExpectationEntry { scenario, tenant, detail, .. } = entry;
        let name = entry.name();
        lines.push(format!("{state:5} {scenario} for {tenant}: {name}: {detail}"));
    }
    lines.push(total(report));
    lines.extend(unseen_notes(report.unseen, report.cut_bodies));
    escaped(&lines)
}

/// Says in a sentence what was looked at and found.
pub(super) fn total(report: &Report) -> String {
    let Report { calls, operations, fix, look, .. } = report;
    let ignored = report.findings.len() as u64 - fix - look;
    let ignored = if ignored == 0 { String::new() } else { format!(", {ignored} ignored") };
    let unmet = report.expectations.iter().filter(|entry| !entry.met).count() as u64;
    let unmet = match unmet {
        0 => String::new(),
        unmet => format!(", {} not met", plural(unmet, "expectation")),
    };
    format!(
        "{} in {} of {}: {fix} to fix, {look} to look at{ignored}{unmet}",
        plural(*calls, "call"),
        plural(*operations, "operation"),
        plural(report.tenants.len(), "tenant"),
    )
}

pub(super) fn checklist(checklist: &Checklist) -> String {
    let names = checklist.items.iter().map(|entry| entry.item.len());
    let width = names.max().unwrap_or_default();
    let mut lines = Vec::new();
    for ItemEntry { item, state, requests, provoke, .. } in &checklist.items {
        let note = match state {
            ItemState::NotTried => format!("try: {provoke}"),
            ItemState::Passed | ItemState::Failed => addresses(&checklist.tenant, requests),
        };
        lines.push(format!("{:9}  {item:width$}  {note}", state.words()));
    }
    let of = |wanted| checklist.items.iter().filter(|entry| entry.state == wanted).count();
    lines.push(format!(
        "{} passed, {} failed, {} not tried",
        of(ItemState::Passed),
        of(ItemState::Failed),
        of(ItemState::NotTried)
    ));
    lines.extend(unseen_notes(checklist.unseen, 0));
    escaped(&lines)
}

fn escaped(lines: &[String]) -> String {
    // no value may add lines
    let lines: Vec<_> = lines.iter().map(|line| line.replace('\n', "\\n")).collect();
    escaped_lines(&lines.join("\n"))
}
