//! The environment: every variable that begins with `GNSB_` must belong to a flag of some command.

use std::collections::BTreeSet;
use std::ffi::OsString;

use anyhow::bail;
use clap::Command;
use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue};

use crate::text::{listed, nearest};

const PREFIX: &str = "GNSB_";

/// The variable whose empty value is not passed over: what should be guarded would be open.
const ADMIN_TOKEN: &str = "GNSB_ADMIN_TOKEN";

/// Refuses unknown variables, and returns warnings about those that Kubernetes or Docker sets.
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
        if is_injected(&name, &value.to_string_lossy(), &known) {
            warnings.push(format!(
                "ignoring {name}, which Kubernetes and Docker set for a service named gnsb or gnsb-…; \
                 to choose a port set GNSB_LISTEN=ADDR:PORT"
            ));
            continue;
        }
        let known_suffixes = known.iter().map(|name| &name[PREFIX.len()..]);
        let hint = with_ending(suffix, &known)
            .or_else(|| nearest(suffix, known_suffixes))
            .map_or_else(String::new, |name| format!("; did you mean \"{PREFIX}{name}\"?"));
        let known = listed(&name, known.iter().map(String::as_str));
        bail!("unknown variable {name}{hint} (known: {known})");
    }
    Ok(warnings)
}

/// Returns a known variable, without the prefix, that has one of the endings of Kubernetes and Docker besides,
/// as in `GNSB_SCENARIO_NAME`.
fn with_ending<'n>(suffix: &'n str, known: &BTreeSet<String>) -> Option<&'n str> {
    let without = ["_NAME", "_PORT"].iter().find_map(|ending| suffix.strip_suffix(ending))?;
    known.contains(&format!("{PREFIX}{without}")).then_some(without)
}

/// Whether Kubernetes or a Docker link sets this variable to this value for a service named `gnsb` or
/// `gnsb-…`. Where a known variable may be meant, the value decides: they set a port to `tcp://…` and a name
/// to `/web/gnsb`.
fn is_injected(name: &str, value: &str, known: &BTreeSet<String>) -> bool {
    let suffix = name.strip_prefix(PREFIX).unwrap_or_default();
    if with_ending(suffix, known).is_some() && !value.starts_with('/') && !value.contains("://") {
        return false;
    }
    let Some(rest) = name.strip_prefix("GNSB") else { return false };
    let is_words = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // what is before each ending is nothing, or `_` and the rest of the service's name
    let is_service =
        |name: &str| name.is_empty() || (name.len() > 1 && name.starts_with('_') && is_words(name));
    let is_port = |port: &str| {
        let mut words = port.split('_');
        let is_protocol = |word: &str| matches!(word, "TCP" | "UDP" | "SCTP");
        words.next().is_some_and(is_number)
            && words.next().is_some_and(is_protocol)
            && words.next().is_none_or(|word| matches!(word, "ADDR" | "PORT" | "PROTO"))
            && words.next().is_none()
    };
    let ends_in = |ending: &str| rest.strip_suffix(ending).is_some_and(is_service);
    let has = |middle: &str, is_end: &dyn Fn(&str) -> bool| {
        let places = rest.match_indices(middle);
        let split = |(at, _): (usize, &str)| (&rest[..at], &rest[at + middle.len()..]);
        places.map(split).any(|(service, end)| is_service(service) && is_end(end))
    };
    ends_in("_SERVICE_HOST")
        || ends_in("_SERVICE_PORT")
        || ends_in("_PORT")
        || ends_in("_NAME")
        || has("_SERVICE_PORT_", &|name| !name.is_empty() && is_words(name))
        || has("_PORT_", &is_port)
        || has("_ENV_", &|_| true)
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
            Some(name)
                if name != ADMIN_TOKEN
                    && std::env::var_os(name).is_some_and(|value| value.is_empty()) =>
            {
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
    // the name alone, without its value's
    let flag = flag.split([' ', '[', '=']).next().unwrap_or(flag).to_owned();
    let typed = is_typed(&flag, arguments);
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

/// Names where a value came from: the flag if it was typed, else the variable if that is set.
pub(super) fn origin(flag: &'static str, variable: &'static str) -> &'static str {
    let arguments: Vec<_> = std::env::args_os().collect();
    if is_set(variable) && !is_typed(flag, &arguments) { variable } else { flag }
}

/// Whether a variable is set; an empty one does not count, but where it is refused.
pub(super) fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty() || variable == ADMIN_TOKEN)
}

/// Whether a flag is among the arguments, those after `--` aside.
pub(super) fn is_typed(flag: &str, arguments: &[OsString]) -> bool {
    arguments.iter().map(|argument| argument.to_string_lossy()).take_while(|text| text != "--").any(
        |text| text.strip_prefix(flag).is_some_and(|rest| rest.is_empty() || rest.starts_with('=')),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_kubernetes_and_docker_set_is_told_from_misspellings() {
        let known = BTreeSet::from(["GNSB_SCENARIO", "GNSB_LISTEN"].map(str::to_owned));
        for name in [
            "GNSB_SERVICE_HOST",
            "GNSB_SERVICE_PORT",
            "GNSB_SERVICE_PORT_HTTP",
            "GNSB_PORT",
            "GNSB_PORT_4368_TCP",
            "GNSB_PORT_53_UDP_PROTO",
            "GNSB_SANDBOX_SERVICE_HOST",
            "GNSB_WEB_2_SERVICE_PORT_MY_PORT",
            "GNSB_WEB_PORT",
            "GNSB_WEB_PORT_80_TCP_ADDR",
            "GNSB_WEB_PORT_80_TCP_PORT",
            "GNSB_WEB_PORT_80_SCTP_ADDR",
            "GNSB_WEB_NAME",
            "GNSB_WEB_ENV_PATH",
        ] {
            assert!(is_injected(name, "x", &known), "{name}");
        }
        for name in [
            "GNSB_PORT_FIEL",
            "GNSB_PORT_80",
            "GNSB_PORT_80_TPC",
            "GNSB_PORT_80_TCP_HOST",
            "GNSB_SERVICE_HOSTS",
            "GNSB_WEB_SERVICE",
            "GNSB_ALLOW_HOTS",
            "GNSBX_PORT",
        ] {
            assert!(!is_injected(name, "x", &known), "{name}");
        }
        for (name, injected, typed) in [
            ("GNSB_SCENARIO_NAME", "/web/gnsb-scenario", "slow"),
            ("GNSB_LISTEN_PORT", "tcp://10.0.0.1:80", "8080"),
        ] {
            assert!(
                is_injected(name, injected, &known) && !is_injected(name, typed, &known),
                "{name}"
            );
        }
    }

    #[test]
    fn a_flag_counts_as_typed_before_the_dashes_only() {
        let typed = |arguments: &[&str]| {
            is_typed("--seed", &arguments.iter().map(OsString::from).collect::<Vec<_>>())
        };
        assert!(typed(&["serve", "--seed", "1"]) && typed(&["--seed=1", "--", "x"]));
        assert!(!typed(&["exec", "--", "x", "--seed", "1"]) && !typed(&["--seeds", "1"]));
    }
}
