//! Values that commands cannot take: what is said of them, and of where they came from.

use super::{printed, run_on};
use crate::process::{Process, run};

#[test]
fn a_negative_value_is_told_what_can_stand_there() {
    let duration = "a duration is not negative; write it like 90s or 25h";
    let process = Process::start(&[]);
    for (arguments, expected) in [
        (
            &["override", "set", "500", "--hits", "-1"][..],
            "--hits: invalid value \"-1\": write a whole number of calls".to_owned(),
        ),
        (
            &["override", "set", "500", "--hits=-1"],
            "--hits: invalid value \"-1\": write a whole number of calls".to_owned(),
        ),
        (
            &["requests", "--last", "-20"],
            "--last: invalid value \"-20\": write a whole number of calls".to_owned(),
        ),
        (
            &["verify", "--wait-ms", "-0.5"],
            "--wait-ms: invalid value \"-0.5\": write a whole number of milliseconds".to_owned(),
        ),
        (
            &["requests", "--status", "-200"],
            "--status: invalid value \"-200\": write an HTTP status from 100 to 599".to_owned(),
        ),
        (
            &["--seed", "-1"],
            format!(
                "--seed: invalid value \"-1\": a seed is a whole number from 0 to {}",
                u64::MAX
            ),
        ),
        (&["clock", "advance", "-1h"], format!("advance: invalid value \"-1h\": {duration}")),
        (
            &["clock", "advance", "--tenant", "qa", "-1.5s", "--json"],
            format!("qa: invalid value \"-1.5s\": {duration}"),
        ),
        (
            &["override", "set", "500", "--ttl", "-10m"],
            format!("--ttl: invalid value \"-10m\": {duration}"),
        ),
        (
            &["clock", "advance", "-1"],
            "/advance: \"-1\" is not a duration; write it like 200ms, 1.5s, 2m or 25h".to_owned(),
        ),
    ] {
        let end = run_on(&process, arguments);
        let expected = format!("error: {expected}\n");
        assert_eq!((end.code, end.stdout.as_str(), end.stderr), (Some(2), "", expected));
    }
    // a text may begin so, and what is no value is none
    let set = printed(&process, &["override", "set", "500", "--reason", "-5", "--ttl", "forever"]);
    assert_eq!(set, "forcing 500 for demo: until it is cleared, set by tester (-5)\n");
    for arguments in [&["requests", "-20"][..], &["requests", "-n"], &["clock", "show", "-1x"]] {
        let end = run_on(&process, arguments);
        assert_eq!(end.code, Some(2), "{arguments:?}");
        assert!(end.stderr.starts_with("error: unexpected argument '-"), "{}", end.stderr);
    }
    let end = run(&["exec", "--", "printf", "%s", "-1"], &[]);
    assert_eq!((end.code, end.stdout.as_str()), (Some(0), "-1"));
}

#[test]
fn what_named_a_tenant_that_a_command_does_not_take_is_named() {
    let process = Process::start(&[]);
    let url = super::url(&process);
    for (tenant, why) in [
        ("*", "\"*\" is not a tenant name: use 1 to 63 of a-z, 0-9 and -"),
        ("anonymous", "\"anonymous\" is reserved for calls that name no tenant; choose another"),
    ] {
        for command in [
            &["normal"][..],
            &["clock", "show"],
            &["reset"],
            &["state"],
            &["checklist"],
            &["explain", "{}"],
        ] {
            let by_option = [command, &["--tenant", tenant]].concat();
            let variable = [("GNSB_URL", url.as_str()), ("GNSB_TENANT", tenant)];
            for (arguments, variables, origin) in [
                (by_option.as_slice(), &variable[..1], "--tenant"),
                (by_option.as_slice(), &[variable[0], ("GNSB_TENANT", "qa")], "--tenant"),
                (command, &variable, "GNSB_TENANT"),
            ] {
                let end = run(arguments, variables);
                let expected = format!("error: {origin}: {why}");
                assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{arguments:?}");
                assert!(end.stderr.starts_with(&expected), "{arguments:?}: {}", end.stderr);
            }
        }
    }
    for command in ["requests", "verify", "report"] {
        let end = run(&[command], &[("GNSB_URL", &url), ("GNSB_TENANT", "*")]);
        assert!(end.stderr.starts_with("error: GNSB_TENANT: \"*\" is not "), "{}", end.stderr);
    }
    // a call that brings its own token needs none of the tenant
    let own = ["explain", "{}", "--tenant", "*", "-H", "Authorization: Bearer gnsb_qa"];
    assert!(printed(&process, &own).contains(" for qa"));
    assert!(printed(&process, &["explain", "{}", "--tenant", "*", "--no-token"]).contains("401"));
}

#[test]
fn all_ways_to_write_a_switch_are_taken_and_named() {
    let known = "(known: true, false, yes, no, on, off, 1, 0)";
    for (value, name) in [("maybe", "\"maybe\""), ("2", "\"2\"")] {
        let end = run(&[], &[("GNSB_DEBUG_HEADERS", value)]);
        let expected = format!("error: GNSB_DEBUG_HEADERS: unknown value {name} {known}\n");
        assert_eq!((end.code, end.stderr), (Some(2), expected));
    }
    for value in ["TRUE", "false", "Yes", "no", "on", "OFF", "1", "0", "y", "n", "t", "f"] {
        let end = run(&["exec", "--", "true"], &[("GNSB_DEBUG_HEADERS", value)]);
        assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""), "{value}");
    }
}

#[test]
fn https_is_not_spoken_at_the_port_itself() {
    let process = Process::start(&[]);
    let url = format!("https://{}", process.address);
    for command in ["requests", "status", "normal"] {
        let end = run(&[command, "--url", &url], &[]);
        let expected = format!(
            "error: cannot reach a sandbox at {url}; start one, or set --url (GNSB_URL): the port speaks http; \
             write http:// in place of https://\n"
        );
        assert_eq!((end.code, end.stdout.as_str(), end.stderr), (Some(1), "", expected));
    }
}
