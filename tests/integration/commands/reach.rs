//! How commands find a running sandbox and authenticate.

use std::io::{BufRead as _, Write as _};

use super::{run_on, url};
use crate::process::{Process, command, run};

/// A URL that no sandbox listens on.
const NOBODY: &str = "http://127.0.0.1:1";

/// One example of each command that talks to a sandbox.
const COMMANDS: [&[&str]; 15] = [
    &["override", "set", "500"],
    &["override", "show"],
    &["override", "list"],
    &["override", "clear"],
    &["reset"],
    &["requests"],
    &["verify", "--max", "0"],
    &["status"],
    &["scenarios"],
    &["scenarios", "slow"],
    &["state"],
    &["explain", "{}"],
    &["clock", "show"],
    &["clock", "advance", "1s"],
    &["clock", "resume"],
];

#[test]
fn an_unreachable_sandbox_ends_with_code_1_and_a_hint() {
    let follow: &[&str] = &["requests", "--follow"];
    for arguments in COMMANDS.into_iter().chain([follow]) {
        let end = run(&[arguments, &["--url", NOBODY]].concat(), &[]);
        assert_eq!((end.code, end.stdout.as_str()), (Some(1), ""), "{arguments:?}");
        let hint = format!(
            "error: cannot reach a sandbox at {NOBODY}; start one, or set --url (GNSB_URL): Connection "
        );
        assert!(end.stderr.starts_with(&hint), "{}", end.stderr);
        assert_eq!(end.stderr.lines().count(), 1, "{}", end.stderr);
    }
}

#[test]
fn an_invalid_url_is_refused_and_no_password_in_it_is_shown() {
    for (text, why) in [
        ("127.0.0.1:4368", "no scheme; write a URL like http://127.0.0.1:4368 or "),
        ("ftp://127.0.0.1", "the scheme is neither http nor https; write a URL like "),
        ("http://:4368", "it has no host; write a URL like "),
        ("http://127.0.0.1:65536", "the port is not a number from 1 to 65535"),
        ("http://127.0.0.1/?tenant=qa", "it has a query; remove the ? and what follows"),
        ("http://127.0.0.1#calls", "it has a fragment; remove the # and what follows"),
        ("http://ann:s3same@127.0.0.1:1", "it has a user name or a password, which is never sent"),
        ("http://s3same@127.0.0.1?a#b", "it has a user name or a password, which is never sent"),
    ] {
        let typed = run(&["requests", "--url", text], &[]);
        let set = run(&["status"], &[("GNSB_URL", text)]);
        let served = run(&["serve", "--public-url", text], &[]);
        for (end, origin) in [(typed, "--url"), (set, "GNSB_URL"), (served, "--public-url")] {
            assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{text:?}");
            let names = [format!("error: {origin}: invalid value "), format!(": {why}")];
            assert!(names.iter().all(|name| end.stderr.contains(name)), "{text:?}: {}", end.stderr);
            assert!(!end.stderr.contains("s3same"), "{}", end.stderr);
        }
    }
    let end = run(&["status", "http://ann:s3same@127.0.0.1:1"], &[]);
    assert_eq!((end.code, end.stderr.contains("s3same")), (Some(2), false), "{}", end.stderr);
    let help = run(&["status", "--help"], &[("GNSB_URL", "http://ann:s3same@127.0.0.1:1")]);
    assert_eq!((help.code, help.stdout.contains("s3same")), (Some(0), false), "{}", help.stdout);
}

#[test]
fn the_path_of_a_url_is_before_that_of_the_own_api() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/below/this/", listener.local_addr().unwrap());
    let child = command(&["status", "--url", &url], &[]).spawn().unwrap();
    let (connection, _) = listener.accept().unwrap();
    let mut line = String::new();
    std::io::BufReader::new(&connection).read_line(&mut line).unwrap();
    assert_eq!(line, "GET /below/this/_sandbox/v1/status HTTP/1.1\r\n");
    drop(connection);
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(1));
}

#[test]
fn an_answer_of_another_server_is_told_from_one_of_a_sandbox() {
    for (status, arguments) in [("404 Not Found", &["status"][..]), ("502 Bad Gateway", &["reset"])]
    {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let child = command(&[arguments, &["--url", &url]].concat(), &[]).spawn().unwrap();
        let (mut connection, _) = listener.accept().unwrap();
        let head = std::io::BufReader::new(&connection).lines();
        head.map(Result::unwrap).find(String::is_empty).unwrap();
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 7\r\n\r\n<html/>");
        connection.write_all(answer.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let error = format!(
            "error: {url} answers HTTP {status}, and not as a sandbox does; set --url (GNSB_URL)\n"
        );
        assert_eq!(String::from_utf8(output.stderr).unwrap(), error);
        assert_eq!(output.status.code(), Some(1));
    }
}

#[test]
fn a_wrong_argument_is_refused_in_words_about_itself() {
    let process = Process::start(&[]);
    for (arguments, why) in [
        (&["requests", "--last", "x"][..], "write a whole number of calls"),
        (&["requests", "--status", "99999"], "write an HTTP status from 100 to 599"),
        (&["requests", "--status", "ok"], "write an HTTP status from 100 to 599"),
        (&["verify", "--min", "1,5"], "write a whole number of calls"),
        (&["verify", "--max", "1.5"], "write a whole number of calls"),
        (&["verify", "--exactly", ""], "write a whole number of calls"),
        (&["verify", "--held", "many"], "write a whole number of calls"),
        (&["verify", "--wait-ms", "1s"], "write a whole number of milliseconds"),
        (&["hold", "release", "--count", "0"], "write a whole number of calls, at least 1"),
        (&["override", "set", "500", "--hits", "two"], "write a whole number of calls"),
        (&["override", "set", "500", "--hits", "0"], "error: hits must be at least 1"),
        (&["verify", "--wait-ms", "60001"], "error: wait_ms must be at most 60000, not 60001"),
        (&["explain", "{}", "--path", "nope"], "error: /path: a path begins with /"),
        (&["explain", "@"], "error: @ names no file to read the body from; write @FILE"),
    ] {
        let end = run_on(&process, arguments);
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        let line = end.stderr.lines().next().unwrap();
        assert!(line.ends_with(why), "{arguments:?}: {}", end.stderr);
    }
}

#[test]
fn the_url_can_be_a_variable_and_the_flag_wins() {
    let process = Process::start(&[]);
    let url = url(&process);
    for arguments in COMMANDS {
        let end = run(arguments, &[("GNSB_URL", &url)]);
        assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        let end = run(&[arguments, &["--url", &url]].concat(), &[("GNSB_URL", NOBODY)]);
        assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        let with_slash = format!("{url}/");
        let end = run(&[arguments, &["--url", &with_slash]].concat(), &[("GNSB_URL", "")]);
        assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn a_sandbox_with_an_admin_token_requires_it() {
    let process = Process::start(&["--admin-token", "s3same"]);
    for arguments in COMMANDS {
        let end = run_on(&process, &[arguments, &["--admin-token", "s3same"]].concat());
        assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        let end = run(
            &[arguments, &["--url", &url(&process)]].concat(),
            &[("GNSB_ADMIN_TOKEN", "s3same")],
        );
        assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""), "{arguments:?}");
    }
    for arguments in COMMANDS {
        for token in [&[][..], &["--admin-token", "0ther"]] {
            let end = run_on(&process, &[arguments, token].concat());
            assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{arguments:?} {token:?}");
            assert!(end.stderr.contains("token"), "{}", end.stderr);
            assert!(
                !end.stderr.contains("s3same") && !end.stderr.contains("0ther"),
                "{}",
                end.stderr
            );
        }
    }
}

#[test]
fn a_variable_can_name_a_file_with_the_token() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "s3same\n").unwrap();
    let variables = [("GNSB_ADMIN_TOKEN_FILE", file.to_str().unwrap())];
    let process = Process::spawn(command(&["serve", "--listen", "127.0.0.1:0"], &variables));
    assert_eq!(run_on(&process, &["requests"]).code, Some(2), "the server asks for it");
    let end = run(&["requests", "--url", &url(&process)], &variables);
    assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""));
}

#[test]
fn an_unknown_variable_is_refused_for_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ran");
    let touch = ["exec", "--", "touch", file.to_str().unwrap()];
    let others: [&[&str]; 5] = [&[], &["serve"], &["check"], &["outcomes"], &touch];
    for arguments in COMMANDS.into_iter().chain(others) {
        let end = run(arguments, &[("GNSB_ULR", "x")]);
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        let expected = "error: unknown variable GNSB_ULR; did you mean \"GNSB_URL\"? (known: ";
        assert!(end.stderr.starts_with(expected), "{}", end.stderr);
    }
    assert!(!file.exists(), "the command of exec was run");
}

#[test]
fn every_command_knows_the_variables_of_the_others() {
    let process = Process::start(&[]);
    let url = url(&process);
    let variables = [
        ("GNSB_URL", url.as_str()),
        ("GNSB_SEED", "7"),
        ("GNSB_SCENARIO", "500"),
        ("GNSB_MEDIA", ""),
    ];
    for arguments in COMMANDS {
        let end = run(arguments, &variables);
        assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn the_tenant_can_be_a_variable_and_the_flag_wins() {
    let process = Process::start(&[]);
    let url = url(&process);
    super::call_as(&process, "gnsb_qa");
    for (more, variables, expected) in [
        (&[][..], &[("GNSB_TENANT", "qa")][..], 0),
        (&["--tenant", "qa"], &[("GNSB_TENANT", "other")], 0),
        (&[], &[("GNSB_TENANT", "other")], 1),
        (&[], &[("GNSB_TENANT", "")], 1),
    ] {
        let end = run(&[&["verify", "--exactly", "1", "--url", &url], more].concat(), variables);
        assert_eq!(end.code, Some(expected), "{more:?} {variables:?}: {}", end.stderr);
    }
}

#[test]
fn what_is_no_name_of_a_tenant_is_refused_before_a_sandbox_is_asked() {
    let form = "is not a tenant name: use 1 to 63 of a-z, 0-9 and -, not starting with -";
    for name in ["", "Demo", "a/b", "-a", "ä"] {
        for command in [&["normal"][..], &["override", "show"], &["requests"]] {
            let tenant = format!("--tenant={name}");
            let end = run(&[command, &[&tenant, "--url", NOBODY]].concat(), &[]);
            assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{command:?} {name:?}");
            let expected = format!("{name:?} {form}");
            assert!(end.stderr.contains(&expected), "{expected}: {}", end.stderr);
        }
    }
    let end = run(&["state", "--url", NOBODY], &[("GNSB_TENANT", "a b")]);
    assert_eq!(end.code, Some(2));
    assert!(end.stderr.contains("GNSB_TENANT") && end.stderr.contains(form), "{}", end.stderr);
    let end = run(&["state", "--url", NOBODY], &[("GNSB_TENANT", "")]);
    assert_eq!(end.code, Some(1), "an empty variable counts as unset: {}", end.stderr);
    for name in ["*", "anonymous", "a-1"] {
        let end = run(&["requests", "--tenant", name, "--url", NOBODY], &[]);
        assert_eq!(end.code, Some(1), "{name}: {}", end.stderr);
    }
}
