//! What one client may take of the server, and for how long. hyper enforces none of it by itself.

use std::time::Duration;

/// The limits of a server. [`Limits::default`] is what the binary uses; tests set others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Open connections. At the limit, the one that has been idle longest is closed for a new one.
    pub connections: usize,
    /// Bytes of a request head, at least 8192; a longer one is answered 431.
    pub head_bytes: usize,
    /// Headers of a request; more are answered 431.
    pub headers: usize,
    /// Time from the first byte of a head to its last (408), and from the start of a connection
    /// to its first byte (closed).
    pub head_time: Duration,
    /// Time between two requests on a connection, and time without progress for a client to read an
    /// answer (closed).
    pub idle_time: Duration,
    /// Time after which a connection without a call gives back its buffers, which it gets again with
    /// the next one.
    pub quiet_time: Duration,
    /// Bytes of a body, both announced and received; a longer one is answered 413.
    pub body_bytes: usize,
    /// Time between two parts of a body (408).
    pub body_pause: Duration,
    /// Time for a whole body (408).
    pub body_time: Duration,
    /// Bytes read and dropped after an answer that came before its request was read in full:
    /// many clients read no answer until they have sent everything.
    pub linger_bytes: usize,
    /// Time for reading those; a shutdown cuts it to a second.
    pub linger_time: Duration,
    /// Event streams and waiting verifications, each of which costs something at every call; more are
    /// answered 503.
    pub waiting: usize,
    /// Whether requests need a valid Host header.
    pub host_check: HostCheck,
}

/// Whether requests need a valid Host header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostCheck {
    /// Exactly one well-formed Host, since links are made of it; HTTP/1.0 needs none. Others are
    /// answered 400.
    On,
    /// Any Host, or none.
    Off,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            head_bytes: 16 * 1024,
            headers: 100,
            head_time: Duration::from_secs(10),
            idle_time: Duration::from_mins(2),
            quiet_time: Duration::from_secs(1),
            body_bytes: 1024 * 1024,
            body_pause: Duration::from_secs(10),
            body_time: Duration::from_secs(30),
            linger_bytes: 64 * 1024 * 1024,
            linger_time: Duration::from_secs(5),
            waiting: 1000,
            host_check: HostCheck::On,
        }
    }
}

/// What of a request did not come in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LateRequest {
    Head,
    /// More of the body.
    BodyPause,
    /// The whole body.
    Body,
}

impl LateRequest {
    pub(super) fn describe(self, limits: &Limits) -> String {
        let Limits { head_time, body_pause, body_time, .. } = limits;
        match self {
            Self::Head => format!("the request head did not arrive within {head_time:?}"),
            Self::BodyPause => format!("no part of the request body arrived for {body_pause:?}"),
            Self::Body => format!("the request body did not arrive within {body_time:?}"),
        }
    }
}
