//! Which keys of a login may be shown: a secret may stand in the place of one, but most often it is a name that
//! the client has got wrong, which is of no use to whom does not see it.

use super::fields::Schema;
use crate::text::nearest;

/// Whether a key of a login is shown: a field's name, one that is probably meant, or a name in plain words.
pub(crate) fn is_shown_key(schema: &Schema, key: &str) -> bool {
    let mut fields = schema.fields.iter().map(|field| field.name);
    fields.any(|name| name == key)
        || is_in_plain_words(key)
        || nearest(key, schema.fields.iter().map(|field| field.name)).is_some()
}

/// Whether a key is made of at most three short words in the ways in which names are: `foo`, `grant_type`,
/// `clientId`. A secret has digits, other marks, or more letters than words have.
fn is_in_plain_words(key: &str) -> bool {
    const MAX_WORDS: usize = 3;
    const LETTERS: std::ops::RangeInclusive<usize> = 2..=10;
    if key.len() > MAX_WORDS * (LETTERS.end() + 1) {
        return false;
    }
    let mut words = vec![0];
    let mut before = '_';
    for letter in key.chars() {
        match letter {
            'a'..='z' => {}
            '_' => words.push(0),
            // in the middle of a word, it begins the next one
            'A'..='Z' if before.is_ascii_lowercase() => words.push(0),
            _ => return false,
        }
        if let Some(letters) = words.last_mut().filter(|_| letter != '_') {
            *letters += 1;
        }
        before = letter;
    }
    words.len() <= MAX_WORDS && words.iter().all(|letters| LETTERS.contains(letters))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::secrets::is_secret_key;
    use crate::vendor::schema::Kind;
    use crate::vendor::{ENDPOINTS, auth};

    #[test]
    fn a_key_of_a_login_is_shown_if_it_is_near_to_a_field_or_in_plain_words() {
        for (key, expected) in [
            ("api_key", true),
            ("apiKey", true),
            ("api_secert", true),
            ("API-SECRET", true),
            ("s3cr3t-value", false),
            ("", false),
            ("foo", true),
            ("grant_type", true),
            ("clientId", true),
            ("keep_me_logged_in", false),
            ("_type", false),
            ("type_", false),
            ("Type", false),
            ("clientID", false),
            ("grant-type", false),
            ("grant type", false),
            ("hunter2", false),
            ("correcthorsebattery", false),
            ("xkQvBnWz", false),
            ("größe", false),
        ] {
            assert_eq!(is_shown_key(auth::ENDPOINT.body, key), expected, "{key}");
        }
    }

    #[test]
    fn no_field_is_secret_but_those_of_a_login() {
        fn names(schema: &Schema) -> Vec<&'static str> {
            fn within(kind: &Kind) -> Vec<&'static str> {
                match kind {
                    Kind::Object(schema) => names(schema),
                    Kind::List(items) => within(items),
                    Kind::AnyOf(_, kinds) => kinds.iter().flat_map(within).collect(),
                    _ => Vec::new(),
                }
            }
            let fields = schema.fields.iter();
            fields.flat_map(|field| [vec![field.name], within(&field.kind)].concat()).collect()
        }
        for endpoint in ENDPOINTS {
            for name in names(endpoint.body) {
                assert_eq!(is_secret_key(name), endpoint.is_login(), "{name}");
            }
        }
    }
}
