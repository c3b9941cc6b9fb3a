//! How an answer is sent, and whether it was delivered.

use std::time::Duration;

use crate::text::named;

/// The longest piece of an answer that is made in pieces, in bytes.
pub(crate) const MAX_PIECE_BYTES: usize = 64 * 1024;

/// How an answer is sent: the delays and faults that the server carries out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivery {
    /// How long to wait before the first byte.
    pub(crate) delay: Duration,
    /// Sends the body in this many pieces over this time.
    pub drip: Option<(u64, Duration)>,
    /// A fault that replaces the answer.
    pub fault: Option<Fault>,
    /// The record of the call, if its delivery is recorded.
    pub receipt: Option<Receipt>,
}

/// A failure of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// A TCP RST before any byte.
    Reset,
    /// The connection is closed before any byte.
    Close,
    /// The connection is closed after the head and half of the body.
    Truncate,
    /// The connection is closed after bytes that are not HTTP.
    Garbage,
    /// Nothing is sent until the client disconnects.
    Hang,
}

impl Fault {
    /// What is sent in place of an answer that is not HTTP: a response in no version of it.
    pub(crate) const GARBAGE: &'static [u8] =
        b"\x16\x03\x00\xff\xfe garbage \x00\x01\x02 not http \r\n\r\n\x7f\x80";
}

named! {
    /// The delivery of a call's answer.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub enum DeliveryStatus {
        /// It is not sent yet.
        #[default]
        Pending = "pending",
        /// All of it was given to the connection.
        Sent = "sent",
        /// The caller closed the connection before it was sent, or did not read it.
        ClientLeft = "client-left",
        /// A fault took its place. A hang counts as one when it is over.
        Fault = "fault",
    }
}

/// The place of a call's record in the journal, by which the server reports the delivery of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// The number of the record.
    pub(crate) id: u64,
    /// Where the journal has stored it.
    pub(crate) slot: u32,
    pub(crate) offset: u32,
}
