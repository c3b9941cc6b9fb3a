//! What clients make the server keep is weighed, and bounded in bytes for each kind of data.

use serde_json::Value;

use crate::admin::read;
use crate::harness::App;
use crate::scenarios::{Call, Kept};

const MIB: u64 = 1024 * 1024;

fn app(max_memory_mib: u32) -> App {
    App::with(|builder| builder.max_memory_mib(max_memory_mib))
}

/// What `status` says of one budget.
fn budget(app: &App, name: &str) -> Value {
    read(app.sandbox.address(), "status")["memory"][name].clone()
}

fn used(app: &App, name: &str) -> u64 {
    budget(app, name)["used_bytes"].as_u64().unwrap()
}

fn limit(app: &App, name: &str) -> u64 {
    budget(app, name)["limit_bytes"].as_u64().unwrap()
}

#[test]
fn groups_are_bounded_in_bytes_as_well_as_in_number() {
    /// Just below the size at which a group once counted as two.
    const DESCRIPTION: usize = 8000;
    let mut groups_kept = Vec::new();
    for mib in [12, 24] {
        let app = app(mib);
        let call = Call::new().name(&"x".repeat(DESCRIPTION)).bytes(&[]);
        let mut connection = Kept::open(app.sandbox.address());
        for _ in 0..1000 {
            assert_eq!(connection.call(&call), 200, "no call fails because of the bound");
        }
        let (used, limit) = (used(&app, "groups"), limit(&app, "groups"));
        assert_eq!(limit, u64::from(mib) * MIB / 4);
        assert!((limit - 10_000..=limit).contains(&used), "{mib} MiB: {used} of {limit}");
        let status = read(app.sandbox.address(), "status");
        let kept = status["counts"]["groups"].as_u64().unwrap();
        assert_eq!(status["forgotten"], 1000 - kept);
        assert_eq!(status["memory"]["groups"]["refused"], 1000 - kept);
        assert!(kept * DESCRIPTION as u64 <= limit, "{kept}");
        groups_kept.push(kept);
    }
    let [half, whole] = groups_kept[..] else { unreachable!() };
    assert!(whole.abs_diff(2 * half) <= 2, "with twice as much, twice as many are kept");
}
