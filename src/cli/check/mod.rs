//! `check`: reads scenario files as a server would, lints them and runs their examples.

mod report;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use clap::{Args, ValueEnum};

use super::client::print;
use super::input::{STDIN, STDIN_NAME, read_stdin};
use super::{Failure, USAGE};
use crate::call::run_examples;
use crate::config_file::{self, FileLimits, FileProblem};
use crate::scenario::{self, DEFAULT_DIRECTORY, LoadError, Scenario, files_of, lint, read_file};
use crate::text::{named, plural};

#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct CheckOptions {
    /// Files or directories, or - for the standard input [default: scenarios]
    #[arg(value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,
    /// Fail on warnings too
    #[arg(long)]
    strict: bool,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    format: ReportFormat,
    /// Short for --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    /// Each problem with its line
    Text,
    /// One JSON object
    Json,
    /// Annotations of GitHub Actions
    Github,
}

named! {
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    enum ProblemSeverity {
        Warning = "warning",
        Error = "error",
    }
}

struct Remark {
    severity: ProblemSeverity,
    /// A file or a directory.
    path: String,
    text: String,
    problem: FileProblem,
}

pub(super) fn run(options: &CheckOptions) -> Result<(), Failure> {
    let (paths, mut remarks) = paths(&options.paths).map_err(|why| Failure::new(USAGE, why))?;
    remarks.extend(paths.iter().flat_map(|path| check(path)));
    let format = if options.json { ReportFormat::Json } else { options.format };
    print(&match format {
        ReportFormat::Text => report::as_text(paths.len(), &remarks),
        ReportFormat::Json => report::as_json(paths.len(), &remarks),
        ReportFormat::Github => report::for_github(paths.len(), &remarks),
    })?;
    let least = if options.strict { ProblemSeverity::Warning } else { ProblemSeverity::Error };
    let failed = remarks.iter().filter(|remark| remark.severity >= least);
    verdict(&failed.collect::<Vec<_>>()).map_err(|why| Failure::new(USAGE, why))
}

/// Lists the files that the arguments name, each once, and remarks on directories.
fn paths(named: &[PathBuf]) -> anyhow::Result<(Vec<PathBuf>, Vec<Remark>)> {
    let default = [PathBuf::from(DEFAULT_DIRECTORY)];
    if named.is_empty() && !default[0].exists() {
        bail!(
            "nothing to check: ./{DEFAULT_DIRECTORY} does not exist; name files or directories, as in \
             genuin-sandbox check FILE"
        );
    }
    let (mut paths, mut remarks) = (Vec::new(), Vec::new());
    for path in if named.is_empty() { &default[..] } else { named } {
        if path.is_dir() {
            let files = files_of(path).map_err(|error| anyhow!("{error}"))?;
            if files.is_empty() {
                remarks.push(empty_directory(path));
            }
            remarks.extend(repeated_names(&files));
            paths.extend(files);
        } else if path.exists() || path == Path::new(STDIN) {
            paths.push(path.clone());
        } else {
            bail!("{} does not exist; name scenario files or directories", path.display());
        }
    }
    let mut known = BTreeSet::new();
    // a path that cannot be resolved is one of its own
    paths.retain(|path| known.insert(path.canonicalize().unwrap_or_else(|_| path.clone())));
    Ok((paths, remarks))
}

fn empty_directory(path: &Path) -> Remark {
    let message = "no scenario files in this directory; they end in .yaml, .yml or .json";
    let error = LoadError::of_path(path, message);
    Remark { severity: ProblemSeverity::Warning, ..Remark::from(error) }
}

/// Finds the files of a directory that are for a scenario which another is for already.
fn repeated_names(files: &[PathBuf]) -> Vec<Remark> {
    let mut first: BTreeMap<_, &PathBuf> = BTreeMap::new();
    let repeated = |path: &PathBuf, known: &PathBuf| LoadError::repeated_name(path, known).into();
    let mut remarks = Vec::new();
    for path in files {
        match first.get(&path.file_stem()) {
            Some(known) => remarks.push(repeated(path, known)),
            None => drop(first.insert(path.file_stem(), path)),
        }
    }
    remarks
}

/// Reads the standard input, in which the scenario names itself.
fn read_from_stdin() -> (Result<Scenario, Vec<LoadError>>, String) {
    match read_stdin() {
        Ok(text) => (scenario::read_text(STDIN_NAME, &text), text),
        Err(why) => {
            let error = LoadError::of_path(Path::new(STDIN_NAME), format!("cannot read: {why}"));
            (Err(vec![error]), String::new())
        }
    }
}

fn check(path: &Path) -> Vec<Remark> {
    let (name, read, text) = if path == Path::new(STDIN) {
        let (read, text) = read_from_stdin();
        (STDIN_NAME.to_owned(), read, text)
    } else {
        // if the file has been removed since, only the excerpt is missing
        let text = config_file::read_text(path, FileLimits::SMALL).unwrap_or_default();
        (path.display().to_string(), read_file(path), text)
    };
    let scenario = match read {
        Ok(scenario) => scenario,
        Err(errors) => return errors.into_iter().map(Remark::from).collect(),
    };
    let remark =
        |severity, problem| Remark { severity, path: name.clone(), text: text.clone(), problem };
    let results = run_examples(&scenario);
    // a failed example has stopped early, so that its rules may not have acted
    let unexercised =
        if results.failures.is_empty() { results.unexercised(&scenario) } else { Vec::new() };
    let warnings = lint(&scenario).into_iter().chain(unexercised);
    let warnings = warnings.map(|problem| remark(ProblemSeverity::Warning, problem));
    let errors =
        results.failures.into_iter().map(|problem| remark(ProblemSeverity::Error, problem));
    let mut remarks: Vec<_> = warnings.chain(errors).collect();
    remarks.sort_by_key(|remark| (remark.problem.at.line, remark.problem.at.column));
    remarks
}

impl From<LoadError> for Remark {
    fn from(error: LoadError) -> Self {
        let LoadError { file, text, problem } = error;
        Self { severity: ProblemSeverity::Error, path: file, text, problem }
    }
}

/// Fails with the number of errors, warnings, files and directories.
fn verdict(remarks: &[&Remark]) -> anyhow::Result<()> {
    if remarks.is_empty() {
        return Ok(());
    }
    let of_severity = |severity| remarks.iter().filter(|it| it.severity == severity).count();
    let paths: BTreeSet<_> = remarks.iter().map(|remark| &remark.path).collect();
    let directories = paths.iter().filter(|path| Path::new(path).is_dir()).count();
    let problems = join([
        (of_severity(ProblemSeverity::Error), "error"),
        (of_severity(ProblemSeverity::Warning), "warning"),
    ]);
    let places = join([(paths.len() - directories, "file"), (directories, "directory")]);
    bail!("check failed: {problems} in {places}")
}

/// Joins the counts that are not 0.
fn join(counts: [(usize, &str); 2]) -> String {
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    counts.map(|(count, noun)| plural(count, noun)).collect::<Vec<_>>().join(" and ")
}
