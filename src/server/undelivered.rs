//! An answer that its caller has not got yet.

use std::sync::Arc;

use super::handler::Handler;
use crate::http::{DeliveryStatus, Receipt};

/// Tells the handler what becomes of an answer: if this is dropped, that the client has left.
pub(super) struct Undelivered {
    /// `None` once that is told.
    receipt: Option<Receipt>,
    handler: Arc<dyn Handler>,
}

impl Undelivered {
    pub(super) fn new(receipt: Receipt, handler: &Arc<dyn Handler>) -> Self {
        Self { receipt: Some(receipt), handler: Arc::clone(handler) }
    }

    /// Tells that all of the answer was given to the connection.
    pub(super) fn sent(self) {
        self.end(DeliveryStatus::Sent);
    }

    /// Tells that a fault takes its place.
    pub(super) fn faulted(self) {
        self.end(DeliveryStatus::Fault);
    }

    fn end(mut self, status: DeliveryStatus) {
        self.tell(status);
    }

    fn tell(&mut self, status: DeliveryStatus) {
        if let Some(receipt) = self.receipt.take() {
            self.handler.set_delivery(receipt, status);
        }
    }
}

impl Drop for Undelivered {
    fn drop(&mut self) {
        self.tell(DeliveryStatus::ClientLeft);
    }
}

impl std::fmt::Debug for Undelivered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Undelivered").field("receipt", &self.receipt).finish_non_exhaustive()
    }
}
