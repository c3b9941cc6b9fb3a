//! The envelopes of errors: one schema for each, and one for any.

use serde_json::{Map, Value, json};

use super::shapes::{Shapes, reference};
use crate::vendor::{Outcome, Schema};

/// The envelope of any error.
const ANY_ERROR: &str = "ErrorEnvelope";

/// Returns a reference to the schema of the answers of these outcomes, which have one status.
pub(super) fn answer_to(outcomes: &[Outcome], shapes: &mut Shapes) -> Value {
    let names: Vec<_> = outcomes.iter().map(|outcome| error(*outcome, shapes)).collect();
    if let [one] = names.as_slice() {
        return reference(one);
    }
    let plain: Vec<_> = names.iter().map(|name| name.trim_end_matches("Error")).collect();
    let union = format!("{}Error", plain.join("Or"));
    let mapping: Map<_, _> = outcomes
        .iter()
        .zip(&names)
        .filter_map(|(outcome, name)| {
            let code = outcome.error()?.code;
            Some((code.to_owned(), json!(format!("#/components/schemas/{name}"))))
        })
        .collect();
    let references: Vec<_> = names.iter().map(|name| reference(name)).collect();
    shapes.component(&union, |_| {
        json!({
            "description": "The code tells these errors apart.",
            "oneOf": references,
            "discriminator": {"propertyName": "code", "mapping": mapping},
        })
    })
}

/// Returns a reference to the schema of any error.
pub(super) fn any_error(shapes: &mut Shapes) -> Value {
    shapes.component(ANY_ERROR, |shapes| {
        let code = json!({"type": "string", "pattern": "^[0-9]{4}$"});
        let description = "The answer to a call that failed. `code` is a string of four digits.";
        envelope(description, &code, &json!({"type": "string"}), &shapes.schema(Schema::EMPTY))
    })
}

/// Makes the schema of an error and returns its name, as in `VideoNotFoundError`.
fn error(outcome: Outcome, shapes: &mut Shapes) -> String {
    let answer = outcome.error().expect("BUG: a success is no error");
    let words = outcome.name().trim_end_matches("-error").split('-').map(capitalized);
    let name = format!("{}Error", words.collect::<String>());
    shapes.component(&name, |shapes| {
        let dialect = shapes.dialect();
        let code = dialect.constant("string", &json!(answer.code));
        let message = dialect.with_example(json!({"type": "string"}), json!(answer.message));
        let (status, digits, says) = (answer.status, answer.code, answer.message);
        let description = format!("HTTP {status} with the code \"{digits}\": {says}");
        let mut schema = envelope(&description, &code, &message, &shapes.schema(Schema::EMPTY));
        schema["x-provenance"] = json!(answer.body_provenance);
        schema
    });
    name
}

/// Returns the schema of an envelope.
pub(super) fn envelope(description: &str, code: &Value, message: &Value, data: &Value) -> Value {
    json!({
        "type": "object",
        "description": description,
        "required": ["code", "message", "data"],
        "properties": {"code": code, "message": message, "data": data},
    })
}

/// Returns a word with a capital first letter.
pub(super) fn capitalized(word: &str) -> String {
    let (first, rest) = word.split_at(word.len().min(1));
    first.to_ascii_uppercase() + rest
}
