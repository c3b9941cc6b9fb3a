//! The note about calls that name no tenant, for whoever looks for them in one.

use super::{call, call_as, printed, printed_json, run_on, url};
use crate::hold::{Waiting, wait_until_held};
use crate::process::{Process, run};
use crate::scenarios::Call;

const LOOKING: [&[&str]; 8] = [
    &["requests"],
    &["requests", "--json"],
    &["requests", "--curl"],
    &["requests", "--har", "-"],
    &["requests", "--status", "200"],
    &["report"],
    &["checklist", "--format", "markdown"],
    &["verify"],
];

/// What a command prints on stderr.
fn noted(process: &Process, arguments: &[&str]) -> String {
    let end = run_on(process, arguments);
    let code = i32::from(arguments[0] == "verify");
    assert_eq!(end.code, Some(code), "{arguments:?}: {}", end.stderr);
    end.stderr
}

#[test]
fn a_tenant_without_calls_is_told_of_those_without_an_accepted_token() {
    let process = Process::start(&[]);
    let of_tenant = |command: &[&str]| noted(&process, &[command, &["--tenant", "qa"]].concat());
    for command in LOOKING {
        assert_eq!(of_tenant(command), "", "{command:?}: there are none at all");
    }
    for (token, calls) in [("wrong", "1 call"), ("gnsb_QA", "2 calls"), ("", "3 calls")] {
        assert_eq!(call_as(&process, token), 401);
        let verb = if calls == "1 call" { "is" } else { "are" };
        let expected = format!(
            "{calls} without an accepted token {verb} in anonymous: genuin-sandbox requests --tenant anonymous\n"
        );
        for command in LOOKING {
            assert_eq!(of_tenant(command), expected, "{command:?}");
        }
    }
    // as pasted
    let shown = printed(&process, &["requests", "--tenant", "anonymous"]);
    assert!(shown.starts_with("anonymous/1 ") && shown.contains("\nanonymous/3 "), "{shown}");
}

#[test]
fn nobody_else_is_told() {
    let process = Process::start(&[]);
    assert_eq!(call_as(&process, "wrong"), 401);
    let after = printed_json(&process, &["requests", "--all"])["next"].as_str().unwrap().to_owned();
    assert!(!noted(&process, &["report"]).is_empty());
    for command in [
        &["requests", "--all", "--status", "200"][..],
        &["requests", "--tenant", "anonymous", "--status", "200"],
        &["requests", "--since", &after],
        &["report", "--since", &after],
        &["report", "--all"],
        &["report", "--tenant", "anonymous"],
    ] {
        assert_eq!(noted(&process, command), "", "{command:?}");
    }
    let unmet = run_on(&process, &["verify", "--match", "{outcome: ok}", "--tenant", "anonymous"]);
    assert_eq!((unmet.code, unmet.stderr.as_str()), (Some(1), ""));
    // a tenant that has calls misses none, though none is shown
    assert_eq!(call(&process).status, 200);
    for command in [&["requests", "--status", "400"][..], &["report", "--trace", &"a".repeat(32)]] {
        assert_eq!(noted(&process, command), "", "{command:?}");
    }
    assert_eq!(noted(&process, &["verify", "--match", "{status: 400}"]), "");
}

#[test]
fn commands_to_paste_name_the_sandbox_that_an_option_names() {
    let process = Process::start(&[]);
    let url = url(&process);
    assert_eq!(call_as(&process, "wrong"), 401);
    printed(&process, &["override", "set", "1x500"]);
    assert_eq!([call(&process).status, call(&process).status], [500, 200]);
    printed(&process, &["clock", "freeze", "now"]);
    printed(&process, &["override", "set", "hold", "--tenant", "held"]);
    let held = Waiting::send(process.address, &Call::new().token("gnsb_held"));
    wait_until_held(process.address, "held", 1);
    let reset = "genuin-sandbox reset --what scenarios --tenant demo";
    for (arguments, commands) in [
        (&["requests", "--tenant", "qa"][..], &["genuin-sandbox requests --tenant anonymous"][..]),
        (
            &["normal"],
            &[
                "genuin-sandbox override clear --tenant demo",
                "genuin-sandbox clock resume --tenant demo",
            ],
        ),
        (
            &["normal", "--tenant", "held"],
            &[
                "genuin-sandbox override clear --tenant held",
                "genuin-sandbox hold release --tenant held",
            ],
        ),
        (&["override", "show"], &[reset]),
        (
            &["checklist", "--format", "markdown"],
            &["genuin-sandbox override set 5026 --hits 1 --tenant demo"],
        ),
    ] {
        let by_variable = run(arguments, &[("GNSB_URL", &url)]);
        let other = "http://127.0.0.1:1";
        let by_option =
            run(&[arguments, &["--url", &format!("{url}/")]].concat(), &[("GNSB_URL", other)]);
        for command in commands {
            let is_in = |end: &crate::process::End, rest: &str| {
                let text = format!("{}{}", end.stdout, end.stderr);
                let command = format!("{command}{rest}");
                let ends = |text: &str| text.starts_with(['\n', ',', ' ', '`', '|']);
                text.split(&command).skip(1).any(ends)
            };
            assert!(is_in(&by_option, &format!(" --url {url}")), "{command}: {by_option:?}");
            assert!(is_in(&by_variable, ""), "{command}: {by_variable:?}");
            assert!(!is_in(&by_variable, " --url"), "{command}: {by_variable:?}");
        }
    }
    printed(&process, &["hold", "release", "--tenant", "held"]);
    assert_eq!(held.answer().status, 200);
    let json = printed_json(&process, &["checklist"]);
    assert_eq!(
        json["items"][0]["provoke"],
        "genuin-sandbox override set 5026 --hits 1 --tenant demo"
    );
}
