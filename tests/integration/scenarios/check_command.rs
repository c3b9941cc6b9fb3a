//! `genuin-sandbox check` on valid files: warnings, examples, and JSON.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::write_rules;
use crate::process::{End, command, run};

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
        assert_eq!(end.stdout, "checked 6 files: 0 errors, 0 warnings\n", "{arguments:?}");
    }
}

#[test]
fn a_scenario_on_the_standard_input_is_checked_under_the_name_that_it_has() {
    let end = |text: &str, flags: &[&str]| {
        let mut check = command(&[&["check", "-"], flags].concat(), &[]);
        let mut child = check.stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let good = rules_and_example("- { id: a, do: { outcome: 500 } }", "500");
    assert_eq!(end(&good, &[]), (Some(0), "checked 1 file: 0 errors, 0 warnings\n".into()));
    let unnamed = good.replace("name: test\n", "");
    let (code, text) = end(&unnamed, &[]);
    assert_eq!(code, Some(2));
    assert!(text.starts_with("error: <stdin>:1:1: "), "{text}");
    let wrong = good.replace("500 }", "5000 }");
    let (code, json) = end(&wrong, &["--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, &json["problems"][0]["file"]), (Some(2), &json!("<stdin>")), "{json}");
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
                "- { id: a, match: { endpoint: create_group, body: { community_id: { absent: true } } }, phase: after-commit, do: { outcome: 500 } }",
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
        (
            rules("- { id: a, do: [{ outcome: hold(3), times: 2 }, { outcome: 500 }] }"),
            (4, 9),
            &[
                "rule \"a\" never holds 3 calls: it acts on 2 calls at most; raise its times or limit",
                A_UNUSED,
            ],
        ),
        (
            rules_and_example("- { id: a, limit: 1, do: { outcome: hold(2) } }", "hold, ok"),
            (4, 9),
            &[
                "rule \"a\" never holds 2 calls: it acts on 1 call at most; raise its times or limit",
            ],
        ),
        (
            rules("- { id: a, limit: 1, scope: 'field:group.name', do: { outcome: hold(2) } }"),
            (4, 9),
            &[A_UNUSED],
        ),
        (
            rules("- { id: a, do: { outcome: 500 } }")
                + "examples:\n- { send: { group: { nmae: x } }, expect: [500] }\n",
            (6, 22),
            &["create_group does not have the field \"group.nmae\"; did you mean \"name\"?"],
        ),
        (
            rules("- { id: a, match: { endpoint: create_community }, do: { outcome: 500 } }")
                + "examples:\n- { endpoint: create_community, expect: [500], send: { handel: null } }\n",
            (6, 56),
            &["create_community does not have the field \"handel\"; did you mean \"handle\"?"],
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
            "- { id: a, match: { endpoint: update_conversation, path: { chat_id: '7%/' } }, do: { outcome: 500 } }",
            "{ endpoint: update_conversation, path: { chat_id: 7%/ }, expect: [500] }\n\
             - { endpoint: update_conversation, path: { chat_id: 11111111-2222-4333-8444-555566667777 }, expect: [400] }\n\
             - { endpoint: update_conversation, expect: [ok] }",
        ),
        ("- { id: a, do: { outcome: hold(2) } }", "expect: [hold, hold, hold]"),
        ("- { id: a, phase: after-commit, do: { outcome: hold, times: 1 } }", "expect: [hold, ok]"),
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
    let expected = json!({"files": 6, "problems": []});
    assert_eq!(serde_json::from_str::<Value>(&end.stdout).unwrap(), expected);
    assert_eq!(end.code, Some(0));
}

/// Runs `check` in a directory.
pub fn check_in(directory: &Path, arguments: &[&str]) -> End {
    let arguments = [&["check"], arguments].concat();
    let output = command(&arguments, &[]).current_dir(directory).output().unwrap();
    End {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn without_the_default_directory_there_is_nothing_to_check() {
    let place = tempfile::tempdir().unwrap();
    let end = check_in(place.path(), &[]);
    let expected = "error: nothing to check: ./scenarios does not exist; name files or directories, \
                    as in genuin-sandbox check FILE\n";
    assert_eq!((end.code, end.stdout.as_str(), end.stderr.as_str()), (Some(2), "", expected));
    let end = check_in(place.path(), &["scenarios"]);
    let expected = "error: scenarios does not exist; name scenario files or directories\n";
    assert_eq!((end.code, end.stdout.as_str(), end.stderr.as_str()), (Some(2), "", expected));
}

#[test]
fn a_directory_without_scenario_files_is_a_warning() {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join("scenarios")).unwrap();
    fs::write(place.path().join("scenarios/notes.md"), "x").unwrap();
    let message = "no scenario files in this directory; they end in .yaml, .yml or .json";
    let expected = format!("warning: scenarios: {message}\nchecked 0 files: 0 errors, 1 warning\n");
    for arguments in [&[][..], &["scenarios"]] {
        let end = check_in(place.path(), arguments);
        assert_eq!((end.code, &end.stdout, end.stderr.as_str()), (Some(0), &expected, ""));
        let end = check_in(place.path(), &[&["--strict"], arguments].concat());
        let error = "error: check failed: 1 warning in 1 directory\n";
        assert_eq!((end.code, &end.stdout, end.stderr.as_str()), (Some(2), &expected, error));
    }
    let end = check_in(place.path(), &["--json"]);
    let problem = json!({"severity": "warning", "file": "scenarios", "line": 1, "column": 1, "message": message});
    let expected = json!({"files": 0, "problems": [problem]});
    assert_eq!(serde_json::from_str::<Value>(&end.stdout).unwrap(), expected);
}

#[test]
fn a_file_that_is_named_twice_is_checked_once() {
    let place = tempfile::tempdir().unwrap();
    write_rules(&place, "test", "- { id: a, do: { outcome: nope } }");
    let end = check_in(place.path(), &[".", "test.yaml", "./test.yaml"]);
    assert!(end.stdout.ends_with("checked 1 file: 1 error, 0 warnings\n"), "{}", end.stdout);
    assert_eq!(end.stderr, "error: check failed: 1 error in 1 file\n");
}

#[test]
fn two_files_for_one_scenario_are_an_error() {
    let place = tempfile::tempdir().unwrap();
    let text = rules_and_example("- { id: a, do: { outcome: 500 } }", "500");
    for name in ["test.yaml", "test.YML"] {
        fs::write(place.path().join(name), &text).unwrap();
    }
    let end = check_in(place.path(), &["."]);
    let expected = "error: ./test.yaml:1:1: the scenario test is already in ./test.YML; remove one of \
                    the two\nchecked 2 files: 1 error, 0 warnings\n";
    assert_eq!((end.code, end.stdout.as_str()), (Some(2), expected));
}

#[test]
fn the_formats_are_text_json_and_annotations_of_github() {
    let place = tempfile::tempdir().unwrap();
    let odd = place.path().join("50%, a:b");
    fs::create_dir(&odd).unwrap();
    let text = "version: 1\nname: test\nrules:\n- { id: a, do: { outcome: \"5%\\n0\" } }\n";
    fs::write(odd.join("test.yaml"), text).unwrap();
    fs::create_dir(odd.join("empty")).unwrap();
    let end = check_in(place.path(), &["--format", "github", "50%, a:b", "50%, a:b/empty"]);
    let file = "50%25%2C a%3Ab";
    let expected = format!(
        "::warning file={file}/empty,line=1,col=1,title=genuin-sandbox check::no scenario files in \
         this directory; they end in .yaml, .yml or .json\n\
         ::error file={file}/test.yaml,line=4,col=27,title=genuin-sandbox check::unknown outcome \
         \"5%25\\n0\" (see genuin-sandbox outcomes)\n\
         checked 1 file: 1 error, 1 warning\n"
    );
    assert_eq!((end.code, end.stdout), (Some(2), expected));
    assert_eq!(end.stderr, "error: check failed: 1 error in 1 file\n");
    let texts = [&["--json"][..], &["--format", "json"], &["--format", "text"], &[]]
        .map(|flags| check_in(&odd, &[flags, &["test.yaml"]].concat()).stdout);
    assert_eq!((&texts[0], &texts[2]), (&texts[1], &texts[3]));
    assert!(serde_json::from_str::<Value>(&texts[0]).is_ok());
    assert_eq!(check_in(&odd, &["--json", "--format", "json"]).code, Some(2));
    assert_eq!(check_in(&odd, &["--format", "xml"]).code, Some(2));
}

#[test]
fn an_ending_in_another_case_is_checked_by_the_same_rules() {
    let text = rules_and_example("- { id: a, do: { outcome: 500 } }", "500");
    let (folder, _path, end) = check("test.YML", &text, &[]);
    assert_eq!(end.stdout, "checked 1 file: 0 errors, 0 warnings\n");
    let json = r#"{"version":1,"rules":[{"id":"a","match":{"body":{"group.name":"\u{7f}"}},"do":{"outcome":500}}]}"#;
    fs::write(folder.path().join("plain.Json"), json.replace("\\u{7f}", "\u{7f}")).unwrap();
    let end = run(&["check", folder.path().to_str().unwrap()], &[]);
    assert!(end.stdout.ends_with("checked 2 files: 0 errors, 1 warning\n"), "{}", end.stdout);
    let (_folder, path, end) = check("X.yml", &text, &[]);
    let why = "the name \"test\" does not match the file; name the file test too";
    let expected =
        remark("error", &path, &text, (2, 7), why) + "checked 1 file: 1 error, 0 warnings\n";
    assert_eq!((end.stdout, end.code), (expected, Some(2)));
}
