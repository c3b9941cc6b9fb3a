//! `/explain`: what would become of a call, and why, with no trace left.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use indexmap::IndexMap;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::read;
use crate::call::Sandbox;
use crate::config_file::{Located, Node, Problems, Read, Record as Fields, Value as Yaml, record};
use crate::http::Problem;
use crate::http::Request;
use crate::journal::CallRecord;

record! {
    #[derive(Debug)]
    struct ExplainBody {
        /// POST if left out.
        method: Option<Located<String>> => optional,
        /// Create Group if left out; a /~… prefix picks a scenario as in a call.
        path: Option<Located<String>> => optional,
        /// Names with values; Content-Type is application/json if left out.
        headers: Option<Headers> => optional,
        /// The body as text, or as JSON.
        body: Option<Body> => optional,
    }
}

#[derive(Debug)]
struct Headers(HeaderMap);

impl Read for Headers {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let mut headers = HeaderMap::new();
        for entry in Fields::entries_of(node, problems)? {
            let values = match &entry.node.value {
                Yaml::List(_) => Vec::<String>::read(&entry.node, problems)?,
                _ => vec![String::read(&entry.node, problems)?],
            };
            for value in values {
                let name = HeaderName::from_bytes(entry.key.as_bytes());
                let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&value)) else {
                    problems.add(entry.at, "this is not a header");
                    return None;
                };
                headers.append(name, value);
            }
        }
        Some(Self(headers))
    }

    fn schema() -> Value {
        json!({"type": "object"})
    }
}

#[derive(Debug)]
struct Body(Bytes);

impl Read for Body {
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

/// Reads a call and says what would become of it.
pub fn explain(sandbox: &Sandbox, request: &Request) -> Result<Value, Problem> {
    let (rest, raw_body) = split_body(read::text(request)?);
    let body: ExplainBody = read::text_as(&rest)?;
    let method = body.method.map_or("POST".into(), |method| method.value);
    let path =
        body.path.map_or(crate::vendor::create_group::ENDPOINT.path.into(), |path| path.value);
    let mut headers = body.headers.map_or_else(HeaderMap::new, |headers| headers.0);
    if !headers.contains_key(http::header::CONTENT_TYPE) {
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    let call = Request {
        method: Method::from_bytes(method.as_bytes())
            .map_err(|_| read::bad("this is not a method").at("/method"))?,
        uri: path
            .parse::<Uri>()
            .map_err(|error| read::bad(format!("this is not a path: {error}")).at("/path"))?,
        headers,
        body: raw_body.or(body.body.map(|body| body.0)).unwrap_or_default(),
        peer: request.peer,
    };
    Ok(describe(&sandbox.explain(&call)?))
}

/// Takes `body` out of a request in JSON as it is written, since a reader of YAML would bound it
/// and read its numbers in its own way. Anything else is left whole.
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
    let rest = serde_json::to_string(&fields).expect("BUG: what was JSON can be JSON again");
    (Cow::Owned(rest), Some(body))
}

fn describe(record: &CallRecord) -> Value {
    let rules: Vec<_> = record
        .evaluations
        .iter()
        .map(|evaluation| json!({"rule": evaluation.rule, "verdict": evaluation.verdict}))
        .collect();
    json!({
        "tenant": record.tenant.as_str(),
        "endpoint": record.endpoint,
        "selector": record.selector,
        "scenario": record.scenario,
        "rules": rules,
        "rule": record.rule,
        "phase": record.phase,
        "outcome": record.outcome,
        "status": record.status,
        "delay_ms": u64::try_from(record.delay.as_millis()).unwrap_or(u64::MAX),
        "committed": record.committed,
        "findings": record.findings.iter().collect::<Vec<_>>(),
    })
}
