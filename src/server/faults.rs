//! Faults below HTTP, played on a socket taken back from hyper before it wrote a byte.

use std::time::Duration;

use super::connection_state::{FaultyReply, StateHandle};
use super::raw_response;
use super::shutdown::Shutdown;
use super::transport::{self, Transport};
use super::undelivered::Undelivered;
use crate::http::Fault;

/// How often a client of a hang is probed.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Plays a fault, then closes the connection.
pub(super) async fn play<T: Transport>(
    mut stream: T,
    faulty: FaultyReply,
    state: &StateHandle,
    shutdown: &Shutdown,
) {
    let FaultyReply { fault, reply, held, mut undelivered } = faulty;
    if fault != Fault::Hang {
        // before it is played, so that a client which has seen it finds it in the journal
        undelivered.take().into_iter().for_each(Undelivered::faulted);
    }
    match fault {
        Fault::Reset => {
            drop((reply, held));
            stream.reset();
        }
        Fault::Close => {}
        Fault::Truncate => {
            transport::send(&mut stream, &raw_response::truncated(&reply)).await;
        }
        Fault::Garbage => {
            drop((reply, held));
            transport::send(&mut stream, Fault::GARBAGE).await;
        }
        Fault::Hang => {
            drop((reply, held));
            hang(stream, state, shutdown).await;
            // the time it took shows whether the client has a timeout
            undelivered.into_iter().for_each(Undelivered::faulted);
        }
    }
}

/// Sends nothing until the client leaves, others need the place or the server shuts down. Reads what the client
/// sends, since the end of the connection comes after it.
async fn hang<T: Transport>(mut stream: T, state: &StateHandle, shutdown: &Shutdown) {
    stream.set_keepalive(KEEPALIVE);
    let client_left =
        async { while transport::read_away(&mut stream).await.is_ok_and(|read| read > 0) {} };
    tokio::select! {
        () = client_left => {}
        _ = state.gives_way() => tracing::info!("closed a connection that hangs: others need its place"),
        () = shutdown.started() => {}
    }
}
