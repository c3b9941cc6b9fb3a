//! Input that nobody here wrote: JSON texts, strings and HTTP requests collected by others for what
//! they break. Where each is from: `README.md` beside this file.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the message")]

mod client;
mod http;
mod json;
mod strings;
