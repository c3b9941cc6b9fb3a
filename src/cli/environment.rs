//! The environment: every variable that begins with `GNSB_` must be one we know.

use std::ffi::OsString;

use anyhow::bail;
use clap::Command;
use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue};

use crate::text::nearest;

/// Every variable of every command.
const KNOWN: [&str; 19] = [
    "GNSB_ADMIN",
    "GNSB_ADMIN_TOKEN",
    "GNSB_ADMIN_TOKEN_FILE",
    "GNSB_ALLOW_HOST",
    "GNSB_CLOCK",
    "GNSB_DEBUG_HEADERS",
    "GNSB_FIXTURES",
    "GNSB_LISTEN",
    "GNSB_LOG",
    "GNSB_LOG_FORMAT",
    "GNSB_MAX_GROUPS",
    "GNSB_MEDIA",
    "GNSB_PORT_FILE",
    "GNSB_PUBLIC_URL",
    "GNSB_SCENARIO",
    "GNSB_SCENARIOS",
    "GNSB_SCENARIO_YAML",
    "GNSB_SEED",
    "GNSB_URL",
];

/// Refuses unknown variables; gives warnings for those that Kubernetes injects.
pub fn check(variables: impl Iterator<Item = (OsString, OsString)>) -> anyhow::Result<Vec<String>> {
    let mut warnings = Vec::new();
    for (name, value) in variables {
        let name = name.to_string_lossy();
        if !name.starts_with("GNSB_") || KNOWN.contains(&&*name) || value.is_empty() {
            continue;
        }
        if name.starts_with("GNSB_PORT") || name.starts_with("GNSB_SERVICE_") {
            warnings.push(format!(
                "ignored {name}: Kubernetes injects variables of this name; to choose a port set GNSB_LISTEN=ADDR:PORT"
            ));
            continue;
        }
        let hint =
            nearest(name.trim_start_matches("GNSB_"), KNOWN.map(|known| &known["GNSB_".len()..]))
                .map_or_else(String::new, |known| format!("; did you mean \"GNSB_{known}\"?"));
        bail!("unknown variable {name}{hint} (known: {})", KNOWN.join(", "));
    }
    Ok(warnings)
}

/// An empty variable counts as unset.
pub fn without_empty(command: Command) -> Command {
    command
        .mut_args(|argument| match argument.get_env() {
            Some(name) if std::env::var_os(name).is_some_and(|value| value.is_empty()) => {
                argument.env(Resettable::Reset)
            }
            _ => argument,
        })
        .mut_subcommands(without_empty)
}

/// An error about a flag that nobody typed names the variable it came from.
pub fn name_variable(
    mut error: clap::Error,
    command: &Command,
    arguments: &[OsString],
) -> clap::Error {
    let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg) else {
        return error;
    };
    let flag = flag.split(' ').next().unwrap_or(flag).to_owned();
    let typed = arguments.iter().any(|argument| argument.to_string_lossy().starts_with(&flag));
    let variable = command
        .get_subcommands()
        .flat_map(Command::get_arguments)
        .find(|argument| argument.get_long().is_some_and(|long| flag == format!("--{long}")))
        .and_then(|argument| argument.get_env());
    if let (false, Some(variable)) = (typed, variable) {
        let named = format!("{} (which is {flag})", variable.to_string_lossy());
        error.insert(ContextKind::InvalidArg, ContextValue::String(named));
    }
    error
}
