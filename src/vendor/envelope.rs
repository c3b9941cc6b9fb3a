//! The envelope around every answer of the vendor: `code`, `message`, `data`, in this order
//! (`documented`). A success has the number 200, an error a string of four digits and empty data.

use http::StatusCode;

use super::Outcome;
use super::schema::{AnswerValue, Writer};
use crate::http::Reply;

/// The media type of the vendor's answers.
const MEDIA_TYPE: &str = "application/json; charset=utf-8";

/// The buffer size that fits all answers of usual length, in bytes.
const USUAL_BYTES: usize = 3072;

/// Returns HTTP 200 with the endpoint's message and data.
pub(crate) fn success(message: &'static str, data: &impl AnswerValue) -> Reply {
    with_data(message, |json| data.write(json))
}

/// Returns HTTP 200 with empty data.
pub(crate) fn empty_success(message: &'static str) -> Reply {
    with_data(message, |json| json.object(|_| ()))
}

fn with_data(message: &'static str, data: impl FnOnce(&mut Writer)) -> Reply {
    let mut json = Writer::with_capacity(USUAL_BYTES);
    json.object(|json| {
        json.entry(",\"code\":").number(200);
        json.entry(",\"message\":").string(message);
        data(json.entry(",\"data\":"));
    });
    Reply::new(StatusCode::OK, MEDIA_TYPE, json.into_bytes())
}

/// Returns HTTP 200 with the given body.
pub(crate) fn verbatim(body: &'static str) -> Reply {
    Reply::new(StatusCode::OK, MEDIA_TYPE, body)
}

/// Returns the vendor's answer for an error outcome.
pub(crate) fn error(outcome: Outcome) -> Reply {
    let answer = outcome.error().expect("BUG: ok has no error answer");
    error_saying(outcome, answer.message)
}

/// Returns the vendor's answer for an error outcome, with another message.
pub(crate) fn error_saying(outcome: Outcome, message: &str) -> Reply {
    let answer = outcome.error().expect("BUG: ok has no error answer");
    let mut json = Writer::with_capacity(message.len() + 64);
    json.object(|json| {
        json.entry(",\"code\":").plain_string(&[answer.code]);
        json.entry(",\"message\":").string(message);
        json.entry(",\"data\":").object(|_| ());
    });
    let status = StatusCode::from_u16(answer.status).expect("BUG: the table holds HTTP statuses");
    Reply::new(status, MEDIA_TYPE, json.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_a_string_as_its_code_and_empty_data() {
        let reply = error(Outcome::VideoNotFound);
        assert_eq!(reply.status, 500);
        let expected: &[u8] = br#"{"code":"5026","message":"Could not find the video.","data":{}}"#;
        assert_eq!(reply.body, expected);
    }

    #[test]
    fn a_success_has_a_number_as_its_code() {
        let reply = empty_success("Success");
        let expected: &[u8] = br#"{"code":200,"message":"Success","data":{}}"#;
        assert_eq!(reply.body, expected);
    }
}
