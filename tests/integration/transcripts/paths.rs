//! Paths and methods beside the vendor's: hints, made-up links, health and the page at `/`.

use super::exchange::{Exchange, Request};
use crate::harness::{AUTH, CREATE};

pub fn exchanges() -> Vec<Exchange> {
    let post = |path: &str| Request::create().target(path);
    let get = |path: &str| Request::get(path);
    let cases = [
        ("misspelt-path", "the nearest path is named", post("/api/thirdparty/group/creat")),
        ("slash-at-the-end", "the path has none", post("/api/thirdparty/group/create/")),
        ("no-prefix", "the path begins with /api/thirdparty", post("/group/create")),
        ("far-away", "nothing is near", post("/zzz")),
        (
            "unknown-path-by-url",
            "with a scenario in front",
            post("/~500/api/thirdparty/group/creat"),
        ),
        ("get-create", "Create Group takes POST", get(CREATE)),
        ("put-auth", "so does auth", Request::new("PUT", AUTH)),
        ("delete-livez", "health takes GET", Request::new("DELETE", "/livez")),
        ("made-up-link", "a link that an answer handed out", get("/l/0123456789abcdef")),
        ("made-up-video", "a link that an answer handed out", get("/video/0123456789abcdef")),
        (
            "made-up-community",
            "a link that an answer handed out",
            get("/community/0123456789abcdef"),
        ),
        (
            "made-up-upload",
            "a link that an answer handed out",
            get("/uploads/profile_images/rt/x.png"),
        ),
        ("page", "the page for people", get("/")),
        ("livez", "alive", get("/livez")),
        ("readyz", "ready", get("/readyz")),
        ("healthz", "alive by its other name", get("/healthz")),
        ("head-livez", "the same without a body", Request::new("HEAD", "/livez")),
    ];
    cases.map(|(name, why, request)| Exchange::new(name, why, request)).into()
}
