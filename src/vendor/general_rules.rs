//! The rules that hold for every call, whatever the endpoint: the envelope, the reading of bodies, the
//! forms of values. Documents show them before the endpoints.

use super::schema::Provenance::{self, Assumed, Documented, Observed};

/// A rule that holds for every call.
#[derive(Debug)]
pub(crate) struct GeneralRule {
    pub(crate) rule: &'static str,
    pub(crate) provenance: Provenance,
    /// The assumption that can turn it.
    pub(crate) assumption: Option<&'static str>,
}

/// All of them, in the order in which users see them.
pub(crate) const GENERAL_RULES: &[GeneralRule] = &[
    rule(
        "every answer is `{\"code\": …, \"message\": \"…\", \"data\": {…}}`, keys in this order",
        Documented,
    ),
    rule(
        "a success is HTTP 200 and has the number 200 as its `code`, also where something is created; an error \
         has a string of four digits and empty `data`",
        Documented,
    ),
    rule(
        "a body is sent with the Content-Type `application/json`, parameters allowed, and is a JSON object in \
         UTF-8",
        Assumed,
    ),
    rule("a body of more than 1 MiB is refused by the sandbox itself", Assumed),
    rule("`null` for an optional field means that it is absent", Assumed),
    rule("a field that is not known is ignored, with a warning", Assumed)
        .turned_by("unknown-fields"),
    rule("a value of another JSON type than that of its field is refused", Assumed)
        .turned_by("body-types"),
    rule(
        "an integer is written without a fraction or an exponent (not `4.0`, not `4e0`) and fits into 64 bits: \
         from -9223372036854775808 to 9223372036854775807",
        Assumed,
    ),
    rule("a number beyond the range of a double is refused anywhere in a body", Assumed),
    rule("a repeated key is refused anywhere in a body", Assumed),
    rule("a lone surrogate is refused anywhere in a body; `\\u0000` is accepted", Assumed),
    rule("more than 128 levels of nesting are refused anywhere in a body", Assumed),
    rule(
        "an id is any 8-4-4-4-12 hex digits, in upper or lower case, and is answered in lower case",
        Documented,
    ),
    rule("times are strings of Unix milliseconds, always a whole second", Documented),
    rule("slugs are 16 lower-case hex characters", Observed),
];

const fn rule(rule: &'static str, provenance: Provenance) -> GeneralRule {
    GeneralRule { rule, provenance, assumption: None }
}

impl GeneralRule {
    const fn turned_by(self, assumption: &'static str) -> Self {
        Self { assumption: Some(assumption), ..self }
    }
}
