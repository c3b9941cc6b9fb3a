//! The signals that end a server.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use super::DEADLINE;
#[cfg(unix)]
pub(super) use unix::Signals;
#[cfg(windows)]
pub(super) use windows::Signals;

impl Signals {
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
}
