//! `requests`: shows the calls of a tenant, or of all, as lines, as curl commands or as an HTTP archive.

mod curl;
mod har;
mod line;
mod pages;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::{Args, ValueHint};

use super::client::{SandboxTarget, Texts, encoded, print, query};
use super::{Failure, USAGE, numbers, output_file, unaccepted};
use crate::admin::entry::{RequestEntry, outcome_name};
use crate::admin::requests::{MAX_LIMIT, RequestPage, search_text, trace_id};
use crate::http::Problem;
use crate::text::{plural_with, to_json};
pub(super) use curl::word as shell_word;
pub(super) use har::write_archive;
pub(super) use line::{finding_line, line};
use pages::{Calls, PAGE_CALLS};

/// How many calls are shown unless more are asked for.
const DEFAULT_LAST: u64 = 20;

/// Up to how many calls that are left out are counted.
const MAX_COUNTED: usize = 1000;

#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct RequestsOptions {
    /// Only this many of the newest calls [default: 20; with --since 1000; with --har all]
    #[arg(long, value_name = "N", value_parser = numbers::calls)]
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
    #[arg(long, value_name = "STATUS", value_parser = numbers::http_status)]
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
    /// The path of the calls that the filters leave: `count` of them from one end, those after a cursor.
    fn list(&self, (end, count): (&'static str, u64), since: Option<String>) -> String {
        let query = query([
            (end, Some(count.to_string())),
            ("since", since),
            ("outcome", self.outcome.clone()),
            ("status", self.status.map(|number| number.to_string())),
            ("trace", self.trace.clone()),
            ("text", self.text.clone()),
        ]);
        let list = format!("requests?{query}");
        if self.all { list } else { self.target.tenant_path(&list) }
    }

    /// The path of the newest calls.
    fn newest(&self, count: u64) -> String {
        self.list(("last", count), self.since.clone())
    }

    fn last(&self) -> u64 {
        let default = if self.since.is_some() { MAX_LIMIT } else { DEFAULT_LAST };
        self.last.unwrap_or(default)
    }

    /// The path of the events.
    fn events(&self) -> String {
        if self.all {
            "events".to_owned()
        } else {
            format!("events?tenant={}", encoded(&self.target.tenant))
        }
    }

    /// All calls from the oldest to `last`.
    fn calls_to<'o>(
        &'o self,
        last: &RequestEntry,
    ) -> impl Iterator<Item = Result<RequestEntry, Failure>> + use<'o> {
        Calls::new(self.since.clone(), last, |since| {
            self.target.get_as(&self.list(("limit", PAGE_CALLS), since), Texts::AsTheyAre)
        })
    }

    /// Says how many calls are older than those of a page, unless its length was asked for.
    fn left_out_note(&self, page: &RequestPage) -> Result<Option<String>, Failure> {
        let Some(first) = page.requests.first() else { return Ok(None) };
        if self.last.is_some() || (page.requests.len() as u64) < self.last() {
            return Ok(None);
        }
        let mut older = 0;
        for call in self.calls_to(first).take(MAX_COUNTED + 1) {
            let call = call?;
            // the first one itself may have been dropped meanwhile
            older += usize::from(call.id != first.id);
        }
        Ok(match older {
            0 => None,
            1..=MAX_COUNTED => {
                let older = plural_with(older, "older call", ["is", "are"]);
                Some(format!("({older} left out; --last N shows more)"))
            }
            _ => Some(format!(
                "(more than {MAX_COUNTED} older calls are left out; --har FILE writes all)"
            )),
        })
    }

    /// Says where calls may be instead if the tenant has none.
    fn note_unaccepted(&self, page: &RequestPage) {
        if page.requests.is_empty() && !self.all {
            unaccepted::note(&self.target, self.since.as_deref());
        }
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
    if let Some(file) = &options.har {
        return write_har(options, file);
    }
    let target = &options.target;
    // a command is made of what was sent, and escapes it itself
    let texts = if options.curl { Texts::AsTheyAre } else { target.texts() };
    let page: RequestPage = target.get_as(&options.newest(options.last()), texts)?;
    let mut notes = Vec::new();
    if !target.json {
        notes.extend(options.left_out_note(&page)?);
        notes.extend(dropped_note(page.dropped));
    }
    if !options.follow && !options.curl {
        target.show(&page, |page| describe(page, notes))?;
        options.note_unaccepted(&page);
        return Ok(());
    }
    options.note_unaccepted(&page);
    if options.curl {
        curl::introduction(&page.requests).map_or(Ok(()), |text| print(&text))?;
    }
    for entry in &page.requests {
        print(&options.show(entry))?;
    }
    for note in notes {
        print(&if options.curl { format!("# {note}") } else { note })?;
    }
    if !options.follow {
        return Ok(());
    }
    let wanted = options.wanted();
    let wanted = wanted.map_err(|problem| Failure::new(USAGE, anyhow!("{}", problem.detail())))?;
    let show = |entry: RequestEntry| !wanted(&entry) || print(&options.show(&entry)).is_ok();
    target.follow(&options.events(), "call", &page.next, texts, show)
}

/// Writes an archive of the newest calls if their number is given, else of all.
fn write_har(options: &RequestsOptions, file: &Path) -> Result<(), Failure> {
    let target = &options.target;
    let newest = options.newest(options.last.unwrap_or(1));
    let page: RequestPage = target.get_as(&newest, Texts::AsTheyAre)?;
    options.note_unaccepted(&page);
    let mut failure = None;
    let calls: Box<dyn Iterator<Item = RequestEntry>> = match page.requests.last() {
        Some(last) if options.last.is_none() => {
            let calls = options.calls_to(last);
            Box::new(calls.map_while(|call| call.map_err(|why| failure = Some(why)).ok()))
        }
        _ => Box::new(page.requests.into_iter()),
    };
    let written = output_file::write_or_print(file, |to| write_archive(to, calls, target.url()));
    if let Some(failure) = failure {
        output_file::discard(file);
        return Err(failure);
    }
    if let Some(note) = dropped_note(page.dropped) {
        // a closed stderr does not stop the command
        let _ = writeln!(std::io::stderr(), "{note}");
    }
    written
}

fn describe(page: &RequestPage, notes: Vec<String>) -> String {
    let mut lines: Vec<_> = page.requests.iter().map(line).collect();
    if lines.is_empty() {
        lines.push("(no calls)".to_owned());
    }
    lines.extend(notes);
    lines.push(format!("(later calls: --since {})", page.next));
    lines.join("\n")
}

fn dropped_note(dropped: u64) -> Option<String> {
    let calls = plural_with(dropped, "older call", ["was", "were"]);
    (dropped > 0).then(|| format!("({calls} dropped from the journal)"))
}
