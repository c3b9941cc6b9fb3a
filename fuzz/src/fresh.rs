//! Sandboxes in which nothing has happened, or in which everything that has is forgotten: a new
//! one costs a thousand times what a call does.

use std::sync::LazyLock;

use genuin_sandbox::internals::admin::Access;
use genuin_sandbox::internals::call::{Config, Sandbox};
use genuin_sandbox::Clock;
use genuin_sandbox::internals::fixtures;
use genuin_sandbox::internals::tenant::Part;
use genuin_sandbox::internals::tenant::TenantName;
use genuin_sandbox::internals::world::Seed;

/// The time of all sandboxes, in Unix milliseconds.
const NOW_MS: i64 = 1_727_169_211_000;

static FIXTURES: LazyLock<Seed> = LazyLock::new(fixtures::built_in);

/// A new sandbox with the built-in fixtures, a frozen clock and the default seed.
pub fn sandbox() -> Sandbox {
    with_access(Access::default())
}

/// The same for others than this machine, or with a token.
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

/// Forgets all that a sandbox was asked; only the numbers of its calls go on.
pub fn forget(sandbox: &Sandbox) {
    for (name, _) in sandbox.tenants.all() {
        sandbox.tenants.remove(&name);
        sandbox.journal.remove(&name);
    }
    let anonymous = TenantName::anonymous();
    if let Some(tenant) = sandbox.tenants.find(&anonymous) {
        for part in Part::ALL {
            tenant.enter().reset(part, sandbox.tenants.seed());
        }
    }
    sandbox.journal.remove(&anonymous);
    *sandbox.global() = None;
    for scenario in sandbox.library.all() {
        sandbox.library.remove_upload(&scenario.name);
    }
    assert_eq!(sandbox.journal.stats().bytes, 0, "an empty journal takes no memory");
    assert_eq!(sandbox.tenants.figures().groups, 0, "no tenant has no group");
}
