//! The query of a request as the journal keeps it: without its secrets, and not longer than a path.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::cut::cut_text;
use crate::text::map_text;
use crate::text::secrets::{KnownSecrets, REDACTED, has_secret, names_secret};
use crate::vendor::Endpoint;
use crate::vendor::schema::secret::is_shown_key;

/// The longest query that is kept, in bytes.
pub(crate) const MAX_QUERY_BYTES: usize = 1024;

/// Returns what is kept of a query, still percent-encoded. In that of a login every value is redacted, as in
/// its body, since a name may be misspelt, and names that may be a secret themselves.
pub(super) fn query<'a>(
    endpoint: Option<&Endpoint>,
    sent: &'a str,
    known: &KnownSecrets,
) -> Cow<'a, str> {
    let login = endpoint.filter(|endpoint| endpoint.is_login());
    let kept = |parameter: &'a str| match login {
        Some(login) => redacted(parameter, |name| is_shown_key(login.body, name)),
        None if names_secret(&Cow::from(percent_decode_str(parameter))) => {
            // a token can stand in the place of a name
            redacted(parameter, |name| !has_secret(name))
        }
        None => parameter.into(),
    };
    let changed = sent.split('&').map(kept);
    let kept = if changed.clone().all(|parameter| matches!(parameter, Cow::Borrowed(_))) {
        Cow::Borrowed(sent)
    } else {
        changed.collect::<Vec<_>>().join("&").into()
    };
    cut_text(map_text(kept, |kept| known.shown(kept)), MAX_QUERY_BYTES)
}

/// Returns a parameter without its value, also if that is an address with a secret of its own.
fn redacted(parameter: &str, shows_name: impl Fn(&str) -> bool) -> Cow<'_, str> {
    match parameter.split_once('=') {
        Some((name, _)) if shows_name(&percent_decode_str(name).decode_utf8_lossy()) => {
            format!("{name}={REDACTED}").into()
        }
        Some(_) => format!("{REDACTED}={REDACTED}").into(),
        None if parameter.is_empty() => parameter.into(),
        None => REDACTED.to_owned().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendor::{auth, create_group};

    fn none() -> KnownSecrets {
        KnownSecrets::default()
    }

    #[test]
    fn what_stands_behind_the_name_of_a_secret_is_redacted() {
        for (sent, expected) in [
            ("", ""),
            ("a=b&c", "a=b&c"),
            ("a=%2B+%ff&&=", "a=%2B+%ff&&="),
            ("access_token=x", "access_token=[redacted]"),
            ("a=b&API-Key=x&c=d", "a=b&API-Key=[redacted]&c=d"),
            ("gn%2Daccess%2dToken=x=y", "gn%2Daccess%2dToken=[redacted]"),
            ("%74%6Fken=x&%74%6F=y", "%74%6Fken=[redacted]&%74%6F=y"),
            ("next=/a?token=x;b=c", "next=[redacted]"),
            ("next=%2Fa%3Fpassword%3Dx&a", "next=[redacted]&a"),
            ("token", "[redacted]"),
            ("key=x&sig=y&monkey=z", "key=[redacted]&sig=[redacted]&monkey=z"),
            ("j%77t=x", "[redacted]"),
            ("next=/a?signature=x", "next=/a?signature=[redacted]"),
            ("q=gnat_demo.1.2&a=b", "q=[redacted]&a=b"),
            ("gnat_demo.1.token=x", "[redacted]=[redacted]"),
            ("u=http://u:p@h/", "u=http://[redacted]@h/"),
            ("secret%3Dx", "[redacted]"),
            (
                "authorization=Bearer+x&authorization=y",
                "authorization=[redacted]&authorization=[redacted]",
            ),
        ] {
            assert_eq!(query(None, sent, &none()), expected, "{sent}");
            assert_eq!(query(Some(&create_group::ENDPOINT), sent, &none()), expected, "{sent}");
        }
    }

    #[test]
    fn the_query_of_a_login_keeps_its_names_alone() {
        let login = |sent| query(Some(&auth::ENDPOINT), sent, &none()).into_owned();
        assert_eq!(login(""), "");
        assert_eq!(
            login("api_secert=x&&a=b=c&d"),
            "api_secert=[redacted]&&[redacted]=[redacted]&[redacted]"
        );
    }

    #[test]
    fn a_long_query_is_cut_after_its_secrets_are_left_out() {
        let long = "\u{e9}".repeat(600);
        assert_eq!(query(None, &long, &none()).len(), MAX_QUERY_BYTES);
        let many = "token=&".repeat(200);
        assert_eq!(query(None, &many, &none()).len(), MAX_QUERY_BYTES);
        // a name that the cut would take apart
        let late = format!("{}&token=s3cr3t", "a".repeat(MAX_QUERY_BYTES - 12));
        assert_eq!(
            query(None, &late, &none()),
            format!("{}&token=[reda", "a".repeat(MAX_QUERY_BYTES - 12))
        );
    }
}
