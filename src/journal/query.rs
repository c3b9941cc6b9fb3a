//! The query of a request as the journal keeps it: without its secrets, and not longer than a path.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::redaction::{REDACTED, cut};
use crate::vendor::Endpoint;
use crate::vendor::schema::secret::names_secret;

/// The longest query that is kept, in bytes.
pub(crate) const MAX_QUERY_BYTES: usize = 1024;

/// Returns what is kept of a query, still percent-encoded. In that of a login every value is redacted, as in
/// its body, since a name may be misspelt.
pub(super) fn query<'a>(endpoint: Option<&Endpoint>, sent: &'a str) -> Cow<'a, str> {
    let is_login = endpoint.is_some_and(Endpoint::is_login);
    let is_secret = |parameter: &str| is_login || is_secret(parameter);
    if !sent.split('&').any(is_secret) {
        return cut(sent, MAX_QUERY_BYTES).into();
    }
    let kept: Vec<_> = sent
        .split('&')
        .map(|parameter| if is_secret(parameter) { redacted(parameter) } else { parameter.into() })
        .collect();
    let kept = kept.join("&");
    Cow::Owned(cut(&kept, MAX_QUERY_BYTES).to_owned())
}

/// Whether a parameter names a secret, also within an address that is its value.
fn is_secret(parameter: &str) -> bool {
    names_secret(&Cow::from(percent_decode_str(parameter)))
}

fn redacted(parameter: &str) -> Cow<'_, str> {
    match parameter.split_once('=') {
        Some((name, _)) => format!("{name}={REDACTED}").into(),
        None if parameter.is_empty() => parameter.into(),
        None => REDACTED.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendor::{auth, create_group};

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
            ("secret%3Dx", "[redacted]"),
            (
                "authorization=Bearer+x&authorization=y",
                "authorization=[redacted]&authorization=[redacted]",
            ),
        ] {
            assert_eq!(query(None, sent), expected, "{sent}");
            assert_eq!(query(Some(&create_group::ENDPOINT), sent), expected, "{sent}");
        }
    }

    #[test]
    fn the_query_of_a_login_keeps_its_names_alone() {
        let login = |sent| query(Some(&auth::ENDPOINT), sent).into_owned();
        assert_eq!(login(""), "");
        assert_eq!(
            login("api_secert=x&&a=b=c&d"),
            "api_secert=[redacted]&&a=[redacted]&[redacted]"
        );
    }

    #[test]
    fn a_long_query_is_cut_after_its_secrets_are_left_out() {
        let long = "\u{e9}".repeat(600);
        assert_eq!(query(None, &long).len(), MAX_QUERY_BYTES);
        let many = "token=&".repeat(200);
        assert_eq!(query(None, &many).len(), MAX_QUERY_BYTES);
        // a name that the cut would take apart
        let late = format!("{}&token=s3cr3t", "a".repeat(MAX_QUERY_BYTES - 12));
        assert_eq!(query(None, &late), format!("{}&token=[reda", "a".repeat(MAX_QUERY_BYTES - 12)));
    }
}
