//! A limit in bytes, and what is taken of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

/// The most that all data of one kind may take, in bytes, and how much of it is taken.
#[derive(Debug)]
pub(crate) struct Budget {
    limit_bytes: usize,
    used_bytes: AtomicUsize,
    refused: AtomicU64,
}

/// Bytes of a budget, given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Arc<Budget>,
    bytes: usize,
}

/// What one of many holds of a budget, where the oldest gives way: it can exceed the budget for a moment,
/// and is read without a lock. Given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Holding {
    budget: Arc<Budget>,
    bytes: AtomicUsize,
}

/// A budget has too little left for what was asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BudgetFull;

impl Budget {
    pub(crate) fn new(limit_bytes: usize) -> Arc<Self> {
        Arc::new(Self { limit_bytes, used_bytes: AtomicUsize::new(0), refused: AtomicU64::new(0) })
    }

    pub(crate) fn limit_bytes(&self) -> usize {
        self.limit_bytes
    }

    pub(crate) fn used_bytes(&self) -> usize {
        self.used_bytes.load(Relaxed)
    }

    /// How much can be taken.
    pub(crate) fn left_bytes(&self) -> usize {
        self.limit_bytes.saturating_sub(self.used_bytes())
    }

    /// How often there was too little left, ever.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// How much more is taken than the limit allows.
    pub(crate) fn excess_bytes(&self) -> usize {
        self.used_bytes().saturating_sub(self.limit_bytes)
    }

    /// Counts something that gave way, or was refused, because there was too little left.
    pub(crate) fn count_refused(&self) {
        self.refused.fetch_add(1, Relaxed);
    }

    /// A holding of nothing.
    pub(crate) fn holding(self: &Arc<Self>) -> Holding {
        Holding { budget: Arc::clone(self), bytes: AtomicUsize::new(0) }
    }

    /// Takes bytes if that many are left.
    pub(crate) fn take(self: &Arc<Self>, bytes: usize) -> Result<Share, BudgetFull> {
        let mut share = self.empty_share();
        share.resize(bytes)?;
        Ok(share)
    }

    /// A share of nothing, which can grow.
    pub(crate) fn empty_share(self: &Arc<Self>) -> Share {
        Share { budget: Arc::clone(self), bytes: 0 }
    }
}

impl Share {
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Makes the share larger if that many bytes are left, or smaller.
    pub(crate) fn resize(&mut self, bytes: usize) -> Result<(), BudgetFull> {
        let Budget { limit_bytes, used_bytes, refused } = &*self.budget;
        if let Some(more) = bytes.checked_sub(self.bytes) {
            let grown = |used: usize| used.checked_add(more).filter(|used| used <= limit_bytes);
            if more > 0 && used_bytes.fetch_update(Relaxed, Relaxed, grown).is_err() {
                refused.fetch_add(1, Relaxed);
                return Err(BudgetFull);
            }
            self.bytes = bytes;
        } else {
            self.set(bytes);
        }
        Ok(())
    }

    /// Sets the size even where that exceeds the budget: for data of which the oldest gives way afterwards.
    pub(crate) fn set(&mut self, bytes: usize) {
        let before = std::mem::replace(&mut self.bytes, bytes);
        self.budget.used_bytes.fetch_add(bytes.wrapping_sub(before), Relaxed);
    }
}

impl Holding {
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Relaxed)
    }

    pub(crate) fn set(&self, bytes: usize) {
        // most calls change nothing, or only the own number
        if bytes == self.bytes() {
            return;
        }
        let before = self.bytes.swap(bytes, Relaxed);
        // the sum wraps around to what it should be, whichever of several comes first
        self.budget.used_bytes.fetch_add(bytes.wrapping_sub(before), Relaxed);
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.set(0);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.set(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_refuses_what_it_has_not_left_and_gets_back_what_is_dropped() {
        let budget = Budget::new(100);
        let mut first = budget.take(60).unwrap();
        assert_eq!(budget.take(41).unwrap_err(), BudgetFull);
        let second = budget.take(40).unwrap();
        assert_eq!(first.resize(61), Err(BudgetFull));
        assert_eq!((first.bytes(), budget.used_bytes(), budget.refused()), (60, 100, 2));
        assert_eq!(budget.left_bytes(), 0);
        assert_eq!(first.resize(usize::MAX), Err(BudgetFull), "it does not overflow");
        first.resize(10).unwrap();
        drop(second);
        assert_eq!((budget.used_bytes(), budget.left_bytes()), (10, 90));
        first.set(130);
        assert_eq!((budget.used_bytes(), budget.excess_bytes()), (130, 30));
        assert_eq!(budget.left_bytes(), 0);
        assert_eq!(first.resize(131), Err(BudgetFull));
        assert_eq!(first.resize(130), Ok(()), "nothing more is asked for");
        drop(first);
        assert_eq!((budget.used_bytes(), budget.excess_bytes()), (0, 0));
    }
    #[test]
    fn a_holding_may_exceed_its_budget_and_is_given_back_when_it_is_dropped() {
        let budget = Budget::new(100);
        let (one, other) = (budget.holding(), budget.holding());
        one.set(80);
        other.set(50);
        assert_eq!((one.bytes(), budget.used_bytes(), budget.excess_bytes()), (80, 130, 30));
        one.set(20);
        one.set(20);
        assert_eq!((one.bytes(), budget.used_bytes(), budget.excess_bytes()), (20, 70, 0));
        drop(other);
        assert_eq!((budget.used_bytes(), budget.refused()), (20, 0));
    }
}
