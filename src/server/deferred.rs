//! Responses that wait for later calls: deferred replies and streams.

use std::sync::Arc;

use http::StatusCode;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep_until};

use super::handler::{Deferred, TimeLeft, contain_panic};
use super::shared::Shared;
use super::worker::Look;
use crate::http::{Problem, Progress, Reply};

/// Waits until a reply is ready, its time is up or the server shuts down.
pub(super) async fn wait(deferred: Deferred, shared: &Shared) -> Reply {
    let Deferred { timeout, mut poll } = deferred;
    let deadline = Instant::now() + timeout;
    let is_over = timeout.is_zero() || shared.shutdown.has_started();
    let time_left = if is_over { TimeLeft::None } else { TimeLeft::Some };
    // the first slice at once, since most have no other
    match contain_panic(|| poll(time_left)) {
        Some(Progress::Done(reply)) => return reply,
        Some(Progress::Unfinished | Progress::Waiting) => {}
        None => return shared.handler.panic_reply(),
    }
    let permit = if timeout.is_zero() { None } else { Some(take_permit(shared)) };
    if let Some(Err(problem)) = permit {
        return problem.reply();
    }
    let mut working = shared.worker.start(move |time_left| match poll(time_left) {
        Progress::Done(reply) => Look::Done(reply),
        Progress::Unfinished => Look::Unfinished,
        Progress::Waiting => Look::Waiting,
    });
    let reply = tokio::select! {
        biased;
        reply = &mut working => reply,
        () = sleep_until(deadline) => working.end().await,
        () = shared.shutdown.started() => working.end().await,
    };
    reply.unwrap_or_else(|| shared.handler.panic_reply())
}

/// Takes the permit to be woken by later calls.
pub(super) fn take_permit(shared: &Shared) -> Result<OwnedSemaphorePermit, Problem> {
    Arc::clone(&shared.waiting).try_acquire_owned().map_err(|_| {
        let limit = shared.limits.waiting;
        let detail = format!(
            "there are {limit} event streams and waiting verifications already; close one, or try \
             again in a second"
        );
        tracing::info!("refused an event stream or a waiting verification: {detail}");
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    })
}
