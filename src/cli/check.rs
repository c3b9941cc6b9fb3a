//! `check`: reads scenario files as a server would, lints them and runs their examples.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::builder::{BoolValueParser, TypedValueParser as _};
use clap::{ArgAction, Args};
use serde_json::json;

use super::client::print;
use super::{Failure, Output, USAGE};
use crate::call::run_examples;
use crate::config_file::FileProblem;
use crate::scenario::{DEFAULT_DIRECTORY, LoadError, files_of, lint, read_file};

#[derive(Debug, Args)]
pub(super) struct CheckOptions {
    /// Files or directories
    #[arg(value_name = "FILE|DIR", default_value = DEFAULT_DIRECTORY)]
    paths: Vec<PathBuf>,
    /// Fail on warnings too
    #[arg(long = "strict", action = ArgAction::SetTrue, value_parser = BoolValueParser::new().map(fail_on))]
    fail_on: ProblemSeverity,
    /// Print JSON
    #[arg(long = "json", action = ArgAction::SetTrue, value_parser = BoolValueParser::new().map(Output::from_json_flag))]
    output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ProblemSeverity {
    Warning,
    Error,
}

impl ProblemSeverity {
    fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

fn fail_on(strict: bool) -> ProblemSeverity {
    if strict { ProblemSeverity::Warning } else { ProblemSeverity::Error }
}

/// A problem and where it is.
struct Remark {
    severity: ProblemSeverity,
    file: String,
    text: String,
    problem: FileProblem,
}

pub(super) fn run(options: &CheckOptions) -> Result<(), Failure> {
    let paths = paths(&options.paths).map_err(|why| Failure::new(USAGE, why))?;
    let remarks: Vec<_> = paths.iter().flat_map(|path| check(path)).collect();
    print(&match options.output {
        Output::Text => as_text(paths.len(), &remarks),
        Output::Json => as_json(paths.len(), &remarks),
    })?;
    let failed = remarks.iter().filter(|remark| remark.severity >= options.fail_on);
    verdict(&failed.collect::<Vec<_>>()).map_err(|why| Failure::new(USAGE, why))
}

/// Lists the files that the arguments name.
fn paths(named: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for path in named {
        if path.is_dir() {
            paths.extend(files_of(path).map_err(|error| anyhow!("{error}"))?);
        } else if path.exists() {
            paths.push(path.clone());
        } else if path.as_os_str() != DEFAULT_DIRECTORY {
            // a server does without the default directory too
            return Err(anyhow!(
                "{} does not exist; name scenario files or directories",
                path.display()
            ));
        }
    }
    Ok(paths)
}

fn check(path: &Path) -> Vec<Remark> {
    let scenario = match read_file(path) {
        Ok(scenario) => scenario,
        Err(errors) => return errors.into_iter().map(load_error).collect(),
    };
    // if the file has been removed since, only the excerpt is missing
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let remark = |severity, problem| Remark {
        severity,
        file: path.display().to_string(),
        text: text.clone(),
        problem,
    };
    let results = run_examples(&scenario);
    // a failed example has stopped early, so that its rules may not have acted
    let unexercised =
        if results.failures.is_empty() { results.unexercised(&scenario) } else { Vec::new() };
    let mut warnings: Vec<_> = lint(&scenario).into_iter().chain(unexercised).collect();
    warnings.sort_by_key(|warning| (warning.at.line, warning.at.column));
    let warnings = warnings.into_iter().map(|problem| remark(ProblemSeverity::Warning, problem));
    let errors =
        results.failures.into_iter().map(|problem| remark(ProblemSeverity::Error, problem));
    warnings.chain(errors).collect()
}

fn load_error(error: LoadError) -> Remark {
    Remark {
        severity: ProblemSeverity::Error,
        file: error.file,
        text: error.text,
        problem: error.problem,
    }
}

fn as_json(files: usize, remarks: &[Remark]) -> String {
    let problems = remarks.iter().map(|remark| {
        json!({
            "severity": remark.severity.name(),
            "file": remark.file,
            "line": remark.problem.at.line,
            "column": remark.problem.at.column,
            "message": remark.problem.message,
        })
    });
    format!("{:#}", json!({"files": files, "problems": problems.collect::<Vec<_>>()}))
}

fn as_text(files: usize, remarks: &[Remark]) -> String {
    let mut lines = Vec::new();
    for remark in remarks {
        let severity = remark.severity.name();
        lines.push(format!("{severity}: {}", remark.problem.in_file(&remark.file)));
        if !remark.text.is_empty() {
            lines.push(remark.problem.snippet(&remark.text));
        }
    }
    let errors = remarks.iter().filter(|remark| remark.severity == ProblemSeverity::Error).count();
    lines.push(format!(
        "checked {}: {}, {}",
        counted(files, "file"),
        counted(errors, "error"),
        counted(remarks.len() - errors, "warning")
    ));
    lines.join("\n")
}

/// Fails with the number of errors, warnings and files.
fn verdict(remarks: &[&Remark]) -> anyhow::Result<()> {
    if remarks.is_empty() {
        return Ok(());
    }
    let counts = [ProblemSeverity::Error, ProblemSeverity::Warning].map(|severity| {
        let count = remarks.iter().filter(|remark| remark.severity == severity).count();
        (count > 0).then(|| counted(count, severity.name()))
    });
    let counts: Vec<_> = counts.into_iter().flatten().collect();
    let files: BTreeSet<_> = remarks.iter().map(|remark| &remark.file).collect();
    Err(anyhow!("check failed: {} in {}", counts.join(" and "), counted(files.len(), "file")))
}

fn counted(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}
