//! Bodies of this API, by the same strict reader as files, and queries.

use std::collections::BTreeMap;

use http::StatusCode;
use percent_encoding::percent_decode_str;

use crate::config_file::{self, Entry, Node, Place, Problems, Read, Value};
use crate::http::Problem;
use crate::http::Request;
use crate::text::did_you_mean;

/// Reads a body in JSON or YAML; an empty one is an empty map.
pub fn body<T: Read>(request: &Request) -> Result<T, Problem> {
    text_as(text(request)?)
}

/// Reads text in JSON or YAML; an empty one is an empty map.
pub fn text_as<T: Read>(text: &str) -> Result<T, Problem> {
    let text = if text.trim().is_empty() { "{}" } else { text };
    let root = config_file::parse(text).map_err(|problem| {
        let (line, column) = (problem.at.line, problem.at.column);
        bad(format!("the body is not readable: {} (line {line}, column {column})", problem.message))
            .at("")
    })?;
    let mut problems = Problems::default();
    let read = T::read(&root, &mut problems);
    match (read, problems.into_sorted().into_iter().next()) {
        (Some(read), None) => Ok(read),
        (_, Some(first)) => {
            let pointer = pointer(&root, first.at).unwrap_or_default();
            Err(bad(first.message).at(pointer))
        }
        (None, None) => Err(bad("the body is not as it should be")),
    }
}

/// A body as text.
pub fn text(request: &Request) -> Result<&str, Problem> {
    std::str::from_utf8(&request.body).map_err(|_| bad("the body is not UTF-8").at(""))
}

/// 400 with what is wrong.
pub fn bad(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, detail)
}

/// The parameters of a query; each may stand once and must be known.
pub fn query(request: &Request, known: &[&str]) -> Result<BTreeMap<String, String>, Problem> {
    let mut parameters = BTreeMap::new();
    let decode =
        |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    for pair in request.uri.query().unwrap_or("").split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decode(name);
        if !known.contains(&name.as_str()) {
            let hint = did_you_mean(&name, known.iter().copied());
            return Err(bad(format!(
                "unknown parameter {name:?}{hint} (known: {})",
                known.join(", ")
            )));
        }
        if parameters.insert(name.clone(), decode(value)).is_some() {
            return Err(bad(format!("the parameter {name} is there more than once")));
        }
    }
    Ok(parameters)
}

/// A whole number among the parameters.
pub fn number(parameters: &BTreeMap<String, String>, name: &str) -> Result<Option<u64>, Problem> {
    let Some(text) = parameters.get(name) else { return Ok(None) };
    let number = text
        .parse()
        .map_err(|_| bad(format!("{name} must be a whole number, 0 or more, not {text:?}")))?;
    Ok(Some(number))
}

/// The RFC 6901 pointer to what stands at a place.
fn pointer(node: &Node, at: Place) -> Option<String> {
    let escape = |key: &str| key.replace('~', "~0").replace('/', "~1");
    let within = |entry: &Entry| {
        let below = if entry.at == at { Some(String::new()) } else { pointer(&entry.node, at) };
        below.map(|below| format!("/{}{below}", escape(&entry.key)))
    };
    match &node.value {
        Value::Map(entries) => {
            entries.iter().find_map(within).or_else(|| (node.at == at).then(String::new))
        }
        Value::List(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| pointer(item, at).map(|below| format!("/{index}{below}"))),
        _ => (node.at == at).then(String::new),
    }
}
