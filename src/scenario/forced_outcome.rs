//! The catalogue: every outcome that a rule can force. A new one is a variant and a row here.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::config_file::{Node, Problems, Read, text_or_number};
use crate::http::Fault;
use crate::text::{did_you_mean, quoted};
use crate::vendor::{Outcome, Provenance};

/// An outcome that a rule can force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ForcedOutcome {
    /// One of the contract's; `ok` is the real behaviour with real state.
    Contract(Outcome),
    /// The vendor's example answer word for word; nothing is created.
    DocumentedExample,
    /// The answer of a proxy in front of the vendor.
    Gateway(Gateway),
    /// A failure below HTTP.
    Fault(Fault),
}

/// Answers of a proxy in front of the vendor, with an HTML body (`assumed`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::enum_variant_names, reason = "the names are those of the HTTP statuses")]
pub enum Gateway {
    RateLimited,
    BadGateway,
    Unavailable,
    GatewayTimeout,
}

struct Row {
    outcome: ForcedOutcome,
    name: &'static str,
    /// Other names: HTTP statuses and the vendor's codes.
    aliases: &'static [&'static str],
    status: Option<u16>,
    provenance: Provenance,
    /// What the caller gets.
    body: String,
}

/// Every outcome, in the order users see.
static CATALOGUE: LazyLock<[Row; 18]> = LazyLock::new(|| {
    const PROXY: &str = "an HTML page of a proxy";
    [
        contract(Outcome::Ok, &[]),
        contract(Outcome::BadRequest, &["400", "1099"]),
        contract(Outcome::Unauthorized, &["401", "5159"]),
        contract(Outcome::CommunityNotFound, &["404", "5218"]),
        contract(Outcome::BrandNotFound, &[]),
        contract(Outcome::PreconditionFailed, &["412", "5166"]),
        contract(Outcome::VideoNotFound, &["5026"]),
        contract(Outcome::ServerError, &["500"]),
        Row {
            outcome: ForcedOutcome::DocumentedExample,
            name: "documented-example",
            aliases: &[],
            status: Some(200),
            provenance: Provenance::Documented,
            body: "the vendor's example word for word, nothing is created".into(),
        },
        gateway(
            Gateway::RateLimited,
            "rate-limited",
            &["429"],
            429,
            "an HTML page of a proxy, with Retry-After",
        ),
        gateway(Gateway::BadGateway, "bad-gateway", &["502"], 502, PROXY),
        gateway(Gateway::Unavailable, "unavailable", &["503"], 503, PROXY),
        gateway(Gateway::GatewayTimeout, "gateway-timeout", &["504"], 504, PROXY),
        fault(Fault::Reset, "reset", "the connection is reset before any byte"),
        fault(Fault::Close, "close", "the connection is closed before any byte"),
        fault(Fault::Truncate, "truncate", "half of a success, then the connection is closed"),
        fault(Fault::Garbage, "garbage", "bytes that are not HTTP"),
        fault(Fault::Hang, "hang", "nothing at all, until the client leaves"),
    ]
});

fn contract(outcome: Outcome, aliases: &'static [&'static str]) -> Row {
    let (status, provenance, body) = match outcome.error() {
        None => (200, Provenance::Documented, "the real behaviour, with real state".into()),
        Some(error) => {
            let (code, message) = (error.code, error.message);
            let body = format!(r#"{{"code":"{code}","message":"{message}","data":{{}}}}"#);
            (error.status, error.body_provenance, body)
        }
    };
    let (name, outcome) = (outcome.name(), ForcedOutcome::Contract(outcome));
    Row { outcome, name, aliases, status: Some(status), provenance, body }
}

fn gateway(
    gateway: Gateway,
    name: &'static str,
    aliases: &'static [&'static str],
    status: u16,
    body: &str,
) -> Row {
    let (outcome, provenance) = (ForcedOutcome::Gateway(gateway), Provenance::Assumed);
    Row { outcome, name, aliases, status: Some(status), provenance, body: body.into() }
}

fn fault(fault: Fault, name: &'static str, body: &str) -> Row {
    let (outcome, provenance) = (ForcedOutcome::Fault(fault), Provenance::Assumed);
    Row { outcome, name, aliases: &[], status: None, provenance, body: body.into() }
}

impl ForcedOutcome {
    /// Iterates over all of them, in the order users see.
    pub fn all() -> impl Iterator<Item = Self> {
        CATALOGUE.iter().map(|row| row.outcome)
    }

    /// Finds one by name or alias.
    pub fn parse(text: &str) -> Option<Self> {
        let found = CATALOGUE.iter().find(|row| row.name == text || row.aliases.contains(&text));
        found.map(|row| row.outcome)
    }

    /// Finds one by name or alias; the error suggests the nearest.
    pub(crate) fn find(text: &str) -> Result<Self, String> {
        Self::parse(text).ok_or_else(|| {
            let hint = did_you_mean(text, Self::known_names());
            format!("unknown outcome {}{hint}", quoted(text))
        })
    }

    /// Iterates over all names, then all aliases.
    pub(crate) fn known_names() -> impl Iterator<Item = &'static str> {
        let aliases = CATALOGUE.iter().flat_map(|row| row.aliases).copied();
        CATALOGUE.iter().map(|row| row.name).chain(aliases)
    }

    /// Returns the faults by name.
    pub(crate) fn faults() -> Vec<(&'static str, Fault)> {
        let fault = |row: &Row| match row.outcome {
            Self::Fault(fault) => Some((row.name, fault)),
            Self::Contract(_) | Self::DocumentedExample | Self::Gateway(_) => None,
        };
        CATALOGUE.iter().filter_map(fault).collect()
    }

    fn row(self) -> &'static Row {
        let found = CATALOGUE.iter().find(|row| row.outcome == self);
        found.expect("BUG: every outcome has a row")
    }

    /// The name in logs, journal and scenarios.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    pub(crate) fn aliases(self) -> &'static [&'static str] {
        self.row().aliases
    }

    /// Whether the contract itself answers.
    pub fn is_real(self) -> bool {
        self == Self::Contract(Outcome::Ok)
    }

    /// The HTTP status; `None` for a fault.
    pub fn status(self) -> Option<u16> {
        self.row().status
    }

    /// The provenance of the answer.
    pub(crate) fn provenance(self) -> Provenance {
        self.row().provenance
    }

    /// Describes what the caller gets, in a few words.
    pub(crate) fn describe(self) -> &'static str {
        &self.row().body
    }
}

impl Read for ForcedOutcome {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let text = text_or_number(node, problems)?;
        let found = Self::find(&text);
        problems.accept(node.at, found.map_err(|why| why + " (see genuin-sandbox outcomes)"))
    }

    fn schema() -> Value {
        let names: Vec<_> = Self::known_names().collect();
        let numbers: Vec<u32> = names.iter().filter_map(|name| name.parse().ok()).collect();
        json!({"oneOf": [{"enum": names}, {"enum": numbers}]})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_and_alias_is_found_and_belongs_to_one_outcome() {
        for outcome in
            Outcome::ALL.map(ForcedOutcome::Contract).into_iter().chain(ForcedOutcome::all())
        {
            for name in [&[outcome.name()], outcome.aliases()].concat() {
                assert_eq!(ForcedOutcome::parse(name), Some(outcome));
            }
        }
        let mut names: Vec<_> = ForcedOutcome::known_names().collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 18 + 14);
        assert_eq!(ForcedOutcome::parse("5027"), None);
    }
}
