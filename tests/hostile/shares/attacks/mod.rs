//! The attacks, by what they overload.

pub mod connections;
pub mod kept;
pub mod patterns;
pub mod readers;

use std::net::SocketAddr;

use crate::client::{Answer, CREATE, Client};

/// Makes a call of Create Group as a tenant, with more headers if need be; each ends with `\r\n`.
pub fn create(client: &mut Client, tenant: &str, headers: &str, body: &str) -> Answer {
    let headers = format!(
        "Authorization: Bearer gnsb_{tenant}\r\nContent-Type: application/json\r\n{headers}"
    );
    client
        .send("POST", CREATE.as_bytes(), headers.as_bytes(), body.as_bytes())
        .expect("a call is answered")
}

/// Does nothing.
pub fn nothing(_: SocketAddr) {}
