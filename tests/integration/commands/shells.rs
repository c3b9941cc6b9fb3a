//! `completions` and `man`.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::process::run;

fn script(shell: &str) -> String {
    let end = run(&["completions", shell], &[]);
    assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""), "{shell}");
    end.stdout
}

/// What bash offers for the last of these words.
fn offered(words: &[&str]) -> Vec<String> {
    let quoted: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
    let (last, previous) = (words[words.len() - 1], words[words.len() - 2]);
    let program = format!(
        "{}\nCOMP_WORDS=({})\nCOMP_CWORD={}\n_genuin__sandbox genuin-sandbox '{last}' '{previous}'\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
        script("bash"),
        quoted.join(" "),
        words.len() - 1,
    );
    let mut bash = Command::new("bash");
    let output = piped(bash.args(["--norc", "-eu"]), &program);
    output.lines().map(str::to_owned).collect()
}

/// Runs a command with an input; it must succeed and complain of nothing.
fn piped(command: &mut Command, input: &str) -> String {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), stderr.as_str()), (Some(0), ""), "{input}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn bash_completes_commands_flags_and_values() {
    let sorted = |words: &[&str]| {
        let mut offered = offered(words);
        offered.sort_unstable();
        offered
    };
    assert_eq!(sorted(&["genuin-sandbox", "ver"]), ["verify"]);
    assert_eq!(sorted(&["genuin-sandbox", "override", "s"]), ["set", "show"]);
    assert_eq!(sorted(&["genuin-sandbox", "check", "--st"]), ["--strict"]);
    assert_eq!(sorted(&["genuin-sandbox", "completions", ""]).len(), 5, "three shells, -h, --help");
    let values = sorted(&["genuin-sandbox", "check", "--format", ""]);
    assert_eq!(values, ["github", "json", "text"]);
}

#[test]
fn the_flags_of_serve_are_completed_without_its_name() {
    for words in [&["genuin-sandbox", "--cors"][..], &["genuin-sandbox", "serve", "--cors"]] {
        assert_eq!(offered(words), ["--cors-origin"], "{words:?}");
    }
}

#[test]
fn what_help_hides_is_not_completed() {
    for shell in ["bash", "zsh", "fish"] {
        let script = script(shell);
        for hidden in ["admin-token-file", "scenario-yaml"] {
            assert!(!script.contains(hidden), "{shell}: {hidden}");
        }
        assert!(script.contains("admin-token"), "{shell}");
    }
    assert!(!offered(&["genuin-sandbox", "exec", "--"]).contains(&"--listen".to_owned()));
}

#[test]
fn names_and_descriptions_of_values_do_not_break_the_scripts() {
    let zsh = script("zsh");
    assert!(zsh.contains(":ADDR PORT:_default'"), "a colon separates fields");
    for line in zsh.lines().filter(|line| line.contains(r#"\:""#)) {
        assert_eq!(line.matches('"').count(), 2, "{line}");
    }
    for line in script("fish").lines().filter(|line| line.contains("\\t'")) {
        assert!(line.matches('"').count() <= 3, "{line}");
    }
}

#[test]
fn a_shell_that_is_not_supported_is_refused() {
    let end = run(&["completions", "tcsh"], &[]);
    assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""));
    assert!(
        end.stderr.contains("error: SHELL: unknown value \"tcsh\" (known: bash, zsh, fish)"),
        "{}",
        end.stderr
    );
}

/// The headings of a page.
fn headings(page: &str) -> Vec<&str> {
    let headings = page.lines().filter_map(|line| line.strip_prefix(".SH "));
    headings.map(|heading| heading.trim_matches('"')).collect()
}

#[test]
fn the_manual_page_lists_the_commands_and_exit_codes() {
    let end = run(&["man"], &[]);
    assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""));
    let page = end.stdout;
    let expected = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "COMMANDS", "EXIT STATUS"];
    assert_eq!(headings(&page), expected, "{page}");
    let help = run(&["--help"], &[]).stdout;
    let commands = help.lines().filter_map(|line| line.strip_prefix("  "));
    for command in
        commands.filter_map(|line| line.split(' ').next()).filter(|name| !name.starts_with('-'))
    {
        assert!(page.contains(&format!("genuin\\-sandbox\\-{command}(1)")), "{command}");
    }
}

#[test]
fn the_manual_page_of_a_command_has_its_options_and_examples() {
    let end = run(&["man", "override", "set"], &[]);
    assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""));
    let page = end.stdout;
    assert_eq!(headings(&page), ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES"]);
    let version = run(&["--version"], &[]).stdout;
    let title = format!(".TH genuin-sandbox-override-set 1 \"\" \"{}\" ", version.trim_end());
    assert!(page.contains(&title), "{title} in {page}");
    assert!(page.contains("\\fB\\-\\-hits\\fR \\fI<N>\\fR"), "{page}");
    let serve = run(&["man", "serve"], &[]).stdout;
    assert!(!serve.contains("token\\-file"), "what help hides: {serve}");
    assert!(serve.contains("[default: 42] [env: GNSB_SEED]\n"), "{serve}");
    assert!(serve.contains("\n.br\noff: No one\n"), "{serve}");
}

#[test]
fn a_command_that_does_not_exist_has_no_manual_page() {
    for (path, why) in [
        (&["overide"][..], "genuin-sandbox has no command \"overide\"; did you mean \"override\"?"),
        (
            &["override", "sets"],
            "genuin-sandbox override has no command \"sets\"; did you mean \"set\"?",
        ),
        (&["status", "all"], "genuin-sandbox status has no command \"all\""),
    ] {
        let end = run(&[&["man"], path].concat(), &[]);
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{path:?}");
        assert_eq!(end.stderr, format!("error: {why}\n"));
    }
}
