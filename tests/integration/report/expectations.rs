//! `expect:` in scenario files: read by `check`, judged by `report`.

use serde_json::{Value, json};

use super::{Client, group};
use crate::admin::{each, list, read};
use crate::harness::App;
use crate::process::run;
use crate::scenarios::write_rules;

const RULES: &str = "- { id: lost, do: { outcome: 5026, times: 1 } }";

#[test]
fn a_scenario_binds_every_tenant_that_uses_it() {
    let folder = tempfile::tempdir().unwrap();
    let expect = "expect:\n- { no: retried-permanent }\n- { outcome: 5026, count: { max: 1, min: 1 } }\n\
                  - outcome: ok";
    write_rules(&folder, "lost-video", &format!("{RULES}\n{expect}"));
    let app = App::with(|builder| builder.scenarios(folder.path()));
    let address = app.sandbox.address();
    let (good, wrong) = (Client::new(address, "good"), Client::new(address, "wrong"));
    assert_eq!(good.status("lost-video", &group("x")), 500);
    assert_eq!(good.status("lost-video", &group("y")), 200);
    assert_eq!(wrong.status("lost-video", &group("x")), 500);
    assert_eq!(wrong.status("", &group("x")), 200);
    Client::new(address, "other").status("", &group("x"));
    let report = read(address, "report");
    let entry = |tenant: &str, expect: Value, met: bool, detail: &str| json!({"scenario": "lost-video", "tenant": tenant, "expect": expect, "met": met, "detail": detail});
    let no = json!({"no": "retried-permanent"});
    let once = json!({"outcome": "video-not-found", "count": {"min": 1, "max": 1}});
    let ok = json!({"outcome": "ok"});
    let exactly = "expected exactly 1 matching call, found 1";
    let expected = [
        entry("good", no.clone(), true, "not found"),
        entry("good", once.clone(), true, exactly),
        entry("good", ok.clone(), true, "expected at least 1 matching call, found 1"),
        entry("wrong", no, false, "found in calls 1, 2"),
        entry("wrong", once, true, exactly),
        entry("wrong", ok, false, "expected at least 1 matching call, found 0"),
    ];
    assert_eq!(list(&report, "expectations"), expected);
    let url = app.sandbox.url();
    for (tenant, code) in [("good", 0), ("wrong", 1), ("other", 0)] {
        let end = run(&["report", "--url", &url, "--tenant", tenant], &[]);
        assert_eq!(end.code, Some(code), "{}", end.stdout);
    }
    let ignored = read(address, "tenants/wrong/report?ignore=retried-permanent=known");
    assert_eq!(each(&list(&ignored, "expectations"), "met"), [true, true, false]);
    assert_eq!(list(&ignored, "expectations")[0]["detail"], "ignored: known");
}

#[test]
fn an_unmet_expectation_fails_whatever_is_found() {
    let folder = tempfile::tempdir().unwrap();
    write_rules(&folder, "lost-video", &format!("{RULES}\nexpect: [ {{ outcome: reset }} ]"));
    let app = App::with(|builder| builder.scenarios(folder.path()));
    Client::new(app.sandbox.address(), "demo").status("lost-video", &group("x"));
    let end = run(&["report", "--url", &app.sandbox.url()], &[]);
    let expected = "\
unmet lost-video for demo: outcome reset: expected at least 1 matching call, found 0
1 call in 1 operation of 1 tenant: 0 to fix, 0 to look at, 1 expectation not met
";
    assert_eq!((end.code, end.stdout.as_str()), (Some(1), expected));
    let xml = run(&["report", "--url", &app.sandbox.url(), "--format", "junit"], &[]).stdout;
    let case = "name=\"lost-video: outcome reset\">\n      <failure message=\"not met\">";
    assert!(xml.contains(case), "{xml}");
}

#[test]
fn check_refuses_expectations_that_say_nothing_with_the_place() {
    for (expect, problem) in [
        (
            "{ no: duplicate-after-unknwon }",
            "4:16: unknown rule \"duplicate-after-unknwon\"; did you mean \"duplicate-after-unknown\"?",
        ),
        (
            "{ outcome: video-not-fuond }",
            "4:21: unknown outcome \"video-not-fuond\"; did you mean \"video-not-found\"?",
        ),
        ("{ outcom: ok }", "4:12: unknown key \"outcom\"; did you mean \"outcome\"?"),
        ("{ outcome: ok, count: { mni: 1 } }", "4:34: unknown key \"mni\"; did you mean \"min\"?"),
        ("{ outcome: ok, count: {} }", "4:32: count needs min, max or exactly"),
        ("{ outcome: ok, count: { min: 2, max: 1 } }", "4:32: min must not be greater than max"),
        (
            "{ no: retry-storm, count: { min: 1 } }",
            "4:36: count belongs to outcome; no means that there is none",
        ),
        (
            "{ no: retry-storm, outcome: ok }",
            "4:10: no and outcome are two expectations; write one item for each",
        ),
        ("{}", "4:10: an expectation needs no or outcome"),
        ("5026", "4:10: expected a map, found the number 5026"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("test.yaml");
        let text = format!(
            "version: 1\nname: test\nrules: [ {{ id: a, do: {{ outcome: 500 }} }} ]\nexpect: [{expect}]\n"
        );
        std::fs::write(&file, text).unwrap();
        let end = run(&["check", file.to_str().unwrap()], &[]);
        assert_eq!(end.code, Some(2), "{expect}: {}", end.stdout);
        assert!(end.stdout.contains(problem), "{expect}: {}", end.stdout);
    }
}
