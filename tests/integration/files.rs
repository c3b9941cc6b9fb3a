//! Files that options and variables name: only regular ones of a bounded size are read, whatever they say
//! of themselves.

use std::os::unix::fs::symlink;
use std::process::Command;

use tempfile::TempDir;

use crate::process::run;

/// Things that are no file to read; each is at a path of its own.
struct Traps(TempDir);

impl Traps {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        symlink("/dev/zero", at("device")).unwrap();
        // a regular file that says it has no bytes and does not end
        symlink("/proc/self/pagemap", at("endless")).unwrap();
        std::fs::create_dir(at("folder")).unwrap();
        // longer than any limit, and without a block on the disk
        let long = std::fs::File::create(at("long")).unwrap();
        long.set_len(128 * 1024 * 1024 + 1).unwrap();
        assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
        Self(folder)
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }
}

/// What the error says about each of them.
fn reasons(limit_bytes: u64) -> [(&'static str, String); 5] {
    let irregular = format!("it is not a regular file; name one of at most {limit_bytes} bytes\n");
    let long = format!("it has more than {limit_bytes} bytes, which is the limit\n");
    let folder = format!("it is a directory; name a regular file of at most {limit_bytes} bytes\n");
    [
        ("device", irregular.clone()),
        ("endless", long.clone()),
        ("folder", folder),
        ("long", long),
        ("pipe", irregular),
    ]
}

#[test]
fn a_token_file_is_a_small_regular_file() {
    let traps = Traps::new();
    let serve = ["--listen", "127.0.0.1:0"];
    let commands: [&[&str]; 3] = [&serve, &["requests"], &["override", "list"]];
    for (name, reason) in reasons(8192) {
        let path = traps.path(name);
        for arguments in commands {
            let end = run(arguments, &[("GNSB_ADMIN_TOKEN_FILE", &path)]);
            let expected = format!(
                "error: GNSB_ADMIN_TOKEN_FILE: cannot read the admin token from {path}: {reason}"
            );
            assert_eq!(
                (end.code, end.stdout.as_str(), end.stderr),
                (Some(2), "", expected),
                "{arguments:?}"
            );
        }
        let end = run(&["exec", "--", "true"], &[("GNSB_ADMIN_TOKEN_FILE", &path)]);
        assert_eq!(end.code, Some(2), "{}", end.stderr);
    }
}

#[test]
fn a_token_file_without_a_token_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let path = path.to_str().unwrap();
    for (text, reason) in [
        ("", " is empty; set a token of visible ASCII, or unset it to have none"),
        (" \n\t\n", " is empty; set a token of visible ASCII, or unset it to have none"),
        ("a\nb\n", ": the admin token must be visible ASCII without spaces"),
    ] {
        std::fs::write(path, text).unwrap();
        for arguments in [&["--listen", "127.0.0.1:0"][..], &["reset"]] {
            let end = run(arguments, &[("GNSB_ADMIN_TOKEN_FILE", path)]);
            let expected = format!("error: GNSB_ADMIN_TOKEN_FILE: {path}{reason}\n");
            assert_eq!((end.code, end.stderr), (Some(2), expected), "{text:?}");
        }
    }
}

#[test]
fn a_fixture_file_is_a_regular_file_of_bounded_size() {
    let traps = Traps::new();
    for (name, reason) in reasons(128 * 1024 * 1024) {
        let path = traps.path(name);
        for (arguments, variables, origin) in [
            (&["--fixtures", &*path][..], &[][..], "--fixtures"),
            (&[], &[("GNSB_FIXTURES", &*path)], "GNSB_FIXTURES"),
        ] {
            let end = run(&[&["--listen", "127.0.0.1:0"], arguments].concat(), variables);
            let expected = format!("error: {origin}: cannot read fixtures {path}: {reason}");
            assert_eq!((end.code, end.stdout.as_str(), end.stderr), (Some(2), "", expected));
        }
    }
}

#[test]
fn a_scenario_file_is_a_regular_file_of_bounded_size() {
    for (name, reason) in reasons(1024 * 1024) {
        if name == "folder" {
            continue;
        }
        let traps = Traps::new();
        let scenarios = tempfile::tempdir().unwrap();
        let path = scenarios.path().join("a.yaml");
        std::fs::rename(traps.path(name), &path).unwrap();
        let path = path.to_str().unwrap();
        let expected = format!("{path}:1:1: cannot read: {reason}");
        let end = run(&["check", path], &[]);
        assert_eq!(end.stdout, format!("error: {expected}checked 1 file: 1 error, 0 warnings\n"));
        let folder = scenarios.path().to_str().unwrap();
        let end = run(&["--listen", "127.0.0.1:0", "--scenarios", folder], &[]);
        assert_eq!((end.code, end.stderr), (Some(2), format!("error: {expected}")));
    }
}
