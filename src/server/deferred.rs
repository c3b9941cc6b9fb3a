//! Responses that wait for later calls: deferred replies and streams.

use std::sync::Arc;

use http::StatusCode;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep_until};

use super::connection_state::StateHandle;
use super::handler::{Deferred, TimeLeft, contain_panic};
use super::held_memory::{HeldMemory, WAITING_BYTES};
use super::shared::Shared;
use super::worker::JobState;
use crate::http::{Problem, Progress, Reply};
use crate::memory::BudgetFull;

/// How much memory a deferred reply keeps at first.
pub(super) fn bytes_of(deferred: &Deferred) -> usize {
    let waiting_bytes = if deferred.timeout.is_zero() { 0 } else { WAITING_BYTES };
    deferred.kept_bytes + waiting_bytes
}

/// Waits until a reply is ready, its time is up, its memory, which is `held`, is too little or the server
/// shuts down.
pub(super) async fn wait(
    deferred: Deferred,
    mut held: HeldMemory,
    shared: &Shared,
    state: &StateHandle,
) -> Reply {
    let besides_bytes = bytes_of(&deferred) - deferred.kept_bytes;
    let Deferred { timeout, kept_bytes: _, mut poll } = deferred;
    let deadline = Instant::now() + timeout;
    let is_over = timeout.is_zero() || shared.shutdown.has_started();
    let time_left = if is_over { TimeLeft::None } else { TimeLeft::Some };
    let (memory, account) = (Arc::clone(&shared.memory), state.account().clone());
    let mut look = move |time_left| match poll(time_left) {
        (Progress::Done(reply), _) => JobState::Done(Ok(reply)),
        (Progress::Unfinished | Progress::Waiting, kept_bytes)
            if held.resize(&memory, &account, kept_bytes + besides_bytes).is_err() =>
        {
            JobState::Done(Err(BudgetFull))
        }
        (Progress::Unfinished, _) => JobState::Unfinished,
        (Progress::Waiting, _) => JobState::Waiting,
    };
    let answer = |result: Result<Reply, BudgetFull>| {
        result.unwrap_or_else(|BudgetFull| shared.server_busy().reply())
    };
    // the first slice at once, since most have no other
    match contain_panic(|| look(time_left)) {
        Some(JobState::Done(result)) => return answer(result),
        Some(JobState::Unfinished | JobState::Waiting | JobState::Blocked) => {}
        None => return shared.handler.panic_reply(),
    }
    let permit = if timeout.is_zero() { None } else { Some(take_permit(shared)) };
    if let Some(Err(problem)) = permit {
        return problem.reply();
    }
    let mut working = shared.worker.start(look);
    let result = tokio::select! {
        biased;
        result = &mut working => result,
        () = sleep_until(deadline) => working.end().await,
        () = shared.shutdown.started() => working.end().await,
    };
    result.map_or_else(|| shared.handler.panic_reply(), answer)
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
