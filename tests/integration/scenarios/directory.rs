//! The directory of the scenario files: what stands in its place, and files in it that are not used.

use std::fs;

use serde_json::{Value, json};

use super::write_rules;
use crate::admin::ask;
use crate::process::{Process, run};

#[test]
fn a_file_that_an_upload_hides_is_told_until_the_upload_is_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let mut process = Process::start(&["--log", "warn", "--scenarios", path]);
    let address = process.address;
    let upload = r#"{"version": 1, "rules": [{"id": "a", "do": {"outcome": 500}}]}"#;
    assert_eq!(ask(address, "PUT", "scenarios/late", upload).status, 200);
    let unused = || ask(address, "GET", "status", "").json()["scenarios"]["unused_files"].clone();
    assert_eq!(unused(), Value::Null);
    write_rules(&folder, "late", "- { id: a, do: { outcome: 404 } }");
    let why = "the file of the scenario late is not used, since an uploaded scenario has the same name and wins; \
               to use it, delete the upload";
    process.log_line(why);
    assert_eq!(unused(), json!([why]));
    let url = format!("http://{address}");
    let printed = || run(&["status", "--url", &url], &[]).stdout;
    assert!(printed().contains(&format!("\nwarning: {why}\n")), "{}", printed());
    ask(address, "DELETE", "scenarios/late", "");
    assert_eq!(unused(), Value::Null);
    assert!(!printed().contains("warning"), "{}", printed());
}

#[test]
fn a_file_in_the_place_of_the_directory_is_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("srv.log");
    fs::write(&path, "").unwrap();
    let text = path.to_str().unwrap();
    let what = "is a file, not a directory; name the directory that the scenario files are in";
    for (arguments, variables, origin) in [
        (&["--scenarios", text][..], &[][..], "--scenarios"),
        (&["serve"], &[("GNSB_SCENARIOS", text)], "GNSB_SCENARIOS"),
    ] {
        let end = run(&[arguments, &["--listen", "127.0.0.1:0"]].concat(), variables);
        let expected = format!("error: {origin}: {text} {what}\n");
        assert_eq!((end.code, end.stderr), (Some(2), expected));
    }
    let below = path.join("scenarios");
    let end = run(&["--listen", "127.0.0.1:0", "--scenarios", below.to_str().unwrap()], &[]);
    assert_eq!((end.code, end.stderr.lines().count()), (Some(2), 1), "{}", end.stderr);
}
