//! `exec`: runs a command with its own sandbox and ends with the command's exit code.

use crate::harness::{Answer, EXAMPLE_TIME, UNAUTHORIZED};
use crate::process::{End, command, run};

/// For bash: `call PATH HEADERS BODY` prints the whole answer.
pub const CALL: &str = r#"
call() {
    local at=${GENUIN_BASE_URL#http://}
    exec 3<>"/dev/tcp/${at%:*}/${at##*:}"
    printf 'POST %s HTTP/1.1\r\nHost: sandbox\r\n%bContent-Type: application/json\r\nContent-Length: %s\r\nConnection: close\r\n\r\n%s' \
        "$1" "$2" "${#3}" "$3" >&3
    cat <&3
}
create() { call /api/thirdparty/group/create "Authorization: Bearer $1\r\n" "$2"; }
valid='{"type":4,"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667"}'
"#;

/// Runs a bash script below `exec` with these options.
fn exec(options: &[&str], script: &str) -> End {
    let script = format!("{CALL}{script}");
    let rest = ["--", "bash", "-c", &script];
    run(&[&["exec", "--clock", EXAMPLE_TIME], options, &rest].concat(), &[])
}

#[test]
fn the_token_in_the_environment_is_accepted() {
    let end = exec(&[], r#"create "$GENUIN_TOKEN" "$valid""#);
    assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""));
    let answer = Answer::parse(end.stdout.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body = answer.json();
    assert_eq!(body["data"]["community"]["community_id"], "f2a05adb-93ce-4a19-b003-3523fa745667");
}

#[test]
fn the_keys_in_the_environment_log_in_to_the_same_tenant() {
    let script = r#"
        token=$(call /api/thirdparty/auth '' '{"api_key":"'"$GENUIN_API_KEY"'","api_secret":"'"$GENUIN_API_SECRET"'"}' |
            tr -d '\r' | sed -n 's/^gn-access-token: //p')
        body='{"type":4,"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667","chat_id":"456e7890-b12c-4c23-89ef-126314214567"}'
        create "$token" "$body" | head -n 1
        create "$GENUIN_TOKEN" "$body" | head -n 1
    "#;
    let end = exec(&[], script);
    let expected = "HTTP/1.1 200 OK\r\nHTTP/1.1 400 Bad Request\r\n";
    assert_eq!((end.code, end.stdout.as_str(), end.stderr.as_str()), (Some(0), expected, ""));
}

#[test]
fn it_sets_exactly_these_variables() {
    let script = "env | grep -aE '^(GENUIN_|GNSB_|NO_PROXY|no_proxy)' | sed 's/:[0-9]*$/:PORT/' | LC_ALL=C sort";
    let mut all = command(&["exec", "--", "sh", "-c", script], &[]);
    let output = all.env_remove("NO_PROXY").env_remove("no_proxy").output().unwrap();
    let expected = "GENUIN_API_KEY=gnsb_exec\nGENUIN_API_SECRET=gnsb-secret\n\
                    GENUIN_BASE_URL=http://127.0.0.1:PORT\nGENUIN_TOKEN=gnsb_exec\n\
                    GNSB_TENANT=exec\nGNSB_URL=http://127.0.0.1:PORT\n\
                    NO_PROXY=127.0.0.1\nno_proxy=127.0.0.1\n";
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn hosts_without_a_proxy_are_kept() {
    let script = "printenv NO_PROXY no_proxy";
    for (variables, expected) in [
        (&[("NO_PROXY", "a,b"), ("no_proxy", "c")][..], "a,b,127.0.0.1\nc,127.0.0.1\n"),
        (&[("NO_PROXY", "a"), ("no_proxy", "")], "a,127.0.0.1\n127.0.0.1\n"),
        (&[("no_proxy", "*"), ("NO_PROXY", "x,127.0.0.1")], "x,127.0.0.1\n*\n"),
    ] {
        let end = run(&["exec", "--", "sh", "-c", script], variables);
        assert_eq!((end.code, end.stdout.as_str()), (Some(0), expected), "{variables:?}");
    }
    let mut one = command(&["exec", "--", "sh", "-c", script], &[("NO_PROXY", "a")]);
    let output = one.env_remove("no_proxy").output().unwrap();
    let expected = "a,127.0.0.1\na,127.0.0.1\n";
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected, "read in either spelling");
}

#[test]
fn commands_of_this_program_below_it_talk_to_its_sandbox_and_tenant() {
    let binary = env!("CARGO_BIN_EXE_genuin-sandbox");
    let script =
        format!(r#"create "$GENUIN_TOKEN" "$valid" >/dev/null; {binary} verify --exactly 1"#);
    for (options, variables) in [
        (&[][..], &[][..]),
        (&["--admin-token", "s3same"], &[]),
        (&[], &[("GNSB_URL", "http://127.0.0.1:1"), ("GNSB_TENANT", "other")]),
        (&[], &[("HTTP_PROXY", "http://127.0.0.1:1"), ("http_proxy", "http://127.0.0.1:1")]),
    ] {
        let script = format!("{CALL}{script}");
        let end = run(&[&["exec"], options, &["--", "bash", "-c", &script]].concat(), variables);
        let expected = (Some(0), "found 1 matching call\n", "");
        assert_eq!((end.code, end.stdout.as_str(), end.stderr.as_str()), expected, "{options:?}");
    }
}

#[test]
fn commands_below_it_are_let_in_wherever_the_admin_token_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "of-the-file\n").unwrap();
    let file = ("GNSB_ADMIN_TOKEN_FILE", file.to_str().unwrap());
    let binary = env!("CARGO_BIN_EXE_genuin-sandbox");
    // the second command has a sandbox of its own
    let script = format!(
        "env | grep ^GNSB_ADMIN; cd / && {binary} verify --exactly 0 && {binary} exec -- {binary} verify --exactly 0"
    );
    let flag = ["--admin-token", "of-the-flag"];
    for (options, variables, token) in [
        (&[][..], &[file][..], "of-the-file"),
        (&flag, &[file], "of-the-flag"),
        (&[], &[("GNSB_ADMIN_TOKEN", "of-the-variable")], "of-the-variable"),
        (&flag, &[("GNSB_ADMIN_TOKEN", "of-the-variable"), file], "of-the-flag"),
    ] {
        let end = run(&[&["exec"], options, &["--", "sh", "-c", &script]].concat(), variables);
        let found = "found 0 matching calls\n";
        let expected = format!("GNSB_ADMIN_TOKEN={token}\n{found}{found}");
        assert_eq!(
            (end.code, end.stdout, end.stderr.as_str()),
            (Some(0), expected, ""),
            "{options:?} {variables:?}"
        );
    }
}

#[test]
fn variables_that_would_choose_where_it_listens_are_ignored_with_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let port_file = folder.path().join("port");
    let listen = ("GNSB_LISTEN", "127.0.0.1:1");
    let port_file_variable = ("GNSB_PORT_FILE", port_file.to_str().unwrap());
    for (variables, expected) in [
        (&[("GNSB_LISTEN", ""), ("GNSB_PORT_FILE", "")][..], &[][..]),
        (&[listen], &["GNSB_LISTEN"]),
        (&[port_file_variable], &["GNSB_PORT_FILE"]),
        (&[port_file_variable, listen], &["GNSB_LISTEN", "GNSB_PORT_FILE"]),
    ] {
        let end = run(&["exec", "--", "true"], variables);
        let warning = |name: &&str| {
            format!(
                "warning: exec ignores {name}: it listens on a free port, which the command finds in \
                 GENUIN_BASE_URL\n"
            )
        };
        let expected: String = expected.iter().map(warning).collect();
        assert_eq!((end.code, end.stdout.as_str(), end.stderr), (Some(0), "", expected));
    }
    assert!(!port_file.exists());
}

#[test]
fn it_ends_with_the_code_of_the_command() {
    for (script, code) in [
        ("exit 0", 0),
        ("exit 7", 7),
        ("exit 255", 255),
        ("kill -KILL $$", 137),
        ("kill -TERM $$", 143),
    ] {
        let end = run(&["exec", "--", "sh", "-c", script], &[]);
        let stderr = if code == 0 { "" } else { "the sandbox received 0 calls\n" };
        let expected = (Some(code), "", stderr);
        assert_eq!((end.code, end.stdout.as_str(), end.stderr.as_str()), expected, "{script}");
    }
}

#[test]
fn a_command_that_does_not_exist_is_127() {
    let end = run(&["exec", "--", "/nowhere/at-all", "x"], &[]);
    assert_eq!((end.code, end.stdout.as_str()), (Some(127), ""));
    assert!(end.stderr.starts_with("error: cannot run /nowhere/at-all: "), "{}", end.stderr);
}

#[test]
fn an_error_shows_which_word_was_taken_for_the_name_of_the_command() {
    for (name, expected) in [
        ("", "error: cannot run a command without a name; write the name after --\n"),
        ("no such", "error: cannot run 'no such': "),
        (" ", "error: cannot run ' ': "),
    ] {
        let end = run(&["exec", "--", name, "x"], &[]);
        assert_eq!((end.code, end.stdout.as_str()), (Some(127), ""), "{name:?}");
        assert!(end.stderr.starts_with(expected), "{name:?}: {}", end.stderr);
    }
}

#[test]
fn a_command_that_cannot_be_executed_is_126() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain");
    std::fs::write(&plain, "exit 0\n").unwrap();
    for path in [plain.as_path(), folder.path()] {
        let path = path.to_str().unwrap();
        let end = run(&["exec", "--", path], &[]);
        assert_eq!((end.code, end.stdout.as_str()), (Some(126), ""), "{path}");
        assert!(end.stderr.starts_with(&format!("error: cannot run {path}: ")), "{}", end.stderr);
    }
}

#[test]
fn wrong_configuration_is_2_as_for_every_command_and_runs_nothing() {
    type Case<'c> = (&'c [&'c str], &'c [(&'c str, &'c str)], &'c str);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bad.yaml"), "rules: []\n").unwrap();
    let folder = folder.path().to_str().unwrap();
    let cases: [Case; 10] = [
        (&["--seed", "x"], &[], "--seed: invalid value"),
        (&[], &[("GNSB_MEDIA", "some")], "GNSB_MEDIA: unknown value"),
        (&["--fixtures", "/nowhere.yaml"], &[], "cannot read fixtures /nowhere.yaml"),
        (&["--scenarios", folder], &[], "bad.yaml:1:1: "),
        (&["--scenarios", "/dev/null"], &[], "--scenarios: /dev/null is a file, not a directory"),
        (&["--scenario", "2x50"], &[], "--scenario: unknown outcome \"50\"; did you mean \"500\"?"),
        (&["--scenario", "flaky-twize"], &[], "did you mean \"flaky-twice\"?"),
        (&[], &[("GNSB_SCENARIO_YAML", "rules: []")], "GNSB_SCENARIO_YAML"),
        (&["--admin-token", "a b"], &[], "--admin-token: the admin token must be visible ASCII"),
        (&[], &[("GNSB_ADMIN_TOKEN_FILE", "/nowhere")], "GNSB_ADMIN_TOKEN_FILE: cannot read"),
    ];
    for (options, variables, expected) in cases {
        let end = run(&[&["exec"], options, &["--", "echo", "it ran"]].concat(), variables);
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{options:?} {variables:?}");
        assert!(end.stderr.contains(expected), "{expected}: {}", end.stderr);
    }
}

#[test]
fn a_failure_of_its_own_is_125() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    std::fs::create_dir(&inner).unwrap();
    let inner = inner.to_str().unwrap();
    for flag in ["--har", "--junit"] {
        std::fs::create_dir_all(inner).unwrap();
        let file = format!("{inner}/file");
        let end = run(&["exec", flag, &file, "--", "rm", "-r", inner], &[]);
        assert_eq!((end.code, end.stdout.as_str()), (Some(125), ""), "{flag}");
        assert!(end.stderr.starts_with("error: cannot write "), "{}", end.stderr);
    }
}

#[test]
fn without_a_command_it_is_a_usage_error() {
    for arguments in [&["exec"][..], &["exec", "--"], &["exec", "true"]] {
        let end = run(arguments, &[]);
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(end.stderr.contains(" -- "), "{}", end.stderr);
        assert_eq!(end.stderr.lines().count(), 1, "{}", end.stderr);
    }
}

#[test]
fn everything_after_the_dashes_goes_to_the_command() {
    let end = run(&["exec", "--", "printf", "%s|", "--seed", "-x", "--", "--json"], &[]);
    assert_eq!((end.code, end.stdout.as_str()), (Some(0), "--seed|-x|--|--json|"));
}

#[test]
fn output_passes_through_unchanged() {
    let end = run(&["exec", "--", "sh", "-c", "printf out; printf err >&2"], &[]);
    assert_eq!((end.code, end.stdout.as_str(), end.stderr.as_str()), (Some(0), "out", "err"));
}

#[test]
fn the_calls_are_printed_when_the_command_fails() {
    let script = r#"
        create wrong "$valid" >/dev/null
        create "$GENUIN_TOKEN" '{"type":4}' >/dev/null
        create "$GENUIN_TOKEN" "$valid" >/dev/null
        create gnsb_other "$valid" >/dev/null
        exit 7
    "#;
    let end = exec(&[], script);
    assert_eq!((end.code, end.stdout.as_str()), (Some(7), ""));
    // the wording of the findings is the findings' own test
    let seen: Vec<_> = end.stderr.lines().filter(|line| !line.contains("error: ")).collect();
    let time = "2024-09-24T09:13:31.000Z";
    let expected = [
        "the sandbox received 4 calls".to_owned(),
        format!("anonymous/1 {time} 401 unauthorized         POST /api/thirdparty/group/create"),
        format!("exec/1    {time} 400 bad-request          POST /api/thirdparty/group/create"),
        format!("exec/2    {time} 200 ok                   POST /api/thirdparty/group/create"),
        format!("other/1   {time} 200 ok                   POST /api/thirdparty/group/create"),
    ];
    assert_eq!(seen, expected, "{}", end.stderr);
    let findings = end.stderr.lines().filter(|line| line.contains("error: ")).count();
    assert_eq!(findings, 2, "one of the token and one of the body: {}", end.stderr);
    assert!(end.stderr.contains("        error: /community_id is missing; "), "{}", end.stderr);
}

#[test]
fn at_most_the_50_newest_calls_are_printed() {
    let script =
        r#"for i in {1..53}; do create "gnsb_t$((i % 2))" "$valid" >/dev/null; done; exit 1"#;
    let end = exec(&[], script);
    let mut lines = end.stderr.lines();
    let expected = "the sandbox received 53 calls; 3 older calls left out";
    assert_eq!(lines.next(), Some(expected));
    let seen: Vec<_> = lines.map(|line| line.split(" 2024").next().unwrap().to_owned()).collect();
    let expected =
        (4..=53).map(|call| format!("{:<9}", format!("t{}/{}", call % 2, (call + 1) / 2)));
    assert_eq!(seen, expected.collect::<Vec<_>>());
}

#[test]
fn nothing_is_printed_when_the_command_succeeds() {
    let end = exec(&[], r#"create "$GENUIN_TOKEN" '{}' >/dev/null; exit 0"#);
    assert_eq!((end.code, end.stdout.as_str(), end.stderr.as_str()), (Some(0), "", ""));
}

#[test]
fn a_scenario_is_active_for_the_command() {
    let script = r#"for i in 1 2 3; do create "$GENUIN_TOKEN" "$valid" | head -n 1; done"#;
    let end = exec(&["--scenario", "1x500, 401, ok*"], script);
    let expected =
        "HTTP/1.1 500 Internal Server Error\r\nHTTP/1.1 401 Unauthorized\r\nHTTP/1.1 200 OK\r\n";
    assert_eq!((end.code, end.stdout.as_str()), (Some(0), expected));
    let end = exec(&["--scenario", "401"], r#"create "$GENUIN_TOKEN" "$valid"; exit 1"#);
    assert!(end.stdout.ends_with(UNAUTHORIZED), "{}", end.stdout);
    assert!(end.stderr.contains(" of 401, chosen by server)"), "{}", end.stderr);
}

#[test]
fn the_sandbox_stops_when_the_command_has_ended() {
    let end = exec(&[], "printf %s \"${GENUIN_BASE_URL#http://}\"");
    let error = std::net::TcpStream::connect(&end.stdout).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused, "{}", end.stdout);
}

#[test]
fn the_calls_of_a_failed_command_are_shown_escaped() {
    let body = r#"{"\u001b[31m\nforged\u009b\u202e": 1}"#;
    let end = exec(&[], &format!("create \"$GENUIN_TOKEN\" '{body}' >/dev/null; exit 3"));
    assert_eq!(end.code, Some(3));
    let warning = r"warning: /\u{1b}[31m\nforged\u{9b}\u{202e} is not a known field and was ignored; GET /_sandbox/v1/contract lists the fields";
    assert!(end.stderr.lines().any(|line| line.trim_start() == warning), "{}", end.stderr);
    assert!(end.stderr.lines().all(|line| !line.contains(char::is_control)), "{}", end.stderr);
}
