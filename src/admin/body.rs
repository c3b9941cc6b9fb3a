//! Request bodies in JSON or YAML, read as strictly as files.

use http::header::CONTENT_TYPE;

use crate::config_file::{self, Format, Location, MapEntry, Node, Problems, Read, Value};
use crate::http::{Problem, Request, essence};

pub(super) fn text(request: &Request) -> Result<&str, Problem> {
    std::str::from_utf8(&request.body)
        .map_err(|_| Problem::bad_request("the body is not UTF-8").at(""))
}

/// The format that the Content-Type names: JSON unless it is YAML.
pub(super) fn format(request: &Request) -> Format {
    let content_type = request.headers.get(CONTENT_TYPE).map_or(&[][..], |value| value.as_bytes());
    if essence(content_type).eq_ignore_ascii_case(b"application/yaml") {
        Format::Yaml
    } else {
        Format::JsonOrYaml
    }
}

/// Reads the body of a request in JSON or YAML; an empty one is an empty map.
pub(super) fn read<T: Read>(request: &Request) -> Result<T, Problem> {
    parse_as(format(request), text(request)?)
}

/// Reads text in JSON or YAML; empty text is an empty map.
pub(super) fn parse<T: Read>(text: &str) -> Result<T, Problem> {
    parse_as(Format::JsonOrYaml, text)
}

fn parse_as<T: Read>(format: Format, text: &str) -> Result<T, Problem> {
    let text = if text.trim().is_empty() { "{}" } else { text };
    let root = config_file::parse_as(format, text).map_err(|problem| {
        let (line, column) = (problem.at.line, problem.at.column);
        let detail = format!(
            "the body cannot be parsed: {} (line {line}, column {column})",
            problem.message
        );
        Problem::bad_request(detail).at("")
    })?;
    let mut problems = Problems::default();
    let value = T::read(&root, &mut problems);
    match (value, problems.into_sorted().into_iter().next()) {
        (Some(value), None) => Ok(value),
        (_, Some(first)) => {
            let pointer = pointer_to(&root, first.at).unwrap_or_default();
            Err(Problem::bad_request(first.message).at(pointer))
        }
        (None, None) => Err(Problem::bad_request("the body is not valid")),
    }
}

/// The RFC 6901 pointer to the node or key at a place.
fn pointer_to(node: &Node, at: Location) -> Option<String> {
    let escape = |key: &str| key.replace('~', "~0").replace('/', "~1");
    let within = |entry: &MapEntry| {
        let below = if entry.at == at { Some(String::new()) } else { pointer_to(&entry.node, at) };
        below.map(|below| format!("/{}{below}", escape(&entry.key)))
    };
    let below = match &node.value {
        Value::Map(entries) => entries.iter().find_map(within),
        Value::List(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| pointer_to(item, at).map(|below| format!("/{index}{below}"))),
        _ => None,
    };
    // last, since a list of YAML may begin where its first item does
    below.or_else(|| (node.at == at).then(String::new))
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::*;
    use crate::fixtures::CommunityEntry;

    #[test]
    fn a_problem_points_at_its_value_or_its_key() {
        let community = "community_id: f2a05adb-93ce-4a19-b003-3523fa745667\nhandle: a\nname: A\n\
                         color_code: '#000000'\ntext_color_code: '#ffffff'\n";
        for (end, expected) in [
            ("no: 1", "/no"),
            ("a/~b: 1", "/a~1~0b"),
            ("categories: x", "/categories"),
            ("categories: {}", "/categories"),
            ("categories: [1, x]", "/categories/1"),
            ("categories:\n- 1\n- x", "/categories/1"),
            ("categories:\n- - 1", "/categories/0"),
            ("actions: [{action_id: 1}]", "/actions/0"),
            ("actions:\n- action_id: 1", "/actions/0"),
            ("actions:\n- action_id: x\n  access_type_id: 1", "/actions/0/action_id"),
            ("actions:\n  - no: 1\n    action_id: 1\n    access_type_id: 1", "/actions/0/no"),
        ] {
            assert_eq!(pointer(&format!("{community}{end}")), expected, "{end:?}");
        }
        for text in ["", "[]", "- 1", "handle: a", r#"{"handle": "a"}"#] {
            assert_eq!(pointer(text), "", "{text:?}");
        }
    }

    fn pointer(text: &str) -> Json {
        let problem = parse::<CommunityEntry>(text).unwrap_err();
        let answer: Json = serde_json::from_slice(&problem.reply().body).unwrap();
        answer["pointer"].clone()
    }
}
