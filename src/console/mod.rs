//! The console: a page for people at the own API's address, and the files that it consists of. The page
//! uses the own API from the browser; nothing here knows a tenant or a call.

use bytes::Bytes;
use http::header::{CONTENT_SECURITY_POLICY, LOCATION, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderName, HeaderValue, Method, StatusCode};

use crate::http::{Problem, Reply, Request};

/// The address of the page.
pub const PATH: &str = "/_sandbox/";

/// The same without the slash, which leads to it.
pub(crate) const SHORT_PATH: &str = "/_sandbox";

/// The page loads only from this server, and no other page may frame it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

const METHODS: &str = "GET, HEAD, OPTIONS";

/// The page, or a file that it loads.
#[derive(Debug)]
pub struct ConsoleFile {
    pub path: &'static str,
    media_type: &'static str,
    bytes: &'static [u8],
}

/// A row of the table for a file of the folder `page`.
macro_rules! file {
    ($name:literal, $media_type:ident) => {
        ConsoleFile {
            path: concat!("/_sandbox/console/", $name),
            media_type: $media_type,
            bytes: include_bytes!(concat!("page/", $name)),
        }
    };
}

/// Every file of the console.
pub static FILES: &[ConsoleFile] = &[
    ConsoleFile { path: PATH, media_type: HTML, bytes: include_bytes!("page/index.html") },
    file!("style.css", CSS),
    file!("address.js", JS),
    file!("api.js", JS),
    file!("app.js", JS),
    file!("calls.js", JS),
    file!("checklist.js", JS),
    file!("curl.js", JS),
    file!("data.js", JS),
    file!("details.js", JS),
    file!("dom.js", JS),
    file!("held.js", JS),
    file!("journal.js", JS),
    file!("lines.js", JS),
    file!("list.js", JS),
    file!("outcomes.js", JS),
    file!("patch.js", JS),
    file!("scenario_of.js", JS),
    file!("scenarios.js", JS),
    file!("send_again.js", JS),
    file!("session.js", JS),
    file!("state_bar.js", JS),
    file!("stream.js", JS),
    file!("switchboard.js", JS),
    file!("text.js", JS),
    file!("why.js", JS),
];

/// Finds the file at a path, still percent-encoded.
pub fn find(path: &str) -> Option<&'static ConsoleFile> {
    FILES.iter().find(|file| file.path == path)
}

/// Leads from the path without the slash to the page, with the query of the request.
pub(crate) fn redirect(request: &Request) -> Result<Reply, Problem> {
    answer(request, || {
        let query = request.uri.query().map_or_else(String::new, |query| format!("?{query}"));
        let address = HeaderValue::try_from(format!("{PATH}{query}"));
        let address = address.unwrap_or(HeaderValue::from_static(PATH));
        Reply::empty(StatusCode::PERMANENT_REDIRECT).with_header(LOCATION, address)
    })
}

/// Answers a request by its method. HEAD is GET, of whose answer the server sends the head.
fn answer(request: &Request, get: impl FnOnce() -> Reply) -> Result<Reply, Problem> {
    match request.method {
        Method::GET | Method::HEAD => Ok(get()),
        Method::OPTIONS => Ok(Reply::empty(StatusCode::NO_CONTENT).with_allow(METHODS)),
        _ => Err(Problem::wrong_method(request, METHODS)),
    }
}

impl ConsoleFile {
    pub(crate) fn answer(&self, request: &Request) -> Result<Reply, Problem> {
        answer(request, || self.reply())
    }

    fn reply(&self) -> Reply {
        let header = |name: HeaderName, value| (name, HeaderValue::from_static(value));
        let headers =
            [header(CONTENT_SECURITY_POLICY, POLICY), header(X_CONTENT_TYPE_OPTIONS, "nosniff")];
        let reply = Reply::new(StatusCode::OK, self.media_type, Bytes::from_static(self.bytes));
        headers.into_iter().fold(reply, |reply, (name, value)| reply.with_header(name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_files_together_are_at_most_100_kilobytes() {
        let bytes: usize = FILES.iter().map(|file| file.bytes.len()).sum();
        assert!(bytes <= 100_000, "{bytes} bytes");
    }

    #[test]
    fn every_file_of_the_folder_is_served() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/console/page");
        for entry in std::fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let path = if name == "index.html" {
                PATH.to_owned()
            } else {
                format!("{PATH}console/{name}")
            };
            assert!(find(&path).is_some(), "{name} has no row in the table");
        }
    }

    /// Text from outside could become markup or script by any of these.
    #[test]
    fn no_script_makes_markup_or_code_from_text() {
        for file in FILES.iter().filter(|file| file.media_type != CSS) {
            let text = std::str::from_utf8(file.bytes).unwrap();
            for word in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "createContextualFragment",
                "DOMParser",
                "srcdoc",
                "setHTML",
                "eval(",
                "Function(",
                "javascript:",
                "localStorage",
                "http://",
                "https://",
                " style=",
                " onclick=",
            ] {
                // the namespace of the icon is a name, no address
                let text = text.replace("http://www.w3.org/2000/svg", "");
                assert!(!text.contains(word), "{} has {word}", file.path);
            }
        }
    }
}
