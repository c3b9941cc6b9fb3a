//! Whether a call waits for another one of its tenant that takes long.

use std::sync::MutexGuard;

use crate::tenant::{Tenant, TenantState};

/// What a call does while another one of its tenant has the tenant's lock that takes long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    Wait,
    /// It is not made, and leaves no trace.
    GiveUp,
}

impl Patience {
    /// Locks a tenant; `None` if that would mean to wait for a call that takes long, and must not.
    pub(super) fn lock(self, tenant: &Tenant) -> Option<MutexGuard<'_, TenantState>> {
        match self {
            Self::Wait => Some(tenant.lock()),
            Self::GiveUp => tenant.lock_unless_long(),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;
    use crate::call::{Config, Sandbox};
    use crate::http::{Arrival, Request};
    use crate::world::TenantName;

    #[test]
    fn neither_a_call_nor_a_refusal_waits_for_a_long_one_that_must_not() {
        let sandbox = Sandbox::new(Config::default()).unwrap();
        let tenant = sandbox.get_or_create_tenant(&TenantName::parse("demo").unwrap()).unwrap();
        let long = tenant.begin_long_call();
        let state = tenant.lock();
        let paths = ["/api/thirdparty/group/create", "/api/thirdparty/group/nowhere"];
        let is_answered = |path| {
            let request = Request::json(Method::POST, path, Some("gnsb_demo"), "{}");
            let arrival = Arrival::now(0);
            sandbox.answer_with_patience(&request, arrival, Patience::GiveUp).is_some()
        };
        assert_eq!(paths.map(is_answered), [false; 2]);
        assert_eq!(sandbox.journal.stats().records, 0, "they leave no trace");
        drop((state, long));
        assert_eq!(paths.map(is_answered), [true; 2]);
    }
}
