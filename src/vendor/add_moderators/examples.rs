//! Calls of Add Moderators for documents. The ids are those of the default fixtures, so that what is copied from a
//! document works.

use crate::vendor::{CallExample, Outcome};

pub(super) const EXAMPLES: &[CallExample] = &[
    CallExample::new(
        "ok",
        "the vendor's own example",
        r#"{"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667","users":["345e1234-5678-90ef-2345-678912341234"]}"#,
        Outcome::Ok,
    ),
    CallExample::new(
        "minimal",
        "one user, without a list",
        r#"{"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667","users":"0badcafe-1111-4222-8333-444455556666"}"#,
        Outcome::Ok,
    ),
    CallExample::new(
        "missing-users",
        "a mandatory field is absent",
        r#"{"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667"}"#,
        Outcome::PreconditionFailed,
    ),
    CallExample::new(
        "wrong-type",
        "an id is sent as a number",
        r#"{"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667","users":7}"#,
        Outcome::BadRequest,
    ),
    CallExample::new(
        "unknown-community",
        "the community does not exist",
        r#"{"community_id":"00000000-0000-4000-8000-000000000000","users":"345e1234-5678-90ef-2345-678912341234"}"#,
        Outcome::CommunityNotFound,
    ),
    CallExample::new(
        "unknown-user",
        "the user does not exist",
        r#"{"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667","users":"00000000-0000-4000-8000-000000000000"}"#,
        Outcome::CommunityNotFound,
    ),
];
