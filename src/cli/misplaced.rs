//! Arguments that are known, but not where they stand. What is shown has no values: one may be a secret.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{Arg, Command};

use super::requests::shell_word;
use crate::scenario::parse_duration;
use crate::text::quoted;

/// The error for a command of `exec` without `--` before it.
pub(super) fn command_without_dashes(
    command: &Command,
    arguments: &[OsString],
    word: &str,
) -> clap::Error {
    let at = arguments.iter().position(|argument| argument.to_str() == Some(word));
    let options = if at == Some(2) { "" } else { " [OPTIONS]" };
    let rest = if at.is_none_or(|at| at + 1 < arguments.len()) { " ..." } else { "" };
    let (name, word) = (command.get_name(), shell_word(word));
    let why = format!("put -- before the command: {name} exec{options} -- {word}{rest}");
    error_of(command, &["exec"], &why)
}

/// The error for an option before the command that it belongs to.
pub(super) fn option_before_command(
    command: &Command,
    arguments: &[OsString],
) -> Option<clap::Error> {
    let first = arguments.get(1)?;
    let named = command.find_subcommand(first)?;
    // where no command is named first, it is serve
    let parent = if named.has_subcommands() { named } else { command };
    if parent.get_name() == command.get_name() && first != "serve" {
        return None;
    }
    let flag = arguments.get(2)?.to_str()?.strip_prefix("--")?;
    let flag = flag.split('=').next().filter(|flag| !flag.is_empty())?;
    let after = arguments.iter().skip(3).take_while(|argument| *argument != "--");
    let after: Vec<_> = after.collect();
    let (path, argument) = (0..after.len()).find_map(|at| {
        let path = subcommands(parent, &after[at..]);
        let argument = path.last()?.get_arguments().find(|it| it.get_long() == Some(flag))?;
        Some((path, argument))
    })?;
    let parent = Some(parent.get_name()).filter(|name| *name != command.get_name());
    let inner = path.iter().map(|command| command.get_name());
    let path: Vec<_> = parent.into_iter().chain(inner).collect();
    let (program, shown, value) = (command.get_name(), path.join(" "), value_name(argument));
    let why = format!("options stand after the command: {program} {shown} --{flag}{value}");
    Some(error_of(command, &path, &why))
}

/// The error for a duration below zero, such as -1h, which looks like options.
pub(super) fn negative_duration(
    command: &Command,
    arguments: &[OsString],
    unknown: &str,
) -> Option<clap::Error> {
    let words = arguments.iter().map(|word| word.to_string_lossy());
    let words: Vec<_> = words.take_while(|word| word != "--").collect();
    let at = words.iter().position(|word| word.starts_with(unknown))?;
    parse_duration(words[at].strip_prefix('-')?).ok()?;
    let (name, value) = (&words[at - 1], quoted(&words[at]));
    let why = format!(
        "{name}: invalid value {value}: a duration is not negative; write it like 90s or 25h"
    );
    Some(command.clone().error(ErrorKind::UnknownArgument, why))
}

/// An error with the usage of a command.
fn error_of(program: &Command, path: &[&str], why: &str) -> clap::Error {
    let mut program = program.clone();
    // gives every command its full name
    program.build();
    let command = path.iter().fold(&mut program, |command, name| {
        command.find_subcommand_mut(name).expect("BUG: the path is that of a command")
    });
    command.error(ErrorKind::UnknownArgument, why)
}

/// The subcommands that words name, each one of the one before.
fn subcommands<'c>(parent: &'c Command, words: &[&OsString]) -> Vec<&'c Command> {
    let mut path: Vec<&Command> = Vec::new();
    for word in words {
        let parent = path.last().copied().unwrap_or(parent);
        let Some(command) = parent.find_subcommand(word) else { break };
        path.push(command);
    }
    path
}

/// A space and the name of the option's value, if it takes one.
fn value_name(argument: &Arg) -> String {
    let names = argument.get_value_names().filter(|_| argument.get_action().takes_values());
    let name = names.and_then(|names| names.first());
    name.map_or_else(String::new, |name| format!(" {name}"))
}
