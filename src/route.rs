//! Where a request goes: an endpoint of the vendor's, a page of ours, or nowhere with a hint.

use http::{HeaderValue, Method, StatusCode, header};

use crate::contract::{ENDPOINTS, Endpoint, NOT_ANSWERED};
use crate::exchange::{Reply, Request};
use crate::nearest::{nearest, quoted};
use crate::problem::Problem;

/// What answers a request.
pub enum Route {
    /// The contract.
    Vendor(&'static Endpoint),
    /// A page of ours.
    Page(Page),
    /// Nothing: the answer says what would.
    Nowhere(Reply),
}

/// The pages of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// `/`
    Welcome,
    /// `/livez`, `/readyz`, `/healthz`
    Health,
}

/// The first folders of the links that answers hold; nothing is behind them.
const MADE_UP: [&str; 4] = ["l", "video", "community", "uploads"];

const PAGES: [(&str, Page); 4] = [
    ("/", Page::Welcome),
    ("/livez", Page::Health),
    ("/readyz", Page::Health),
    ("/healthz", Page::Health),
];

/// Finds what answers a request.
pub fn find(request: &Request) -> Route {
    let path = request.path();
    if let Some(endpoint) = ENDPOINTS.into_iter().find(|endpoint| endpoint.path == path) {
        return if request.method == endpoint.method {
            Route::Vendor(endpoint)
        } else {
            Route::Nowhere(wrong_method(request, endpoint.method.as_str()))
        };
    }
    if let Some((_, page)) = PAGES.into_iter().find(|(known, _)| *known == path) {
        return if request.method == Method::GET || request.method == Method::HEAD {
            Route::Page(page)
        } else {
            Route::Nowhere(wrong_method(request, "GET, HEAD"))
        };
    }
    Route::Nowhere(Problem::new(StatusCode::NOT_FOUND, why_nothing_is_at(path)).reply())
}

fn wrong_method(request: &Request, allow: &str) -> Reply {
    let detail =
        format!("{} takes {allow}, not {}", request.path(), quoted(request.method.as_str()));
    let allow = HeaderValue::from_str(allow).expect("BUG: methods are visible ASCII");
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail).reply().with_header(header::ALLOW, allow)
}

fn why_nothing_is_at(path: &str) -> String {
    let mut segments = path.split('/').skip(1);
    let first = segments.next().unwrap_or("");
    if MADE_UP.contains(&first) && segments.next().is_some() {
        return "this link was made up by the sandbox: it has the vendor's shape, but nothing is stored behind it"
            .into();
    }
    let trimmed = path.trim_end_matches('/');
    if let Some(known) = NOT_ANSWERED.into_iter().find(|known| trimmed.starts_with(known)) {
        return format!(
            "{known} is an endpoint of the vendor's that this sandbox does not answer yet"
        );
    }
    let known = ENDPOINTS.into_iter().map(|endpoint| endpoint.path);
    let all = known.clone().collect::<Vec<_>>().join(", ");
    match nearest(path, known.chain(PAGES.into_iter().map(|(path, _)| path).skip(1))) {
        Some(near) => format!("nothing is at {}; did you mean {near}?", quoted(path)),
        None => format!("nothing is at {}; the vendor's endpoints here are {all}", quoted(path)),
    }
}
