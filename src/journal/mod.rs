//! The journal: what became of every call to the vendor, by tenant, in bounded memory.
//!
//! Knows nothing of scenarios and tenants but their names. Secrets never come in: only headers on
//! a list keep their values, and keys are cut out of bodies, both while an entry is taken down.

mod chain;
mod entry;
pub(crate) mod packed;
mod redact;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use chain::Chain;
pub use entry::{Entry, Taken};
pub use redact::may_keep as keeps_header;

use serde::Serialize;

use crate::tenant::TenantName;

/// The most memory all entries take together, in bytes.
const LIMIT_BYTES: usize = 32 * 1024 * 1024;

/// The most that one entry takes, in bytes; also the largest unit in which tenants get memory.
const CHUNK_BYTES: usize = 16 * 1024;

/// The unit a tenant begins with, in bytes: 10 000 tenants with a call each are kept.
const FIRST_CHUNK_BYTES: usize = 1024;

/// Which entries are wanted.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Only those with a greater `id`.
    pub since: u64,
    /// At most so many, the oldest first.
    pub limit: usize,
    /// Only those that ended so.
    pub outcome: Option<String>,
    /// Only those with this HTTP status.
    pub status: Option<u16>,
}

/// Entries found, and what a reader has to know of those it did not get.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The oldest first.
    pub entries: Vec<Entry>,
    /// The cursor for the next page.
    pub next: u64,
    /// How many entries gave way to newer ones, ever.
    pub dropped: u64,
}

/// All journals of a sandbox.
#[derive(Default)]
pub struct Journal {
    /// Held while an entry is copied in or a page is copied out.
    books: Mutex<Books>,
    changed: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

#[derive(Debug, Default)]
struct Books {
    by_tenant: HashMap<TenantName, Chain>,
    /// Memory of all tenants' chunks.
    bytes: usize,
    /// How many entries gave way in all tenants, ever.
    dropped: u64,
    last_id: u64,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal").finish_non_exhaustive()
    }
}

impl Journal {
    /// Has something called after every new entry; the first caller is the only one.
    pub fn on_change(&self, call: impl Fn() + Send + Sync + 'static) {
        // an error says that somebody was first
        let _ = self.changed.set(Box::new(call));
    }

    /// Takes down an entry and gives it its numbers.
    pub fn add(&self, tenant: &TenantName, taken: &Taken) -> u64 {
        let id = {
            let mut books = self.books();
            books.last_id += 1;
            let id = books.last_id;
            books.add(tenant, id, taken);
            id
        };
        if let Some(changed) = self.changed.get() {
            changed();
        }
        id
    }

    /// A tenant's entries.
    pub fn of_tenant(&self, tenant: &TenantName, query: &Query) -> Page {
        let books = self.books();
        let Some(chain) = books.by_tenant.get(tenant) else {
            return Page { next: query.since, ..Page::default() };
        };
        let entries = query.take(tenant, chain, books.last_id);
        books.page(entries, chain.dropped(), query)
    }

    /// The entries of all tenants.
    pub fn of_all(&self, query: &Query) -> Page {
        let books = self.books();
        let mut entries = Vec::new();
        for (tenant, chain) in &books.by_tenant {
            let mut wanted = query.take(tenant, chain, books.last_id);
            entries.append(&mut wanted);
        }
        entries.sort_by_key(|entry| entry.id);
        entries.truncate(query.limit);
        books.page(entries, books.dropped, query)
    }

    /// A tenant's entry of a number.
    pub fn entry(&self, tenant: &TenantName, seq: u64) -> Option<Entry> {
        let books = self.books();
        let entry = books.by_tenant.get(tenant)?.entries(0).find(|entry| entry.seq == seq);
        entry.map(|entry| Entry { tenant: tenant.to_string(), ..entry })
    }

    /// A tenant's newest entry.
    pub fn last(&self, tenant: &TenantName) -> Option<Entry> {
        let books = self.books();
        let entry = books.by_tenant.get(tenant)?.last();
        entry.map(|entry| Entry { tenant: tenant.to_string(), ..entry })
    }

    /// Forgets a tenant's entries; its numbers go on.
    pub fn clear(&self, tenant: &TenantName) {
        let mut books = self.books();
        if let Some(chain) = books.by_tenant.get_mut(tenant) {
            let freed = chain.clear();
            books.bytes -= freed;
        }
    }

    /// Forgets a tenant altogether.
    pub fn remove(&self, tenant: &TenantName) {
        let mut books = self.books();
        if let Some(mut chain) = books.by_tenant.remove(tenant) {
            books.bytes -= chain.clear();
        }
    }

    /// How many entries are kept and were dropped, and how much memory is in use, in bytes.
    pub fn figures(&self) -> (u64, u64, usize) {
        let books = self.books();
        (books.by_tenant.values().map(Chain::kept).sum(), books.dropped, books.bytes)
    }

    /// The greatest `id` given so far.
    pub fn last_id(&self) -> u64 {
        self.books().last_id
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Books {
    fn add(&mut self, tenant: &TenantName, id: u64, taken: &Taken) {
        let chain = match self.by_tenant.get_mut(tenant) {
            Some(chain) => chain,
            None => self.by_tenant.entry(tenant.clone()).or_default(),
        };
        let seq = chain.next_seq();
        if !taken.store(id, seq, |entry| chain.push(id, entry)) {
            taken.store(id, seq, |entry| self.add_chunk(tenant, id, entry));
        }
    }

    /// Adds an entry for which a tenant's newest chunk is full to a new one, for which the oldest
    /// of whoever has most gives way.
    fn add_chunk(&mut self, tenant: &TenantName, id: u64, entry: &impl Serialize) {
        let length = packed::to_bytes(entry).len();
        let chunk_bytes = self.by_tenant.get(tenant).map_or(0, |c| c.next_chunk_bytes(length));
        while self.bytes + chunk_bytes > LIMIT_BYTES {
            let most = |chain: &&mut Chain| (chain.bytes(), std::cmp::Reverse(chain.oldest_id()));
            let Some(chain) = self.by_tenant.values_mut().max_by_key(most) else { break };
            let (entries, freed) = chain.give_up_oldest();
            self.dropped += entries;
            self.bytes -= freed;
        }
        let chain = self.by_tenant.get_mut(tenant).expect("BUG: it is there");
        let before = chain.bytes();
        chain.push_into_new(chunk_bytes, id, entry);
        self.bytes += chain.bytes() - before;
    }

    fn page(&self, entries: Vec<Entry>, dropped: u64, query: &Query) -> Page {
        // a full page ends at its last entry, any other has seen everything there is
        let next = match entries.last() {
            Some(last) if entries.len() >= query.limit => last.id,
            _ => self.last_id,
        };
        Page { entries, next, dropped }
    }
}

impl Query {
    fn wants(&self, entry: &Entry) -> bool {
        self.outcome.as_ref().is_none_or(|outcome| *outcome == entry.outcome)
            && self.status.is_none_or(|status| Some(status) == entry.status)
    }

    /// The entries wanted of a tenant's. A cursor of another run, past the newest entry, stands for
    /// the newest.
    fn take(&self, tenant: &TenantName, chain: &Chain, last_id: u64) -> Vec<Entry> {
        let wanted = chain.entries(self.since.min(last_id)).filter(|entry| self.wants(entry));
        let named = |entry| Entry { tenant: tenant.to_string(), ..entry };
        wanted.take(self.limit).map(named).collect()
    }
}

#[cfg(test)]
mod tests;
