//! Reading the journal in slices of bounded work, between which its lock is released.

use std::ops::Range;

use super::chunk::StoredRecord;
use super::{CallRecord, Filter, JournalState};
use crate::world::TenantName;

/// The most records that a slice looks at, selected or not.
pub(super) const SLICE_RECORDS: usize = 256;
/// A slice ends with the record that brings it to this many bytes.
pub(crate) const SLICE_BYTES: usize = 32 * 1024;

/// Selects records.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Only those after this place, see [`Journal::place`](super::Journal::place).
    pub(crate) since: u64,
    pub(crate) count: PageCount,
    pub(crate) filter: Filter,
}

/// How many of the selected records a page has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum PageCount {
    #[default]
    All,
    /// This many of the oldest.
    Oldest(usize),
    /// This many of the newest.
    Newest(usize),
}

/// A reader's way through the journal, the oldest selected record first.
#[derive(Debug, Clone)]
pub struct Walk {
    /// `None` for all tenants.
    tenant: Option<TenantName>,
    filter: Filter,
    /// How many more records to return.
    left: usize,
    /// The first of the newest records is still being looked for.
    search: Option<Search>,
    /// Everything up to this id was looked at.
    place: u64,
    /// What was the newest record when the walk began; those after it are for the next one.
    until: Option<u64>,
    /// The number of the next completed record to read again; `None` if the walk does not follow.
    changes: Option<u64>,
    follow: Follow,
    evicted: u64,
    unseen: u64,
}

/// When a reader who follows the journal gets a record that is about to be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follow {
    /// At once, and again with its delivery.
    AtOnce,
    /// With its delivery.
    Delivered,
}

/// Counts the selected records from the newest on.
#[derive(Debug, Clone)]
struct Search {
    left: usize,
    /// Everything from this id on was counted.
    before: u64,
    /// The oldest that was counted; what the walk would begin with.
    first: Option<u64>,
    /// Whether there is nothing more to count.
    is_over: bool,
}

/// The records that one step of a walk returns.
#[derive(Debug)]
pub(crate) struct Slice {
    /// Those that were read before and completed since, then the next, the oldest first.
    pub(crate) records: Vec<CallRecord<'static>>,
    /// How many of them were read before.
    pub(crate) completed: usize,
    /// Whether the walk has come to its end. The next slice would be the first of another walk, from there.
    pub(crate) is_last: bool,
}

/// Records as they were copied out under the lock, to be decoded after it.
#[derive(Debug, Default)]
pub(super) struct CopiedSlice {
    records: Vec<(u64, TenantName, Range<usize>)>,
    bytes: Vec<u8>,
    /// How many records were looked at.
    pub(super) examined: usize,
    /// How many were read before.
    completed: usize,
    pub(super) is_last: bool,
}

impl Walk {
    /// Begins a walk over the records of one tenant, or of all.
    pub fn new(tenant: Option<TenantName>, query: Query) -> Self {
        let Query { since, count, filter } = query;
        let (left, newest) = match count {
            PageCount::All => (usize::MAX, None),
            PageCount::Oldest(count) => (count, None),
            PageCount::Newest(count) => (usize::MAX, Some(count)),
        };
        let search =
            newest.map(|left| Search { left, before: u64::MAX, first: None, is_over: false });
        let (until, place) = (None, since);
        Self {
            tenant,
            filter,
            left,
            search,
            place,
            until,
            changes: None,
            follow: Follow::AtOnce,
            evicted: 0,
            unseen: 0,
        }
    }

    /// Makes the walk return records again that are completed after it has passed them.
    pub(super) fn follow(&mut self, changes: u64, follow: Follow) {
        (self.changes, self.follow) = (Some(changes), follow);
    }

    /// The place after everything that was looked at: at the end, that for the next page.
    pub(crate) fn place(&self) -> u64 {
        self.place
    }

    pub(crate) fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Whether records of the tenant were evicted before the walk came to them.
    pub(crate) fn has_gap(&self) -> bool {
        self.unseen > 0
    }

    /// How many these are at most: those of other tenants among them are counted, too.
    pub(crate) fn unseen(&self) -> u64 {
        self.unseen.min(self.evicted)
    }

    fn selects(&self, record: &StoredRecord) -> bool {
        !self.filter.reads_head() || self.filter.may_select(&record.head())
    }

    /// Whether records are selected without decoding them.
    pub(super) fn is_cheap(&self) -> bool {
        self.filter.is_cheap()
    }

    /// Keeps only the selected records of a slice.
    pub(super) fn keep_selected(&mut self, slice: Slice) -> Slice {
        let Slice { records, completed, is_last } = slice;
        let mut sifted = Slice { records: Vec::new(), completed: 0, is_last };
        if self.search.is_some() {
            self.count(&records);
            return Slice { is_last: false, ..sifted };
        }
        for (index, record) in records.into_iter().enumerate() {
            if !self.filter.selects(&record) {
                continue;
            }
            if index < completed {
                sifted.completed += 1;
                sifted.records.push(record);
                continue;
            }
            self.left -= 1;
            let id = record.id;
            sifted.records.push(record);
            if self.left == 0 {
                (self.place, self.until, sifted.is_last) = (id, None, true);
                break;
            }
        }
        sifted
    }

    /// Counts those of the records that are selected, the newest first.
    fn count(&mut self, records: &[CallRecord]) {
        let Some(search) = &mut self.search else { return };
        for record in records.iter().filter(|record| self.filter.selects(record)) {
            search.left -= 1;
            search.first = Some(record.id);
            if search.left == 0 {
                search.is_over = true;
                break;
            }
        }
        self.end_search();
    }

    /// Begins the walk itself if all is counted.
    fn end_search(&mut self) {
        if let Some(search) = self.search.take_if(|search| search.is_over) {
            // if none was found, there is nothing to read either
            self.place = search.first.map(|first| first - 1).or(self.until).unwrap_or(self.place);
        }
    }

    /// Counts from the newest record back; the walk itself begins where the count is full. Records that have
    /// to be decoded first are copied, and counted later.
    fn search(&mut self, state: &JournalState, slice: &mut CopiedSlice) {
        let Some(mut search) = self.search.take() else { return };
        for (id, record) in state.before(self.tenant.as_ref(), search.before) {
            if id <= self.place || search.left == 0 {
                break;
            }
            if slice.is_full() {
                self.search = Some(search);
                return;
            }
            slice.examined += 1;
            search.before = id;
            let Some(record) = record.filter(|record| self.selects(record)) else { continue };
            if self.is_cheap() {
                search.left -= 1;
                search.first = Some(id);
            } else {
                slice.copy(&record);
            }
        }
        search.is_over = true;
        self.search = Some(search);
        if self.is_cheap() {
            self.end_search();
        }
    }
}

impl CopiedSlice {
    pub(super) fn is_full(&self) -> bool {
        self.examined >= SLICE_RECORDS || self.bytes.len() >= SLICE_BYTES
    }

    pub(super) fn copy(&mut self, record: &StoredRecord) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(record.bytes);
        self.records.push((record.id, record.tenant.clone(), start..self.bytes.len()));
    }

    pub(super) fn decode(self) -> Slice {
        let records = self.records.iter().map(|(id, tenant, range)| {
            StoredRecord { id: *id, tenant, bytes: &self.bytes[range.clone()] }.decode()
        });
        Slice { records: records.collect(), completed: self.completed, is_last: self.is_last }
    }
}

impl JournalState {
    /// Copies the next records of a walk.
    pub(super) fn copy_slice(&self, walk: &mut Walk, last: u64) -> CopiedSlice {
        let mut slice = CopiedSlice::default();
        let until = *walk.until.get_or_insert(self.last_id.min(last));
        walk.evicted = match &walk.tenant {
            None => self.evicted,
            Some(tenant) => self.by_tenant.get(tenant).map_or(0, |log| {
                let gone = log.last_evicted_id().min(until);
                walk.unseen += gone.saturating_sub(walk.place);
                walk.place = walk.place.max(gone);
                log.evicted()
            }),
        };
        walk.search(self, &mut slice);
        if walk.search.is_some() {
            return slice;
        }
        if !self.copy_completed(walk, &mut slice) {
            return slice;
        }
        let due = self.due.filter(|due| walk.follow == Follow::Delivered && *due > walk.place);
        let until = due.map_or(until, |due| until.min(due - 1));
        for (id, record) in self.after(walk.tenant.as_ref(), walk.place) {
            if id > until || walk.left == 0 {
                break;
            }
            if slice.is_full() {
                return slice;
            }
            slice.examined += 1;
            walk.place = id;
            if let Some(record) = record.filter(|record| walk.selects(record)) {
                slice.copy(&record);
                if walk.is_cheap() {
                    walk.left -= 1;
                }
            }
        }
        slice.is_last = true;
        walk.until = None;
        // a full page ends at its last record, any other has seen everything there is
        if walk.left > 0 {
            walk.place = until;
        }
        slice
    }

    /// Copies the records that were completed since a reader who follows has passed them; returns whether
    /// all were copied.
    fn copy_completed(&self, walk: &mut Walk, slice: &mut CopiedSlice) -> bool {
        while let Some((number, id)) = walk.changes.and_then(|next| self.changes.from(next)) {
            if slice.is_full() {
                return false;
            }
            slice.examined += 1;
            walk.changes = Some(number + 1);
            let record = self.by_id(id).filter(|record| {
                // what is ahead of the reader comes in its turn
                let is_wanted = walk.tenant.as_ref().is_none_or(|tenant| tenant == record.tenant);
                let is_due = walk.follow == Follow::AtOnce || !record.is_being_sent();
                id <= walk.place && is_wanted && is_due && walk.selects(record)
            });
            if let Some(record) = record {
                slice.copy(&record);
                slice.completed += 1;
            }
        }
        true
    }
}
