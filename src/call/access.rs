//! Who may use the sandbox's own API.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Instant;

use http::{HeaderName, Version};

use crate::http::Request;
use crate::tenant::WarningPause;
use crate::text::quoted;

/// From where, with which token and under which names the sandbox's own API may be used.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// From where.
    pub mode: Mode,
    /// The token that every request must carry; with one, [`Mode::Loopback`] takes requests from
    /// anywhere.
    pub token: Option<String>,
    /// Host names that are allowed besides local ones, in lower case and without a final dot.
    pub allow_hosts: Vec<String>,
}

/// From where the sandbox's own API may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// From this machine, unless a proxy passed the request on; others get a 404.
    #[default]
    Loopback,
    /// From anywhere.
    Open,
    /// From nowhere: everybody gets a 404.
    Off,
}

/// Why the API is closed to a request, and which option opens it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ClosedReason {
    Off,
    /// The peer is neither 127.0.0.1 nor `::1`.
    Remote(IpAddr),
    /// A proxy named the client in this header.
    Forwarded(HeaderName),
    /// No client of this API speaks HTTP/1.0, but nginx does to the server behind it, and names no
    /// client unless it is configured to.
    OldVersion,
}

/// When a refusal was last logged for each reason, so that a scanner cannot flood the log.
#[derive(Debug, Default)]
pub(crate) struct ClosedLog([WarningPause; 4]);

impl Access {
    /// Returns why the API is closed to a request; `None` if it is open.
    pub(crate) fn closed_to(&self, request: &Request) -> Option<ClosedReason> {
        match self.mode {
            Mode::Off => return Some(ClosedReason::Off),
            Mode::Open => return None,
            Mode::Loopback if self.token.is_some() => return None,
            Mode::Loopback => {}
        }
        // no other address of 127.0.0.0/8: a sidecar of Istio has 127.0.0.6
        let peer = request.peer.to_canonical();
        if ![IpAddr::from(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()].contains(&peer) {
            return Some(ClosedReason::Remote(peer));
        }
        if let Some(name) = request.headers.keys().find(|name| is_set_by_proxies(name.as_str())) {
            return Some(ClosedReason::Forwarded(name.clone()));
        }
        (request.version < Version::HTTP_11).then_some(ClosedReason::OldVersion)
    }
}

/// Whether proxies add a header to what they pass on, by its lower-case name.
fn is_set_by_proxies(name: &str) -> bool {
    matches!(
        name,
        "forwarded"
            | "via"
            | "x-real-ip"
            | "x-forwarded"
            | "x-client-ip"
            | "x-original-forwarded-for"
            | "true-client-ip"
            | "cf-connecting-ip"
            | "fly-client-ip"
    ) || name.starts_with("x-forwarded-")
        || name.starts_with("x-envoy-")
}

impl fmt::Display for ClosedReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open = "open it with --admin-token or --admin open";
        match self {
            Self::Off => formatter.write_str(
                "the own API is off; open it with --admin open, or to this machine with --admin loopback",
            ),
            Self::Remote(peer) => {
                write!(formatter, "the own API is closed to {peer}, which is neither 127.0.0.1 nor ::1; {open}")
            }
            Self::Forwarded(name) => {
                let name = quoted(name.as_str());
                write!(formatter, "the own API is closed to proxies, and one set the header {name}; {open}")
            }
            Self::OldVersion => write!(
                formatter,
                "the own API is closed to proxies, and HTTP/1.0 is what nginx speaks as one; {open}"
            ),
        }
    }
}

impl ClosedLog {
    /// Whether to log a refusal for a reason: the first in a minute.
    pub(crate) fn admits(&self, reason: &ClosedReason, now: Instant) -> bool {
        let index = match reason {
            ClosedReason::Off => 0,
            ClosedReason::Remote(_) => 1,
            ClosedReason::Forwarded(_) => 2,
            ClosedReason::OldVersion => 3,
        };
        self.0[index].admits(now)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue, Method, Uri};

    use super::*;

    fn request(peer: &str, version: Version, header: Option<&'static str>) -> Request {
        let value = HeaderValue::from_static("x");
        let headers = header.map(|name| (HeaderName::from_static(name), value));
        Request {
            method: Method::GET,
            uri: Uri::from_static("/_sandbox/v1/status"),
            version,
            headers: headers.into_iter().collect::<HeaderMap>(),
            body: Bytes::new(),
            peer: peer.parse().unwrap(),
        }
    }

    #[test]
    fn loopback_is_two_addresses_without_a_proxy_in_between() {
        let access = Access::default();
        let closed = |peer, version, header| access.closed_to(&request(peer, version, header));
        let http_11 = Version::HTTP_11;
        for peer in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(closed(peer, http_11, None), None, "{peer}");
            assert_eq!(closed(peer, http_11, Some("x-request-id")), None, "{peer}");
            assert_eq!(closed(peer, Version::HTTP_10, None), Some(ClosedReason::OldVersion));
        }
        for peer in ["127.0.0.6", "127.0.0.2", "::ffff:127.0.0.6", "192.168.1.7", "::", "0.0.0.0"] {
            let closed = closed(peer, http_11, None);
            assert!(matches!(closed, Some(ClosedReason::Remote(_))), "{peer}: {closed:?}");
        }
        for header in [
            "forwarded",
            "via",
            "x-real-ip",
            "x-forwarded-for",
            "x-forwarded-client-cert",
            "x-envoy-attempt-count",
            "x-forwarded",
            "cf-connecting-ip",
            "true-client-ip",
            "x-envoy-external-address",
        ] {
            let expected = Some(ClosedReason::Forwarded(HeaderName::from_static(header)));
            assert_eq!(closed("::1", http_11, Some(header)), expected);
        }
    }

    #[test]
    fn a_token_or_open_lets_proxies_in_and_off_nobody() {
        let requests = || {
            [
                request("127.0.0.1", Version::HTTP_11, None),
                request("127.0.0.1", Version::HTTP_10, Some("x-forwarded-for")),
                request("192.168.1.7", Version::HTTP_11, Some("via")),
            ]
        };
        let token = || Some("t".to_owned());
        for (mode, token, is_open) in [
            (Mode::Loopback, token(), true),
            (Mode::Open, None, true),
            (Mode::Open, token(), true),
            (Mode::Off, None, false),
            (Mode::Off, token(), false),
        ] {
            let access = Access { mode, token, ..Access::default() };
            for request in requests() {
                assert_eq!(access.closed_to(&request).is_none(), is_open, "{mode:?} {request:?}");
            }
        }
    }

    #[test]
    fn a_reason_is_logged_once_a_minute() {
        let log = ClosedLog::default();
        let start = Instant::now();
        let remote = |last| ClosedReason::Remote(Ipv4Addr::new(192, 0, 2, last).into());
        let second = Duration::from_secs(1);
        assert!(log.admits(&remote(1), start));
        assert!(!log.admits(&remote(2), start + second * 59), "another peer is the same reason");
        assert!(log.admits(&ClosedReason::OldVersion, start + second * 59));
        assert!(log.admits(&remote(1), start + second * 60));
        assert!(!log.admits(&remote(1), start + second * 119));
        assert!(!log.admits(&ClosedReason::OldVersion, start + second * 118));
    }
}
