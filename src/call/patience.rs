//! Whether a call waits for another one of its tenant that takes long.

use std::sync::MutexGuard;

use crate::tenant::{Tenant, TenantState};

/// A body of this length or a longer one makes a call that can take as long as hundreds of others, in bytes.
pub(crate) const LONG_BODY_BYTES: usize = 64 * 1024;

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
    use std::sync::mpsc::channel;
    use std::task::{Context, Waker};
    use std::thread;
    use std::time::Duration;

    use http::Method;

    use super::*;
    use crate::call::{CallAnswer, Config, Sandbox};
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

    #[test]
    fn the_answer_of_a_held_call_does_not_wait_for_a_long_one() {
        let sandbox = Sandbox::new(Config::default()).unwrap();
        let path = "/~hold/api/thirdparty/group/create";
        let request = Request::json(Method::POST, path, Some("gnsb_demo"), "{}");
        let CallAnswer::Held(ticket) = sandbox.answer_or_hold(&request, Arrival::now(0)).0 else {
            panic!("it is held")
        };
        let is_ready = || ticket.poll(&mut Context::from_waker(Waker::noop())).is_ready();
        ticket.release();
        let tenant = sandbox.tenants.find(&TenantName::parse("demo").unwrap()).unwrap();
        let (long, state) = (tenant.begin_long_call(), tenant.lock());
        let (polled, was_ready) = channel();
        thread::scope(|scope| {
            scope.spawn(|| polled.send(is_ready()));
            let was_ready = was_ready.recv_timeout(Duration::from_secs(10));
            drop((state, long));
            assert_eq!(was_ready, Ok(false), "it has waited for the lock");
        });
        assert!(is_ready(), "it is its turn");
        ticket.make(&sandbox);
        assert!(is_ready());
    }
}
