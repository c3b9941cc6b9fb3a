//! The catalogue: every outcome that a rule can force. A new one is a variant and a row here.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::hold::{self, HoldUntil};
use crate::config_file::{Node, Problems, Read, text_or_number};
use crate::http::Fault;
use crate::text::{listed, nearest, quoted};
use crate::vendor::{Endpoint, FailureKind, Outcome, Provenance};

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
    /// The call waits until it is released, or until so many are held.
    Hold(HoldUntil),
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
static CATALOGUE: LazyLock<[Row; 20]> = LazyLock::new(|| {
    const PROXY: &str = "an HTML page of a proxy";
    [
        contract(Outcome::Ok, &[]),
        contract(Outcome::BadRequest, &["400", "1099"]),
        contract(Outcome::Unauthorized, &["401", "5159"]),
        contract(Outcome::CommunityNotFound, &["404", "5218"]),
        contract(Outcome::ConversationNotFound, &["5057"]),
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
        Row {
            outcome: ForcedOutcome::Hold(HoldUntil::Released),
            name: hold::NAME,
            aliases: &[],
            status: None,
            provenance: Provenance::Assumed,
            body:
                "nothing until the call is released, then the real answer; hold(3) until 3 are held"
                    .into(),
        },
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

/// Words for `ok` that its spelling does not suggest.
const SUCCESSES: [&str; 6] = ["0k", "okay", "pass", "succeed", "success", "successful"];

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl ForcedOutcome {
    /// The real behaviour.
    pub(crate) const REAL: Self = Self::Contract(Outcome::Ok);

    /// Iterates over all of them, in the order users see.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        CATALOGUE.iter().map(|row| row.outcome)
    }

    /// Finds one by name or alias.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(hold) = HoldUntil::parse(text) {
            return hold.ok().map(Self::Hold);
        }
        let found = CATALOGUE.iter().find(|row| row.name == text || row.aliases.contains(&text));
        found.map(|row| row.outcome)
    }

    /// Finds one by name or alias; the error suggests the nearest.
    pub(crate) fn find(text: &str) -> Result<Self, String> {
        if let Some(hold) = HoldUntil::parse(text) {
            return hold.map(Self::Hold);
        }
        Self::parse(text).ok_or_else(|| {
            let hint = Self::hint(text);
            format!("unknown outcome {}{hint}", quoted(text))
        })
    }

    /// Returns the names that an unknown one was probably meant as; of a number, all that are like it.
    pub(crate) fn near(text: &str) -> Vec<&'static str> {
        let is_success = SUCCESSES.contains(&&*text.to_ascii_lowercase());
        if !is_number(text) {
            let ok = is_success.then_some("ok");
            return nearest(text, Self::known_names()).or(ok).into_iter().collect();
        }
        if text.len() == 3 && text.starts_with('2') {
            return vec!["ok"];
        }
        if text.len() == 3 {
            let has_class = |status: &&str| status.len() == 3 && status[..1] == text[..1];
            return Self::numbers().filter(has_class).collect();
        }
        nearest(text, Self::numbers()).into_iter().collect()
    }

    /// Returns `; did you mean "x"?` with what is near, or the known numbers for one that is far.
    pub(crate) fn hint(text: &str) -> String {
        let near: Vec<_> = Self::near(text).iter().map(|name| format!("{name:?}")).collect();
        match near.split_last() {
            Some((last, [])) => format!("; did you mean {last}?"),
            Some((last, others)) => {
                format!("; did you mean {} or {last}?", others.join(", "))
            }
            None if is_number(text) => {
                format!("; the known numbers are {}", listed(text, Self::numbers()))
            }
            None => String::new(),
        }
    }

    /// Iterates over the aliases that are numbers, statuses before codes.
    fn numbers() -> impl Iterator<Item = &'static str> {
        let mut numbers: Vec<_> = CATALOGUE.iter().flat_map(|row| row.aliases).copied().collect();
        numbers.sort_by_key(|number| (number.len(), *number));
        numbers.into_iter()
    }

    /// Iterates over all names, then all aliases.
    pub(crate) fn known_names() -> impl Iterator<Item = &'static str> {
        let aliases = CATALOGUE.iter().flat_map(|row| row.aliases).copied();
        CATALOGUE.iter().map(|row| row.name).chain(aliases)
    }

    /// The schema of those that end a call.
    pub(crate) fn schema_of_ends() -> Value {
        let ends = Self::known_names().filter(|name| *name != hold::NAME);
        json!({"oneOf": schemas_of(ends)})
    }

    /// Returns the faults by name.
    pub(crate) fn faults() -> Vec<(&'static str, Fault)> {
        let fault = |row: &Row| match row.outcome {
            Self::Fault(fault) => Some((row.name, fault)),
            Self::Contract(_) | Self::DocumentedExample | Self::Gateway(_) | Self::Hold(_) => None,
        };
        CATALOGUE.iter().filter_map(fault).collect()
    }

    fn row(self) -> &'static Row {
        let listed = match self {
            Self::Hold(_) => Self::Hold(HoldUntil::Released),
            other => other,
        };
        let found = CATALOGUE.iter().find(|row| row.outcome == listed);
        found.expect("BUG: every outcome has a row")
    }

    /// The name in logs, journal and scenarios.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    pub(crate) fn aliases(self) -> &'static [&'static str] {
        self.row().aliases
    }

    /// Returns why calls to an endpoint cannot end so: it has no example to answer with.
    pub(crate) fn refused_by(self, endpoint: &Endpoint) -> Option<String> {
        let is_refused = self == Self::DocumentedExample && endpoint.documented_example.is_none();
        let name = endpoint.name;
        is_refused.then(|| format!("{name} has no documented example; use another outcome"))
    }

    /// Whether the contract itself answers.
    pub fn is_real(self) -> bool {
        self == Self::REAL
    }

    /// Whether the call waits first.
    pub(crate) fn is_hold(self) -> bool {
        matches!(self, Self::Hold(_))
    }

    /// The HTTP status; `None` for a fault, and for a hold, whose answer comes later.
    pub fn status(self) -> Option<u16> {
        self.row().status
    }

    /// How a call with this outcome has failed, as its caller sees it; `None` if it succeeded.
    pub(crate) fn failure(self) -> Option<FailureKind> {
        match self {
            Self::Contract(outcome) => outcome.failure(),
            Self::DocumentedExample | Self::Hold(_) => None,
            Self::Gateway(_) | Self::Fault(Fault::Reset | Fault::Close) => {
                Some(FailureKind::Transient)
            }
            Self::Fault(Fault::Truncate | Fault::Garbage) => Some(FailureKind::Unclear),
            Self::Fault(Fault::Hang) => Some(FailureKind::Silence),
        }
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
        json!({"$ref": "#/$defs/outcome"})
    }
}

/// The schema behind `#/$defs/outcome`.
pub(super) fn definition() -> Value {
    let [names, numbers] = schemas_of(ForcedOutcome::known_names());
    json!({"oneOf": [names, numbers, HoldUntil::schema()]})
}

/// The schemas of names as text, and of those that are numbers as numbers.
fn schemas_of(names: impl Iterator<Item = &'static str>) -> [Value; 2] {
    let names: Vec<_> = names.collect();
    let numbers: Vec<u32> = names.iter().filter_map(|name| name.parse().ok()).collect();
    [json!({"type": "string", "enum": names}), json!({"type": "integer", "enum": numbers})]
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
        assert!(ForcedOutcome::numbers().all(is_number), "every alias is a number");
        names.dedup();
        assert_eq!(names.len(), 20 + 15);
        assert_eq!(ForcedOutcome::parse("5027"), None);
    }

    #[test]
    fn what_was_meant_is_suggested() {
        let numbers =
            |text| format!("; the known numbers are {}", listed(text, ForcedOutcome::numbers()));
        assert!(numbers("302").ends_with(" and 5 more"));
        for (text, expected) in [
            ("200", "; did you mean \"ok\"?"),
            ("204", "; did you mean \"ok\"?"),
            ("okk", "; did you mean \"ok\"?"),
            ("0k", "; did you mean \"ok\"?"),
            ("Okay", "; did you mean \"ok\"?"),
            ("success", "; did you mean \"ok\"?"),
            ("403", "; did you mean \"400\", \"401\", \"404\", \"412\" or \"429\"?"),
            ("501", "; did you mean \"500\", \"502\", \"503\" or \"504\"?"),
            ("5027", "; did you mean \"5026\"?"),
            ("50", "; did you mean \"500\"?"),
            ("1098", "; did you mean \"1099\"?"),
            ("302", &*numbers("302")),
            ("9999", &numbers("9999")),
            ("7", &numbers("7")),
            ("sever-error", "; did you mean \"server-error\"?"),
            ("", ""),
            ("o", ""),
            ("maintenance", ""),
        ] {
            assert_eq!(ForcedOutcome::hint(text), expected, "{text}");
        }
    }
}
