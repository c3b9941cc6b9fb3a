//! Calls of Auth for documents. The ids are those of the default fixtures, so that what is copied from a
//! document works.

use crate::vendor::{CallExample, Outcome};

pub(super) const EXAMPLES: &[CallExample] = &[
    CallExample::new(
        "ok",
        "the keys of the fixtures",
        r#"{"api_key":"demo-key","api_secret":"demo-secret"}"#,
        Outcome::Ok,
    ),
    CallExample::new(
        "tenant-key",
        "the key of any tenant of the sandbox",
        r#"{"api_key":"gnsb_demo","api_secret":"gnsb-secret"}"#,
        Outcome::Ok,
    ),
    CallExample::new(
        "missing-secret",
        "one of the keys is absent",
        r#"{"api_key":"demo-key"}"#,
        Outcome::BrandNotFound,
    ),
    CallExample::new(
        "wrong-type",
        "a key is no string",
        r#"{"api_key":7,"api_secret":"demo-secret"}"#,
        Outcome::BadRequest,
    ),
    CallExample::new(
        "unknown-key",
        "the key does not exist",
        r#"{"api_key":"no-such-key","api_secret":"demo-secret"}"#,
        Outcome::PreconditionFailed,
    ),
    CallExample::new(
        "wrong-secret",
        "the secret is that of another key",
        r#"{"api_key":"demo-key","api_secret":"wrong"}"#,
        Outcome::PreconditionFailed,
    ),
];
