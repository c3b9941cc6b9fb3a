//! The parameters of a query.

use percent_encoding::percent_decode_str;

/// Returns the names and values of a query, decoded, in the order sent.
pub(crate) fn query_pairs(query: &str) -> impl Iterator<Item = [String; 2]> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        [name, value].map(|text| {
            percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_decoded() {
        let pairs: Vec<_> = query_pairs("a%20b=c+d&&e&=f=g&%ff=%2B").collect();
        let expected = [["a b", "c d"], ["e", ""], ["", "f=g"], ["\u{fffd}", "+"]];
        assert_eq!(pairs, expected);
    }
}
