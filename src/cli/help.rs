//! What the help pages have besides clap's own: groups of commands, and examples of each.

use crate::text::append;
use clap::Command;

/// The commands by what one wants of them.
const GROUPS: [(&str, &str); 4] = [
    ("Run", "serve exec healthcheck"),
    ("Control", "override hold clock reset"),
    ("Look", "status requests state scenarios outcomes assumptions explain completions man"),
    ("Judge", "normal report checklist verify check"),
];

/// Examples of all commands; a server is started without the name of its command.
const EXAMPLES: &str = "\
genuin-sandbox --listen 0.0.0.0:8080 --admin open
genuin-sandbox --scenario '2x500, ok*'
genuin-sandbox --seed 7 --clock 2024-09-24T09:13:31Z
genuin-sandbox exec -- npm test
genuin-sandbox exec --scenario flaky-twice -- pytest -q
genuin-sandbox exec --har calls.har -- npm test
genuin-sandbox exec --verdict --junit report.xml -- ./integration-tests
genuin-sandbox exec --verdict --fail-on look --ignore 'unknown-fields=ticket 7' -- npm test
genuin-sandbox healthcheck
genuin-sandbox healthcheck --listen 0.0.0.0:8080
genuin-sandbox override set 5026 --hits 2 --reason 'ticket 7'
genuin-sandbox override set '2x500, ok*' --tenant qa
genuin-sandbox override set outage --tenant '*' --ttl forever
genuin-sandbox override show --tenant qa
genuin-sandbox override list
genuin-sandbox override clear
genuin-sandbox override clear --tenant '*'
genuin-sandbox hold list --tenant qa
genuin-sandbox hold release
genuin-sandbox hold release --count 1 --as 5026
genuin-sandbox clock show --tenant qa
genuin-sandbox clock freeze now
genuin-sandbox clock freeze 2024-09-24T09:13:31Z
genuin-sandbox clock advance 25h
genuin-sandbox clock resume
genuin-sandbox reset
genuin-sandbox reset --tenant qa --what state,journal
genuin-sandbox status --url http://sandbox:4368
genuin-sandbox requests --follow
genuin-sandbox requests --status 400 --json
genuin-sandbox requests --text video --curl
genuin-sandbox requests --all --har calls.har
genuin-sandbox state --tenant qa
genuin-sandbox scenarios
genuin-sandbox scenarios flaky-twice
genuin-sandbox outcomes
genuin-sandbox assumptions --json
genuin-sandbox explain '{\"type\": 4}'
genuin-sandbox explain @create-group.json --header 'X-Sandbox-Scenario: 5026'
genuin-sandbox explain --no-token '{\"type\": 4}'
genuin-sandbox explain --path /api/thirdparty/auth '{\"api_key\": \"demo-key\"}'
genuin-sandbox normal
genuin-sandbox normal --tenant qa --json
genuin-sandbox report
genuin-sandbox report --all --format junit
genuin-sandbox report --fail-on look --ignore 'unknown-fields:qa=ticket 7'
genuin-sandbox checklist --tenant qa
genuin-sandbox verify --match '{outcome: ok}' --exactly 1
genuin-sandbox verify --match '{status: 400}' --max 0
genuin-sandbox verify --match @refused.yaml --max 0
genuin-sandbox check
genuin-sandbox check --strict scenarios/launch-week.yaml
genuin-sandbox check --format github
genuin-sandbox completions bash
genuin-sandbox man
genuin-sandbox man override set";

pub(super) fn complete(command: Command) -> Command {
    let template = template(&command);
    let servers = ["serve", "exec"];
    let command = servers.into_iter().fold(command, |command, name| {
        let help = "Token that the own API then requires, from any address";
        command.mut_subcommand(name, |serve| {
            serve.mut_arg("admin_token", |argument| argument.help(help))
        })
    });
    with_examples(command, "").help_template(template)
}

fn with_examples(command: Command, path: &str) -> Command {
    // a page is the same for everyone, and a value may be a secret
    let command = command.mut_args(|argument| argument.hide_env_values(true));
    let names: Vec<_> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| {
        let path = format!("{path} {name}").trim_start().to_owned();
        command.mut_subcommand(name, |command| {
            let command = with_examples(command, &path);
            let examples = examples(&path).fold(String::new(), |text, line| text + "\n  " + line);
            if examples.is_empty() {
                command
            } else {
                command.after_help(format!("EXAMPLES{examples}"))
            }
        })
    })
}

/// The examples of a command, such as `override set`, and of those below it.
pub(super) fn examples(path: &str) -> impl Iterator<Item = &'static str> {
    let start = match path {
        "serve" => "genuin-sandbox -".to_owned(),
        _ => format!("genuin-sandbox {path} "),
    };
    EXAMPLES.lines().filter(move |line| line.starts_with(&start) || *line == start.trim_end())
}

/// The help page of the program, in clap's form but for the groups.
fn template(command: &Command) -> String {
    let mut text = "{about-with-newline}\n{usage-heading} {usage}\n".to_owned();
    let width = command.get_subcommands().map(|sub| sub.get_name().len()).max().unwrap_or(0);
    for (title, names) in GROUPS {
        append!(text, "\n{title}:\n");
        for name in names.split(' ') {
            let about = command.find_subcommand(name).and_then(Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            let indent = width + 4;
            let lines = wrapped(&about, page_width().saturating_sub(indent));
            let about = lines.join(&format!("\n{:indent$}", ""));
            append!(text, "  {name:width$}  {about}\n");
        }
    }
    text + "\nOptions:\n{options}{after-help}"
}

/// How many columns a page may take: as many as clap gives the parts that it wraps itself.
fn page_width() -> usize {
    const MAX_COLUMNS: usize = 100;
    let of_terminal = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let given = || std::env::var("COLUMNS").ok()?.parse().ok();
    of_terminal.or_else(given).unwrap_or(MAX_COLUMNS).min(MAX_COLUMNS)
}

/// Splits a text at spaces into lines of at most so many columns; a longer word has a line of its own.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("BUG: there is always a line");
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= columns {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::{Cli, with_default_command};

    /// Splits a line at spaces outside single quotes, as a shell does.
    fn words(line: &str) -> Vec<std::ffi::OsString> {
        let parts = line.split('\'').enumerate();
        let text: String = parts
            .map(|(index, part)| if index % 2 == 0 { part.replace(' ', "\0") } else { part.into() })
            .collect();
        text.split('\0').map(Into::into).collect()
    }

    #[test]
    fn every_command_is_in_one_group() {
        let grouped: Vec<_> = GROUPS.iter().flat_map(|(_, names)| names.split(' ')).collect();
        let command = Cli::command();
        let all: BTreeSet<_> = command.get_subcommands().map(Command::get_name).collect();
        assert_eq!(grouped.iter().copied().collect::<BTreeSet<_>>(), all);
        assert_eq!(grouped.len(), all.len());
    }

    fn every_command(command: &Command, path: &str, check: &mut impl FnMut(&str)) {
        for command in command.get_subcommands() {
            let path = format!("{path} {}", command.get_name());
            check(path.trim_start());
            every_command(command, &path, check);
        }
    }

    #[test]
    fn the_page_of_options_has_every_flag_and_variable_of_serve() {
        let page = include_str!("../../docs/options.md");
        let table = page.lines().filter(|line| line.starts_with('|')).collect::<String>();
        let written = |prefix: &str| -> BTreeSet<String> {
            let words = table.split('`').skip(1).step_by(2);
            let names = words.filter_map(|word| word.split([' ', '=']).next());
            names.filter(|name| name.starts_with(prefix)).map(str::to_owned).collect()
        };
        let command = Cli::command();
        let arguments: Vec<_> = command.find_subcommand("serve").unwrap().get_arguments().collect();
        let visible = arguments.iter().filter(|argument| !argument.is_hide_set());
        let flags =
            visible.filter_map(|argument| argument.get_long()).map(|long| format!("--{long}"));
        let variables = arguments.iter().filter_map(|argument| argument.get_env());
        let variables = variables.map(|name| name.to_string_lossy().into_owned());
        assert_eq!(written("--"), flags.collect());
        assert_eq!(written("GNSB_"), variables.collect());
    }

    #[test]
    fn every_command_has_examples_that_it_understands() {
        let command = Cli::command();
        every_command(&command, "", &mut |path| {
            assert!(examples(path).next().is_some(), "{path} has no examples");
            for line in examples(path) {
                let arguments = with_default_command(words(line));
                command.clone().try_get_matches_from(arguments).unwrap_or_else(|error| {
                    panic!("{line}: {error}");
                });
            }
        });
    }
}
