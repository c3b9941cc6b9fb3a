//! Plain data in as few bytes as can be, one value after another in memory that was got beforehand:
//! what is remembered of calls is written where it stays, and costs no memory of its own.

use postcard::ser_flavors::Flavor;
use serde::Serialize;

/// Writes a value behind what is there, if there is room for all of it.
pub fn append<T: Serialize>(value: &T, bytes: &mut Vec<u8>) -> bool {
    let before = bytes.len();
    let written = postcard::serialize_with_flavor(value, Room(bytes)).is_ok();
    if !written {
        bytes.truncate(before);
    }
    written
}

/// A value in bytes of its own.
pub fn to_bytes<T: Serialize>(value: &T) -> Vec<u8> {
    postcard::to_allocvec(value).expect("BUG: plain data can always be written")
}

/// What is left of some memory.
struct Room<'b>(&'b mut Vec<u8>);

impl Room<'_> {
    fn left(&self) -> usize {
        self.0.capacity() - self.0.len()
    }
}

impl Flavor for Room<'_> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        if self.left() == 0 {
            return Err(postcard::Error::SerializeBufferFull);
        }
        self.0.push(byte);
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        // most numbers
        if let [byte] = bytes {
            return self.try_push(*byte);
        }
        if self.left() < bytes.len() {
            return Err(postcard::Error::SerializeBufferFull);
        }
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_appended_whole_or_not_at_all() {
        let value = ("abc", 300_u64, Some(vec![1_u8, 2]));
        let whole = to_bytes(&value);
        for room in 0..=whole.len() {
            let mut bytes = Vec::with_capacity(1 + room);
            bytes.push(7);
            let capacity = bytes.capacity();
            let fits = capacity > whole.len();
            assert_eq!(append(&value, &mut bytes), fits, "{room}");
            let expected = if fits { [&[7], &whole[..]].concat() } else { vec![7] };
            assert_eq!((bytes.capacity(), bytes), (capacity, expected), "it does not grow");
        }
    }
}
