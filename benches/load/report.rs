//! The results as Markdown.

use std::fmt::Write as _;

/// A part of the report.
pub struct Part {
    /// Its heading.
    pub title: &'static str,
    /// What was measured and how.
    pub about: String,
    /// The numbers.
    pub table: String,
    /// The targets for them.
    pub targets: Vec<Target>,
}

/// A number that must not be exceeded.
pub struct Target {
    what: &'static str,
    measured: f64,
    limit: f64,
    unit: &'static str,
}

impl Target {
    /// Builds a target, which is met if the value is at most the limit.
    pub fn at_most(what: &'static str, measured: f64, limit: f64, unit: &'static str) -> Self {
        Self { what, measured, limit, unit }
    }

    fn row(&self) -> Vec<String> {
        let Self { what, measured, limit, unit } = self;
        let verdict = if measured <= limit { "met" } else { "**not met**" };
        let number = |number: &f64| format!("{number:.2} {unit}").trim_end().to_owned();
        vec![(*what).to_owned(), format!("≤ {}", number(limit)), number(measured), verdict.into()]
    }
}

/// Formats a Markdown table; all columns but the first are numbers.
pub fn table(columns: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let head: Vec<_> = columns.iter().map(|name| (*name).to_owned()).collect();
    let rule: Vec<_> =
        (0..columns.len()).map(|column| if column == 0 { "---" } else { "---:" }.into()).collect();
    [head, rule].iter().chain(rows).map(|cells| line(cells)).collect()
}

/// Formats the whole report: the targets, then the parts.
pub fn whole(parts: &[Part]) -> String {
    let targets: Vec<_> = parts.iter().flat_map(|part| &part.targets).map(Target::row).collect();
    let table = table(&["target", "limit", "measured", "verdict"], &targets);
    let mut text = format!("## Targets\n\n{table}");
    for Part { title, about, table, .. } in parts {
        write!(text, "\n## {title}\n\n{about}\n\n{table}")
            .expect("BUG: a string can always be written to");
    }
    text
}
