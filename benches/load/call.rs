//! The requests that are sent: Create Group as the vendor's page shows it, and the health check.

use anyhow::Context as _;

/// The path of Create Group.
pub const PATH: &str = "/api/thirdparty/group/create";
/// A path that involves no tenant.
pub const HEALTH: &str = "/livez";
/// The tenant of all calls.
pub const TOKEN: &str = "gnsb_bench";

/// The vendor's example without its `chat_id`, which is accepted only once.
pub fn body() -> anyhow::Result<String> {
    let example = include_str!("../../tests/integration/examples/create-group.request.json");
    let mut body: serde_json::Map<_, _> = serde_json::from_str(example)?;
    body.shift_remove("chat_id").context("the example has no chat_id")?;
    Ok(serde_json::to_string(&body)?)
}

/// Builds a Create Group request.
pub fn create_group() -> anyhow::Result<Vec<u8>> {
    let body = body()?;
    let length = body.len();
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nHost: sandbox\r\nAuthorization: Bearer {TOKEN}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    );
    Ok([head, body].concat().into_bytes())
}

/// Builds a health check.
pub fn health() -> Vec<u8> {
    format!("GET {HEALTH} HTTP/1.1\r\nHost: sandbox\r\n\r\n").into_bytes()
}
