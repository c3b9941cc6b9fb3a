//! What a request was probably meant for whose path leads nowhere: a link of an answer, an endpoint or a
//! page.

use super::pages::PAGES;
use super::url_scenario::{after_tilde, split_scenario};
use crate::http::{NearPath, nearest_path};
use crate::text::{listed, quoted};
use crate::vendor::{ENDPOINTS, Endpoint, FILE_FOLDERS, PAGE_FOLDERS};
use crate::world::AVATARS;

/// What every path of the vendor's API begins with (`documented`).
const API: &str = "/api/thirdparty";

/// How the names of pictures and videos end, after the dot.
const MEDIA_EXTENSIONS: [&str; 14] = [
    "avi", "gif", "heic", "jpeg", "jpg", "m3u8", "m4v", "mkv", "mov", "mp4", "png", "svg", "webm",
    "webp",
];

/// What other APIs call their login.
const LOGINS: [&str; 6] = ["login", "oauth", "session", "sessions", "signin", "token"];

/// What a link of an answer leads to. Nothing is stored behind any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LinkTarget {
    /// The page of a group, video or community.
    Page,
    /// A video or picture.
    Media,
    /// A picture that answers name in place of a link.
    Avatar,
}

impl LinkTarget {
    /// Returns what the link of an answer leads to that a request opens.
    pub(super) fn of(method: &str, path: &str) -> Option<Self> {
        if !is_read(method) {
            return None;
        }
        let (_, path) = split_scenario(path);
        let (folder, file) = path.strip_prefix('/')?.rsplit_once('/').unwrap_or(("", &path[1..]));
        let first = folder.split('/').next().unwrap_or_default();
        let is_extension =
            |end: &str| MEDIA_EXTENSIONS.iter().any(|it| it.eq_ignore_ascii_case(end));
        let is_media = file.rsplit_once('.').is_some_and(|(_, end)| is_extension(end));
        if !folder.is_empty() && is_media || FILE_FOLDERS.contains(&first) {
            Some(Self::Media)
        } else if PAGE_FOLDERS.contains(&first) {
            Some(Self::Page)
        } else {
            AVATARS.contains(&file).then_some(Self::Avatar)
        }
    }

    fn explain(self) -> &'static str {
        match self {
            Self::Page => {
                "this link was made up by the sandbox: it has the vendor's shape, but nothing is stored behind it"
            }
            Self::Media => {
                "this link was made up by the sandbox: it has the vendor's shape, but media is not served here"
            }
            Self::Avatar => {
                "this is the name of an avatar, which answers have in place of a link, and media is not served here"
            }
        }
    }
}

/// Says why a request's path leads nowhere, and where it was probably meant to lead.
pub(super) fn explain_unknown_path(method: &str, path: &str) -> String {
    if let Some(link) = LinkTarget::of(method, path) {
        return link.explain().into();
    }
    let quoted = quoted(path);
    let near = near_path(path).map(|near| near.path);
    if after_tilde(path).is_some() {
        let near = near.unwrap_or_else(|| ENDPOINTS[0].path.into());
        return format!(
            "unknown path {quoted}; a URL with a scenario has the vendor's path after it, as in \
             /~5026{near}, where the base URL is http://HOST:PORT/~5026"
        );
    }
    let all = || listed(path, ENDPOINTS.iter().map(|endpoint| endpoint.path));
    // a caller may name any folder and any file
    if is_read(method) && !path.starts_with("/api/") && path.trim_matches('/').contains('/') {
        return format!(
            "unknown path {quoted}; if an answer links to it, media is not served here; the vendor's \
             endpoints here are {}",
            all()
        );
    }
    match near {
        Some(near) => format!("unknown path {quoted}; did you mean {near}?"),
        None => format!("unknown path {quoted}; the vendor's endpoints here are {}", all()),
    }
}

/// Returns the endpoint that a request for a path was probably meant for.
pub(super) fn meant_endpoint(path: &str) -> Option<&'static Endpoint> {
    let path = split_scenario(path).1;
    let mut endpoints = ENDPOINTS.iter().copied();
    let Some(near) = near_path(path) else {
        // a login of another API has secrets too
        return names_login(path).then(|| endpoints.find(|it| it.is_login())).flatten();
    };
    endpoints.find(|endpoint| endpoint.path == near.pattern)
}

/// Whether a segment of a path is what other APIs call their login.
fn names_login(path: &str) -> bool {
    path.split('/').any(|sent| LOGINS.iter().any(|login| login.eq_ignore_ascii_case(sent)))
}

/// Returns the path of an endpoint or page that is nearest to a path without a scenario.
fn near_path(path: &str) -> Option<NearPath<'static>> {
    let endpoints = ENDPOINTS.iter().map(|endpoint| endpoint.path);
    let pages = PAGES.iter().map(|(page, _)| *page).skip(1);
    nearest_path(path, API, endpoints.chain(pages))
}

fn is_read(method: &str) -> bool {
    method == "GET" || method == "HEAD"
}
