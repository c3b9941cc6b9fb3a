//! An entry, as it is taken down and as it is read.

use http::HeaderMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use super::{CHUNK_BYTES, redact};
use crate::clock::rfc3339_ms;
use crate::vendor::finding::Findings;

/// The longest path kept, in bytes.
const LIMIT_PATH: usize = 1024;
/// The most that all headers take when stored, in bytes.
const LIMIT_HEADERS: usize = 6 * 1024;
/// The longest value of a header kept, in bytes.
const LIMIT_VALUE: usize = 128;
/// The longest text of all findings kept, in bytes.
const LIMIT_FINDINGS: usize = 4096;
/// Room for everything that has a fixed size, or nearly.
const LIMIT_REST: usize = 1024;

/// What is taken down of a call.
#[derive(Debug)]
pub struct Taken<'a> {
    /// Unix milliseconds by the tenant's clock.
    pub time_ms: i64,
    /// The method.
    pub method: &'a str,
    /// The path, without its query.
    pub path: &'a str,
    /// All headers; only those on the list keep their values.
    pub headers: &'a HeaderMap,
    /// The whole body.
    pub body: &'a [u8],
    /// The endpoint.
    pub endpoint: &'a str,
    /// The number among the tenant's calls to the endpoint.
    pub nth: u64,
    /// The HTTP status; `None` for a fault.
    pub status: Option<u16>,
    /// How the call ended.
    pub outcome: &'a str,
    /// Who picked the scenario.
    pub selector: &'a str,
    /// The scenario picked.
    pub scenario: Option<&'a str>,
    /// The rule that acted.
    pub rule: Option<&'a str>,
    /// When it acted.
    pub phase: Option<&'a str>,
    /// Whether the change was made.
    pub committed: bool,
    /// What was wrong or odd.
    pub findings: &'a Findings,
    /// Whether it is known that every key of the body is one of the contract's.
    pub only_known_keys: bool,
    /// How long the decision took, in microseconds; delays come after it.
    pub duration_us: u32,
}

/// An entry as it is stored; the order of fields is the format.
#[derive(Serialize, Deserialize)]
pub struct Stored<'a, H> {
    id: u64,
    seq: u64,
    time_ms: i64,
    duration_us: u32,
    nth: u64,
    status: Option<u16>,
    committed: bool,
    method: &'a str,
    path: &'a str,
    endpoint: &'a str,
    outcome: &'a str,
    selector: &'a str,
    scenario: Option<&'a str>,
    rule: Option<&'a str>,
    phase: Option<&'a str>,
    headers: H,
    /// JSON, since findings leave out what they have not.
    findings: &'a str,
    body_bytes: u64,
    body_cut: bool,
    /// In one piece; as a list, it would be written byte by byte.
    #[serde(serialize_with = "in_one_piece")]
    body: &'a [u8],
}

fn in_one_piece<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}

/// An entry of the journal.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "see `Taken`, whose fields these are")]
pub struct Entry {
    /// Counts in the server and is the cursor.
    pub id: u64,
    /// Counts in the tenant, from 1, and never restarts.
    pub seq: u64,
    pub tenant: String,
    pub time_ms: i64,
    pub method: String,
    pub path: String,
    /// By name; `None` where the value was not kept.
    pub headers: Vec<(String, Option<String>)>,
    pub body: Vec<u8>,
    /// How long the body was that was sent.
    pub body_bytes: u64,
    /// Whether a part of the body is missing here.
    pub body_cut: bool,
    pub endpoint: String,
    pub nth: u64,
    pub status: Option<u16>,
    pub outcome: String,
    pub selector: String,
    pub scenario: Option<String>,
    pub rule: Option<String>,
    pub phase: Option<String>,
    pub committed: bool,
    pub findings: Value,
    pub duration_us: u32,
}

impl Taken<'_> {
    /// Gives the entry as it is to be stored, which fits into the largest chunk.
    pub fn store<T>(&self, id: u64, seq: u64, store: impl FnOnce(&Stored<HeaderList>) -> T) -> T {
        let findings = findings_text(self.findings);
        let scenario = self.scenario.map(|scenario| cut(scenario, LIMIT_VALUE));
        let path = cut(self.path, LIMIT_PATH);
        let headers = HeaderList::of(self.headers);
        let body = redact::body(self.endpoint, self.body, self.only_known_keys);
        let room = CHUNK_BYTES - LIMIT_REST - findings.len() - path.len() - headers.size_bytes;
        let stored = Stored {
            id,
            seq,
            time_ms: self.time_ms,
            duration_us: self.duration_us,
            nth: self.nth,
            status: self.status,
            committed: self.committed,
            method: cut(self.method, LIMIT_VALUE),
            path,
            endpoint: self.endpoint,
            outcome: self.outcome,
            selector: self.selector,
            scenario,
            rule: self.rule,
            phase: self.phase,
            headers,
            findings: &findings,
            body_bytes: self.body.len() as u64,
            body_cut: body.len() > room || (body.is_empty() && !self.body.is_empty()),
            body: &body[..body.len().min(room)],
        };
        store(&stored)
    }
}

/// The findings as a JSON list of at most the limit: the last ones are left off.
fn findings_text(findings: &Findings) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let mut text = String::from("[");
    for finding in findings.iter() {
        let one = serde_json::to_string(finding).expect("BUG: plain data always becomes JSON");
        if text.len() + one.len() + 2 > LIMIT_FINDINGS {
            break;
        }
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&one);
    }
    text.push(']');
    text
}

fn cut(text: &str, limit_bytes: usize) -> &str {
    let mut end = text.len().min(limit_bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Headers by name, with the values of those that may be kept.
pub struct HeaderList<'a> {
    kept: Vec<(&'a str, Option<&'a str>)>,
    /// An upper bound of what they take when stored.
    size_bytes: usize,
}

impl<'a> HeaderList<'a> {
    /// As many as there is room for.
    fn of(headers: &'a HeaderMap) -> Self {
        let mut list = Self { kept: Vec::with_capacity(headers.len()), size_bytes: 8 };
        for (name, value) in headers {
            let value = redact::may_keep(name.as_str()).then(|| value.to_str().ok()).flatten();
            let name = cut(name.as_str(), LIMIT_VALUE / 2);
            let value = value.map(|value| cut(value, LIMIT_VALUE));
            let size = name.len() + value.map_or(0, str::len) + 8;
            if list.size_bytes + size > LIMIT_HEADERS {
                break;
            }
            list.size_bytes += size;
            list.kept.push((name, value));
        }
        list
    }
}

impl Serialize for HeaderList<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.kept)
    }
}

impl Entry {
    /// Reads an entry back; who it belongs to is not in it.
    pub fn decode(bytes: &[u8]) -> Self {
        let stored: Stored<Vec<(String, Option<String>)>> =
            postcard::from_bytes(bytes).expect("BUG: what was stored can be read");
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Self {
            id: stored.id,
            seq: stored.seq,
            tenant: String::new(),
            time_ms: stored.time_ms,
            method: stored.method.to_owned(),
            path: stored.path.to_owned(),
            headers: stored.headers,
            body: stored.body.to_vec(),
            body_bytes: stored.body_bytes,
            body_cut: stored.body_cut,
            endpoint: stored.endpoint.to_owned(),
            nth: stored.nth,
            status: stored.status,
            outcome: stored.outcome.to_owned(),
            selector: stored.selector.to_owned(),
            scenario: owned(stored.scenario),
            rule: owned(stored.rule),
            phase: owned(stored.phase),
            committed: stored.committed,
            findings: serde_json::from_str(stored.findings).unwrap_or_else(|_| json!([])),
            duration_us: stored.duration_us,
        }
    }

    /// The entry as users get it. `body` is text; one that was longer is marked.
    pub fn to_json(&self) -> Value {
        let headers: serde_json::Map<_, _> =
            self.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let mut entry = json!({
            "id": self.id,
            "seq": self.seq,
            "tenant": self.tenant,
            "time": rfc3339_ms(self.time_ms),
            "method": self.method,
            "path": self.path,
            "endpoint": self.endpoint,
            "headers": headers,
            "body": String::from_utf8_lossy(&self.body),
            "status": self.status,
            "outcome": self.outcome,
            "selector": self.selector,
            "scenario": self.scenario,
            "rule": self.rule,
            "phase": self.phase,
            "committed": self.committed,
            "findings": self.findings,
            "duration_us": self.duration_us,
        });
        if self.body_cut {
            entry["body_truncated"] = json!(true);
            entry["body_bytes"] = json!(self.body_bytes);
        }
        entry
    }
}
