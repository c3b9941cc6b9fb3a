//! The command line: `serve` unless another command is named.

mod check;
mod client;
mod environment;
mod exec;
mod journal;
mod logging;
mod outcomes;
mod overrides;
mod serve;
mod token;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

/// A command's way to end other than well.
#[derive(Debug)]
pub struct Failure {
    code: u8,
    /// What to print; `None` if it is said already.
    why: Option<anyhow::Error>,
}

/// An expectation is not met, or nobody answers.
const UNMET: u8 = 1;
/// Usage, configuration, scenario or fixture error.
const USAGE: u8 = 2;
/// The port cannot be had.
const CANNOT_BIND: u8 = 3;
/// Calls were still under way when the drain deadline passed.
const DEADLINE: u8 = 4;

impl Failure {
    fn new(code: u8, why: anyhow::Error) -> Self {
        Self { code, why: Some(why) }
    }

    /// A failure that the log has told.
    fn told(code: u8) -> Self {
        Self { code, why: None }
    }
}

/// Stands in for Genuin's third-party API, offline.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Without a command, genuin-sandbox serves; see genuin-sandbox serve --help."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer calls until SIGTERM or SIGINT
    Serve(serve::Options),
    /// Check scenario files: what the server would refuse, what is hardly meant, and the examples
    Check(check::Options),
    /// List every outcome with its status, body, source and how to force it
    Outcomes(outcomes::Options),
    /// Run a command with a sandbox of its own on a free port
    Exec(exec::Options),
    /// Switch a scenario on or off in a running sandbox
    Override(overrides::Options),
    /// Set a tenant of a running sandbox back to how it began
    Reset(journal::ResetOptions),
    /// Print what a running sandbox was asked, and why it answered so
    Requests(journal::RequestsOptions),
    /// Hold the calls a running sandbox saw to an expectation
    Verify(journal::VerifyOptions),
}

/// Does what the arguments and the environment say.
pub fn run() -> ExitCode {
    let arguments = with_default_command(std::env::args_os().collect());
    let warnings = match environment::check(std::env::vars_os()) {
        Ok(warnings) => warnings,
        Err(why) => return fail(&Failure::new(USAGE, why)),
    };
    let cli = match parse(&arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // an error says that nobody reads; the exit code still counts
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(USAGE));
        }
    };
    let done = match cli.command {
        Command::Serve(options) => serve::run(&options, &warnings),
        Command::Check(options) => check::run(&options),
        Command::Outcomes(options) => outcomes::run(&options),
        Command::Override(options) => overrides::run(&options),
        Command::Reset(options) => journal::reset(&options),
        Command::Requests(options) => journal::requests(&options),
        Command::Verify(options) => journal::verify(&options),
        Command::Exec(options) => match exec::run(&options) {
            Ok(code) => return code,
            Err(failure) => Err(failure),
        },
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => fail(&failure),
    }
}

fn fail(failure: &Failure) -> ExitCode {
    if let Some(why) = &failure.why {
        let _ = writeln!(std::io::stderr(), "error: {why:#}");
    }
    ExitCode::from(failure.code)
}

/// `serve` stands for itself when no command is named.
fn with_default_command(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let first = arguments.get(1).and_then(|argument| argument.to_str());
    let about_all = matches!(first, Some("-h" | "--help" | "-V" | "--version"));
    if first.is_none_or(|argument| argument.starts_with('-')) && !about_all {
        arguments.insert(1.min(arguments.len()), "serve".into());
    }
    arguments
}

fn parse(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    let command = environment::without_empty(Cli::command());
    let mut parsed = command.clone();
    let matches = parsed
        .try_get_matches_from_mut(arguments)
        .map_err(|error| environment::name_variable(error, &command, arguments))?;
    Cli::from_arg_matches(&matches)
}
