//! The script: the requests that are sent one after another, and the calls between. Each request to show is an example of its
//! operation. The ids are those of the default fixtures, so that what is copied from a document works.

use http::Method;

use super::TENANT;

pub(super) enum Step {
    /// A call to the vendor, with the body of the example of this name.
    Call(&'static str),
    /// A request that only leads to the next ones.
    Between(ExampleRequest),
    /// A request that is shown with its answer.
    Example(ExampleRequest),
}

pub(super) struct ExampleRequest {
    pub(super) method: Method,
    pub(super) pattern: &'static str,
    pub(super) name: &'static str,
    pub(super) summary: &'static str,
    pub(super) parameters: &'static [(&'static str, &'static str)],
    /// JSON, or nothing.
    pub(super) body: &'static str,
    /// How deep the answer is shown, if it is a long document.
    pub(super) depth: Option<u8>,
}

/// How deep long documents are shown.
pub(super) const DOCUMENT_DEPTH: u8 = 3;

/// The parameter of the tenant, in its two names.
const OF_TENANT: &[(&str, &str)] = &[("tenant", TENANT)];
const OF_OVERRIDE: &[(&str, &str)] = &[("tenant_or_all", TENANT)];

/// An example that succeeds, the first of its operation.
const fn ok(
    method: Method,
    pattern: &'static str,
    parameters: &'static [(&'static str, &'static str)],
    body: &'static str,
    summary: &'static str,
) -> Step {
    also("ok", method, pattern, parameters, body, summary)
}

/// Another example of an operation, which may be refused.
const fn also(
    name: &'static str,
    method: Method,
    pattern: &'static str,
    parameters: &'static [(&'static str, &'static str)],
    body: &'static str,
    summary: &'static str,
) -> Step {
    Step::Example(ExampleRequest { method, pattern, name, summary, parameters, body, depth: None })
}

/// An example of a long document, of which the start is shown.
const fn document(pattern: &'static str, summary: &'static str) -> Step {
    let (method, name, parameters, body) = (Method::GET, "ok", &[] as &[_], "");
    Step::Example(ExampleRequest {
        method,
        pattern,
        name,
        summary,
        parameters,
        body,
        depth: Some(DOCUMENT_DEPTH),
    })
}

const fn between(
    method: Method,
    pattern: &'static str,
    parameters: &'static [(&'static str, &'static str)],
    body: &'static str,
) -> Step {
    let (name, summary) = ("", "");
    Step::Between(ExampleRequest { method, pattern, name, summary, parameters, body, depth: None })
}

const SCENARIO: &str = r#"{"version":1,"description":"One call in two fails.","rules":[{"id":"half","do":{"outcome":"server-error"},"chance":0.5}]}"#;

#[rustfmt::skip]
pub(super) static SCRIPT: &[Step] = &[
    Step::Call("minimal"),
    ok(Method::GET, "events", &[("tenant", TENANT), ("Last-Event-ID", "0")], "", "the oldest call that is kept"),
    between(Method::DELETE, "tenants/{tenant}", OF_TENANT, ""),

    ok(Method::GET, "outcomes", &[], "", "the outcomes, here the first two"),
    ok(Method::GET, "contract", &[], "", "the ledger, here the start of each list"),
    document("openapi.json", "the start of the document"),
    document("openapi.yaml", "the start of the document"),
    document("openapi-3.0.json", "the start of the document"),
    document("scenario.schema.json", "the start of the schema"),
    ok(Method::POST, "scenarios/{name}", &[("name", "half")], SCENARIO, "a file without faults"),
    also("unknown-outcome", Method::POST, "scenarios/{name}", &[("name", "half")],
        r#"{"version":1,"rules":[{"id":"half","do":{"outcome":"sever-error"}}]}"#, "an outcome is spelt wrong"),
    ok(Method::PUT, "scenarios/{name}", &[("name", "half")], SCENARIO, "a scenario for a test"),
    ok(Method::GET, "scenarios", &[], "", "the scenarios, here the first two"),
    ok(Method::GET, "scenarios/{name}", &[("name", "half")], "", "the scenario that was uploaded"),

    ok(Method::POST, "explain", &[],
        r#"{"path":"/api/thirdparty/group/create","headers":{"authorization":"Bearer gnsb_demo","content-type":"application/json"},"body":{"type":4}}"#,
        "a Create Group without its community"),
    also("unknown-path", Method::POST, "explain", &[], r#"{"path":"/api/thirdparty/group/creat"}"#,
        "the path leads to no endpoint"),
    also("no-call", Method::POST, "explain", &[], r#"{"method":"GET","path":"/livez"}"#,
        "the path is that of a page of the sandbox's own"),

    Step::Call("ok"),
    ok(Method::GET, "tenants/{tenant}/state", OF_TENANT, "", "a tenant with one group"),
    ok(Method::GET, "tenants/{tenant}/groups", OF_TENANT, "", "its only group"),
    ok(Method::GET, "tenants/{tenant}/groups/{chat_id}",
        &[("tenant", TENANT), ("chat_id", "456e7890-b12c-4c23-89ef-126314214567")], "", "the same group by its chat_id"),
    ok(Method::GET, "tenants/{tenant}/fixtures", OF_TENANT, "", "the world with that group, here the start of each list"),
    ok(Method::GET, "tenants/{tenant}/communities", OF_TENANT, "", "the communities, here the first two"),
    ok(Method::POST, "tenants/{tenant}/communities", OF_TENANT,
        r##"{"community_id":"0a0b0c0d-1111-4222-8333-444455556666","handle":"night_owls","name":"Night Owls","color_code":"#8DC6E8","text_color_code":"#0F1419"}"##,
        "a community with the mandatory fields"),
    ok(Method::GET, "tenants/{tenant}/users", OF_TENANT, "", "the users, here the first two"),
    ok(Method::POST, "tenants/{tenant}/users", OF_TENANT,
        r#"{"user_id":"0a0b0c0d-1111-4222-8333-444455557777","username":"ann","name":"Ann"}"#, "a user with an avatar"),

    ok(Method::PUT, "tenants/{tenant_or_all}/scenario", OF_OVERRIDE,
        r#"{"scenario":"5026","hits":2,"ttl":"forever","owner":"ann","reason":"ticket 7"}"#, "the next two calls miss their video"),
    also("unknown-scenario", Method::PUT, "tenants/{tenant_or_all}/scenario", OF_OVERRIDE, r#"{"scenario":"5027"}"#,
        "no scenario, outcome or line has this name"),
    also("other-owner", Method::PUT, "tenants/{tenant_or_all}/scenario", OF_OVERRIDE, r#"{"scenario":"500","owner":"bob"}"#,
        "somebody else has set the override"),
    ok(Method::GET, "tenants/{tenant_or_all}/scenario", OF_OVERRIDE, "", "the override that was set"),
    ok(Method::GET, "tenants/{tenant}/normal", OF_TENANT, "", "an override and a frozen clock can bend the next call"),
    also("reserved-name", Method::GET, "tenants/{tenant}/normal", &[("tenant", "anonymous")], "",
        "calls without a tenant have no override"),
    Step::Call("minimal"),
    Step::Call("minimal"),
    ok(Method::GET, "tenants/{tenant}/requests", &[("tenant", TENANT), ("last", "1")], "", "the newest call"),
    also("limit-and-last", Method::GET, "tenants/{tenant}/requests",
        &[("tenant", TENANT), ("limit", "10"), ("last", "10")], "", "the two cannot be combined"),
    ok(Method::GET, "requests", &[("outcome", "5026"), ("limit", "1")], "", "the oldest call with this outcome"),
    ok(Method::GET, "tenants/{tenant}/requests/{seq}", &[("tenant", TENANT), ("seq", "last")], "", "the newest call"),
    ok(Method::POST, "tenants/{tenant}/verify", OF_TENANT,
        r#"{"match":{"outcome":"5026"},"count":{"exactly":2}}"#, "two calls have missed their video"),
    also("too-few", Method::POST, "tenants/{tenant}/verify", OF_TENANT,
        r#"{"match":{"outcome":"ok"},"count":{"min":2}}"#, "the expectation is not met, and the nearest call is named"),
    also("impossible", Method::POST, "tenants/{tenant}/verify", OF_TENANT, r#"{"count":{"min":2,"max":1}}"#,
        "no number of calls can be as expected"),
    ok(Method::GET, "tenants/{tenant}/report", OF_TENANT, "", "a permanent failure was tried again"),
    also("markdown", Method::GET, "tenants/{tenant}/report", &[("tenant", TENANT), ("format", "markdown")], "",
        "the same in Markdown"),
    also("missing-reason", Method::GET, "tenants/{tenant}/report",
        &[("tenant", TENANT), ("ignore", "retried-permanent")], "", "a rule is to be ignored without a reason"),
    ok(Method::GET, "report", &[("ignore", "retried-permanent=known, ticket 7")], "",
        "the same for all tenants, with a rule that does not count"),
    ok(Method::GET, "tenants/{tenant}/checklist", OF_TENANT, "", "the start of the checklist"),

    between(Method::PUT, "tenants/{tenant_or_all}/scenario", OF_OVERRIDE, r#"{"scenario":"hold"}"#),
    Step::Call("minimal"),
    ok(Method::GET, "tenants/{tenant}/held", OF_TENANT, "", "a call that waits"),
    also("hold", Method::POST, "tenants/{tenant}/release", OF_TENANT, r#"{"as":"hold"}"#, "it would wait again"),
    ok(Method::POST, "tenants/{tenant}/release", OF_TENANT, r#"{"count":1,"as":"503"}"#, "the call gets the 503 of a proxy"),
    ok(Method::DELETE, "tenants/{tenant_or_all}/scenario", OF_OVERRIDE, "", "back to normal"),

    ok(Method::GET, "tenants/{tenant}/clock", OF_TENANT, "", "the clock of a server that froze it"),
    ok(Method::POST, "tenants/{tenant}/clock", OF_TENANT, r#"{"advance":"25h"}"#, "tokens of yesterday have expired"),
    ok(Method::GET, "switches", &[("tenant", TENANT), ("last", "2")], "", "the last two"),
    ok(Method::GET, "status", &[], "", "a sandbox at work"),
    ok(Method::GET, "metrics", &[], "", "the first lines"),
    ok(Method::GET, "tenants", &[], "", "the only tenant"),
    ok(Method::POST, "tenants/{tenant}/reset", OF_TENANT, r#"{"what":["state","journal"]}"#, "the override and the clock stay"),
    also("reserved-name", Method::POST, "tenants/{tenant}/reset", &[("tenant", "anonymous")], "{}",
        "calls without a tenant have nothing to reset"),
    ok(Method::DELETE, "scenarios/{name}", &[("name", "half")], "", "the scenario that was uploaded"),
    ok(Method::DELETE, "tenants/{tenant}", OF_TENANT, "", "the tenant with all that it has"),
];
