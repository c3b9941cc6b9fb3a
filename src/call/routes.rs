//! Finds where a request goes: an endpoint of the vendor's, a page of our own, or nowhere with a
//! hint.

use std::borrow::Cow;
use std::sync::LazyLock;

use http::{Method, StatusCode};
use percent_encoding::percent_decode_str;

use crate::http::{NoRoute, PathParameters, Problem, Request, Router};
use crate::text::{listed, nearest, quoted};
use crate::vendor::{ENDPOINTS, Endpoint};

/// Where a request goes.
pub(crate) enum CallRoute<'a> {
    /// To an endpoint of the vendor's.
    Vendor(VendorRoute<'a>),
    /// To a page of our own.
    Page(BuiltInPage),
    /// Nowhere; the problem says what was probably meant.
    Nowhere(Problem),
}

/// A call to an endpoint of the vendor's.
pub(crate) struct VendorRoute<'a> {
    pub(crate) endpoint: &'static Endpoint,
    pub(crate) parameters: PathParameters,
    /// The scenario that the URL names.
    pub(crate) scenario: Option<Cow<'a, str>>,
}

/// The pages of our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BuiltInPage {
    /// `/`
    Welcome,
    /// `/livez` and `/healthz`: whether the server is alive.
    Health,
    /// `/readyz`: whether it takes new calls.
    Ready,
}

#[derive(Clone, Copy)]
enum RouteTarget {
    Endpoint(&'static Endpoint),
    Page(BuiltInPage),
}

/// What every path of the vendor's API begins with (`documented`).
const API: &str = "/api/thirdparty";

/// The first segments of the links in answers; nothing is stored behind them.
const LINK_FOLDERS: [&str; 4] = ["l", "video", "community", "uploads"];

const PAGES: [(&str, BuiltInPage); 4] = [
    ("/", BuiltInPage::Welcome),
    ("/livez", BuiltInPage::Health),
    ("/readyz", BuiltInPage::Ready),
    ("/healthz", BuiltInPage::Health),
];

static ROUTER: LazyLock<Router<RouteTarget>> = LazyLock::new(|| {
    let endpoints = ENDPOINTS
        .iter()
        .map(|endpoint| (endpoint.method.clone(), endpoint.path, RouteTarget::Endpoint(endpoint)));
    let pages = PAGES.iter().flat_map(|(path, page)| {
        [Method::GET, Method::HEAD].map(|method| (method, *path, RouteTarget::Page(*page)))
    });
    Router::new(endpoints.chain(pages))
});

/// Finds where a request goes.
pub(crate) fn find(request: &Request) -> CallRoute<'_> {
    let (scenario, path) = split_scenario(request.path());
    match ROUTER.find(&request.method, path) {
        Ok(found) => match found.target {
            RouteTarget::Endpoint(endpoint) => {
                CallRoute::Vendor(VendorRoute { endpoint, parameters: found.parameters, scenario })
            }
            RouteTarget::Page(page) => CallRoute::Page(*page),
        },
        Err(NoRoute::WrongMethod { allow }) => {
            CallRoute::Nowhere(Problem::wrong_method(request, &allow))
        }
        Err(NoRoute::UnknownPath) => {
            let detail = if opens_made_up_link(request.method.as_str(), path) {
                "this link was made up by the sandbox: it has the vendor's shape, but nothing is stored behind it"
                    .into()
            } else {
                explain_not_found(path)
            };
            CallRoute::Nowhere(Problem::new(StatusCode::NOT_FOUND, detail))
        }
    }
}

/// Whether a path is that of a page of our own.
pub(crate) fn is_page(path: &str) -> bool {
    PAGES.iter().any(|(page, _)| *page == path)
}

/// Returns the endpoint that a request for a path was probably meant for.
pub(super) fn meant_endpoint(path: &str) -> Option<&'static Endpoint> {
    let (_, path) = split_scenario(path);
    let whole = with_api(path);
    let has_path = |endpoint: &&Endpoint| PathParameters::matched(endpoint.path, &whole).is_some();
    ENDPOINTS.iter().copied().find(has_path).or_else(|| {
        let near = nearest(path, ENDPOINTS.iter().map(|endpoint| endpoint.path))?;
        ENDPOINTS.iter().copied().find(|endpoint| endpoint.path == near)
    })
}

/// Returns a path with the beginning that all of the vendor's have.
fn with_api(path: &str) -> Cow<'_, str> {
    if path.starts_with(API) { path.into() } else { format!("{API}{path}").into() }
}

/// Returns what follows the `/~` of a path; clients may encode the tilde.
fn after_tilde(path: &str) -> Option<&str> {
    ["/~", "/%7E", "/%7e"].iter().find_map(|start| path.strip_prefix(start))
}

/// Takes `/~NAME_OR_LINE` off a path, up to its first `/api/`, and decodes it once.
fn split_scenario(path: &str) -> (Option<Cow<'_, str>>, &str) {
    let parts = after_tilde(path).and_then(|rest| Some(rest.split_at(rest.find("/api/")?)));
    match parts {
        Some((name, path)) => (Some(percent_decode_str(name).decode_utf8_lossy()), path),
        None => (None, path),
    }
}

/// Whether a request opens a link of an answer, behind which nothing is stored.
pub(super) fn opens_made_up_link(method: &str, path: &str) -> bool {
    if method != "GET" && method != "HEAD" {
        return false;
    }
    let mut segments = path.split('/').skip(1);
    LINK_FOLDERS.contains(&segments.next().unwrap_or("")) && segments.next().is_some()
}

fn explain_not_found(path: &str) -> String {
    let quoted = quoted(path);
    if after_tilde(path).is_some() {
        let create = ENDPOINTS[0].path;
        return format!(
            "unknown path {quoted}; a URL with a scenario has the vendor's path after it, as in \
             /~5026{create}, where the base URL is http://HOST:PORT/~5026"
        );
    }
    let whole = with_api(path);
    let endpoints = || ENDPOINTS.iter().map(|endpoint| endpoint.path);
    let pages = PAGES.into_iter().map(|(path, _)| path).skip(1);
    let near = endpoints()
        .find(|known| *known == whole)
        .or_else(|| nearest(path, endpoints().chain(pages)));
    if let Some(near) = near {
        return format!("unknown path {quoted}; did you mean {near}?");
    }
    let all = listed(path, endpoints());
    format!("unknown path {quoted}; the vendor's endpoints here are {all}")
}
