//! The edge: sockets, limits, shutdown. The only part that names hyper.

mod connection;
mod fault;
mod listen;
mod payload;
mod reload;
mod waiting;

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};

use crate::sandbox::Sandbox;
pub use listen::Listeners;

/// How long accepted calls may take to finish once the server is told to stop.
pub const DRAIN: Duration = Duration::from_secs(5);

/// How a server ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Every accepted call was answered.
    Drained,
    /// Some were still under way after 5 seconds.
    DeadlinePassed,
}

/// A runtime for one server. One thread answers tens of thousands of calls a second, starts
/// faster and keeps the tail shorter than several that hand work to one another.
pub fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

/// Answers until `stop` is ready, then finishes what was accepted.
pub async fn run(
    listeners: Listeners,
    sandbox: Arc<Sandbox>,
    stop: impl Future<Output = ()>,
) -> Ended {
    let (stopping, stopped) = watch::channel(false);
    let (taking_down, taken_down) = watch::channel(0);
    sandbox.journal.on_change(move || taking_down.send_modify(|count| *count += 1));
    // every connection holds a sender; when the last one is gone, the receiver ends
    let (alive, mut all_gone) = mpsc::channel::<()>(1);
    let reloading = tokio::spawn(reload::watch(Arc::clone(&sandbox)));
    let shared = connection::Shared { sandbox, stopped, taken_down };
    tokio::pin!(stop);
    let serve = |(stream, peer)| {
        let (shared, alive) = (shared.clone(), alive.clone());
        tokio::spawn(async move {
            connection::serve(stream, peer, shared).await;
            drop(alive);
        });
    };
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            accepted = listeners.accept() => serve(accepted),
        }
    }
    // what the backlog holds was accepted by the kernel and is answered too
    while let Some(accepted) = listeners.accept_waiting().await {
        serve(accepted);
    }
    reloading.abort();
    drop((listeners, alive));
    // an error says that no connection is left to tell
    let _ = stopping.send(true);
    match tokio::time::timeout(DRAIN, all_gone.recv()).await {
        Ok(_) => Ended::Drained,
        Err(_) => Ended::DeadlinePassed,
    }
}
