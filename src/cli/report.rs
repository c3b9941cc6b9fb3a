//! `report` and `checklist`: whether a client is right, by its calls.

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::client::{SandboxTarget, print, query, to_json_pretty};
use super::{Failure, UNMET, unaccepted};
use crate::report::{Checklist, GradeFormat, IgnoredRule, ItemState, Report, RuleSeverity};

#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct ReportOptions {
    /// The calls of all tenants, and those that name none, whatever --tenant says
    #[arg(long)]
    all: bool,
    /// Only calls after this cursor, which requests prints
    #[arg(long, value_name = "CURSOR")]
    since: Option<String>,
    /// Only calls with this trace id in their header traceparent
    #[arg(long, value_name = "ID")]
    trace: Option<String>,
    /// How to print the report
    #[arg(long, value_enum, default_value_t = GradeFormat::Text, conflicts_with = "json")]
    format: GradeFormat,
    #[command(flatten)]
    counted: CountedFindings,
    #[command(flatten)]
    target: SandboxTarget,
}

/// Which findings count.
#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct CountedFindings {
    /// What ends it with code 1
    #[arg(long, value_enum, default_value_t)]
    fail_on: FailOn,
    /// Do not count a rule, in all tenants or in one; may be repeated
    #[arg(long, value_name = "RULE[:TENANT]=REASON", value_parser = IgnoredRule::parse)]
    pub(super) ignore: Vec<IgnoredRule>,
}

impl CountedFindings {
    /// Whether a report that leaves out what is ignored shows a failure.
    pub(super) fn fail(&self, report: &Report) -> bool {
        report.fails(self.fail_on.severity())
    }
}

#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct ChecklistOptions {
    /// How to print the checklist
    #[arg(long, value_enum, default_value_t = GradeFormat::Text, conflicts_with = "json")]
    format: GradeFormat,
    #[command(flatten)]
    target: SandboxTarget,
}

impl ValueEnum for GradeFormat {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Text, Self::Json, Self::Junit, Self::Markdown]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::Text => "For people",
            Self::Json => "One JSON object",
            Self::Junit => {
                "XML for a CI server: a case for each rule and tenant, or for each item of a checklist"
            }
            Self::Markdown => "A table for a summary page",
        };
        Some(PossibleValue::new(self.name()).help(help))
    }
}

/// The least severity that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum FailOn {
    /// What would do harm in production
    #[default]
    Fix,
    /// Also what may be intended
    Look,
    /// Nothing
    Never,
}

impl FailOn {
    fn severity(self) -> Option<RuleSeverity> {
        match self {
            Self::Fix => Some(RuleSeverity::Fix),
            Self::Look => Some(RuleSeverity::Look),
            Self::Never => None,
        }
    }
}

pub(super) fn report(options: ReportOptions) -> Result<(), Failure> {
    let ReportOptions { all, since, trace, format, counted, mut target } = options;
    let ignore = counted.ignore.iter().map(|rule| ("ignore", Some(rule.to_string())));
    let query = query([("since", since.clone()), ("trace", trace)].into_iter().chain(ignore));
    let path = if all {
        format!("report?{query}")
    } else {
        target.tenant_path(&format!("report?{query}"))
    };
    let format = asked(format, &mut target);
    let report: Report = target.get(&path)?;
    print(&match format {
        GradeFormat::Json => to_json_pretty(&report),
        other => report.write(other),
    })?;
    if report.calls == 0 && !all {
        unaccepted::note(&target, since.as_deref());
    }
    if counted.fail(&report) { Err(Failure::reported(UNMET)) } else { Ok(()) }
}

pub(super) fn checklist(options: ChecklistOptions) -> Result<(), Failure> {
    let ChecklistOptions { format, mut target } = options;
    let format = asked(format, &mut target);
    let mut checklist: Checklist = target.get(&target.tenant_path("checklist"))?;
    if format != GradeFormat::Json {
        for entry in &mut checklist.items {
            entry.provoke += &target.url_option();
        }
    }
    print(&match format {
        GradeFormat::Json => to_json_pretty(&checklist),
        other => checklist.write(other),
    })?;
    if checklist.items.iter().all(|entry| entry.state == ItemState::NotTried) {
        unaccepted::note(&target, None);
    }
    let has_failed = checklist.items.iter().any(|entry| entry.state == ItemState::Failed);
    if has_failed { Err(Failure::reported(UNMET)) } else { Ok(()) }
}

/// The format that is asked for; JSON is read without escapes for a terminal.
fn asked(format: GradeFormat, target: &mut SandboxTarget) -> GradeFormat {
    let format = if target.json { GradeFormat::Json } else { format };
    target.json = format == GradeFormat::Json;
    format
}
