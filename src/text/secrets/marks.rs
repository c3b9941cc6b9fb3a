//! Marks of secrets: bytes that tell in one look at a text what there is to look for in it. Most texts are short
//! headers without any.

/// Pairs of bytes, with one bit for each kind of secret that they are a mark of.
#[derive(Debug, Clone)]
pub(super) struct Marks {
    /// By the second byte.
    bytes: [u8; BYTES],
    /// By the first one. A mark is in both.
    before: [u8; BYTES],
}

const BYTES: usize = 1 << u8::BITS;

impl Marks {
    pub(super) const NONE: Self = Self { bytes: [0; BYTES], before: [0; BYTES] };

    /// Returns the marks with more: these bytes after one of those, or after any byte and at the start of a text if
    /// those are left out, are marks of a kind. If it has others, each of its bytes is one after what is before another.
    pub(super) const fn with(mut self, before: Option<&[u8]>, bytes: &[u8], kind: u8) -> Self {
        let mut at = 0;
        while let Some(before) = before
            && at < before.len()
        {
            self.before[before[at] as usize] |= kind;
            at += 1;
        }
        while before.is_none() && at < BYTES {
            self.before[at] |= kind;
            at += 1;
        }
        let mut at = 0;
        while at < bytes.len() {
            self.bytes[bytes[at] as usize] |= kind;
            at += 1;
        }
        self
    }

    /// The kinds that a byte after another one is a mark of.
    pub(super) fn of(&self, before: u8, byte: u8) -> u8 {
        self.before[usize::from(before)] & self.bytes[usize::from(byte)]
    }

    /// The kinds of which a mark is in a text.
    pub(super) fn in_text(&self, text: &[u8]) -> u8 {
        // what is a mark after any byte is one after this, too, and nothing else is
        let mut before = 0;
        text.iter()
            .fold(0, |kinds, byte| kinds | self.of(std::mem::replace(&mut before, *byte), *byte))
    }
}
