//! The source of a fact of the contract.

use serde::Serialize;
use serde_json::{Value, json};

use crate::described::{Components, Described};

/// The source of a fact, the surest first. It has no default: every fact must name its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Provenance {
    /// On the vendor's Create Group page.
    Documented,
    /// On another page of the same API.
    Sibling,
    /// Seen in public clients of the same backend.
    Observed,
    /// Our decision; nothing public says so.
    Assumed,
}

impl Described for Provenance {
    fn schema(_: &mut Components) -> Value {
        let all = [Self::Documented, Self::Sibling, Self::Observed, Self::Assumed];
        json!({"type": "string", "enum": all})
    }
}

impl std::fmt::Display for Provenance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Documented => "documented",
            Self::Sibling => "sibling",
            Self::Observed => "observed",
            Self::Assumed => "assumed",
        })
    }
}
