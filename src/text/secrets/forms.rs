//! Finds secrets by how they are written, whatever stands around them.

use std::ops::Range;

use memchr::memmem;

use super::REDACTED;
use super::marks::Marks;
use super::names::{names_secret, names_secret_parameter};

/// The prefix of tokens that the sandbox issues.
pub(crate) const ISSUED_PREFIX: &str = "gnat_";
/// The prefix of tokens that name their tenant and are no secret.
pub(crate) const TENANT_PREFIX: &str = "gnsb_";

/// What every JSON web token begins with: `{"` in base64.
const WEB_TOKEN_PREFIX: &str = "eyJ";
/// The length of the shortest web token that is taken for one, in bytes.
const MIN_WEB_TOKEN_BYTES: usize = 20;
/// What is shorter and only of letters after `Bearer` may be a word.
const MIN_BEARER_BYTES: usize = 16;
/// The longest name that is looked at before a `=` or `:`, in bytes.
const MAX_NAME_BYTES: usize = 128;

/// Finds the secrets of one form in a text.
type Finder = fn(&[u8], &mut Vec<Range<usize>>);

/// A form of secrets: the bytes of which one is in every such secret or right before it, and those of which one is
/// before that byte, if it is not any.
type Form = (Option<&'static [u8]>, &'static [u8], Finder);

/// First those that are recognised without a word before them: tokens, and users of URLs.
const FORMS: [Form; 5] = [
    (Some(b"t"), b"_", issued_tokens),
    (Some(b"y"), b"J", web_tokens),
    (None, b"@", users),
    (None, b"=:", named_values),
    (Some(b"r"), b" ", bearer_tokens),
];
const TOKEN_FORMS: usize = 3;

/// The marks of all forms, each with the bit of its form.
pub(super) const MARKS: Marks = {
    let mut marks = Marks::NONE;
    let mut form = 0;
    while form < FORMS.len() {
        let (before, bytes, _) = FORMS[form];
        marks = marks.with(before, bytes, 1 << form);
        form += 1;
    }
    marks
};

/// Finds what looks like a secret, in order and without overlap.
pub(super) fn secrets(text: &str) -> Vec<Range<usize>> {
    static MARKED: Marks = MARKS;
    secrets_marked(text, MARKED.in_text(text.as_bytes()))
}

/// The same in a text that has these marks and, of those of forms, no others.
pub(super) fn secrets_marked(text: &str, marks: u8) -> Vec<Range<usize>> {
    let (text, mut places) = (text.as_bytes(), Vec::new());
    for (form, (_, _, find)) in FORMS.iter().enumerate() {
        if marks & 1 << form != 0 {
            find(text, &mut places);
        }
    }
    merged(places, text)
}

/// Finds those that are recognised without a word before them. Looking for the marks of a whole body would take longer
/// than this.
pub(super) fn tokens(text: &[u8]) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    FORMS[..TOKEN_FORMS].iter().for_each(|(_, _, find)| find(text, &mut places));
    merged(places, text)
}

/// Orders places and joins those that overlap; what is redacted already stays.
fn merged(mut places: Vec<Range<usize>>, text: &[u8]) -> Vec<Range<usize>> {
    let is_redacted = |place: &Range<usize>| text[place.clone()].starts_with(REDACTED.as_bytes());
    places.retain(|place| !place.is_empty() && !is_redacted(place));
    places.sort_unstable_by_key(|place| place.start);
    places.dedup_by(|next, last| {
        let overlaps = next.start <= last.end;
        if overlaps {
            last.end = last.end.max(next.end);
        }
        overlaps
    });
    places
}

fn issued_tokens(text: &[u8], places: &mut Vec<Range<usize>>) {
    let mut end = 0;
    for start in starts(text, ISSUED_PREFIX) {
        let facts = start + ISSUED_PREFIX.len();
        if start >= end && text.get(facts).is_some_and(u8::is_ascii_alphanumeric) {
            end = facts + run(&text[facts..], is_in_token);
            places.push(start..end);
        }
    }
}

fn web_tokens(text: &[u8], places: &mut Vec<Range<usize>>) {
    let mut end = 0;
    for start in starts(text, WEB_TOKEN_PREFIX) {
        if start < end || (start > 0 && text[start - 1].is_ascii_alphanumeric()) {
            continue;
        }
        let is_part = |byte| is_in_word(byte) || byte == b'.';
        end = start + run(&text[start..], is_part);
        let token = &text[start..end];
        if token.len() >= MIN_WEB_TOKEN_BYTES && token.contains(&b'.') {
            places.push(start..end);
        }
    }
}

/// Returns where a prefix stands, whose last byte is a mark: few places have that, and there is no search to prepare.
fn starts<'t>(text: &'t [u8], prefix: &'static str) -> impl Iterator<Item = usize> + 't {
    let prefix = prefix.as_bytes();
    let ends = memchr::memchr_iter(prefix[prefix.len() - 1], text).map(|at| at + 1);
    ends.filter(|end| text[..*end].ends_with(prefix)).map(|end| end - prefix.len())
}

/// Finds the users of URLs: what is between `//` and `@`.
fn users(text: &[u8], places: &mut Vec<Range<usize>>) {
    if memchr::memchr(b'@', text).is_none() {
        return;
    }
    for slashes in memmem::find_iter(text, b"//") {
        let start = slashes + 2;
        let is_part = |byte: u8| !byte.is_ascii_whitespace() && !b"/?#\"'<>\\".contains(&byte);
        let authority = &text[start..start + run(&text[start..], is_part)];
        if let Some(at) = memchr::memrchr(b'@', authority) {
            places.push(start..start + at);
        }
    }
}

/// Finds what follows `NAME=` or `NAME:`, with quotes or a scheme between.
fn named_values(text: &[u8], places: &mut Vec<Range<usize>>) {
    let mut end = 0;
    for at in memchr::memchr2_iter(b'=', b':', text) {
        if at < end {
            continue;
        }
        let before = text[at.saturating_sub(MAX_NAME_BYTES)..at].trim_ascii_end();
        let before = before.strip_suffix(b"\"").unwrap_or(before);
        let name = &before[before.len() - run_back(before, is_in_name)..];
        let is_secret = match text[at] {
            b'=' => names_secret_parameter(name),
            _ => names_secret(name),
        };
        if is_secret {
            let value = value_after(text, at + 1);
            end = value.end;
            places.push(value);
        }
    }
}

/// Returns the place of the value that begins here.
fn value_after(text: &[u8], at: usize) -> Range<usize> {
    let mut start = at + run(&text[at..], |byte| byte == b' ');
    let quote = text.get(start).copied().filter(|byte| matches!(byte, b'"' | b'\''));
    if let Some(quote) = quote {
        start += 1;
        return start..start + run(&text[start..], |byte| byte != quote);
    }
    let is_part = |byte: u8| !byte.is_ascii_whitespace() && !b"&;,\"'<>(){}\\|".contains(&byte);
    let word = run(&text[start..], is_part);
    let end = start + word;
    // the value of an authorization has its scheme before it
    let is_scheme = word > 0 && text[start..end].iter().all(u8::is_ascii_alphabetic);
    if is_scheme && text.get(end) == Some(&b' ') && is_scheme_name(&text[start..end]) {
        return start..end + 1 + run(&text[end + 1..], is_part);
    }
    start..end
}

fn is_scheme_name(word: &[u8]) -> bool {
    let schemes: [&[u8]; 5] = [b"bearer", b"basic", b"token", b"digest", b"apikey"];
    schemes.iter().any(|scheme| word.eq_ignore_ascii_case(scheme))
}

fn bearer_tokens(text: &[u8], places: &mut Vec<Range<usize>>) {
    const SCHEME: &str = "earer ";
    for at in starts(text, SCHEME) {
        let start = at + SCHEME.len();
        let token = &text[start..start + run(&text[start..], is_in_token)];
        let is_word = token.len() < MIN_BEARER_BYTES && !token.iter().any(u8::is_ascii_digit);
        if !is_word && !token.starts_with(TENANT_PREFIX.as_bytes()) {
            places.push(start..start + token.len());
        }
    }
}

fn is_in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Whether a byte can be within a token: a slash ends one in a path.
fn is_in_token(byte: u8) -> bool {
    is_in_word(byte) || b".~+=%*:@!$".contains(&byte)
}

fn is_in_name(byte: u8) -> bool {
    is_in_word(byte) || matches!(byte, b'.' | b'%' | b'[' | b']')
}

/// How many bytes at the start are part of something.
fn run(text: &[u8], is_part: impl Fn(u8) -> bool) -> usize {
    text.iter().position(|byte| !is_part(*byte)).unwrap_or(text.len())
}

/// The same at the end.
fn run_back(text: &[u8], is_part: impl Fn(u8) -> bool) -> usize {
    text.iter().rev().position(|byte| !is_part(*byte)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::super::without_secrets;

    const WEB_TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";

    #[test]
    fn tokens_are_recognised_by_their_form() {
        let issued = "gnat_demo.18c2.1.0a1b.ff.5026";
        for (text, expected) in [
            (issued.to_owned(), "[redacted]"),
            (format!("/a/{issued}/b?{issued}"), "/a/[redacted]/b?[redacted]"),
            (format!("a {issued} é \"{issued}\""), "a [redacted] é \"[redacted]\""),
            (issued.repeat(2), "[redacted]"),
            (format!("/{WEB_TOKEN}/x"), "/[redacted]/x"),
            (format!("{WEB_TOKEN}{WEB_TOKEN}"), "[redacted]"),
            (
                "a Bearer s3cret, bearer ABCdefghijklmnop+/".into(),
                "a Bearer [redacted], bearer [redacted]/",
            ),
            (
                "gnat_ and gnat_<tenant> and gnsb_demo".into(),
                "gnat_ and gnat_<tenant> and gnsb_demo",
            ),
            ("Bearer gnsb_demo7, a bearer bond".into(), "Bearer gnsb_demo7, a bearer bond"),
            ("eyJust, heyJoshua.with-a-long-name".into(), "eyJust, heyJoshua.with-a-long-name"),
        ] {
            assert_eq!(without_secrets(&text), expected, "{text}");
        }
    }

    #[test]
    fn what_follows_the_name_of_a_secret_is_one() {
        for (text, expected) in [
            ("/a;token=x/b", "/a;token=[redacted]"),
            ("/a&api_key=x&b=c", "/a&api_key=[redacted]&b=c"),
            ("key=x&sig=y&jwt=z", "key=[redacted]&sig=[redacted]&jwt=[redacted]"),
            ("X-Amz-Signature=x monkey=y", "X-Amz-Signature=[redacted] monkey=y"),
            ("{\"api_secret\": \"x y\", \"a\":1}", "{\"api_secret\": \"[redacted]\", \"a\":1}"),
            ("Authorization: Bearer x y", "Authorization: [redacted] y"),
            ("password:'a b' c", "password:'[redacted]' c"),
            ("cookie: é", "cookie: [redacted]"),
            ("token=", "token="),
            ("token=&a=b", "token=&a=b"),
            ("the key: a door", "the key: a door"),
            ("charset=utf-8;q=0.8", "charset=utf-8;q=0.8"),
            ("a token of thanks", "a token of thanks"),
            ("token=[redacted]", "token=[redacted]"),
        ] {
            assert_eq!(without_secrets(text), expected, "{text}");
        }
    }

    #[test]
    fn the_user_of_a_url_is_a_secret() {
        for (text, expected) in [
            ("http://u:p@h/x", "http://[redacted]@h/x"),
            ("a http://u@h, //x:y@z@h", "a http://[redacted]@h, //[redacted]@h"),
            ("/http://u:p@h/x", "/http://[redacted]@h/x"),
            ("http://h/a@b", "http://h/a@b"),
            ("a@b.example", "a@b.example"),
            ("http://[redacted]@h", "http://[redacted]@h"),
        ] {
            assert_eq!(without_secrets(text), expected, "{text}");
        }
    }

    #[test]
    fn a_long_text_takes_time_in_proportion_to_its_length() {
        // each of these would take minutes if it took the square
        for part in ["gnat_a", "eyJa.", "//@", "token=", "a=", "Bearer ", "%25", "%2F&", ":"] {
            let text = part.repeat(200_000 / part.len());
            assert!(without_secrets(&text).len() <= 4 * text.len(), "{part}");
        }
    }
}
