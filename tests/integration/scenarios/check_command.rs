//! `genuin-sandbox check` on valid files: warnings, examples, and JSON.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::write_rules;
use crate::process::{End, run};

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");

/// Checks one file of this name and text.
pub fn check(name: &str, text: impl AsRef<[u8]>, flags: &[&str]) -> (TempDir, String, End) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    let end = run(&[&["check", &path], flags].concat(), &[]);
    (folder, path, end)
}

pub fn rules(text: &str) -> String {
    format!("version: 1\nname: test\nrules:\n{text}\n")
}

/// A file with one example that expects these outcomes.
fn rules_and_example(text: &str, expect: &str) -> String {
    rules(text) + &format!("examples:\n- expect: [{expect}]\n")
}

/// Formats a remark as `check` prints it.
pub fn remark(
    severity: &str,
    path: &str,
    text: &str,
    (line, column): (usize, usize),
    why: &str,
) -> String {
    let shown = text.lines().nth(line - 1).unwrap();
    let lead = " ".repeat(column - 1);
    let gutter = " ".repeat(line.to_string().len());
    format!("{severity}: {path}:{line}:{column}: {why}\n{line} | {shown}\n{gutter} | {lead}^\n")
}

#[test]
fn the_shipped_scenarios_pass() {
    for arguments in [&["check", SHIPPED][..], &["check", "--strict", SHIPPED], &["check"]] {
        let end = run(arguments, &[]);
        assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        assert_eq!(end.stdout, "checked 5 files: 0 errors, 0 warnings\n", "{arguments:?}");
    }
}

#[test]
fn a_rule_without_effect_is_a_warning_that_fails_a_strict_check() {
    const B_UNUSED: &str = "rule \"b\" is not exercised by any example";
    const A_UNUSED: &str = "rule \"a\" is not exercised by any example";
    for (text, place, warnings) in [
        (
            rules_and_example(
                "- { id: a, do: { outcome: 500 } }\n- { id: b, match: { nth: 3 }, do: { outcome: 404 } }",
                "500",
            ),
            (5, 9),
            &[
                "rule \"b\" never acts: rule \"a\" (line 4) comes first, matches all its calls and never ends",
                B_UNUSED,
            ][..],
        ),
        (
            rules(
                "- { id: a, match: { body: { type: 5 } }, phase: after-validation, do: { outcome: 500 } }",
            ),
            (4, 9),
            &[
                "rule \"a\" never acts: calls that match type are refused before after-validation: the contract does not accept this value",
                A_UNUSED,
            ],
        ),
        (
            rules(
                "- { id: a, match: { body: { community_id: { absent: true } } }, phase: after-commit, do: { outcome: 500 } }",
            ),
            (4, 9),
            &[
                "rule \"a\" never acts: calls that match community_id are refused before after-commit: the field is missing",
                A_UNUSED,
            ],
        ),
        (
            rules_and_example(
                "- { id: a, match: { nth: 3 }, do: { outcome: 500 } }\n- { id: b, do: [{ outcome: 404 }] }",
                "404, ok, 500",
            ),
            (4, 9),
            &[
                "the single step of rule \"a\" acts forever, while steps of lists act once; add times: forever or a number",
            ],
        ),
        (rules("- { id: a, do: { outcome: 500 } }"), (4, 9), &[A_UNUSED]),
        (
            rules_and_example("- { id: a, match: { endpoint: auth }, do: { outcome: 500 } }", "ok"),
            (4, 9),
            &[A_UNUSED],
        ),
    ] {
        for (flags, code) in [(&[][..], 0), (&["--strict"], 2)] {
            let (_folder, path, end) = check("test.yaml", &text, flags);
            let remarks = warnings.iter().map(|why| remark("warning", &path, &text, place, why));
            let noun = if warnings.len() == 1 { "warning" } else { "warnings" };
            let total = format!("checked 1 file: 0 errors, {} {noun}\n", warnings.len());
            let expected = remarks.collect::<String>() + &total;
            assert_eq!((end.stdout, end.code), (expected, Some(code)), "{flags:?}");
            let error = match (code, warnings.len()) {
                (0, _) => "",
                (_, 1) => "error: check failed: 1 warning in 1 file\n",
                _ => "error: check failed: 2 warnings in 1 file\n",
            };
            assert_eq!(end.stderr, error, "{flags:?}");
        }
    }
}

#[test]
fn rules_that_can_act_cause_no_warning() {
    for (text, example) in [
        (
            "- { id: a, do: { outcome: 500, times: 2 } }\n- { id: b, do: { outcome: 404, times: 1 } }",
            "expect: [500, 500, 404]",
        ),
        (
            "- { id: a, chance: 0.5, do: { outcome: 500 } }\n- { id: b, do: { outcome: 404 } }",
            "expect: [404, 500]",
        ),
        (
            "- { id: a, match: { body: { type: 5 } }, do: { outcome: 500 } }",
            "{ send: { type: 5 }, expect: [500] }",
        ),
        (
            "- { id: a, match: { body: { type: 4 } }, phase: after-validation, do: { outcome: 500 } }",
            "expect: [500]",
        ),
        (
            "- { id: a, match: { body: { recorded_video.video_name: { absent: true } } }, phase: after-commit, do: { outcome: 500 } }",
            "expect: [500]",
        ),
        (
            "- { id: a, do: { outcome: 500 } }\n- { id: b, enabled: false, do: { outcome: 404 } }",
            "expect: [500]",
        ),
        (
            "- { id: b, do: { outcome: 404 } }\n- { id: a, priority: 1, match: { nth: 1 }, do: { outcome: 500 } }",
            "expect: [500, 404]",
        ),
        (
            "- { id: a, match: { endpoint: auth, body: { api_key: other } }, do: { outcome: 500 } }",
            "{ endpoint: auth, send: { api_key: other }, expect: [500] }",
        ),
    ] {
        let text = rules(text) + "examples:\n- " + example + "\n";
        let (_folder, _path, end) = check("test.yaml", &text, &["--strict"]);
        assert_eq!(end.stdout, "checked 1 file: 0 errors, 0 warnings\n", "{text}");
        assert_eq!(end.code, Some(0), "{text}");
    }
}

#[test]
fn an_example_with_another_result_is_an_error() {
    let text = rules("- { id: a, do: { outcome: 500, times: 1 } }")
        + "examples:\n- expect: [500, ok]\n- expect: [500, 500]\n";
    let (_folder, path, end) = check("test.yaml", &text, &[]);
    let why = "expected outcome server-error for call 2, found ok";
    let expected =
        remark("error", &path, &text, (7, 3), why) + "checked 1 file: 1 error, 0 warnings\n";
    assert_eq!((end.stdout, end.code), (expected, Some(2)));
}

#[test]
fn an_example_does_not_wait_for_delays() {
    let text = rules("- { id: a, do: { outcome: ok, delay: 1h } }")
        + "examples:\n- { send: { group: { name: x } }, expect: [ok, ok] }\n";
    let (_folder, _path, end) = check("test.yaml", &text, &[]);
    assert_eq!(
        (end.stdout.as_str(), end.code),
        ("checked 1 file: 0 errors, 0 warnings\n", Some(0))
    );
}

#[test]
fn json_holds_the_same_problems() {
    let folder = tempfile::tempdir().unwrap();
    let example = "examples:\n- expect: [500]";
    write_rules(&folder, "good", &format!("- {{ id: a, do: {{ outcome: 500 }} }}\n{example}"));
    write_rules(
        &folder,
        "odd",
        &format!(
            "- {{ id: a, do: {{ outcome: 500 }} }}\n- {{ id: b, do: {{ outcome: 404 }} }}\n{example}"
        ),
    );
    write_rules(&folder, "bad", "- { id: a, do: { outcome: 5027 } }");
    let path = folder.path().to_str().unwrap();
    let end = run(&["check", "--json", path], &[]);
    let expected = json!({"files": 3, "problems": [
        {"severity": "error", "file": format!("{path}/bad.yaml"), "line": 4, "column": 27,
         "message": "unknown outcome \"5027\"; did you mean \"5026\"? (see genuin-sandbox outcomes)"},
        {"severity": "warning", "file": format!("{path}/odd.yaml"), "line": 5, "column": 9,
         "message": "rule \"b\" never acts: rule \"a\" (line 4) comes first, matches all its calls and never ends"},
        {"severity": "warning", "file": format!("{path}/odd.yaml"), "line": 5, "column": 9,
         "message": "rule \"b\" is not exercised by any example"},
    ]});
    assert_eq!(serde_json::from_str::<Value>(&end.stdout).unwrap(), expected);
    let error = "error: check failed: 1 error in 1 file\n";
    assert_eq!((end.code, end.stderr.as_str()), (Some(2), error));
    let end = run(&["check", "--json", "--strict", path], &[]);
    let error = "error: check failed: 1 error and 2 warnings in 2 files\n";
    assert_eq!((end.code, end.stderr.as_str()), (Some(2), error));
    let end = run(&["check", "--json", SHIPPED], &[]);
    let expected = json!({"files": 5, "problems": []});
    assert_eq!(serde_json::from_str::<Value>(&end.stdout).unwrap(), expected);
    assert_eq!(end.code, Some(0));
}
