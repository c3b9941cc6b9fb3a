//! Flags, variables, files, signals and exit codes.

use std::io::{Read as _, Write as _};

use crate::harness::{Answer, CREATE, EXAMPLE, connect, raw};
use crate::process::{Process, command, run};

fn create(process: &Process, token: &str) -> Answer {
    let head = format!(
        "POST {CREATE} HTTP/1.1\r\nHost: sandbox\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{EXAMPLE}",
        EXAMPLE.len()
    );
    Answer::parse(&raw(process.address, head.as_bytes()))
}

#[test]
fn only_the_ready_line_is_on_stdout() {
    for arguments in [&[][..], &["serve"]] {
        let mut all = arguments.to_vec();
        all.extend(["--listen", "127.0.0.1:0", "--seed", "7"]);
        let process = Process::spawn(command(&all, &[]));
        let expected =
            format!("genuin-sandbox ready on http://{} (seed 7, scenario none)\n", process.address);
        assert_eq!(process.ready_line, expected);
        assert_eq!(create(&process, "gnsb_demo").status, 200);
        let end = process.stop();
        assert_eq!((end.code, end.stdout.as_str()), (Some(0), ""));
    }
}

#[test]
fn two_processes_with_one_seed_give_the_same_bytes() {
    let answers: Vec<_> = ["42", "42", "43"]
        .into_iter()
        .map(|seed| {
            create(&Process::start(&["--seed", seed, "--public-url", "http://x/"]), "gnsb_demo")
        })
        .collect();
    assert_eq!(answers[0], answers[1]);
    assert_ne!(
        answers[0].json()["data"]["group"]["group_id"],
        answers[2].json()["data"]["group"]["group_id"]
    );
    assert!(answers[0].body.contains("\"http://x/l/"), "{}", answers[0].body);
}

#[test]
fn variables_set_options_and_flags_win() {
    let variables = [
        ("GNSB_LISTEN", "127.0.0.1:0"),
        ("GNSB_SEED", "9"),
        ("GNSB_MEDIA", "strict"),
        ("GNSB_CLOCK", ""),
    ];
    let process = Process::spawn(command(&[], &variables));
    assert!(process.ready_line.contains("(seed 9, scenario none)"), "{}", process.ready_line);
    let process = Process::spawn(command(&["--seed=8"], &variables));
    assert!(process.ready_line.contains("(seed 8, scenario none)"), "{}", process.ready_line);
}

#[test]
fn invalid_options_and_unknown_variables_are_refused_with_advice() {
    type Case = (&'static [&'static str], &'static [(&'static str, &'static str)], &'static str);
    let cases: [Case; 44] = [
        (&["--seeed", "1"], &[], "--seed"),
        (&["sevre"], &[], "serve"),
        (&[], &[("GNSB_SEDE", "1")], "unknown variable GNSB_SEDE; did you mean \"GNSB_SEED\"?"),
        (&[], &[("GNSB_SEED", "x")], "error: GNSB_SEED: invalid value \"x\": a seed is"),
        (&["--seed", "x"], &[("GNSB_SEED", "1")], "error: --seed: invalid value \"x\": a seed is"),
        (&["--listen", "4368"], &[], "use an IP address and a port"),
        (&["--clock", "yesterday"], &[], "2024-09-24T09:13:31Z"),
        (&["--media", "strcit"], &[], "strict"),
        (&["--public-url", "example.com"], &[], "https://sandbox.example.com"),
        (&["--log", "loud=very"], &[], "invalid filter \"loud=very\""),
        (&["--log", "inof"], &[], "unknown level \"inof\"; did you mean \"info\"?"),
        (&["--clock", "1960-01-01T00:00:00Z"], &[], "use a time from 1970-01-01T00:00:00Z to"),
        (&["--scenario", "2x50"], &[], "unknown outcome \"50\"; did you mean \"500\"?"),
        (&["--fixtures", "/nowhere.yaml"], &[], "--fixtures: cannot read fixtures /nowhere.yaml"),
        // a value of a variable is refused in the variable's name
        (&[], &[("GNSB_SCENARIO", "2x50")], "GNSB_SCENARIO: unknown outcome \"50\""),
        (&["--scenario=2x50"], &[("GNSB_SCENARIO", "ok")], "--scenario: unknown outcome \"50\""),
        (&[], &[("GNSB_FIXTURES", "/nowhere.yaml")], "GNSB_FIXTURES: cannot read fixtures"),
        (&[], &[("GNSB_LOG", "inof")], "GNSB_LOG: unknown level \"inof\""),
        (&["--log", "inof"], &[], "--log: unknown level \"inof\""),
        (
            &[],
            &[("GNSB_DEBUG_HEADERS", "maybe")],
            "error: GNSB_DEBUG_HEADERS: unknown value \"maybe\"",
        ),
        (
            &["--debug-headers=maybe"],
            &[],
            "error: --debug-headers: unknown value \"maybe\" (known: true, false, yes, no, on, off, 1, 0)",
        ),
        (&[], &[("GNSB_MAX_GROUPS", "-1")], "error: GNSB_MAX_GROUPS: invalid value \"-1\""),
        (&["--journal-mib", "0"], &[], "write a whole number of MiB from 1 to 4096"),
        (&["--journal-mib", "4097"], &[], "write a whole number of MiB from 1 to 4096"),
        (&[], &[("GNSB_JOURNAL_MIB", "32M")], "error: GNSB_JOURNAL_MIB: invalid value \"32M\""),
        (&["--max-memory", "11"], &[], "write a whole number of MiB from 12 to 65536"),
        (&[], &[("GNSB_MAX_MEMORY", "96M")], "error: GNSB_MAX_MEMORY: invalid value \"96M\""),
        (
            &["--max-memory", "24", "--journal-mib", "20"],
            &[],
            "raise --max-memory to at least 28, or lower --journal-mib or --max-groups",
        ),
        (&["--max-groups", "many"], &[], "write a whole number of groups from 1, such as 20000"),
        (&["--max-groups", "0"], &[], "invalid value \"0\": write a whole number of groups from 1"),
        (&[], &[("GNSB_SEED", "abc")], "a seed is a whole number from 0 to 18446744073709551615"),
        (&["--seed=-1"], &[], "a seed is a whole number from 0 to 18446744073709551615"),
        (&[], &[("GNSB_PORT_FIEL", "/tmp/p")], "did you mean \"GNSB_PORT_FILE\"?"),
        (&[], &[("GNSB_ADMIN_TOKEN", "")], "GNSB_ADMIN_TOKEN is empty; set a token"),
        (&[], &[("GNSB_SCENARIO_NAME", "slow")], "did you mean \"GNSB_SCENARIO\"?"),
        (&[], &[("GNSB_INSTANCE_NAME", "x")], "did you mean \"GNSB_INSTANCE\"?"),
        (&[], &[("GNSB_LISTEN_PORT", "8080")], "did you mean \"GNSB_LISTEN\"?"),
        (&["--admin-token", ""], &[], "--admin-token is empty; set a token"),
        (&["--admin-token="], &[("GNSB_ADMIN_TOKEN", "x")], "--admin-token is empty; set a token"),
        (&[], &[("GNSB_ADMIN_TOKEN", "a b")], "GNSB_ADMIN_TOKEN: the admin token must be visible"),
        (
            &[],
            &[("GNSB_ADMIN_TOKEN_FILE", "/dev/null")],
            "GNSB_ADMIN_TOKEN_FILE: cannot read the admin token from /dev/null: it is not a regular file",
        ),
        (&[], &[("GNSB_ADMIN_TOKEN_FILE", "/nowhere")], "GNSB_ADMIN_TOKEN_FILE: cannot read"),
        (&[], &[("GNSB_SCENARIO_YAML", "version: 2")], "GNSB_SCENARIO_YAML:1:"),
        (
            &[],
            &[("GNSB_SCENARIO_YAML", "version: 1\nrules: [{id: a, do: {outcome: 500}}]")],
            "GNSB_SCENARIO_YAML:1:1: missing key \"name\"; there is no file name to use",
        ),
    ];
    for (arguments, variables, expected) in cases {
        let end = run(arguments, variables);
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{arguments:?} {variables:?}");
        assert!(end.stderr.contains(expected), "{expected}: {}", end.stderr);
        assert_eq!(end.stderr.lines().count(), 1, "{}", end.stderr);
    }
}

#[test]
fn the_ready_line_names_an_address_that_a_client_can_call() {
    for (listen, expected) in
        [("0.0.0.0:0", "127.0.0.1"), ("[::]:0", "[::1]"), ("[::1]:0", "[::1]")]
    {
        let process = Process::spawn(command(&["--listen", listen], &[]));
        let port = process.address.port();
        let url = format!("http://{expected}:{port}");
        let line = format!("genuin-sandbox ready on {url} (seed 42, scenario none)\n");
        assert_eq!(process.ready_line, line, "{listen}");
        let end = run(&["requests", "--url", &url], &[]);
        assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""), "{listen}");
    }
}

#[test]
fn an_error_names_the_variable_if_only_a_longer_flag_was_typed() {
    let wrong = "error: GNSB_ADMIN: unknown value \"lopback\"; did you mean \"loopback\"? \
                 (known: loopback, open, off)\n";
    let end = run(&["--admin-token", "x"], &[("GNSB_ADMIN", "lopback")]);
    assert_eq!(end.code, Some(2));
    assert_eq!(end.stderr, wrong);
    let end = run(&["exec", "--", "true", "--admin", "open"], &[("GNSB_ADMIN", "lopback")]);
    assert_eq!(end.stderr, wrong);
}

#[test]
fn variables_that_kubernetes_and_docker_set_are_ignored_with_a_warning() {
    let variables = [
        ("GNSB_LISTEN", "127.0.0.1:0"),
        ("GNSB_PORT", "tcp://10.0.0.1:80"),
        ("GNSB_PORT_80_TCP", "x"),
        ("GNSB_SERVICE_HOST", "10.0.0.1"),
        ("GNSB_SANDBOX_SERVICE_HOST", "10.0.0.1"),
        ("GNSB_SANDBOX_SERVICE_PORT_HTTP", "80"),
        ("GNSB_WEB_PORT_80_TCP_ADDR", "10.0.0.1"),
    ];
    let names = variables.iter().map(|(name, _)| *name).filter(|name| *name != "GNSB_LISTEN");
    let end = Process::spawn(command(&[], &variables)).stop();
    for name in names.clone() {
        assert!(end.stderr.contains(&format!(" WARN  ignoring {name}, ")), "{}", end.stderr);
    }
    let end = run(&["outcomes", "--json"], &variables);
    assert_eq!(end.code, Some(0));
    for name in names {
        assert!(end.stderr.contains(&format!("warning: ignoring {name}, ")), "{}", end.stderr);
    }
}

#[test]
fn a_command_refuses_an_empty_admin_token_too() {
    let process = Process::start(&[]);
    let url = format!("http://{}", process.address);
    for (name, value) in [("GNSB_ADMIN_TOKEN", ""), ("GNSB_ADMIN_TOKEN_FILE", "/dev/null")] {
        let end = run(&["requests", "--url", &url], &[(name, value)]);
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{name}");
        assert!(end.stderr.starts_with(&format!("error: {name}")), "{}", end.stderr);
    }
    let end = run(&["requests", "--url", &url], &[("GNSB_ADMIN_TOKEN_FILE", "")]);
    assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""), "an empty variable is unset");
}

#[test]
fn every_command_refuses_an_admin_token_that_cannot_be_one() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty");
    std::fs::write(&empty, " \n").unwrap();
    let empty = empty.to_str().unwrap();
    let both = [("GNSB_ADMIN_TOKEN", "x"), ("GNSB_ADMIN_TOKEN_FILE", empty)];
    for (variables, why) in [
        (&[("GNSB_ADMIN_TOKEN", "")][..], "GNSB_ADMIN_TOKEN is empty"),
        (
            &[("GNSB_ADMIN_TOKEN", ""), ("GNSB_ADMIN_TOKEN_FILE", empty)],
            "GNSB_ADMIN_TOKEN is empty",
        ),
        (&[("GNSB_ADMIN_TOKEN", "a b")], "GNSB_ADMIN_TOKEN: the admin token must be visible ASCII"),
        (&[("GNSB_ADMIN_TOKEN_FILE", empty)], "GNSB_ADMIN_TOKEN_FILE: "),
        (&[("GNSB_ADMIN_TOKEN_FILE", "/nowhere")], "GNSB_ADMIN_TOKEN_FILE: cannot read"),
        (&both, "GNSB_ADMIN_TOKEN and GNSB_ADMIN_TOKEN_FILE are both set; unset one of them"),
    ] {
        for (arguments, code) in [
            (&["serve", "--listen", "127.0.0.1:0"][..], 2),
            (&["outcomes"], 2),
            (&["assumptions", "--json"], 2),
            (&["check"], 2),
            (&["status", "--url", "http://127.0.0.1:1"], 2),
            (&["healthcheck", "--listen", "127.0.0.1:1"], 1),
        ] {
            let end = run(arguments, variables);
            assert_eq!((end.code, end.stdout.as_str()), (Some(code), ""), "{arguments:?}");
            assert!(end.stderr.starts_with(&format!("error: {why}")), "{}", end.stderr);
            assert_eq!(end.stderr.lines().count(), 1, "{}", end.stderr);
        }
    }
    let process =
        Process::spawn(command(&["--listen", "127.0.0.1:0", "--admin-token", "flag"], &both));
    let url = format!("http://{}", process.address);
    let end = run(&["status", "--url", &url, "--admin-token=flag"], &both);
    assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""), "the flag wins");
}

#[test]
fn the_journal_takes_the_memory_it_is_given() {
    let call = crate::scenarios::Call::new().name(&"x".repeat(14_000)).bytes(&[]);
    for (arguments, variables) in
        [(&["--journal-mib", "1"][..], &[][..]), (&[], &[("GNSB_JOURNAL_MIB", "1")])]
    {
        let all = [&["--listen", "127.0.0.1:0"], arguments].concat();
        let process = Process::spawn(command(&all, variables));
        let mut connection = crate::scenarios::Kept::open(process.address);
        for _ in 0..100 {
            connection.call(&call);
        }
        let counts = &crate::admin::read(process.address, "status")["counts"];
        let bytes = counts["journal_bytes"].as_u64().unwrap();
        assert!((500_000..=1024 * 1024).contains(&bytes), "{counts}");
    }
}

#[test]
fn a_port_in_use_ends_with_code_3() {
    let first = Process::start(&[]);
    let address = first.address.to_string();
    for (origin, arguments, variables) in [
        ("--listen", &["--listen", &address][..], &[][..]),
        ("GNSB_LISTEN", &[], &[("GNSB_LISTEN", &*address)]),
    ] {
        let end = run(arguments, variables);
        assert_eq!((end.code, end.stdout.as_str()), (Some(3), ""));
        let expected =
            format!("error: {origin}: cannot listen on {address}; choose another ADDR:PORT");
        assert!(end.stderr.contains(&expected), "{}", end.stderr);
    }
}

#[test]
fn a_port_file_replaces_nothing_but_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("port");
    std::os::unix::fs::symlink("/dev/null", &link).unwrap();
    for path in [&link, folder.path()] {
        let path = path.to_str().unwrap();
        let end = run(&["--listen", "127.0.0.1:0", "--port-file", path], &[]);
        let expected = format!("--port-file: {path} is not a regular file; name another port file");
        assert!(end.code == Some(2) && end.stderr.contains(&expected), "{end:?}");
    }
    assert_eq!(std::fs::read_link(link).unwrap().to_str(), Some("/dev/null"));
}

#[test]
fn the_port_file_holds_the_port() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("port");
    let process = Process::start(&["--port-file", path.to_str().unwrap()]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{}\n", process.address.port()));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn sigterm_and_sigint_end_an_idle_server_with_code_0() {
    for signal in ["TERM", "INT"] {
        let process = Process::start(&[]);
        let mut idle = connect(process.address);
        idle.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut first = [0];
        idle.read_exact(&mut first).unwrap();
        process.signal(signal);
        let end = process.wait();
        assert_eq!(end.code, Some(0), "{signal}: {}", end.stderr);
    }
}

#[test]
fn an_open_call_is_answered_before_the_server_ends() {
    let mut process = Process::start(&[]);
    let mut stream = connect(process.address);
    let head = format!(
        "POST {CREATE} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer gnsb_demo\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        EXAMPLE.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    // the interim answer says that the call has been accepted
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    process.signal("TERM");
    process.log_line("SIGTERM");
    stream.write_all(EXAMPLE.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert_eq!(Answer::parse(&answer).status, 200);
    assert_eq!(process.wait().code, Some(0));
}

#[test]
fn invalid_fixtures_are_refused_with_place_and_advice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("world.yaml");
    std::fs::write(&path, "version: 1\ncreator: abcd1234-5678-90ef-1112-234567890111\nusrs: []\n")
        .unwrap();
    let end = run(&["--fixtures", path.to_str().unwrap()], &[]);
    assert_eq!(end.code, Some(2));
    let expected = format!("{}:3:1: unknown key \"usrs\"; did you mean \"users\"?", path.display());
    assert!(end.stderr.contains(&expected), "{}", end.stderr);
}

#[test]
fn messages_never_repeat_secrets_of_a_fixture_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("world.yaml");
    let user = "abcd1234-5678-90ef-1112-234567890111";
    let text = format!(
        "version: 1\ncreator: {user}\nusers: [{{user_id: {user}, username: a}}]\n\
         tokens:\n- {{token: t0psecret, tenant: a, user: {user}}}\n- {{token: t0psecret, tenant: a, user: {user}}}\n\
         keys:\n- {{api_key: k, api_secret: 8675309, tenant: a, user: {user}}}\n"
    );
    std::fs::write(&path, text).unwrap();
    let end = run(&["--fixtures", path.to_str().unwrap()], &[]);
    assert!(end.stderr.contains("a secret must be text in quotes"), "{}", end.stderr);
    assert!(!end.stderr.contains("8675309") && !end.stderr.contains("t0psecret"), "{}", end.stderr);
}

#[test]
fn a_fixture_file_with_one_user_is_enough_to_start() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/empty.yaml");
    let process = Process::start(&["--fixtures", path]);
    assert_eq!(create(&process, "gnsb_demo").status, 400, "there is no community");
    assert_eq!(create(&process, "gn-demo-token").status, 401, "nor a fixed token");
}
