//! Memory that clients can make the server keep: a budget in bytes for each kind of data, and what is
//! taken of each.

mod budget;
mod division;
mod maps;
mod shrink;

pub(crate) use budget::{Budget, BudgetFull, Holding, Share};
pub(crate) use division::{Budgets, GROUP_BYTES, JOURNAL_MIB, MAX_MEMORY_MIB, MIB, MemoryLimits};
pub(crate) use maps::{HashMap, IndexMap};
pub(crate) use shrink::Shrink;
