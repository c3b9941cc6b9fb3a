//! Documents written from the endpoints' declarations.

mod contract_page;

pub use contract_page::page;
