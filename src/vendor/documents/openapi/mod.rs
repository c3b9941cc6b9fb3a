//! The vendor's API as an `OpenAPI` document, for clients of the real host and of this sandbox alike. It follows
//! the assumptions in force. Does not know how examples are made.

mod coerced;
mod dialect;
mod errors;
mod operation;
mod rule;
mod shapes;

use serde_json::{Map, Value, json};

pub(crate) use dialect::Dialect;
use operation::operation;
use rule::Rule;
use shapes::Shapes;

use crate::vendor::assumptions::ASSUMPTIONS;
use crate::vendor::{Assumptions, ENDPOINTS, GENERAL_RULES, MadeExample, Tag};

/// What a document is made for.
pub(crate) struct Api<'a> {
    pub(crate) dialect: Dialect,
    pub(crate) assumptions: Assumptions,
    /// The address of the server, without a slash at the end.
    pub(crate) server: &'a str,
    /// The examples of all endpoints, in the order of the table.
    pub(crate) examples: &'a [Vec<MadeExample>],
}

/// The license of the document.
const LICENSE: &str = "MIT OR Apache-2.0";

/// Where the vendor describes its API.
const VENDOR_PAGES: &str = "https://resources.begenuin.com/developers/create_loop";

/// Returns the document.
pub(crate) fn openapi(api: &Api) -> Value {
    let mut shapes = Shapes::new(api.dialect, api.assumptions);
    let mut paths = Map::new();
    for (endpoint, examples) in ENDPOINTS.iter().zip(api.examples) {
        let method = endpoint.method.as_str().to_ascii_lowercase();
        let operation = operation(endpoint, examples, &mut shapes);
        let methods = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        methods[method] = operation;
    }
    let tags: Vec<_> = Tag::ALL
        .iter()
        .map(|tag| json!({"name": tag.name(), "description": tag.description()}))
        .collect();
    let mut license = json!({"name": LICENSE});
    match api.dialect {
        Dialect::V3_1 => license["identifier"] = json!(LICENSE),
        Dialect::V3_0 => license["url"] = json!("https://spdx.org/licenses/MIT.html"),
    }
    let assumptions: Map<_, _> = ASSUMPTIONS
        .iter()
        .map(|one| (one.name.to_owned(), json!(api.assumptions.variant_of(one))))
        .collect();
    json!({
        "openapi": api.dialect.version(),
        "info": {
            "title": "Genuin third-party API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": description(api.assumptions),
            "contact": {"name": "The maintainers of genuin-sandbox"},
            "license": license,
        },
        "externalDocs": {"description": "The vendor's page of Create Group", "url": VENDOR_PAGES},
        "servers": [{"url": api.server, "description": "The sandbox"}],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {
                "type": "http",
                "scheme": "bearer",
                "description": "The access token, as `auth` returns it in the header `gn-access-token`. The \
                                sandbox also takes any token `gnsb_<name>`, such as `gnsb_demo`.",
            }},
            "schemas": shapes.into_components(),
        },
        "x-assumptions": assumptions,
        "x-rules": GENERAL_RULES
            .iter()
            .map(|general| Rule::from(general).entry(&api.assumptions))
            .collect::<Value>(),
    })
}

fn description(assumptions: Assumptions) -> String {
    let mut text = INTRODUCTION.to_owned();
    for general in GENERAL_RULES {
        text.push('\n');
        text.push_str(&Rule::from(general).line(&assumptions));
    }
    let turned: Vec<_> =
        assumptions.turned().map(|(name, variant)| format!("`{name}={variant}`")).collect();
    if !turned.is_empty() {
        text.push_str("\n\nAssumptions that are not read by their default: ");
        text.push_str(&turned.join(", "));
        text.push('.');
    }
    text
}

const INTRODUCTION: &str = "\
The vendor's third-party API, as genuin-sandbox stands in for it.

An HTTP status 500 with the code \"5026\" is permanent: the same request will \
not succeed later.

`x-provenance` says where a fact comes from: \
`documented` (the vendor's Create Group page), `sibling` (another page of the same API), `observed` (public \
clients of the same backend) or `assumed` (a decision of the sandbox). `x-assumption` names the assumption that \
can turn a rule.

The rules of every call:
";
