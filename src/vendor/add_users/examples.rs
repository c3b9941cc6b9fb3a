//! Calls of Add Users for documents. The ids are those of the default fixtures, so that what is copied from a
//! document works.

use crate::vendor::{CallExample, Outcome};

pub(super) const EXAMPLES: &[CallExample] = &[
    CallExample::new(
        "ok",
        "the vendor's own example",
        r#"{"communities":["f2a05adb-93ce-4a19-b003-3523fa745667"],"users":[{"user_id":"345e1234-5678-90ef-2345-678912341234"},{"phone_number":"919437243350"}]}"#,
        Outcome::Ok,
    ),
    CallExample::new(
        "minimal",
        "one user and one community, without lists",
        r#"{"communities":"f2a05adb-93ce-4a19-b003-3523fa745667","users":"345e1234-5678-90ef-2345-678912341234"}"#,
        Outcome::Ok,
    ),
    CallExample::new(
        "missing-users",
        "a mandatory field is absent",
        r#"{"communities":"f2a05adb-93ce-4a19-b003-3523fa745667"}"#,
        Outcome::PreconditionFailed,
    ),
    CallExample::new(
        "wrong-type",
        "an id is sent as a number",
        r#"{"communities":7,"users":"345e1234-5678-90ef-2345-678912341234"}"#,
        Outcome::BadRequest,
    ),
    CallExample::new(
        "unknown-community",
        "the community does not exist",
        r#"{"communities":"00000000-0000-4000-8000-000000000000","users":"345e1234-5678-90ef-2345-678912341234"}"#,
        Outcome::CommunityNotFound,
    ),
    CallExample::new(
        "unknown-user",
        "the user does not exist",
        r#"{"communities":"f2a05adb-93ce-4a19-b003-3523fa745667","users":"00000000-0000-4000-8000-000000000000"}"#,
        Outcome::BadRequest,
    ),
];
