//! Whether texts that differ in case alone are the same.

/// Whether letters that differ in case alone are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LetterCase {
    Kept,
    Ignored,
}

impl LetterCase {
    pub(super) fn are_same(self, one: u8, other: u8) -> bool {
        one == other || self == Self::Ignored && one.eq_ignore_ascii_case(&other)
    }

    pub(super) fn are_equal(self, one: &[u8], other: &[u8]) -> bool {
        one == other || self == Self::Ignored && one.eq_ignore_ascii_case(other)
    }
}
