//! The documents about scenarios are true: the schema, the built-in files, the cookbook.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::admin::{each, list, read, write};
use crate::harness::App;
use crate::process::run;

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name)
}

#[test]
fn the_shipped_schema_is_the_served_one() {
    let app = App::start();
    let expected = format!("{:#}\n", read(app.sandbox.address(), "scenario.schema.json"));
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(shipped("scenario.schema.json"), &expected).unwrap();
    }
    let published = std::fs::read_to_string(shipped("scenario.schema.json")).unwrap();
    assert!(
        published == expected,
        "the schema is stale: UPDATE_SCHEMA=1 cargo test the_shipped_schema"
    );
}

#[test]
fn every_built_in_scenario_has_a_file_with_schema_and_description() {
    let app = App::start();
    let scenarios = list(&read(app.sandbox.address(), "scenarios"), "scenarios");
    assert_eq!(
        each(&scenarios, "name"),
        ["ambiguous-create", "flaky-twice", "outage", "partner-journey", "rush-hour", "slow"]
    );
    for scenario in scenarios {
        let name = scenario["name"].as_str().unwrap();
        let text = std::fs::read_to_string(shipped(&format!("{name}.yaml"))).unwrap();
        assert_eq!(
            text.lines().next(),
            Some("# yaml-language-server: $schema=scenario.schema.json")
        );
        assert!(!scenario["description"].as_str().unwrap().is_empty(), "{name}");
    }
}

/// Returns the code blocks of a kind in the page.
fn blocks(kind: &str) -> Vec<String> {
    let page = std::fs::read_to_string(shipped("README.md")).unwrap();
    let parts: Vec<_> = page.split("```").collect();
    let blocks = parts.iter().skip(1).step_by(2);
    blocks.filter_map(|block| block.strip_prefix(&format!("{kind}\n")).map(str::to_owned)).collect()
}

#[test]
fn the_examples_of_every_recipe_hold_and_exercise_all_its_rules() {
    let folder = tempfile::tempdir().unwrap();
    let recipes = blocks("yaml");
    assert!(recipes.len() >= 10, "{} recipes", recipes.len());
    for recipe in &recipes {
        let name = recipe.lines().find_map(|line| line.strip_prefix("name: ")).unwrap();
        std::fs::write(folder.path().join(format!("{name}.yaml")), recipe).unwrap();
    }
    let end = run(&["check", "--strict", folder.path().to_str().unwrap()], &[]);
    let expected = format!("checked {} files: 0 errors, 0 warnings\n", recipes.len());
    assert_eq!((end.stdout, end.code), (expected, Some(0)));
}

#[test]
fn every_line_of_the_page_is_valid() {
    let app = App::start();
    let blocks = blocks("lines");
    let lines: Vec<_> = blocks.iter().flat_map(|block| block.lines()).collect();
    assert!(!lines.is_empty());
    for line in lines {
        let line = line.split("  ").next().unwrap();
        let body = json!({"scenario": line});
        write(app.sandbox.address(), "PUT", "tenants/demo/scenario", &body);
    }
}
