//! Which records a reader wants, besides their place: [`Filter`].

use std::borrow::Cow;

use super::chunk::RecordHead;
use super::{CallRecord, TraceId, header_value};
use crate::vendor::Finding;

/// Selects records by what is in them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) outcome: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) trace: Option<TraceId>,
    pub(crate) text: Option<SearchText>,
}

/// A text that is looked for in a call, in any case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SearchText(String);

impl Filter {
    /// Whether records are selected by their first fields alone.
    pub(super) fn is_cheap(&self) -> bool {
        self.text.is_none()
    }

    /// Whether it looks at those fields.
    pub(super) fn reads_head(&self) -> bool {
        self.outcome.is_some() || self.status.is_some() || self.trace.is_some()
    }

    /// Whether a record may be selected, by its first fields.
    pub(super) fn may_select(&self, head: &RecordHead) -> bool {
        self.outcome.as_ref().is_none_or(|wanted| wanted == head.outcome)
            && self.status.is_none_or(|wanted| Some(wanted) == head.status)
            && self.trace.is_none_or(|wanted| Some(wanted) == head.trace)
    }

    /// Whether a record is selected that `may_select` accepts. This may take long: never call it under a lock.
    pub(super) fn selects(&self, record: &CallRecord) -> bool {
        self.text.as_ref().is_none_or(|text| text.is_in(record))
    }
}

impl SearchText {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_lowercase())
    }

    pub(crate) fn is_in_any<'t>(&self, texts: impl IntoIterator<Item = Cow<'t, str>>) -> bool {
        texts.into_iter().any(|text| text.to_lowercase().contains(&self.0))
    }

    /// Whether it is in the method, the path, the query, a body, the outcome, the scenario, a finding or the user agent.
    fn is_in(&self, record: &CallRecord) -> bool {
        let CallRecord { method, path, query, outcome, scenario, findings, answer, .. } = record;
        let user_agent = header_value(&record.headers, "user-agent").map(Cow::from);
        let short = [Some(method), Some(path), query.as_ref(), Some(outcome), scenario.as_ref()];
        let short = short.into_iter().flatten().map(|text| Cow::from(&**text)).chain(user_agent);
        let found = findings.iter().flat_map(Finding::texts).map(Cow::from);
        let bodies = [Some(&record.body), answer.as_ref().map(|answer| &answer.body)];
        let bodies = bodies.into_iter().flatten().map(|body| String::from_utf8_lossy(body));
        self.is_in_any(short.chain(found).chain(bodies))
    }
}
