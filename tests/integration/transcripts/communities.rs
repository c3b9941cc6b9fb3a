//! Calls that create a community and add people to it, what later calls see of that, and how each is
//! refused.

use super::exchange::{Exchange, Request};

const TECH: &str = "f2a05adb-93ce-4a19-b003-3523fa745667";
const USER: &str = "345e1234-5678-90ef-2345-678912341234";
const UNKNOWN: &str = "11111111-1111-4111-8111-111111111111";

/// Calls an endpoint of communities: `create`, `add_users` or `add_moderators`.
fn call(endpoint: &str, body: impl Into<Vec<u8>>) -> Request {
    Request::create().target(format!("/api/thirdparty/community/{endpoint}")).body(body)
}

pub fn exchanges() -> Vec<Exchange> {
    let create = |body: &str| call("create", body);
    let plain = r#""name":"N","type":2,"actions":[{"action_id":2,"access_type_id":4}]"#;
    vec![
        Exchange::new(
            "create-community",
            "the request on the vendor's page, with what it leaves out",
            create(include_str!("../examples/create-community.request.json")),
        )
        .with_entry(),
        Exchange::new(
            "repeated-handle",
            "handles are compared without regard to case",
            create(&format!(r#"{{"handle":"GENUIN-community",{plain}}}"#)),
        )
        .with_entry(),
        Exchange::new(
            "page-example",
            "the page's own example lacks two mandatory fields",
            create(r#"{"handle":"h","name":"N"}"#),
        )
        .with_entry(),
        Exchange::new(
            "unknown-category",
            "a category that does not exist is a failed precondition",
            create(&format!(r#"{{"handle":"h",{plain},"categories":{{"existing":[1,99]}}}}"#)),
        )
        .with_entry(),
        Exchange::new(
            "add-users",
            "somebody known, and somebody new by phone number",
            call("add_users", include_str!("../examples/add-users.request.json")),
        )
        .with_entry(),
        Exchange::new(
            "add-users-again",
            "members are left out; fields without effect have a warning",
            call(
                "add_users",
                format!(r#"{{"communities":"{TECH}","users":"{USER}","single_tap_join":true}}"#),
            ),
        )
        .with_entry(),
        Exchange::new(
            "add-users-nobody",
            "an empty list is a failed precondition",
            call("add_users", format!(r#"{{"communities":"{TECH}","users":[]}}"#)),
        )
        .with_entry(),
        Exchange::new(
            "add-users-unknown",
            "an unknown user is a bad request",
            call("add_users", format!(r#"{{"communities":["{TECH}"],"users":["{UNKNOWN}"]}}"#)),
        )
        .with_entry(),
        Exchange::new(
            "add-moderators",
            "a member becomes a moderator",
            call("add_moderators", include_str!("../examples/add-moderators.request.json")),
        )
        .with_entry(),
        Exchange::new(
            "add-moderators-unknown",
            "an unknown moderator is answered like an unknown community",
            call(
                "add_moderators",
                format!(
                    r#"{{"community_id":{{"community_id":"{UNKNOWN}"}},"users":["{UNKNOWN}"]}}"#
                ),
            ),
        )
        .with_entry(),
        Exchange::new(
            "communities",
            "the own API shows what was made",
            Request::read("tenants/demo/communities"),
        ),
        Exchange::new("users", "and who was added", Request::read("tenants/demo/users")),
        Exchange::new("state", "and how much", Request::read("tenants/demo/state")),
    ]
}
