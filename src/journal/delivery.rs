//! The delivery of an answer as it is stored: in a fixed size before the rest of the record, since it is
//! known last.

use crate::http::DeliveryStatus;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct StoredDelivery {
    pub(super) status: DeliveryStatus,
    /// When the answer or the fault was sent or the caller left, in microseconds since the Unix epoch, by the
    /// machine's clock.
    pub(super) ended_us: Option<i64>,
}

pub(super) const DELIVERY_BYTES: usize = 9;

/// By their stored number.
const STATUSES: [DeliveryStatus; 4] = [
    DeliveryStatus::Pending,
    DeliveryStatus::Sent,
    DeliveryStatus::ClientLeft,
    DeliveryStatus::Fault,
];

impl StoredDelivery {
    pub(super) fn encode(self) -> [u8; DELIVERY_BYTES] {
        let mut bytes = [0; DELIVERY_BYTES];
        bytes[0] = self.status as u8;
        // no call ended at the start of 1970
        bytes[1..].copy_from_slice(&self.ended_us.unwrap_or(0).to_le_bytes());
        bytes
    }

    pub(super) fn decode(bytes: &[u8; DELIVERY_BYTES]) -> Self {
        let [status, ended_us @ ..] = *bytes;
        let ended_us = i64::from_le_bytes(ended_us);
        Self {
            status: STATUSES[usize::from(status)],
            ended_us: (ended_us != 0).then_some(ended_us),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_is_read_as_it_was_stored() {
        for status in STATUSES {
            for ended_us in [None, Some(1), Some(i64::MAX)] {
                let delivery = StoredDelivery { status, ended_us };
                assert_eq!(StoredDelivery::decode(&delivery.encode()), delivery);
            }
        }
    }
}
