//! Who may use this API: a hostile web page may not, whatever its browser can be made to send.

use std::net::IpAddr;

use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, ORIGIN};
use http::{Method, StatusCode};

use crate::call::{Access, Mode};
use crate::http::{Problem, Request, host_name};
use crate::text::quoted;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Lets a request in, or says why not.
pub fn admit(request: &Request, access: &Access) -> Result<(), Problem> {
    let not_there = || Problem::new(StatusCode::NOT_FOUND, "nothing is here");
    if access.mode == Mode::Off {
        return Err(not_there());
    }
    if access.token.is_none()
        && access.mode == Mode::Loopback
        && !request.peer.to_canonical().is_loopback()
    {
        return Err(not_there());
    }
    let host = host(request, access)?;
    same_origin(request, &host)?;
    if let Some(token) = &access.token {
        authorized(request, token)?;
    }
    writes_say_what(request)
}

/// The one Host, which must be a name that no stranger can point here.
fn host(request: &Request, access: &Access) -> Result<String, Problem> {
    let refuse = |what: &str| {
        let hint = "use localhost, an IP address, a name without a dot, one under .localhost, .internal or \
                    .cluster.local, or allow it with --allow-host";
        Problem::new(StatusCode::MISDIRECTED_REQUEST, format!("{what}; {hint}"))
    };
    let mut values = request.headers.get_all(HOST).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(refuse("there must be exactly one Host header"));
    };
    let text = value.to_str().unwrap_or("").to_ascii_lowercase();
    if request
        .uri
        .authority()
        .is_some_and(|authority| !authority.as_str().eq_ignore_ascii_case(&text))
    {
        return Err(refuse("the address of the request is not its Host"));
    }
    let name = host_name(&text)
        .ok_or_else(|| refuse(&format!("the Host {} is not well-formed", quoted(&text))))?;
    let allowed = access.allow_hosts.iter().any(|host| host.eq_ignore_ascii_case(name));
    if allowed || is_ours(name) {
        return Ok(text);
    }
    Err(refuse(&format!("the Host {} is not a name of this server's", quoted(&text))))
}

fn is_ours(name: &str) -> bool {
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<IpAddr>() {
        return !address.to_canonical().is_unspecified();
    }
    // 0 and 0x0 are addresses to a browser
    let is_number = name.bytes().next().is_some_and(|byte| byte.is_ascii_digit())
        && !name.contains('.')
        && (name.bytes().all(|byte| byte.is_ascii_digit()) || name.starts_with("0x"));
    let under = [".localhost", ".internal", ".cluster.local"];
    (!name.contains('.') && !is_number)
        || under.iter().any(|ending| name.ends_with(ending) && name.len() > ending.len())
}

/// What a browser says of where a request comes from.
fn same_origin(request: &Request, host: &str) -> Result<(), Problem> {
    let refuse = |detail: &str| Problem::new(StatusCode::FORBIDDEN, detail);
    for origin in request.headers.get_all(ORIGIN) {
        let origin = origin.to_str().unwrap_or("");
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        if !authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host)) {
            return Err(refuse("the request comes from a page of another origin"));
        }
    }
    for site in request.headers.get_all(FETCH_SITE) {
        if site != "same-origin" && site != "none" {
            return Err(refuse("the request comes from a page of another site"));
        }
    }
    Ok(())
}

fn authorized(request: &Request, token: &str) -> Result<(), Problem> {
    let mut values = request.headers.get_all(AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (Some(value), None) => value.as_bytes(),
        _ => &[],
    };
    let sent = match value.split_at_checked("Bearer ".len()) {
        Some((scheme, sent)) if scheme.eq_ignore_ascii_case(b"Bearer ") => sent,
        _ => &[],
    };
    if same(sent, token.as_bytes()) {
        return Ok(());
    }
    let detail =
        "the admin token is missing or wrong; send Authorization: Bearer <token of --admin-token>";
    Err(Problem::new(StatusCode::UNAUTHORIZED, detail))
}

/// Compares in a time that tells nothing of where two texts differ.
fn same(one: &[u8], other: &[u8]) -> bool {
    let differing =
        one.iter().zip(other).fold(0, |differing, (one, other)| differing | (one ^ other));
    std::hint::black_box(differing) == 0 && one.len() == other.len()
}

/// A form or a simple fetch cannot send these types, so that a browser has to ask first.
fn writes_say_what(request: &Request) -> Result<(), Problem> {
    if request.method == Method::GET || request.method == Method::HEAD {
        return Ok(());
    }
    let mut values = request.headers.get_all(CONTENT_TYPE).iter();
    let essence = match (values.next(), values.next()) {
        (Some(value), None) => {
            value.to_str().unwrap_or("").split(';').next().unwrap_or("").trim().to_ascii_lowercase()
        }
        _ => String::new(),
    };
    if essence == "application/json" || essence == "application/yaml" {
        return Ok(());
    }
    let detail =
        "a write needs Content-Type: application/json or application/yaml, even without a body";
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_no_stranger_can_point_here_are_ours() {
        for host in [
            "localhost",
            "localhost:4368",
            "127.0.0.1:80",
            "[::1]:4368",
            "192.168.1.7",
            "sandbox",
            "my_sandbox:1",
            "a.localhost",
            "x.internal",
            "svc.ns.cluster.local:4368",
        ] {
            assert!(host_name(host).is_some_and(is_ours), "{host}");
        }
        for host in [
            "",
            "0.0.0.0",
            "[::]",
            "0",
            "0x7f000001",
            "2130706433",
            "evil.com",
            "localhost.evil.com",
            "localhost.",
            "user@localhost",
            "localhost:80:80",
            "localhost:x",
            "localhost:",
            "localhost:99999",
            "a,b",
            "a b",
            "[::1",
            "[::1]x",
            "::1",
            ".localhost",
            "[::ffff:0.0.0.0]",
            "localhost/..",
        ] {
            assert!(!host_name(host).is_some_and(is_ours), "{host}");
        }
    }
}
