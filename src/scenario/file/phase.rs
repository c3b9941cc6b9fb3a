//! The phases of a call in which a rule can act.

use crate::config_file::{one_of, read_by_name};
use crate::text::named;

named! {
    /// A phase of a call; each includes those before it.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Phase {
        /// Before the token is checked.
        BeforeAuth = "before-auth",
        /// The token is accepted.
        AfterAuth = "after-auth",
        /// All checks of the contract have passed.
        AfterValidation = "after-validation",
        /// The change is made, yet the caller gets the failure.
        AfterCommit = "after-commit",
    }
    pub(crate) const ALL;
}

impl Phase {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        one_of(text, "phase", &Self::ALL.map(|phase| (phase.name(), phase)))
    }
}

read_by_name!(Phase, "phase");
