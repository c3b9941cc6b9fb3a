//! The commands as processes: what they print and how they end.

use std::collections::BTreeSet;
use std::path::Path;

use super::record::{Record, Transcript};
use super::texts::{TEXT, text_keys};
use crate::exec;
use crate::harness::EXAMPLE_TIME;
use crate::process::{End, Process, run};
use crate::scenarios::Call;

/// A command, why it is recorded, and how its output is read.
struct Command {
    name: &'static str,
    why: &'static str,
    arguments: Vec<String>,
    variables: &'static [(&'static str, &'static str)],
    stdout: Output,
}

/// Who reads what a command prints.
enum Output {
    People,
    /// A program; the strings at these keys are for people all the same.
    Json(Vec<&'static str>),
    /// A program, line by line.
    Lines,
    /// People; the names of flags and variables in it are a promise all the same.
    Help,
}

impl Command {
    fn new(name: &'static str, why: &'static str, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|part| (*part).to_owned()).collect();
        Self { name, why, arguments, variables: &[], stdout: Output::People }
    }

    fn variables(self, variables: &'static [(&'static str, &'static str)]) -> Self {
        Self { variables, ..self }
    }

    fn json(self, text_keys: Vec<&'static str>) -> Self {
        Self { stdout: Output::Json(text_keys), ..self }
    }

    fn help(self) -> Self {
        Self { stdout: Output::Help, ..self }
    }

    fn lines(self) -> Self {
        Self { stdout: Output::Lines, ..self }
    }

    /// Runs it with `more` arguments and `DIR` replaced by the folder.
    fn record(self, folder: &Path, more: &[&str]) -> Record {
        let mut record = Record::new(self.name, self.why);
        let folder = folder.to_str().unwrap();
        let arguments: Vec<_> =
            self.arguments.iter().map(|part| part.replace("DIR", folder)).collect();
        let arguments: Vec<_> =
            arguments.iter().map(String::as_str).chain(more.iter().copied()).collect();
        let end = run(&arguments, self.variables);
        let shown = self.arguments.join(" ").replace(exec::CALL, "");
        let variables = self.variables.iter().map(|(name, value)| format!("{name}={value} "));
        let (url, of_server) = match more {
            [_, address] => (" --url http://127.0.0.1:PORT", *address),
            _ => ("", "http://127.0.0.1:PORT"),
        };
        for line in
            format!("$ {}genuin-sandbox {shown}{url}", variables.collect::<String>()).lines()
        {
            record.wire(line.trim_end());
        }
        let commit = concat!("(", env!("SANDBOX_COMMIT"), ")");
        let stable = |text: &str| {
            let text = text.replace(of_server, "http://127.0.0.1:PORT");
            without_time(&text.replace(folder, "DIR").replace(commit, "(COMMIT)"))
        };
        write_end(&mut record, &end, &self.stdout, stable);
        record
    }
}

fn write_end(record: &mut Record, end: &End, stdout: &Output, stable: impl Fn(&str) -> String) {
    record.wire(&format!("exit code {}", end.code.unwrap()));
    let printed = stable(&end.stdout);
    match stdout {
        _ if printed.is_empty() => {}
        Output::People => people(record, "stdout", &printed),
        Output::Help => {
            for name in names(&printed) {
                record.wire(name);
            }
            people(record, "stdout", &printed);
        }
        Output::Json(text_keys) => {
            record.wire("stdout:");
            record.json_text(&printed, text_keys);
        }
        Output::Lines => {
            record.wire("stdout:");
            record.wire.extend(printed.lines().map(str::to_owned));
        }
    }
    if !end.stderr.is_empty() {
        people(record, "stderr", &stable(&end.stderr));
    }
}

/// The flags and variables that a help page names.
fn names(help: &str) -> BTreeSet<&str> {
    help.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_')
        .filter(|word| word.starts_with("GNSB_") || word.trim_start_matches('-') != *word)
        .filter(|word| word.ends_with(|c: char| c.is_ascii_alphanumeric()))
        .collect()
}

fn people(record: &mut Record, place: &str, text: &str) {
    record.wire(&format!("{place}: {TEXT}"));
    record.text(place, text);
}

/// A log without the machine's time at the beginning of each line.
fn without_time(log: &str) -> String {
    let line = |line: &str| match line.split_once("Z ") {
        Some((time, rest)) if time.starts_with("20") && !time.contains(' ') => {
            format!("<time> {rest}")
        }
        _ => line.to_owned(),
    };
    log.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

pub fn transcript() -> Transcript {
    let folder = tempfile::tempdir().unwrap();
    for (name, rules) in [
        ("good", "- { id: a, do: { outcome: 500 } }"),
        ("odd", "- { id: a, do: { outcome: 500 } }\n- { id: b, do: { outcome: 404 } }"),
        ("bad", "- { id: a, do: { outcome: 5027 } }"),
    ] {
        crate::scenarios::write_rules(&folder, name, rules);
    }
    let alone = alone().into_iter().map(|command| command.record(folder.path(), &[]));
    let mut transcript: Transcript = alone.collect();
    transcript.extend(with_server(folder.path()));
    transcript
}

/// Commands that need no running sandbox.
fn alone() -> Vec<Command> {
    let new = Command::new;
    let calling = exec::CALL.to_owned()
        + r#"create "$GENUIN_TOKEN" "$valid" | head -n 1
create "$GENUIN_TOKEN" '{}' | head -n 1
exit 7"#;
    vec![
        new("version", "the version", &["--version"]).lines(),
        new("help", "all commands", &["--help"]),
        new("help-serve", "all options of the server", &["serve", "-h"]).help(),
        new("help-override-set", "all options of a command", &["override", "set", "-h"]).help(),
        new("help-verify", "all options of a command", &["verify", "-h"]).help(),
        new("help-requests", "all options of a command", &["requests", "-h"]).help(),
        new("outcomes", "a table", &["outcomes"]),
        new("outcomes-json", "the same for programs", &["outcomes", "--json"])
            .json(text_keys("/_sandbox/v1/outcomes")),
        new("check-ok", "nothing to say", &["check", "DIR/good.yaml"]),
        new("check-warning", "a rule that never acts", &["check", "DIR/odd.yaml"]),
        new("check-strict", "a warning counts", &["check", "--strict", "DIR/odd.yaml"]),
        new("check-failed", "a mistake with its place", &["check", "DIR"]),
        new("check-json", "the same for programs", &["check", "--json", "DIR"])
            .json(vec!["message"]),
        new("check-nowhere", "the file does not exist", &["check", "DIR/nowhere.yaml"]),
        new("exec-success", "output goes through", &["exec", "--", "sh", "-c", "echo out"]).lines(),
        new(
            "exec-failure",
            "the calls are listed after a failure",
            &["exec", "--clock", EXAMPLE_TIME, "--", "bash", "-c", &calling],
        )
        .lines(),
        new("exec-not-found", "no such command", &["exec", "--", "/nowhere/at-all"]),
        new("unknown-option", "the nearest is named", &["--seeed", "1"]),
        new("unknown-command", "the nearest is named", &["sevre"]),
        new("bad-value", "what is expected", &["--clock", "yesterday"]),
        new("unknown-variable", "the nearest is named", &[]).variables(&[("GNSB_SEDE", "1")]),
        new("bad-variable", "the variable is named", &[]).variables(&[("GNSB_SEED", "x")]),
        new("bad-scenario", "refused at start", &["--scenario", "2x50"]),
        new("bad-fixtures", "refused at start", &["--fixtures", "DIR/nowhere.yaml"]),
        new(
            "not-reachable",
            "no sandbox is there",
            &["override", "show", "--url", "http://127.0.0.1:1"],
        ),
    ]
}

/// Commands that talk to a running sandbox, and what that one printed.
fn with_server(folder: &Path) -> Transcript {
    let process = Process::start(&[]);
    let url = format!("http://{}", process.address);
    let mut transcript = vec![];
    let mut make = |command: Command| transcript.push(command.record(folder, &["--url", &url]));
    let new = Command::new;
    make(new("requests-none", "nothing was called", &["requests"]));
    make(new("override-none", "nothing is forced", &["override", "show"]));
    make(new("normal", "but for the clock", &["normal"]));
    make(new("normal-json", "for programs", &["normal", "--json"]).json(vec!["detail"]));
    make(new(
        "override-set",
        "for two calls, with owner and reason",
        &[
            "override", "set", "5026", "--hits", "2", "--ttl", "forever", "--owner", "ann",
            "--reason", "ticket 7",
        ],
    ));
    make(new("override-show-json", "for programs", &["override", "show", "--json"]).json(vec![]));
    Call::new().send_to(process.address);
    make(new("override-show", "one call is left", &["override", "show"]));
    make(new("override-clear", "nothing is forced", &["override", "clear"]));
    make(new("override-unknown", "refused", &["override", "set", "flaky-twize"]));
    Call::new().send_to(process.address);
    Call::new().with("/type", "4".into()).send_to(process.address);
    Call::new().header("500/after-commit").send_to(process.address);
    make(new("requests", "a line for each", &["requests"]));
    make(new("requests-json", "for programs", &["requests", "--json", "--last", "1"]).json(vec![]));
    make(new("verify-pass", "holds", &["verify", "--match", "{outcome: ok}", "--exactly", "1"]));
    make(new(
        "verify-fail",
        "does not hold",
        &["verify", "--match", "{status: 200}", "--min", "2"],
    ));
    make(
        new(
            "verify-fail-json",
            "for programs",
            &["verify", "--match", "{outcome: hang}", "--json"],
        )
        .json(vec![]),
    );
    make(new("verify-refused", "must not be greater", &["verify", "--min", "2", "--max", "1"]));
    make(new("reset-parts", "only what is named", &["reset", "--what", "journal,clock"]));
    make(new("reset-json", "for programs", &["reset", "--json"]).json(vec![]));
    transcript.push(serve(process));
    transcript
}

/// All that the server printed, from the ready line to its end.
fn serve(process: Process) -> Record {
    let mut record = Record::new("serve", "the ready line, the log of the calls above, the end");
    let (ready, address) = (process.ready_line.clone(), process.address.to_string());
    let mut end = process.stop();
    end.stdout.insert_str(0, &ready);
    record.wire("$ genuin-sandbox serve");
    write_end(&mut record, &end, &Output::Lines, |text| {
        without_time(&text.replace(&address, "127.0.0.1:PORT"))
    });
    record
}
