//! The server: listens, applies the limits, has a handler answer requests, and shuts down. The only
//! part that names hyper.

mod body;
mod client_watch;
mod connection;
mod connection_state;
mod connections;
mod deferred;
mod ending;
mod faults;
mod file_limit;
mod handler;
mod handling;
mod held_call;
mod held_memory;
mod limits;
mod listener;
mod long_calls;
mod raw_response;
mod request;
mod service;
mod shared;
mod shutdown;
mod stream;
#[cfg(test)]
mod tests;
mod timeouts;
mod tracked_stream;
mod transport;
mod undelivered;
mod waiting;
mod worker;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use connections::{Connections, OpenConnection};
pub(crate) use file_limit::raise_file_limit;
pub(crate) use handler::{
    CountConnections, Deferred, Handler, Response, Stream, ThreadChoice, TimeLeft, WaitingCall,
};
pub use limits::{HostCheck, Limits};
pub(crate) use listener::Listeners;
use listener::is_transient;
use shared::Shared;
pub(crate) use shutdown::DRAIN;
use shutdown::{ACCEPT_PAUSE, IDLE_GRACE, Shutdown};

/// How often the handler's periodic work is done.
const TICK: Duration = Duration::from_millis(500);

/// How long to wait at most for file descriptors or buffers when they have run out.
const BACK_OFF: Duration = Duration::from_millis(50);

/// How many threads do periodic work and answer requests that take long; more requests wait for their turn.
const MAX_OTHER_THREADS: usize = 2;

/// How a shutdown went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShutdownResult {
    /// Every accepted call was answered.
    Drained,
    /// Some calls were still under way after [`DRAIN`].
    DeadlinePassed,
}

/// Builds the runtime of one server. A single thread answers tens of thousands of calls a second,
/// and starts faster and has a shorter tail of slow calls than several threads.
pub(crate) fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(MAX_OTHER_THREADS)
        .build()
}

/// Serves until `stop` is ready, then finishes the accepted calls.
pub(crate) async fn run(
    listeners: Listeners,
    handler: Arc<impl Handler>,
    limits: Limits,
    stop: impl Future<Output = ()>,
) -> ShutdownResult {
    let (stopping, shutdown) = Shutdown::channel();
    let ticking = tokio::spawn(tick(Arc::clone(&handler)));
    let connections = Connections::new(limits.connections.min(file_limit::max_connections()));
    let shared = Arc::new(Shared::new(handler, limits, Arc::clone(&connections), shutdown));
    tokio::select! {
        biased;
        () = stop => {}
        never = accept(&listeners, &connections, &shared) => match never {},
    }
    shared.handler.set_stopping();
    stopping.send_replace(true);
    sleep(ACCEPT_PAUSE).await;
    for (stream, peer) in listeners.close() {
        spawn(stream, peer, connections.open(None), &shared);
    }
    ticking.abort();
    let drain = async {
        // an error means that connections are still open
        let _ = timeout(IDLE_GRACE, connections.all_closed()).await;
        connections.close_all().await;
    };
    match timeout(DRAIN, drain).await {
        Ok(()) => ShutdownResult::Drained,
        Err(_) => ShutdownResult::DeadlinePassed,
    }
}

/// Accepts connections, each with a permit.
async fn accept(
    listeners: &Listeners,
    connections: &Arc<Connections>,
    shared: &Arc<Shared>,
) -> Infallible {
    loop {
        let permit = connections.permit().await;
        match listeners.accept().await {
            Ok((stream, peer)) => spawn(stream, peer, connections.open(Some(permit)), shared),
            Err(error) if is_transient(&error) => {
                tracing::debug!("a client left before it was accepted: {error}");
            }
            Err(error) => {
                tracing::warn!("cannot accept a connection: {error}");
                connections.close_one();
                // an error means that none has closed, and that another try may succeed all the same
                let _ = timeout(BACK_OFF, connections.one_closed()).await;
            }
        }
    }
}

fn spawn(stream: TcpStream, peer: SocketAddr, connection: OpenConnection, shared: &Arc<Shared>) {
    tokio::spawn(connection::serve(stream, peer.ip(), connection, Arc::clone(shared)));
}

/// Does the handler's periodic work on a thread of its own, so that a slow disk slows no call.
async fn tick(handler: Arc<impl Handler>) {
    let mut interval = interval(TICK);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        let handler = Arc::clone(&handler);
        // an error means a panic, which the panic hook has logged
        let _ = tokio::task::spawn_blocking(move || handler.do_periodic_work()).await;
    }
}

/// Serves one connection over a pipe in memory until it ends.
#[cfg(feature = "internals")]
pub async fn serve_pipe(
    stream: tokio::io::DuplexStream,
    sandbox: Arc<crate::call::Sandbox>,
    limits: Limits,
) {
    let (_stopping, shutdown) = Shutdown::channel();
    let connections = Connections::new(1);
    let connection = connections.open(None);
    let shared = Shared::new(sandbox, limits, connections, shutdown);
    let peer = std::net::Ipv4Addr::LOCALHOST.into();
    connection::serve(stream, peer, connection, Arc::new(shared)).await;
}
