//! `explain`: what a call would get and why, without making it.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Uri, Version};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::answer::Json;
use super::body;
use super::entry::omitted;
use super::input::{Input, ParsedRequest};
use super::is_own;
use crate::call::{Sandbox, not_explained};
use crate::clock::millis;
use crate::config_file::{MapReader, Node, Problems, Read, Value as Yaml, parsed_text, record};
use crate::described::described;
use crate::http::{Problem, Request};
use crate::journal::RuleEvaluation;
use crate::text::plural;
use crate::vendor::create_group;
use crate::vendor::{ChangeCount, Finding};

record! {
    #[derive(Debug)]
    struct ExplainBody {
        /// POST if left out.
        method: Option<MethodName> => optional,
        /// Create Group if left out; a /~… prefix chooses a scenario as in a call.
        path: Option<ExplainedPath> => optional,
        /// Values by name, all that the call has; a Content-Type of application/json if `headers` is left out.
        headers: Option<HeaderEntries> => optional,
        /// The body as text, or as JSON.
        body: Option<ExplainedBody> => optional,
    }
}

/// The form of a method, and of the name of a header.
const TOKEN: &str = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$";

#[derive(Debug)]
struct MethodName(Method);

impl Read for MethodName {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let parse = |text: &str| Method::from_bytes(text.as_bytes());
        parsed_text(node, problems, |text| parse(text).map_err(|_| "invalid HTTP method")).map(Self)
    }

    fn schema() -> Value {
        json!({"type": "string", "pattern": TOKEN})
    }
}

/// A path, which may have a query.
#[derive(Debug)]
struct ExplainedPath(Uri);

impl Read for ExplainedPath {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let parse = |text: &str| {
            if !text.starts_with('/') {
                return Err("a path begins with /".to_owned());
            }
            text.parse().map_err(|error| format!("invalid path: {error}"))
        };
        parsed_text(node, problems, parse).map(Self)
    }

    fn schema() -> Value {
        json!({"type": "string", "pattern": "^/"})
    }
}

#[derive(Debug)]
struct HeaderEntries(HeaderMap);

impl Read for HeaderEntries {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let mut headers = HeaderMap::new();
        for entry in MapReader::entries_of(node, problems)? {
            let values = match &entry.node.value {
                Yaml::List(_) => Vec::<String>::read(&entry.node, problems)?,
                _ => vec![String::read(&entry.node, problems)?],
            };
            for value in values {
                let name = HeaderName::from_bytes(entry.key.as_bytes());
                let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&value)) else {
                    problems.add(entry.at, "invalid header");
                    return None;
                };
                headers.append(name, value);
            }
        }
        Some(Self(headers))
    }

    fn schema() -> Value {
        let name = json!({"type": "string", "pattern": TOKEN});
        let text = json!({"type": "string", "pattern": r"^[^\x00-\x08\x0A-\x1F\x7F]*$"});
        let texts = json!({"type": "array", "items": text});
        json!({
            "type": "object",
            "propertyNames": name,
            "additionalProperties": {"oneOf": [text, texts]},
        })
    }
}

#[derive(Debug)]
struct ExplainedBody(Bytes);

impl Read for ExplainedBody {
    fn read(node: &Node, _: &mut Problems) -> Option<Self> {
        Some(Self(match &node.value {
            Yaml::Text(text) => Bytes::from(text.clone()),
            value => Bytes::from(value.to_json().to_string()),
        }))
    }

    fn schema() -> Value {
        json!({})
    }
}

/// The call to explain, as the body of a request describes it.
#[derive(Debug)]
pub(super) struct ExplainedCall(Request);

impl Input for ExplainedCall {
    fn read(ParsedRequest { request, .. }: &ParsedRequest) -> Result<Self, Problem> {
        let (rest, raw_body) = split_body(body::text(request)?);
        let described: ExplainBody = body::parse(&rest)?;
        let path = || Uri::from_static(create_group::ENDPOINT.path);
        let json = || (CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let headers = described.headers.map_or_else(|| [json()].into_iter().collect(), |it| it.0);
        Ok(Self(Request {
            method: described.method.map_or(Method::POST, |method| method.0),
            uri: described.path.map_or_else(path, |path| path.0),
            version: Version::HTTP_11,
            headers,
            body: raw_body.or(described.body.map(|body| body.0)).unwrap_or_default(),
            peer: request.peer,
        }))
    }

    fn body_schema() -> Option<Value> {
        Some(ExplainBody::schema())
    }

    fn body_name() -> Option<&'static str> {
        Some("ExplainBody")
    }
}

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct Explanation {
        pub(crate) tenant: String,
        /// `None` for a wrong path or method, which the sandbox itself refuses.
        pub(crate) endpoint: Option<String>,
        pub(crate) selector: String,
        pub(crate) scenario: Option<String>,
        /// The rules that were evaluated, in order.
        pub(crate) rules: Vec<RuleVerdict>,
        /// The rule that acts.
        pub(crate) rule: Option<String>,
        pub(crate) phase: Option<String>,
        pub(crate) outcome: String,
        pub(crate) status: Option<u16>,
        pub(crate) delay_ms: u64,
        pub(crate) committed: bool,
        /// What would be added or changed in the tenant; empty if nothing.
        pub(crate) changes: Vec<ChangeEntry>,
        pub(crate) findings: Vec<Finding>,
        /// How many more findings there were, which are not kept.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub(crate) findings_omitted: Option<usize>,
    }
}

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct RuleVerdict {
        pub(crate) rule: String,
        pub(crate) verdict: Cow<'static, str>,
    }
}

described! {
    /// How much of a kind of data a call would add or change.
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct ChangeEntry as "Change" {
        /// `groups`, `videos`, `communities`, `memberships`, `categories`, `users` or `tokens`. What is new comes with
        /// its parts: the members of a new group or community are not counted.
        pub(crate) kind: Cow<'static, str>,
        /// `added` or `changed`.
        pub(crate) change: Cow<'static, str>,
        pub(crate) count: usize,
    }
}

/// Explains what the call would get, without making it.
pub(super) fn explain(
    sandbox: &Sandbox,
    ExplainedCall(call): ExplainedCall,
) -> Result<Json<Explanation>, Problem> {
    if is_own(call.path()) {
        return Err(not_explained());
    }
    let record = sandbox.explain(&call)?;
    let text = |text: Option<Cow<str>>| text.map(Cow::into_owned);
    let rules = record.evaluations.into_iter();
    let rules =
        rules.map(|RuleEvaluation { rule, verdict }| RuleVerdict { rule, verdict: verdict.into() });
    Ok(Json(Explanation {
        tenant: record.tenant.to_string(),
        endpoint: text(record.endpoint),
        selector: record.selector.into_owned(),
        scenario: text(record.scenario),
        rules: rules.collect(),
        rule: text(record.rule),
        phase: text(record.phase),
        outcome: record.outcome.into_owned(),
        status: record.status,
        delay_ms: millis(record.delay),
        committed: record.committed,
        changes: record.changes.iter().map(ChangeEntry::from).collect(),
        findings: record.findings.iter().cloned().collect(),
        findings_omitted: omitted(&record.findings),
    }))
}

impl ChangeEntry {
    /// Describes the change: `2 videos added`.
    pub(crate) fn describe(&self) -> String {
        let Self { kind, change, count } = self;
        let one = match kind.strip_suffix("ies") {
            Some(start) => format!("{start}y"),
            None => kind.trim_end_matches('s').to_owned(),
        };
        format!("{} {change}", plural(*count, &one))
    }
}

impl From<&ChangeCount> for ChangeEntry {
    fn from(ChangeCount { kind, change, count }: &ChangeCount) -> Self {
        Self { kind: kind.name().into(), change: change.name().into(), count: *count }
    }
}

/// Cuts `body` out of a JSON text byte for byte, since the YAML reader would limit it and change its
/// numbers. Any other text stays whole.
fn split_body(text: &str) -> (Cow<'_, str>, Option<Bytes>) {
    let Ok(mut fields) = serde_json::from_str::<IndexMap<String, Box<RawValue>>>(text) else {
        return (Cow::Borrowed(text), None);
    };
    let Some(raw) = fields.shift_remove("body").filter(|raw| raw.get() != "null") else {
        return (Cow::Borrowed(text), None);
    };
    let body = match serde_json::from_str::<String>(raw.get()) {
        Ok(text) => Bytes::from(text),
        Err(_) => Bytes::from(raw.get().to_owned()),
    };
    let rest = serde_json::to_string(&fields).expect("BUG: parsed JSON can be written again");
    (Cow::Owned(rest), Some(body))
}
