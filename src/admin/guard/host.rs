//! Which hosts a request may be addressed to: none that an outsider can point at this server by DNS.

use std::net::IpAddr;

use http::StatusCode;
use http::header::HOST;

use crate::http::{Host, InvalidHost, Problem, Request};
use crate::text::quoted;

/// Zones in which no outsider can have a name; a cluster's services have the last two.
const LOCAL_ZONES: [&str; 4] = [".localhost", ".internal", ".svc", ".cluster.local"];

/// Returns the host that a request is addressed to, which its only Host header names.
pub(super) fn addressed(request: &Request) -> Result<Host<'_>, Problem> {
    let host = request.host().map_err(|invalid| match invalid {
        InvalidHost::Malformed(host) => {
            refuse(&format!("the Host {} is not well-formed", quoted(&host)))
        }
        InvalidHost::Missing | InvalidHost::Repeated => refuse_number(),
    })?;
    let header = request.header(HOST).and_then(Host::parse);
    let (Some(host), Some(header)) = (host, header) else { return Err(refuse_number()) };
    if !host.is_same_origin(&header) {
        return Err(refuse("the host in the request line differs from the Host header"));
    }
    Ok(host)
}

/// Checks that a host is a local one or one of those allowed, which are in lower case.
pub(super) fn check_name(host: &Host, allow_hosts: &[String]) -> Result<(), Problem> {
    let name = host.name().to_ascii_lowercase();
    if is_local(&name) || allow_hosts.contains(&name) {
        return Ok(());
    }
    Err(refuse(&format!("the Host {} is not allowed", quoted(&host.parts().concat()))))
}

fn refuse_number() -> Problem {
    refuse("there must be exactly one Host header")
}

fn refuse(what: &str) -> Problem {
    let hint = "use localhost, an IP address, a name without a dot, one under .localhost, .internal, \
                .svc or .cluster.local, or allow it with --allow-host";
    Problem::new(StatusCode::MISDIRECTED_REQUEST, format!("{what}; {hint}"))
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
    (!name.contains('.') && !is_number) || LOCAL_ZONES.iter().any(|zone| name.ends_with(zone))
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
            "sandbox.ns.svc",
            "sandbox.ns.svc.cluster.local.:80",
            "localhost.",
            "localhost:",
            "127.0.0.1.",
        ] {
            assert!(Host::parse(host).is_some_and(|host| is_local(host.name())), "{host}");
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
            "evil.com.",
            "localhost..",
            "0.0.0.0.",
            "0.",
            "svc.evil.com",
            "evilsvc.com",
            "ns.notsvc",
            "user@localhost",
            "localhost:80:80",
            "localhost:x",
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
            assert!(!Host::parse(host).is_some_and(|host| is_local(host.name())), "{host}");
        }
    }
}
