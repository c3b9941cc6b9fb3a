//! Sends any bodies to the calls of the sandbox's own API that write, and to the vendor's in between.
//!
//! A refused body gets a problem that points into the body, and changes nothing. No undocumented 5xx
//! is answered. Afterwards everything can still be read.
//!
//! The byte 0x1e separates calls. The first byte of each is a letter that selects the call, in upper
//! case if the body is YAML.

use std::sync::LazyLock;

use bytes::Bytes;
use genuin_sandbox::internals::admin;
use genuin_sandbox::internals::call::Sandbox;
use genuin_sandbox::internals::http::{Reply, Request};
use genuin_sandbox::internals::tenant::TenantName;
use http::{HeaderValue, Method, Uri, header};
use serde_json::Value;

use super::{Input, answer, call, fresh, log};

static SANDBOX: LazyLock<Sandbox> = LazyLock::new(fresh::sandbox);

/// Separates two calls.
const SEPARATOR: u8 = 0x1e;
/// The most calls of one input.
const LIMIT_CALLS: usize = 8;

/// The calls, from `a` on. `{}` stands for the body.
const CALLS: [(Method, &str); 16] = [
    (Method::PUT, "/_sandbox/v1/scenarios/mine"),
    (Method::DELETE, "/_sandbox/v1/scenarios/mine"),
    (Method::DELETE, "/_sandbox/v1/tenants/fuzz"),
    (Method::PUT, "/_sandbox/v1/tenants/fuzz/scenario"),
    (Method::DELETE, "/_sandbox/v1/tenants/fuzz/scenario"),
    (Method::PUT, "/_sandbox/v1/tenants/*/scenario"),
    (Method::DELETE, "/_sandbox/v1/tenants/*/scenario"),
    (Method::POST, "/_sandbox/v1/tenants/fuzz/reset"),
    (Method::POST, "/_sandbox/v1/tenants/fuzz/communities"),
    (Method::POST, "/_sandbox/v1/tenants/fuzz/users"),
    (Method::POST, "/_sandbox/v1/tenants/fuzz/verify"),
    (Method::POST, "/_sandbox/v1/tenants/fuzz/clock"),
    (Method::POST, EXPLAIN),
    (Method::POST, call::CREATE),
    (Method::POST, call::AUTH),
    (Method::GET, "/_sandbox/v1/tenants/fuzz/requests?{}"),
];

const EXPLAIN: &str = "/_sandbox/v1/explain";

/// Paths that can be read in the end, whatever was written.
const READS: [&str; 9] = [
    "/_sandbox/v1/status",
    "/_sandbox/v1/tenants",
    "/_sandbox/v1/scenarios",
    "/_sandbox/v1/requests",
    "/_sandbox/v1/tenants/*/scenario",
    "/_sandbox/v1/tenants/fuzz/scenario",
    "/_sandbox/v1/tenants/fuzz/state",
    "/_sandbox/v1/tenants/fuzz/groups",
    "/_sandbox/v1/tenants/fuzz/requests",
];
/// Paths with long answers, read only if the input added something there.
const LONG_READS: [&str; 2] =
    ["/_sandbox/v1/tenants/fuzz/communities", "/_sandbox/v1/tenants/fuzz/users"];

/// Checks one input.
pub fn check(data: &[u8]) -> Input {
    let calls: Vec<_> = data.split(|byte| *byte == SEPARATOR).collect();
    if calls.len() > LIMIT_CALLS {
        return Input::Unusable;
    }
    let mut added = false;
    for call in calls {
        let Some(request) = request(call) else { return Input::Unusable };
        added |= LONG_READS.contains(&request.path());
        if admin::is_own(request.path()) {
            write_is_sound(&request);
        } else {
            call_is_sound(&request);
        }
    }
    for path in READS.into_iter().chain(LONG_READS.into_iter().filter(|_| added)) {
        let reply = respond(&call::get(path));
        assert_eq!(reply.status, 200, "{path}: {}", answer::text(&reply));
        if let Some(now) = answer::json(&reply)["now"].as_str() {
            assert!(now.len() == "9999-12-30T22:00:00.000Z".len() && now.ends_with('Z'), "{now}");
        }
    }
    log::take();
    fresh::forget(&SANDBOX);
    Input::Used
}

fn request(call: &[u8]) -> Option<Request> {
    let (first, body) = call.split_first()?;
    let (method, path) = &CALLS[usize::from((first & 0x1f).wrapping_sub(1)) % CALLS.len()];
    let uri = match path.strip_suffix("{}") {
        None => Uri::from_static(path),
        Some(path) => [path.as_bytes(), body].concat().as_slice().try_into().ok()?,
    };
    let body = Bytes::copy_from_slice(body);
    let mut request = match *path {
        call::CREATE => call::create(body),
        _ => call::request(method.clone(), uri, body),
    };
    if first.is_ascii_uppercase() && *path != call::CREATE {
        let yaml = HeaderValue::from_static("application/yaml");
        request.headers.insert(header::CONTENT_TYPE, yaml);
    }
    Some(request)
}

fn respond(request: &Request) -> Reply {
    admin::respond(&SANDBOX, request).finish(&SANDBOX)
}

/// Returns what a refused write must not change: tenants, groups, calls, scenarios, overrides.
fn facts() -> (usize, usize, u64, usize, Option<String>) {
    let figures = SANDBOX.tenants.stats();
    let global = SANDBOX.global_override().as_ref().map(|switched| switched.scenario.clone());
    let scenarios = SANDBOX.library.all().len();
    (figures.tenants, figures.groups, SANDBOX.journal.last_id(), scenarios, global)
}

fn write_is_sound(request: &Request) {
    let before = facts();
    let reply = respond(request);
    let body = answer::text(&reply);
    match reply.status.as_u16() {
        204 => assert_eq!((reply.headers.len(), body), (0, "")),
        200 | 201 => drop(answer::json(&reply)),
        // a conflicting addition creates the tenant all the same
        409 => drop(answer::problem(&reply)),
        405 if request.path() == EXPLAIN => drop(answer::problem(&reply)),
        400 | 404 | 507 => {
            let problem = answer::problem(&reply);
            let detail = problem["detail"].as_str().unwrap_or_default();
            assert!(!detail.chars().any(char::is_control), "{detail:?}");
            pointer_is_sound(&problem, request);
            assert_eq!(facts(), before, "what is refused changes nothing: {body}");
        }
        other => panic!("{other} is not documented here: {body}"),
    }
    if request.path() == EXPLAIN {
        assert_eq!(facts(), before, "explaining changes nothing");
    }
}

/// Checks that a pointer is one of RFC 6901 and points at something in the body.
fn pointer_is_sound(problem: &Value, request: &Request) {
    let Some(pointer) = problem.get("pointer") else { return };
    let pointer = pointer.as_str().expect("a pointer is a string");
    assert!(pointer.is_empty() || pointer.starts_with('/'), "{problem}");
    let mut escapes = pointer.split('~').skip(1);
    assert!(escapes.all(|escape| escape.starts_with(['0', '1'])), "{problem}");
    // the path of a call to explain may be left out
    let pointer =
        if request.path() == EXPLAIN { pointer.trim_end_matches("/path") } else { pointer };
    if let Ok(sent) = serde_json::from_slice::<Value>(&request.body) {
        assert!(sent.pointer(pointer).is_some(), "it points at nothing: {problem} in {sent}");
    }
}

/// Checks that a call to the vendor gets the answer that the journal says it got.
fn call_is_sound(request: &Request) {
    let reply = respond(request);
    let tenants = SANDBOX.tenants.all().into_iter().map(|(name, _)| name);
    let last_id = SANDBOX.journal.last_id();
    let entry = tenants
        .chain([TenantName::anonymous()])
        .filter_map(|name| SANDBOX.journal.last(&name))
        .find(|entry| entry.id == last_id)
        .expect("every call is in the journal");
    assert_eq!(entry.status.is_none(), reply.delivery.fault.is_some());
    assert!(entry.status.is_none_or(|status| status == reply.status.as_u16()), "{entry:?}");
    if entry.selector == "contract" {
        answer::envelope(&reply);
    } else if entry.outcome == "unknown-scenario" {
        answer::problem(&reply);
    }
}
