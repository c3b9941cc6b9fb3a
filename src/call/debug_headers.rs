//! Headers that say what was decided, for `--debug-headers`; the vendor sends none of them.

use http::{HeaderName, HeaderValue};

use super::Sandbox;
use crate::http::{Fault, Reply};
use crate::journal::CallRecord;

impl Sandbox {
    /// Adds the headers to a reply, if that is wanted.
    pub(super) fn with_debug_headers(&self, reply: Reply, record: &CallRecord) -> Reply {
        if self.debug_headers { add(reply, record) } else { reply }
    }
}

/// Adds the headers to a reply, unless a fault sends no head.
fn add(reply: Reply, record: &CallRecord) -> Reply {
    if matches!(reply.delivery.fault, Some(fault) if fault != Fault::Truncate) {
        return reply;
    }
    let headers = [
        ("x-sandbox-request", record.address()),
        ("x-sandbox-tenant", record.tenant.to_string()),
        ("x-sandbox-outcome", record.outcome.to_string()),
        ("x-sandbox-rule", record.rule.as_deref().unwrap_or("none").to_owned()),
    ];
    headers.into_iter().fold(reply, |reply, (name, value)| {
        let value = HeaderValue::from_str(&value).expect("BUG: names are visible ASCII");
        reply.with_header(HeaderName::from_static(name), value)
    })
}
