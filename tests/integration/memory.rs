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

#[test]
fn a_new_line_on_each_call_takes_no_more_than_the_budget() {
    let mut used_bytes = Vec::new();
    for mib in [12, 96] {
        let app = app(mib);
        let address = app.sandbox.address();
        let rest = "ok,".repeat(330);
        let mut connection = Kept::open(address);
        for number in 1..=3000 {
            let token = format!("gnsb_t{}", number / 256);
            let call =
                Call::new().token(&token).header(&format!("{number}x500,{rest}ok")).bytes(&[]);
            assert_eq!(connection.call(&call), 500);
        }
        let (used, limit) = (used(&app, "scenarios"), limit(&app, "scenarios"));
        assert_eq!(limit, u64::from(mib) * MIB / 12);
        assert!(used <= limit, "{mib} MiB: {used} of {limit}");
        used_bytes.push(used);
        let again = Call::new().token("gnsb_t11").header(&format!("3000x500,{rest}ok"));
        assert_eq!(again.send(&app).status, 500, "a line goes on where it was");
    }
    let [small, large] = used_bytes[..] else { unreachable!() };
    assert!(2 * large > 3 * small, "with more memory more is kept: {small} and {large}");
}

#[test]
fn counters_that_take_too_much_give_way_and_no_call_is_refused() {
    let rule = "- { id: once, scope: field:group.name, do: [{ outcome: 500 }] }";
    for mib in [12, 96] {
        let folder = tempfile::tempdir().unwrap();
        crate::scenarios::write_rules(&folder, "test", rule);
        let app = App::with(|builder| {
            builder.scenarios(folder.path()).scenario("test").max_memory_mib(mib)
        });
        let call = |tenant: &str, name: usize| {
            Call::new().token(tenant).name(&format!("name {name}")).bytes(&[])
        };
        let mut connection = Kept::open(app.sandbox.address());
        assert_eq!(connection.call(&call("gnsb_small", 1)), 500);
        for name in 0..4000 {
            assert_eq!(connection.call(&call("gnsb_first", name)), 500);
        }
        for name in 0..4000 {
            assert_eq!(connection.call(&call("gnsb_second", name)), 500);
        }
        let (used, limit) = (used(&app, "scenarios"), limit(&app, "scenarios"));
        assert!(used <= limit, "{mib} MiB: {used} of {limit}");
        assert_eq!(connection.call(&call("gnsb_small", 1)), 200, "a small tenant keeps its own");
        let begins_again = ["gnsb_first", "gnsb_second"]
            .map(|tenant| connection.call(&call(tenant, 1)) == 500)
            .contains(&true);
        assert_eq!(begins_again, mib == 12, "{mib} MiB: counters that gave way begin again");
        let refused = budget(&app, "scenarios")["refused"].as_u64().unwrap();
        assert_eq!(refused > 0, mib == 12, "{mib} MiB: {refused}");
    }
}

#[test]
fn uploads_are_refused_when_their_budget_is_full_and_a_deleted_one_makes_room() {
    let upload = |app: &App, name: &str, length: usize| {
        let text = format!(
            "version: 1\ndescription: {}\nrules:\n- {{ id: a, do: {{ outcome: 500 }} }}",
            "x".repeat(length)
        );
        let headers = [("Content-Type", "application/yaml")];
        app.send("PUT", &format!("/_sandbox/v1/scenarios/{name}"), &headers, text.as_bytes())
    };
    let mut counts = Vec::new();
    for mib in [12, 24] {
        let app = app(mib);
        let fitting = (0..50).take_while(|number| {
            let answer = upload(&app, &format!("s{number}"), 50_000);
            let detail = answer.json()["detail"].as_str().unwrap_or_default().to_owned();
            assert!(answer.status == 200 || answer.status == 507, "{}", answer.body);
            if answer.status == 507 {
                assert!(detail.starts_with("the scenario takes 5"), "{detail}");
                let end = "are left for uploads; delete one, or raise --max-memory";
                assert!(detail.ends_with(end), "{detail}");
            }
            answer.status == 200
        });
        let count = fitting.count();
        assert!(used(&app, "scenarios") <= limit(&app, "scenarios"));
        assert_eq!(budget(&app, "scenarios")["refused"], 1);
        // a call that used it does not keep it
        assert_eq!(Call::new().header("s0").send(&app).status, 500);
        assert_eq!(upload(&app, "s0", 100).status, 200, "a smaller version replaces it");
        assert_eq!(upload(&app, "s99", 40_000).status, 200, "there is room again");
        crate::admin::done(app.sandbox.address(), "DELETE", "scenarios/s1");
        assert_eq!(upload(&app, "s98", 50_000).status, 200, "and again");
        counts.push(count);
    }
    let [half, whole] = counts[..] else { unreachable!() };
    assert!(half >= 5 && whole.abs_diff(2 * half) <= 2, "{counts:?}");
}
