//! Every answer that a test receives is valid by the document that the sandbox serves, and has no field
//! which that does not name.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::harness::{Answer, exchange};

/// The statuses with which a proxy answers in HTML before the vendor is asked.
const GATEWAY: [u16; 4] = [429, 502, 503, 504];

/// A document, with a validator for each schema that was needed.
pub struct Document {
    pub(super) json: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

static VENDOR: LazyLock<Document> = LazyLock::new(|| stored("genuin.openapi.json"));
static OWN: LazyLock<Document> = LazyLock::new(|| stored("sandbox.openapi.json"));

fn stored(file: &str) -> Document {
    let path = format!("{}/openapi/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    Document::new(serde_json::from_str(&text).unwrap())
}

/// Checks the bytes of one exchange, if they are one whole answer to one whole request.
pub fn check_answer(address: SocketAddr, request: &[u8], answer: &[u8]) {
    let request = String::from_utf8_lossy(request);
    let Some((method, path)) = target(&request) else { return };
    if !is_whole(answer) || ["HEAD", "OPTIONS"].contains(&method) {
        return;
    }
    let answer = Answer::parse(answer);
    let what = || format!("{method} {path}: {} {}", answer.status, answer.body);
    if path.starts_with("/_sandbox") {
        let stored = OWN.problem(method, path, &answer);
        assert!(stored.is_none(), "{}\n{}", what(), stored.unwrap_or_default());
    } else if path.contains("/api/thirdparty/") {
        let path = &path[path.find("/api/").unwrap()..];
        let Some(stored) = VENDOR.problem(method, path, &answer) else { return };
        // with turned assumptions, what is served differs from what is stored
        let served = served_by(address).and_then(|served| served.problem(method, path, &answer));
        assert!(served.is_none(), "{}\nstored: {stored}\nserved: {served:?}", what());
    }
}

/// The method and path of a request's first line.
fn target(request: &str) -> Option<(&str, &str)> {
    let mut words = request.lines().next()?.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let is_one = request.matches(" HTTP/1.").count() == 1;
    let path = target.split('?').next()?;
    (is_one && path.starts_with('/')).then_some((method, path))
}

/// Whether bytes are one answer that is as long as it says.
fn is_whole(answer: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(answer) else { return false };
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let head = head.to_ascii_lowercase();
    let length = head.split("\r\ncontent-length: ").nth(1);
    let length = length.and_then(|rest| rest.lines().next()?.parse::<usize>().ok());
    let is_chunked = head.contains("\r\ntransfer-encoding: chunked");
    head.starts_with("http/1.1 ")
        && (length == Some(body.len()) || (is_chunked && body.ends_with("0\r\n\r\n")))
}

/// The document that the sandbox at an address serves, if it is open.
fn served_by(address: SocketAddr) -> Option<Document> {
    let request = "GET /_sandbox/v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\
                   Connection: close\r\n\r\n";
    let answer = Answer::parse(&exchange(address, request.as_bytes()));
    (answer.status == 200).then(|| Document::new(answer.json()))
}

/// Whether a schema of the own API's document allows a value. The pointer leads to it; a parameter in it is
/// found by its name.
pub(super) fn allows(pointer: &str, value: &Value) -> bool {
    let step = |at: &'static Value, token: &str| {
        let token = token.replace("~1", "/");
        let named = |list: &'static Vec<Value>| list.iter().find(|one| one["name"] == *token);
        let next = at.as_array().map_or_else(|| at.get(&token), named);
        next.unwrap_or_else(|| panic!("{pointer}: no {token}"))
    };
    let schema = pointer.split('/').skip(1).fold(&OWN.json, step);
    OWN.violation(schema, value).is_none()
}

/// The document of the own API.
pub(super) fn own() -> &'static Document {
    &OWN
}

impl Document {
    fn new(mut json: Value) -> Self {
        close(&mut json["components"]["schemas"]);
        Self { json, validators: Mutex::default() }
    }

    /// Says what is wrong with an answer by this document.
    fn problem(&self, method: &str, path: &str, answer: &Answer) -> Option<String> {
        let media_type = answer.header("content-type").and_then(|text| text.split(';').next());
        if media_type == Some("application/problem+json") {
            let problem = json!({"$ref": "#/components/schemas/Problem"});
            return OWN.violation(&problem, &answer.json());
        }
        let status = answer.status.to_string();
        let operation = self.operation(method, path)?;
        let responses = &operation["responses"];
        let listed = Some(&responses[&status]).filter(|response| response.is_object());
        let is_own = path.starts_with("/_sandbox");
        if media_type == Some("text/html") && !is_own && GATEWAY.contains(&answer.status) {
            return None;
        }
        let response = match listed {
            Some(response) => response,
            None if is_own => return Some(format!("{status} is not listed")),
            None => &responses["default"],
        };
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            if header["required"] == true && answer.header(name).is_none() {
                return Some(format!("there is no header {name}"));
            }
        }
        if answer.body.is_empty() {
            return response.get("content").map(|_| "there is no body".to_owned());
        }
        // a scenario can replace the header
        let is_json = !is_own && serde_json::from_str::<Value>(&answer.body).is_ok();
        let media_type = media_type.filter(|_| !is_json).unwrap_or("application/json");
        let content = &response["content"][media_type];
        if !content.is_object() {
            return Some(format!("{media_type} is not listed"));
        }
        if media_type != "application/json" {
            return None;
        }
        let body = answer.json();
        let violation = self.violation(&content["schema"], &body)?;
        // a scenario can force what the contract does not name for this call
        let is_other = !is_own && body["code"].is_string() && !self.names(content, &body["code"]);
        if is_other {
            return self.violation(&json!({"$ref": "#/components/schemas/ErrorEnvelope"}), &body);
        }
        Some(violation)
    }

    /// Whether one of the errors of a response has this code.
    fn names(&self, content: &Value, code: &Value) -> bool {
        let schema = self.resolved(&content["schema"]);
        let alternatives = schema["oneOf"].as_array().cloned().unwrap_or(vec![schema.clone()]);
        alternatives.iter().any(|one| self.resolved(one)["properties"]["code"]["const"] == *code)
    }

    fn resolved<'d>(&'d self, schema: &'d Value) -> &'d Value {
        let reference = schema["$ref"].as_str();
        reference.map_or(schema, |path| self.json.pointer(&path[1..]).unwrap())
    }

    fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let paths = self.json["paths"].as_object().unwrap();
        let fits = |pattern: &str| {
            let segments = || pattern.split('/').zip(path.split('/'));
            pattern.split('/').count() == path.split('/').count()
                && segments().all(|(known, sent)| known.starts_with('{') || known == sent)
        };
        let mut found: Vec<_> = paths.iter().filter(|(pattern, _)| fits(pattern)).collect();
        found.sort_by_key(|(pattern, _)| pattern.matches('{').count());
        found.first()?.1.get(method.to_lowercase())
    }

    /// Says how a value violates a schema of the document.
    pub(super) fn violation(&self, schema: &Value, value: &Value) -> Option<String> {
        let validator = {
            let mut validators = self.validators.lock().unwrap();
            let made = validators.entry(schema.to_string()).or_insert_with(|| {
                let mut schema = schema.clone();
                schema["components"] = self.json["components"].clone();
                let options = jsonschema::options().should_validate_formats(true);
                Arc::new(options.build(&schema).unwrap())
            });
            Arc::clone(made)
        };
        let errors = validator.iter_errors(value);
        let errors: Vec<_> =
            errors.map(|error| format!("{} at {}", error, error.instance_path())).collect();
        (!errors.is_empty()).then(|| errors.join("\n"))
    }
}

/// Lets objects have no fields but those that they name.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if map.get("type") == Some(&json!("object")) && map.contains_key("properties") {
                map.entry("additionalProperties").or_insert(json!(false));
            }
            map.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}
