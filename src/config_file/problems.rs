//! Every problem of a file, not only the first, and what the file costs.

use super::{FileProblem, Location, Node};

/// The problems found so far, and what the document will cost.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    found: Vec<FileProblem>,
    cost: Cost,
    is_too_costly: bool,
}

/// What it costs to use what was read from a document.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    /// How long a call may have to wait for it, in looks at a byte of text: 1 to 2 ns each.
    pub(crate) steps: u64,
    /// The memory of what was compiled, and what that took besides.
    pub(crate) bytes: usize,
}

/// The most that a document may cost: about 5 ms for each call, and 4 MiB.
const MOST: Cost = Cost { steps: 4_000_000, bytes: 4 * 1024 * 1024 };

impl Problems {
    pub(crate) fn add(&mut self, at: Location, message: impl Into<String>) {
        self.found.push(FileProblem::new(at, message));
    }

    /// Adds to what the document costs. Where that becomes too much, a problem is added and false returned;
    /// then nothing more needs to be compiled.
    pub(crate) fn charge(&mut self, at: Location, cost: Cost) -> bool {
        if self.is_too_costly {
            return false;
        }
        self.cost.steps = self.cost.steps.saturating_add(cost.steps);
        self.cost.bytes = self.cost.bytes.saturating_add(cost.bytes);
        let message = if self.cost.steps > MOST.steps {
            format!(
                "a call could take {} million steps to be compared with the conditions up to here, the limit \
                 is {} million; use fewer patterns, or simpler ones",
                self.cost.steps.div_ceil(1_000_000),
                MOST.steps / 1_000_000
            )
        } else if self.cost.bytes > MOST.bytes {
            format!(
                "the patterns up to here take {} KiB of memory, the limit is {} KiB; use fewer, or simpler ones",
                self.cost.bytes.div_ceil(1024),
                MOST.bytes / 1024
            )
        } else {
            return true;
        };
        self.add(at, message);
        self.is_too_costly = true;
        false
    }

    pub(crate) fn wrong_type(&mut self, node: &Node, wanted: &str) {
        self.add(node.at, format!("expected {wanted}, found {}", node.value.describe()));
    }

    /// Unwraps a value that was checked at `at`, or adds the error.
    pub(crate) fn accept<T>(
        &mut self,
        at: Location,
        checked: Result<T, impl Into<String>>,
    ) -> Option<T> {
        checked.map_err(|message| self.add(at, message)).ok()
    }

    /// Returns them in the order of the file.
    pub(crate) fn into_sorted(mut self) -> Vec<FileProblem> {
        self.found.sort_by_key(|problem| (problem.at.line, problem.at.column));
        self.found
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }
}
