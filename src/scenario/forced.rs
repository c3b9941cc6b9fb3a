//! The catalogue: everything a rule can make of a call, with names and aliases.

use http::StatusCode;

use crate::http::Fault;
use crate::vendor::{Outcome, Provenance};

/// A named way a call can end, or go on, when a rule forces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ForcedOutcome {
    /// One of the contract's; `ok` is the real behaviour with real state.
    Contract(Outcome),
    /// The vendor's example answer word for word, nothing committed.
    DocumentedExample,
    /// An answer of a proxy that stands before the vendor.
    Gateway(Gateway),
    /// Something below HTTP.
    Fault(Fault),
}

/// Answers that stand before the vendor, with an HTML body as a proxy sends it (`assumed`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::enum_variant_names, reason = "the names are those of the HTTP statuses")]
pub enum Gateway {
    /// 429, with Retry-After.
    RateLimited,
    /// 502
    BadGateway,
    /// 503
    Unavailable,
    /// 504
    GatewayTimeout,
}

impl Gateway {
    /// Its status.
    pub fn status(self) -> StatusCode {
        match self {
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::BadGateway => StatusCode::BAD_GATEWAY,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::GatewayTimeout => StatusCode::GATEWAY_TIMEOUT,
        }
    }
}

/// Other names, as users of HTTP and of the vendor know the outcomes.
const ALIASES: [(&str, &str); 14] = [
    ("400", "bad-request"),
    ("401", "unauthorized"),
    ("404", "community-not-found"),
    ("412", "precondition-failed"),
    ("429", "rate-limited"),
    ("500", "server-error"),
    ("502", "bad-gateway"),
    ("503", "unavailable"),
    ("504", "gateway-timeout"),
    ("5026", "video-not-found"),
    ("1099", "bad-request"),
    ("5159", "unauthorized"),
    ("5218", "community-not-found"),
    ("5166", "precondition-failed"),
];

impl ForcedOutcome {
    /// All of them, in the order they are listed to users.
    pub fn all() -> impl Iterator<Item = Self> {
        let gateways = [
            Gateway::RateLimited,
            Gateway::BadGateway,
            Gateway::Unavailable,
            Gateway::GatewayTimeout,
        ];
        Outcome::ALL
            .map(Self::Contract)
            .into_iter()
            .chain([Self::DocumentedExample])
            .chain(gateways.map(Self::Gateway))
            .chain(Fault::ALL.map(Self::Fault))
    }

    /// The name users know it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Contract(outcome) => outcome.name(),
            Self::DocumentedExample => "documented-example",
            Self::Gateway(Gateway::RateLimited) => "rate-limited",
            Self::Gateway(Gateway::BadGateway) => "bad-gateway",
            Self::Gateway(Gateway::Unavailable) => "unavailable",
            Self::Gateway(Gateway::GatewayTimeout) => "gateway-timeout",
            Self::Fault(fault) => fault.name(),
        }
    }

    /// Its other names.
    pub fn aliases(self) -> impl Iterator<Item = &'static str> {
        ALIASES.into_iter().filter(move |(_, name)| *name == self.name()).map(|(alias, _)| alias)
    }

    /// Reads a name or an alias.
    pub fn parse(text: &str) -> Option<Self> {
        let name = ALIASES.iter().find(|(alias, _)| *alias == text).map_or(text, |(_, name)| name);
        Self::all().find(|forced| forced.name() == name)
    }

    /// Every name and alias.
    pub fn known_names() -> impl Iterator<Item = &'static str> {
        Self::all().map(Self::name).chain(ALIASES.into_iter().map(|(alias, _)| alias))
    }

    /// Whether the contract itself decides the answer.
    pub fn is_real(self) -> bool {
        self == Self::Contract(Outcome::Ok)
    }

    /// The HTTP status; `None` for a fault.
    pub fn status(self) -> Option<u16> {
        match self {
            Self::Contract(outcome) => Some(outcome.error().map_or(200, |error| error.status)),
            Self::DocumentedExample => Some(200),
            Self::Gateway(gateway) => Some(gateway.status().as_u16()),
            Self::Fault(_) => None,
        }
    }

    /// Where its answer is from.
    pub fn provenance(self) -> Provenance {
        match self {
            Self::Contract(outcome) => {
                outcome.error().map_or(Provenance::Documented, |error| error.body_provenance)
            }
            Self::DocumentedExample => Provenance::Documented,
            Self::Gateway(_) | Self::Fault(_) => Provenance::Assumed,
        }
    }

    /// What the caller gets, in a few words.
    pub fn describe(self) -> String {
        match self {
            Self::Contract(outcome) => match outcome.error() {
                None => "the real behaviour, with real state".into(),
                Some(error) => {
                    format!(
                        "{{\"code\":\"{}\",\"message\":\"{}\",\"data\":{{}}}}",
                        error.code, error.message
                    )
                }
            },
            Self::DocumentedExample => {
                "the vendor's example word for word, nothing is created".into()
            }
            Self::Gateway(Gateway::RateLimited) => {
                "an HTML page of a proxy, with Retry-After".into()
            }
            Self::Gateway(_) => "an HTML page of a proxy".into(),
            Self::Fault(fault) => match fault {
                Fault::Reset => "the connection is reset before any byte",
                Fault::Close => "the connection is closed before any byte",
                Fault::Truncate => "half of a success, then the connection is closed",
                Fault::Garbage => "bytes that are not HTTP",
                Fault::Hang => "nothing at all, until the client leaves",
            }
            .into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_and_alias_is_read_back() {
        for forced in ForcedOutcome::all() {
            assert_eq!(ForcedOutcome::parse(forced.name()), Some(forced));
            for alias in forced.aliases() {
                assert_eq!(ForcedOutcome::parse(alias), Some(forced));
            }
        }
        assert_eq!(ForcedOutcome::known_names().count(), 18 + 14);
        assert_eq!(ForcedOutcome::parse("5027"), None);
    }
}
