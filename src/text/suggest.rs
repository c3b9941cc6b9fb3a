//! "Did you mean": finds the known name that is nearest to an unknown one.

/// Returns the nearest of `known`, if one is near enough: ignoring case, `_`, `-` and spaces, at most
/// a third of the characters differ.
pub(crate) fn nearest<'k>(
    unknown: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Option<&'k str> {
    let unknown = normalized(unknown);
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&unknown, &normalized(name)), name))
        .filter(|(distance, name)| {
            *distance == 0 || *distance <= normalized(name).len().max(unknown.len()) / 3
        })
        .min_by_key(|(distance, name)| (*distance, name.len().abs_diff(unknown.len())))
        .map(|(_, name)| name)
}

/// Returns `; did you mean "x"?` with the nearest name, or nothing.
pub(crate) fn did_you_mean<'k>(unknown: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    nearest(unknown, known).map_or_else(String::new, |name| format!("; did you mean {name:?}?"))
}

/// Keeps the first 64 characters: a name from outside may have any length.
fn normalized(name: &str) -> String {
    name.chars()
        .filter(|letter| !matches!(letter, '_' | '-' | ' '))
        .flat_map(char::to_lowercase)
        .take(64)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_suggested_if_it_is_near() {
        let known = ["community_id", "chat_id", "type"];
        for (unknown, expected, reason) in [
            ("communityId", Some("community_id"), "case and underscores are ignored"),
            ("Community_id", Some("community_id"), "the vendor's page writes it so"),
            ("comunity_id", Some("community_id"), "one letter is missing"),
            ("tpye", Some("type"), "two letters are swapped"),
            ("colour", None, "nothing is near"),
            ("", None, "an empty name is near nothing"),
        ] {
            assert_eq!(nearest(unknown, known), expected, "{unknown}: {reason}");
        }
    }
}
