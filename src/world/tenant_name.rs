//! The name of a tenant.

use std::fmt;
use std::sync::Arc;

/// The name of a tenant: `[a-z0-9][a-z0-9-]{0,62}`, or the reserved `anonymous`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TenantName(Arc<str>);

/// The tenant of calls whose token names none.
const ANONYMOUS: &str = "anonymous";

impl TenantName {
    /// The form of every name, as a regular expression.
    pub(crate) const PATTERN: &'static str = "^[a-z0-9][a-z0-9-]{0,62}$";

    /// Parses a name that users can take; an error says why it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text == ANONYMOUS {
            return Err(format!(
                "{ANONYMOUS:?} is reserved for calls that name no tenant; choose another"
            ));
        }
        let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let well_formed =
            (1..=63).contains(&text.len()) && text.bytes().all(letters) && !text.starts_with('-');
        if well_formed {
            return Ok(Self(text.into()));
        }
        let quoted = crate::text::quoted(text);
        Err(format!(
            "{quoted} is not a tenant name: use 1 to 63 of a-z, 0-9 and -, not starting with -"
        ))
    }

    /// The reserved tenant of calls whose token names none.
    pub fn anonymous() -> Self {
        Self(ANONYMOUS.into())
    }

    pub(crate) fn is_anonymous(&self) -> bool {
        &*self.0 == ANONYMOUS
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_1_to_63_of_lower_case_letters_digits_and_dashes() {
        for name in ["a", "0", "demo", "ci-run-7", &"x".repeat(63)] {
            assert_eq!(TenantName::parse(name).unwrap().as_str(), name);
        }
        for name in ["", "-a", "Demo", "a_b", "a.b", "ä", "a b", &"x".repeat(64)] {
            let why = TenantName::parse(name).unwrap_err();
            assert!(why.contains("1 to 63 of a-z"), "{name}: {why}");
        }
        assert!(TenantName::parse("anonymous").unwrap_err().contains("reserved"));
    }
}
