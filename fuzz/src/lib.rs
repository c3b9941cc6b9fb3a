//! The properties that hold for any input, one file each. The fuzz targets check them with
//! libFuzzer's inputs, `tests/fuzz_corpus` with the kept corpus and with seeded mutations of it.

pub mod admin_json;
pub mod connection;
pub mod headers;
pub mod log;
pub mod request_body;
pub mod scenario_file;

mod answer;
mod call;
mod fresh;
mod wire;

/// Whether a property could be checked with an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// It could; the input is worth keeping.
    Used,
    /// The input is none of this property's.
    Unusable,
}
