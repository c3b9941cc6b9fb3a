//! `requests`: shows the calls of a tenant, or of all, as lines, as curl commands or as an HTTP archive.

mod curl;
mod har;
mod line;

use std::path::PathBuf;

use anyhow::anyhow;
use clap::{Args, ValueHint};

use super::client::{SandboxTarget, Texts, encoded, print, query};
use super::{Failure, USAGE, output_file};
use crate::admin::entry::{RequestEntry, outcome_name};
use crate::admin::requests::{MAX_LIMIT, RequestPage, search_text, trace_id};
use crate::http::Problem;
use crate::text::to_json;
pub(super) use har::archive;
pub(super) use line::{finding_line, line};

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
    /// Only calls of this trace, as their header traceparent names it
    #[arg(long, value_name = "ID")]
    trace: Option<String>,
    /// Only calls with this text, in any case, in method, path, query, bodies, outcome, scenario, findings or user agent
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// Print each call as a curl command that sends the same bytes
    #[arg(long, conflicts_with = "json")]
    curl: bool,
    /// Write the calls to an HTTP archive (HAR 1.2), and print nothing else; - is the standard output
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["follow", "curl", "json"])]
    har: Option<PathBuf>,
    #[command(flatten)]
    target: SandboxTarget,
}

impl RequestsOptions {
    /// The paths of the list and of the events after it.
    fn paths(&self) -> (String, String) {
        let default_last = if self.since.is_some() { MAX_LIMIT } else { 20 };
        let query = query([
            ("last", Some(self.last.unwrap_or(default_last).to_string())),
            ("since", self.since.clone()),
            ("outcome", self.outcome.clone()),
            ("status", self.status.map(|number| number.to_string())),
            ("trace", self.trace.clone()),
            ("text", self.text.clone()),
        ]);
        if self.all {
            return (format!("requests?{query}"), "events".to_owned());
        }
        let tenant = encoded(&self.target.tenant);
        let list = self.target.tenant_path(&format!("requests?{query}"));
        (list, format!("events?tenant={tenant}"))
    }

    /// Returns a function that says whether a call of the events is wanted.
    fn wanted(&self) -> Result<impl Fn(&RequestEntry) -> bool, Problem> {
        let outcome = self.outcome.as_deref().map(outcome_name).transpose()?;
        let trace = self.trace.as_deref().map(trace_id).transpose()?.map(|id| id.to_string());
        let text = self.text.as_deref().map(search_text).transpose()?;
        let status = self.status;
        Ok(move |entry: &RequestEntry| {
            outcome.as_ref().is_none_or(|outcome| entry.outcome == *outcome)
                && status.is_none_or(|status| entry.status == Some(status))
                && trace.as_ref().is_none_or(|trace| entry.trace.as_ref() == Some(trace))
                && text.as_ref().is_none_or(|text| text.is_in_any(entry.searched_texts()))
        })
    }

    fn show(&self, entry: &RequestEntry) -> String {
        if self.curl {
            curl::command(entry, self.target.url())
        } else if self.target.json {
            to_json(entry)
        } else {
            line(entry)
        }
    }
}

/// Prints the journal, one call a line unless another form is asked for.
pub(super) fn requests(options: &RequestsOptions) -> Result<(), Failure> {
    let target = &options.target;
    let (list, events) = options.paths();
    if let Some(file) = &options.har {
        let page: RequestPage = target.get_as(&list, Texts::AsTheyAre)?;
        return output_file::write_or_print(file, archive(&page.requests, target.url()));
    }
    // a command is made of what was sent, and escapes it itself
    let texts = if options.curl { Texts::AsTheyAre } else { target.texts() };
    let page: RequestPage = target.get_as(&list, texts)?;
    if !options.follow && !options.curl {
        return target.show(&page, describe);
    }
    if options.curl {
        curl::introduction(&page.requests).map_or(Ok(()), |text| print(&text))?;
    }
    for entry in &page.requests {
        print(&options.show(entry))?;
    }
    if let Some(note) = dropped_note(page.dropped).filter(|_| !target.json) {
        print(&if options.curl { format!("# {note}") } else { note })?;
    }
    if !options.follow {
        return Ok(());
    }
    let wanted = options.wanted();
    let wanted = wanted.map_err(|problem| Failure::new(USAGE, anyhow!("{}", problem.detail())))?;
    let show = |entry: RequestEntry| !wanted(&entry) || print(&options.show(&entry)).is_ok();
    target.follow(&events, "call", &page.next, texts, show)
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
