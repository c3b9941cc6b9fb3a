//! The sandbox's own API under `/_sandbox/v1`: JSON, errors as problem+json, never the vendor's
//! envelope. `routes` is the table, each resource has a file. The console has the same guards.

mod answer;
mod body;
pub(crate) mod clock;
mod communities;
mod documents;
pub(crate) mod entry;
mod events;
mod examples;
pub(crate) mod explain;
mod fixtures;
mod groups;
mod guard;
pub(crate) mod held;
mod input;
mod listing;
pub(crate) mod normal;
mod openapi;
pub(crate) mod outcomes;
pub(crate) mod overrides;
mod parameter;
mod query;
#[cfg(test)]
mod refused_calls;
pub(crate) mod report;
pub(crate) mod requests;
mod router;
mod routes;
pub(crate) mod rules;
pub(crate) mod scenarios;
mod state;
pub(crate) mod status;
pub(crate) mod switches;
pub(crate) mod tenants;
mod users;
pub(crate) mod verify;
mod videos;
mod world;

pub use answer::Answer;
pub(crate) use answer::Streamed;
pub use router::BASE;
#[cfg(feature = "internals")]
pub use routes::routes;

use std::time::Instant;

use http::header::CACHE_CONTROL;
use http::{HeaderMap, HeaderValue};

use crate::call::Sandbox;
pub use crate::call::{Access, Mode};
use crate::console;
use crate::http::{Problem, Request};

/// Whether a path belongs to this API, known or not.
pub fn is_own(path: &str) -> bool {
    path.strip_prefix("/_sandbox").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Headers of every answer, also where the server refuses a request: none is for a cache.
pub(crate) fn answer_headers() -> HeaderMap {
    HeaderMap::from_iter([(CACHE_CONTROL, HeaderValue::from_static("no-store"))])
}

/// The detail of the 404 for clients to whom this API is closed.
pub(crate) const CLOSED: &str = "not found";

/// Answers a request to this API, or to the console, which is open to the same clients.
pub(crate) fn respond(sandbox: &Sandbox, request: &Request) -> Answer {
    if let Some(reason) = sandbox.admin.closed_to(request) {
        if sandbox.closed_log.admits(&reason, Instant::now()) {
            sandbox.log_refused(request, &format_args!("{reason} (logged once a minute)"));
        }
        return Answer::Reply(Problem::not_found(CLOSED).reply());
    }
    let answered = match console::find(request.path()) {
        None if request.path() == console::SHORT_PATH => {
            guard::check_console(request, console::PATH, &sandbox.admin)
                .and_then(|()| console::redirect(request))
                .map(Answer::Reply)
        }
        Some(file) => guard::check_console(request, file.path, &sandbox.admin)
            .and_then(|()| file.answer(request))
            .map(Answer::Reply),
        None => {
            guard::check(request, &sandbox.admin).and_then(|()| routes::handle(sandbox, request))
        }
    };
    answered.unwrap_or_else(|problem| {
        let problem = problem.without(&sandbox.known_secrets);
        if problem.is_logged() {
            sandbox.log_refused(request, &problem.detail());
        }
        Answer::Reply(problem.reply())
    })
}
