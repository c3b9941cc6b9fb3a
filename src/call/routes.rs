//! Finds where a request goes: an endpoint of the vendor's, a page of our own, or nowhere with a
//! hint.

use std::borrow::Cow;
use std::sync::LazyLock;

use http::Method;
use percent_encoding::percent_decode_str;

use super::unknown_path::explain_unknown_path;
use crate::http::{NoRoute, PathParameters, Problem, Request, Router};
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

pub(super) const PAGES: [(&str, BuiltInPage); 4] = [
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
            let detail = explain_unknown_path(request.method.as_str(), path);
            CallRoute::Nowhere(Problem::not_found(detail))
        }
    }
}

/// Whether a path is that of a page of our own.
pub(crate) fn is_page(path: &str) -> bool {
    PAGES.iter().any(|(page, _)| *page == path)
}

/// Returns what follows the `/~` of a path; clients may encode the tilde.
pub(super) fn after_tilde(path: &str) -> Option<&str> {
    ["/~", "/%7E", "/%7e"].iter().find_map(|start| path.strip_prefix(start))
}

/// Takes `/~NAME_OR_LINE` off a path, up to its first `/api/`, and decodes it once.
pub(super) fn split_scenario(path: &str) -> (Option<Cow<'_, str>>, &str) {
    let parts = after_tilde(path).and_then(|rest| Some(rest.split_at(rest.find("/api/")?)));
    match parts {
        Some((name, path)) => (Some(percent_decode_str(name).decode_utf8_lossy()), path),
        None => (None, path),
    }
}
