//! The signal that the server is shutting down, and how long a shutdown may take.

use std::time::Duration;

use tokio::sync::watch;

/// How long accepted calls may take to finish once the server receives a stop signal.
pub(crate) const DRAIN: Duration = Duration::from_secs(5);

/// Pause before the last accept. A client that connects while the listening socket closes is reset;
/// after a pause, most clients have connected and wait.
pub(super) const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// How long idle connections stay open in a shutdown: a client may have sent a call already.
pub(super) const IDLE_GRACE: Duration = Duration::from_millis(250);

/// Whether the server is shutting down.
#[derive(Debug, Clone)]
pub(super) struct Shutdown(watch::Receiver<bool>);

impl Shutdown {
    /// Returns the sender that starts a shutdown (send `true` or drop it) and its receiver.
    pub(super) fn channel() -> (watch::Sender<bool>, Self) {
        let (sender, receiver) = watch::channel(false);
        (sender, Self(receiver))
    }

    pub(super) fn has_started(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the shutdown starts.
    pub(super) async fn started(&self) {
        // an error means that the sender was dropped
        let _ = self.0.clone().wait_for(|started| *started).await;
    }
}
