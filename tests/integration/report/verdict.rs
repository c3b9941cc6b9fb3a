//! `exec --verdict` and `exec --junit`: the report decides when the command is content.

use crate::exec::CALL;
use crate::process::{End, run};

/// Runs a bash script below `exec` with these options.
fn exec(options: &[&str], script: &str) -> End {
    let script = format!("{CALL}{script}");
    run(&[&["exec"], options, &["--", "bash", "-c", &script]].concat(), &[])
}

/// For bash: sends the same request twice, though the first was refused for good.
const RETRIES: &str = r#"
wrong='{"type":5}'
create "$GENUIN_TOKEN" "$wrong" >/dev/null; create "$GENUIN_TOKEN" "$wrong" >/dev/null
"#;

const FOUND: &str = "\
fix   retried-permanent: exec/1, exec/2
      the same request was sent again once after bad-request (400)
      do not repeat a request after 400, 401, 404, 412 or a 500 with the code \"5026\": read the code besides the status, and change the request first
2 calls in 1 operation of 1 tenant: 1 to fix, 0 to look at
";

#[test]
fn a_verdict_fails_a_command_that_is_content_with_a_wrong_client() {
    let end = exec(&["--verdict"], RETRIES);
    assert_eq!((end.code, end.stdout.as_str(), end.stderr.as_str()), (Some(1), "", FOUND));
    let end = exec(&["--verdict"], r#"create "$GENUIN_TOKEN" "$valid" >/dev/null"#);
    let clean = "1 call in 1 operation of 1 tenant: 0 to fix, 0 to look at\n";
    assert_eq!((end.code, end.stderr.as_str()), (Some(0), clean));
    let end = exec(&[], RETRIES);
    assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""), "nobody asked");
}

#[test]
fn a_client_that_reaches_no_endpoint_is_told_so() {
    let end = exec(
        &["--verdict"],
        r#"call /api/wrong "Authorization: Bearer $GENUIN_TOKEN\r\n" "$valid" >/dev/null
        create "$GENUIN_TOKEN.no-such" "$valid" >/dev/null"#,
    );
    let found = "\
look  unknown-endpoints: exec/1
      1 call reached no endpoint: \"POST /api/wrong\" in 1 call
      correct the path or the method: the call in the journal says what was probably meant
look  unknown-scenarios: exec/2
      1 call got 501, the first for this: the token names an unknown scenario (scenarios: ambiguous-create, flaky-twice, outage, partner-journey, rush-hour, slow; outcomes: see genuin-sandbox outcomes)
      correct the name or add the scenario: such a call is not answered as the API would
2 calls in 0 operations of 1 tenant: 0 to fix, 2 to look at
";
    assert_eq!((end.code, end.stderr.as_str()), (Some(0), found));
}

#[test]
fn what_is_known_or_only_to_look_at_counts_as_in_a_report() {
    let known = "retried-permanent=ticket 7";
    let ignored = "\
fix   retried-permanent: exec/1, exec/2
      the same request was sent again once after bad-request (400)
      ignored: ticket 7
2 calls in 1 operation of 1 tenant: 0 to fix, 0 to look at, 1 ignored
";
    // of unknown endpoints
    let looked = r#"call /api/wrong "Authorization: Bearer $GENUIN_TOKEN\r\n" "$valid" >/dev/null"#;
    for (options, script, code, stderr) in [
        (&["--ignore", known][..], RETRIES, 0, Some(ignored)),
        (&["--ignore", "retried-permanent:exec=ticket 7"], RETRIES, 0, Some(ignored)),
        (&["--ignore", "retried-permanent:other=x", "--ignore", "no-backoff=x"], RETRIES, 1, None),
        (&["--ignore", "no-backoff=x", "--ignore", known], RETRIES, 0, Some(ignored)),
        (&["--fail-on", "never"], RETRIES, 0, Some(FOUND)),
        (&["--fail-on", "look"], looked, 1, None),
        (&["--fail-on", "look", "--ignore", "unknown-endpoints=x"], looked, 0, None),
    ] {
        let end = exec(&[&["--verdict"], options].concat(), script);
        assert_eq!(end.code, Some(code), "{options:?}: {}", end.stderr);
        if let Some(stderr) = stderr {
            assert_eq!(end.stderr, stderr, "{options:?}");
        }
    }
}

#[test]
fn options_of_a_report_that_is_not_made_or_cannot_be_read_are_refused() {
    for (options, why) in [
        (&["--fail-on", "look"][..], "--fail-on does nothing without --verdict; add --verdict"),
        (
            &["--junit", "nowhere.xml", "--fail-on", "fix"],
            "--fail-on does nothing without --verdict; add --verdict",
        ),
        (
            &["--ignore", "no-backoff=x"],
            "--ignore does nothing without --verdict or --junit; add --verdict or --junit",
        ),
        (&["--verdict", "--ignore", "no-bakoff=x"], "did you mean \"no-backoff\"?"),
        (&["--verdict", "--fail-on", "warn"], "(known: fix, look, never)"),
    ] {
        let end = exec(options, "echo it ran");
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{options:?}");
        assert!(end.stderr.contains(why), "{}", end.stderr);
    }
}

#[test]
fn the_code_of_a_command_that_failed_stays() {
    let end = exec(&["--verdict"], &format!("{RETRIES} exit 7"));
    assert_eq!(end.code, Some(7));
    assert!(end.stderr.starts_with("the sandbox received 2 calls\n"), "{}", end.stderr);
    assert!(end.stderr.ends_with(FOUND), "{}", end.stderr);
}

#[test]
fn a_report_is_written_for_a_ci_server() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.xml");
    let end = exec(&["--junit", file.to_str().unwrap()], RETRIES);
    assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""), "only --verdict judges");
    let xml = std::fs::read_to_string(&file).unwrap();
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"genuin-sandbox\" tests=\"13\" \
                failures=\"1\" errors=\"0\" skipped=\"0\">\n  <testsuite name=\"exec\" ";
    assert!(xml.starts_with(head) && xml.ends_with("</testsuites>\n"), "{xml}");
    let known = ["--junit", file.to_str().unwrap(), "--ignore", "retried-permanent=ticket 7"];
    assert_eq!(exec(&known, RETRIES).code, Some(0));
    let xml = std::fs::read_to_string(&file).unwrap();
    assert!(xml.contains(" failures=\"0\" errors=\"0\" skipped=\"1\">"), "{xml}");
    assert!(xml.contains("<skipped message=\"ignored: ticket 7\"/>"), "{xml}");
}

#[test]
fn a_file_that_cannot_be_written_is_refused_before_the_command_runs() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nowhere/report.xml");
    let end = exec(&["--junit", file.to_str().unwrap()], "echo it ran");
    assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""));
    assert!(end.stderr.starts_with("error: cannot write "), "{}", end.stderr);
}

#[test]
fn files_of_an_earlier_run_are_never_left_when_this_one_fails() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let [xml, har, link, target] = ["r.xml", "c.har", "link.xml", "target.xml"].map(at);
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let plain = at("plain");
    std::fs::write(&plain, "").unwrap();
    let cases: [(&[&str], &str, i32); 4] = [
        (&[], "/nowhere/at-all", 127),
        (&[], &plain, 126),
        (&[], "", 127),
        (&["--fixtures", "/nowhere.yaml"], "true", 2),
    ];
    for (options, name, code) in cases {
        for file in [&xml, &har, &target] {
            std::fs::write(file, "of an earlier run").unwrap();
        }
        for junit in [&xml, &link] {
            let all = [&["exec", "--junit", junit, "--har", &har], options, &["--", name]].concat();
            let end = run(&all, &[]);
            assert_eq!((end.code, end.stdout.as_str()), (Some(code), ""), "{}", end.stderr);
        }
        let left = [&xml, &har, &target].map(|file| std::fs::read_to_string(file).ok());
        assert_eq!(left, [None, None, Some(String::new())], "{options:?} {name}");
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    }
    let end = exec(&["--junit", &link, "--har", &har], "");
    assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""));
    assert!(std::fs::read_to_string(&target).unwrap().ends_with("</testsuites>\n"));
}

#[test]
fn no_file_is_written_twice_or_over_one_that_is_read() {
    type Case<'c> = (&'c [&'c str], &'c [(&'c str, &'c str)], &'c str, &'c str);
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    std::fs::create_dir(&inner).unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let [file, roundabout, link, world] = ["a.xml", "inner/../a.xml", "link", "world.yaml"].map(at);
    std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/empty.yaml"), &world).unwrap();
    std::os::unix::fs::symlink(&world, &link).unwrap();
    let cases: [Case; 6] = [
        (&["--har", &file, "--junit", &file], &[], "--har and --junit", &file),
        (&["--har", &file, "--junit", &roundabout], &[], "--har and --junit", &roundabout),
        (&["--har", &world, "--junit", &link], &[], "--har and --junit", &link),
        (&["--har", &world, "--fixtures", &world], &[], "--har and --fixtures", &world),
        (&["--junit", &link], &[("GNSB_FIXTURES", &world)], "--junit and GNSB_FIXTURES", &world),
        (
            &["--har", &world],
            &[("GNSB_ADMIN_TOKEN_FILE", &link)],
            "--har and GNSB_ADMIN_TOKEN_FILE",
            &link,
        ),
    ];
    for (options, variables, which, name) in cases {
        let all = [&["exec"], options, &["--", "echo", "it ran"]].concat();
        let end = run(&all, variables);
        let why = format!("error: {which} name the same file {name}; name two\n");
        assert_eq!((end.code, end.stdout.as_str(), end.stderr), (Some(2), "", why));
        assert!(!std::path::Path::new(&file).exists());
    }
    let end = run(&["--listen", "127.0.0.1:0", "--port-file", &link, "--fixtures", &world], &[]);
    assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""));
    let why = format!("--port-file and --fixtures name the same file {world}; name two\n");
    assert!(end.stderr.ends_with(&why), "{}", end.stderr);
    assert!(std::fs::read_to_string(&world).unwrap().contains("version: 1"), "it is as it was");
    let end = exec(&["--har", "/dev/null", "--junit", "/dev/null"], "echo it ran");
    assert_eq!((end.code, end.stdout.as_str(), end.stderr.as_str()), (Some(0), "it ran\n", ""));
}

#[test]
fn a_call_that_hangs_until_the_sandbox_ends_was_never_timed_out() {
    let binary = env!("CARGO_BIN_EXE_genuin-sandbox");
    let script = format!(
        r#"
        {{ call "/~hang/api/thirdparty/group/create" "Authorization: Bearer $GENUIN_TOKEN\r\n" "$valid" & }} >/dev/null 2>&1
        until {binary} requests | grep -q hang; do :; done
        "#
    );
    let end = exec(&["--verdict"], &script);
    assert!(end.stderr.contains("look  never-timed-out: exec/"), "{}", end.stderr);
    assert!(end.stderr.contains(", until the server ended the call\n"), "{}", end.stderr);
}
