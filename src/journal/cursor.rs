//! Places in the journal as clients keep them: opaque texts, good for every tenant and every stream.

use std::hash::{BuildHasher as _, RandomState};

/// Writes and reads the cursors of one journal. Those of another process are not recognised, so that a
/// reader who comes back after a restart misses nothing.
#[derive(Debug)]
pub(super) struct Cursors {
    /// Tells this journal from all others, by chance.
    run: u32,
}

/// The number of hex digits of the run.
const RUN_DIGITS: usize = 8;

impl Default for Cursors {
    fn default() -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "any 32 bits of it will do")]
        let run = RandomState::new().hash_one(0) as u32;
        Self { run }
    }
}

impl Cursors {
    /// Returns the text for the place behind a record.
    pub(super) fn text(&self, id: u64) -> String {
        format!("{:08x}{id:x}", self.run)
    }

    /// Returns the id of the record that a text stands behind; `None` if this journal did not write it.
    pub(super) fn id(&self, text: &str) -> Option<u64> {
        let id = u64::from_str_radix(text.get(RUN_DIGITS..)?, 16).ok()?;
        (self.text(id) == text).then_some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_texts_of_this_journal_are_recognised() {
        let cursors = Cursors { run: 0x00ab_cdef };
        for id in [0, 1, 255, u64::MAX] {
            assert_eq!(cursors.id(&cursors.text(id)), Some(id));
        }
        let other = Cursors { run: 0x1234_5678 };
        for text in ["", "1", "17", "00abcdef", "00abcdef+1", "00ABCDEF1", "00abcdef01", "äöüäö"]
        {
            assert_eq!(cursors.id(text), None, "{text}");
        }
        assert_eq!(cursors.id(&other.text(1)), None);
        assert_ne!(Cursors::default().run, Cursors::default().run);
    }
}
