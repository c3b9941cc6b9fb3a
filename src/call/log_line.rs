//! The log line of a call.

use crate::journal::CallRecord;
use crate::text::quoted;
use crate::vendor::Outcome;

/// Logs a call in one line: at info if a rule acted or something was found, else at debug.
pub(super) fn log_call(record: &CallRecord) {
    if !tracing::enabled!(tracing::Level::INFO) {
        return;
    }
    let (tenant, findings) = (record.tenant.as_str(), &record.findings);
    let endpoint = match &record.endpoint {
        Some(endpoint) => endpoint.clone(),
        None => quoted(&record.path).into(),
    };
    let endpoint = &*endpoint;
    let outcome = &*record.outcome;
    let is_accepted = outcome == Outcome::Ok.name();
    if is_accepted && record.rule.is_none() && findings.is_empty() {
        tracing::debug!(tenant, endpoint, outcome, "accepted {endpoint} for {tenant}");
        return;
    }
    let cause = record.rule.as_ref().map_or_else(String::new, |rule| {
        let scenario = quoted(record.scenario.as_deref().unwrap_or_default());
        let phase = record.phase.as_deref().unwrap_or_default();
        format!(" by rule {rule} of scenario {scenario} ({}, {phase})", record.selector)
    });
    let verb = if is_accepted { "accepted" } else { "refused" };
    let message = if is_accepted || record.rule.is_none() || findings.has_errors() {
        format!("{verb} {endpoint} for {tenant}{cause}")
    } else {
        let change = if record.committed { "; the change was made all the same" } else { "" };
        format!("forced {outcome} on {endpoint} for {tenant}{cause}{change}")
    };
    if findings.is_empty() {
        tracing::info!(tenant, endpoint, outcome, "{message}");
    } else {
        tracing::info!(tenant, endpoint, outcome, "{message}: {findings}");
    }
}
