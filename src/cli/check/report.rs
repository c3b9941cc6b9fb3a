//! What `check` prints: text, JSON, or annotations of GitHub Actions.

use std::path::Path;

use serde_json::json;

use super::{ProblemSeverity, Remark};
use crate::text::{escaped, plural};

/// The heading of an annotation, which distinguishes it from those of other tools.
const TITLE: &str = "genuin-sandbox check";

pub(super) fn as_json(files: usize, remarks: &[Remark]) -> String {
    let problems = remarks.iter().map(|remark| {
        json!({
            "severity": remark.severity.name(),
            "file": remark.path,
            "line": remark.problem.at.line,
            "column": remark.problem.at.column,
            "message": remark.problem.message,
        })
    });
    format!("{:#}", json!({"files": files, "problems": problems.collect::<Vec<_>>()}))
}

pub(super) fn as_text(files: usize, remarks: &[Remark]) -> String {
    let mut lines = Vec::new();
    for remark in remarks {
        let Remark { path, text, problem, .. } = remark;
        let place_and_message = if Path::new(path).is_dir() {
            format!("{path}: {}", problem.message)
        } else {
            problem.in_file(path)
        };
        lines.push(format!("{}: {}", remark.severity.name(), escaped(&place_and_message)));
        if !text.is_empty() {
            lines.push(problem.snippet(text));
        }
    }
    lines.push(total(files, remarks));
    lines.join("\n")
}

/// Writes a workflow command for each problem, which GitHub shows beside the line.
pub(super) fn for_github(files: usize, remarks: &[Remark]) -> String {
    let command = |remark: &Remark| {
        let Remark { severity, path, problem, .. } = remark;
        let (severity, at) = (severity.name(), problem.at);
        // escaped last in the path, whose line ends GitHub can read, so that the file is found
        let file = escaped(&in_property(path)).to_string();
        let message = in_data(&escaped(&problem.message).to_string());
        format!(
            "::{severity} file={file},line={},col={},title={TITLE}::{message}",
            at.line, at.column
        )
    };
    let lines = remarks.iter().map(command).chain([total(files, remarks)]);
    lines.collect::<Vec<_>>().join("\n")
}

/// Escapes the message of a workflow command.
fn in_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property of a workflow command.
fn in_property(text: &str) -> String {
    in_data(text).replace(':', "%3A").replace(',', "%2C")
}

fn total(files: usize, remarks: &[Remark]) -> String {
    let errors = remarks.iter().filter(|remark| remark.severity == ProblemSeverity::Error).count();
    format!(
        "checked {}: {}, {}",
        plural(files, "file"),
        plural(errors, "error"),
        plural(remarks.len() - errors, "warning")
    )
}
