//! `genuin-sandbox check` on invalid files.

use std::process::Command;

use super::check_command::{check, remark, rules};
use crate::process::run;

#[test]
fn a_bad_file_is_refused_with_its_place_and_advice() {
    let known_here =
        "(known: id, match, do, then, phase, chance, limit, rate, scope, enabled and 1 more)";
    let cases = [
        (
            rules("- id: a\n  dow: { outcome: 500 }\n  do: { outcome: 500 }"),
            (5, 3),
            format!("unknown key \"dow\"; did you mean \"do\"? {known_here}"),
        ),
        (
            rules("- { id: a, do: { outcome: sever-error } }"),
            (4, 27),
            "unknown outcome \"sever-error\"; did you mean \"server-error\"? (see genuin-sandbox outcomes)".into(),
        ),
        (
            rules("- { id: a, do: { outcome: 5027 } }"),
            (4, 27),
            "unknown outcome \"5027\"; did you mean \"5026\"? (see genuin-sandbox outcomes)".into(),
        ),
        (
            rules("- { id: a, do: { fault: rset } }"),
            (4, 25),
            "unknown fault \"rset\"; did you mean \"reset\"? (known: reset, close, truncate, garbage, hang)".into(),
        ),
        (
            rules("- { id: a, do: { outcome: 500 } }\n- { id: b, do: { outcome: 500 } }\n- { id: a, do: { outcome: 404 } }"),
            (6, 9),
            "duplicate rule id \"a\" (first used on line 4)".into(),
        ),
        (
            rules("- { id: a, do: { outcome: 500 } }").replace("name: test", "name: other"),
            (2, 7),
            "the name \"other\" does not match the file; write name: test".into(),
        ),
        (
            rules("- { id: a, rate: 5, do: { outcome: 500 } }"),
            (4, 18),
            "invalid rate \"5\"; write calls/time, like 5/1s".into(),
        ),
        (
            rules("- { id: a, scope: 1.50, do: { outcome: 500 } }"),
            (4, 19),
            "unknown scope \"1.50\"; write tenant or field:<dotted>".into(),
        ),
        (
            rules("- { id: a, chance: 1.5, do: { outcome: 500 } }"),
            (4, 20),
            "chance must be from 0 to 1, not 1.5".into(),
        ),
        (
            rules("- { id: a, do: { outcome: ok, delay: 5 minutes } }"),
            (4, 38),
            "\"5 minutes\" is not a duration; write it like 200ms, 1.5s, 2m or 25h".into(),
        ),
        (
            rules("- { id: a, limit: 0, do: { outcome: 500 } }"),
            (4, 19),
            "limit must be at least 1; to turn the rule off write enabled: false".into(),
        ),
        (
            rules("- { id: a, do: { outcome: ok, delay: 2w } }"),
            (4, 38),
            "\"2w\" is not a duration; write it like 200ms, 1.5s, 2m or 25h".into(),
        ),
        (
            rules("- { id: a, match: { body: { group.nmae: x } }, do: { outcome: 500 } }"),
            (4, 29),
            "the contract has no field \"group.nmae\"; did you mean \"group.name\"?".into(),
        ),
        (
            rules("- { id: a, phase: after-comit, do: { outcome: 500 } }"),
            (4, 19),
            "unknown phase \"after-comit\"; did you mean \"after-commit\"? (known: before-auth, after-auth, after-validation, after-commit)".into(),
        ),
        (
            rules("- { id: a, do: { outcome: 500, headers: { Content-Length: \"1\" } } }"),
            (4, 43),
            "content-length is set by the server; to break the framing use a fault".into(),
        ),
        (
            rules("- { id: a, do: { outcome: 500, fault: hang } }"),
            (4, 27),
            "a step takes an outcome or a fault, not both; remove one".into(),
        ),
        (
            rules("- { id: a, match: &x { nth: 1 }, do: { outcome: 500 } }\n- { id: b, match: *x, do: { outcome: 500 } }"),
            (4, 22),
            "anchors (&) and aliases (*) are not supported; write the value out".into(),
        ),
        (rules("  []"), (4, 3), "a scenario needs at least one rule".into()),
    ];
    for (text, place, why) in cases {
        assert_refused(&text, place, &why);
    }
}

#[test]
fn what_matches_nothing_and_what_yaml_makes_of_a_word_is_refused() {
    for (text, place, why) in [
        (
            rules("- { id: a, match: { any: [] }, do: { outcome: 500 } }"),
            (4, 26),
            "any needs at least one match; add one, or remove any",
        ),
        (
            rules("- { id: a, match: { nth: 1, not: { any: [] } }, do: { outcome: 500 } }"),
            (4, 41),
            "any needs at least one match; add one, or remove any",
        ),
        (
            rules(
                "- { id: a, match: { body: { group.name: { type: array } } }, do: { outcome: 500 } }",
            ),
            (4, 49),
            "unknown type \"array\"; did you mean \"list\"?",
        ),
        (
            rules(
                "- { id: a, match: { body: { group.name: { absent: null } } }, do: { outcome: 500 } }",
            ),
            (4, 41),
            "absent is null, which stands for a key that is left out; a matcher needs a condition, for \
             example present: true",
        ),
        (
            rules("- { id: a, match: { nth: off }, do: { outcome: 500 } }"),
            (4, 26),
            "expected a number from 1, \"2..5\", odd, even or \"every 3\", found the text \"off\"",
        ),
        (
            rules("- { id: a, then: no, do: { outcome: 500 } }"),
            (4, 18),
            "unknown then \"no\" (known: fall-through, repeat, hold-last)",
        ),
        (
            rules("- { id: a, do: { fault: yes } }"),
            (4, 25),
            "unknown fault \"yes\" (known: reset, close, truncate, garbage, hang)",
        ),
    ] {
        assert_refused(&text, place, why);
    }
}

#[test]
fn the_headers_of_a_step_may_have_16_kib_together() {
    let check_headers = |length: usize| {
        let (first, second) = ("v".repeat(8000), "w".repeat(length - 8000 - "x-ax-b".len()));
        let step = format!("{{ outcome: 500, headers: {{ x-a: {first}, x-b: {second} }} }}");
        let (_folder, path, end) =
            check("test.yaml", rules(&format!("- {{ id: a, do: {step} }}")), &[]);
        (path, end)
    };
    assert_eq!(check_headers(16_384).1.code, Some(0));
    let (path, end) = check_headers(16_385);
    let expected = format!(
        "error: {path}:4:41: the headers have 16385 bytes together, names and values, and a step can have \
         16384; shorten them"
    );
    let output = format!("{}{}", end.stdout, end.stderr);
    assert_eq!((output.lines().next(), end.code), (Some(expected.as_str()), Some(2)));
}

#[test]
fn an_example_that_makes_no_call_or_has_another_path_is_refused() {
    for (text, place, why) in [
        (
            rules("- { id: a, do: { outcome: 500 } }") + "examples:\n- { expect: [] }\n",
            (6, 13),
            "expect needs at least one outcome: an example makes a call for each",
        ),
        (
            rules("- { id: a, do: { outcome: 500 } }")
                + "examples:\n- { endpoint: update_conversation, path: { chatid: x }, expect: [ok] }\n",
            (6, 44),
            "the path of update_conversation has no parameter \"chatid\"; did you mean \"chat_id\"?",
        ),
        (
            rules("- { id: a, do: { outcome: 500 } }")
                + "examples:\n- { path: { chat_id: x }, expect: [500] }\n",
            (6, 13),
            "the path of create_group has no parameters; remove \"chat_id\"",
        ),
        (
            rules("- { id: a, do: { outcome: 500 } }")
                + "examples:\n- { endpoint: update_conversation, path: { chat_id: '' }, expect: [ok] }\n",
            (6, 53),
            "a parameter of a path cannot be empty",
        ),
    ] {
        assert_refused(&text, place, why);
    }
}

#[test]
fn a_matcher_that_contradicts_itself_is_refused() {
    let end = "so that nothing matches; remove one of them";
    for (conditions, key, why) in [
        (
            "present: true, absent: true",
            "absent",
            "absent wants no value here and present wants one",
        ),
        (
            "absent: false, present: false",
            "present",
            "present wants no value here and absent wants one",
        ),
        ("absent: true, glob: 'a*'", "absent", "absent wants no value here and glob wants one"),
        (
            "min_len: 1, present: false",
            "present",
            "present wants no value here and min_len wants one",
        ),
        (
            "equals: null, present: true",
            "equals",
            "equals wants no value here and present wants one",
        ),
        ("in: [null], type: string", "in", "in wants no value here and type wants one"),
        ("type: 'null', regex: 'a'", "type", "type wants no value here and regex wants one"),
        ("min_len: 3, max_len: 2", "max_len", "min_len 3 is greater than max_len 2"),
    ] {
        let rule = format!(
            "- {{ id: a, match: {{ body: {{ group.name: {{ {conditions} }} }} }}, do: {{ outcome: 500 }} }}"
        );
        let column = rule.find(&format!("{key}: ")).unwrap() + 1;
        assert_refused(&rules(&rule), (4, column), &format!("{why}, {end}"));
    }
    for fits in
        ["present: true, absent: false", "in: [null, a], absent: true", "min_len: 2, max_len: 2"]
    {
        let rule = format!(
            "- {{ id: a, match: {{ body: {{ group.name: {{ {fits} }} }} }}, do: {{ outcome: 500 }} }}"
        );
        let (_folder, _path, end) = check("test.yaml", rules(&rule), &[]);
        assert_eq!(end.code, Some(0), "{fits}: {}", end.stdout);
    }
}

/// Asserts that `check` reports this problem and no other.
fn assert_refused(text: &str, place: (usize, usize), why: &str) {
    let (_folder, path, end) = check("test.yaml", text, &[]);
    let expected =
        remark("error", &path, text, place, why) + "checked 1 file: 1 error, 0 warnings\n";
    assert_eq!((end.stdout.as_str(), end.code), (&*expected, Some(2)));
    assert_eq!(end.stderr, "error: check failed: 1 error in 1 file\n");
}

#[test]
fn a_mistake_that_yaml_allows_or_hides_is_refused_where_it_is() {
    for (text, place, why) in [
        (
            rules("- { id: a, do: { outcome: 200 } }"),
            (4, 27),
            "unknown outcome \"200\"; did you mean \"ok\"? (see genuin-sandbox outcomes)",
        ),
        (
            rules("- { id: a, do: { outcome: \"500 } }\n- { id: \"b\", do: { outcome: 404 } }"),
            (4, 27),
            "the quote that opens here is closed on line 5, column 9, and more text follows; close it where its text ends",
        ),
        (
            rules("- { id: a, do: [500] }"),
            (4, 17),
            "expected a step like { outcome: server-error }, found the number 500",
        ),
        (
            rules("- { id: a, do: { outcome: true } }"),
            (4, 27),
            "unknown outcome \"true\" (see genuin-sandbox outcomes)",
        ),
        (
            rules("- { id: a, phase: 2, do: { fault: hang } }"),
            (4, 19),
            "unknown phase \"2\" (known: before-auth, after-auth, after-validation, after-commit)",
        ),
        (
            rules("- { id: a, do: { fault: 500 } }"),
            (4, 25),
            "unknown fault \"500\" (known: reset, close, truncate, garbage, hang)",
        ),
        (
            rules("- id: a\n\tdo: { outcome: 500 }"),
            (5, 1),
            "a tab cannot indent a line; use spaces",
        ),
        (
            rules("- { id: a, match: { body: { group.name: 2024 } }, do: { outcome: 500 } }"),
            (4, 41),
            "group.name is a string, which never equals the number 2024; put it in quotes",
        ),
    ] {
        assert_refused(&text, place, why);
    }
}

#[test]
fn an_error_of_a_library_is_reported_with_its_place() {
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    let in_blocks = |depth: usize| format!("rules: \n{}1", "- ".repeat(depth));
    for (text, place, why) in [
        (
            rules(
                "- { id: a, match: { body: { group.name: { regex: \"(\" } } }, do: { outcome: 500 } }",
            ),
            "4:50",
            "not a regular expression: ",
        ),
        (rules("- { id: a, do: { outcome: 500 }"), "4:3", ""),
        (rules("- { id: a, id: b, do: { outcome: 500 } }"), "4:12", "duplicate mapping key: id"),
        (nested(33), "1:", "nested too deep, the limit is 32 levels"),
        (nested(100_000), "1:", "nested too deep, the limit is 32 levels"),
        (in_blocks(33), "2:", "nested too deep, the limit is 32 levels"),
        (in_blocks(100_000), "2:", "nested too deep, the limit is 32 levels"),
        (format!("[{}]", "1,".repeat(10_001)), "1:", "too many values, the limit is 10000"),
        ("version: 1\n--- 2\n".into(), "2:", "a second document starts here"),
        (String::new(), "1:1", "the file is empty"),
        (" \n\n".into(), "1:1", "the file is empty"),
        ("# only a remark\n".into(), "2:1", "expected a map, found nothing"),
        (
            format!("#{}", " ".repeat(1024 * 1024)),
            "1:1",
            "has more than 1048576 bytes, which is the limit",
        ),
    ] {
        let (_folder, path, end) = check("test.yaml", &text, &[]);
        let start: String = text.chars().take(60).collect();
        assert_eq!(end.code, Some(2), "{start}: {}{}", end.stdout, end.stderr);
        let first = end.stdout.lines().next().unwrap_or_default();
        assert!(first.starts_with(&format!("error: {path}:{place}")), "{start}: {first}");
        assert!(first.contains(why), "{start}: {first}");
        assert!(end.stdout.ends_with(": 1 error, 0 warnings\n"), "{start}: {}", end.stdout);
    }
}

#[test]
fn a_json_file_is_read_as_json_only() {
    let good = r#"{"version":1,"rules":[{"id":"a","do":{"outcome":500}}]}"#;
    for (text, place, why) in [
        (good.replace("]}", ",]}"), (1, 55), "expected value"),
        (format!("# remark\n{good}"), (1, 1), "expected value"),
        (good.replace("{\"id\"", "{\"id\":\"b\",\"id\""), (1, 33), "duplicate mapping key: id"),
        (good[..38].to_owned(), (1, 38), "unclosed bracket '{'"),
    ] {
        let (_folder, path, end) = check("test.JSON", &text, &[]);
        let expected =
            remark("error", &path, &text, place, why) + "checked 1 file: 1 error, 0 warnings\n";
        assert_eq!((end.stdout.as_str(), end.code), (&*expected, Some(2)));
    }
}

#[test]
fn a_file_that_is_not_utf8_is_refused() {
    let (_folder, path, end) = check("test.yaml", b"version: 1\nname: \xff\n", &[]);
    let expected = format!(
        "error: {path}:1:1: cannot read: it is not UTF-8\nchecked 1 file: 1 error, 0 warnings\n"
    );
    assert_eq!((end.code, end.stdout), (Some(2), expected));
}

#[test]
fn a_pipe_is_refused_without_waiting_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.yaml");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    for named in [&path, &folder.path().to_owned()] {
        let end = run(&["check", named.to_str().unwrap()], &[]);
        let expected = format!(
            "error: {}:1:1: cannot read: it is not a regular file; name one of at most 1048576 bytes\n\
             checked 1 file: 1 error, 0 warnings\n",
            path.display()
        );
        assert_eq!((end.code, end.stdout), (Some(2), expected));
    }
    let end =
        run(&["--listen", "127.0.0.1:0", "--scenarios", folder.path().to_str().unwrap()], &[]);
    assert_eq!(end.code, Some(2));
    assert!(
        end.stderr.contains("test.yaml:1:1: cannot read: it is not a regular file"),
        "{}",
        end.stderr
    );
}

#[test]
fn a_missing_path_is_refused() {
    let end = run(&["check", "/nowhere.yaml"], &[]);
    let expected = "error: /nowhere.yaml does not exist; name scenario files or directories\n";
    assert_eq!((end.code, end.stdout.as_str(), end.stderr.as_str()), (Some(2), "", expected));
}
