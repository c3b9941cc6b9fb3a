//! The journal: every call to the vendor, by tenant, in bounded memory.
//!
//! It knows tenants by name only, and nothing of scenarios. Secrets never reach it: a
//! [`CallRecord`] begins without them.

mod codec;
mod cursor;
mod findings;
mod log;
mod record;
mod redaction;

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use cursor::Cursors;
use log::TenantLog;
pub use record::{Authorization, CallRecord, RuleEvaluation};
pub use redaction::Header;
pub use redaction::keeps_header;

use crate::world::TenantName;

/// The most memory that all records take together unless another limit is set, in bytes.
pub const DEFAULT_JOURNAL_BYTES: usize = 32 * 1024 * 1024;

/// The most that one record takes, in bytes; also the largest unit in which a tenant gets memory.
const CHUNK_BYTES: usize = 16 * 1024;

/// The size of a tenant's first chunk, in bytes: 10 000 tenants with one call each are kept.
const FIRST_CHUNK_BYTES: usize = 1024;

/// Selects records.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Only those behind this place, see [`Journal::place`].
    pub since: u64,
    /// How many.
    pub count: PageCount,
    /// Only those with this outcome.
    pub outcome: Option<String>,
    /// Only those with this HTTP status.
    pub status: Option<u16>,
}

/// How many of the selected records a page has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PageCount {
    /// All.
    #[default]
    All,
    /// This many of the oldest.
    Oldest(usize),
    /// This many of the newest.
    Newest(usize),
}

/// The records that a query selects.
#[derive(Debug, Clone, Default)]
pub struct JournalPage {
    /// The oldest first.
    pub records: Vec<CallRecord<'static>>,
    /// The place for the next page.
    pub next: u64,
    /// How many records were evicted, ever.
    pub evicted: u64,
    /// Whether records were evicted that belong to the page.
    pub has_gap: bool,
}

/// Counts over all tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalStats {
    /// Records that can be read.
    pub records: u64,
    /// Records that were evicted, ever.
    pub evicted: u64,
    /// The memory of all records.
    pub bytes: usize,
}

/// The journals of all tenants.
pub struct Journal {
    /// Held while a record is copied in or a page is copied out.
    state: Mutex<JournalState>,
    changed: OnceLock<Box<dyn Fn() + Send + Sync>>,
    cursors: Cursors,
}

#[derive(Debug, Default)]
struct JournalState {
    by_tenant: HashMap<TenantName, TenantLog>,
    /// The memory of all chunks.
    bytes: usize,
    max_bytes: usize,
    evicted: u64,
    last_id: u64,
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
    pub fn new(max_bytes: usize) -> Self {
        let state = JournalState { max_bytes, ..JournalState::default() };
        Self { state: Mutex::new(state), changed: OnceLock::new(), cursors: Cursors::default() }
    }

    /// Sets the function to call after every new record; only the first one set counts.
    pub fn on_change(&self, call: impl Fn() + Send + Sync + 'static) {
        // an error says that there is one already
        let _ = self.changed.set(Box::new(call));
    }

    /// Appends a record; assigns its `id` and `seq`, and cuts what is too long to be kept.
    pub fn append(&self, record: &mut CallRecord) {
        record.cut_to_fit();
        self.state().append(record);
        if let Some(changed) = self.changed.get() {
            changed();
        }
    }

    /// Returns the records of one tenant.
    pub fn of_tenant(&self, tenant: &TenantName, query: &Query) -> JournalPage {
        let state = self.state();
        let Some(log) = state.by_tenant.get(tenant) else {
            return JournalPage { next: state.last_id, ..JournalPage::default() };
        };
        let has_gap = log.has_evicted_after(query.since);
        JournalPage { has_gap, ..state.page(query.select(log), log.evicted(), query) }
    }

    /// Returns the records of all tenants.
    pub fn of_all(&self, query: &Query) -> JournalPage {
        let state = self.state();
        let mut records: Vec<_> =
            state.by_tenant.values().flat_map(|log| query.select(log)).collect();
        records.sort_by_key(|record| record.id);
        match query.count {
            PageCount::All => {}
            PageCount::Oldest(count) => records.truncate(count),
            PageCount::Newest(count) => drop(records.drain(..records.len().saturating_sub(count))),
        }
        let has_gap = state.by_tenant.values().any(|log| log.has_evicted_after(query.since));
        JournalPage { has_gap, ..state.page(records, state.evicted, query) }
    }

    /// Returns the place that a client's cursor stands for: that of the oldest record, if this journal did
    /// not write it.
    pub fn place(&self, cursor: &str) -> u64 {
        self.cursors.id(cursor).filter(|id| *id <= self.last_id()).unwrap_or_default()
    }

    /// Returns the cursor for a place: a record's id, or the `next` of a page.
    pub fn cursor(&self, place: u64) -> String {
        self.cursors.text(place)
    }

    /// Returns the record of a tenant with this `seq`.
    pub fn record(&self, tenant: &TenantName, seq: u64) -> Option<CallRecord<'static>> {
        self.state().by_tenant.get(tenant)?.after(0).find(|record| record.seq == seq)
    }

    /// Returns the newest record of a tenant.
    pub fn last(&self, tenant: &TenantName) -> Option<CallRecord<'static>> {
        self.state().by_tenant.get(tenant)?.last()
    }

    /// Drops the records of a tenant; its sequence goes on.
    pub fn clear(&self, tenant: &TenantName) {
        let mut state = self.state();
        let freed = state.by_tenant.get_mut(tenant).map_or(0, TenantLog::clear);
        state.bytes -= freed;
    }

    /// Drops the records of a tenant and its sequence.
    pub fn remove(&self, tenant: &TenantName) {
        let mut state = self.state();
        if let Some(log) = state.by_tenant.remove(tenant) {
            state.bytes -= log.bytes();
        }
    }

    /// Returns the counts over all tenants.
    pub fn stats(&self) -> JournalStats {
        let state = self.state();
        JournalStats {
            records: state.by_tenant.values().map(TenantLog::len).sum(),
            evicted: state.evicted,
            bytes: state.bytes,
        }
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
    fn append(&mut self, record: &mut CallRecord) {
        self.last_id += 1;
        record.id = self.last_id;
        let tenant = &record.tenant;
        let log = if let Some(log) = self.by_tenant.get_mut(tenant) {
            log
        } else {
            self.by_tenant.entry(tenant.clone()).or_insert(TenantLog::new(tenant.clone()))
        };
        record.seq = log.next_seq();
        if !log.push(record) {
            let chunk_bytes = log.next_chunk_bytes(record);
            self.evict_for(chunk_bytes);
            let log = self.by_tenant.get_mut(&record.tenant).expect("BUG: eviction keeps the log");
            self.bytes += log.add_chunk(chunk_bytes);
            assert!(log.push(record), "BUG: the chunk was made for this record");
        }
    }

    /// Evicts chunks until the given number of bytes is free: each time the oldest one of the tenant
    /// that holds most.
    fn evict_for(&mut self, bytes: usize) {
        while self.bytes + bytes > self.max_bytes {
            let size_then_age = |log: &&mut TenantLog| (log.bytes(), Reverse(log.oldest_id()));
            let Some(log) = self.by_tenant.values_mut().max_by_key(size_then_age) else { break };
            let (records, freed) = log.evict_oldest();
            self.evicted += records;
            self.bytes -= freed;
        }
    }

    fn page(&self, records: Vec<CallRecord<'static>>, evicted: u64, query: &Query) -> JournalPage {
        // a full page ends at its last record, any other has seen everything there is
        let next = match (query.count, records.last()) {
            (PageCount::Oldest(count), Some(last)) if records.len() >= count => last.id,
            _ => self.last_id,
        };
        JournalPage { records, next, evicted, has_gap: false }
    }
}

impl Query {
    fn matches(&self, record: &CallRecord) -> bool {
        self.outcome.as_ref().is_none_or(|outcome| *outcome == record.outcome)
            && self.status.is_none_or(|status| Some(status) == record.status)
    }

    /// Selects from the log of one tenant, the oldest first.
    fn select(&self, log: &TenantLog) -> Vec<CallRecord<'static>> {
        let matches = |record: &CallRecord| self.matches(record);
        match self.count {
            PageCount::All => log.after(self.since).filter(matches).collect(),
            PageCount::Oldest(count) => log.after(self.since).filter(matches).take(count).collect(),
            PageCount::Newest(count) => {
                let mut newest: Vec<_> =
                    log.newest_after(self.since).filter(matches).take(count).collect();
                newest.reverse();
                newest
            }
        }
    }
}

#[cfg(test)]
mod tests;
