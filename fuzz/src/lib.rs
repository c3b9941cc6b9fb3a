//! What the fuzz targets share: sandboxes whose answers follow from the input alone, calls to
//! them, and what must hold of every answer and of every line of the log.

pub mod answer;
pub mod call;
pub mod fresh;
pub mod log;
pub mod wire;
