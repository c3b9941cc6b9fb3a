//! Calls as an HTTP archive, HAR 1.2: what browsers and other tools open. What the sandbox knows beyond it
//! is under `_sandbox`.

use std::io;

use indexmap::IndexMap;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::admin::entry::{AnswerEntry, RequestEntry};
use crate::http::query_pairs;
use crate::text::from_base64;

/// What stands for the value of a header that is not kept.
const NOT_KEPT: &str = "[not kept]";

/// The keys of an entry that the archive has in its own places.
const ELSEWHERE: [&str; 6] = ["method", "path", "query", "headers", "body", "answer"];

/// Writes an archive of calls, one by one; `url` is where those went that do not say it.
pub(in super::super) fn write_archive(
    to: &mut dyn io::Write,
    entries: impl Iterator<Item = RequestEntry>,
    url: &str,
) -> io::Result<()> {
    let creator = json!({"name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION")});
    let archive = json!({"log": {"version": "1.2", "creator": creator, "entries": []}});
    let archive = format!("{archive:#}");
    // in between stand the entries, each made when the one before is written
    let (start, end) = archive.split_once(']').expect("BUG: the archive has a list");
    to.write_all(start.as_bytes())?;
    let mut separator = "";
    for entry in entries {
        let entry = format!("\n{:#}", call(&entry, url)).replace('\n', "\n      ");
        write!(to, "{separator}{entry}")?;
        separator = ",";
    }
    let line_end = if separator.is_empty() { "" } else { "\n    " };
    write!(to, "{line_end}]{end}")
}

fn call(entry: &RequestEntry, url: &str) -> Value {
    let time = elapsed_ms(entry);
    let facts = serde_json::to_value(entry).expect("BUG: plain data always becomes JSON");
    let mut facts = match facts {
        Value::Object(facts) => facts,
        _ => Map::new(),
    };
    facts.retain(|key, _| !ELSEWHERE.contains(&key.as_str()));
    json!({
        "startedDateTime": entry.received_at,
        "time": time,
        "request": request(entry, url),
        "response": response(entry),
        "cache": {},
        "timings": {"send": 0, "wait": time, "receive": 0},
        "connection": entry.connection.to_string(),
        "_sandbox": facts,
    })
}

/// From the request to the end of its answer; as long as there is none, what the call itself took.
fn elapsed_ms(entry: &RequestEntry) -> f64 {
    let time = |text: &str| text.parse::<Timestamp>().ok();
    let answered = entry.answered_at.as_deref().and_then(time);
    let elapsed = time(&entry.received_at).zip(answered).map(|(from, to)| to.duration_since(from));
    let elapsed = elapsed.map_or(f64::from(entry.duration_us) / 1e6, |it| it.as_secs_f64());
    // a clock may have been set meanwhile
    (elapsed.max(0.0) * 1e6).round() / 1e3
}

fn request(entry: &RequestEntry, url: &str) -> Value {
    let host = entry.headers.get("host").and_then(Option::as_deref);
    let base =
        host.map_or_else(|| url.trim_end_matches('/').to_owned(), |host| format!("http://{host}"));
    let kept = entry.body_base64.as_deref().and_then(from_base64);
    let kept_bytes = kept.map_or(entry.body.len(), |bytes| bytes.len()) as u64;
    let body_bytes = entry.body_bytes.unwrap_or(kept_bytes);
    let mut request = json!({
        "method": entry.method,
        "url": format!("{base}{}", entry.target()),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers(&entry.headers),
        "queryString": query_string(entry.query.as_deref()),
        "headersSize": -1,
        "bodySize": body_bytes,
    });
    let cut = (entry.body_truncated == Some(true))
        .then(|| format!("{kept_bytes} of the {body_bytes} bytes of the body are kept"));
    if entry.body.is_empty() {
        comment(&mut request, cut);
    } else {
        let mime_type = media_type(&entry.headers, "application/octet-stream");
        request["postData"] = json!({"mimeType": mime_type, "text": entry.body});
        comment(&mut request["postData"], cut);
    }
    request
}

fn query_string(query: Option<&str>) -> Vec<Value> {
    let pairs = query_pairs(query.unwrap_or_default());
    pairs.map(|[name, value]| json!({"name": name, "value": value})).collect()
}

/// Says in an object what the journal has not kept.
fn comment(object: &mut Value, text: Option<String>) {
    if let Some(text) = text {
        object["comment"] = text.into();
    }
}

/// An answer without a status, as most faults give, has 0, as in browsers.
fn response(entry: &RequestEntry) -> Value {
    let none = AnswerEntry {
        status: None,
        headers: IndexMap::new(),
        body: String::new(),
        truncated: false,
        body_base64: None,
    };
    let answer = entry.answer.as_ref().unwrap_or(&none);
    let status = entry.status.or(answer.status).unwrap_or(0);
    let reason =
        http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let size = answer.body.len();
    let mut content = json!({
        "size": size,
        "mimeType": media_type(&answer.headers, "x-unknown"),
        "text": answer.body,
    });
    if let Some(bytes) = &answer.body_base64 {
        content["text"] = bytes.as_str().into();
        content["encoding"] = "base64".into();
    }
    let cut = answer.truncated.then(|| format!("only the first {size} bytes of the body are kept"));
    comment(&mut content, cut);
    json!({
        "status": status,
        "statusText": reason.unwrap_or_default(),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers(&answer.headers),
        "content": content,
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": if entry.status.is_none() || answer.truncated { json!(-1) } else { json!(size) },
    })
}

fn headers(headers: &IndexMap<String, Option<String>>) -> Vec<Value> {
    let header = |(name, value): (&String, &Option<String>)| json!({"name": name, "value": value.as_deref().unwrap_or(NOT_KEPT)});
    headers.iter().map(header).collect()
}

fn media_type<'e>(headers: &'e IndexMap<String, Option<String>>, other: &'e str) -> &'e str {
    headers.get("content-type").and_then(Option::as_deref).unwrap_or(other)
}
