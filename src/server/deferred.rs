//! Responses that wait for later calls: deferred replies and streams.

use std::pin::pin;
use std::sync::Arc;

use http::StatusCode;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep_until};

use super::handler::{Deferred, TimeLeft, contain_panic};
use super::shared::Shared;
use crate::http::{Problem, Reply};

/// Waits until a reply is ready, its time is up or the server shuts down.
pub(super) async fn wait(mut deferred: Deferred, shared: &Shared) -> Reply {
    let deadline = Instant::now() + deferred.timeout;
    let mut permit = None;
    loop {
        // registered before the check, so that no change is missed in between
        let mut changed = pin!(shared.changed.notified());
        changed.as_mut().enable();
        let is_over = shared.shutdown.has_started() || Instant::now() >= deadline;
        let time_left = if is_over { TimeLeft::None } else { TimeLeft::Some };
        match contain_panic(|| (deferred.poll)(time_left)) {
            Some(Some(reply)) => return reply,
            Some(None) => {}
            None => return shared.handler.panic_reply(),
        }
        if permit.is_none() {
            match take_permit(shared) {
                Ok(taken) => permit = Some(taken),
                Err(problem) => return problem.reply(),
            }
        }
        tokio::select! {
            () = changed => {}
            () = sleep_until(deadline) => {}
            () = shared.shutdown.started() => {}
        }
    }
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
