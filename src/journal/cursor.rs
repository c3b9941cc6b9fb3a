//! Places in the journal as clients keep them: opaque texts, good for every tenant and every stream. That
//! of a stream of events may also say how far it is in the log of switches.

use std::hash::{BuildHasher as _, RandomState};

/// Writes and reads the cursors of one journal. Those of another process are not recognised, so that a
/// reader who comes back after a restart misses nothing.
#[derive(Debug)]
pub(super) struct Cursors {
    /// A random number, different from that of other journals.
    run: u32,
}

const RUN_DIGITS: usize = 8;

impl Default for Cursors {
    fn default() -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "any 32 bits of it will do")]
        let run = RandomState::new().hash_one(0) as u32;
        Self { run }
    }
}

impl Cursors {
    /// Returns the text for the place after a record, and after a switch if its number is given.
    pub(super) fn text(&self, id: u64, switch: Option<u64>) -> String {
        let switch = switch.map_or_else(String::new, |number| format!(".{number:x}"));
        format!("{:08x}{id:x}{switch}", self.run)
    }

    /// Returns the id of the record and the number of the switch that a text stands for; `None` if this
    /// journal did not write it.
    pub(super) fn places(&self, text: &str) -> Option<(u64, Option<u64>)> {
        let number = |text: &str| u64::from_str_radix(text, 16).ok();
        let (id, switch) = match text.get(RUN_DIGITS..)?.split_once('.') {
            Some((id, switch)) => (number(id)?, Some(number(switch)?)),
            None => (number(text.get(RUN_DIGITS..)?)?, None),
        };
        (self.text(id, switch) == text).then_some((id, switch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_texts_of_this_journal_are_recognised() {
        let cursors = Cursors { run: 0x00ab_cdef };
        for id in [0, 1, 255, u64::MAX] {
            for switch in [None, Some(0), Some(17), Some(u64::MAX)] {
                assert_eq!(cursors.places(&cursors.text(id, switch)), Some((id, switch)));
            }
        }
        let other = Cursors { run: 0x1234_5678 };
        for text in [
            "",
            "1",
            "17",
            "00abcdef",
            "00abcdef+1",
            "00ABCDEF1",
            "00abcdef01",
            "00abcdef1.",
            "00abcdef.1",
            "00abcdef1.01",
            "00abcdef1.1.1",
            "äöüäö",
        ] {
            assert_eq!(cursors.places(text), None, "{text}");
        }
        assert_eq!(cursors.places(&other.text(1, None)), None);
        assert_ne!(Cursors::default().run, Cursors::default().run);
    }
}
