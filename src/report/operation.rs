//! Joins the calls of a tenant to operations: each is one thing that the client wanted, with all its tries.

use std::collections::HashMap;

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
}

/// By what a call is joined to an operation, as hashes.
#[derive(Debug, Clone, Copy)]
pub(super) struct JoinKeys {
    pub(super) own_id: Option<u64>,
    pub(super) body: u64,
    pub(super) idempotency: Option<u64>,
}

/// The operations of a tenant that have not ended with a success.
#[derive(Debug, Default)]
pub(super) struct OpenOperations {
    /// Empty where an operation has ended.
    operations: Vec<Option<Operation>>,
    /// The operations that have a hash, the newest last.
    by_hash: HashMap<u64, SmallVec<[u32; 2]>>,
    open: usize,
}

impl Operation {
    /// Whether a request with the same body could be the next try: the last one has ended a short while
    /// ago. A success that was sent has ended the operation.
    fn may_go_on_at(&self, received_us: i64) -> bool {
        let last_ended = self.attempts.last().and_then(|last| last.ended_us);
        last_ended.is_some_and(|ended| {
            ended <= received_us && received_us.saturating_sub(ended) <= MAX_PAUSE_US
        })
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

/// A try and the next one.
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
    pub(super) fn is_empty(&self) -> bool {
        self.open == 0
    }

    /// Adds a call to the operation that it belongs to, or begins one; returns true if it has begun one,
    /// and the operation if the call has ended it.
    pub(super) fn add(
        &mut self,
        endpoint: &'static Endpoint,
        attempt: Attempt,
        keys: JoinKeys,
    ) -> (bool, Option<Operation>) {
        let received_us = attempt.received_us;
        let found = keys
            .own_id
            .and_then(|id| self.newest(id, |_| true))
            .or_else(|| self.newest(keys.body, |operation| operation.may_go_on_at(received_us)))
            .or_else(|| keys.idempotency.and_then(|key| self.newest(key, |_| true)));
        let ends = attempt.is_success();
        let place = found.unwrap_or_else(|| self.begin(endpoint.own_ids));
        let operation = self.operations[place].as_mut().expect("BUG: it is open");
        operation.attempts.push(attempt);
        if ends {
            let ended = self.operations[place].take();
            self.open -= 1;
            return (found.is_none(), ended);
        }
        for hash in [keys.own_id, Some(keys.body), keys.idempotency].into_iter().flatten() {
            let places = self.by_hash.entry(hash).or_default();
            let place = u32::try_from(place).expect("BUG: the calls of a journal fit into memory");
            if places.last() != Some(&place) {
                places.push(place);
            }
        }
        (found.is_none(), None)
    }

    fn begin(&mut self, own_ids: &'static [&'static str]) -> usize {
        // most have one try
        self.operations.push(Some(Operation { own_ids, attempts: Vec::with_capacity(1) }));
        self.open += 1;
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

    /// Returns the operations that have not ended, the oldest first.
    pub(super) fn into_open(self) -> impl Iterator<Item = Operation> {
        self.operations.into_iter().flatten()
    }
}
