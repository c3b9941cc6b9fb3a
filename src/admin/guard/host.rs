//! Which `Host` a request may name: none that an outsider can point at this server by DNS.

use std::net::IpAddr;

use http::StatusCode;
use http::header::HOST;

use crate::http::{Problem, Request, host_name};
use crate::text::quoted;

/// The `Host` of a request in lower case. It must be the only one, and its name a local one or one
/// of those allowed.
pub(super) fn local_host(request: &Request, allow_hosts: &[String]) -> Result<String, Problem> {
    let refuse = |what: &str| {
        let hint = "use localhost, an IP address, a name without a dot, one under .localhost, .internal or \
                    .cluster.local, or allow it with --allow-host";
        Problem::new(StatusCode::MISDIRECTED_REQUEST, format!("{what}; {hint}"))
    };
    let mut values = request.headers.get_all(HOST).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(refuse("there must be exactly one Host header"));
    };
    let host = value.to_str().unwrap_or("").to_ascii_lowercase();
    let authority = request.uri.authority();
    if authority.is_some_and(|authority| !authority.as_str().eq_ignore_ascii_case(&host)) {
        return Err(refuse("the host in the request line differs from the Host header"));
    }
    let name = host_name(&host)
        .ok_or_else(|| refuse(&format!("the Host {} is not well-formed", quoted(&host))))?;
    if is_local(name) || allow_hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(name)) {
        return Ok(host);
    }
    Err(refuse(&format!("the Host {} is not allowed", quoted(&host))))
}

/// Whether no public DNS entry can make a browser send this name here.
fn is_local(name: &str) -> bool {
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<IpAddr>() {
        return !address.to_canonical().is_unspecified();
    }
    // browsers read 0 and 0x0 as addresses
    let is_number = name.bytes().next().is_some_and(|byte| byte.is_ascii_digit())
        && !name.contains('.')
        && (name.bytes().all(|byte| byte.is_ascii_digit()) || name.starts_with("0x"));
    let is_below = |suffix: &&str| name.ends_with(suffix) && name.len() > suffix.len();
    (!name.contains('.') && !is_number)
        || [".localhost", ".internal", ".cluster.local"].iter().any(is_below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_without_public_dns_are_local() {
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
            assert!(host_name(host).is_some_and(is_local), "{host}");
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
            assert!(!host_name(host).is_some_and(is_local), "{host}");
        }
    }
}
