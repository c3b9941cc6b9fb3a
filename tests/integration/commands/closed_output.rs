//! Output that nobody reads to its end, as in `… | head -1`.

use std::io::{BufRead as _, BufReader};

use super::{call, url};
use crate::process::{Process, command, run_unread};

#[test]
fn a_command_whose_reader_has_left_ends_as_if_all_was_printed() {
    let process = Process::start(&[]);
    call(&process);
    let url = url(&process);
    let cases: [(&[&str], i32); 14] = [
        (&["outcomes"], 0),
        (&["outcomes", "--json"], 0),
        (&["check", "scenarios"], 0),
        (&["requests", "--url", &url], 0),
        (&["requests", "--json", "--url", &url], 0),
        (&["requests", "--follow", "--url", &url], 0),
        (&["override", "show", "--url", &url], 0),
        (&["override", "clear", "--url", &url], 0),
        (&["verify", "--url", &url], 0),
        (&["verify", "--exactly", "2", "--url", &url], 1),
        (&["reset", "--url", &url], 0),
        (&["completions", "zsh"], 0),
        (&["man", "serve"], 0),
        (&["--help"], 0),
    ];
    for (arguments, code) in cases {
        assert_eq!(run_unread(arguments), (Some(code), String::new()), "{arguments:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bad.yaml");
    std::fs::write(&file, "version: 2\n").unwrap();
    let (code, _) = run_unread(&["check", file.to_str().unwrap()]);
    assert_eq!(code, Some(2), "the verdict stays");
}

#[test]
fn a_full_disk_is_an_error() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    for arguments in [&["outcomes"][..], &["--help"], &["--version"], &["override", "set", "-h"]] {
        let full = full.try_clone().unwrap();
        let output = command(arguments, &[]).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.starts_with("error: cannot print: "), "{arguments:?}: {stderr}");
    }
}

#[test]
fn following_ends_when_its_reader_leaves_though_no_call_comes() {
    let process = Process::start(&[]);
    call(&process);
    let url = url(&process);
    let mut child = command(&["requests", "--follow", "--url", &url], &[]).spawn().unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert!(line.contains(" 200 ok "), "{line}");
    drop(reader);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}
