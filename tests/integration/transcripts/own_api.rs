//! What the own API shows after some calls.

use super::exchange::{Exchange, Request};

const GROUP: &str = "456e7890-b12c-4c23-89ef-126314214567";

pub fn exchanges() -> Vec<Exchange> {
    let read = Request::read;
    let verify = |body: &str| Request::change("POST", "tenants/demo/verify", body);
    let explain = |body: &str| Request::change("POST", "explain", body);
    let cases = [
        ("status-at-start", "nothing was called", read("status")),
        ("tenants-at-start", "there is no tenant", read("tenants")),
        ("normal-at-start", "but for the clock that the server set", read("tenants/demo/normal")),
        ("last-request-at-start", "there is no request", read("tenants/demo/requests/last")),
        (
            "a-group",
            "what the rest is about",
            Request::create_with(&format!(
                r#""chat_id":"{GROUP}","group":{{"name":"Tech","members":[{{"phone_number":"919876543210"}}]}}"#
            )),
        ),
        ("a-refusal", "what the rest is about", Request::create().body("{}")),
        ("a-forced-error", "what the rest is about", Request::create().scenario("flaky-twice")),
        ("another-tenant", "what the rest is about", Request::create().token("gnsb_other")),
        ("no-tenant", "what the rest is about", Request::create().token("x")),
        ("status", "counts", read("status")),
        ("tenants", "two", read("tenants")),
        ("scenarios", "the built-in ones", read("scenarios")),
        ("scenario", "one with its rules and hits", read("scenarios/flaky-twice")),
        ("scenario-with-chances", "chances and delays", read("scenarios/rush-hour")),
        ("state", "groups and invitations", read("tenants/demo/state")),
        ("groups", "a short list", read("tenants/demo/groups")),
        ("group", "one in full", read(&format!("tenants/demo/groups/{GROUP}"))),
        ("communities", "the starting data", read("tenants/demo/communities")),
        ("users", "the starting data", read("tenants/demo/users")),
        ("requests", "of one tenant", read("tenants/demo/requests")),
        ("requests-of-all", "of all tenants", read("requests")),
        ("requests-page", "since and limit", read("tenants/demo/requests?since=1&limit=1")),
        (
            "requests-by-outcome",
            "an outcome by its alias",
            read("tenants/demo/requests?outcome=500"),
        ),
        ("requests-by-status", "an HTTP status", read("tenants/demo/requests?status=400")),
        ("requests-by-text", "a text in any case", read("tenants/demo/requests?text=FLAKY")),
        ("normal", "with the last call, and who has chosen", read("tenants/demo/normal")),
        ("request", "one by its number", read("tenants/demo/requests/2")),
        ("last-request", "the newest", read("tenants/demo/requests/last")),
        ("verify-pass", "holds", verify(r#"{"match":{"outcome":"ok"},"count":{"exactly":1}}"#)),
        (
            "verify-fail",
            "does not hold, the closest call is shown",
            verify(r#"{"match":{"status":200,"body":{"group.name":"Tecc"}},"count":{"min":1}}"#),
        ),
        (
            "explain",
            "a call that would be fine",
            explain(
                r#"{"headers":{"authorization":"Bearer gnsb_demo","content-type":"application/json"},"body":{"type":4,"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667"}}"#,
            ),
        ),
        (
            "explain-refusal",
            "a call that rules look at and the contract refuses",
            explain(
                r#"{"method":"POST","path":"/api/thirdparty/group/create","headers":{"authorization":"Bearer gnsb_demo","x-sandbox-scenario":"rush-hour"},"body":"{}"}"#,
            ),
        ),
        ("metrics", "for Prometheus", read("metrics")),
    ];
    let events = Exchange::new(
        "events",
        "the stream goes on after an entry",
        read("events?tenant=demo").header("Last-Event-ID", "2"),
    );
    let answered = cases.map(|(name, why, request)| Exchange::new(name, why, request));
    answered.into_iter().chain([events.stream()]).collect()
}
