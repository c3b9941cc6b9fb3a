//! Encodes plain data with postcard straight into memory that was reserved beforehand, so that
//! storing a value neither allocates nor copies it a second time.

use postcard::ser_flavors::{Flavor, Size};
use serde::Serialize;

/// Appends a value to the bytes that are there if all of it fits into the spare capacity;
/// otherwise changes nothing and returns false.
pub(super) fn append<T: Serialize>(value: &T, bytes: &mut Vec<u8>) -> bool {
    let before = bytes.len();
    let written = postcard::serialize_with_flavor(value, SpareCapacity(bytes)).is_ok();
    if !written {
        bytes.truncate(before);
    }
    written
}

pub(super) fn encoded_bytes<T: Serialize>(value: &T) -> usize {
    postcard::serialize_with_flavor(value, Size::default())
        .expect("BUG: plain data can always be encoded")
}

struct SpareCapacity<'b>(&'b mut Vec<u8>);

impl SpareCapacity<'_> {
    fn left(&self) -> usize {
        self.0.capacity() - self.0.len()
    }
}

impl Flavor for SpareCapacity<'_> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        if self.left() == 0 {
            return Err(postcard::Error::SerializeBufferFull);
        }
        self.0.push(byte);
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        // most numbers are one byte long
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

/// Stores bytes with one copy; as a list, each would be written and read on its own.
pub(super) mod bytes_in_one_piece {
    use std::borrow::Cow;

    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(
        bytes: &[u8],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(bytes)
    }

    pub(in super::super) fn deserialize<'de, 'a, D>(from: D) -> Result<Cow<'a, [u8]>, D::Error>
    where
        D: Deserializer<'de>,
    {
        <&[u8]>::deserialize(from).map(|bytes| Cow::Owned(bytes.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_appended_whole_or_not_at_all() {
        let value = ("abc", 300_u64, Some(vec![1_u8, 2]));
        let whole = postcard::to_allocvec(&value).unwrap();
        assert_eq!(encoded_bytes(&value), whole.len());
        for capacity in 0..=whole.len() {
            let mut bytes = Vec::with_capacity(1 + capacity);
            bytes.push(7);
            let capacity = bytes.capacity();
            let fits = capacity > whole.len();
            assert_eq!(append(&value, &mut bytes), fits, "{capacity}");
            let expected = if fits { [&[7], &whole[..]].concat() } else { vec![7] };
            assert_eq!((bytes.capacity(), bytes), (capacity, expected), "it does not grow");
        }
    }
}
