//! How a report and a checklist are written: JSON, text for a terminal, JUnit for a CI server, Markdown
//! for a page.

mod junit;
mod markdown;
mod text;

use super::checklist::Checklist;
use super::client_finding::ClientFinding;
use super::summary::Report;
use crate::config_file::one_of;
use crate::text::{named, plural_with, to_json};

named! {
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub(crate) enum GradeFormat {
        #[default]
        Json = "json",
        Text = "text",
        Junit = "junit",
        Markdown = "markdown",
    }
    pub(crate) const ALL;
}

impl GradeFormat {
    pub(crate) const NAMES: [&'static str; 4] =
        [Self::Json.name(), Self::Text.name(), Self::Junit.name(), Self::Markdown.name()];

    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Text => "text/plain; charset=utf-8",
            Self::Junit => "application/xml",
            Self::Markdown => "text/markdown; charset=utf-8",
        }
    }

    /// Finds a format by name; the error suggests the nearest.
    pub(crate) fn find(name: &str) -> Result<Self, String> {
        one_of(name, "format", &Self::ALL.map(|format| (format.name(), format)))
    }
}

impl Report {
    /// Writes the report, without a line break at its end.
    pub(crate) fn write(&self, format: GradeFormat) -> String {
        match format {
            GradeFormat::Json => to_json(self),
            GradeFormat::Text => text::report(self),
            GradeFormat::Junit => junit::report(self),
            GradeFormat::Markdown => markdown::report(self),
        }
    }
}

impl Checklist {
    /// Writes the checklist, without a line break at its end.
    pub(crate) fn write(&self, format: GradeFormat) -> String {
        match format {
            GradeFormat::Json => to_json(self),
            GradeFormat::Text => text::checklist(self),
            GradeFormat::Junit => junit::checklist(self),
            GradeFormat::Markdown => markdown::checklist(self),
        }
    }
}

/// The most calls of a finding that a text names.
const SHOWN_CALLS: usize = 10;

/// The most findings that a text for people shows.
const SHOWN_FINDINGS: usize = 100;

/// The addresses of calls: `demo/3, demo/4`.
fn addresses(tenant: &str, requests: &[u64]) -> String {
    let shown = requests.iter().take(SHOWN_CALLS).map(|seq| format!("{tenant}/{seq}"));
    let shown = shown.collect::<Vec<_>>().join(", ");
    match requests.len().saturating_sub(SHOWN_CALLS) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Those of the worst severity first, and of those that count before those that are ignored.
fn worst_first(report: &Report) -> Vec<&ClientFinding> {
    let mut findings: Vec<_> = report.findings.iter().collect();
    findings
        .sort_by_key(|finding| (finding.ignored.is_some(), std::cmp::Reverse(finding.severity)));
    findings
}

/// What could not be seen, a sentence each.
fn unseen_notes(unseen: u64, cut_bodies: u64) -> Vec<String> {
    let dropped = [
        "was dropped from the journal and is not judged",
        "were dropped from the journal and are not judged",
    ];
    let advice = "give it more room with --journal-mib, or judge sooner";
    let cut = [
        "is too long to be kept and was compared with its own ids",
        "are too long to be kept and were compared with their own ids",
    ];
    let mut notes = Vec::new();
    if unseen > 0 {
        notes.push(format!("{}; {advice}", plural_with(unseen, "call", dropped)));
    }
    if cut_bodies > 0 {
        notes.push(plural_with(cut_bodies, "body", cut));
    }
    notes
}
