//! Sends any values of Host, Origin, Authorization, Sec-Fetch-Site, Via and X-Sandbox-Scenario, with
//! any authority in the request's target and by both versions of HTTP.
//!
//! The sandbox's own API admits exactly what the rules allow, which are written here a second time.
//! A call to the vendor ends as its token and scenario say. A secret in Authorization is repeated
//! nowhere.
//!
//! The first byte selects path, access and peer. Each line after it is a letter and a value, so that
//! a header may be absent, repeated or empty; `$` in an Authorization stands for the secret.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use bytes::Bytes;
use genuin_sandbox::CallRecord;
use genuin_sandbox::internals::admin::{self, Access, Mode};
use genuin_sandbox::internals::call::Sandbox;
use genuin_sandbox::internals::http::{Reply, Request};
use genuin_sandbox::internals::journal::{Query, Walk};
use genuin_sandbox::internals::scenario::ForcedOutcome;
use genuin_sandbox::internals::tenant::TenantName;
use http::uri::Authority;
use http::{HeaderName, HeaderValue, Method, Uri, Version, header};

use super::{Input, answer, call, fresh, log};

/// A text that must not be repeated. No tenant and no scenario can have this name.
const SECRET: &str = "S3cret_Of_Somebody";
const ADMIN_TOKEN: &str = "admin-Token";
const ALLOWED: &str = "ci.example.com";

/// A sandbox for each kind of access.
static SANDBOXES: LazyLock<Vec<Sandbox>> = LazyLock::new(|| {
    let mode = |mode| Access { mode, ..Access::default() };
    let token = || Some(ADMIN_TOKEN.to_owned());
    [
        mode(Mode::Loopback),
        mode(Mode::Open),
        mode(Mode::Off),
        Access { token: token(), ..Access::default() },
        Access { mode: Mode::Off, token: token(), ..Access::default() },
        Access { allow_hosts: vec![ALLOWED.to_owned()], ..Access::default() },
    ]
    .map(fresh::with_access)
    .into()
});

/// Paths, with the status of an admitted request.
const PATHS: [(Method, &str, u16); 5] = [
    (Method::GET, "/_sandbox/v1/status", 200),
    (Method::POST, "/_sandbox/v1/tenants/fuzz/reset", 200),
    (Method::GET, "/_sandbox/nowhere", 404),
    (Method::POST, call::CREATE, 0),
    (Method::GET, "/_sandbox/v2", 404),
];

/// Checks one input.
pub fn check(data: &[u8]) -> Input {
    let Some((first, lines)) = data.split_first() else { return Input::Unusable };
    if data.windows(SECRET.len()).any(|part| part == SECRET.as_bytes()) {
        return Input::Unusable;
    }
    let first = usize::from(*first);
    let (method, path, status) = &PATHS[first % PATHS.len()];
    let sandbox = &SANDBOXES[first / PATHS.len() % SANDBOXES.len()];
    let is_near = (first / PATHS.len() / SANDBOXES.len()).is_multiple_of(2);
    let Some(mut request) = request(method.clone(), path, lines) else { return Input::Unusable };
    if !is_near {
        request.peer = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    }
    let reply = respond(sandbox, &request);
    if *path == call::CREATE {
        call_ends_as_asked(&reply, &request, sandbox);
    } else {
        let expected = refusal(&request, &sandbox.admin).unwrap_or(*status);
        assert_eq!(reply.status.as_u16(), expected, "{request:?}");
        match expected {
            200 => drop(answer::json(&reply)),
            _ => drop(answer::problem(&reply)),
        }
    }
    nothing_is_repeated(&reply, sandbox);
    fresh::forget(sandbox);
    Input::Used
}

/// Builds the request that the lines describe, if they describe one.
fn request(method: Method, path: &'static str, lines: &[u8]) -> Option<Request> {
    let mut request = call::request(method, Uri::from_static(path), Bytes::from(call::BODY));
    if path != call::CREATE {
        request.body = Bytes::new();
    }
    request.headers.remove(header::HOST);
    for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let (letter, value) = line.split_first()?;
        let name = match letter {
            b'H' => header::HOST,
            b'O' => header::ORIGIN,
            b'A' => header::AUTHORIZATION,
            b'S' => HeaderName::from_static("sec-fetch-site"),
            b'P' => header::VIA,
            b'V' => {
                request.version = Version::HTTP_10;
                continue;
            }
            b'X' => HeaderName::from_static("x-sandbox-scenario"),
            b'U' => {
                request.uri =
                    [b"http://", value, path.as_bytes()].concat().as_slice().try_into().ok()?;
                if request.path() != path {
                    return None;
                }
                continue;
            }
            _ => return None,
        };
        let value = match (letter, value.iter().position(|byte| *byte == b'$')) {
            (b'A', Some(at)) => [&value[..at], SECRET.as_bytes(), &value[at + 1..]].concat(),
            _ => value.to_vec(),
        };
        request.headers.append(name, HeaderValue::from_bytes(&value).ok()?);
    }
    Some(request)
}

fn respond(sandbox: &Sandbox, request: &Request) -> Reply {
    admin::respond(sandbox, request).finish(sandbox)
}

/// Returns all values of a header; one that is not visible ASCII becomes one that no rule admits.
fn values(request: &Request, name: impl header::AsHeaderName) -> Vec<&str> {
    let values = request.headers.get_all(name).iter();
    values.map(|value| value.to_str().unwrap_or("\u{fffd}")).collect()
}

/// Returns the status with which a request to the sandbox's own API is refused.
fn refusal(request: &Request, access: &Access) -> Option<u16> {
    let is_there = match access.mode {
        Mode::Off => false,
        Mode::Open => true,
        Mode::Loopback => {
            let is_direct =
                request.version == Version::HTTP_11 && !request.headers.contains_key(header::VIA);
            access.token.is_some() || (is_direct && request.peer == Ipv4Addr::LOCALHOST)
        }
    };
    if !is_there {
        return Some(404);
    }
    let hosts = values(request, header::HOST);
    let [host] = hosts[..] else { return Some(421) };
    let Some(host) = parts_of(host) else { return Some(421) };
    let is_addressed = |part: &Authority| parts_of(part.as_str()).as_ref() == Some(&host);
    let has_token = access.token.as_ref().is_some_and(|token| sends_token(request, token));
    if !request.uri.authority().is_none_or(is_addressed)
        || !(has_token || is_ours(&host.0, &access.allow_hosts))
    {
        return Some(421);
    }
    let from_elsewhere = |origin: &&str| match origin.split_once("://") {
        Some((_, authority)) => parts_of(authority).as_ref() != Some(&host),
        None => true,
    };
    let sites = values(request, "sec-fetch-site");
    if values(request, header::ORIGIN).iter().any(from_elsewhere)
        || sites.iter().any(|site| !["same-origin", "none"].contains(site))
    {
        return Some(403);
    }
    (access.token.is_some() && !has_token).then_some(401)
}

fn sends_token(request: &Request, token: &str) -> bool {
    let is_token = |value: &str| {
        let (scheme, sent) = value.split_at_checked(7)?;
        Some(scheme.eq_ignore_ascii_case("bearer ") && sent == token)
    };
    matches!(values(request, header::AUTHORIZATION)[..], [value] if is_token(value) == Some(true))
}

/// Returns name and port of a well-formed host, in lower case; the port may be empty.
fn parts_of(host: &str) -> Option<(String, String)> {
    let host = host.to_ascii_lowercase();
    let name_end =
        if host.starts_with('[') { host.find(']').map(|end| end + 1) } else { host.find(':') };
    let (name, port) = host.split_at(name_end.unwrap_or(host.len()));
    let digits = if port.is_empty() { port } else { port.strip_prefix(':')? };
    let significant = digits.trim_start_matches('0');
    let port_is_fine = digits.chars().all(|digit| digit.is_ascii_digit())
        && significant.len() <= 5
        && significant.parse().unwrap_or(0) <= 65_535;
    let bare = name.strip_suffix('.').unwrap_or(name);
    let letters = |letter: char| letter.is_ascii_alphanumeric() || "-._".contains(letter);
    let address = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let name_is_fine = address.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
        || (bare.chars().all(letters) && !format!(".{bare}.").contains(".."));
    (port_is_fine && name_is_fine).then(|| (name.to_owned(), digits.to_owned()))
}

/// Whether a well-formed name is safe from DNS rebinding: no foreign name server can point it here.
fn is_ours(name: &str, allowed: &[String]) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    if let Some(address) = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let is_nowhere = |address: Ipv6Addr| {
            address.to_ipv4_mapped().unwrap_or(Ipv4Addr::LOCALHOST).is_unspecified()
        };
        return address
            .parse()
            .is_ok_and(|address: Ipv6Addr| !address.is_unspecified() && !is_nowhere(address));
    }
    if allowed.iter().any(|allowed| allowed == name) {
        return true;
    }
    if let Ok(address) = name.parse::<Ipv4Addr>() {
        return !address.is_unspecified();
    }
    // a browser takes 1, 01 and 0x1 for addresses
    let is_number = name.chars().all(|digit| digit.is_ascii_digit()) || name.starts_with("0x");
    let is_under = |zone: &str| name.strip_suffix(zone).is_some_and(|rest| !rest.is_empty());
    if name.contains('.') {
        [".localhost", ".internal", ".svc", ".cluster.local"].into_iter().any(is_under)
    } else {
        !is_number
    }
}

/// How the vendor's API takes an Authorization.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    Refused,
    Accepted,
    /// Accepted, and it names a scenario.
    Bound,
}

fn token(request: &Request) -> Token {
    let [value] = values(request, header::AUTHORIZATION)[..] else { return Token::Refused };
    let Some((scheme, token)) = value.trim().split_once(' ') else { return Token::Refused };
    let token = token.trim_start();
    if !scheme.eq_ignore_ascii_case("bearer") || token.contains([' ', '\t']) {
        return Token::Refused;
    }
    if token == "gn-demo-token" {
        return Token::Accepted;
    }
    let Some(rest) = token.strip_prefix("gnsb_") else { return Token::Refused };
    let (name, scenario) = match rest.split_once('.') {
        Some((name, scenario)) => (name, Some(scenario)),
        None => (rest, None),
    };
    match (TenantName::parse(name), scenario) {
        (Ok(_), None) => Token::Accepted,
        (Ok(_), Some(scenario)) if scenario.len() <= 512 => Token::Bound,
        _ => Token::Refused,
    }
}

/// Checks that a call to the vendor ends as the contract or the requested scenario says. The body is
/// valid, so that only the token can be wrong.
fn call_ends_as_asked(reply: &Reply, request: &Request, sandbox: &Sandbox) {
    let records = sandbox.journal.read_all(&mut Walk::new(None, Query::default()));
    let [entry] = &records[..] else { panic!("one call is one entry: {records:?}") };
    let named = request.headers.get_all("x-sandbox-scenario").iter().count();
    let token = token(request);
    let selector = match token {
        _ if named > 0 => "header",
        Token::Bound => "token",
        Token::Refused | Token::Accepted => "contract",
    };
    assert_eq!(entry.selector, selector, "{request:?}");
    if entry.outcome == "unknown-scenario" {
        assert_eq!(reply.status, 501);
        assert_ne!(selector, "contract");
        answer::problem(reply);
        return;
    }
    assert!(named < 2, "a repeated header is not ignored");
    let forced =
        entry.rule.is_some().then(|| ForcedOutcome::parse(&entry.outcome).expect("it is known"));
    if let Some(forced) = forced.filter(|forced| !forced.is_real()) {
        return answer_is_forced(reply, entry, forced);
    }
    let accepted = token != Token::Refused;
    assert_eq!(reply.status.as_u16(), if accepted { 200 } else { 401 }, "{request:?}");
    let delivery = reply.delivery;
    assert!(delivery.fault.is_none() && delivery.drip.is_none(), "{delivery:?}");
    answer::envelope(reply);
    if !accepted {
        assert_eq!(reply.body, answer::UNAUTHORIZED);
    }
}

fn answer_is_forced(reply: &Reply, entry: &CallRecord, forced: ForcedOutcome) {
    assert_eq!(entry.status, forced.status());
    assert_eq!(reply.delivery.fault.is_some(), entry.status.is_none());
    if let Some(status) = entry.status {
        assert_eq!(reply.status.as_u16(), status);
    }
    if matches!(forced, ForcedOutcome::Contract(_) | ForcedOutcome::DocumentedExample) {
        answer::envelope(reply);
    }
}

/// Checks that the secret is in no answer, no journal entry and no log line.
fn nothing_is_repeated(reply: &Reply, sandbox: &Sandbox) {
    let headers = format!("{:?}", reply.headers);
    let records = sandbox.journal.read_all(&mut Walk::new(None, Query::default()));
    let body_of = |entry: &CallRecord| String::from_utf8_lossy(&entry.body).into_owned();
    let records = records.iter().map(|entry| format!("{entry:?} {}", body_of(entry)));
    let body = answer::text(reply).to_owned();
    for text in [headers, body].into_iter().chain(records).chain(log::take()) {
        assert!(!text.contains(SECRET), "a secret is repeated: {text}");
    }
}
