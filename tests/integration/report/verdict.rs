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
      1 call got 501, the first for this: the token names an unknown scenario
      correct the name or add the scenario: such a call is not answered as the API would
2 calls in 0 operations of 1 tenant: 0 to fix, 2 to look at
";
    assert_eq!((end.code, end.stderr.as_str()), (Some(0), found));
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
}

#[test]
fn a_file_that_cannot_be_written_is_refused_before_the_command_runs() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nowhere/report.xml");
    let end = exec(&["--junit", file.to_str().unwrap()], "echo it ran");
    assert_eq!((end.code, end.stdout.as_str()), (Some(125), ""));
    assert!(end.stderr.starts_with("error: cannot write "), "{}", end.stderr);
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
