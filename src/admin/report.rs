//! `report` and `checklist`: judge clients by the journal, in slices.

use std::sync::Arc;
use std::time::{Duration, Instant};
use std::vec;

use http::StatusCode;

use super::answer::{Answer, Output, Work};
use super::input::{Input, JournalParameter, ParsedRequest, TenantParameter};
use super::parameter::{Parameter, ParameterKind};
use super::query::QueryParameters;
use super::requests::{SINCE, TRACE, trace_id};
use crate::call::{Sandbox, missed_target};
use crate::clock::real_now_us;
use crate::http::{Problem, Progress, Reply};
use crate::journal::{Query, TraceId, Walk};
use crate::memory::Share;
use crate::report::{
    Checklist, GradeFormat, GradingContext, IgnoredRule, KnownOutcome, Moment, Report, TenantGrade,
};
use crate::scenario::ForcedOutcome;
use crate::world::TenantName;

/// A slice ends with the first look that is over after this time.
const SLICE: Duration = Duration::from_micros(500);

const FORMAT: Parameter = Parameter::query(
    "format",
    "How it is written, whatever the header `Accept` says; `json` if left out.",
    ParameterKind::OneOf(&GradeFormat::NAMES),
);

const MEDIA_TYPES: &[&str] =
    &["application/json", "text/plain", "application/xml", "text/markdown"];

/// Which calls are judged, and how the result is written.
#[derive(Debug, Default)]
pub(crate) struct GradingOptions {
    /// Only calls after this cursor.
    since: Option<String>,
    trace: Option<TraceId>,
    ignored: Vec<IgnoredRule>,
    format: GradeFormat,
}

impl Input for GradingOptions {
    const PARAMETERS: &'static [Parameter] = &[
        SINCE,
        TRACE,
        Parameter::query(
            "ignore",
            "A rule that does not count and why, as `RULE[:TENANT]=REASON`.",
            ParameterKind::Texts(IgnoredRule::schema),
        ),
        FORMAT,
    ];

    fn read(parsed: &ParsedRequest) -> Result<Self, Problem> {
        let ignored = parsed.query.list("ignore").iter().map(|text| IgnoredRule::parse(text));
        let ignored = ignored.collect::<Result<_, _>>();
        let ignored = ignored.map_err(|why| Problem::bad_request(format!("ignore: {why}")))?;
        let trace = parsed.query.get("trace").map(trace_id);
        let since = parsed.query.get("since").map(str::to_owned);
        Ok(Self { since, trace: trace.transpose()?, ignored, format: format(&parsed.query)? })
    }
}

#[derive(Debug)]
pub(super) struct ChecklistFormat(GradeFormat);

impl Input for ChecklistFormat {
    const PARAMETERS: &'static [Parameter] = &[FORMAT];

    fn read(parsed: &ParsedRequest) -> Result<Self, Problem> {
        format(&parsed.query).map(Self)
    }
}

fn format(parameters: &QueryParameters) -> Result<GradeFormat, Problem> {
    let format = parameters.get("format").map(GradeFormat::find);
    format.transpose().map(Option::unwrap_or_default).map_err(Problem::bad_request)
}

/// Judges tenants one after another.
#[derive(Debug)]
pub(crate) struct Grading {
    options: GradingOptions,
    tenants: vec::IntoIter<TenantName>,
    current: Option<(Walk, TenantGrade)>,
    /// Whether tenants without calls belong to the report.
    lists_empty: bool,
    context: GradingContext,
    /// Held until it is done, since it takes memory for each call.
    turn: Option<Share>,
}

impl Grading {
    /// Of all tenants if none is named.
    fn of(sandbox: &Sandbox, tenant: Option<TenantName>, options: GradingOptions) -> Self {
        let lists_empty = tenant.is_some();
        let tenants = tenant.map_or_else(
            || {
                let all = sandbox.tenants.all_with_anonymous();
                all.into_iter().map(|(name, _)| name).collect()
            },
            |tenant| vec![tenant],
        );
        Self {
            options,
            lists_empty,
            tenants: tenants.into_iter(),
            current: None,
            context: GradingContext {
                find_outcome: known_outcome,
                find_missed: missed_target,
                expectations: Arc::new(sandbox.library.expectations()),
                moment: Moment { now_us: real_now_us(), server_ends: !sandbox.is_ready() },
            },
            turn: None,
        }
    }

    fn begin(&self, sandbox: &Sandbox, tenant: TenantName) -> (Walk, TenantGrade) {
        let since = self.options.since.as_deref();
        let since = since.map_or(0, |cursor| sandbox.journal.place(cursor));
        let walk = Walk::new(Some(tenant.clone()), Query { since, ..Query::default() });
        (walk, TenantGrade::new(tenant, self.context.clone()))
    }

    /// The memory that it takes until it has its turn, in bytes.
    fn kept_bytes(&self) -> usize {
        let texts = self.options.since.as_ref().map_or(0, String::capacity);
        size_of::<Self>() + size_of_val(self.tenants.as_slice()) + texts
    }

    /// Judges some calls. `end` is called for each tenant after its last call, with the number of calls that
    /// the journal has dropped.
    fn go_on(&mut self, sandbox: &Sandbox, mut end: impl FnMut(TenantGrade, u64)) -> Progress<()> {
        if self.turn.is_none() {
            let Ok(turn) = sandbox.reports.take(1) else { return Progress::Unfinished };
            self.turn = Some(turn);
        }
        let started = Instant::now();
        loop {
            let (walk, grade) = match &mut self.current {
                Some(current) => current,
                None => match self.tenants.next() {
                    None => return Progress::Done(()),
                    Some(tenant) => {
                        let begun = self.begin(sandbox, tenant);
                        self.current.insert(begun)
                    }
                },
            };
            let slice = sandbox.journal.read_on(walk);
            let trace = self.options.trace;
            for record in &slice.records {
                if trace.is_none() || record.trace == trace {
                    grade.add(record);
                }
            }
            if slice.is_last
                && let Some((walk, grade)) = self.current.take()
            {
                let unseen = walk.unseen();
                if self.lists_empty || unseen > 0 || !grade.is_empty() {
                    end(grade, unseen);
                }
            }
            if started.elapsed() >= SLICE {
                return Progress::Unfinished;
            }
        }
    }
}

fn known_outcome(name: &str) -> Option<KnownOutcome> {
    // the journal has no aliases
    let outcome = ForcedOutcome::parse(name).filter(|outcome| outcome.name() == name)?;
    Some(KnownOutcome { name: outcome.name(), failure: outcome.failure() })
}

#[derive(Debug)]
pub(super) struct ReportWork {
    grading: Grading,
    ignored: Vec<IgnoredRule>,
    report: Report,
}

impl ReportWork {
    fn of(sandbox: &Sandbox, tenant: Option<TenantName>, mut options: GradingOptions) -> Self {
        let ignored = std::mem::take(&mut options.ignored);
        Self { grading: Grading::of(sandbox, tenant, options), ignored, report: Report::default() }
    }

    fn slice(&mut self, sandbox: &Sandbox) -> Progress<()> {
        let Self { grading, ignored, report } = self;
        grading.go_on(sandbox, |grade, unseen| grade.add_to(report, ignored, unseen))
    }
}

impl Work for ReportWork {
    fn kept_bytes(&self) -> usize {
        self.grading.kept_bytes()
    }

    fn go_on(&mut self, sandbox: &Sandbox, _: bool) -> Progress<Reply> {
        match self.slice(sandbox) {
            Progress::Done(()) => {
                let format = self.grading.options.format;
                Progress::Done(reply(format, self.report.write(format)))
            }
            Progress::Unfinished => Progress::Unfinished,
            Progress::Waiting => Progress::Waiting,
        }
    }
}

fn reply(format: GradeFormat, text: String) -> Reply {
    Reply::new(StatusCode::OK, format.media_type(), text)
}

impl Output for ReportWork {
    const MEDIA_TYPES: &'static [&'static str] = MEDIA_TYPES;
    type Body = Report;

    fn into_answer(self) -> Result<Answer, Problem> {
        Ok(Answer::Work(Box::new(self)))
    }
}

pub(super) fn of_tenant(
    sandbox: &Sandbox,
    (JournalParameter(tenant), options): (JournalParameter, GradingOptions),
) -> ReportWork {
    ReportWork::of(sandbox, Some(tenant), options)
}

pub(super) fn of_all(sandbox: &Sandbox, options: GradingOptions) -> ReportWork {
    ReportWork::of(sandbox, None, options)
}

/// Judges the calls of all tenants when no more will come, without what is ignored.
pub(crate) fn at_end(sandbox: &Sandbox, ignored: Vec<IgnoredRule>) -> Report {
    let mut work = of_all(sandbox, GradingOptions { ignored, ..GradingOptions::default() });
    work.grading.context.moment.server_ends = true;
    while work.slice(sandbox) != Progress::Done(()) {}
    work.report
}

#[derive(Debug)]
pub(super) struct ChecklistWork(Grading);

impl Work for ChecklistWork {
    fn kept_bytes(&self) -> usize {
        self.0.kept_bytes()
    }

    fn go_on(&mut self, sandbox: &Sandbox, _: bool) -> Progress<Reply> {
        let Self(grading) = self;
        let mut checklist = None;
        let progress = grading.go_on(sandbox, |grade, unseen| {
            checklist = Some(grade.into_checklist(unseen));
        });
        match (checklist, progress) {
            (Some(checklist), _) => {
                let format = grading.options.format;
                Progress::Done(reply(format, checklist.write(format)))
            }
            (None, Progress::Waiting) => Progress::Waiting,
            (None, Progress::Unfinished | Progress::Done(())) => Progress::Unfinished,
        }
    }
}

impl Output for ChecklistWork {
    const MEDIA_TYPES: &'static [&'static str] = MEDIA_TYPES;
    type Body = Checklist;

    fn into_answer(self) -> Result<Answer, Problem> {
        Ok(Answer::Work(Box::new(self)))
    }
}

pub(super) fn checklist(
    sandbox: &Sandbox,
    (TenantParameter(tenant), ChecklistFormat(format)): (TenantParameter, ChecklistFormat),
) -> ChecklistWork {
    let options = GradingOptions { format, ..GradingOptions::default() };
    ChecklistWork(Grading::of(sandbox, Some(tenant), options))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::refused_calls::sandbox_with_refused;

    /// A sandbox with so many calls, each of which was sent twice.
    fn sandbox(calls: usize) -> Sandbox {
        sandbox_with_refused((0..calls).map(|number| number / 2))
    }

    fn finish(work: &mut ReportWork, sandbox: &Sandbox) -> usize {
        let mut slices = 1;
        while work.slice(sandbox) != Progress::Done(()) {
            slices += 1;
        }
        slices
    }

    #[test]
    fn a_report_on_many_calls_goes_in_slices_between_which_calls_are_answered() {
        const CALLS: usize = 2000;
        let sandbox = sandbox(CALLS);
        let mut work = of_all(&sandbox, GradingOptions::default());
        assert_eq!(work.slice(&sandbox), Progress::Unfinished);
        // what comes now is for the next report
        let last = sandbox.journal.last_id();
        let slices = finish(&mut work, &sandbox);
        assert!(slices > 1 && sandbox.journal.last_id() == last);
        let report = work.report;
        assert_eq!((report.calls, report.operations), (CALLS as u64, CALLS as u64 / 2));
        assert_eq!(report.fix, CALLS as u64 / 2, "each of them is one request, sent again");
    }

    #[test]
    fn one_report_is_made_at_a_time_and_the_next_when_it_is_dropped() {
        let sandbox = sandbox(1000);
        let mut first = of_all(&sandbox, GradingOptions::default());
        assert_eq!(first.slice(&sandbox), Progress::Unfinished);
        let mut second = of_all(&sandbox, GradingOptions::default());
        assert_eq!(second.slice(&sandbox), Progress::Unfinished);
        assert_eq!(second.report.calls, 0, "it waits for its turn");
        drop(first);
        finish(&mut second, &sandbox);
        assert_eq!(second.report.calls, 1000);
    }
}
