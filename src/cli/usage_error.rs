//! Says what is wrong with the arguments: in one line, and to people at a terminal with the usage.

use std::io::{IsTerminal as _, Write as _};

use anyhow::anyhow;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::{Failure, USAGE, stdout};
use crate::text::{listed, not_among, quoted};
use crate::vendor::assumptions::ASSUMPTIONS;

/// Ends a command for an error of clap's, which help pages and the version are too.
pub(super) fn failure(error: &clap::Error) -> Failure {
    let code = u8::try_from(error.exit_code()).unwrap_or(USAGE);
    if !error.use_stderr() {
        let written = error.print().and_then(|()| std::io::stdout().flush());
        return stdout::printed(written).err().unwrap_or_else(|| Failure::reported(code));
    }
    let is_terminal = std::io::stderr().is_terminal();
    if let Some(line) = one_line(error, is_terminal) {
        return Failure::new(code, anyhow!(line));
    }
    // a closed stderr does not change the exit code
    let _ = error.print();
    Failure::reported(code)
}

/// Returns an error in one line, unless clap's own form helps more.
fn one_line(error: &clap::Error, is_terminal: bool) -> Option<String> {
    match error.kind() {
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => wrong_value(error),
        // the page of the command shows what is missing
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => None,
        _ if is_terminal => None,
        kind => Some(joined(&error.to_string(), kind == ErrorKind::MissingRequiredArgument)),
    }
}

/// Names the option or variable, its value, and what could stand there.
fn wrong_value(error: &clap::Error) -> Option<String> {
    let text = |kind| match error.get(kind)? {
        ContextValue::String(text) => Some(text.as_str()),
        _ => None,
    };
    let argument = text(ContextKind::InvalidArg)?;
    let value = text(ContextKind::InvalidValue)?;
    let known: Vec<&str> = match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(known)) => known.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    // without the value's name, as in `--seed <N>`, and without the brackets of `<SHELL>`
    let name = argument.split([' ', '=']).next().unwrap_or(argument);
    let name = name.trim_matches(['<', '>', '[', ']', '.']);
    if value.is_empty() && error.kind() == ErrorKind::InvalidValue {
        let known = if known.is_empty() {
            String::new()
        } else {
            format!(" (known: {})", listed("", known))
        };
        return Some(format!("{name}: a value is missing{known}"));
    }
    let why = std::error::Error::source(error).map(ToString::to_string);
    let shown = shown(value);
    Some(match why {
        Some(why) if why.contains(&shown) => format!("{name}: {why}"),
        Some(why) => format!("{name}: invalid value {shown}: {why}"),
        None if known.is_empty() => format!("{name}: invalid value {shown}"),
        None => format!("{name}: unknown value {}", not_among(value, known)),
    })
}

/// Returns the name and the variant of a value that turns an assumption. In one of the names is `token`, which
/// makes no secret of the variant.
pub(super) fn assumption(value: &str) -> Option<(&str, &str)> {
    let is_known = |name: &str| ASSUMPTIONS.iter().any(|known| known.name == name.trim());
    value.split_once('=').filter(|(name, _)| is_known(name))
}

/// Quotes a value, without what looks like a secret.
fn shown(value: &str) -> String {
    match assumption(value) {
        Some((name, variant)) => format!("\"{name}={}", &quoted(variant)[1..]),
        None => quoted(value),
    }
}

/// Joins the paragraphs of an error, without the last hints, and without the usage unless it is asked for.
fn joined(text: &str, with_usage: bool) -> String {
    let paragraphs = text.split("\n\n").map(|paragraph| {
        let words: Vec<_> = paragraph.split_whitespace().collect();
        words.join(" ")
    });
    let is_hint =
        |text: &String| text.starts_with("For more ") || !with_usage && text.starts_with("Usage: ");
    let kept: Vec<_> = paragraphs.take_while(|text| !is_hint(text)).collect();
    let text = kept.join("; ").replace("; tip: ", "; ").replace("; Usage: ", "; usage: ");
    text.strip_prefix("error: ").unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use clap::builder::PossibleValuesParser;
    use clap::{Arg, ArgAction, Command};

    use super::*;

    fn line(arguments: &[&str], is_terminal: bool) -> Option<String> {
        let number = |text: &str| match text {
            "named" => Err("\"named\" is no number"),
            text if text.contains('=') => Err("one level is enough"),
            text => text.parse::<u8>().map_err(|_| "a level is a number up to 255"),
        };
        let command = Command::new("tool")
            .arg(Arg::new("level").long("level").value_name("N").value_parser(number))
            .arg(Arg::new("colour").long("colour").value_parser(["red", "green"]))
            .arg(Arg::new("quiet").long("quiet").action(ArgAction::SetTrue))
            .arg(Arg::new("SHAPE").value_parser(PossibleValuesParser::new(["round", "square"])))
            .subcommand(Command::new("draw").arg(Arg::new("FILE").required(true)));
        let arguments = ["tool"].iter().chain(arguments);
        one_line(&command.try_get_matches_from(arguments).unwrap_err(), is_terminal)
    }

    #[test]
    fn a_wrong_value_is_one_line_everywhere() {
        for (arguments, expected) in [
            (
                &["--colour", "gren"][..],
                "--colour: unknown value \"gren\"; did you mean \"green\"? (known: red, green)",
            ),
            (&["--colour", "7"], "--colour: unknown value \"7\" (known: red, green)"),
            (&["--colour="], "--colour: a value is missing (known: red, green)"),
            (&["--level"], "--level: a value is missing"),
            (&["--level", "x"], "--level: invalid value \"x\": a level is a number up to 255"),
            (&["--level", ""], "--level: invalid value \"\": a level is a number up to 255"),
            (&["--level", "named"], "--level: \"named\" is no number"),
            (
                &["--level", "token-life=15"],
                "--level: invalid value \"token-life=15\": one level is enough",
            ),
            (
                &["--level", " token-life = token=abc"],
                "--level: invalid value \" token-life = token=[redacted]\": one level is enough",
            ),
            (
                &["--level", "token-live=15"],
                "--level: invalid value \"token-live=[redacted]\": one level is enough",
            ),
            (
                &["roud"],
                "SHAPE: unknown value \"roud\"; did you mean \"round\"? (known: round, square)",
            ),
        ] {
            for is_terminal in [false, true] {
                assert_eq!(
                    line(arguments, is_terminal).as_deref(),
                    Some(expected),
                    "{arguments:?}"
                );
            }
        }
    }

    #[test]
    fn other_errors_keep_the_usage_at_a_terminal_only() {
        for (arguments, expected) in [
            (
                &["--colur", "red"][..],
                "unexpected argument '--colur' found; a similar argument exists: '--colour'",
            ),
            (&["--quiet=1"], "unexpected value '1' for '--quiet' found; no more were expected"),
            (
                &["draw"],
                "the following required arguments were not provided: <FILE>; usage: tool draw <FILE>",
            ),
        ] {
            assert_eq!(line(arguments, false).as_deref(), Some(expected), "{arguments:?}");
            assert_eq!(line(arguments, true), None, "{arguments:?}");
        }
    }
}
