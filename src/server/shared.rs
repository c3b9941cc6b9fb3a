//! What all connections of a server share.

use std::sync::Arc;

use tokio::sync::Notify;

use super::handler::Handler;
use super::limits::Limits;
use super::shutdown::Shutdown;

pub(super) struct Shared {
    pub(super) handler: Arc<dyn Handler>,
    pub(super) limits: Limits,
    pub(super) shutdown: Shutdown,
    /// Notified whenever a deferred response may have become ready.
    pub(super) changed: Arc<Notify>,
}
