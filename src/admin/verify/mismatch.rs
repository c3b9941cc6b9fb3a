//! Compares a call in the journal with what is expected.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::expectation::ExpectedCall;
use crate::described::described;
use crate::journal::CallRecord;
use crate::scenario::{CallFacts, EndpointSet, FieldValues};
use crate::text::escaped;
use crate::vendor::endpoint_named;
use crate::vendor::schema::{Arena, LazyTree};

described! {
    /// A part of a call that is not as expected.
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct Mismatch {
        field: String,
        wanted: Value,
        found: Value,
    }
}

/// As in `expected status 200, found 500`.
impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |value: &Value| match value {
            Value::Null => "none".to_owned(),
            Value::String(text) => escaped(text).to_string(),
            value => escaped(&value.to_string()).to_string(),
        };
        let (field, wanted, found) = (escaped(&self.field), text(&self.wanted), text(&self.found));
        write!(f, "expected {field} {wanted}, found {found}")
    }
}

impl Mismatch {
    /// The memory that it takes besides its own place, in bytes. What is wanted and found are texts, numbers
    /// and the like.
    pub(super) fn heap_bytes(&self) -> usize {
        let text = |value: &Value| value.as_str().map_or(0, str::len);
        self.field.capacity() + text(&self.wanted) + text(&self.found)
    }
}

/// Everything that keeps a call from matching.
pub(super) fn mismatches(expected: &ExpectedCall, record: &CallRecord) -> Vec<Mismatch> {
    let ExpectedCall { matcher, outcome, status, committed, since: _ } = expected;
    let results = [
        ("outcome", outcome.as_ref().map(|name| json!(name)), json!(record.outcome)),
        ("status", status.map(|status| json!(status)), json!(record.status)),
        ("committed", committed.map(|committed| json!(committed)), json!(record.committed)),
    ];
    let mut mismatches: Vec<_> = results
        .into_iter()
        .filter_map(|(field, wanted, found)| {
            let wanted = wanted.filter(|wanted| *wanted != found)?;
            Some(Mismatch { field: field.to_owned(), wanted, found })
        })
        .collect();
    let endpoint = record.endpoint.as_deref().and_then(endpoint_named);
    if record.body_cut && matcher.needs_body() {
        let (wanted, found) = (json!("the whole body"), json!("cut because it was too long"));
        mismatches.push(Mismatch { field: "body".to_owned(), wanted, found });
    }
    if record.cut_head.is_some() {
        let headers = matcher.headers().into_iter();
        mismatches.extend(headers.filter(|name| record.may_lack_header(name.as_str())).map(
            |name| {
                let (wanted, found) =
                    (json!("the whole value"), json!("cut because it was too long"));
                Mismatch { field: format!("header.{name}"), wanted, found }
            },
        ));
    }
    let headers = kept_headers(record);
    let arena = Arena::for_body(record.body.len());
    let body = LazyTree::of(&record.body, &arena);
    let tenant = record.tenant.as_str();
    let parameters =
        &endpoint.map(|endpoint| endpoint.parameters_of(&record.path)).unwrap_or_default();
    let (headers, body, nth) = (&headers, &body, record.nth);
    let values = FieldValues::default();
    let (called, now_ms) = (EndpointSet::called(endpoint), record.time_ms);
    let facts = CallFacts { called, tenant, parameters, headers, body, values, now_ms, nth };
    let of_matcher = matcher.misses(&facts).into_iter().map(|(field, wanted, found)| Mismatch {
        field,
        wanted: json!(wanted),
        found: json!(found),
    });
    mismatches.extend(of_matcher);
    mismatches
}

/// The headers of a call; those without a kept value are empty.
fn kept_headers(record: &CallRecord) -> HeaderMap {
    let header = |(name, value): &(_, Option<_>)| {
        let name: &str = AsRef::as_ref(name);
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        let value = value.as_deref().unwrap_or_default();
        Some((name, HeaderValue::from_str(value).ok()?))
    };
    let mut headers = HeaderMap::new();
    for (name, value) in record.headers.iter().filter_map(header) {
        headers.append(name, value);
    }
    headers
}
