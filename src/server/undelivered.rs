//! An answer that is not delivered yet.

use std::sync::Arc;

use super::handler::Handler;
use crate::http::{DeliveryStatus, Receipt};

/// Reports the delivery of an answer to the handler. Dropping it reports that the client has left.
pub(super) struct Undelivered {
    /// `None` once it is reported.
    receipt: Option<Receipt>,
    handler: Arc<dyn Handler>,
}

impl Undelivered {
    pub(super) fn new(receipt: Receipt, handler: &Arc<dyn Handler>) -> Self {
        Self { receipt: Some(receipt), handler: Arc::clone(handler) }
    }

    /// Reports that all of the answer was given to the connection.
    pub(super) fn sent(self) {
        self.end(DeliveryStatus::Sent);
    }

    /// Reports that a fault takes the place of the answer.
    pub(super) fn faulted(self) {
        self.end(DeliveryStatus::Fault);
    }

    /// Reports that the client has left, or does not read.
    pub(super) fn left(self) {
        self.end(DeliveryStatus::ClientLeft);
    }

    /// Returns what delivers the answer: somebody else reports it.
    pub(super) fn into_receipt(mut self) -> Option<Receipt> {
        self.receipt.take()
    }

    fn end(mut self, status: DeliveryStatus) {
        self.report(status);
    }

    fn report(&mut self, status: DeliveryStatus) {
        if let Some(receipt) = self.receipt.take() {
            self.handler.set_delivery(receipt, status);
        }
    }
}

impl Drop for Undelivered {
    fn drop(&mut self) {
        self.report(DeliveryStatus::ClientLeft);
    }
}

impl std::fmt::Debug for Undelivered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Undelivered").field("receipt", &self.receipt).finish_non_exhaustive()
    }
}
