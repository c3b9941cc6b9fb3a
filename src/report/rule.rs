//! The rules that a client is judged by.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use crate::described::{Components, Described};
use crate::text::not_among;

/// A mistake of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ClientRule {
    RetriedPermanent,
    DuplicateAfterUnknown,
    NoBackoff,
    IgnoredRetryAfter,
    RetryStorm,
    UsedExpiredToken,
    GaveUpOnTransient,
    NeverTimedOut,
    LeftTooEarly,
    LoginPerCall,
    UnknownFields,
    UnknownEndpoints,
    UnknownScenarios,
}

/// How much a mistake matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RuleSeverity {
    /// It may be meant.
    Look,
    /// It does harm in production.
    Fix,
}

impl ClientRule {
    /// All rules, in the order in which users see them.
    pub(crate) const ALL: [Self; 13] = [
        Self::RetriedPermanent,
        Self::DuplicateAfterUnknown,
        Self::NoBackoff,
        Self::IgnoredRetryAfter,
        Self::RetryStorm,
        Self::UsedExpiredToken,
        Self::GaveUpOnTransient,
        Self::NeverTimedOut,
        Self::LeftTooEarly,
        Self::LoginPerCall,
        Self::UnknownFields,
        Self::UnknownEndpoints,
        Self::UnknownScenarios,
    ];

    /// The name in reports, scenario files and options.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RetriedPermanent => "retried-permanent",
            Self::DuplicateAfterUnknown => "duplicate-after-unknown",
            Self::NoBackoff => "no-backoff",
            Self::IgnoredRetryAfter => "ignored-retry-after",
            Self::RetryStorm => "retry-storm",
            Self::UsedExpiredToken => "used-expired-token",
            Self::GaveUpOnTransient => "gave-up-on-transient",
            Self::NeverTimedOut => "never-timed-out",
            Self::LeftTooEarly => "left-too-early",
            Self::LoginPerCall => "login-per-call",
            Self::UnknownFields => "unknown-fields",
            Self::UnknownEndpoints => "unknown-endpoints",
            Self::UnknownScenarios => "unknown-scenarios",
        }
    }

    pub(crate) fn severity(self) -> RuleSeverity {
        match self {
            Self::RetriedPermanent
            | Self::DuplicateAfterUnknown
            | Self::NoBackoff
            | Self::IgnoredRetryAfter
            | Self::RetryStorm
            | Self::UsedExpiredToken => RuleSeverity::Fix,
            Self::GaveUpOnTransient
            | Self::NeverTimedOut
            | Self::LeftTooEarly
            | Self::LoginPerCall
            | Self::UnknownFields
            | Self::UnknownEndpoints
            | Self::UnknownScenarios => RuleSeverity::Look,
        }
    }

    /// What to change in the client, on one line.
    pub(crate) fn remedy(self) -> &'static str {
        match self {
            Self::RetriedPermanent => {
                "do not repeat a request after 400, 401, 404, 412 or a 500 with the code \"5026\": read the \
                 code besides the status, and change the request first"
            }
            Self::DuplicateAfterUnknown => {
                "send an id of your own with the first try and keep it in every retry: a repeat is refused \
                 then, and nothing is made twice"
            }
            Self::NoBackoff => {
                "wait before each retry, longer each time and with jitter: 200 ms, 400 ms, 800 ms"
            }
            Self::IgnoredRetryAfter => "read Retry-After and wait at least as long as it says",
            Self::RetryStorm => "stop after a few tries, and report the failure",
            Self::UsedExpiredToken => {
                "after a 401 get a new token, for all calls at once, and drop the old one"
            }
            Self::GaveUpOnTransient => {
                "try again after 429, 502, 503, 504 and broken connections, after a while and a few times"
            }
            Self::NeverTimedOut => "set a time after which a call without an answer is ended",
            Self::LeftTooEarly => "wait at least some seconds for an answer",
            Self::LoginPerCall => "keep the token and use it until it expires",
            Self::UnknownFields => "remove or correct the fields that the API does not have",
            Self::UnknownEndpoints => {
                "correct the path or the method: the call in the journal says what was probably meant"
            }
            Self::UnknownScenarios => {
                "correct the name or add the scenario: such a call is not answered as the API would"
            }
        }
    }

    /// Finds a rule by name; the error suggests the nearest.
    pub(crate) fn find(name: &str) -> Result<Self, String> {
        let names = Self::ALL.map(Self::name);
        let found = Self::ALL.into_iter().find(|rule| rule.name() == name);
        found.ok_or_else(|| format!("unknown rule {}", not_among(name, names)))
    }
}

impl fmt::Display for ClientRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Described for ClientRule {
    fn schema(_: &mut Components) -> Value {
        json!({"type": "string", "enum": Self::ALL})
    }
}

impl Described for RuleSeverity {
    fn schema(_: &mut Components) -> Value {
        json!({"type": "string", "enum": [Self::Fix, Self::Look]})
    }
}

impl Serialize for ClientRule {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for ClientRule {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        Self::find(&name).map_err(serde::de::Error::custom)
    }
}

impl RuleSeverity {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::Fix => "fix",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_found_by_its_name_and_has_one_line_of_advice() {
        for rule in ClientRule::ALL {
            assert_eq!(ClientRule::find(rule.name()), Ok(rule));
            assert!(!rule.remedy().contains('\n') && !rule.remedy().ends_with('.'), "{rule}");
        }
        let unknown = ClientRule::find("no-back-of").unwrap_err();
        let known = ClientRule::ALL.map(ClientRule::name).join(", ");
        assert_eq!(
            unknown,
            format!("unknown rule \"no-back-of\"; did you mean \"no-backoff\"? (known: {known})")
        );
    }
}
