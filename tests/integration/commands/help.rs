//! Help pages: wrapped, with examples, in groups.

use crate::process::{command, run};

#[test]
fn the_commands_are_in_groups() {
    let end = run(&["--help"], &[]);
    assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""));
    let heads: Vec<_> = end.stdout.lines().filter(|line| line.ends_with(':')).collect();
    assert_eq!(heads, ["Run:", "Control:", "Look:", "Judge:", "Options:"], "{}", end.stdout);
}

#[test]
fn help_is_wrapped_at_the_width_of_the_terminal() {
    for (columns, widest) in [("60", 60), ("90", 90)] {
        let output = command(&["serve", "--help"], &[("COLUMNS", columns)]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let (options, examples) = text.split_once("EXAMPLES\n").unwrap();
        assert!(examples.starts_with("  genuin-sandbox "), "{examples}");
        let width = options.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(width <= widest && width > widest - 20, "{columns}: {width}\n{text}");
    }
}

#[test]
fn the_list_of_commands_is_wrapped_too() {
    let page = |columns: &str| {
        let output = command(&["--help"], &[("COLUMNS", columns)]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    for columns in [40, 60, 79] {
        let text = page(&columns.to_string());
        let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= columns && widest > columns - 12, "{columns}: {widest}\n{text}");
        let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(one_line(&text), one_line(&page("100")), "nothing is lost");
    }
    let narrow = page("60");
    let wrapped =
        "  healthcheck  Ask whether the server on this machine is\n               ready, for a";
    assert!(narrow.contains(wrapped), "{narrow}");
}

#[test]
fn a_port_is_given_with_listen() {
    for arguments in [&["--port", "80"][..], &["serve", "--port=80"]] {
        let end = run(arguments, &[]);
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(
            end.stderr.contains("a similar argument exists: '--listen ADDR:PORT'"),
            "{}",
            end.stderr
        );
        assert!(!end.stderr.contains("--port-file"), "{}", end.stderr);
    }
}

#[test]
fn exec_takes_no_address_and_says_so() {
    let help = run(&["exec", "--help"], &[]).stdout;
    for absent in ["--listen", "4368", "--port-file", "--log"] {
        assert!(!help.contains(absent), "{absent}: {help}");
    }
    for (flag, value) in
        [("--listen", "127.0.0.1:0"), ("--port-file", "/tmp/port"), ("--port", "80")]
    {
        let end = run(&["exec", flag, value, "--", "true"], &[]);
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{flag}");
        assert!(
            end.stderr.contains(&format!("exec takes no {flag}: it listens")),
            "{}",
            end.stderr
        );
    }
    let variables = [("GNSB_LISTEN", "0.0.0.0:4368"), ("GNSB_PORT_FILE", "/nowhere/port")];
    assert_eq!(run(&["exec", "--", "true"], &variables).code, Some(0), "they are for serve");
}

#[test]
fn an_argument_in_the_wrong_place_is_shown_in_the_right_one() {
    let cases: [(&[&str], &str); 16] = [
        (&["exec", "true"], "put -- before the command: genuin-sandbox exec -- true"),
        (&["exec", "npm", "test"], "put -- before the command: genuin-sandbox exec -- npm ..."),
        (&["exec", "npm", "--", "x"], "put -- before the command: genuin-sandbox exec -- npm ..."),
        (&["exec", "a b"], "put -- before the command: genuin-sandbox exec -- 'a b'"),
        (
            &["exec", "--admin-token", "s3same", "pytest"],
            "put -- before the command: genuin-sandbox exec [OPTIONS] -- pytest",
        ),
        (
            &["exec", "--seed=7", "ls", "-l"],
            "put -- before the command: genuin-sandbox exec [OPTIONS] -- ls ...",
        ),
        (
            &["--url", "http://s3same", "status"],
            "options stand after the command: genuin-sandbox status --url URL",
        ),
        (
            &["--tenant=s3same", "reset", "--json"],
            "options stand after the command: genuin-sandbox reset --tenant NAME",
        ),
        (
            &["--json", "requests"],
            "options stand after the command: genuin-sandbox requests --json",
        ),
        (
            &["--url", "http://x", "override", "set", "500"],
            "options stand after the command: genuin-sandbox override set --url URL",
        ),
        (
            &["override", "--tenant", "qa", "clear"],
            "options stand after the command: genuin-sandbox override clear --tenant NAME",
        ),
        (
            &["--seed", "7", "exec", "--", "true"],
            "options stand after the command: genuin-sandbox exec --seed N",
        ),
        (
            &["--listen", "127.0.0.1:0", "serve"],
            "options stand after the command: genuin-sandbox serve --listen ADDR:PORT",
        ),
        // what no command takes, or not the one that is named
        (&["--urll", "x", "status"], "unexpected argument '--urll' found"),
        (&["--seed", "7", "status"], "unexpected argument 'status' found"),
        (&["override", "--seed", "set"], "unexpected argument '--seed' found"),
    ];
    for (arguments, expected) in cases {
        let end = run(arguments, &[]);
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        let first = end.stderr.lines().next();
        assert_eq!(first, Some(&*format!("error: {expected}")), "{arguments:?}: {}", end.stderr);
        assert!(!end.stderr.contains("s3same"), "{}", end.stderr);
    }
}
