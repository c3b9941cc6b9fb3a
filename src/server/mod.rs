//! The edge: sockets, limits, shutdown. The only part that names hyper.

mod body;
mod connection;
mod connection_state;
mod connections;
mod deadline;
mod fault;
mod files;
mod limits;
mod listen;
mod reload;
mod service;
mod socket;
mod waiting;
mod wire;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::{Notify, watch};

use crate::call::Sandbox;
use connection::Shared;
use connections::{Connections, Seat};
pub use files::raise_limit as raise_file_limit;
pub use limits::{Hosts, Limits};
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
    limits: Limits,
    stop: impl Future<Output = ()>,
) -> Ended {
    let (stopping, stopped) = watch::channel(false);
    let taken_down = Arc::new(Notify::new());
    let tell = Arc::clone(&taken_down);
    sandbox.journal.on_change(move || tell.notify_waiters());
    let reloading = tokio::spawn(reload::watch(Arc::clone(&sandbox)));
    let connections = Connections::new(limits.connections.min(files::connections()));
    let shared = Arc::new(Shared { sandbox, stopped, taken_down, limits });
    tokio::select! {
        biased;
        () = stop => {}
        never = accept(&listeners, &connections, &shared) => match never {},
    }
    shared.sandbox.stop();
    // what the kernel has accepted is answered too, however many there are
    for (stream, peer) in listeners.close().await {
        serve(stream, peer, connections.another_seat(), &shared);
    }
    reloading.abort();
    // an error says that no connection is left to tell
    let _ = stopping.send(true);
    match tokio::time::timeout(DRAIN, connections.all_gone()).await {
        Ok(()) => Ended::Drained,
        Err(_) => Ended::DeadlinePassed,
    }
}

/// Accepts and serves, a seat at a time.
async fn accept(
    listeners: &Listeners,
    connections: &Arc<Connections>,
    shared: &Arc<Shared>,
) -> std::convert::Infallible {
    loop {
        let seat = connections.seat().await;
        match listeners.accept().await {
            Ok((stream, peer)) => serve(stream, peer, seat, shared),
            Err(listen::Exhausted) => {
                connections.make_room();
            }
        }
    }
}

fn serve(stream: TcpStream, peer: SocketAddr, seat: Seat, shared: &Arc<Shared>) {
    let (opened, shared) = (seat.open(), Arc::clone(shared));
    tokio::spawn(connection::serve(stream, peer.ip(), opened, shared));
}

/// Serves one connection over a pipe in memory, to its end.
#[cfg(feature = "internals")]
pub async fn serve_pipe(stream: tokio::io::DuplexStream, sandbox: Arc<Sandbox>, limits: Limits) {
    let (_stopping, stopped) = watch::channel(false);
    let taken_down = Arc::new(Notify::new());
    let shared = Arc::new(Shared { sandbox, stopped, taken_down, limits });
    let opened = Connections::new(1).another_seat().open();
    connection::serve(stream, std::net::Ipv4Addr::LOCALHOST.into(), opened, shared).await;
}
