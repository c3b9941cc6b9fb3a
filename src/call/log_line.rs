//! The log line of a call.

use std::fmt;

use crate::journal::CallRecord;
use crate::scenario::{ForcedOutcome, HoldUntil};
use crate::text::quoted;
use crate::vendor::Outcome;

/// Logs a call in one line. It is formatted only if it is logged, straight into the log's buffer.
pub(super) fn log_call(record: &CallRecord) {
    let tenant = record.tenant.as_str();
    tracing::info!(
        request = %format_args!("{tenant}/{}", record.seq),
        tenant,
        endpoint = record.endpoint.as_deref(),
        method = &*record.method,
        path = &*record.path,
        status = record.status,
        outcome = &*record.outcome,
        "{}",
        CallLine(record)
    );
}

/// Describes the result of a call, for example `refused create_group for demo: /type is missing`.
struct CallLine<'a>(&'a CallRecord<'a>);

impl fmt::Display for CallLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CallRecord { tenant, endpoint, outcome, findings, rule, .. } = self.0;
        let is_accepted = outcome == Outcome::Ok.name();
        let is_held = outcome == ForcedOutcome::Hold(HoldUntil::Released).name();
        let is_forced = !is_accepted && rule.is_some() && !findings.has_errors();
        match (is_forced, is_accepted) {
            _ if is_held => f.write_str("held ")?,
            (true, _) => write!(f, "forced {outcome} on ")?,
            (false, true) => f.write_str("accepted ")?,
            (false, false) => f.write_str("refused ")?,
        }
        if let Some(endpoint) = endpoint {
            write!(f, "{endpoint} for {tenant}")?;
        } else {
            let (method, path) = (quoted(&self.0.method), quoted(&self.0.path));
            write!(f, "{method} {path} for {tenant}")?;
        }
        if let Some(rule) = rule {
            let scenario = quoted(self.0.scenario.as_deref().unwrap_or_default());
            let (selector, phase) = (&self.0.selector, self.0.phase.as_deref().unwrap_or_default());
            write!(f, " by rule {rule} of scenario {scenario} ({selector}, {phase})")?;
        }
        if is_forced && self.0.committed {
            f.write_str("; the change was made all the same")?;
        }
        if findings.is_empty() { Ok(()) } else { write!(f, ": {findings}") }
    }
}
