//! The envelopes of errors: one schema for each, and one for any.

use serde_json::{Map, Value, json};

use super::dialect::Dialect;
use super::shapes::Shapes;
use crate::vendor::{Outcome, Provenance, Schema};

/// The envelope of any error.
const ANY_ERROR: &str = "ErrorEnvelope";

/// Returns a reference to the schema of the answers of these outcomes, which have one status.
pub(super) fn answer_to(outcomes: &[Outcome], shapes: &mut Shapes) -> Value {
    if let [one] = outcomes {
        return error(*one, shapes);
    }
    let names: Vec<_> = outcomes.iter().map(|outcome| name_of(*outcome)).collect();
    let plain: Vec<_> = names.iter().map(|name| name.trim_end_matches("Error")).collect();
    let union = format!("{}Error", plain.join("Or"));
    let codes: Vec<_> = outcomes.iter().filter_map(|outcome| Some(outcome.error()?.code)).collect();
    let description = "The code distinguishes these errors.";
    shapes.component(&union, |shapes| {
        // generated Go looks at nothing but the names of the fields, so that all alternatives would match
        if shapes.dialect() == Dialect::V3_0 {
            let code = json!({"type": "string", "enum": codes});
            let data = shapes.schema(Schema::EMPTY);
            let source = outcomes.iter().filter_map(|outcome| outcome.error());
            let source = source.map(|error| error.body_provenance).max();
            let source = source.unwrap_or(Provenance::Assumed);
            let parts = [(code, source), (json!({"type": "string"}), source), (data, ENVELOPE)];
            return envelope(shapes.dialect(), description, parts);
        }
        let references: Vec<_> = outcomes.iter().map(|it| error(*it, shapes)).collect();
        let mapping = codes.iter().zip(&references);
        let mapping: Map<_, _> =
            mapping.map(|(code, it)| ((*code).to_owned(), it["$ref"].clone())).collect();
        json!({
            "description": description,
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
        let (message, data) = (json!({"type": "string"}), shapes.schema(Schema::EMPTY));
        let parts = [(code, ENVELOPE), (message, ENVELOPE), (data, ENVELOPE)];
        envelope(shapes.dialect(), description, parts)
    })
}

/// Returns the name of an error's schema, as in `VideoNotFoundError`.
fn name_of(outcome: Outcome) -> String {
    let words = outcome.name().trim_end_matches("-error").split('-').map(capitalized);
    format!("{}Error", words.collect::<String>())
}

/// Returns a reference to the schema of an error.
fn error(outcome: Outcome, shapes: &mut Shapes) -> Value {
    let answer = outcome.error().expect("BUG: a success is no error");
    shapes.component(&name_of(outcome), |shapes| {
        let dialect = shapes.dialect();
        let code = dialect.constant("string", &json!(answer.code));
        let message = dialect.with_example(json!({"type": "string"}), json!(answer.message));
        let (status, digits, says) = (answer.status, answer.code, answer.message);
        let description = format!("HTTP {status} with the code \"{digits}\": {says}");
        let (source, data) = (answer.body_provenance, shapes.schema(Schema::EMPTY));
        let parts = [(code, source), (message, source), (data, ENVELOPE)];
        let mut schema = envelope(dialect, &description, parts);
        schema["x-provenance"] = json!(answer.body_provenance);
        schema
    })
}

/// The source of the envelope: its keys, the number 200, the empty data of errors.
pub(super) const ENVELOPE: Provenance = Provenance::Documented;

/// Returns the schema of an envelope of code, message and data, each with its source.
pub(super) fn envelope(
    dialect: Dialect,
    description: &str,
    parts: [(Value, Provenance); 3],
) -> Value {
    let [code, message, data] = parts.map(|(schema, provenance)| {
        dialect.annotated(schema, vec![("x-provenance", json!(provenance))])
    });
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
