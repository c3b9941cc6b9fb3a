//! The rules that a client is judged by.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::config_file::one_of;
use crate::described::plain;
use crate::text::named;

named! {
    /// A mistake of a client.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub(crate) enum ClientRule {
        RetriedPermanent = "retried-permanent",
        DuplicateAfterUnknown = "duplicate-after-unknown",
        NoBackoff = "no-backoff",
        IgnoredRetryAfter = "ignored-retry-after",
        RetryStorm = "retry-storm",
        UsedExpiredToken = "used-expired-token",
        GaveUpOnTransient = "gave-up-on-transient",
        NeverTimedOut = "never-timed-out",
        LeftTooEarly = "left-too-early",
        LoginPerCall = "login-per-call",
        UnknownFields = "unknown-fields",
        UnknownEndpoints = "unknown-endpoints",
        UnknownScenarios = "unknown-scenarios",
    }
    pub(crate) const ALL;
}

named! {
    /// How much a mistake matters.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    pub(crate) enum RuleSeverity {
        /// It may be meant.
        Look = "look",
        /// It does harm in production.
        Fix = "fix",
    }
}

impl ClientRule {
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
        one_of(name, "rule", &Self::ALL.map(|rule| (rule.name(), rule)))
    }
}

impl fmt::Display for ClientRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

plain! {
    ClientRule => {"type": "string", "enum": ClientRule::ALL};
    RuleSeverity => {"type": "string", "enum": [RuleSeverity::Fix, RuleSeverity::Look]};
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::text::listed;

    #[test]
    fn every_rule_is_found_by_its_name_and_has_one_line_of_advice() {
        for rule in ClientRule::ALL {
            assert_eq!(ClientRule::find(rule.name()), Ok(rule));
            assert_eq!(json!(rule), rule.name());
            assert!(!rule.remedy().contains('\n') && !rule.remedy().ends_with('.'), "{rule}");
        }
        let unknown = ClientRule::find("no-back-of").unwrap_err();
        let known = listed("no-back-of", ClientRule::ALL.map(ClientRule::name));
        assert_eq!(
            unknown,
            format!("unknown rule \"no-back-of\"; did you mean \"no-backoff\"? (known: {known})")
        );
    }
}
