//! Refuses what a browser sends for a page of another origin.

use http::StatusCode;
use http::header::{HeaderName, ORIGIN};

use crate::http::{Host, Problem, Request};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Checks that `Origin` and `Sec-Fetch-Site`, where a browser sends them, name this server.
pub(super) fn check(request: &Request, host: &Host) -> Result<(), Problem> {
    let refuse = |detail: &str| Err(Problem::new(StatusCode::FORBIDDEN, detail));
    for origin in request.headers.get_all(ORIGIN) {
        let origin = origin.to_str().unwrap_or("");
        let origin = origin.split_once("://").and_then(|(_, authority)| Host::parse(authority));
        if !origin.is_some_and(|origin| origin.is_same_origin(host)) {
            return refuse("the request comes from a page of another origin");
        }
    }
    for site in request.headers.get_all(FETCH_SITE) {
        if site != "same-origin" && site != "none" {
            return refuse("the request comes from a page of another site");
        }
    }
    Ok(())
}
