//! The progress of work that is done in slices, with other work in between.

/// The result of a slice of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress<T> {
    /// The result.
    Done(T),
    /// There is more to do at once.
    Unfinished,
    /// What comes next depends on later calls.
    Waiting,
}
