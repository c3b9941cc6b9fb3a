//! Memory that clients can make the server keep: a budget in bytes for each kind of data, and what is
//! taken of each.

#[cfg_attr(
    not(test),
    expect(dead_code, reason = "what is kept is weighed in the steps that follow")
)]
mod budget;
mod division;

pub(crate) use budget::*;
pub(crate) use division::{Budgets, GROUP_BYTES, MAX_MEMORY_MIB, MemoryLimits};
