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
        InvalidHost::NamesUser => refuse("the Host has a user name before its @"),
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
    let kind = NameKind::of(&name);
    if kind == NameKind::Local || allow_hosts.contains(&name) {
        return Ok(());
    }
    let what = format!("the Host {} is not allowed", quoted(&host.parts().concat()));
    Err(match kind {
        NameKind::Local | NameKind::Foreign => refuse(&what),
        NameKind::EveryAddress => misdirected(format!(
            "{what}, since it stands for every address of a machine; use localhost, or one address like 127.0.0.1"
        )),
        NameKind::Number => misdirected(format!(
            "{what}, since browsers read a number as an address; use localhost, or write the address like 127.0.0.1"
        )),
    })
}

fn refuse_number() -> Problem {
    refuse("there must be exactly one Host header")
}

fn refuse(what: &str) -> Problem {
    let hint = "use localhost, an IP address, a name without a dot, one under .localhost, .internal, \
                .svc or .cluster.local, or allow it with --allow-host";
    misdirected(format!("{what}; {hint}"))
}

fn misdirected(detail: String) -> Problem {
    Problem::new(StatusCode::MISDIRECTED_REQUEST, detail)
}

/// What a name is to a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NameKind {
    /// No public DNS entry can make a browser send it here.
    Local,
    /// The address of no machine, which reaches this one all the same.
    EveryAddress,
    /// An address that is written as one number.
    Number,
    Foreign,
}

impl NameKind {
    /// `name` is in lower case.
    fn of(name: &str) -> Self {
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = bare.parse::<IpAddr>() {
            let is_every = address.to_canonical().is_unspecified();
            return if is_every { Self::EveryAddress } else { Self::Local };
        }
        let is_number = name.bytes().next().is_some_and(|byte| byte.is_ascii_digit())
            && !name.contains('.')
            && (name.bytes().all(|byte| byte.is_ascii_digit()) || name.starts_with("0x"));
        if is_number {
            return Self::Number;
        }
        let is_local = !name.contains('.') || LOCAL_ZONES.iter().any(|zone| name.ends_with(zone));
        if is_local { Self::Local } else { Self::Foreign }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_refused_is_not_told_to_be_one() {
        let every = "stands for every address of a machine";
        let number = "browsers read a number as an address";
        for (host, expected) in [
            ("0.0.0.0", every),
            ("0.0.0.0.:80", every),
            ("[::]:4368", every),
            ("[::ffff:0.0.0.0]", every),
            ("0", number),
            ("0x7f000001:80", number),
            ("2130706433.", number),
            ("evil.com", "use localhost, an IP address, a name without a dot"),
        ] {
            let problem = check_name(&Host::parse(host).unwrap(), &[]).unwrap_err();
            let detail = problem.detail();
            assert!(detail.contains(expected), "{host}: {detail}");
            let names_kind = detail.contains("an IP address") || detail.contains("without a dot");
            assert_eq!(names_kind, host == "evil.com", "{host}: {detail}");
        }
    }
}
