//! The number of open connections of a sandbox, as its server counts them.

use std::fmt;
use std::sync::OnceLock;

/// Counts connections by what they do; nothing if the sandbox is not served over sockets.
#[derive(Default)]
pub(crate) struct Connections(OnceLock<Box<Count>>);

type Count = dyn Fn() -> Vec<(&'static str, usize)> + Send + Sync;

impl Connections {
    /// Sets the function that counts them; only the first one set counts.
    pub(crate) fn set(
        &self,
        count: impl Fn() -> Vec<(&'static str, usize)> + Send + Sync + 'static,
    ) {
        // an error says that there is one already
        let _ = self.0.set(Box::new(count));
    }

    /// Returns how many there are by what they do.
    pub(crate) fn count(&self) -> Vec<(&'static str, usize)> {
        self.0.get().map_or_else(Vec::new, |count| count())
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections").finish_non_exhaustive()
    }
}
