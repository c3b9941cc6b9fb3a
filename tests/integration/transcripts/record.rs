//! What is recorded of one exchange: lines for machines and texts for people.

use serde_json::Value;

use super::texts::{TEXT, normalise, take_texts, text_keys, without_fingerprint};
use crate::harness::Answer;

pub type Transcript = Vec<Record>;

pub struct Record {
    pub name: &'static str,
    pub why: &'static str,
    pub wire: Vec<String>,
    pub texts: Vec<String>,
}

impl Record {
    pub fn new(name: &'static str, why: &'static str) -> Self {
        Self { name, why, wire: vec![], texts: vec![] }
    }

    pub fn wire(&mut self, line: &str) {
        self.wire.push(line.to_owned());
    }

    /// Records a text for people, and where it is from.
    pub fn text(&mut self, place: &str, text: &str) {
        self.texts.push(place.to_owned());
        let text = without_fingerprint(text);
        self.texts.extend(text.split('\n').map(|line| format!("    {line}").trim_end().to_owned()));
    }

    /// Records a whole answer.
    pub fn answer(&mut self, answer: &Answer, path: &str) {
        self.wire(&format!("< {}", answer.status));
        let header = |name: &str| answer.header(name).unwrap_or_default();
        let mut body = Record::new(self.name, self.why);
        let as_it_is = match header("content-type") {
            _ if answer.body.is_empty() => true,
            "application/problem+json" => body.json_text(&answer.body, &["detail"]),
            "application/json" => body.json_text(&answer.body, &text_keys(path)),
            kind if kind.starts_with("text/plain; version=") => body.metrics(&answer.body),
            _ if path == "/" => {
                body.text("page", &answer.body);
                body.wire(TEXT);
                false
            }
            _ => {
                body.wire.extend(body_lines(answer.body.as_bytes()));
                true
            }
        };
        for (name, value) in &answer.headers {
            let right = name == "content-length" && *value == answer.body.len().to_string();
            let value = if right && !as_it_is { "<length>" } else { value };
            self.wire(&format!("< {name}: {value}"));
        }
        if !body.wire.is_empty() {
            self.wire("<");
        }
        self.received(body);
    }

    /// Records a document, and how its text is laid out; says whether nothing had to be replaced.
    pub fn json_text(&mut self, text: &str, text_keys: &[&str]) -> bool {
        let document: Value = serde_json::from_str(text).unwrap();
        let on_one_line = document.to_string();
        self.wire(match text {
            text if text == on_one_line => "JSON on one line:",
            text if text.trim_end() == indented(&document) => "JSON, indented:",
            _ => "JSON:",
        });
        self.json(&document, text_keys)
    }

    /// Records a document in an indented form; says whether nothing in it had to be replaced.
    pub fn json(&mut self, document: &Value, text_keys: &[&str]) -> bool {
        let mut shown = document.clone();
        normalise(&mut shown);
        for (pointer, text) in take_texts(&mut shown, text_keys) {
            self.text(&pointer, &text);
        }
        self.wire.extend(indented(&shown).lines().map(str::to_owned));
        shown == *document
    }

    /// Records the lines of an event of which the data is a journal entry.
    pub fn event(&mut self, lines: &[String]) {
        let mut event = Record::new(self.name, self.why);
        for line in lines {
            match line.strip_prefix("data: ") {
                Some(data) => {
                    event.wire("data:");
                    event.json_text(data, &[]);
                }
                None if line.starts_with("id: ") => event.wire("id: <cursor>"),
                None => event.wire(line),
            }
        }
        self.received(event);
    }

    /// Records what another record holds as a part of what came back.
    fn received(&mut self, mut part: Self) {
        self.wire.extend(part.wire.iter().map(|line| format!("< {line}").trim_end().to_owned()));
        self.texts.append(&mut part.texts);
    }

    fn metrics(&mut self, body: &str) -> bool {
        for line in body.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, text) = help.split_once(' ').unwrap();
                self.text(name, text);
                self.wire(&format!("# HELP {name} {TEXT}"));
            } else if line.starts_with("genuin_sandbox_uptime_seconds{")
                || line.starts_with("genuin_sandbox_connections{")
                || line.starts_with("genuin_sandbox_journal_bytes{")
                || line.starts_with("genuin_sandbox_memory_used_bytes{")
                || line.starts_with("genuin_sandbox_memory_part_used_bytes{")
            {
                self.wire(&format!("{} 0", line.split(' ').next().unwrap()));
            } else {
                self.wire(line);
            }
        }
        false
    }
}

fn indented(document: &Value) -> String {
    serde_json::to_string_pretty(document).unwrap()
}

/// Bytes as lines of a file, where every byte that is not plain text is written out.
pub fn body_lines(bytes: &[u8]) -> Vec<String> {
    let line = |line: &[u8]| match std::str::from_utf8(line) {
        Ok(text) if !text.contains(|c: char| c.is_control() || c == '\u{feff}') => text.to_owned(),
        Ok(_) | Err(_) => line.escape_ascii().to_string(),
    };
    bytes.split(|byte| *byte == b'\n').map(line).collect()
}
