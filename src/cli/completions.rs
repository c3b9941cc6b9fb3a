//! `completions`: scripts with which a shell completes commands, flags and their values.

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, Args, Command};
use clap_complete::{Shell, generate};

use super::Failure;
use super::stdout::print;

#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct CompletionsOptions {
    // those whose scripts are tested
    /// Shell to print the script for
    #[arg(value_name = "SHELL", value_parser = ["bash", "zsh", "fish"])]
    shell: String,
}

/// Prints the script for a shell; `command` is the whole program.
pub(super) fn run(options: &CompletionsOptions, command: &Command) -> Result<(), Failure> {
    let shell: Shell = options.shell.parse().expect("BUG: the library knows these shells");
    let name = command.get_name();
    let mut script = Vec::new();
    generate(shell, &mut completed(command), name, &mut script);
    let script = String::from_utf8_lossy(&script);
    // clap_complete 4.6.11 spells a name with a hyphen in two ways, and bash then knows no flag of any
    // command (clap-rs/clap#6421)
    let script = script.replace(&name.replace('-', "__subcmd__"), &name.replace('-', "__"));
    print(script.trim_end())
}

/// The program as a shell should complete it. Where no command is named it takes the flags of `serve`.
fn completed(program: &Command) -> Command {
    let serve = program.find_subcommand("serve").expect("BUG: serve is a command");
    visible(program).version(super::VERSION).args(visible_arguments(serve))
}

/// A command without what is hidden from its help, which the library would complete all the same.
fn visible(command: &Command) -> Command {
    Command::new(kept(command.get_name()))
        .about(command.get_about().cloned().unwrap_or_default())
        .disable_help_subcommand(true)
        .args(visible_arguments(command))
        .subcommands(command.get_subcommands().map(visible))
}

fn visible_arguments(command: &Command) -> impl Iterator<Item = Arg> {
    command.get_arguments().filter(|argument| !argument.is_hide_set()).cloned().map(quotable)
}

/// Replaces what the library does not quote: a colon in the name of a value, which separates fields in
/// zsh, and double quotes in what is said of a value.
fn quotable(mut argument: Arg) -> Arg {
    if let Some(names) = argument.get_value_names() {
        let names: Vec<_> = names.iter().map(|name| kept(&name.replace(':', " "))).collect();
        argument = argument.value_names(names);
    }
    let values: Vec<_> = argument.get_possible_values().iter().map(quotable_value).collect();
    // flags have the values true and false, which are not written
    if values.is_empty() || !argument.get_action().takes_values() {
        argument
    } else {
        argument.value_parser(PossibleValuesParser::new(values))
    }
}

fn quotable_value(value: &PossibleValue) -> PossibleValue {
    let copy = PossibleValue::new(kept(value.get_name())).hide(value.is_hide_set());
    match value.get_help() {
        Some(help) => copy.help(help.to_string().replace('"', "'")),
        None => copy,
    }
}

/// A text for as long as the program runs, which ends when it has printed the script.
fn kept(text: &str) -> &'static str {
    text.to_owned().leak()
}
