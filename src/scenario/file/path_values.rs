//! Values for the parameters of a path, as the examples of a scenario file give them.

use serde_json::{Value as Json, json};

use crate::config_file::{Located, MapReader, Node, Problems, Read, text_as_written};
use crate::text::{did_you_mean, quoted};
use crate::vendor::Endpoint;

/// The values of parameters of a path by name, each with its place. A number stands for its text as written.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct PathValues(Vec<(String, Located<String>)>);

impl PathValues {
    /// Returns the value of a parameter.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.value.as_str())
    }

    /// The memory that they take, in bytes.
    pub(super) fn heap_bytes(&self) -> usize {
        self.0.iter().map(|(name, value)| name.len() + value.value.len() + 64).sum()
    }

    /// Adds a problem for each parameter that the endpoint does not have.
    pub(super) fn check(&self, endpoint: &Endpoint, problems: &mut Problems) {
        let known: Vec<_> = endpoint.parameters.fields.iter().map(|field| field.name).collect();
        for (name, value) in self.0.iter().filter(|(name, _)| !known.contains(&name.as_str())) {
            let (endpoint, quoted) = (endpoint.name, quoted(name));
            let message = if known.is_empty() {
                format!("the path of {endpoint} has no parameters; remove {quoted}")
            } else {
                let hint = did_you_mean(name, known.iter().copied());
                format!("the path of {endpoint} has no parameter {quoted}{hint}")
            };
            problems.add(value.at, message);
        }
    }
}

impl Read for PathValues {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let entries = MapReader::entries_of(node, problems)?;
        let mut values = Vec::new();
        for entry in entries {
            let value = text_as_written(&entry.node, problems)?;
            if value.is_empty() {
                problems.add(entry.node.at, "a parameter of a path cannot be empty");
                return None;
            }
            values.push((entry.key.clone(), Located { at: entry.at, value }));
        }
        Some(Self(values))
    }

    fn schema() -> Json {
        let value = json!({"type": ["string", "number", "boolean"], "minLength": 1});
        json!({"type": "object", "additionalProperties": value})
    }
}
