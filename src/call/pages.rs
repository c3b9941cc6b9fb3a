//! The sandbox's own pages: a welcome for people, health for machines.

use http::StatusCode;

use crate::http::Reply;
use crate::vendor::ENDPOINTS;
use crate::world::Seed;

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

/// The path of each.
pub(super) const PAGES: [(&str, BuiltInPage); 4] = [
    ("/", BuiltInPage::Welcome),
    ("/livez", BuiltInPage::Health),
    ("/readyz", BuiltInPage::Ready),
    ("/healthz", BuiltInPage::Health),
];

/// The answer for a page. `console` is the address of the console, if it is open to the client.
pub(crate) fn show(page: BuiltInPage, seed: &Seed, ready: bool, console: Option<&str>) -> Reply {
    let plain = |status, text: &'static str| Reply::new(status, "text/plain; charset=utf-8", text);
    match page {
        BuiltInPage::Ready if !ready => plain(StatusCode::SERVICE_UNAVAILABLE, "stopping"),
        BuiltInPage::Health | BuiltInPage::Ready => plain(StatusCode::OK, "ok"),
        BuiltInPage::Welcome => {
            Reply::new(StatusCode::OK, "text/html; charset=utf-8", welcome(seed, console))
        }
    }
}

fn welcome(seed: &Seed, console: Option<&str>) -> String {
    let console = console.map_or_else(String::new, |path| {
        format!("<p><a href=\"{path}\">Console</a>: force errors, and see every call</p>")
    });
    let endpoints = list(ENDPOINTS.iter().map(|endpoint| {
        let (method, path) = (&endpoint.method, endpoint.path);
        format!("<code>{method} {path}</code>")
    }));
    let mut tokens: Vec<_> = seed.tokens.iter().collect();
    tokens.sort_by_key(|(token, _)| *token);
    let tokens = list(tokens.into_iter().map(|(token, facts)| {
        let state = facts.state.name();
        format!("<code>{}</code>: tenant {}, {state}", escape(token), facts.tenant)
    }));
    let communities = list(seed.communities.values().take(3).map(|community| {
        let (id, name) = (community.community_id, escape(&community.name));
        format!("<code>{id}</code>: {name}")
    }));
    // an icon, so that a browser does not ask for one, which would be journalled as a wrong path
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>genuin-sandbox</title>\
         <link rel=\"icon\" href=\"data:,\">\
         <h1>genuin-sandbox {version}</h1>\
         <p>This server stands in for Genuin's third-party API. Nothing here is real.</p>\
         {console}<h2>Endpoints</h2>{endpoints}\
         <h2>Tokens</h2>{tokens}\
         <p><code>gnsb_</code> and any name is a token too: a world of its own.</p>\
         <h2>Communities</h2>{communities}\
         <p>Health: <a href=\"/livez\">/livez</a>, <a href=\"/readyz\">/readyz</a></p></html>\n",
        version = env!("CARGO_PKG_VERSION"),
    )
}

fn list(items: impl Iterator<Item = String>) -> String {
    let items: Vec<_> = items.map(|item| format!("<li>{item}</li>")).collect();
    format!("<ul>{}</ul>", items.concat())
}

/// Text that cannot end the element it is in.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
