//! Examples of calls: what an endpoint declares, and what became of it when the call was made.

use serde_json::Value;

use super::outcome::Outcome;

/// A call that shows something, which is made to find out its answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallExample {
    /// The name of request and answer in documents: `missing-video`.
    pub(crate) name: &'static str,
    /// What it shows, as a phrase.
    pub(crate) summary: &'static str,
    /// The values of path parameters, if they are not those of the valid request.
    pub(crate) parameters: &'static [(&'static str, &'static str)],
    /// The body, as JSON.
    pub(crate) body: &'static str,
    /// Whether the same call was made before.
    pub(crate) is_repeated: bool,
    /// How it ends if no assumption is turned.
    #[cfg_attr(not(test), expect(dead_code, reason = "what a test compares with the answer"))]
    pub(crate) outcome: Outcome,
}

impl CallExample {
    /// Declares a call with a body that nobody has sent before.
    pub(crate) const fn new(
        name: &'static str,
        summary: &'static str,
        body: &'static str,
        outcome: Outcome,
    ) -> Self {
        Self { name, summary, parameters: &[], body, is_repeated: false, outcome }
    }

    /// Declares that the same call was made before.
    pub(crate) const fn repeated(self) -> Self {
        Self { is_repeated: true, ..self }
    }

    /// Declares the values of the path's parameters.
    pub(crate) const fn with_parameters(
        self,
        parameters: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { parameters, ..self }
    }
}

/// An example with the answer that the call got.
#[derive(Debug, Clone)]
pub(crate) struct MadeExample {
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) parameters: &'static [(&'static str, &'static str)],
    pub(crate) body: Value,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) answer: Value,
}
