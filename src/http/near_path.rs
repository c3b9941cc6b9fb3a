//! Finds the pattern that a path which leads nowhere was probably meant for, segment by segment, and
//! fills its parameters with what was sent.

use percent_encoding::percent_decode_str;

use super::router::Segment;
use crate::text::{is_plain, nearest, secrets};

/// The path that a client probably meant.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NearPath<'p> {
    pub(crate) pattern: &'p str,
    /// The pattern with its parameters as they were sent; one that was not sent stays in its braces.
    pub(crate) path: String,
}

/// The most segments that are looked at, and the longest parameter that is shown, in bytes.
const MAX_SEGMENTS: usize = 16;
const MAX_SHOWN_BYTES: usize = 64;

/// How far a path is from a pattern, most important first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Distance {
    /// The letters, and so many for each parameter that was not sent and each segment that the pattern does not
    /// have.
    cost: usize,
    /// Segments that are taken for a parameter.
    parameters: usize,
    /// Letters of literal segments that were sent otherwise or not at all.
    letters: usize,
}

const MISSING_PARAMETER: usize = 1;
const SURPLUS_SEGMENT: usize = 3;

/// Returns the nearest of the patterns, if one is near enough. `start` is what they all begin with: how it was
/// sent does not count, so that both `/group/create` and `/v1/group/create` are near to
/// `/api/group/create`.
pub(crate) fn nearest_path<'p>(
    path: &str,
    start: &str,
    patterns: impl IntoIterator<Item = &'p str>,
) -> Option<NearPath<'p>> {
    let sent: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let sent = &sent[..sent.len().min(MAX_SEGMENTS)];
    let started: Vec<&str> = start.split('/').skip(1).collect();
    let own_sent = sent.strip_prefix(&*started).unwrap_or(sent);
    let near = |pattern: &'p str| {
        let (start, own) = match pattern.strip_prefix(start) {
            Some(own) => (start, own),
            None => ("", pattern),
        };
        let own: Vec<_> = own.split('/').skip(1).map(Segment::parse).collect();
        let own_letters = own.iter().map(missing_letters).sum::<usize>();
        let (distance, path) = compare(own_sent, &own);
        let is_near =
            distance.letters < own_letters && distance.letters <= (start.len() + own_letters) / 3;
        is_near.then(|| (distance, NearPath { pattern, path: format!("{start}{path}") }))
    };
    let nearest = patterns.into_iter().filter_map(near).min_by_key(|(distance, _)| *distance);
    nearest.map(|(_, path)| path)
}

/// Looks for each segment of a pattern among those that were sent, in order. Returns the pattern with the
/// values of its parameters.
fn compare(mut sent: &[&str], pattern: &[Segment]) -> (Distance, String) {
    let (mut distance, mut path) = (Distance::default(), String::new());
    let mut has_begun = false;
    for segment in pattern {
        path.push('/');
        let found = match segment {
            Segment::Parameter(_) => sent.first().map(|_| (0, 0)),
            Segment::Literal(literal) => sent
                .iter()
                .enumerate()
                .find_map(|(index, sent)| Some((index, differing_letters(sent, literal)?))),
        };
        match (found, segment) {
            (Some((index, letters)), _) => {
                // what comes before is the start of another API
                distance.cost += if has_begun { SURPLUS_SEGMENT * index } else { 0 };
                distance.letters += letters;
                has_begun = true;
            }
            (None, Segment::Literal(_)) => distance.letters += missing_letters(segment),
            (None, Segment::Parameter(_)) => distance.cost += MISSING_PARAMETER,
        }
        match segment {
            Segment::Literal(literal) => path.push_str(literal),
            Segment::Parameter(name) => {
                distance.parameters += 1;
                match sent.first().filter(|value| is_shown(value)) {
                    Some(value) => path.push_str(value),
                    None => path.extend(["{", name, "}"]),
                }
            }
        }
        sent = found.map_or(sent, |(index, _)| &sent[index + 1..]);
    }
    distance.cost += SURPLUS_SEGMENT * sent.len() + distance.letters;
    (distance, path)
}

/// Whether a value from outside may stand in a message without quotes.
fn is_shown(value: &str) -> bool {
    value.len() <= MAX_SHOWN_BYTES && is_plain(value) && !secrets::has_secret(value)
}

/// How many letters are missing if a segment was not sent.
fn missing_letters(segment: &Segment) -> usize {
    match segment {
        Segment::Literal(literal) => literal.len() + 1,
        Segment::Parameter(_) => 0,
    }
}

/// How many letters of a segment were sent otherwise; `None` if it is hardly the same one.
fn differing_letters(sent: &str, literal: &str) -> Option<usize> {
    let sent = percent_decode_str(sent).decode_utf8_lossy();
    if sent.eq_ignore_ascii_case(literal) {
        return Some(0);
    }
    let surplus = sent.len().abs_diff(literal.len());
    let begins_so = sent.get(..literal.len()).is_some_and(|it| it.eq_ignore_ascii_case(literal));
    if begins_so && literal.len() > 3 {
        return Some(surplus.min(literal.len()));
    }
    nearest(&sent, [literal]).map(|_| surplus + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATTERNS: [&str; 6] = [
        "/api/v2/groups/create",
        "/api/v2/groups/{group}",
        "/api/v2/groups/{group}/members/{member}",
        "/api/v2/users/create",
        "/api/v2/auth",
        "/livez",
    ];

    fn near(path: &str) -> Option<String> {
        nearest_path(path, "/api/v2", PATTERNS).map(|near| near.path)
    }

    #[test]
    fn the_parameters_of_the_nearest_path_are_filled_as_they_were_sent() {
        let long = "x".repeat(65);
        let unshown = format!("/api/v2/groups/{long}/");
        for (path, expected, reason) in [
            ("/api/v2/groups/A%20b/", "/api/v2/groups/A%20b", "a slash at the end"),
            ("/api//v2///groups/7", "/api/v2/groups/7", "slashes too many"),
            ("/api/v2/groop/7", "/api/v2/groups/7", "a misspelt segment"),
            ("/API/V2/GROUPS/Ab/MEMBERS/Cd", "/api/v2/groups/Ab/members/Cd", "another case"),
            ("/api/v2/%67roup/7/member/9", "/api/v2/groups/7/members/9", "encoded letters"),
            ("/groups/7/members/9", "/api/v2/groups/7/members/9", "no start"),
            ("/v2/groups/7/members/9", "/api/v2/groups/7/members/9", "half of the start"),
            ("/api/v1/v2/groups/7/members/9", "/api/v2/groups/7/members/9", "a longer start"),
            ("/api/v2/groups", "/api/v2/groups/{group}", "a missing parameter"),
            (
                "/api/v2/groups/7/members/",
                "/api/v2/groups/7/members/{member}",
                "the second parameter is missing",
            ),
            ("/api/v2/groups/7/extra", "/api/v2/groups/7", "a segment too many"),
            ("/api/v2/groups/create/", "/api/v2/groups/create", "a literal before a parameter"),
            ("/v2/users/create/7", "/api/v2/users/create", "a parameter that there is not"),
            ("/api/v2/authenticate", "/api/v2/auth", "what begins so"),
            ("/livez/", "/livez", "one outside of the API"),
            (&unshown, "/api/v2/groups/{group}", "a value too long to be shown"),
            ("/api/v2/groups/\u{202e}7/", "/api/v2/groups/{group}", "one that turns the text"),
            ("/api/v2/groups/token=abc/", "/api/v2/groups/{group}", "a secret"),
        ] {
            assert_eq!(near(path).as_deref(), Some(expected), "{path}: {reason}");
        }
    }

    #[test]
    fn what_shares_only_the_start_or_a_value_is_not_near() {
        let many = "/x".repeat(8000);
        for path in ["/", "", "//", "/zzz", "/api/v2", "/api/v2/zzz", "/api/v2/7", "/7/9", &many] {
            assert_eq!(near(path), None, "{path}");
        }
    }
}
