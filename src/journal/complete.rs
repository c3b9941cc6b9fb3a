//! What is added to a record after it was appended, in its place of the order: how its answer was delivered.

use super::chunk::Place;
use super::delivery::StoredDelivery;
use super::{DeliveryStatus, Journal, JournalState};
use crate::clock::real_now_us;
use crate::http::Receipt;

impl Journal {
    /// Records what has just become of the answer of a call. Nothing happens if its record is gone.
    pub fn set_delivery(&self, receipt: Receipt, status: DeliveryStatus) {
        let answered_us = match status {
            DeliveryStatus::Sent | DeliveryStatus::Fault => Some(real_now_us()),
            DeliveryStatus::Pending | DeliveryStatus::ClientLeft => None,
        };
        let delivery = StoredDelivery { status, answered_us };
        if self.state().set_delivery(receipt.into(), delivery) {
            self.note_change();
        }
    }
}

impl JournalState {
    /// Returns whether the record is still there.
    fn set_delivery(&mut self, place: Place, delivery: StoredDelivery) -> bool {
        self.chunks.set_delivery(&place, delivery)
    }
}
