//! How many files this process may have open; each connection is one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What is left for everything but connections: files of scenarios, the log, the runtime.
const OTHERS: u64 = 64;

/// Raises the limit as far as the system allows without asking anybody.
pub fn raise_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::debug!("the limit of open files stays: {error}");
    }
}

/// How many connections the limit leaves room for; at least one.
pub fn connections() -> usize {
    // no limit at all is `None`
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(files.saturating_sub(OTHERS)).unwrap_or(usize::MAX).max(1)
}
