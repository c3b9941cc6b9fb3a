//! Who is notified of changes: [`ChangeListener`].

use std::fmt;
use std::sync::OnceLock;

/// A function that is called after every change, once it is set.
#[derive(Default)]
pub(crate) struct ChangeListener(OnceLock<Box<dyn Fn() + Send + Sync>>);

impl ChangeListener {
    /// Sets the function; only the first one set counts.
    pub(crate) fn set(&self, call: impl Fn() + Send + Sync + 'static) {
        // an error says that there is one already
        let _ = self.0.set(Box::new(call));
    }

    pub(crate) fn notify(&self) {
        if let Some(call) = self.0.get() {
            call();
        }
    }
}

impl fmt::Debug for ChangeListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChangeListener").finish_non_exhaustive()
    }
}
