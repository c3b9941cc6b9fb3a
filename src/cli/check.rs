//! `check`: scenario files, before a server reads them.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::Args;
use serde_json::json;

use super::{Failure, USAGE};
use crate::call::rehearse;
use crate::config_file::Problem;
use crate::scenario::{LoadError, files_of, read_file, warnings};

/// Where a server looks unless it is told otherwise.
const DEFAULT_DIRECTORY: &str = "scenarios";

#[derive(Debug, Args)]
pub struct Options {
    /// Files or directories
    #[arg(value_name = "FILE|DIR", default_value = DEFAULT_DIRECTORY)]
    paths: Vec<PathBuf>,
    /// Count warnings as errors
    #[arg(long)]
    strict: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What is said about a place in a file.
struct Remark {
    is_error: bool,
    file: String,
    text: String,
    problem: Problem,
}

/// Checks every file and prints what is found.
pub fn run(options: &Options) -> Result<(), Failure> {
    let mut remarks = Vec::new();
    let mut files = 0;
    for path in paths(&options.paths)? {
        files += 1;
        remarks.extend(check(&path));
    }
    let errors = remarks.iter().filter(|remark| remark.is_error).count();
    let bad = errors > 0 || (options.strict && !remarks.is_empty());
    let text =
        if options.json { as_json(files, &remarks) } else { as_text(files, errors, &remarks) };
    let printed = std::io::stdout().write_all(text.as_bytes());
    printed.map_err(|error| Failure::new(USAGE, anyhow!("cannot print: {error}")))?;
    if bad {
        return Err(Failure::new(
            USAGE,
            anyhow!("{} of the scenarios checked are not as they should be", remarks.len()),
        ));
    }
    Ok(())
}

fn paths(named: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut paths = Vec::new();
    for path in named {
        if path.is_dir() {
            paths.extend(files_of(path).map_err(|error| Failure::new(USAGE, anyhow!("{error}")))?);
        } else if path.as_os_str() == DEFAULT_DIRECTORY && !path.exists() {
            // a server does without it too
        } else if path.exists() {
            paths.push(path.clone());
        } else {
            let message =
                anyhow!("{} is not there; name scenario files or a directory", path.display());
            return Err(Failure::new(USAGE, message));
        }
    }
    Ok(paths)
}

fn check(path: &Path) -> Vec<Remark> {
    let scenario = match read_file(path) {
        Ok(scenario) => scenario,
        Err(errors) => return errors.into_iter().map(refused).collect(),
    };
    // the file has just been read; if it is gone since, only the line shown is missing
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let remark = |is_error, problem| Remark {
        is_error,
        file: path.display().to_string(),
        text: text.clone(),
        problem,
    };
    let warned = warnings(&scenario).into_iter().map(|problem| remark(false, problem));
    let failed = rehearse(&scenario).into_iter().map(|problem| remark(true, problem));
    warned.chain(failed).collect()
}

fn refused(error: LoadError) -> Remark {
    Remark { is_error: true, file: error.file, text: error.text, problem: error.problem }
}

fn as_json(files: usize, remarks: &[Remark]) -> String {
    let remarks: Vec<_> = remarks
        .iter()
        .map(|remark| {
            json!({
                "severity": severity(remark),
                "file": remark.file,
                "line": remark.problem.at.line,
                "column": remark.problem.at.column,
                "message": remark.problem.message,
            })
        })
        .collect();
    format!("{:#}\n", json!({"files": files, "problems": remarks}))
}

fn as_text(files: usize, errors: usize, remarks: &[Remark]) -> String {
    let mut lines = Vec::new();
    for remark in remarks {
        lines.push(format!("{}: {}", severity(remark), remark.problem.in_file(&remark.file)));
        if !remark.text.is_empty() {
            lines.push(remark.problem.snippet(&remark.text));
        }
    }
    let warnings = remarks.len() - errors;
    lines.push(format!("files checked: {files}, errors: {errors}, warnings: {warnings}\n"));
    lines.join("\n")
}

fn severity(remark: &Remark) -> &'static str {
    if remark.is_error { "error" } else { "warning" }
}
