//! Joins the calls of a tenant to operations: each is one thing that the client wanted, with all its tries.

use std::collections::{HashMap, VecDeque};

use smallvec::SmallVec;

use super::attempt::Attempt;
use crate::vendor::Endpoint;

/// How long after the end of its last try a request with the same body still belongs to an operation,
/// in microseconds.
const MAX_PAUSE_US: i64 = 60_000_000;

/// The most open operations that are looked at for one call; only calls at the same time leave more.
const MAX_LOOKED_AT: usize = 16;

/// The tries of one thing, in the order in which they came.
#[derive(Debug)]
pub(super) struct Operation {
    /// The fields of its requests with ids that the client makes up, first that of what is created.
    pub(super) own_ids: &'static [&'static str],
    pub(super) attempts: Vec<Attempt>,
    /// When the first success was sent, in microseconds: what comes later is another thing.
    closed_us: Option<i64>,
}

/// By what a call is joined to an operation, as hashes.
#[derive(Debug, Clone, Copy)]
pub(super) struct JoinKeys {
    pub(super) own_id: Option<u64>,
    pub(super) body: u64,
    pub(super) idempotency: Option<u64>,
}

/// The operations of a tenant that calls may still belong to.
#[derive(Debug, Default)]
pub(super) struct OpenOperations {
    /// Empty where an operation has ended.
    operations: Vec<Option<Operation>>,
    /// The operations that have a hash, the newest last.
    by_hash: HashMap<u64, SmallVec<[u32; 2]>>,
    /// Those that a success has closed, in the order of these successes. Calls are added as they end, so that one
    /// that came before a success may follow it.
    closed: VecDeque<usize>,
    /// How many have had no success.
    without_success: usize,
}

impl Operation {
    /// Whether a call that came at this time may belong to it: no success was sent before.
    fn is_open_at(&self, received_us: i64) -> bool {
        self.closed_us.is_none_or(|closed_us| received_us < closed_us)
    }

    /// Whether a request with the same body could be the next try: the last one has ended a short while
    /// ago, or its answer never reached the client.
    fn may_go_on_at(&self, received_us: i64) -> bool {
        let is_next = |last: &Attempt| {
            let is_soon = |ended: i64| received_us.saturating_sub(ended) <= MAX_PAUSE_US;
            last.may_be_followed_at(received_us) && last.ended_us.is_some_and(is_soon)
        };
        self.is_open_at(received_us) && self.attempts.last().is_some_and(is_next)
    }

    /// Each try with the one after it, if that came when the first had ended.
    pub(super) fn retries(&self) -> impl Iterator<Item = Retry<'_>> {
        self.attempts.windows(2).filter_map(|pair| {
            let [failed, retry] = pair else { return None };
            let gap_us = retry.received_us.checked_sub(failed.ended_us?)?;
            (gap_us >= 0).then_some(Retry { failed, retry, gap_us })
        })
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Retry<'o> {
    pub(super) failed: &'o Attempt,
    pub(super) retry: &'o Attempt,
    /// From the end of the first to the arrival of the second, in microseconds.
    pub(super) gap_us: i64,
}

impl Retry<'_> {
    /// Whether it came sooner than the failed answer asked for; `None` if that asked for nothing.
    pub(super) fn is_too_early(&self) -> Option<bool> {
        Some(self.retry.received_us < self.failed.retry_from_us?)
    }
}

impl OpenOperations {
    /// Whether every one has had a success.
    pub(super) fn have_succeeded(&self) -> bool {
        self.without_success == 0
    }

    /// Adds a call to the operation that it belongs to, or begins one; returns true if it has begun one.
    pub(super) fn add(
        &mut self,
        endpoint: &'static Endpoint,
        attempt: Attempt,
        keys: JoinKeys,
    ) -> bool {
        let received_us = attempt.received_us;
        let is_open = |operation: &Operation| operation.is_open_at(received_us);
        let found = keys
            .own_id
            .and_then(|id| self.newest(id, is_open))
            .or_else(|| self.newest(keys.body, |operation| operation.may_go_on_at(received_us)))
            .or_else(|| keys.idempotency.and_then(|key| self.newest(key, is_open)));
        let success_us = attempt.ended_us.filter(|_| attempt.is_success());
        let place = found.unwrap_or_else(|| self.begin(endpoint.own_ids));
        let operation = self.operations[place].as_mut().expect("BUG: it is open");
        operation.attempts.push(attempt);
        if let Some(success_us) = success_us {
            if operation.closed_us.is_none() {
                self.closed.push_back(place);
                self.without_success -= 1;
            }
            let first = operation.closed_us.map_or(success_us, |closed| closed.min(success_us));
            operation.closed_us = Some(first);
        }
        // what comes after a success is no try of the same body
        let body = success_us.is_none().then_some(keys.body);
        for hash in [keys.own_id, body, keys.idempotency].into_iter().flatten() {
            let places = self.by_hash.entry(hash).or_default();
            let place = u32::try_from(place).expect("BUG: the calls of a journal fit into memory");
            if places.last() != Some(&place) {
                places.push(place);
            }
        }
        found.is_none()
    }

    /// Takes out the operation that was closed first, if no call can belong to it which has not been added when one
    /// came at this time.
    pub(super) fn take_ended(&mut self, received_us: i64) -> Option<Operation> {
        let place = *self.closed.front()?;
        let closed_us =
            self.operations[place].as_ref().and_then(|operation| operation.closed_us)?;
        if received_us.saturating_sub(closed_us) <= MAX_PAUSE_US {
            return None;
        }
        self.closed.pop_front();
        self.operations[place].take()
    }

    fn begin(&mut self, own_ids: &'static [&'static str]) -> usize {
        // most have one try
        let attempts = Vec::with_capacity(1);
        self.operations.push(Some(Operation { own_ids, attempts, closed_us: None }));
        self.without_success += 1;
        self.operations.len() - 1
    }

    /// The place of the newest operation with a hash.
    fn newest(&mut self, hash: u64, suits: impl Fn(&Operation) -> bool) -> Option<usize> {
        let (places, operations) = (self.by_hash.get_mut(&hash)?, &self.operations);
        // those that have ended are looked at once
        while places.last().is_some_and(|place| operations[*place as usize].is_none()) {
            places.pop();
        }
        let mut newest_first = places.iter().rev().map(|place| *place as usize).take(MAX_LOOKED_AT);
        newest_first.find(|place| operations[*place].as_ref().is_some_and(&suits))
    }

    /// Returns the operations that have not been taken out, the oldest first.
    pub(super) fn into_rest(self) -> impl Iterator<Item = Operation> {
        self.operations.into_iter().flatten()
    }
}
