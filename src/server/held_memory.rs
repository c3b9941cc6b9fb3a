//! The part of the memory for connections that a body or an answer has while it is under way.

use std::sync::Arc;

use http::StatusCode;

use crate::http::Problem;
use crate::memory::{Budget, BudgetFull, Share};

/// A body or an answer below this size is not counted, so that an ordinary call touches no counter: every
/// connection has more than that anyway.
const FREE_BYTES: usize = 4 * 1024;

/// The memory of a call that waits for its client, for a time or for later calls, besides its body or answer.
pub(super) const WAITING_BYTES: usize = 4 * 1024;

const MIB: usize = 1024 * 1024;

/// Bytes of a budget, given back when this is dropped.
#[derive(Debug, Default)]
pub(super) struct HeldMemory(Option<Share>);

impl HeldMemory {
    /// Takes the memory for an answer or a body of this length.
    pub(super) fn take(budget: &Arc<Budget>, bytes: usize) -> Result<Self, BudgetFull> {
        let mut held = Self::default();
        held.resize(budget, bytes)?;
        Ok(held)
    }

    /// Takes more, or gives some back.
    pub(super) fn resize(&mut self, budget: &Arc<Budget>, bytes: usize) -> Result<(), BudgetFull> {
        match &mut self.0 {
            Some(share) => share.resize(bytes),
            None if bytes < FREE_BYTES => Ok(()),
            none => {
                *none = Some(budget.take(bytes)?);
                Ok(())
            }
        }
    }

    /// How much is taken.
    pub(super) fn bytes(&self) -> usize {
        self.0.as_ref().map_or(0, Share::bytes)
    }

    /// Whether nothing is taken.
    pub(super) fn is_free(&self) -> bool {
        self.0.is_none()
    }
}

/// The refusal of a body or an answer for which too little memory is left.
pub(super) fn server_busy(budget: &Budget) -> Problem {
    let limit_kib = budget.limit_bytes() / 1024;
    let limit = match budget.limit_bytes() / MIB {
        0 => format!("{limit_kib} KiB"),
        mib => format!("{mib} MiB"),
    };
    let detail = format!(
        "the memory for bodies and answers under way is used up ({limit}); try again in a second, or \
         raise --max-memory"
    );
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_small_takes_nothing_and_what_grows_is_taken_as_a_whole() {
        let budget = Budget::new(3 * FREE_BYTES);
        let mut held = HeldMemory::take(&budget, FREE_BYTES - 1).unwrap();
        assert_eq!((held.is_free(), budget.used_bytes()), (true, 0));
        held.resize(&budget, FREE_BYTES).unwrap();
        assert_eq!((held.is_free(), budget.used_bytes()), (false, FREE_BYTES));
        assert_eq!(held.resize(&budget, 3 * FREE_BYTES + 1), Err(BudgetFull));
        assert_eq!(budget.used_bytes(), FREE_BYTES, "what it has stays");
        held.resize(&budget, 10).unwrap();
        assert_eq!(budget.used_bytes(), 10);
        drop(held);
        assert_eq!(budget.used_bytes(), 0);
    }
}
