//! Lets pages of other origins call the vendor's routes, for `--cors-origin`; without it, no header of
//! this file is ever sent.

use anyhow::{Context as _, ensure};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD,
    ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::http::{Host, Reply, Request, only_value};
use crate::text::quoted;

/// The header of `auth` with the token, which a page cannot read unless it is exposed.
const EXPOSED: HeaderValue = HeaderValue::from_static("gn-access-token");

/// An origin as browsers write it, or `*` for all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorsOrigin(String);

impl CorsOrigin {
    const ALL: &str = "*";

    /// Parses `scheme://host[:port]` or `*`.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let text = text.trim();
        if text == Self::ALL {
            return Ok(Self(text.to_owned()));
        }
        let example = "write one like http://localhost:3000";
        ensure!(!text.is_empty(), "an origin is empty; {example}");
        ensure!(!text.contains(['"', '\'', '`']), "write the origin without quotes");
        ensure!(
            !text.contains('*'),
            "an origin cannot contain *; name each origin, or allow all with * alone"
        );
        let text = text.to_ascii_lowercase();
        let (scheme, authority) = text
            .split_once("://")
            .with_context(|| format!("an origin begins with a scheme; {example}"))?;
        if let Some((origin, rest)) = authority.split_once(['/', '?', '#']) {
            let what = if rest.is_empty() { "slash at the end" } else { "path" };
            anyhow::bail!("write the origin without the {what}: {scheme}://{origin}");
        }
        let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
        ensure!(
            is_scheme && Host::parse(authority).is_some(),
            "{} is not an origin; {example}",
            quoted(&text)
        );
        let default_port = match scheme {
            "http" => ":80",
            "https" => ":443",
            _ => ":",
        };
        // browsers leave these out
        let authority = authority.strip_suffix(default_port).unwrap_or(authority);
        let authority = authority.strip_suffix(':').unwrap_or(authority);
        Ok(Self(format!("{scheme}://{authority}")))
    }
}

/// Returns the headers of every answer to a call with these headers.
pub(super) fn answer_headers(allowed: &[CorsOrigin], call: &HeaderMap) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if allowed.is_empty() {
        return headers;
    }
    // also where none is allowed: a cache must not give this answer to another origin
    headers.insert(VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = allowed_origin(allowed, call) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
    headers
}

/// Returns the answer to a request by which a browser asks whether it may make a call, if it is one.
pub(super) fn preflight(allowed: &[CorsOrigin], request: &Request) -> Option<Reply> {
    let headers = &request.headers;
    let method = headers.get(ACCESS_CONTROL_REQUEST_METHOD)?;
    let asks = request.method == Method::OPTIONS && headers.contains_key(ORIGIN);
    if !asks || allowed.is_empty() {
        return None;
    }
    let reply = Reply::empty(StatusCode::NO_CONTENT);
    if allowed_origin(allowed, headers).is_none() {
        return Some(reply);
    }
    let reply = reply.with_header(ACCESS_CONTROL_ALLOW_METHODS, method.clone());
    let names = headers.get_all(ACCESS_CONTROL_REQUEST_HEADERS).iter();
    Some(
        names.fold(reply, |reply, names| {
            reply.with_header(ACCESS_CONTROL_ALLOW_HEADERS, names.clone())
        }),
    )
}

/// Returns what an answer allows: the origin of the call, or `*` where all are allowed.
fn allowed_origin(allowed: &[CorsOrigin], call: &HeaderMap) -> Option<HeaderValue> {
    if allowed.iter().any(|origin| origin.0 == CorsOrigin::ALL) {
        return Some(HeaderValue::from_static(CorsOrigin::ALL));
    }
    let origin = only_value(call, ORIGIN)?;
    allowed.iter().any(|allowed| *origin == *allowed.0).then(|| origin.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_kept_as_browsers_write_it() {
        for (text, kept) in [
            ("*", "*"),
            (" http://localhost:3000 ", "http://localhost:3000"),
            ("HTTPS://App.Example", "https://app.example"),
            ("https://app.example:443", "https://app.example"),
            ("http://app.example:80", "http://app.example"),
            ("http://app.example:443", "http://app.example:443"),
            ("http://app.example:8080", "http://app.example:8080"),
            ("http://app.example:", "http://app.example"),
            ("http://app.example.", "http://app.example."),
            ("http://[::1]:80", "http://[::1]"),
            ("capacitor://localhost", "capacitor://localhost"),
        ] {
            assert_eq!(CorsOrigin::parse(text).unwrap().0, kept, "{text}");
        }
    }
}
