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
mod tests {
    use super::*;
    use crate::admin::refused_calls::sandbox_with_refused;
    use crate::http::DeliveryStatus;
    use crate::journal::CallCount;

    #[test]
    fn a_verification_of_many_calls_goes_in_slices() {
        const CALLS: usize = 3000;
        let sandbox = sandbox_with_refused(0..CALLS);
        let tenant = TenantName::parse("a").unwrap();
        let text = "{match: {status: 400}, count: {exactly: 1}}";
        let mut verify = Verify::parse(tenant, text).unwrap();
        let mut slices = 1;
        let reply = loop {
            match verify.go_on(&sandbox, true) {
                Progress::Done(reply) => break reply,
                Progress::Unfinished => slices += 1,
                Progress::Waiting => panic!("the time is up"),
            }
        };
        assert!(slices > 1);
        let verdict: Verdict = serde_json::from_slice(&reply.body).unwrap();
        let newest = format!("a/{CALLS}");
        assert_eq!((verdict.pass, verdict.matched), (false, CALLS as u64));
        assert_eq!(verdict.newest_match.as_deref(), Some(&*newest));
    }

    #[test]
    fn a_call_that_was_held_counts_as_it_ends() {
        let sandbox = sandbox_with_refused(0..1);
        let tenant = TenantName::parse("a").unwrap();
        // what a held call looks like before it ends
        let mut held = sandbox.journal.last(&tenant).unwrap();
        (held.status, held.answer, held.delivery) = (None, None, DeliveryStatus::Pending);
        let receipts: Vec<_> = (0..2).map(|_| sandbox.journal.append(&mut held)).collect();
        let matched = |verify: &mut Verify| {
            while verify.compare_slice(&sandbox) == Compared::Some {}
            verify.matched
        };
        let text =
            ["{match: {status: 201}}", "{match: {outcome: bad-request}}", "{match: {outcome: ok}}"];
        let mut verifies = text.map(|text| Verify::parse(tenant.clone(), text).unwrap());
        assert_eq!(verifies.each_mut().map(matched), [0, 3, 0]);
        (held.status, held.outcome) = (Some(201), "ok".into());
        assert!(sandbox.journal.complete(receipts[1], &mut held, None));
        assert_eq!(verifies.each_mut().map(matched), [1, 2, 1]);
        // with their delivery they are told again, and count once
        for receipt in &receipts {
            sandbox.journal.set_delivery(*receipt, DeliveryStatus::Sent);
        }
        assert_eq!(verifies.each_mut().map(matched), [1, 2, 1]);
    }

    #[test]
    fn the_closest_call_is_the_newest_of_those_with_the_fewest_mismatches() {
        let sandbox = sandbox_with_refused(0..300);
        let tenant = TenantName::parse("a").unwrap();
        for (text, closest) in [
            ("{match: {body: {type: 7}, status: 200}}", "a/8: expected status 200, found 400"),
            ("{match: {status: 200}}", "a/300: expected status 200, found 400"),
        ] {
            let mut verify = Verify::parse(tenant.clone(), text).unwrap();
            let verdict = verify.verdict(&sandbox);
            assert_eq!(verdict.closest.unwrap().to_string(), closest);
        }
    }

    #[test]
    fn the_text_names_the_dropped_calls_where_they_could_have_changed_the_verdict() {
        let gap = "; the journal has dropped 3 calls, which may have matched: give it more room with \
                   --journal-mib, or count the calls since a cursor";
        for (min, max, held, expected) in [
            (Some(3), None, None, format!("expected at least 3 matching calls, found 2{gap}")),
            (None, Some(2), None, format!("expected at most 2 matching calls, found 2{gap}")),
            (None, Some(1), None, "expected at most 1 matching call, found 2".to_owned()),
            (Some(2), None, Some(0), "expected exactly 1 held call, found 0".to_owned()),
        ] {
            let count = CallCount::of("count", min, max, None).unwrap();
            let one = held.map(|_| CallCount::of("held", None, None, Some(1)).unwrap());
            let verdict = Verdict {
                pass: false,
                matched: 2,
                held,
                closest: None,
                dropped: 3,
                incomplete: true,
                newest_match: None,
            };
            assert_eq!(verdict.describe(ExpectedCounts::of(Some(count), one)), expected);
        }
    }
}
