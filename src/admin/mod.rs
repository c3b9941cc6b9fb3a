//! The sandbox's own API under `/_sandbox/v1`: JSON, errors as problem+json, never the vendor's
//! envelope. One file for each resource; this one routes.

mod catalog;
mod clock;
mod events;
mod explain;
mod guard;
mod overrides;
mod read;
mod requests;
mod state;
mod status;
mod tenants;
mod verify;

use http::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::Value;

pub use events::Events;
pub use verify::Verify;

use crate::call::Sandbox;
pub use crate::call::{Access, Mode};
use crate::http::Problem;
use crate::http::{Reply, Request};
use crate::text::{nearest, quoted};
use crate::world::TenantName;

/// What every path of this API begins with.
const BASE: &str = "/_sandbox/v1";
/// What nothing but this API begins with.
const OWN: &str = "/_sandbox";

/// An answer, or what has to be waited for.
pub enum Answer {
    /// Ready to be sent.
    Reply(Reply),
    /// Ready once a count holds or its time is up.
    Verify(Box<Verify>),
    /// A stream that goes on until its reader leaves.
    Events(Events),
}

/// Every route: a method and a pattern, in which `{}` stands for a name.
const ROUTES: [(&str, &str); 30] = [
    ("GET", "status"),
    ("GET", "outcomes"),
    ("GET", "scenarios"),
    ("GET", "scenarios/{}"),
    ("PUT", "scenarios/{}"),
    ("DELETE", "scenarios/{}"),
    ("GET", "contract"),
    ("GET", "tenants"),
    ("DELETE", "tenants/{}"),
    ("PUT", "tenants/{}/scenario"),
    ("GET", "tenants/{}/scenario"),
    ("DELETE", "tenants/{}/scenario"),
    ("POST", "tenants/{}/reset"),
    ("GET", "tenants/{}/state"),
    ("GET", "tenants/{}/groups"),
    ("GET", "tenants/{}/groups/{}"),
    ("GET", "tenants/{}/communities"),
    ("POST", "tenants/{}/communities"),
    ("GET", "tenants/{}/users"),
    ("POST", "tenants/{}/users"),
    ("GET", "tenants/{}/requests"),
    ("GET", "tenants/{}/requests/{}"),
    ("POST", "tenants/{}/verify"),
    ("POST", "tenants/{}/clock"),
    ("GET", "requests"),
    ("POST", "explain"),
    ("GET", "events"),
    ("GET", "openapi.json"),
    ("GET", "scenario.schema.json"),
    ("GET", "metrics"),
];

/// Whether a path is one of this API, or would be.
pub fn is_own(path: &str) -> bool {
    path.strip_prefix(OWN).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Answers any request: one below `/_sandbox` here, all others by the sandbox itself.
pub fn respond(sandbox: &Sandbox, request: &Request) -> Answer {
    let path = request.path();
    if !is_own(path) {
        return Answer::Reply(sandbox.answer(request));
    }
    match guard::check(request, &sandbox.admin).and_then(|()| dispatch(sandbox, request)) {
        Ok(answer) => answer,
        Err(problem) => {
            let (method, path) = (quoted(request.method.as_str()), quoted(path));
            tracing::info!("refused {method} {path}: {}", problem.detail());
            Answer::Reply(problem.reply())
        }
    }
}

fn dispatch(sandbox: &Sandbox, request: &Request) -> Result<Answer, Problem> {
    let path = request.path();
    let rest = path.strip_prefix(BASE).and_then(|rest| rest.strip_prefix('/'));
    let segments: Vec<String> = rest
        .map(|rest| {
            rest.split('/')
                .map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned())
                .collect()
        })
        .unwrap_or_default();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let methods: Vec<&str> = ROUTES
        .iter()
        .filter(|(_, pattern)| fits(pattern, &segments))
        .map(|(method, _)| *method)
        .collect();
    if methods.is_empty() {
        return Err(nothing_at(path));
    }
    if !methods.contains(&request.method.as_str()) {
        let allow = methods.join(", ");
        let detail =
            format!("{} takes {allow}, not {}", quoted(path), quoted(request.method.as_str()));
        return Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail).allowing(&allow));
    }
    route(sandbox, request, &segments)
}

fn route(sandbox: &Sandbox, request: &Request, segments: &[&str]) -> Result<Answer, Problem> {
    let get = request.method == Method::GET;
    let put = request.method == Method::PUT;
    let reply = match *segments {
        ["status"] => json(&status::status(sandbox)),
        ["metrics"] => status::metrics(sandbox),
        ["outcomes"] => json(&catalog::outcomes()),
        ["contract"] => json(&crate::vendor::documents::ledger()),
        ["scenario.schema.json"] => json(&crate::scenario::schema()),
        ["openapi.json"] => json(&crate::vendor::documents::openapi()),
        ["scenarios"] => json(&catalog::scenarios(sandbox)),
        ["scenarios", name] if get => json(&catalog::scenario(sandbox, name)?),
        ["scenarios", name] if put => json(&catalog::upload(sandbox, name, request)?),
        ["scenarios", name] => catalog::remove(sandbox, name)?,
        ["tenants"] => json(&tenants::list(sandbox)),
        ["tenants", name] => tenants::remove(sandbox, &tenant(name)?)?,
        ["tenants", "*", "scenario"] if get => json(&overrides::show_all(sandbox)),
        ["tenants", "*", "scenario"] if put => json(&overrides::set_all(sandbox, request)?),
        ["tenants", "*", "scenario"] => overrides::clear_all(sandbox),
        ["tenants", name, "scenario"] if get => json(&overrides::show(sandbox, &tenant(name)?)),
        ["tenants", name, "scenario"] if put => {
            json(&overrides::set(sandbox, &tenant(name)?, request)?)
        }
        ["tenants", name, "scenario"] => overrides::clear(sandbox, &tenant(name)?),
        ["tenants", name, "reset"] => json(&tenants::reset(sandbox, &tenant(name)?, request)?),
        ["tenants", name, "state"] => json(&state::whole(sandbox, &tenant(name)?)),
        ["tenants", name, "groups"] => json(&state::groups(sandbox, &tenant(name)?)),
        ["tenants", name, "groups", chat_id] => {
            json(&state::group(sandbox, &tenant(name)?, chat_id)?)
        }
        ["tenants", name, "communities"] if get => {
            json(&state::communities(sandbox, &tenant(name)?))
        }
        ["tenants", name, "communities"] => state::add_community(sandbox, &tenant(name)?, request)?,
        ["tenants", name, "users"] if get => json(&state::users(sandbox, &tenant(name)?)),
        ["tenants", name, "users"] => state::add_user(sandbox, &tenant(name)?, request)?,
        ["tenants", name, "requests"] => {
            json(&requests::of_tenant(sandbox, &tenant(name)?, request)?)
        }
        ["tenants", name, "requests", seq] => json(&requests::one(sandbox, &tenant(name)?, seq)?),
        ["tenants", name, "verify"] => {
            let verify = verify::begin(sandbox, &tenant(name)?, request)?;
            return Ok(Answer::Verify(Box::new(verify)));
        }
        ["tenants", name, "clock"] => json(&clock::set(sandbox, &tenant(name)?, request)?),
        ["requests"] => json(&requests::of_all(sandbox, request)?),
        ["explain"] => json(&explain::explain(sandbox, request)?),
        ["events"] => return Ok(Answer::Events(events::open(sandbox, request)?)),
        _ => return Err(nothing_at(request.path())),
    };
    Ok(Answer::Reply(reply))
}

fn fits(pattern: &str, segments: &[&str]) -> bool {
    let parts: Vec<_> = pattern.split('/').collect();
    parts.len() == segments.len()
        && parts.iter().zip(segments).all(|(part, segment)| *part == "{}" || part == segment)
}

fn nothing_at(path: &str) -> Problem {
    let shown = |pattern: &str| format!("{BASE}/{}", pattern.replace("{}", "{name}"));
    let known: Vec<_> = ROUTES.iter().map(|(_, pattern)| shown(pattern)).collect();
    let near = nearest(path, known.iter().map(String::as_str));
    let hint = near.map_or_else(
        || format!("; begin with {BASE}/status"),
        |near| format!("; did you mean {near}?"),
    );
    Problem::new(StatusCode::NOT_FOUND, format!("nothing is at {}{hint}", quoted(path)))
}

/// The tenant a path names.
fn tenant(name: &str) -> Result<TenantName, Problem> {
    TenantName::parse(name).map_err(|why| {
        let hint = "calls that name no tenant are in GET /_sandbox/v1/requests";
        let detail =
            if name == TenantName::anonymous().as_str() { format!("{why}; {hint}") } else { why };
        Problem::new(StatusCode::NOT_FOUND, detail)
    })
}

fn json(value: &Value) -> Reply {
    Reply::new(StatusCode::OK, "application/json", value.to_string())
}

fn created(value: &Value) -> Reply {
    Reply::new(StatusCode::CREATED, "application/json", value.to_string())
}

/// 204: done, and there is nothing to say.
fn done() -> Reply {
    let mut reply = Reply::new(StatusCode::NO_CONTENT, "application/json", "");
    reply.headers.clear();
    reply
}
