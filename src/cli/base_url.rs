//! URLs of servers that options name: where the commands call, and where links lead. They may hold a
//! password by mistake, which is neither sent nor printed.

use anyhow::{Context as _, bail, ensure};
use clap::error::{ContextKind, ContextValue};
use http::Uri;

use crate::http::Host;

const FORM: &str = "write a URL like http://127.0.0.1:4368 or https://sandbox.example.com";

/// Reads the URL of a server, with the path that it is reached below if there is one; returns it without a
/// final slash. No error repeats the text.
pub(super) fn parse(text: &str) -> anyhow::Result<String> {
    let (scheme, rest) = text.split_once("://").with_context(|| format!("no scheme; {FORM}"))?;
    let is_http = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    ensure!(is_http, "the scheme is neither http nor https; {FORM}");
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    ensure!(
        !authority.contains('@'),
        "it has a user name or a password, which is never sent; remove all before the @"
    );
    ensure!(!rest.contains('?'), "it has a query; remove the ? and what follows");
    ensure!(!rest.contains('#'), "it has a fragment; remove the # and what follows");
    check_host(authority)?;
    let uri: Result<Uri, _> = text.parse();
    ensure!(
        uri.is_ok(),
        "the path has a letter that must be written as % and two hexadecimal digits"
    );
    Ok(text.trim_end_matches('/').to_owned())
}

/// Fails unless this is a host that can be called, with or without a port.
fn check_host(authority: &str) -> anyhow::Result<()> {
    let in_brackets = authority.rfind(']').map_or(0, |at| at + 1);
    let port = authority[in_brackets..].split_once(':').map(|(_, port)| port);
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    if authority.is_empty() || authority.starts_with(':') {
        bail!("it has no host; {FORM}");
    }
    ensure!(port.is_none_or(is_port), "the port is not a number from 1 to 65535");
    ensure!(
        Host::parse(authority).is_some(),
        "the host is neither a name nor an IP address; {FORM}"
    );
    Ok(())
}

/// Leaves a user name and a password out of an error that repeats what was typed.
pub(super) fn hide_user_information(mut error: clap::Error) -> clap::Error {
    for kind in [ContextKind::InvalidValue, ContextKind::InvalidArg] {
        if let Some(ContextValue::String(text)) = error.get(kind)
            && let Some(hidden) = without_user_information(text)
        {
            error.insert(kind, ContextValue::String(hidden));
        }
    }
    error
}

/// Puts dots in place of what stands before the last @; `None` if there is none.
fn without_user_information(text: &str) -> Option<String> {
    let (before, after) = text.rsplit_once('@')?;
    let scheme = before.find("://").map_or("", |at| &before[..at + 3]);
    Some(format!("{scheme}…@{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_server_and_maybe_a_path() {
        for text in [
            "http://127.0.0.1:4368",
            "HTTPS://sandbox.example.com",
            "http://[::1]:1",
            "http://my_box.:65535/below/this",
            "https://h/@x/a%20b",
        ] {
            assert_eq!(parse(text).unwrap(), text);
            assert_eq!(parse(&format!("{text}/")).unwrap(), text);
        }
        for (text, why) in [
            ("", "no scheme"),
            ("localhost:4368", "no scheme"),
            ("ftp://h", "the scheme is neither http nor https"),
            ("://h", "the scheme is neither http nor https"),
            ("http://", "it has no host"),
            ("http:///path", "it has no host"),
            ("http://:80", "it has no host"),
            ("http://u:secret@h", "it has a user name"),
            ("http://@h", "it has a user name"),
            ("http://h?a=b", "it has a query"),
            ("http://h/x?", "it has a query"),
            ("http://h#x", "it has a fragment"),
            ("http://h/#", "it has a fragment"),
            ("http://h:65536", "the port is not"),
            ("http://h:0", "the port is not"),
            ("http://h:", "the port is not"),
            ("http://h:x", "the port is not"),
            ("http://[::1]:99999", "the port is not"),
            ("http://[::1", "the port is not"),
            ("http://[x]", "the host is neither"),
            ("http://a..b", "the host is neither"),
            ("http://a b", "the host is neither"),
            ("http://h/a b", "the path has a letter"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.starts_with(why), "{text:?}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn nothing_before_an_at_sign_is_shown() {
        for (text, shown) in [
            ("http://u:secret@h", Some("http://…@h")),
            ("http://u:sec/r@t#x@h/p", Some("http://…@h/p")),
            ("u:secret@h", Some("…@h")),
            ("http://h", None),
        ] {
            assert_eq!(without_user_information(text).as_deref(), shown);
        }
    }
}
