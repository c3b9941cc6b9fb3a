//! Scenarios that are forced for all calls and no longer exist.

use std::time::Duration;

use serde_json::json;

use super::{done, read, write};
use crate::harness::App;
use crate::scenarios::{Call, wait_until, write_rules};

const DEMO: &str = "tenants/demo/scenario";
const ALL: &str = "tenants/*/scenario";

#[test]
fn a_scenario_that_has_gone_is_told_to_be_gone_with_what_to_do() {
    for (path, selector, who, target) in [
        (DEMO, "override", "an override forces for demo", "demo"),
        (ALL, "override-all", "an override forces for all tenants", "'*'"),
    ] {
        let app = App::start();
        let address = app.sandbox.address();
        let storm = json!({"version": 1, "rules": [{"id": "a", "do": {"outcome": "500"}}]});
        write(address, "PUT", "scenarios/storm", &storm);
        write(address, "PUT", path, &json!({"scenario": "storm"}));
        let next = json!({"selector": selector, "scenario": "storm"});
        assert_eq!(read(address, DEMO)["next"], next);
        done(address, "DELETE", "scenarios/storm");
        let why = format!(
            "the scenario \"storm\", which {who}, is gone: its file or upload was removed; add it again, or end \
             the override with genuin-sandbox override clear --tenant {target}"
        );
        let next = json!({"selector": selector, "scenario": "storm", "problem": why});
        assert_eq!(read(address, DEMO)["next"], next);
        let answer = Call::new().send(&app);
        assert_eq!((answer.status, &answer.json()["detail"]), (501, &json!(why)));
        write(address, "PUT", "scenarios/storm", &storm);
        assert_eq!(Call::new().send(&app).status, 500, "it is there again");
    }
}

#[test]
fn the_scenario_of_the_server_that_has_gone_is_told_to_be_gone() {
    let folder = tempfile::tempdir().unwrap();
    write_rules(&folder, "storm", "- { id: a, do: { outcome: 404 } }");
    let app = App::with(|builder| builder.scenarios(folder.path()).scenario("storm"));
    let address = app.sandbox.address();
    assert_eq!(Call::new().send(&app).status, 404);
    std::fs::remove_file(folder.path().join("storm.yaml")).unwrap();
    let status = || Call::new().send(&app).status;
    wait_until("it is gone", Duration::from_secs(10), || status() == 501);
    let why = "the scenario \"storm\", which --scenario (GNSB_SCENARIO) names, is gone: its file was removed; add \
               it again, or start the server without it";
    assert_eq!(Call::new().send(&app).json()["detail"], why);
    let normal = read(address, "tenants/demo/normal");
    let detail = "\"storm\" is forced for all tenants by --scenario, as long as the server runs; this scenario is \
                  gone, so that calls get 501";
    assert_eq!(normal["because"][0]["detail"], detail);
}
