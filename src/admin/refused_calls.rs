//! A sandbox with calls in its journal, for tests.

use crate::call::{Config, Sandbox};
use crate::http::DeliveryStatus;
use crate::vendor::create_group;

/// Creates a sandbox that has refused calls of the tenant `a`, each with one of the types; all answers were
/// sent.
pub(super) fn sandbox_with_refused(types: impl Iterator<Item = usize>) -> Sandbox {
    let sandbox = Sandbox::new(Config::default()).unwrap();
    for number in types {
        let body = format!(r#"{{"type": {number}}}"#);
        let reply = sandbox.answer(&create_group::ENDPOINT.request(&[], "gnsb_a", body));
        sandbox.journal.set_delivery(reply.delivery.receipt.unwrap(), DeliveryStatus::Sent);
    }
    sandbox
}
