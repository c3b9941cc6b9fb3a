//! `exec`: runs a command with its own sandbox.

mod job;

use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, anyhow};
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Args, ValueHint};

use super::report::CountedFindings;
use super::{Failure, UNMET, USAGE, client, environment, output_file, requests, serve};
use crate::admin::entry::RequestEntry;
use crate::call::Sandbox;
use crate::embedded::{self, RunningSandbox};
use crate::report::{GradeFormat, Report};
use crate::server::Limits;
use crate::text::plural;
#[cfg(unix)]
pub(super) use job::run_guard;
use job::{CaughtSignals, exit_code};

/// `exec` itself failed, though nothing is wrong with what it was told.
const FAILED: u8 = 125;
/// The command cannot be executed.
const NOT_EXECUTABLE: u8 = 126;
/// The command does not exist.
const NOT_FOUND: u8 = 127;

/// The tenant of the token that the command gets.
const TENANT: &str = "exec";

/// How many calls are printed after a failure.
const MAX_PRINTED_CALLS: usize = 50;

/// Which hosts are called without a proxy, for tools of either spelling.
const NO_PROXY: [&str; 2] = ["NO_PROXY", "no_proxy"];

#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct ExecOptions {
    #[command(flatten)]
    serve: serve::ServeOptions,
    /// Write the calls of all tenants to an HTTP archive (HAR 1.2) when the command has ended
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    har: Option<PathBuf>,
    /// Print a report on its calls, and end with code 1 if that fails though the command ended with 0
    #[arg(long)]
    verdict: bool,
    /// Write what its calls show to this file, as JUnit XML
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    junit: Option<PathBuf>,
    #[command(flatten)]
    counted: CountedFindings,
    /// Command and its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

/// The variables that say where a server listens, which other commands may be meant by.
const IGNORED: [&str; 2] = ["GNSB_LISTEN", "GNSB_PORT_FILE"];

/// Variables that the command does not get: they contradict those that it gets.
const WITHHELD: [&str; 1] = ["GNSB_ADMIN_TOKEN_FILE"];

/// The options of `serve` that mean nothing here: it listens on a free port and keeps no log.
const WITHOUT_MEANING: [&str; 4] = ["listen", "port_file", "log", "log_format"];

/// Leaves the options without meaning out of the help of `exec`.
pub(super) fn without_listening(command: clap::Command) -> clap::Command {
    command.mut_subcommand("exec", |exec| {
        WITHOUT_MEANING
            .into_iter()
            .fold(exec, |exec, id| exec.mut_arg(id, |argument| argument.hide(true)))
    })
}

/// Refuses what would do nothing: an address or a port file, whose variables are ignored with a warning,
/// and what counts in a report that nobody asks for.
pub(super) fn refuse_useless(
    command: &clap::Command,
    matches: &clap::ArgMatches,
) -> Result<(), clap::Error> {
    let Some(("exec", exec)) = matches.subcommand() else { return Ok(()) };
    let typed = |id: &&&str| exec.value_source(id) == Some(ValueSource::CommandLine);
    if let Some(id) = WITHOUT_MEANING[..2].iter().find(typed) {
        return Err(takes_no(command, &id.replace('_', "-")));
    }
    let is_judged = [("fail_on", &["verdict"][..]), ("ignore", &["verdict", "junit"])];
    let unused = is_judged.iter().find(|(id, by)| typed(&id) && !by.iter().any(|id| typed(&id)));
    let Some((id, by)) = unused else { return Ok(()) };
    let [id, by] = [id.replace('_', "-"), by.join(" or --")];
    let why = format!("--{id} does nothing without --{by}; add --{by}");
    Err(command.clone().error(ErrorKind::ArgumentConflict, why))
}

/// Where it listens instead.
const WHERE: &str = "it listens on a free port, which the command finds in GENUIN_BASE_URL";

/// Returns a warning for each variable that would choose where the sandbox listens.
pub(super) fn warnings() -> impl Iterator<Item = String> {
    let set = IGNORED.into_iter().filter(|name| environment::is_set(name));
    set.map(|name| format!("exec ignores {name}: {WHERE}"))
}

/// The error for an option that would choose where the sandbox listens.
pub(super) fn takes_no(command: &clap::Command, flag: &str) -> clap::Error {
    let why = format!("exec takes no --{flag}: {WHERE}");
    command.clone().error(ErrorKind::ArgumentConflict, why)
}

/// Runs the command and returns its exit code; prints the journal if it failed.
pub(super) fn run(options: ExecOptions) -> Result<ExitCode, Failure> {
    let failed = |why| Failure::new(FAILED, why);
    let usage = |why| Failure::new(USAGE, why);
    // before any thread starts, and before the command, so that no early signal leaves it behind
    let signals = CaughtSignals::catch().map_err(failed)?;
    // before all that can fail, so that no file of an earlier run is left to be taken for one of this
    prepare_files(&options).map_err(usage)?;
    let config = serve::config(options.serve).map_err(usage)?;
    let admin_token = config.admin.token.clone();
    let sandbox = Sandbox::new(config).map_err(serve::name_origin).map_err(usage)?;
    let sandbox = embedded::serve(sandbox, Limits::default()).map_err(failed)?;
    let (program, arguments) = options.command.split_first().expect("BUG: the command is required");
    let mut command = Command::new(program);
    command.args(arguments).envs(variables(&sandbox, admin_token));
    for name in WITHHELD {
        command.env_remove(name);
    }
    let job = signals.start(&mut command).map_err(|error| {
        let code = match error.kind() {
            std::io::ErrorKind::NotFound => NOT_FOUND,
            _ => NOT_EXECUTABLE,
        };
        Failure::new(code, cannot_run(program, &error))
    })?;
    let status = job.wait().map_err(failed)?;
    let code = exit_code(status).unwrap_or(FAILED.into());
    if code != 0 {
        print_journal(&sandbox);
    }
    let is_judged = options.verdict || options.junit.is_some();
    let report = is_judged.then(|| sandbox.report(options.counted.ignore.clone()));
    let written =
        write_files(&sandbox, report.as_ref(), options.har.as_deref(), options.junit.as_deref());
    let verdict = report.filter(|_| options.verdict);
    let is_wrong = verdict.is_some_and(|report| {
        // an error says that nobody reads it
        let _ = writeln!(std::io::stderr(), "{}", report.write(GradeFormat::Text));
        options.counted.fail(&report)
    });
    if code != 0 {
        // that says more than what follows from it
        if let Err(error) = written {
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
        }
        return Ok(ExitCode::from(u8::try_from(code).unwrap_or(FAILED)));
    }
    written.map_err(failed)?;
    Ok(ExitCode::from(if is_wrong { UNMET } else { 0 }))
}

/// Checks that the files can be written, whose content would be lost otherwise, and removes old ones.
fn prepare_files(options: &ExecOptions) -> anyhow::Result<()> {
    let files = [("--har", options.har.as_ref()), ("--junit", options.junit.as_ref())];
    output_file::refuse_same(files.into_iter().chain(options.serve.read_files()))?;
    let files = files.into_iter().filter_map(|(option, file)| Some((option, file?)));
    for (option, file) in files.clone() {
        output_file::refuse_stdout(file, "which is the command's").context(option)?;
        output_file::check(file)?;
    }
    for (_, file) in files {
        output_file::remove_old(file)?;
    }
    Ok(())
}

fn cannot_run(program: &OsStr, error: &std::io::Error) -> anyhow::Error {
    let name = program.to_string_lossy();
    if name.is_empty() {
        return anyhow!("cannot run a command without a name; write the name after --");
    }
    // what has spaces in it shows as the one word that it is
    anyhow!("cannot run {}: {error}", requests::shell_word(&name))
}

/// Writes the calls and the report to files, if they are named.
fn write_files(
    sandbox: &RunningSandbox,
    report: Option<&Report>,
    har: Option<&Path>,
    junit: Option<&Path>,
) -> anyhow::Result<()> {
    let written = har.map_or(Ok(()), |file| {
        let records = sandbox.all_requests();
        let entries = records.iter().map(RequestEntry::from);
        output_file::write(file, |to| requests::write_archive(to, entries, &sandbox.url()))
    });
    // the one also where the other cannot be written
    let judged = report.zip(junit).map_or(Ok(()), |(report, file)| {
        output_file::write(file, |to| to.write_all(report.write(GradeFormat::Junit).as_bytes()))
    });
    written.and(judged)
}

/// What the command's environment has besides this process's.
fn variables(
    sandbox: &RunningSandbox,
    admin_token: Option<String>,
) -> Vec<(&'static str, OsString)> {
    let token = format!("gnsb_{TENANT}");
    let host = sandbox.address().ip().to_string();
    let mut variables: Vec<(_, OsString)> = vec![
        ("GENUIN_BASE_URL", sandbox.url().into()),
        ("GENUIN_TOKEN", token.clone().into()),
        ("GENUIN_API_KEY", token.into()),
        ("GENUIN_API_SECRET", "gnsb-secret".into()),
        // for commands of this program
        ("GNSB_URL", sandbox.url().into()),
        ("GNSB_TENANT", TENANT.into()),
    ];
    // so that these commands are let in, where a flag has set it
    variables.extend(admin_token.map(|token| ("GNSB_ADMIN_TOKEN", token.into())));
    let [upper, lower] = NO_PROXY.map(std::env::var_os);
    // a program may read only one of the two spellings
    let hosts = [upper.as_ref().or(lower.as_ref()), lower.as_ref().or(upper.as_ref())];
    let hosts = hosts.map(|hosts| with_host(hosts.map_or(OsStr::new(""), |hosts| hosts), &host));
    variables.extend(NO_PROXY.into_iter().zip(hosts));
    variables
}

/// Adds a host to those that are called without a proxy.
fn with_host(hosts: &OsStr, host: &str) -> OsString {
    let text = hosts.to_string_lossy();
    let is_listed =
        text.split(',').any(|listed| matches!(listed.trim(), "*") || listed.trim() == host);
    match hosts.is_empty() {
        // a star means every host only where it is alone
        false if is_listed => hosts.to_owned(),
        false => [hosts, OsStr::new(","), OsStr::new(host)].into_iter().collect(),
        true => host.into(),
    }
}

/// Prints the newest calls of all tenants to stderr; stdout belongs to the command.
fn print_journal(sandbox: &RunningSandbox) {
    let mut stderr = std::io::stderr().lock();
    let records = sandbox.all_requests();
    let received = records.len() as u64 + sandbox.dropped_requests();
    let newest = &records[records.len().saturating_sub(MAX_PRINTED_CALLS)..];
    let left_out = received - newest.len() as u64;
    let note = match left_out {
        0 => String::new(),
        _ => format!("; {} left out", plural(left_out, "older call")),
    };
    // an error says that nobody reads it
    let _ = writeln!(stderr, "the sandbox received {}{note}", plural(received, "call"));
    for record in newest {
        let entry: RequestEntry = client::for_terminal(&RequestEntry::from(record));
        let _ = writeln!(stderr, "{}", requests::line(&entry));
    }
    let _ = stderr.flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_added_to_those_without_a_proxy() {
        for (hosts, expected, reason) in [
            ("", "127.0.0.1", "there was none"),
            ("corp.local", "corp.local,127.0.0.1", "what was there stays"),
            ("a, 127.0.0.1 ,b", "a, 127.0.0.1 ,b", "it is there already"),
            ("127.0.0.11", "127.0.0.11,127.0.0.1", "that is another host"),
            ("*", "*", "every host"),
        ] {
            assert_eq!(with_host(OsStr::new(hosts), "127.0.0.1"), expected, "{reason}");
        }
    }
}
