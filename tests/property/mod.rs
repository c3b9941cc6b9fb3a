//! How property tests run: each failure says how to run its case again, and no file is written.

use std::any::Any;
use std::fmt::Debug;

use proptest::test_runner::{Config, FailurePersistence, PersistedSeed};

/// The variable that holds the seed of a case to run first.
const VARIABLE: &str = "PROPERTY_SEED";

/// So many random cases, after the one of the seed in `PROPERTY_SEED` if that is set.
pub(crate) fn cases(cases: u32) -> Config {
    let failure_persistence: Option<Box<dyn FailurePersistence>> = Some(Box::new(PrintedSeed));
    Config { cases, failure_persistence, ..Config::default() }
}

/// Prints the seed of a case that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct PrintedSeed;

impl FailurePersistence for PrintedSeed {
    fn load_persisted_failures2(&self, _: Option<&'static str>) -> Vec<PersistedSeed> {
        let seed = std::env::var(VARIABLE).ok();
        let parsed = |text: String| {
            text.parse().unwrap_or_else(|()| panic!("{VARIABLE}={text:?} is no seed"))
        };
        seed.map(parsed).into_iter().collect()
    }

    fn save_persisted_failure2(
        &mut self,
        _: Option<&'static str>,
        seed: PersistedSeed,
        _: &dyn Debug,
    ) {
        eprintln!(
            "to run this case again: {VARIABLE}=\"{seed}\" cargo test <the name of the test>"
        );
    }

    fn box_clone(&self) -> Box<dyn FailurePersistence> {
        Box::new(*self)
    }

    fn eq(&self, other: &dyn FailurePersistence) -> bool {
        other.as_any().downcast_ref() == Some(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
