//! Completes records after they were appended, under the same id: the delivery of the answer, and the whole
//! record of a call that was held.

use super::chunk::{NewRecord, Place};
use super::delivery::StoredDelivery;
use super::{
    CallRecord, DeliveryStatus, Follow, HAS_LOG, Journal, JournalState, Query, RecordedAnswer,
    StoredRecord, Walk, codec,
};
use crate::clock::real_now_us;
use crate::http::Receipt;
use crate::world::TenantName;

impl Journal {
    /// Records the delivery of an answer, as of now. Does nothing if the record is gone.
    pub fn set_delivery(&self, receipt: Receipt, status: DeliveryStatus) {
        let now_us = real_now_us();
        let ended_us = match status {
            DeliveryStatus::Sent | DeliveryStatus::Fault | DeliveryStatus::ClientLeft => {
                Some(now_us)
            }
            DeliveryStatus::Pending => None,
        };
        let delivery = StoredDelivery { status, ended_us };
        if self.state().set_delivery(receipt, delivery, now_us) {
            self.changed.notify();
        }
    }

    /// Stores a record again that was appended before the call had ended, with the same `id`, `seq` and
    /// `tenant`; the stored delivery stays. Returns `false` if the record is gone.
    pub(crate) fn complete(
        &self,
        receipt: Receipt,
        record: &mut CallRecord,
        answer: Option<&RecordedAnswer>,
    ) -> bool {
        record.cut_to_fit();
        let is_there = self.state().complete(receipt, NewRecord(record, answer));
        if is_there {
            self.changed.notify();
        }
        is_there
    }

    /// Begins a walk that returns records again when they are completed after it has passed them. One that
    /// begins where another has ended returns what was completed just before, too.
    pub(crate) fn follow(
        &self,
        tenant: Option<TenantName>,
        since: Option<u64>,
        follow: Follow,
    ) -> Walk {
        let mut state = self.state();
        let place = since.unwrap_or(state.last_id);
        let next = state.changes.next();
        let changes = since.map_or(next, |_| state.changes.recent(real_now_us()));
        state.changes.pass(place);
        let mut walk = Walk::new(tenant, Query { since: place, ..Query::default() });
        walk.follow(changes, follow);
        walk
    }

    /// Gives readers who follow the newest record although it is not delivered yet, if it was the newest
    /// when this was last called, too.
    pub(crate) fn release_undelivered(&self) {
        let mut state = self.state();
        let due = state.due;
        let is_late = due.is_some() && std::mem::replace(&mut state.due_before, due) == due;
        if is_late {
            state.due = None;
            drop(state);
            self.changed.notify();
        }
    }
}

impl JournalState {
    /// Returns whether the record is still there afterwards.
    fn set_delivery(&mut self, place: Place, delivery: StoredDelivery, now_us: i64) -> bool {
        let Some(place) = self.current(place) else { return false };
        self.chunks.set_delivery(&place, delivery);
        self.due = self.due.filter(|due| *due != place.id);
        self.note_completed(place.id, now_us);
        self.current(place).is_some()
    }

    fn complete(&mut self, place: Place, new: NewRecord) -> bool {
        let missing_bytes = |state: &Self| {
            let place = state.current(place)?;
            let stored = state.chunks.stored(&place)?;
            debug_assert_eq!((place.id, stored.tenant), (new.0.id, &new.0.tenant));
            Some(state.chunks.get(place.slot).missing_bytes(stored, codec::encoded_bytes(&new)))
        };
        let Some(bytes) = missing_bytes(self) else { return false };
        self.make_room(bytes);
        // the record may have been evicted for it
        let Some(place) = self.current(place) else { return false };
        let tenant = &new.0.tenant;
        let log = self.by_tenant.get_mut(tenant).expect(HAS_LOG);
        if let Some(rank) = log.eviction_rank(&self.chunks) {
            self.by_rank.remove(&rank);
        }
        let chunk = self.chunks.get_mut(place.slot);
        let before = chunk.bytes();
        chunk.replace(place.offset, new);
        for (id, offset) in chunk.offsets_after(place.offset) {
            self.order.set_offset(id, offset);
        }
        let grown = chunk.bytes() - before;
        log.add_bytes(grown);
        self.chunk_bytes += grown;
        if let Some(rank) = log.eviction_rank(&self.chunks) {
            self.by_rank.insert(rank, tenant.clone());
        }
        self.note_completed(place.id, real_now_us());
        // the record may have been evicted for the note
        self.current(place).is_some()
    }

    fn note_completed(&mut self, id: u64, now_us: i64) {
        let bytes = self.changes.missing_bytes(id);
        if bytes > 0 {
            self.make_room(bytes);
        }
        self.changes.note(id, now_us);
    }

    /// Returns where a record is now that was once stored at a place, if it is still there.
    fn current(&self, place: Place) -> Option<Place> {
        let chunk = self.chunks.chunk_of(&place)?;
        if chunk.has_moved() { self.order.find(place.id).copied() } else { Some(place) }
    }

    pub(super) fn by_id(&self, id: u64) -> Option<StoredRecord<'_>> {
        self.chunks.stored(self.order.find(id)?)
    }
}
