//! The journal: every call to the vendor, by tenant, in bounded memory.
//!
//! It knows tenants by name only, and nothing of scenarios. Secrets never reach it: a
//! [`CallRecord`] begins without them.

mod answer;
mod call_count;
mod change_listener;
mod changes;
mod chunk;
mod codec;
mod complete;
mod cursor;
mod cut;
mod cut_head;
mod delivery;
mod filter;
mod findings;
mod log;
mod order;
mod own_secrets;
mod query;
mod record;
mod redaction;
mod secret_values;
mod trace;
mod walk;
mod walk_back;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) use answer::Echo;
pub use answer::RecordedAnswer;
pub(crate) use call_count::{CallCount, CountResult};
pub(crate) use change_listener::ChangeListener;
use changes::Changes;
use chunk::{CHUNK_OVERHEAD_BYTES, Chunk, Chunks, NewRecord, Place, StoredRecord};
use cursor::Cursors;
pub(crate) use cut::MAX_BODY_BYTES;
pub(crate) use filter::{Filter, SearchText};
use log::{EvictionRank, TenantLog};
use order::Order;
pub(crate) use query::MAX_QUERY_BYTES;
pub use record::CallRecord;
pub(crate) use record::{Authorization, MAX_PATH_BYTES, RuleEvaluation};
pub(crate) use redaction::{Header, MAX_VALUE_BYTES, header_value, keeps_header};
pub use trace::TraceId;
pub(crate) use walk::{Follow, PageCount, SLICE_BYTES, Slice};
pub use walk::{Query, Walk};
pub(crate) use walk_back::WalkBack;

pub use crate::http::DeliveryStatus;
use crate::http::Receipt;
use crate::memory::HashMap;
use crate::world::TenantName;

/// The most memory that all records take together unless another limit is set, in bytes.
pub(crate) const DEFAULT_JOURNAL_BYTES: usize = 32 * 1024 * 1024;

/// The largest unit in which a tenant gets memory, unless one record is longer, in bytes.
const CHUNK_BYTES: usize = 32 * 1024;

/// The size of a tenant's first chunk, in bytes, unless its first call takes more: 10 000 tenants with one
/// call each are kept.
const FIRST_CHUNK_BYTES: usize = 1024;

/// Counts over all tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalStats {
    /// Records that can be read.
    pub(crate) records: u64,
    /// Records that were evicted, ever.
    pub(crate) evicted: u64,
    /// The memory of all records.
    pub bytes: usize,
}

/// Records that can no longer be read.
#[derive(Debug)]
pub struct ClearedRecords {
    _chunks: Vec<Chunk>,
}

/// The journals of all tenants.
pub struct Journal {
    /// Held while a record is copied in or a page is copied out.
    state: Mutex<JournalState>,
    /// Called after every record that is new or completed.
    pub(crate) changed: ChangeListener,
    cursors: Cursors,
}

#[derive(Debug, Default)]
struct JournalState {
    by_tenant: HashMap<TenantName, TenantLog>,
    chunks: Chunks,
    /// The places of all records, and of some that are gone.
    order: Order,
    /// The tenants whose logs have chunks; the last one gives way first.
    by_rank: BTreeMap<EvictionRank, TenantName>,
    records: usize,
    chunk_bytes: usize,
    max_bytes: usize,
    evicted: u64,
    last_id: u64,
    /// Records that were completed after they were read.
    changes: Changes,
    /// The id of the newest record, if it has yet to be delivered and nothing delays that: readers who
    /// follow get it then, so that they get most records only once.
    due: Option<u64>,
    /// The value of `due` at the last call of `release_undelivered`.
    due_before: Option<u64>,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal").finish_non_exhaustive()
    }
}

impl Default for Journal {
    fn default() -> Self {
        Self::new(DEFAULT_JOURNAL_BYTES)
    }
}

impl Journal {
    /// A journal whose records take at most this much memory, in bytes.
    pub(crate) fn new(max_bytes: usize) -> Self {
        let state = JournalState { max_bytes, ..JournalState::default() };
        Self {
            state: Mutex::new(state),
            changed: ChangeListener::default(),
            cursors: Cursors::default(),
        }
    }

    /// Appends a record; assigns its `id` and `seq`, and cuts what is too long to be kept.
    #[cfg(any(test, feature = "internals"))]
    pub fn append(&self, record: &mut CallRecord) -> Receipt {
        let mut answer = record.answer.take();
        answer.iter_mut().for_each(RecordedAnswer::cut_to_fit);
        let receipt = self.append_answered(record, answer.as_ref());
        record.answer = answer;
        receipt
    }

    /// The same with an answer that the record does not have, since it is borrowed from a reply.
    pub(crate) fn append_answered(
        &self,
        record: &mut CallRecord,
        answer: Option<&RecordedAnswer>,
    ) -> Receipt {
        record.cut_to_fit();
        let receipt = self.state().append(record, answer);
        self.changed.notify();
        receipt
    }

    pub(crate) fn read_on(&self, walk: &mut Walk) -> Slice {
        self.read_on_to(walk, u64::MAX)
    }

    /// Reads one slice of a walk that ends, at the latest, with the record of this id. The next walk from
    /// there may go further.
    pub(crate) fn read_on_to(&self, walk: &mut Walk, last: u64) -> Slice {
        // copied under the lock, decoded and searched after it
        let mut state = self.state();
        let copied = state.copy_slice(walk, last);
        state.changes.pass(walk.place());
        drop(state);
        let slice = copied.decode();
        if walk.is_cheap() { slice } else { walk.keep_selected(slice) }
    }

    /// Reads all slices of a walk.
    pub fn read_all(&self, walk: &mut Walk) -> Vec<CallRecord<'static>> {
        let mut records = Vec::new();
        loop {
            let slice = self.read_on(walk);
            records.extend(slice.records);
            if slice.is_last {
                return records;
            }
        }
    }

    /// Returns the place that a client's cursor stands for: that of the oldest record, if this journal did
    /// not write it.
    pub(crate) fn place(&self, cursor: &str) -> u64 {
        self.places(cursor).0
    }

    /// Returns that place, and the number of the last switch before it if the cursor says one.
    pub(crate) fn places(&self, cursor: &str) -> (u64, Option<u64>) {
        let places = self.cursors.places(cursor).filter(|(id, _)| *id <= self.last_id());
        places.unwrap_or_default()
    }

    /// Returns the cursor for a place: a record's id, or the `next` of a page.
    pub(crate) fn cursor(&self, place: u64) -> String {
        self.cursors.text(place, None)
    }

    /// Returns the cursor for a place in a stream that has switches, too.
    pub(crate) fn cursor_with_switch(&self, place: u64, switch: u64) -> String {
        self.cursors.text(place, Some(switch))
    }

    pub(crate) fn record(&self, tenant: &TenantName, seq: u64) -> Option<CallRecord<'static>> {
        let state = self.state();
        state.by_tenant.get(tenant)?.record(seq, &state.chunks)
    }

    /// Returns the newest record of a tenant.
    pub fn last(&self, tenant: &TenantName) -> Option<CallRecord<'static>> {
        let state = self.state();
        state.by_tenant.get(tenant)?.last(&state.chunks)
    }

    /// Returns the id that the first record of a tenant could have since its log began or was last cleared; 0 if it
    /// has none. When it changes, records that were read before are gone.
    pub(crate) fn first_id(&self, tenant: &TenantName) -> u64 {
        self.state().by_tenant.get(tenant).map_or(0, TenantLog::first_id)
    }

    /// Takes out the records of a tenant; its sequence goes on. They are dropped with what is returned,
    /// which may take a while.
    pub fn clear(&self, tenant: &TenantName) -> ClearedRecords {
        ClearedRecords { _chunks: self.state().clear(tenant) }
    }

    /// Drops the records of a tenant and its sequence.
    pub fn remove(&self, tenant: &TenantName) {
        let mut state = self.state();
        let cleared = state.clear(tenant);
        state.by_tenant.remove(tenant);
        drop(state);
        // without the lock, since there may be many
        drop(cleared);
    }

    /// Returns the counts over all tenants.
    pub fn stats(&self) -> JournalStats {
        let state = self.state();
        JournalStats { records: state.records as u64, evicted: state.evicted, bytes: state.bytes() }
    }

    /// Returns the greatest `id` assigned so far.
    pub fn last_id(&self) -> u64 {
        self.state().last_id
    }

    fn state(&self) -> MutexGuard<'_, JournalState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl JournalState {
    fn bytes(&self) -> usize {
        self.chunk_bytes + self.order.bytes() + self.changes.bytes()
    }

    fn append(&mut self, record: &mut CallRecord, answer: Option<&RecordedAnswer>) -> Place {
        if self.order.is_full() {
            self.make_room(order::BLOCK_BYTES);
        }
        self.last_id += 1;
        record.id = self.last_id;
        let tenant = &record.tenant;
        let log = if let Some(log) = self.by_tenant.get_mut(tenant) {
            log
        } else {
            self.by_tenant.entry(tenant.clone()).or_insert(TenantLog::new(self.last_id))
        };
        record.seq = log.next_seq();
        let new = NewRecord(record, answer);
        let place = log.push(new, &mut self.chunks);
        let place = place.unwrap_or_else(|| self.push_into_new_chunk(new));
        self.records += 1;
        let is_due = record.connection > 0 && record.status.is_some() && record.delay.is_zero();
        self.due = is_due.then_some(record.id);
        self.order.push(place);
        self.order.sweep(self.records, |place| self.chunks.holds(place));
        place
    }

    fn push_into_new_chunk(&mut self, new: NewRecord) -> Place {
        let NewRecord(record, _) = new;
        let tenant = &record.tenant;
        let log = self.by_tenant.get(tenant).expect(HAS_LOG);
        let chunk_bytes = log.next_chunk_bytes(new, &self.chunks);
        // the place of the record comes after its chunk
        let order_bytes = if self.order.is_full() { order::BLOCK_BYTES } else { 0 };
        self.make_room(chunk_bytes + CHUNK_OVERHEAD_BYTES + order_bytes);
        let (log, chunks) = (self.by_tenant.get_mut(tenant).expect(HAS_LOG), &mut self.chunks);
        if let Some(rank) = log.eviction_rank(chunks) {
            self.by_rank.remove(&rank);
        }
        self.chunk_bytes += log.add_chunk(Chunk::for_record(new, chunk_bytes), chunks);
        let place = log.push(new, chunks).expect("BUG: the chunk was made for this record");
        if let Some(rank) = log.eviction_rank(chunks) {
            self.by_rank.insert(rank, tenant.clone());
        }
        place
    }

    /// Evicts chunks until the given number of bytes is free: each time the oldest one of the tenant
    /// that holds most.
    fn make_room(&mut self, bytes: usize) {
        while self.bytes() + bytes > self.max_bytes {
            let Some((_, tenant)) = self.by_rank.pop_last() else { break };
            let log = self.by_tenant.get_mut(&tenant).expect(HAS_LOG);
            if let Some(chunk) = log.evict_oldest(&mut self.chunks) {
                self.evicted += chunk.records as u64;
                self.records -= chunk.records;
                self.chunk_bytes -= chunk.bytes();
            }
            if let Some(rank) = log.eviction_rank(&self.chunks) {
                self.by_rank.insert(rank, tenant);
            }
            self.forget_order_of_none();
        }
    }

    fn clear(&mut self, tenant: &TenantName) -> Vec<Chunk> {
        let Some(log) = self.by_tenant.get_mut(tenant) else { return Vec::new() };
        if let Some(rank) = log.eviction_rank(&self.chunks) {
            self.by_rank.remove(&rank);
        }
        let cleared = log.clear(self.last_id + 1, &mut self.chunks);
        self.records -= cleared.iter().map(|chunk| chunk.records).sum::<usize>();
        self.chunk_bytes -= cleared.iter().map(Chunk::bytes).sum::<usize>();
        self.forget_order_of_none();
        cleared
    }

    fn forget_order_of_none(&mut self) {
        if self.records == 0 {
            self.order.clear();
        }
    }

    /// The records of a tenant, or of all, with a greater id, the oldest first; an id without a record
    /// where it is gone.
    fn after(&self, tenant: Option<&TenantName>, id: u64) -> Found<'_> {
        match tenant {
            Some(tenant) => {
                let log = self.by_tenant.get(tenant).into_iter();
                Box::new(log.flat_map(move |log| log.after(id, &self.chunks)).map(found))
            }
            None => Box::new(self.order.after(id).map(|place| self.find(place))),
        }
    }

    /// The same with a lower id, the newest first.
    fn before(&self, tenant: Option<&TenantName>, id: u64) -> Found<'_> {
        match tenant {
            Some(tenant) => {
                let log = self.by_tenant.get(tenant).into_iter();
                Box::new(log.flat_map(move |log| log.before(id, &self.chunks)).map(found))
            }
            None => Box::new(self.order.before(id).map(|place| self.find(place))),
        }
    }

    fn find(&self, place: &Place) -> (u64, Option<StoredRecord<'_>>) {
        (place.id, self.chunks.stored(place))
    }
}

const HAS_LOG: &str = "BUG: a tenant with chunks has a log";

type Found<'j> = Box<dyn Iterator<Item = (u64, Option<StoredRecord<'j>>)> + 'j>;

fn found(record: StoredRecord<'_>) -> (u64, Option<StoredRecord<'_>>) {
    (record.id, Some(record))
}

#[cfg(test)]
mod complete_tests;
#[cfg(test)]
mod naive_tests;
#[cfg(test)]
mod redaction_tests;
#[cfg(test)]
mod tests;
