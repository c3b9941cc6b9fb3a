//! What one client may take of the server, and for how long. hyper leaves all of this open.

use std::time::Duration;

/// The limits of the edge; the defaults are those of the product, others are for tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many connections are open at once. Past that the one that has waited longest for a call
    /// makes room.
    pub connections: usize,
    /// The longest head that is read, in bytes; at least 8192. A longer one is 431.
    pub head_bytes: usize,
    /// The most headers a request may have; more are 431.
    pub headers: usize,
    /// How long a head may take from its first byte on (408), and how long a new connection may
    /// stay silent (closed).
    pub head_time: Duration,
    /// How long a connection may stay silent between two calls.
    pub idle_time: Duration,
    /// The longest body that is read, in bytes, by what was announced and by what came; a longer
    /// one is 413.
    pub body_bytes: usize,
    /// How long a body may pause (408).
    pub body_pause: Duration,
    /// How long a body may take in all (408).
    pub body_time: Duration,
    /// How much is read away after an answer that came before its request was read in full, so
    /// that the client gets to read it, in bytes.
    pub linger_bytes: usize,
    /// How long that may take.
    pub linger_time: Duration,
    /// What a request's Host may be.
    pub hosts: Hosts,
}

/// What a request's Host may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hosts {
    /// Exactly one that is well-formed, since links are made of it; HTTP/1.0 may go without.
    OneWellFormed,
    /// Anything.
    Any,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            head_bytes: 16 * 1024,
            headers: 100,
            head_time: Duration::from_secs(10),
            idle_time: Duration::from_mins(2),
            body_bytes: 1024 * 1024,
            body_pause: Duration::from_secs(10),
            body_time: Duration::from_secs(30),
            linger_bytes: 1024 * 1024,
            linger_time: Duration::from_secs(1),
            hosts: Hosts::OneWellFormed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_the_documented_ones() {
        let seconds = Duration::from_secs;
        let expected = Limits {
            connections: 10_000,
            head_bytes: 16_384,
            headers: 100,
            head_time: seconds(10),
            idle_time: seconds(120),
            body_bytes: 1_048_576,
            body_pause: seconds(10),
            body_time: seconds(30),
            linger_bytes: 1_048_576,
            linger_time: seconds(1),
            hosts: Hosts::OneWellFormed,
        };
        assert_eq!(Limits::default(), expected);
    }
}
