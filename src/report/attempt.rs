//! One call of a client as the rules see it.

use std::time::{SystemTime, UNIX_EPOCH};

use super::body_identity::RequestIdentity;
use crate::clock::micros;
use crate::journal::{CallRecord, DeliveryStatus, header_value};
use crate::vendor::{FailureKind, tokens};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KnownOutcome {
    pub(crate) name: &'static str,
    /// How the call has failed; `None` if it succeeded.
    pub(crate) failure: Option<FailureKind>,
}

/// Finds an outcome by its name in the journal; `None` for requests that the sandbox itself refused.
pub(crate) type FindOutcome = fn(&str) -> Option<KnownOutcome>;

/// The time at which calls are judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    /// Real time, in microseconds.
    pub(crate) now_us: i64,
    /// Whether the server ends now, with all calls that are under way.
    pub(crate) server_ends: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Attempt {
    pub(super) seq: u64,
    pub(super) request: RequestIdentity,
    /// The fingerprint of the token that was sent, or of the keys of a login.
    pub(super) token: Option<u32>,
    pub(super) outcome: KnownOutcome,
    /// Why the sandbox refused the request of itself, as a hash; `None` if it did not, or a scenario did.
    pub(super) reason: Option<u64>,
    pub(super) status: Option<u16>,
    pub(super) committed: bool,
    /// Real time, in microseconds.
    pub(super) received_us: i64,
    /// When the answer was sent or the client left; `None` while the call is under way.
    pub(super) ended_us: Option<i64>,
    pub(super) delivery: DeliveryStatus,
    /// How long the answer takes that a scenario delays, in microseconds.
    pub(super) delay_us: i64,
    /// The earliest time of the next try by the answer's `Retry-After`.
    pub(super) retry_from_us: Option<i64>,
    /// Whether the token was refused because it has expired.
    pub(super) is_expired: bool,
    /// The call that was refused before because this token has expired.
    pub(super) after_expiry: Option<u64>,
}

impl Attempt {
    /// The facts of a record; its request and why that was refused are not looked at yet.
    pub(super) fn of(record: &CallRecord, outcome: KnownOutcome) -> Self {
        let delivery = match (record.delivery, outcome.failure) {
            // it is over when the client has left
            (DeliveryStatus::Fault, Some(FailureKind::Silence)) => DeliveryStatus::ClientLeft,
            (delivery, _) => delivery,
        };
        let ended_us = match delivery {
            DeliveryStatus::Pending => None,
            DeliveryStatus::Sent | DeliveryStatus::ClientLeft | DeliveryStatus::Fault => {
                let ended_us = record.answered_us.or(record.left_us);
                Some(ended_us.unwrap_or(record.received_us))
            }
        };
        let delay_us = micros(record.delay);
        let mut attempt = Self {
            seq: record.seq,
            request: RequestIdentity { body: 0, exact: 0, own_id: None },
            // a login does not use the token that a client may send with it
            token: record
                .login_keys
                .or_else(|| record.authorization.as_ref().map(|sent| sent.fingerprint)),
            outcome,
            reason: None,
            status: record.status,
            committed: record.committed,
            received_us: record.received_us,
            ended_us,
            delivery,
            delay_us,
            retry_from_us: None,
            is_expired: record.findings.iter().any(tokens::is_expiry),
            after_expiry: None,
        };
        if outcome.failure.is_some() && attempt.is_delivered() {
            attempt.retry_from_us = ended_us.and_then(|ended| retry_from(record, ended));
        }
        attempt
    }

    pub(super) fn is_delivered(&self) -> bool {
        self.delivery == DeliveryStatus::Sent
    }

    /// Whether the client left before that.
    pub(super) fn client_left(&self) -> bool {
        self.delivery == DeliveryStatus::ClientLeft
    }

    /// Whether the client could know at a time that it has to try again: the call had ended, or was one whose
    /// answer never reached it. The server may notice long after the client that it has left.
    pub(super) fn may_be_followed_at(&self, received_us: i64) -> bool {
        let was_lost = match self.delivery {
            DeliveryStatus::ClientLeft | DeliveryStatus::Fault => true,
            DeliveryStatus::Sent | DeliveryStatus::Pending => false,
        };
        self.ended_us.is_some_and(|ended_us| was_lost || ended_us <= received_us)
    }

    /// Whether the client got the answer of a call that succeeded.
    pub(super) fn is_success(&self) -> bool {
        let has_success = self.status.is_some_and(|status| (200..300).contains(&status));
        self.outcome.failure.is_none() && has_success && self.is_delivered()
    }

    /// Whether the client got the answer that its token is not accepted.
    pub(super) fn is_token_refused(&self) -> bool {
        self.outcome.failure == Some(FailureKind::Token) && self.is_delivered()
    }

    /// The outcome with its status: `server-error (500)`.
    pub(super) fn describe(&self) -> String {
        match self.status {
            Some(status) => format!("{} ({status})", self.outcome.name),
            None => self.outcome.name.to_owned(),
        }
    }

    pub(super) fn describe_seen(&self) -> String {
        if self.client_left() {
            return "no answer, since it left".to_owned();
        }
        self.describe()
    }
}

/// The earliest time of the next try by the `Retry-After` of an answer that was sent at a time.
fn retry_from(record: &CallRecord, sent_us: i64) -> Option<i64> {
    let value = header_value(&record.answer.as_ref()?.headers, "retry-after")?.trim();
    if let Ok(seconds) = value.parse::<u32>() {
        return Some(sent_us.saturating_add(i64::from(seconds) * 1_000_000));
    }
    let date: SystemTime = httpdate::parse_http_date(value).ok()?;
    date.duration_since(UNIX_EPOCH).ok().map(micros)
}
