//! Documents that follow from the endpoints' declarations.

mod contract_page;
mod ledger;
mod openapi;

pub use contract_page::page;
pub use ledger::ledger;
pub use openapi::openapi;
