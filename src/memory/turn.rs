//! Work of which only one may be under way, since it takes memory that no budget counts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the work is under way.
#[derive(Debug, Clone, Default)]
pub(crate) struct Turns(Arc<AtomicBool>);

/// The right to do it, given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Turn(Arc<AtomicBool>);

impl Turns {
    /// Takes the turn, unless somebody has it.
    pub(crate) fn take(&self) -> Option<Turn> {
        let was_taken = self.0.swap(true, Ordering::AcqRel);
        (!was_taken).then(|| Turn(Arc::clone(&self.0)))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_has_the_turn_until_it_is_dropped() {
        let turns = Turns::default();
        let turn = turns.take();
        assert!(turn.is_some() && turns.clone().take().is_none());
        drop(turn);
        assert!(turns.take().is_some());
    }
}
