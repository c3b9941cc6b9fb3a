//! Which keys of a login may be shown: a secret may stand in the place of one.

use super::fields::Schema;
use crate::text::nearest;

/// Whether a key of a login is shown: a field's name or one that is probably meant.
pub(crate) fn is_shown_key(schema: &Schema, key: &str) -> bool {
    let mut fields = schema.fields.iter().map(|field| field.name);
    fields.any(|name| name == key)
        || nearest(key, schema.fields.iter().map(|field| field.name)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::secrets::is_secret_key;
    use crate::vendor::schema::Kind;
    use crate::vendor::{ENDPOINTS, auth};

    #[test]
    fn a_key_of_a_login_is_shown_if_it_is_near_to_a_field() {
        for (key, expected) in [
            ("api_key", true),
            ("apiKey", true),
            ("api_secert", true),
            ("API-SECRET", true),
            ("s3cr3t-value", false),
            ("", false),
            ("grant_type", false),
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
