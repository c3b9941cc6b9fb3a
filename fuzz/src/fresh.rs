//! Sandboxes without history: new ones, or used ones that are cleared, since a new one costs as much
//! as a thousand calls.

use std::sync::LazyLock;

use genuin_sandbox::Clock;
use genuin_sandbox::internals::admin::Access;
use genuin_sandbox::internals::call::{Config, Sandbox};
use genuin_sandbox::internals::fixtures;
use genuin_sandbox::internals::tenant::ResetPart;
use genuin_sandbox::internals::tenant::TenantName;
use genuin_sandbox::internals::world::Seed;

/// The time of all sandboxes, in Unix milliseconds.
const NOW_MS: i64 = 1_727_169_211_000;

static FIXTURES: LazyLock<Seed> = LazyLock::new(fixtures::built_in);

/// A new sandbox with the built-in fixtures, a frozen clock and the default seed.
pub fn sandbox() -> Sandbox {
    with_access(Access::default())
}

/// A new sandbox whose own API has the given access.
pub fn with_access(admin: Access) -> Sandbox {
    let config = Config {
        clock: Clock::Frozen(NOW_MS),
        public_url: Some("http://sandbox".into()),
        fixtures: FIXTURES.clone(),
        admin,
        ..Config::default()
    };
    Sandbox::new(config).expect("the built-in scenarios can be read")
}

/// Removes all traces of calls; only their ids go on.
pub fn forget(sandbox: &Sandbox) {
    for (name, _) in sandbox.tenants.all() {
        sandbox.tenants.remove(&name);
        sandbox.journal.remove(&name);
    }
    let anonymous = TenantName::anonymous();
    if let Some(tenant) = sandbox.tenants.find(&anonymous) {
        for part in ResetPart::ALL {
            tenant.lock().reset(part, sandbox.tenants.seed());
        }
    }
    sandbox.journal.remove(&anonymous);
    *sandbox.global_override() = None;
    for scenario in sandbox.library.all() {
        sandbox.library.remove_upload(&scenario.name);
    }
    assert_eq!(sandbox.journal.stats().bytes, 0, "an empty journal takes no memory");
    assert_eq!(sandbox.tenants.stats().groups, 0, "no tenant has no group");
}
