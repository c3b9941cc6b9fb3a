//! The limit on open files; each connection needs one.

#[cfg(unix)]
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files kept free for everything but connections: scenario files, the log, the runtime.
#[cfg(unix)]
const RESERVED: u64 = 64;

/// Raises the soft limit to the hard limit.
#[cfg(unix)]
pub(crate) fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::debug!("cannot raise the limit on open files: {error}");
    }
}

/// Returns how many connections the limit leaves room for; at least one.
#[cfg(unix)]
pub(super) fn max_connections() -> usize {
    // `None` means unlimited
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(files.saturating_sub(RESERVED)).unwrap_or(usize::MAX).max(1)
}

/// Does nothing: Windows has no such limit.
#[cfg(windows)]
pub(crate) fn raise_file_limit() {}

/// Returns how many connections the machine leaves room for.
#[cfg(windows)]
pub(super) fn max_connections() -> usize {
    usize::MAX
}
