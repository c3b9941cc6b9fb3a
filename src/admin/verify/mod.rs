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
use crate::journal::{JournalPage, Query};
use crate::world::TenantName;

/// An expectation with the count of matching calls so far.
#[derive(Debug)]
pub struct Verify {
    tenant: TenantName,
    expectation: Expectation,
    /// The id of the last call that was compared.
    cursor: u64,
    matched: u64,
    dropped: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Verdict {
    pub(crate) pass: bool,
    pub(crate) matched: u64,
    /// Only if the expectation is not met.
    pub(crate) closest: Option<ClosestCall>,
    /// How many calls the journal has dropped, which are not counted.
    pub(crate) dropped: u64,
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
        let closest = self.closest.as_ref();
        let closest = closest.map_or_else(String::new, |call| format!("; closest is {call}"));
        format!("expected {count}, found {matched}{closest}")
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
        Ok(Self { tenant, expectation, cursor: 0, matched: 0, dropped: 0 })
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
        let page = self.calls_after(self.cursor, sandbox);
        let matches = |record: &&_| mismatches(&self.expectation.call, record).is_empty();
        self.matched += page.records.iter().filter(matches).count() as u64;
        (self.cursor, self.dropped) = (page.next, page.evicted);
    }

    fn current_verdict(&self, sandbox: &Sandbox) -> Verdict {
        let pass = self.count().holds(self.matched);
        let closest = if pass { None } else { self.closest(sandbox) };
        Verdict { pass, matched: self.matched, closest, dropped: self.dropped }
    }

    fn closest(&self, sandbox: &Sandbox) -> Option<ClosestCall> {
        let page = self.calls_after(0, sandbox);
        page.records
            .iter()
            .rev()
            .map(|record| (record, mismatches(&self.expectation.call, record)))
            .filter(|(_, misses)| !misses.is_empty())
            .min_by_key(|(_, misses)| misses.len())
            .map(|(record, misses)| ClosestCall { seq: record.seq, id: record.address(), misses })
    }

    fn calls_after(&self, cursor: u64, sandbox: &Sandbox) -> JournalPage {
        let since = self.expectation.call.since.as_deref();
        let since = cursor.max(since.map_or(0, |cursor| sandbox.journal.place(cursor)));
        let query = Query { since, ..Query::default() };
        sandbox.journal.of_tenant(&self.tenant, &query)
    }
}
