//! `tenants/{tenant}/verify`: whether a tenant has made as many calls as a test expects.

mod count;
mod expectation;
mod mismatch;

use std::fmt;
use std::time::Duration;

use http::StatusCode;
use serde::{Deserialize, Serialize};

pub(crate) use count::CallCount;
use expectation::{Expectation, VerifyBody};
use mismatch::{Mismatch, mismatches};

use super::body;
use super::input::{Body, JournalParameter};
use crate::call::Sandbox;
use crate::http::{Problem, Reply};
use crate::journal::{Query, Walk};
use crate::world::TenantName;

/// An expectation with the count of matching calls so far.
#[derive(Debug)]
pub struct Verify {
    tenant: TenantName,
    expectation: Expectation,
    /// The id of the last call that was compared.
    cursor: u64,
    matched: u64,
    /// The address of the last call that matched.
    newest_match: Option<String>,
    dropped: u64,
    /// Whether calls were dropped before they were compared.
    has_gap: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Verdict {
    pub(crate) pass: bool,
    pub(crate) matched: u64,
    /// Only if too few calls match.
    pub(crate) closest: Option<ClosestCall>,
    /// How many calls the journal has dropped, ever.
    pub(crate) dropped: u64,
    /// `true` if some of them could have matched, and were not counted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) incomplete: bool,
    /// Only if too many calls match: the address of the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) newest_match: Option<String>,
}

/// The newest of the calls with the fewest mismatches.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ClosestCall {
    seq: u64,
    /// The address: `demo/17`.
    id: String,
    misses: Vec<Mismatch>,
}

/// As in `demo/3: expected status 200, found 500`.
impl fmt::Display for ClosestCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let misses: Vec<_> = self.misses.iter().map(ToString::to_string).collect();
        write!(f, "{}: {}", self.id, misses.join(", "))
    }
}

impl Verdict {
    /// Says in a sentence what was expected and found.
    pub(crate) fn describe(&self, count: CallCount) -> String {
        let matched = self.matched;
        if self.pass {
            let calls = if matched == 1 { "call" } else { "calls" };
            return format!("found {matched} matching {calls}");
        }
        let newest = self.newest_match.as_ref().map(|call| format!("; the newest is {call}"));
        let closest = self.closest.as_ref().map(|call| format!("; closest is {call}"));
        let gap = self.incomplete.then(|| {
            let dropped = self.dropped;
            format!(
                "; the journal has dropped {dropped} calls, which may have matched: give it more room with \
                 --journal-mib, or count the calls since a cursor"
            )
        });
        let notes: String = [newest, closest, gap].into_iter().flatten().collect();
        format!("expected {count}, found {matched}{notes}")
    }
}

/// Starts to verify; what can never be met is refused at once.
pub(super) fn start(
    sandbox: &Sandbox,
    (JournalParameter(tenant), Body(body)): (JournalParameter, Body<VerifyBody>),
) -> Result<Verify, Problem> {
    let verify = Verify::new(tenant, body)?;
    sandbox.get_or_create_tenant(&verify.tenant)?;
    Ok(verify)
}

impl Verify {
    fn new(tenant: TenantName, body: VerifyBody) -> Result<Self, Problem> {
        let expectation = Expectation::check(body)?;
        Ok(Self {
            tenant,
            expectation,
            cursor: 0,
            matched: 0,
            newest_match: None,
            dropped: 0,
            has_gap: false,
        })
    }

    /// Reads an expectation in JSON or YAML.
    pub(crate) fn parse(tenant: TenantName, text: &str) -> Result<Self, Problem> {
        Self::new(tenant, body::parse(text)?)
    }

    pub(crate) fn count(&self) -> CallCount {
        self.expectation.count
    }

    /// How long to wait at most, for `min` to be met or `max` to be exceeded.
    pub fn wait(&self) -> Duration {
        self.expectation.wait
    }

    /// Answers if more calls cannot change the verdict, or the time is up.
    pub fn check(&mut self, sandbox: &Sandbox, time_is_up: bool) -> Option<Reply> {
        self.compare_new_calls(sandbox);
        let is_over = self.count().is_decided(self.matched) || time_is_up;
        is_over.then(|| Reply::json(StatusCode::OK, &self.current_verdict(sandbox)))
    }

    /// The verdict as of now.
    pub(crate) fn verdict(&mut self, sandbox: &Sandbox) -> Verdict {
        self.compare_new_calls(sandbox);
        self.current_verdict(sandbox)
    }

    fn compare_new_calls(&mut self, sandbox: &Sandbox) {
        let mut walk = self.calls_after(self.cursor, sandbox);
        loop {
            let slice = sandbox.journal.read_on(&mut walk);
            for record in &slice.records {
                if mismatches(&self.expectation.call, record).is_empty() {
                    self.matched += 1;
                    self.newest_match = Some(record.address());
                }
            }
            if slice.is_last {
                break;
            }
        }
        self.has_gap |= walk.has_gap();
        (self.cursor, self.dropped) = (walk.place(), walk.evicted());
    }

    fn current_verdict(&self, sandbox: &Sandbox) -> Verdict {
        let (count, matched) = (self.count(), self.matched);
        // of what was dropped nobody knows how much would have been too much
        let pass = count.holds(matched) && !(self.has_gap && count.has_maximum());
        let is_too_many = count.is_exceeded_by(matched);
        let closest = if pass || is_too_many { None } else { self.closest(sandbox) };
        let newest_match = self.newest_match.clone().filter(|_| is_too_many);
        let incomplete = self.has_gap;
        Verdict { pass, matched, closest, dropped: self.dropped, incomplete, newest_match }
    }

    fn closest(&self, sandbox: &Sandbox) -> Option<ClosestCall> {
        let mut walk = self.calls_after(0, sandbox);
        let mut records = Vec::new();
        loop {
            let slice = sandbox.journal.read_on(&mut walk);
            records.extend(slice.records);
            if slice.is_last {
                break;
            }
        }
        records
            .iter()
            .rev()
            .map(|record| (record, mismatches(&self.expectation.call, record)))
            .filter(|(_, misses)| !misses.is_empty())
            .min_by_key(|(_, misses)| misses.len())
            .map(|(record, misses)| ClosestCall { seq: record.seq, id: record.address(), misses })
    }

    fn calls_after(&self, cursor: u64, sandbox: &Sandbox) -> Walk {
        let since = self.expectation.call.since.as_deref();
        let since = cursor.max(since.map_or(0, |cursor| sandbox.journal.place(cursor)));
        let query = Query { since, ..Query::default() };
        Walk::new(Some(self.tenant.clone()), query)
    }
}
