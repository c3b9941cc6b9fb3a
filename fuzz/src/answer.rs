//! Checks of every answer: the vendor's envelope byte for byte, or a problem of the sandbox's own API.

use genuin_sandbox::internals::http::Reply;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

/// The vendor's errors that the contract itself gives, byte for byte.
pub const BAD_REQUEST: &str =
    r#"{"code":"1099","message":"An unexpected error occurred processing the request","data":{}}"#;
/// 401
pub const UNAUTHORIZED: &str = r#"{"code":"5159","message":"Invalid Use of API","data":{}}"#;
/// 500
pub const VIDEO_NOT_FOUND: &str =
    r#"{"code":"5026","message":"Could not find the video.","data":{}}"#;

/// Checks an answer of the vendor's, compact JSON with `code`, `message` and `data` in this order, and
/// returns its body.
pub fn envelope(reply: &Reply) -> Value {
    assert_eq!(media_type(reply), "application/json; charset=utf-8");
    let text = text(reply);
    let body = parse(text);
    let keys: Vec<_> = body.as_object().expect("an envelope is an object").keys().collect();
    assert_eq!(keys, ["code", "message", "data"]);
    assert_eq!(body.to_string(), text, "the body is compact");
    assert!(body["message"].is_string() && body["data"].is_object(), "{text}");
    let is_success = reply.status == 200;
    assert_eq!(body["code"] == json!(200), is_success, "{text}");
    if !is_success {
        let code = body["code"].as_str().expect("the code of an error is a string");
        assert!(code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_digit()), "{text}");
        assert_eq!(body["data"], json!({}));
    }
    body
}

/// Checks a problem (RFC 9457) and returns it.
pub fn problem(reply: &Reply) -> Value {
    assert_eq!(media_type(reply), "application/problem+json");
    let problem = parse(text(reply));
    assert_eq!(problem["status"], json!(reply.status.as_u16()));
    assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{problem}");
    assert!(problem["title"].is_string() && problem["type"].is_string(), "{problem}");
    assert_eq!(problem.get("code"), None, "never the vendor's envelope");
    problem
}

/// Returns the body of an answer as JSON.
pub fn json(reply: &Reply) -> Value {
    assert_eq!(media_type(reply), "application/json");
    parse(text(reply))
}

/// Returns the media type of an answer, which has exactly one.
pub fn media_type(reply: &Reply) -> &str {
    let mut types = reply.headers.iter().filter(|(name, _)| *name == CONTENT_TYPE);
    let (Some((_, media_type)), None) = (types.next(), types.next()) else {
        panic!("there is one media type: {:?}", reply.headers)
    };
    media_type.to_str().expect("a media type is ASCII")
}

/// Returns the body of an answer as text.
pub fn text(reply: &Reply) -> &str {
    std::str::from_utf8(&reply.body).expect("a body is UTF-8")
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
