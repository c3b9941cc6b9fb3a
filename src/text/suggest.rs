//! "Did you mean": the known name that is nearest to one that is not known.

/// The nearest of `known`, if any is near enough to be meant.
///
/// Case, `_`, `-` and blanks do not count; past that, a third of the letters may differ.
pub fn nearest<'k>(wrong: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let wrong = plain(wrong);
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&wrong, &plain(name)), name))
        .filter(|(distance, name)| {
            let letters = plain(name).len().max(wrong.len());
            *distance == 0 || *distance <= letters / 3
        })
        .min_by_key(|(distance, name)| (*distance, name.len().abs_diff(wrong.len())))
        .map(|(_, name)| name)
}

/// A clause that names the nearest name, or nothing: `; did you mean "x"?`.
pub fn did_you_mean<'k>(wrong: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    nearest(wrong, known).map_or_else(String::new, |name| format!("; did you mean {name:?}?"))
}

/// Text from outside, cut to what a log line can bear and quoted, so that it cannot pose as ours.
pub fn quoted(text: &str) -> String {
    const LONGEST: usize = 80;
    match text.char_indices().nth(LONGEST) {
        None => format!("{text:?}"),
        Some((end, _)) => format!("{:?}…", &text[..end]),
    }
}

/// At most 64 letters count: a name from outside may be of any length.
fn plain(name: &str) -> String {
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
    fn the_nearest_name_is_found_when_it_is_near() {
        let known = ["community_id", "chat_id", "type"];
        for (wrong, expected, reason) in [
            ("communityId", Some("community_id"), "case and underscores do not count"),
            ("Community_id", Some("community_id"), "the vendor's page writes it so"),
            ("comunity_id", Some("community_id"), "one letter is missing"),
            ("tpye", Some("type"), "two letters are swapped"),
            ("colour", None, "nothing is near"),
            ("", None, "an empty name is near nothing"),
        ] {
            assert_eq!(nearest(wrong, known), expected, "{wrong}: {reason}");
        }
    }
}
