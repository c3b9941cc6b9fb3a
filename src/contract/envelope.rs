//! The envelope around every answer of the vendor: `code`, `message`, `data`, in this order
//! (`documented`). A success has the number 200, an error a string of four digits and empty data.

use bytes::Bytes;
use http::StatusCode;
use serde::Serialize;

use super::Outcome;
use crate::exchange::Reply;

/// The media type of the vendor's answers.
const MEDIA_TYPE: &str = "application/json; charset=utf-8";

#[derive(Serialize)]
struct Envelope<'a, C, D> {
    code: C,
    message: &'a str,
    data: D,
}

#[derive(Serialize)]
struct Empty {}

/// HTTP 200 with the endpoint's message and data.
pub fn success(message: &str, data: &impl Serialize) -> Reply {
    let body = bytes_of(&Envelope { code: 200, message, data });
    Reply::new(StatusCode::OK, MEDIA_TYPE, body)
}

/// HTTP 200 with empty data.
pub fn empty_success(message: &str) -> Reply {
    success(message, &Empty {})
}

/// HTTP 200 with a body that is sent as it is.
pub fn verbatim(body: &'static str) -> Reply {
    Reply::new(StatusCode::OK, MEDIA_TYPE, body)
}

/// The vendor's answer for an error outcome.
pub fn error(outcome: Outcome) -> Reply {
    let answer = outcome.error().expect("BUG: ok has no error answer");
    error_saying(outcome, answer.message)
}

/// The same with another text.
pub fn error_saying(outcome: Outcome, message: &str) -> Reply {
    let answer = outcome.error().expect("BUG: ok has no error answer");
    let body = bytes_of(&Envelope { code: answer.code, message, data: Empty {} });
    let status = StatusCode::from_u16(answer.status).expect("BUG: the table holds HTTP statuses");
    Reply::new(status, MEDIA_TYPE, body)
}

fn bytes_of(envelope: &impl Serialize) -> Bytes {
    let mut body = Vec::with_capacity(1536);
    serde_json::to_writer(&mut body, envelope).expect("BUG: plain data always becomes JSON");
    body.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_a_string_code_and_empty_data() {
        let reply = error(Outcome::VideoNotFound);
        assert_eq!(reply.status, 500);
        let expected: &[u8] = br#"{"code":"5026","message":"Could not find the video.","data":{}}"#;
        assert_eq!(reply.body, expected);
    }

    #[test]
    fn a_success_has_a_number_code() {
        let reply = empty_success("Success");
        let expected: &[u8] = br#"{"code":200,"message":"Success","data":{}}"#;
        assert_eq!(reply.body, expected);
    }
}
