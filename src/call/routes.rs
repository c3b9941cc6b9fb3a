//! Finds where a request goes: an endpoint of the vendor's, a page of our own, or nowhere with a
//! hint.

use std::borrow::Cow;
use std::sync::LazyLock;

use http::Method;

use super::pages::{BuiltInPage, PAGES};
use super::unknown_path::explain_unknown_path;
use super::url_scenario::split_scenario;
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

#[derive(Clone, Copy)]
enum RouteTarget {
    Endpoint(&'static Endpoint),
    Page(BuiltInPage),
}

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
