//! "Did you mean": finds the known names that are nearest to an unknown one.

use super::quoted;

/// Returns the nearest of `known`, if one is near enough: ignoring case, `_`, `-` and spaces, at most
/// a third of the characters differ.
pub(crate) fn nearest<'k>(
    unknown: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Option<&'k str> {
    let known: Vec<&str> = known.into_iter().collect();
    let unknown = normalized(unknown);
    compared(&unknown, &known)
        .into_iter()
        .map(|(_, name)| (strsim::osa_distance(&unknown, &normalized(name)), name))
        .filter(|(distance, name)| {
            *distance == 0 || *distance <= normalized(name).len().max(unknown.len()) / 3
        })
        .min_by_key(|(distance, name)| (*distance, name.len().abs_diff(unknown.len())))
        .map(|(_, name)| name)
}

/// Returns the nearest of the known keys of an object: one that is near enough, or else the one that shares
/// most words with it, as `video` with `video_name`.
pub(crate) fn nearest_key<'k>(
    unknown: &str,
    known: impl IntoIterator<Item = &'k str, IntoIter: Clone>,
) -> Option<&'k str> {
    let known = known.into_iter();
    nearest(unknown, known.clone()).or_else(|| {
        let wanted = words(unknown);
        let shared = |name: &str| words(name).iter().filter(|word| wanted.contains(word)).count();
        let counted = known.map(|name| (shared(name), name)).filter(|(shared, _)| *shared > 0);
        // of those that share as many, the one with the fewest other letters, and of those the first
        counted
            .min_by_key(|(shared, name)| (std::cmp::Reverse(*shared), name.len()))
            .map(|(_, name)| name)
    })
}

/// The words of a key, `videoName` or `video_name`, in lower case. Those that many keys share say nothing.
fn words(key: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in key.chars().take(64) {
        let is_separator = !letter.is_alphanumeric();
        if is_separator || letter.is_uppercase() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| !is_separator) {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| word.len() > 2 && !COMMON_WORDS.contains(&word.as_str()));
    words
}

/// Words of keys that say little about what a key means.
const COMMON_WORDS: [&str; 4] = ["data", "generated", "name", "new"];

/// Returns `; did you mean "x"?` with the nearest name, or nothing.
pub(crate) fn did_you_mean<'k>(unknown: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    nearest(unknown, known).map_or_else(String::new, |name| format!("; did you mean {name:?}?"))
}

/// Returns an unknown name with what was probably meant: `"x"; did you mean "y"? (known: y, z)`.
pub(crate) fn not_among<'k>(
    unknown: &str,
    known: impl IntoIterator<Item = &'k str, IntoIter: Clone>,
) -> String {
    let known = known.into_iter();
    let (hint, known) = (did_you_mean(unknown, known.clone()), listed(unknown, known));
    format!("{}{hint} (known: {known})", quoted(unknown))
}

/// The most names that are compared in full, which takes long.
const MAX_COMPARED: usize = 32;

/// Returns the names to compare with an unknown one, in the order in which they were given, with their
/// places: of many, those that share most letters with it.
fn compared<'k>(unknown: &str, known: &[&'k str]) -> Vec<(usize, &'k str)> {
    let mut names: Vec<_> = known.iter().copied().enumerate().collect();
    if names.len() > MAX_COMPARED {
        let wanted = letter_counts(unknown);
        let differing = |name: &str| {
            let counts = letter_counts(&normalized(name));
            wanted.iter().zip(counts).map(|(one, other)| one.abs_diff(other)).sum::<u32>()
        };
        names.sort_by_cached_key(|(_, name)| differing(name));
        names.truncate(MAX_COMPARED);
        names.sort_unstable();
    }
    names
}

/// How often each letter occurs; a few letters share a count.
fn letter_counts(text: &str) -> [u32; 64] {
    let mut counts = [0; 64];
    text.chars().for_each(|letter| counts[letter as usize % 64] += 1);
    counts
}

/// The most names that are listed.
const LISTED: usize = 10;

/// Returns the known names, separated by commas; of more than ten the nearest ten, and how many more there
/// are.
pub(crate) fn listed<'k>(unknown: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    listed_ten(&nearest_ten(unknown, &known), known.len())
}

/// Returns names of so many known ones, separated by commas, and how many more there are.
pub(crate) fn listed_ten(names: &[&str], known: usize) -> String {
    let more = match known - names.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", names.join(", "))
}

/// Returns the known names in the order in which they were given; of more than ten the nearest ten.
pub(crate) fn nearest_ten<'k>(unknown: &str, known: &[&'k str]) -> Vec<&'k str> {
    if known.len() <= LISTED {
        return known.to_vec();
    }
    let unknown = normalized(unknown);
    let distance = |name: &str| {
        let distance = strsim::osa_distance(&unknown, &normalized(name));
        (distance, name.len().abs_diff(unknown.len()))
    };
    let mut names = compared(&unknown, known);
    names.sort_by_cached_key(|(_, name)| distance(name));
    names.truncate(LISTED);
    names.sort_unstable();
    names.into_iter().map(|(_, name)| name).collect()
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

    #[test]
    fn of_many_names_those_that_share_letters_are_compared() {
        let names: Vec<_> = (0..5000).map(|number| format!("{number:x}-{number}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        assert_eq!(compared("4d2-1234", &names).len(), MAX_COMPARED);
        for (unknown, expected) in [("4d2-1243", "4d2-1234"), ("4D2_123", "4d2-1234"), ("0", "0-0")]
        {
            let nearest = nearest_ten(unknown, &names);
            assert!(nearest.contains(&expected), "{unknown}: {nearest:?}");
        }
        assert_eq!(nearest("4D2_1234", names.iter().copied()), Some("4d2-1234"));
    }

    #[test]
    fn a_long_list_of_known_names_is_cut_to_the_nearest_ten() {
        let names: Vec<_> = (0..1000).map(|number| format!("rule-{number:03}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let listed_of =
            |unknown: &str, count: usize| listed(unknown, names[..count].iter().copied());
        assert_eq!(listed_of("x", 0), "");
        assert_eq!(
            listed_of("rule-002", 3),
            "rule-000, rule-001, rule-002",
            "few keep their order"
        );
        assert_eq!(listed_of("x", 10), names[..10].join(", "));
        let eleven = listed_of("rule-10", 11);
        let shown = [&names[..9], &names[10..11]].concat();
        assert_eq!(eleven, format!("{} and 1 more", shown.join(", ")));
        let all = listed_of("RULE_777", 1000);
        assert!(all.starts_with("rule-077, ") && all.ends_with(" and 990 more"), "{all}");
        assert!(all.contains("rule-777"), "{all}");
        assert_eq!(all.matches("rule-").count(), 10);
        let nearest = nearest_ten("rule-777", &names);
        assert_eq!(did_you_mean("rule-777x", nearest), "; did you mean \"rule-777\"?");
    }
}
