//! `tenants/{tenant}/verify`: whether a tenant has made as many calls as a test expects.

mod counts;
mod expectation;
mod mismatch;

use std::collections::HashMap;
use std::fmt;
use std::time::{Duration, Instant};
use std::vec;

use http::StatusCode;
use serde::{Deserialize, Serialize};

pub(crate) use counts::ExpectedCounts;
use counts::JudgedCount;
use expectation::{Expectation, VerifyBody};
use mismatch::{Mismatch, mismatches};

use super::answer::{Answer, Output, Work};
use super::body;
use super::input::{Body, JournalParameter};
use crate::call::Sandbox;
use crate::described::described;
use crate::http::{Problem, Progress, Reply};
use crate::journal::{CallRecord, CountResult, Follow, SLICE_BYTES, Walk};
use crate::text::plural;
use crate::world::TenantName;

/// A slice of comparisons ends with the first one that is over after this time: an expectation may take
/// long to compare with a long body.
const SLICE: Duration = Duration::from_micros(500);

/// An expectation with the count of matching calls so far.
#[derive(Debug)]
pub(crate) struct Verify {
    tenant: TenantName,
    expectation: Expectation,
    /// Through the calls; begun with the first comparison.
    walk: Option<Walk>,
    /// The first record that the tenant could have then: another one after a reset.
    first_id: Option<u64>,
    /// The calls that were read last, as far as they are not compared yet.
    read: vec::IntoIter<CallRecord<'static>>,
    /// How many of them were read before, and have been completed since.
    completed: usize,
    /// The calls that were open when they were compared, by `seq`, and whether they matched.
    open: HashMap<u64, bool>,
    /// Whether those are the newest there are.
    has_read_all: bool,
    matched: u64,
    /// The address of the last call that matched.
    newest_match: Option<String>,
    /// Of the calls that did not match.
    closest: Option<ClosestCall>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compared {
    Some,
    All,
}

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct Verdict {
        pub(crate) pass: bool,
        pub(crate) matched: u64,
        /// How many calls are held, if that matters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub(crate) held: Option<u64>,
        /// Only if too few calls match.
        closest: Option<ClosestCall>,
        /// How many calls the journal has dropped, ever.
        pub(crate) dropped: u64,
        /// `true` if some of them could have matched, and were not counted.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        incomplete: bool,
        /// Only if too many calls match: the address of the newest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        newest_match: Option<String>,
    }
}

described! {
    /// The newest of the calls with the fewest mismatches.
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct ClosestCall {
        seq: u64,
        /// The address: `demo/17`.
        id: String,
        misses: Vec<Mismatch>,
    }
}

/// As in `demo/3: expected status 200, found 500`.
impl fmt::Display for ClosestCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let misses: Vec<_> = self.misses.iter().map(ToString::to_string).collect();
        write!(f, "{}: {}", self.id, misses.join(", "))
    }
}

impl ClosestCall {
    fn heap_bytes(&self) -> usize {
        let misses = self.misses.iter().map(Mismatch::heap_bytes).sum::<usize>();
        self.id.capacity() + self.misses.capacity() * size_of::<Mismatch>() + misses
    }
}

impl Verdict {
    pub(crate) fn describe(&self, counts: ExpectedCounts) -> String {
        let unseen = if self.incomplete { self.dropped } else { 0 };
        let matching = counts.judge_matching(self.matched, unseen);
        let held = counts.judge_held(self.held.unwrap_or_default());
        let both = [(matching, "matching"), (held, "held")];
        let both = both.into_iter().filter_map(|(judged, what)| Some((judged?, what)));
        if self.pass {
            let found = both.map(|(judged, what)| plural(judged.found, &format!("{what} call")));
            return format!("found {}", found.collect::<Vec<_>>().join(" and "));
        }
        let unmet = both.filter(|(judged, _)| !judged.is_met());
        let unmet = unmet.map(|(judged, what)| {
            format!("expected {}, found {}", judged.count.describe(what), judged.found)
        });
        let unmet = unmet.collect::<Vec<_>>().join("; ");
        let newest = self.newest_match.as_ref().map(|call| format!("; the newest is {call}"));
        let closest = self.closest.as_ref().map(|call| format!("; closest is {call}"));
        let is_unknown = matching.is_some_and(|judged| judged.result == CountResult::Unknown);
        let gap = is_unknown.then(|| {
            format!(
                "; the journal has dropped {}, which may have matched: give it more room with \
                 --journal-mib, or count the calls since a cursor",
                plural(unseen, "call")
            )
        });
        let notes: String = [newest, closest, gap].into_iter().flatten().collect();
        format!("{unmet}{notes}")
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

impl Work for Verify {
    /// How long to wait at most, for `min` to be met or `max` to be exceeded.
    fn wait(&self) -> Duration {
        self.expectation.wait
    }

    fn kept_bytes(&self) -> usize {
        let read = self.read.as_slice();
        let read_bytes = if read.is_empty() { 0 } else { SLICE_BYTES + size_of_val(read) };
        // a hash map has a byte more for each entry
        let open_bytes = self.open.capacity() * (size_of::<(u64, bool)>() + 1);
        let texts = self.newest_match.as_ref().map_or(0, String::capacity);
        let closest_bytes = self.closest.as_ref().map_or(0, ClosestCall::heap_bytes);
        let expected_bytes = self.expectation.call.heap_bytes();
        size_of::<Self>() + expected_bytes + read_bytes + open_bytes + texts + closest_bytes
    }

    /// Compares some of the calls that it has not seen. Done when it has seen all and more cannot change
    /// the verdict, or the time is up.
    fn go_on(&mut self, sandbox: &Sandbox, time_is_up: bool) -> Progress<Reply> {
        if self.compare_slice(sandbox) == Compared::Some {
            return Progress::Unfinished;
        }
        let held = sandbox.held_count(&self.tenant) as u64;
        if self.counts().is_decided(self.matched, held) || time_is_up {
            return Progress::Done(Reply::json(StatusCode::OK, &self.current_verdict(held)));
        }
        Progress::Waiting
    }
}

impl Output for Verify {
    type Body = Verdict;

    fn into_answer(self) -> Result<Answer, Problem> {
        Ok(Answer::Work(Box::new(self)))
    }
}

impl Verify {
    fn new(tenant: TenantName, body: VerifyBody) -> Result<Self, Problem> {
        let expectation = Expectation::check(body)?;
        Ok(Self {
            tenant,
            expectation,
            walk: None,
            first_id: None,
            read: Vec::new().into_iter(),
            completed: 0,
            open: HashMap::new(),
            has_read_all: false,
            matched: 0,
            newest_match: None,
            closest: None,
        })
    }

    /// Reads an expectation in JSON or YAML.
    pub(crate) fn parse(tenant: TenantName, text: &str) -> Result<Self, Problem> {
        Self::new(tenant, body::parse(text)?)
    }

    pub(crate) fn counts(&self) -> ExpectedCounts {
        self.expectation.counts
    }

    pub(crate) fn verdict(&mut self, sandbox: &Sandbox) -> Verdict {
        while self.compare_slice(sandbox) == Compared::Some {}
        self.current_verdict(sandbox.held_count(&self.tenant) as u64)
    }

    fn compare_slice(&mut self, sandbox: &Sandbox) -> Compared {
        let started = Instant::now();
        let first_id = sandbox.journal.first_id(&self.tenant);
        if self.first_id.replace(first_id).is_some_and(|before| before != first_id) {
            self.forget_compared();
        }
        loop {
            while let Some(record) = self.read.next() {
                if self.completed > 0 {
                    self.completed -= 1;
                    self.compare_again(&record);
                } else {
                    self.compare(&record);
                }
                if started.elapsed() >= SLICE {
                    return Compared::Some;
                }
            }
            if std::mem::take(&mut self.has_read_all) {
                // while it waits, it keeps no room for what it has compared
                self.read = Vec::new().into_iter();
                self.open.shrink_to_fit();
                return Compared::All;
            }
            let walk = self.walk.get_or_insert_with(|| {
                let since = self.expectation.call.since.as_deref();
                let since = since.map_or(0, |cursor| sandbox.journal.place(cursor));
                let tenant = Some(self.tenant.clone());
                sandbox.journal.follow(tenant, Some(since), Follow::AtOnce)
            });
            let slice = sandbox.journal.read_on(walk);
            (self.completed, self.has_read_all) = (slice.completed, slice.is_last);
            self.read = slice.records.into_iter();
        }
    }

    /// Begins anew, since a reset has removed what was compared.
    fn forget_compared(&mut self) {
        (self.walk, self.read, self.completed) = (None, Vec::new().into_iter(), 0);
        (self.open, self.has_read_all) = (HashMap::new(), false);
        (self.matched, self.newest_match, self.closest) = (0, None, None);
    }

    fn compare(&mut self, record: &CallRecord) {
        let misses = mismatches(&self.expectation.call, record);
        if record.is_open() {
            self.open.insert(record.seq, misses.is_empty());
        }
        if misses.is_empty() {
            self.matched += 1;
            self.newest_match = Some(record.address());
        } else if self.closest.as_ref().is_none_or(|other| misses.len() <= other.misses.len()) {
            self.closest = Some(ClosestCall { seq: record.seq, id: record.address(), misses });
        }
    }

    /// Compares a call that was open when it was compared first; of others only the delivery has changed.
    fn compare_again(&mut self, record: &CallRecord) {
        let Some(had_matched) = self.open.remove(&record.seq) else { return };
        self.matched -= u64::from(had_matched);
        self.closest = self.closest.take().filter(|call| call.seq != record.seq);
        self.compare(record);
    }

    fn current_verdict(&mut self, held: u64) -> Verdict {
        let (counts, matched) = (self.counts(), self.matched);
        let dropped = self.walk.as_ref().map_or(0, Walk::evicted);
        let incomplete = self.walk.as_ref().is_some_and(Walk::has_gap);
        let matching = counts.judge_matching(matched, if incomplete { dropped } else { 0 });
        let judged_held = counts.judge_held(held);
        let pass = [matching, judged_held].iter().flatten().all(JudgedCount::is_met);
        let is_unmet = matching.is_some_and(|judged| !judged.is_met());
        let is_too_many = matching.is_some_and(|judged| judged.count.is_exceeded_by(judged.found));
        let closest = self.closest.take().filter(|_| is_unmet && !is_too_many);
        let newest_match = self.newest_match.clone().filter(|_| is_too_many);
        let held = judged_held.map(|judged| judged.found);
        Verdict { pass, matched, held, closest, dropped, incomplete, newest_match }
    }
}

#[cfg(test)]
mod tests;
