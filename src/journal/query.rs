//! The query of a request as the journal keeps it: without its secrets, and not longer than a path.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::redaction::{REDACTED, cut};
use crate::vendor::schema::secret::names_secret;

/// The longest query that is kept, in bytes.
const MAX_QUERY_BYTES: usize = 1024;

/// Returns what is kept of a query, still percent-encoded.
pub(super) fn query(sent: &str) -> Cow<'_, str> {
    if !sent.split('&').any(is_secret) {
        return cut(sent, MAX_QUERY_BYTES).into();
    }
    let kept: Vec<_> = sent.split('&').map(redacted).collect();
    let kept = kept.join("&");
    Cow::Owned(cut(&kept, MAX_QUERY_BYTES).to_owned())
}

/// Whether a parameter names a secret, also within an address that is its value.
fn is_secret(parameter: &str) -> bool {
    names_secret(&Cow::from(percent_decode_str(parameter)))
}

fn redacted(parameter: &str) -> Cow<'_, str> {
    if !is_secret(parameter) {
        return parameter.into();
    }
    match parameter.split_once('=') {
        Some((name, _)) => format!("{name}={REDACTED}").into(),
        None => REDACTED.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(query(sent), expected, "{sent}");
        }
    }

    #[test]
    fn a_long_query_is_cut_after_its_secrets_are_left_out() {
        let long = "\u{e9}".repeat(600);
        assert_eq!(query(&long).len(), MAX_QUERY_BYTES);
        let many = "token=&".repeat(200);
        assert_eq!(query(&many).len(), MAX_QUERY_BYTES);
        // a name that the cut would take apart
        let late = format!("{}&token=s3cr3t", "a".repeat(MAX_QUERY_BYTES - 12));
        assert_eq!(query(&late), format!("{}&token=[reda", "a".repeat(MAX_QUERY_BYTES - 12)));
    }
}
