//! The documents that describe the product.

use super::exchange::{Exchange, Request};

pub fn exchanges() -> Vec<Exchange> {
    let cases = [
        ("outcomes", "every outcome and how to force it", "outcomes"),
        ("contract", "every field and rule with its source", "contract"),
        ("scenario-schema", "for editors", "scenario.schema.json"),
    ];
    cases.map(|(name, why, path)| Exchange::new(name, why, Request::read(path))).into()
}
