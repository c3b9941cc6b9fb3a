//! HTTP requests of another project that must be accepted or refused by RFC 9112.

use std::path::Path;

use crate::sandbox::{sandbox, statuses};

/// Requests that the collection calls valid and the sandbox refuses, and why.
const REFUSED: [(&str, &str); 5] = [
    ("002", "the Host is 0.0.0.0=5000, which is no name, and links start with it"),
    ("003", "the Host is 0.0.0.0=5000, as in 002"),
    ("014", "RFC 3986 does not allow a double quote in a target"),
    ("099", "its body is shorter than Content-Length, which gunicorn leaves to the application"),
    (
        "rfc9112_target_absolute_userinfo_01",
        "RFC 9110, 4.2.4 wants a user name treated as an error",
    ),
];

/// Requests that the collection calls invalid and the sandbox accepts, and why.
const ACCEPTED: [(&str, &str); 10] = [
    ("chunked_09", "a space after a chunk's size is ignored, as RFC 9112, 7.1.1 allows"),
    ("rfc9110_trailer_forbidden_cl_01", "trailers are ignored"),
    ("rfc9110_trailer_forbidden_host_01", "trailers are ignored"),
    ("rfc9110_trailer_forbidden_te_01", "trailers are ignored"),
    ("rfc9112_bare_lf_01", "RFC 9112, 2.2 allows lines that end in LF alone"),
    ("rfc9112_leading_crlf_02", "any number of empty lines before a request is ignored"),
    (
        "rfc9112_smuggle_cl_te_chunked_01",
        "Transfer-Encoding wins and the connection is closed: RFC 9112, 6.3",
    ),
    ("rfc9112_target_asterisk_non_options_01", "answered 404, since * is not a path"),
    ("rfc9112_target_authority_non_connect_01", "answered 404, since the target is not a path"),
    ("rfc9112_target_non_ascii_02", "a target may contain UTF-8; answered 404"),
];

/// Decodes a file: it has escapes, and line ends that are not part of the request.
fn decode(file: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = file.iter().copied().filter(|byte| *byte != b'\n');
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next() {
            Some(b'r') => bytes.push(b'\r'),
            Some(b'n') => bytes.push(b'\n'),
            Some(b't') => bytes.push(b'\t'),
            Some(b'0') => bytes.push(0),
            Some(b'x') => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                let digits = std::str::from_utf8(&digits).unwrap();
                bytes.push(u8::from_str_radix(digits, 16).unwrap());
            }
            other => bytes.extend([Some(b'\\'), other].into_iter().flatten()),
        }
    }
    bytes
}

/// Adds a Host where there is none, since every HTTP/1.1 request without one is refused.
fn with_host(request: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8_lossy(&request);
    let Some((line, _)) = text.split_once("\r\n") else { return request };
    let has_host = text.to_ascii_lowercase().contains("\nhost");
    if has_host || !line.ends_with(" HTTP/1.1") {
        return request;
    }
    let end = request.windows(2).position(|pair| pair == b"\r\n").unwrap() + 2;
    [&request[..end], b"Host: localhost\r\n", &request[end..]].concat()
}

/// Returns the names of a folder's files, whether each was accepted, and the statuses.
fn verdicts(folder: &str) -> Vec<(String, bool, Vec<u16>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile/http").join(folder);
    let sandbox = sandbox();
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() > 40, "the folder has too few files");
    paths
        .iter()
        .map(|path| {
            let request = with_host(decode(&std::fs::read(path).unwrap()));
            let statuses = statuses(&sandbox, &request);
            for status in &statuses {
                assert!(*status < 500 || *status == 501, "{}: {statuses:?}", path.display());
            }
            // with any other status, the request was understood
            let accepted = statuses.first().is_some_and(|first| ![400, 431, 501].contains(first));
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), accepted, statuses)
        })
        .collect()
}

#[test]
fn valid_requests_are_accepted() {
    for (name, accepted, statuses) in verdicts("valid") {
        let refused = REFUSED.iter().any(|(known, _)| *known == name);
        assert_eq!(accepted, !refused, "{name}: {statuses:?}");
    }
}

#[test]
fn invalid_requests_are_refused() {
    for (name, accepted, statuses) in verdicts("invalid") {
        let known = ACCEPTED.iter().any(|(known, _)| *known == name);
        assert_eq!(accepted, known, "{name}: {statuses:?}");
        assert!(accepted || statuses.len() <= 1, "answered twice: {name}: {statuses:?}");
    }
}
