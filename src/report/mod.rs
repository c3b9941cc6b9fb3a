//! Judges clients by their calls: what they did after each failure, and how soon. Pure functions over the
//! calls of a tenant in their order; knows neither scenarios nor how the journal is read.

mod attempt;
mod body_identity;
mod checklist;
mod client_finding;
mod expectation;
mod format;
mod grade;
mod ignore;
mod operation;
mod permanent;
mod rule;
mod rules;
mod summary;
mod unknown_names;

pub(crate) use attempt::{KnownOutcome, Moment};
pub(crate) use checklist::{Checklist, ItemState};
pub(crate) use expectation::{ClientExpectation, ClientExpectations, expectation_name};
pub(crate) use format::GradeFormat;
pub(crate) use grade::{GradingContext, TenantGrade};
pub(crate) use ignore::IgnoredRule;
pub(crate) use rule::{ClientRule, RuleSeverity};
pub(crate) use summary::Report;
pub(crate) use unknown_names::MissedTarget;

#[cfg(test)]
mod tests;
