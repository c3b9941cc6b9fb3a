//! Refuses what a browser sends for a page of another origin.

use http::header::{HeaderName, ORIGIN};
use http::{Method, StatusCode};

use crate::http::{Host, Problem, Request, only_value};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// What may lead to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Visitor {
    /// Requests of clients and of our own page.
    Client,
    /// Besides these a link on a page of another site, which the browser then leaves.
    Reader,
}

/// Checks that `Origin` and `Sec-Fetch-Site`, where a browser sends them, name this server.
pub(super) fn check(request: &Request, host: &Host, visitor: Visitor) -> Result<(), Problem> {
    let refuse = |detail: &str| Err(Problem::new(StatusCode::FORBIDDEN, detail));
    for origin in request.headers.get_all(ORIGIN) {
        let origin = origin.to_str().unwrap_or("");
        let origin = origin.split_once("://").and_then(|(_, authority)| Host::parse(authority));
        if !origin.is_some_and(|origin| origin.is_same_origin(host)) {
            return refuse("the request comes from a page of another origin");
        }
    }
    if visitor == Visitor::Reader && leaves_its_page(request) {
        return Ok(());
    }
    for site in request.headers.get_all(FETCH_SITE) {
        if site != "same-origin" && site != "none" {
            return refuse("the request comes from a page of another site");
        }
    }
    Ok(())
}

/// Whether a browser shows the answer in place of the page that led here: neither in a frame of it nor
/// to its scripts.
fn leaves_its_page(request: &Request) -> bool {
    let only = |name: &HeaderName, value: &str| {
        only_value(&request.headers, name).is_some_and(|only| only == value)
    };
    (request.method == Method::GET || request.method == Method::HEAD)
        && only(&FETCH_MODE, "navigate")
        && only(&FETCH_DEST, "document")
}
