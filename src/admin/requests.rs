//! `requests`: the journal, in pages or one entry at a time.

use serde::{Deserialize, Serialize};

use super::answer::Json;
use super::entry::{RequestEntry, outcome_name, outcome_name_schema};
use super::input::{Input, JournalParameter, ParsedRequest};
use super::listing::{self, Items, ListAnswer, Listing, SliceEnd};
use super::parameter::{Parameter, ParameterKind};
use crate::call::Sandbox;
use crate::described::described;
use crate::http::Problem;
use crate::journal::{self, Journal, PageCount, Query, SearchText, TraceId, Walk};
use crate::text::quoted;

/// How many entries a page has by default, and at most.
const DEFAULT_LIMIT: usize = 100;
pub(crate) const MAX_LIMIT: u64 = 1000;

const PAGE: ParameterKind = ParameterKind::Number(1, MAX_LIMIT);

/// The longest text that is looked for, in characters.
const MAX_TEXT: usize = 200;

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct RequestPage {
        /// The oldest first.
        pub(crate) requests: Vec<RequestEntry>,
        /// The cursor for the next page: opaque, and good for every tenant and for `events`.
        pub(crate) next: String,
        /// How many entries were dropped to keep memory bounded, ever.
        pub(crate) dropped: u64,
    }
}

#[derive(Debug)]
pub(super) struct Filter {
    since: Option<String>,
    count: PageCount,
    filter: journal::Filter,
}

impl Filter {
    /// The journal's query; a cursor that it did not hand out stands for its oldest entry.
    fn query(self, journal: &Journal) -> Query {
        let Self { since, count, filter } = self;
        let since = since.map_or(0, |cursor| journal.place(&cursor));
        Query { since, count, filter }
    }
}

impl Input for Filter {
    const PARAMETERS: &'static [Parameter] = &[
        SINCE,
        Parameter::query(
            "limit",
            "At most so many of the oldest entries; not together with `last`.",
            PAGE,
        ),
        Parameter::query("last", "So many of the newest entries; not together with `limit`.", PAGE),
        Parameter::query(
            "outcome",
            "Only calls with this outcome, by name or alias.",
            ParameterKind::Described(outcome_name_schema),
        ),
        Parameter::query(
            "status",
            "Only calls with this HTTP status.",
            ParameterKind::Number(100, 599),
        ),
        TRACE,
        Parameter::query(
            "text",
            "Only calls with this text in them.",
            ParameterKind::TextUpTo(MAX_TEXT),
        ),
    ];

    fn read(parsed: &ParsedRequest) -> Result<Self, Problem> {
        let parameters = &parsed.query;
        let count = match (parameters.number("limit")?, parameters.number("last")?) {
            (Some(_), Some(_)) => {
                let detail = "limit counts from the oldest, last from the newest; give one of them";
                return Err(Problem::bad_request(detail));
            }
            (None, Some(last)) => PageCount::Newest(last),
            (limit, None) => PageCount::Oldest(limit.unwrap_or(DEFAULT_LIMIT)),
        };
        let outcome = parameters.get("outcome").map(outcome_name).transpose()?;
        let status = parameters.number("status")?;
        let since = parameters.get("since").map(str::to_owned);
        let trace = parameters.get("trace").map(trace_id).transpose()?;
        let text = parameters.get("text").map(search_text).transpose()?;
        Ok(Self { since, count, filter: journal::Filter { outcome, status, trace, text } })
    }
}

pub(super) const SINCE: Parameter =
    Parameter::query("since", "A cursor: only calls after it.", ParameterKind::Text);

pub(super) const TRACE: Parameter = Parameter::query(
    "trace",
    "Only calls of this trace.",
    ParameterKind::Described(TraceId::schema),
);

pub(crate) fn trace_id(text: &str) -> Result<TraceId, Problem> {
    TraceId::parse(text).ok_or_else(|| {
        let detail = format!(
            "{} is not the id of a trace: write its 32 hexadecimal digits, in lower case and not \
             all 0",
            quoted(text)
        );
        Problem::bad_request(detail)
    })
}

pub(crate) fn search_text(text: &str) -> Result<SearchText, Problem> {
    match text.chars().count() {
        1..=MAX_TEXT => Ok(SearchText::new(text)),
        length => {
            let detail = format!("text must have from 1 to {MAX_TEXT} characters, not {length}");
            Err(Problem::bad_request(detail))
        }
    }
}

#[derive(Debug)]
pub(super) enum EntryNumber {
    Seq(u64),
    Last,
}

impl Input for EntryNumber {
    const PARAMETERS: &'static [Parameter] = &[Parameter::path(
        "seq",
        "The number of an entry, or `last`.",
        ParameterKind::Formatted("^([1-9][0-9]*|last)$"),
    )];

    fn read(parsed: &ParsedRequest) -> Result<Self, Problem> {
        match parsed.path.get("seq") {
            "last" => Ok(Self::Last),
            // each entry has one address
            seq => match seq.parse::<u64>() {
                Ok(number) if number.to_string() == seq => Ok(Self::Seq(number)),
                _ => Err(Problem::not_found(format!(
                    "{} is not the number of an entry; use its seq, or last",
                    quoted(seq)
                ))),
            },
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Requests(Walk);

impl Listing for Requests {
    type Object = RequestPage;
    const KEY: &'static str = "requests";

    fn object(&mut self, sandbox: &Sandbox) -> RequestPage {
        let Self(walk) = self;
        let next = sandbox.journal.cursor(walk.place());
        RequestPage { requests: Vec::new(), next, dropped: walk.evicted() }
    }

    fn write_slice(&mut self, sandbox: &Sandbox, items: &mut Items) -> SliceEnd {
        let slice = sandbox.journal.read_on(&mut self.0);
        for record in &slice.records {
            items.add(&RequestEntry::from(record));
        }
        if slice.is_last { SliceEnd::Last } else { SliceEnd::More }
    }
}

pub(super) fn of_tenant(
    sandbox: &Sandbox,
    (JournalParameter(name), filter): (JournalParameter, Filter),
) -> ListAnswer<Requests> {
    let walk = Walk::new(Some(name), filter.query(&sandbox.journal));
    listing::answer(sandbox, Requests(walk))
}

pub(super) fn of_all(sandbox: &Sandbox, filter: Filter) -> ListAnswer<Requests> {
    let walk = Walk::new(None, filter.query(&sandbox.journal));
    listing::answer(sandbox, Requests(walk))
}

pub(super) fn one(
    sandbox: &Sandbox,
    (JournalParameter(name), number): (JournalParameter, EntryNumber),
) -> Result<Json<RequestEntry>, Problem> {
    let (record, missing) = match number {
        EntryNumber::Last => (
            sandbox.journal.last(&name),
            format!("the journal of {name} has no call: none was made yet, or none is kept"),
        ),
        EntryNumber::Seq(seq) => {
            let record = sandbox.journal.record(&name, seq);
            let newest = sandbox.journal.last(&name).map(|last| last.seq);
            let missing = match newest {
                _ if seq == 0 => "the first is 1".to_owned(),
                Some(newest) if seq > newest => format!("the newest is {newest}"),
                Some(_) => "it was dropped, or removed by a reset".to_owned(),
                None => "none was made yet, or none is kept".to_owned(),
            };
            (record, format!("tenant {name} has no entry {seq}: {missing}"))
        }
    };
    let record = record.ok_or_else(|| Problem::not_found(missing))?;
    Ok(Json(RequestEntry::from(&record)))
}
