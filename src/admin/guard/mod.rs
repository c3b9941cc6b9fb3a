//! Guards the API against hostile web pages, whatever a browser can be made to send.

mod host;
mod origin;
mod token;

use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};

use self::origin::Visitor;
use crate::call::Access;
use crate::console;
use crate::http::{Problem, Request, essence, only_value};

/// Checks a request to the own API, which is open to it.
pub(super) fn check(request: &Request, access: &Access) -> Result<(), Problem> {
    let token = access.token.as_ref().map(|token| token::check(request, token));
    let host = host::addressed(request)?;
    // a page that has its name point here by DNS cannot have the token
    if !matches!(token, Some(Ok(()))) {
        host::check_name(&host, &access.allow_hosts)?;
    }
    origin::check(request, &host, Visitor::Client)?;
    token.transpose().map(|_| ())
}

/// Checks a request to a file of the console. A browser has no token yet when it opens the page, which
/// then asks for it; a link of another site may lead to the page, though to none of its files.
pub(super) fn check_console(request: &Request, path: &str, access: &Access) -> Result<(), Problem> {
    let host = host::addressed(request)?;
    host::check_name(&host, &access.allow_hosts)?;
    let visitor = if path == console::PATH { Visitor::Reader } else { Visitor::Client };
    origin::check(request, &host, visitor)
}

/// Checks that a write names a type which neither a form nor a simple fetch can send, so that a
/// browser asks first. It does so before every PUT and DELETE, whatever their type. To be checked before a handler
/// runs; a path that has none for the method is refused for that.
pub(super) fn check_content_type(request: &Request) -> Result<(), Problem> {
    let needs_type = match request.method {
        Method::POST => true,
        Method::PUT => !request.body.is_empty(),
        _ => false,
    };
    if !needs_type {
        return Ok(());
    }
    let media_type = only_value(&request.headers, CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let essence = essence(media_type.unwrap_or_default().as_bytes());
    let is = |name: &str| essence.eq_ignore_ascii_case(name.as_bytes());
    if is("application/json") || is("application/yaml") {
        return Ok(());
    }
    let detail = "a POST, and a PUT with a body, needs Content-Type: application/json or \
                  application/yaml";
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail))
}
