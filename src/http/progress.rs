//! How far work has come that is done in slices, so that others have their turn in between.

/// What a slice of work has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress<T> {
    /// The result.
    Done(T),
    /// There is more to do at once.
    Unfinished,
    /// What comes next depends on later calls.
    Waiting,
}
