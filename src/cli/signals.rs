//! The signals that end a server.

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::DEADLINE;

/// Listens for SIGTERM and SIGINT.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(super) fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for a signal; from then on, another one ends the process at once.
    pub(super) async fn stop_requested(&mut self) {
        let name = self.next().await;
        tracing::info!("received {name}, finishing the open calls");
        let Ok(mut again) = Self::listen() else { return };
        tokio::spawn(async move {
            again.next().await;
            std::process::exit(DEADLINE.into());
        });
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}
