//! What is written about scenarios is true: the schema, the built-in files, the cookbook.

use std::path::Path;

use genuin_sandbox::internals::call::run_examples;
use genuin_sandbox::internals::scenario::{self, built_in, parse_line};

fn shipped(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name)
}

#[test]
fn the_schema_is_that_of_the_types() {
    let expected = format!("{:#}\n", scenario::schema());
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(shipped("scenario.schema.json"), &expected).unwrap();
    }
    let published = std::fs::read_to_string(shipped("scenario.schema.json")).unwrap();
    assert!(
        published == expected,
        "the schema is stale: UPDATE_SCHEMA=1 cargo test schema_is_that"
    );
}

#[test]
fn every_built_in_file_has_a_schema_a_description_and_examples_that_hold() {
    let scenarios = built_in();
    assert_eq!(
        scenarios.keys().collect::<Vec<_>>(),
        ["ambiguous-create", "flaky-twice", "outage", "rush-hour", "slow"]
    );
    for (name, scenario) in scenarios {
        let text = std::fs::read_to_string(shipped(&format!("{name}.yaml"))).unwrap();
        assert_eq!(
            text.lines().next(),
            Some("# yaml-language-server: $schema=scenario.schema.json")
        );
        assert!(!scenario.description.is_empty() && !scenario.examples.is_empty(), "{name}");
        assert_eq!(run_examples(&scenario), [], "{name}");
        assert_eq!(scenario::lint(&scenario), [], "{name}");
    }
}

/// The code blocks of a kind in the page, with what follows the kind on its first line.
fn blocks(kind: &str) -> Vec<String> {
    let page = std::fs::read_to_string(shipped("README.md")).unwrap();
    let parts: Vec<_> = page.split("```").collect();
    let blocks = parts.iter().skip(1).step_by(2);
    blocks.filter_map(|block| block.strip_prefix(&format!("{kind}\n")).map(str::to_owned)).collect()
}

#[test]
fn every_recipe_of_the_cookbook_does_what_its_examples_say() {
    let recipes = blocks("yaml");
    assert!(recipes.len() >= 10, "{} recipes", recipes.len());
    for recipe in recipes {
        let scenario = scenario::read(&recipe, None).unwrap_or_else(|problems| {
            panic!(
                "{recipe}\n{:?}",
                problems.iter().map(|p| p.in_file("recipe")).collect::<Vec<_>>()
            )
        });
        assert!(!scenario.examples.is_empty(), "{} has no example", scenario.name);
        assert_eq!(run_examples(&scenario), [], "{recipe}");
        assert_eq!(scenario::lint(&scenario), [], "{recipe}");
    }
}

#[test]
fn every_line_of_the_page_is_one() {
    let lines = blocks("lines");
    assert!(!lines.is_empty());
    for line in lines.iter().flat_map(|block| block.lines()) {
        let line = line.split("  ").next().unwrap();
        parse_line(line).unwrap_or_else(|why| panic!("{line}: {why}"));
    }
}
