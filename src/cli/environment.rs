//! The environment: every variable that begins with `GNSB_` must belong to a flag of some command.

use std::collections::BTreeSet;
use std::ffi::OsString;

use anyhow::bail;
use clap::Command;
use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue};

use crate::text::nearest;

/// The prefix of every variable.
const PREFIX: &str = "GNSB_";

/// Refuses unknown variables, and returns warnings about those that Kubernetes sets.
pub(super) fn check(
    command: &Command,
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> anyhow::Result<Vec<String>> {
    let known = known(command);
    let mut warnings = Vec::new();
    for (name, value) in variables {
        let name = name.to_string_lossy();
        let Some(suffix) = name.strip_prefix(PREFIX) else { continue };
        if known.contains(&*name) || value.is_empty() {
            continue;
        }
        if suffix.starts_with("PORT") || suffix.starts_with("SERVICE_") {
            warnings.push(format!(
                "ignoring {name}, which Kubernetes sets for a service named gnsb; \
                 to choose a port set GNSB_LISTEN=ADDR:PORT"
            ));
            continue;
        }
        let hint = nearest(suffix, known.iter().map(|name| &name[PREFIX.len()..]))
            .map_or_else(String::new, |name| format!("; did you mean \"{PREFIX}{name}\"?"));
        let known: Vec<_> = known.iter().map(String::as_str).collect();
        bail!("unknown variable {name}{hint} (known: {})", known.join(", "));
    }
    Ok(warnings)
}

/// Returns the variables of a command and its subcommands.
fn known(command: &Command) -> BTreeSet<String> {
    let own = command.get_arguments().filter_map(|argument| argument.get_env());
    let own = own.map(|name| name.to_string_lossy().into_owned());
    own.chain(command.get_subcommands().flat_map(known)).collect()
}

/// Makes an empty variable count as unset.
pub(super) fn without_empty(command: Command) -> Command {
    command
        .mut_args(|argument| match argument.get_env() {
            Some(name) if std::env::var_os(name).is_some_and(|value| value.is_empty()) => {
                argument.env(Resettable::Reset)
            }
            _ => argument,
        })
        .mut_subcommands(without_empty)
}

/// Names the environment variable in an error about a flag it set.
pub(super) fn name_variable(
    mut error: clap::Error,
    command: &Command,
    arguments: &[OsString],
) -> clap::Error {
    let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg) else {
        return error;
    };
    let flag = flag.split(' ').next().unwrap_or(flag).to_owned();
    let names_flag = |argument: &OsString| {
        let argument = argument.to_string_lossy();
        argument.strip_prefix(&flag).is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    };
    // what comes after -- belongs to another command
    let typed = arguments.iter().take_while(|argument| *argument != "--").any(names_flag);
    let variable = command
        .get_subcommands()
        .flat_map(Command::get_arguments)
        .find(|argument| argument.get_long().is_some_and(|long| flag == format!("--{long}")))
        .and_then(|argument| argument.get_env());
    if let (false, Some(variable)) = (typed, variable) {
        let named = format!("{} ({flag})", variable.to_string_lossy());
        error.insert(ContextKind::InvalidArg, ContextValue::String(named));
    }
    error
}
