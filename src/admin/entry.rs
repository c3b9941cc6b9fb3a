//! A journal entry as this API shows it.

use std::borrow::Cow;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::call::refusal_outcomes;
use crate::clock::{millis, rfc3339_ms, rfc3339_us};
use crate::described::described;
use crate::http::Problem;
use crate::journal::{CallRecord, Header, RecordedAnswer};
use crate::scenario::ForcedOutcome;
use crate::text::{append, did_you_mean, nearest, quoted, to_base64};
use crate::vendor::{Finding, Findings};

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct RequestEntry {
        /// The address: `demo/17`.
        pub(crate) id: String,
        pub(crate) seq: u64,
        pub(crate) tenant: String,
        pub(crate) time: String,
        pub(crate) method: String,
        pub(crate) path: String,
        /// As sent, without the `?` and with `[redacted]` for what may be secret; `None` if there was none.
        pub(crate) query: Option<String>,
        /// `None` if the request came to no endpoint.
        pub(crate) endpoint: Option<String>,
        /// By name, the values of a repeated one joined by `, `; `None` where the value is not kept. Of
        /// `authorization` there are the scheme, the tenant and a fingerprint.
        pub(crate) headers: IndexMap<String, Option<String>>,
        pub(crate) body: String,
        pub(crate) status: Option<u16>,
        pub(crate) outcome: String,
        pub(crate) selector: String,
        pub(crate) scenario: Option<String>,
        pub(crate) rule: Option<String>,
        pub(crate) phase: Option<String>,
        pub(crate) committed: bool,
        pub(crate) findings: Vec<Finding>,
        /// How many more findings there were, which are not kept.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub(crate) findings_omitted: Option<usize>,
        pub(crate) duration_us: u32,
        /// `None` for a fault that sends none, and until there is one.
        pub(crate) answer: Option<AnswerEntry>,
        /// When the request came: real time with microseconds, whatever the tenant's clock says.
        pub(crate) received_at: String,
        /// When the answer or the fault was sent; `None` until then.
        pub(crate) answered_at: Option<String>,
        /// The number of the connection that the request came over.
        pub(crate) connection: u64,
        /// `sent`, `client-left`, `fault` or `pending`.
        pub(crate) delivery: String,
        /// How long the answer waits by the scenario, in milliseconds.
        pub(crate) delay_ms: u64,
        /// The trace id out of the header `traceparent`.
        pub(crate) trace: Option<String>,
        /// `true` if only a prefix of the query or of the value of a header is kept, or headers are missing.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub(crate) head_truncated: Option<bool>,
        /// `true` if only the prefix of the body is kept.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub(crate) body_truncated: Option<bool>,
        /// The bytes of a body that is not UTF-8, in base64.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub(crate) body_base64: Option<String>,
        /// The length of a truncated body.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub(crate) body_bytes: Option<u64>,
    }
}

described! {
    /// The answer of a call.
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct AnswerEntry {
        /// `None` for bytes that are not HTTP.
        pub(crate) status: Option<u16>,
        /// By name; `None` where the value may be a secret.
        pub(crate) headers: IndexMap<String, Option<String>>,
        pub(crate) body: String,
        /// `true` if a part of the body is missing.
        pub(crate) truncated: bool,
        /// The bytes of a body that is not UTF-8, in base64.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub(crate) body_base64: Option<String>,
    }
}

impl From<&RecordedAnswer<'_>> for AnswerEntry {
    fn from(answer: &RecordedAnswer) -> Self {
        Self {
            status: answer.status,
            headers: by_name(&answer.headers),
            body: String::from_utf8_lossy(&answer.body).into_owned(),
            truncated: answer.truncated,
            body_base64: base64_unless_text(&answer.body),
        }
    }
}

/// Returns headers by their names. The values of a repeated one are joined as HTTP allows it, in the order in which
/// they were sent.
fn by_name(headers: &[Header]) -> IndexMap<String, Option<String>> {
    let mut by_name: IndexMap<String, Option<String>> = IndexMap::with_capacity(headers.len());
    for (name, value) in headers {
        let value = value.as_deref();
        match (by_name.get_mut(&**name), value) {
            (Some(Some(sent)), Some(value)) => append!(*sent, ", {value}"),
            (Some(sent), _) => *sent = sent.take().or(value.map(str::to_owned)),
            (None, _) => {
                by_name.insert(name.to_string(), value.map(str::to_owned));
            }
        }
    }
    by_name
}

/// Returns bytes that are not UTF-8, which the text in their place cannot show.
fn base64_unless_text(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).is_err().then(|| to_base64(bytes))
}

impl From<&CallRecord<'_>> for RequestEntry {
    fn from(record: &CallRecord) -> Self {
        let authorization = record.authorization.as_ref().map(|sent| {
            let (scheme, fingerprint) = (&sent.scheme, sent.fingerprint);
            format!("{scheme} {} (fingerprint {fingerprint:08x})", record.tenant)
        });
        let mut headers = by_name(&record.headers);
        if let Some(sent) = headers.get_mut("authorization") {
            *sent = authorization;
        }
        let text = |text: &Option<Cow<str>>| text.as_ref().map(ToString::to_string);
        Self {
            id: record.address(),
            seq: record.seq,
            tenant: record.tenant.to_string(),
            time: rfc3339_ms(record.time_ms),
            method: record.method.to_string(),
            path: record.path.to_string(),
            query: text(&record.query),
            endpoint: text(&record.endpoint),
            headers,
            body: String::from_utf8_lossy(&record.body).into_owned(),
            status: record.status,
            outcome: record.outcome.to_string(),
            selector: record.selector.to_string(),
            scenario: text(&record.scenario),
            rule: text(&record.rule),
            phase: text(&record.phase),
            committed: record.committed,
            findings: record.findings.iter().cloned().collect(),
            findings_omitted: omitted(&record.findings),
            duration_us: record.duration_us,
            answer: record.answer.as_ref().map(AnswerEntry::from),
            received_at: rfc3339_us(record.received_us),
            answered_at: record.answered_us.map(rfc3339_us),
            connection: record.connection,
            delivery: record.delivery.name().to_owned(),
            delay_ms: millis(record.delay),
            trace: record.trace.map(|id| id.to_string()),
            head_truncated: record.cut_head.is_some().then_some(true),
            body_truncated: record.body_cut.then_some(true),
            body_base64: base64_unless_text(&record.body),
            body_bytes: record.body_cut.then_some(record.body_bytes),
        }
    }
}

impl RequestEntry {
    /// Returns the path with its query.
    pub(crate) fn target(&self) -> Cow<'_, str> {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path).into(),
            None => Cow::from(&self.path),
        }
    }

    /// The texts that the filter `text` looks at.
    pub(crate) fn searched_texts(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let user_agent = self.headers.get("user-agent").and_then(Option::as_deref);
        let answer = self.answer.as_ref().map(|answer| &*answer.body);
        let optional = [self.query.as_deref(), self.scenario.as_deref(), user_agent, answer]
            .into_iter()
            .flatten();
        let found = self.findings.iter().flat_map(Finding::texts);
        let own = [&*self.method, &*self.path, &*self.body, &*self.outcome].into_iter();
        own.chain(optional).chain(found).map(Cow::from)
    }
}

/// The number of findings that are not kept; `None` if all are.
pub(super) fn omitted(findings: &Findings) -> Option<usize> {
    Some(findings.omitted()).filter(|count| *count > 0)
}

pub(crate) fn outcome_name_schema() -> Value {
    let names: Vec<_> = ForcedOutcome::known_names().chain(refusal_outcomes()).collect();
    json!({"type": "string", "enum": names})
}

/// Where outcomes are listed, but for those of requests that the sandbox itself refuses.
const LISTED: &str = "GET /_sandbox/v1/outcomes lists them";

/// Reads the name or alias of an outcome; gives the name that the journal uses.
pub(crate) fn outcome_name(name: &str) -> Result<String, Problem> {
    if refusal_outcomes().any(|known| known == name) {
        return Ok(name.to_owned());
    }
    let refuse =
        |why: &str| Err(Problem::bad_request(format!("unknown outcome {}{why}", quoted(name))));
    match ForcedOutcome::parse(name) {
        Some(forced @ ForcedOutcome::Hold(_)) if forced.name() != name => refuse(&format!(
            "; a held call has the outcome \"hold\", whatever it waits for; {LISTED}"
        )),
        Some(forced) => Ok(forced.name().to_owned()),
        None => {
            let all = ForcedOutcome::known_names().chain(refusal_outcomes());
            let is_near_refusal = nearest(name, all)
                .is_some_and(|near| refusal_outcomes().any(|refusal| refusal == near));
            let hint = ForcedOutcome::hint(name);
            refuse(&if is_near_refusal {
                did_you_mean(name, refusal_outcomes())
            } else if hint.is_empty() {
                let others = refusal_outcomes().collect::<Vec<_>>().join(", ");
                format!("; {LISTED}, besides {others}")
            } else {
                format!("{hint}; {LISTED}")
            })
        }
    }
}
