//! How many calls are wanted: `{ min: 1 }`, `{ max: 3 }`, `{ exactly: 2 }`.

use crate::config_file::{Node, Problems, Read, record};
use crate::journal::CallCount;

record! {
    /// A lower bound, an upper bound that is not below it, both, or a number.
    #[derive(Debug)]
    pub(crate) struct CountBody
    where needs_one_of(&[
        ("min", &["exactly"]),
        ("max", &["exactly"]),
        ("exactly", &["min", "max"]),
    ])
    {
        min: Option<u64> => optional,
        /// Not less than min.
        max: Option<u64> => optional,
        /// Instead of min and max.
        exactly: Option<u64> => optional,
    }
}

impl CountBody {
    /// The count; an error says why there is none.
    pub(crate) fn count(&self, key: &str) -> Result<CallCount, String> {
        CallCount::of(key, self.min, self.max, self.exactly)
    }
}

impl Read for CallCount {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let count = CountBody::read(node, problems)?.count("count");
        problems.accept(node.at, count)
    }

    fn schema() -> serde_json::Value {
        CountBody::schema()
    }
}
