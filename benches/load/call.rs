//! The calls that are made: Create Group as the vendor's page shows it, and a look at the health.

use anyhow::Context as _;

/// Where Create Group is.
pub const PATH: &str = "/api/thirdparty/group/create";
/// A page that touches no tenant.
pub const HEALTH: &str = "/livez";
/// The tenant that all calls are made for.
pub const TOKEN: &str = "gnsb_bench";

/// The vendor's example without its `chat_id`, which would work only once.
pub fn body() -> anyhow::Result<String> {
    let example = include_str!("../../tests/integration/examples/create-group.request.json");
    let mut body: serde_json::Map<_, _> = serde_json::from_str(example)?;
    body.shift_remove("chat_id").context("the example has no chat_id")?;
    Ok(serde_json::to_string(&body)?)
}

/// A whole Create Group request.
pub fn create_group() -> anyhow::Result<Vec<u8>> {
    let body = body()?;
    let length = body.len();
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nHost: sandbox\r\nAuthorization: Bearer {TOKEN}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    );
    Ok([head, body].concat().into_bytes())
}

/// A whole request for the health.
pub fn health() -> Vec<u8> {
    format!("GET {HEALTH} HTTP/1.1\r\nHost: sandbox\r\n\r\n").into_bytes()
}
