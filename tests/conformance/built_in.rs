//! A built-in scenario that is said to be the same as a line is the same, on every endpoint.

use super::harness::{TestCall, endpoints, sandbox};
use crate::scenario::Override;
use crate::vendor::Endpoint;
use crate::vendor::test_endpoints::RENAME_GROUP;
use crate::world::TenantName;

/// What becomes of four calls that a standing scenario is for.
fn results(call: &TestCall, scenario: &str) -> Vec<String> {
    let sandbox = sandbox();
    call.prepare(&sandbox);
    let tenant = sandbox.get_or_create_tenant(&TenantName::parse(&call.tenant).unwrap()).unwrap();
    tenant.lock().active_override = Some(Override::new(scenario.to_owned(), None, None));
    let result = |_| {
        let (reply, record) = call.send_again(&sandbox);
        let (delay, body) = (reply.delivery.delay, String::from_utf8_lossy(&reply.body));
        let (phase, committed) = (record.phase, record.committed);
        format!("{} {:?} {body} {delay:?} {phase:?} {committed}", reply.status, reply.headers)
    };
    (0..4).map(result).collect()
}

#[test]
fn a_built_in_scenario_does_what_its_line_does() {
    let is_served = |endpoint: &&'static Endpoint| endpoint.name != RENAME_GROUP.name;
    for endpoint in endpoints().filter(is_served) {
        let call = TestCall::valid(endpoint);
        for (name, line) in [
            ("flaky-twice", "2x500"),
            ("slow", "ok+2s"),
            ("outage", "503"),
            ("ambiguous-create", "1xserver-error/after-commit"),
        ] {
            assert_eq!(results(&call, name), results(&call, line), "{name} at {}", endpoint.name);
        }
    }
}
