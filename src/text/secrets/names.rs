//! Recognises the names of values that are secret: keys of a body, parameters of a query, headers.

use serde_json::Value;

use super::marks::Marks;

/// What is before and after the one letter that is looked for, in each word that names a secret:
/// letters that are rare in texts, so that few places are looked at.
const WORDS: [(u8, &[u8], &[u8]); 5] = [
    (b'k', b"to", b"en"),
    (b'k', b"coo", b"ie"),
    (b'w', b"pass", b"ord"),
    (b'z', b"authori", b"ation"),
    (b'c', b"se", b"ret"),
];

/// The letters that are looked for, each with what is before it in its word.
static WORD_MARKS: Marks = Marks::NONE
    .with(Some(b"oO"), b"kK", 1 << 0)
    .with(Some(b"sS"), b"wW", 1 << 1)
    .with(Some(b"iI"), b"zZ", 1 << 2)
    .with(Some(b"eE"), b"cC", 1 << 3)
    .with(Some(b"iI-_ ."), b"kK", 1 << 4);

/// In a shorter text it takes longer to begin a search than to look at each byte.
const MIN_SEARCHED_BYTES: usize = 32;

/// Whether a text contains, in any case, a word that names a secret: `token`, `secret`, `password`,
/// `cookie`, `authorization` or `api_key`, of which the last is also written in one word or with `-`. So do
/// `gn-access-token`, `apiSecret` and `X-API-KEY`.
pub(crate) fn names_secret(text: &[u8]) -> bool {
    let is_named_at = |at: usize| is_word_around(text, at);
    if text.len() < MIN_SEARCHED_BYTES {
        return WORD_MARKS.in_text(text) != 0 && (0..text.len()).any(is_named_at);
    }
    // c is no rare letter, but c before r is; this halves the time for an ordinary body
    let is_secret_at = |at: usize| has_prefix(&text[at + 1..], b"r") && is_named_at(at);
    memchr::memchr3_iter(b'k', b'w', b'z', text).any(is_named_at)
        || memchr::memchr3_iter(b'K', b'W', b'Z', text).any(is_named_at)
        || memchr::memchr2_iter(b'c', b'C', text).any(is_secret_at)
}

fn is_word_around(text: &[u8], at: usize) -> bool {
    let letter = text[at].to_ascii_lowercase();
    let (before, after) = (&text[..at], &text[at + 1..]);
    let is_between = |first: &[u8], last: &[u8]| {
        has_prefix(after, last) && before.len() >= first.len() && {
            before[before.len() - first.len()..].eq_ignore_ascii_case(first)
        }
    };
    let is_word =
        |(own, first, last): &(u8, &[u8], &[u8])| *own == letter && is_between(first, last);
    WORDS.iter().any(is_word) || (letter == b'k' && has_prefix(after, b"ey") && ends_in_api(before))
}

fn has_prefix(text: &[u8], prefix: &[u8]) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn ends_in_api(text: &[u8]) -> bool {
    let end = text.iter().rposition(|byte| !b"-_ .".contains(byte)).map_or(0, |last| last + 1);
    end >= 3 && text[end - 3..end].eq_ignore_ascii_case(b"api")
}

/// Words that end the name of a secret in a query, where a name is no word of a text.
const PARAMETER_WORDS: [&[u8]; 11] = [
    b"key",
    b"sig",
    b"signature",
    b"jwt",
    b"pwd",
    b"passwd",
    b"pass",
    b"passphrase",
    b"auth",
    b"credential",
    b"credentials",
];
/// Words that are anywhere in such a name.
const SESSION_WORDS: [&[u8]; 2] = [b"session", b"sessid"];
/// Letters of which each of these words has one, and few other names.
static PARAMETER_MARKS: Marks = Marks::NONE.with(None, b"kgwpudiKGWPUDI", 1);

/// Whether a parameter has a secret as its value: besides the names that are secret anywhere, those that
/// end in `key`, `sig`, `jwt` and the like: `key`, `sharedKey` and `X-Amz-Signature`, but not `monkey`.
pub(super) fn names_secret_parameter(name: &[u8]) -> bool {
    let ends_in = |word: &&[u8]| {
        let Some(at) = name.len().checked_sub(word.len()) else { return false };
        let (before, end) = name.split_at(at);
        if !end.eq_ignore_ascii_case(word) {
            return false;
        }
        match before.last() {
            None => true,
            Some(last) => {
                !last.is_ascii_alphanumeric()
                    || last.is_ascii_digit()
                    || (last.is_ascii_lowercase() && end[0].is_ascii_uppercase())
            }
        }
    };
    let is_within =
        |word: &&[u8]| name.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    let is_other_secret =
        || PARAMETER_WORDS.iter().any(ends_in) || SESSION_WORDS.iter().any(is_within);
    names_secret(name) || (PARAMETER_MARKS.in_text(name) != 0 && is_other_secret())
}

/// Whether the value of a key is secret.
pub(crate) fn is_secret_key(key: &str) -> bool {
    names_secret(key.as_bytes())
}

/// Whether a value contains a secret anywhere.
pub(crate) fn holds_secret(value: &Value) -> bool {
    match value {
        Value::Object(map) => {
            map.iter().any(|(key, value)| is_secret_key(key) || holds_secret(value))
        }
        Value::Array(items) => items.iter().any(holds_secret),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_secret_by_a_word_in_it_in_any_case() {
        for (name, expected) in [
            ("api_key", true),
            ("apikey", true),
            ("X-API--Key", true),
            ("apiSecret", true),
            ("gn-access-token", true),
            ("Gn_Access_ToKen", true),
            ("ACCESSTOKEN", true),
            ("token", true),
            ("refreshTokens", true),
            ("Authorization", true),
            ("proxy-authorization", true),
            ("password2", true),
            ("Set-Cookie", true),
            ("client.secret.value", true),
            ("", false),
            ("k", false),
            ("api", false),
            ("key", false),
            ("map_key", false),
            ("toke", false),
            ("oken", false),
            ("tokn_en", false),
            ("authority", false),
            ("description", false),
            ("secondary", false),
            ("keyword", false),
        ] {
            assert_eq!(is_secret_key(name), expected, "{name}");
            let among_others = format!("cookwzkc{name}kwzccook");
            assert_eq!(is_secret_key(&among_others), expected, "{among_others}");
        }
    }

    #[test]
    fn a_parameter_is_secret_by_the_word_that_ends_its_name_too() {
        for (name, expected) in [
            ("key", true),
            ("KEY", true),
            ("sharedKey", true),
            ("subscription-key", true),
            ("sig", true),
            ("X-Amz-Signature", true),
            ("jwt", true),
            ("a.pwd", true),
            ("basic_auth", true),
            ("passwd", true),
            ("db.pass", true),
            ("Passphrase", true),
            ("clientCredential", true),
            ("CREDENTIALS", true),
            ("jwt2", false),
            ("JSESSIONID", true),
            ("PHPSESSID", true),
            ("access_token", true),
            ("monkey", false),
            ("MONKEY", false),
            ("design", false),
            ("oauth", false),
            ("keys", false),
            ("author", false),
            ("", false),
        ] {
            assert_eq!(names_secret_parameter(name.as_bytes()), expected, "{name}");
        }
    }
}
