//! `docs/partner-flow.sh`: the calls of a partner, one after another.

use std::process::Command;

use serde_json::{Value, json};

use crate::admin::{each, entries, read};
use crate::harness::App;

#[test]
fn the_documented_flow_succeeds_again_and_again() {
    let app = App::start();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/partner-flow.sh");
    let url = app.sandbox.url();
    let nowhere = "http://127.0.0.1:1";
    for (run, argument, variable) in [(1, Some(&url), nowhere), (2, None, &url)] {
        let mut command = Command::new("sh");
        command.arg(script).args(argument).env("GENUIN_BASE_URL", variable);
        let output = command.output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{printed}{errors}");
        let answers: Vec<Value> =
            printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(each(&answers, "code"), vec![json!(200); 6], "{printed}");
        let entries = entries(app.sandbox.address(), "demo");
        let last = &entries[7 * (run - 1)..];
        let endpoints = [
            "auth",
            "create_community",
            "create_group",
            "post_video",
            "update_conversation",
            "add_users",
            "add_moderators",
        ];
        assert_eq!(each(last, "endpoint"), endpoints);
        assert_eq!(each(last, "outcome"), ["ok"; 7]);
    }
    let groups = read(app.sandbox.address(), "tenants/demo/groups");
    for group in groups["groups"].as_array().unwrap() {
        assert_eq!([&group["name"], &group["no_of_videos"]], [&json!("Tech Talks"), &json!(1)]);
        assert_eq!(group["members"].as_array().unwrap().len(), 2);
    }
}
