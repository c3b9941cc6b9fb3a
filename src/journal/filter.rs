//! Which records a reader wants, besides their place: [`Filter`].

use std::borrow::Cow;

use super::chunk::RecordHead;
use super::{CallRecord, TraceId, header_value};

/// Selects records by what is in them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    /// Only those with this outcome.
    pub(crate) outcome: Option<String>,
    /// Only those with this HTTP status.
    pub(crate) status: Option<u16>,
    /// Only those of this trace.
    pub(crate) trace: Option<TraceId>,
    /// Only those with this text.
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
    /// A text to look for.
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_lowercase())
    }

    /// Whether one of the texts has it.
    pub(crate) fn is_in_any<'t>(&self, texts: impl IntoIterator<Item = Cow<'t, str>>) -> bool {
        texts.into_iter().any(|text| text.to_lowercase().contains(&self.0))
    }

    /// Whether it is in the method, the path, the query, a body, the outcome, the scenario, a finding's message or the
    /// user agent.
    fn is_in(&self, record: &CallRecord) -> bool {
        let CallRecord { method, path, query, outcome, scenario, findings, answer, .. } = record;
        let user_agent = header_value(&record.headers, "user-agent").map(Cow::from);
        let short = [Some(method), Some(path), query.as_ref(), Some(outcome), scenario.as_ref()];
        let short = short.into_iter().flatten().map(|text| Cow::from(&**text)).chain(user_agent);
        let messages = findings.iter().map(|finding| Cow::from(finding.message.as_str()));
        let bodies = [Some(&record.body), answer.as_ref().map(|answer| &answer.body)];
        let bodies = bodies.into_iter().flatten().map(|body| String::from_utf8_lossy(body));
        self.is_in_any(short.chain(messages).chain(bodies))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::record_of;
    use super::*;
    use crate::vendor::Finding;

    #[test]
    fn a_text_is_found_in_any_case_and_in_every_field_that_has_texts() {
        record_of("demo", b"{\"name\":\"\xc3\x84RGER \xff 5%\"}", |record| {
            record.scenario = Some("Flaky".into());
            record.query = Some("page=Two".into());
            record.findings = Finding::error("/pointer", "clause", "is Missing").into();
            record.answer = Some(crate::journal::RecordedAnswer {
                status: Some(400),
                headers: vec![("x-made".into(), Some("header".into()))],
                body_bytes: 6,
                truncated: false,
                body: Cow::Borrowed(b"Answer"),
            });
            for found in [
                "post",
                "POST",
                "group/create",
                "PAGE=two",
                "bad-REQUEST",
                "flaky",
                "missing",
                "test",
                "answer",
                "ärger",
                "ÄRGER",
                "r \u{fffd} 5%",
                "name\":\"",
            ] {
                assert!(SearchText::new(found).is_in(record), "{found}");
            }
            for other in ["secret", "/pointer", "clause", "x-made", "header", "%%", "arger", "demo"]
            {
                assert!(!SearchText::new(other).is_in(record), "{other}");
            }
        });
    }
}
