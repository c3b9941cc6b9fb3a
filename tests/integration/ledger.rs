//! The published contract.

use genuin_sandbox::internals::vendor::{ENDPOINTS, page};

#[test]
fn the_published_contract_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/CONTRACT.md");
    let expected = page(ENDPOINTS);
    if std::env::var_os("UPDATE_CONTRACT").is_some() {
        std::fs::write(path, &expected).unwrap();
    }
    let published = std::fs::read_to_string(path).unwrap();
    assert!(
        published == expected,
        "CONTRACT.md is stale: run UPDATE_CONTRACT=1 cargo test --test integration published_contract"
    );
}
