//! Bytes as text in base64 (RFC 4648), for the few that are no text themselves.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Returns the text for bytes.
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let of = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = of(0) << 16 | of(1) << 8 | of(2);
        for digit in 0..4 {
            let index = (bits >> (18 - 6 * digit)) & 63;
            text.push(if digit <= group.len() {
                char::from(ALPHABET[index as usize])
            } else {
                '='
            });
        }
    }
    text
}

/// Returns the bytes of a text; `None` if no bytes have it.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for group in text.as_bytes().chunks(4) {
        let padding = group.iter().rev().take_while(|letter| **letter == b'=').count();
        let mut bits = 0_u32;
        for letter in &group[..group.len() - padding] {
            let index = ALPHABET.iter().position(|known| known == letter)?;
            bits = bits << 6 | u32::try_from(index).ok()?;
        }
        bits <<= 6 * padding;
        let [_, all @ ..] = bits.to_be_bytes();
        bytes.extend_from_slice(all.get(..3 - padding.min(3))?);
    }
    (to_base64(&bytes) == text).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::property;

    #[test]
    fn bytes_have_one_text() {
        for (bytes, text) in [
            (&b""[..], ""),
            (b"f", "Zg=="),
            (b"fo", "Zm8="),
            (b"foo", "Zm9v"),
            (b"foobar", "Zm9vYmFy"),
            (b"\xff\xfe\x00", "//4A"),
        ] {
            assert_eq!(to_base64(bytes), text);
            assert_eq!(from_base64(text).as_deref(), Some(bytes));
        }
        for text in ["Zg", "Zg=", "Zh==", "Zm9", "====", "=", "Zm=v", "Zm 9", "Zm9vé"] {
            assert_eq!(from_base64(text), None, "{text}");
        }
    }

    proptest! {
        #![proptest_config(property::cases(256))]

        #[test]
        fn any_bytes_come_back(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            prop_assert_eq!(from_base64(&to_base64(&bytes)), Some(bytes));
        }
    }
}
