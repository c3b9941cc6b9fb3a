//! The phases of a call in which a rule can act.

use serde_json::json;

use crate::config_file::{Node, Problems, Read, choice, one_of};

/// A phase of a call; each includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Before the token is checked.
    BeforeAuth,
    /// The token is accepted.
    AfterAuth,
    /// All checks of the contract have passed.
    AfterValidation,
    /// The change is made, yet the caller gets the failure.
    AfterCommit,
}

impl Phase {
    pub(crate) const ALL: [Self; 4] =
        [Self::BeforeAuth, Self::AfterAuth, Self::AfterValidation, Self::AfterCommit];

    /// The name in scenarios, journal and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::BeforeAuth => "before-auth",
            Self::AfterAuth => "after-auth",
            Self::AfterValidation => "after-validation",
            Self::AfterCommit => "after-commit",
        }
    }

    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        one_of(text, "phase", &Self::ALL.map(|phase| (phase.name(), phase)))
    }
}

impl Read for Phase {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        choice(node, problems, "phase", &Self::ALL.map(|phase| (phase.name(), phase)))
    }

    fn schema() -> serde_json::Value {
        json!({"enum": Self::ALL.map(Self::name)})
    }
}
