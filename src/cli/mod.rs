//! The command line: `serve` unless another command is named.

mod answer_status;
mod assumptions;
mod base_url;
mod check;
mod client;
mod clock;
mod completions;
mod environment;
mod exec;
mod explain;
mod healthcheck;
mod help;
mod hold;
mod input;
mod instance;
mod journal;
mod listen;
mod logging;
mod look;
mod manual;
mod misplaced;
mod normal;
mod numbers;
mod outcomes;
mod output_file;
mod overrides;
mod reply;
mod report;
mod requests;
mod serve;
mod signals;
mod stdout;
mod token;
mod unaccepted;
mod usage_error;
mod user_name;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::text::escaped_lines;
use crate::text::secrets::{self, without_tokens};
use token::AdminToken;

/// An expectation is not met, or no sandbox answers.
const UNMET: u8 = 1;
/// Wrong usage, configuration, scenario or fixture.
const USAGE: u8 = 2;
/// The server cannot listen.
const CANNOT_BIND: u8 = 3;
/// Calls were still running when the drain deadline passed.
const DEADLINE: u8 = 4;

/// Why a command ends with another code than 0.
#[derive(Debug)]
struct Failure {
    code: u8,
    /// The error to print; `None` if it is printed or logged already.
    why: Option<anyhow::Error>,
}

impl Failure {
    fn new(code: u8, why: anyhow::Error) -> Self {
        Self { code, why: Some(why) }
    }

    fn reported(code: u8) -> Self {
        Self { code, why: None }
    }

    fn report(&self) -> ExitCode {
        if let Some(why) = &self.why {
            // a closed stderr does not change the exit code
            let why = format!("{why:#}");
            let why = escaped_lines(&without_tokens(&why));
            let _ = writeln!(std::io::stderr(), "error: {why}");
        }
        ExitCode::from(self.code)
    }
}

/// The version and the commit it was built from, such as `0.1.0 (e5345ad)`.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("SANDBOX_COMMIT"), ")");

/// A sandbox of Genuin's third-party API that needs no network
#[derive(Debug, Parser)]
#[command(
    version = VERSION,
    after_help = "Without a command, genuin-sandbox serves; see genuin-sandbox serve --help."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer calls until SIGTERM or SIGINT
    Serve(serve::ServeOptions),
    /// Run a command with its own sandbox on a free port
    Exec(exec::ExecOptions),
    /// Ask whether the server on this machine is ready, for a container's health check
    Healthcheck(healthcheck::HealthcheckOptions),
    /// Force a scenario in a running sandbox, or stop forcing it
    #[command(subcommand)]
    Override(overrides::OverrideCommand),
    /// List the calls that a scenario holds, or release them
    #[command(subcommand)]
    Hold(hold::HoldCommand),
    /// Freeze, advance or resume the clock of a tenant
    #[command(subcommand)]
    Clock(clock::ClockCommand),
    /// Reset a tenant of a running sandbox
    Reset(journal::ResetOptions),
    /// Show version, seed, clock and counts of a running sandbox
    Status(client::SandboxTarget),
    /// Show the calls that a running sandbox received, and why they failed
    Requests(requests::RequestsOptions),
    /// Show the groups that a tenant has created
    State(look::StateOptions),
    /// List the scenarios of a running sandbox, or show the rules of one
    Scenarios(look::ScenariosOptions),
    /// List the outcomes and how to force them
    Outcomes {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List the rules that could be read otherwise, and how to turn them
    Assumptions {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show what a call would get, and why, without making it
    Explain(explain::ExplainOptions),
    /// Ask whether a tenant is back to normal: nothing can affect its next call
    Normal(client::SandboxTarget),
    /// Judge clients by their calls: what they did after each failure
    Report(report::ReportOptions),
    /// List what a client has shown that it can handle, and how to try the rest
    Checklist(report::ChecklistOptions),
    /// Check that a running sandbox received the expected calls
    Verify(journal::VerifyOptions),
    /// Check scenario files and run their examples
    Check(check::CheckOptions),
    /// Print a script that completes commands and flags in a shell
    ///
    /// Save it where the shell looks for it:
    ///
    ///   bash  ~/.local/share/bash-completion/completions/genuin-sandbox
    ///   zsh   a file named _genuin-sandbox in a folder of $fpath
    ///   fish  ~/.config/fish/completions/genuin-sandbox.fish
    #[command(verbatim_doc_comment)]
    Completions(completions::CompletionsOptions),
    /// Print the manual page, or that of one command
    ///
    /// To read it: genuin-sandbox man | man -l -
    Man(manual::ManualOptions),
}

/// Runs the command that the arguments and the environment name.
pub fn run() -> ExitCode {
    #[cfg(unix)]
    if exec::run_guard() {
        return ExitCode::SUCCESS;
    }
    let arguments = with_default_command(std::env::args_os().collect());
    let ended = try_run(&arguments);
    ended.unwrap_or_else(|failure| {
        // Docker gives other codes than 0 and 1 no meaning
        let is_healthcheck = arguments.get(1).is_some_and(|name| name == "healthcheck");
        let code = if is_healthcheck { failure.code.min(UNMET) } else { failure.code };
        Failure { code, ..failure }.report()
    })
}

fn try_run(arguments: &[OsString]) -> Result<ExitCode, Failure> {
    let command = program();
    let mut warnings = environment::check(&command, std::env::vars_os())
        .map_err(|why| Failure::new(USAGE, why))?;
    let command = parse(command, arguments)?.command;
    if matches!(command, Command::Exec(_)) {
        warnings.extend(exec::warnings());
    }
    if !matches!(command, Command::Serve(_)) {
        for warning in &warnings {
            // a closed stderr does not stop the command
            let _ = writeln!(std::io::stderr(), "warning: {warning}");
        }
    }
    // which has exit codes of its own, and reads the token itself
    if !matches!(command, Command::Exec(_)) {
        AdminToken::check_variables(arguments).map_err(|why| Failure::new(USAGE, why))?;
    }
    match command {
        Command::Serve(options) => serve::run(options, &warnings)?,
        Command::Check(options) => check::run(&options)?,
        Command::Outcomes { json } => outcomes::run(json)?,
        Command::Assumptions { json } => assumptions::run(json)?,
        Command::Exec(options) => return exec::run(options),
        Command::Healthcheck(options) => healthcheck::run(&options)?,
        Command::Override(command) => overrides::run(command)?,
        Command::Hold(command) => hold::run(&command)?,
        Command::Clock(command) => clock::run(&command)?,
        Command::Status(target) => look::status(&target)?,
        Command::State(options) => look::state(&options)?,
        Command::Scenarios(options) => look::scenarios(&options)?,
        Command::Explain(options) => explain::run(&options)?,
        Command::Reset(options) => journal::reset(&options)?,
        Command::Report(options) => report::report(options)?,
        Command::Checklist(options) => report::checklist(options)?,
        Command::Requests(options) => requests::requests(&options)?,
        Command::Verify(options) => journal::verify(&options)?,
        Command::Normal(target) => normal::run(&target)?,
        Command::Completions(options) => completions::run(&options, &program())?,
        Command::Man(options) => manual::run(&options, program())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The commands and flags as the help shows them.
fn program() -> clap::Command {
    help::complete(exec::without_listening(with_negative_numbers(Cli::command())))
}

/// Takes a negative number for a value, not for an option: the value's own error then says what may stand there.
fn with_negative_numbers(command: clap::Command) -> clap::Command {
    let takes_value = |it: &clap::Arg| it.get_action().takes_values() && !it.is_last_set();
    command
        .mut_args(|argument| {
            let takes_value = takes_value(&argument);
            argument.allow_negative_numbers(takes_value)
        })
        .mut_subcommands(with_negative_numbers)
}

/// Inserts `serve` where no command is named.
fn with_default_command(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let first = arguments.get(1).and_then(|argument| argument.to_str());
    let about_all = matches!(first, Some("-h" | "--help" | "-V" | "--version"));
    if first.is_none_or(|argument| argument.starts_with('-')) && !about_all {
        arguments.insert(1.min(arguments.len()), "serve".into());
    }
    arguments
}

/// Parses the arguments. `--help` and `--version` are printed here.
fn parse(command: clap::Command, arguments: &[OsString]) -> Result<Cli, Failure> {
    let command = environment::without_empty(command);
    let matches = command.clone().try_get_matches_from(arguments);
    let matches = matches.and_then(|matches| {
        exec::refuse_useless(&command, &matches)?;
        Cli::from_arg_matches(&matches)
    });
    matches.map_err(|error| {
        let error = environment::name_variable(error, &command, arguments);
        let error = suggest(error, &command, arguments);
        let error = base_url::hide_user_information(error);
        let error = without_secrets(error);
        usage_error::failure(&error)
    })
}

/// Leaves a secret, such as a token, out of the value that an error is about.
fn without_secrets(mut error: clap::Error) -> clap::Error {
    let Some(ContextValue::String(value)) = error.get(ContextKind::InvalidValue) else {
        return error;
    };
    let shown = match usage_error::assumption(value) {
        Some((name, variant)) => format!("{name}={}", secrets::without_secrets(variant)),
        None => secrets::without_secrets(value).into_owned(),
    };
    error.insert(ContextKind::InvalidValue, ContextValue::String(shown));
    error
}

/// Points to what was meant where no name is near, or another one is nearer.
fn suggest(mut error: clap::Error, command: &clap::Command, arguments: &[OsString]) -> clap::Error {
    if error.kind() != ErrorKind::UnknownArgument {
        return error;
    }
    let Some(ContextValue::String(unknown)) = error.get(ContextKind::InvalidArg) else {
        return error;
    };
    let misplaced = misplaced::option_before_command(command, arguments)
        .or_else(|| misplaced::negative_duration(command, arguments, unknown));
    if let Some(error) = misplaced {
        return error;
    }
    let name = arguments.get(1).and_then(|name| name.to_str()).unwrap_or_default();
    let meant = match (name, unknown.as_str()) {
        ("exec", "--port") => return exec::takes_no(command, "port"),
        ("exec", word) if !word.starts_with('-') => {
            return misplaced::command_without_dashes(command, arguments, word);
        }
        ("serve", "--port") => {
            let usage = "Usage: genuin-sandbox serve --listen <ADDR:PORT>";
            error.insert(ContextKind::Usage, ContextValue::StyledStr(usage.into()));
            "--listen ADDR:PORT"
        }
        (_, "--port") => "--url http://127.0.0.1:PORT",
        ("requests", "--limit" | "--tail") => "--last N",
        _ => return error,
    };
    error.insert(ContextKind::SuggestedArg, ContextValue::String(meant.to_owned()));
    error
}
