//! New ids from a generator in user space, so that none costs a system call.

use std::cell::RefCell;

use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use uuid::{Builder, Uuid};

thread_local! {
    /// The runtime has one thread, and so one generator.
    static RANDOM: RefCell<SmallRng> = RefCell::new(SmallRng::seed_from_u64(42));
}

/// A UUID of version 4.
pub fn fresh() -> Uuid {
    let bytes = RANDOM.with_borrow_mut(SmallRng::random);
    Builder::from_random_bytes(bytes).into_uuid()
}

/// The number that a link ends with.
pub fn slug() -> u64 {
    RANDOM.with_borrow_mut(SmallRng::random)
}
