//! Requests as the server passes them on.

use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use genuin_sandbox::internals::http::Request;
use http::{HeaderMap, HeaderValue, Method, Uri, Version, header};

/// The path of Create Group.
pub const CREATE: &str = "/api/thirdparty/group/create";
/// The path of the login.
pub const AUTH: &str = "/api/thirdparty/auth";
/// A body that the contract accepts repeatedly.
pub const BODY: &str = r#"{"type":4,"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667"}"#;

/// Builds a request from this machine, with a Host that is admitted and a JSON body.
pub fn request(method: Method, uri: Uri, body: Bytes) -> Request {
    let mut headers = HeaderMap::new();
    headers.insert(header::HOST, HeaderValue::from_static("localhost"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
    Request { method, uri, version: Version::HTTP_11, headers, body, peer }
}

/// Builds a call of the tenant `fuzz` to Create Group.
pub fn create(body: Bytes) -> Request {
    let mut request = request(Method::POST, Uri::from_static(CREATE), body);
    let token = HeaderValue::from_static("Bearer gnsb_fuzz");
    request.headers.insert(header::AUTHORIZATION, token);
    request
}

/// Builds a GET of the sandbox's own API.
pub fn get(path: &'static str) -> Request {
    request(Method::GET, Uri::from_static(path), Bytes::new())
}
