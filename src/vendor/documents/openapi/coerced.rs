//! Schemas of values that are converted to the type of their field, where an assumption has it so.

use serde_json::{Value, json};

use super::shapes::{Shapes, integer, kind_name, plain_scalar};
use crate::vendor::Kind;
use crate::vendor::schema::TextFormat;

impl Shapes {
    /// Returns a reference to a value that is converted to a kind without loss, if it is of another type.
    pub(super) fn coerced(&mut self, kind: Kind, non_empty: bool) -> Value {
        let name = match kind {
            Kind::Text | Kind::Secret if non_empty => "NonEmptyText".to_owned(),
            kind => kind_name(kind),
        };
        let text = || json!({"type": "string"});
        let number = json!({"type": "number"});
        let flag = json!({"type": "boolean"});
        let shapes: Vec<(String, Value)> = match kind {
            Kind::Integer => {
                let written = json!({"type": "string", "pattern": "^(0|-?[1-9][0-9]*)$"});
                vec![(name.clone(), plain_scalar(kind)), ("IntegerText".into(), written)]
            }
            Kind::OneOfIntegers(values) => {
                let written: Vec<_> = values.iter().map(i64::to_string).collect();
                let written = json!({"type": "string", "enum": written});
                vec![(name.clone(), plain_scalar(kind)), (format!("{name}Text"), written)]
            }
            Kind::Boolean => {
                let written = json!({"type": "string", "enum": ["true", "false"]});
                vec![(name.clone(), flag), ("BooleanText".into(), written)]
            }
            Kind::Text | Kind::Secret if non_empty => {
                let text = json!({"type": "string", "minLength": 1});
                vec![(name.clone(), text), ("Number".into(), number), ("Boolean".into(), flag)]
            }
            Kind::Text | Kind::Secret | Kind::TextOrNumber => {
                vec![("Text".into(), text()), ("Number".into(), number), ("Boolean".into(), flag)]
            }
            Kind::Formatted(format) => coerced_format(format),
            Kind::Object(_) | Kind::List(_) | Kind::AnyOf(..) | Kind::Any => Vec::new(),
        };
        let references: Vec<_> =
            shapes.into_iter().map(|(name, schema)| self.named(&name, schema)).collect();
        match references.as_slice() {
            [one] => one.clone(),
            _ => self.named(&format!("Coerced{name}"), json!({"oneOf": references})),
        }
    }
}

/// The shapes of what is taken for a string of a format.
fn coerced_format(format: &'static TextFormat) -> Vec<(String, Value)> {
    let name = format.name;
    let mut shapes = vec![(name.to_owned(), plain_scalar(Kind::Formatted(format)))];
    if (format.accepts)("1.5") {
        shapes.push(("Number".to_owned(), json!({"type": "number"})));
    } else if let Some((minimum, maximum)) = format.integers {
        shapes.push((format!("{name}Integer"), integer(minimum, maximum)));
    }
    if (format.accepts)("true") {
        shapes.push(("Boolean".to_owned(), json!({"type": "boolean"})));
    }
    shapes
}
