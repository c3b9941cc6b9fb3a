//! Documents that are generated from the endpoints' declarations.

#[cfg(feature = "internals")]
mod contract_page;
mod ledger;
mod openapi;

#[cfg(feature = "internals")]
pub use contract_page::page;
pub(crate) use ledger::{AssumptionEntry, ledger};
pub(crate) use openapi::{Api, Dialect, openapi};
