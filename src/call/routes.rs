//! Where a request goes: an endpoint of the vendor's, a page of ours, or nowhere with a hint.

use std::borrow::Cow;

use http::{Method, StatusCode};
use percent_encoding::percent_decode_str;

use crate::http::Problem;
use crate::http::Request;
use crate::text::{nearest, quoted};
use crate::vendor::{ENDPOINTS, Endpoint, NOT_ANSWERED};

/// What answers a request.
pub enum Route<'a> {
    /// The contract.
    Vendor {
        /// What was called.
        endpoint: &'static Endpoint,
        /// The scenario that the URL names.
        scenario: Option<Cow<'a, str>>,
    },
    /// A page of ours.
    Page(Page),
    /// Nothing: the problem says what would.
    Nowhere(Problem),
}

/// The pages of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// `/`
    Welcome,
    /// `/livez`, `/healthz`: whether it lives.
    Health,
    /// `/readyz`: whether calls should be begun.
    Ready,
}

/// What every path of the vendor's API begins with (`documented`).
const API: &str = "/api/thirdparty";

/// The first folders of the links that answers hold; nothing is behind them.
const MADE_UP: [&str; 4] = ["l", "video", "community", "uploads"];

const PAGES: [(&str, Page); 4] = [
    ("/", Page::Welcome),
    ("/livez", Page::Health),
    ("/readyz", Page::Ready),
    ("/healthz", Page::Health),
];

/// Finds what answers a request.
pub fn find(request: &Request) -> Route<'_> {
    let (scenario, path) = split_scenario(request.path());
    let reads = request.method == Method::GET || request.method == Method::HEAD;
    if let Some(endpoint) = ENDPOINTS.into_iter().find(|endpoint| endpoint.path == path) {
        if request.method == endpoint.method {
            return Route::Vendor { endpoint, scenario };
        }
        return Route::Nowhere(wrong_method(request, endpoint.method.as_str()));
    }
    if let Some((_, page)) = PAGES.into_iter().find(|(known, _)| *known == path) {
        if reads {
            return Route::Page(page);
        }
        return Route::Nowhere(wrong_method(request, "GET, HEAD"));
    }
    let detail = if reads && is_made_up(path) {
        "this link was made up by the sandbox: it has the vendor's shape, but nothing is stored behind it"
            .into()
    } else {
        why_nothing_is_at(path)
    };
    Route::Nowhere(Problem::new(StatusCode::NOT_FOUND, detail))
}

/// Takes `/~NAME_OR_LINE` off a path, up to its first `/api/`, and decodes it once.
fn split_scenario(path: &str) -> (Option<Cow<'_, str>>, &str) {
    let parts = path.strip_prefix("/~").and_then(|rest| Some(rest.split_at(rest.find("/api/")?)));
    match parts {
        Some((name, path)) => (Some(percent_decode_str(name).decode_utf8_lossy()), path),
        None => (None, path),
    }
}

fn wrong_method(request: &Request, allow: &str) -> Problem {
    let (path, method) = (quoted(request.path()), quoted(request.method.as_str()));
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, format!("{path} takes {allow}, not {method}"))
        .allowing(allow)
}

fn is_made_up(path: &str) -> bool {
    let mut segments = path.split('/').skip(1);
    MADE_UP.contains(&segments.next().unwrap_or("")) && segments.next().is_some()
}

fn why_nothing_is_at(path: &str) -> String {
    let quoted = quoted(path);
    let whole = if path.starts_with(API) { path.to_owned() } else { format!("{API}{path}") };
    let is_below = |known: &&str| {
        whole.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if let Some(known) = NOT_ANSWERED.into_iter().find(is_below) {
        return format!(
            "nothing is at {quoted}; {known} is an endpoint of the vendor's that this sandbox does not answer yet"
        );
    }
    let endpoints = || ENDPOINTS.into_iter().map(|endpoint| endpoint.path);
    let pages = PAGES.into_iter().map(|(path, _)| path).skip(1);
    let near = endpoints()
        .find(|known| *known == whole)
        .or_else(|| nearest(path, endpoints().chain(pages)));
    if let Some(near) = near {
        return format!("nothing is at {quoted}; did you mean {near}?");
    }
    let all = endpoints().collect::<Vec<_>>().join(", ");
    format!("nothing is at {quoted}; the vendor's endpoints here are {all}")
}
