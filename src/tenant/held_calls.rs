//! The calls that a tenant holds until they are released. Those that are released are answered one at a
//! time, in the order in which they were released.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::http::{Receipt, Reply, Request};
use crate::journal::{CallRecord, ChangeListener};
use crate::scenario::{ForcedOutcome, HoldUntil, MAX_HELD, SelectedStep, Selector};

/// The most calls that are held in all tenants.
pub(crate) const MAX_HELD_IN_ALL: usize = 1000;

/// How long a call is held at most, by real time.
const HOLD_TIME: Duration = Duration::from_mins(1);

/// A call that waits until it is released.
#[derive(Debug)]
pub(crate) struct HeldCall {
    pub(crate) request: Request,
    pub(crate) hold: Hold,
    pub(crate) record: CallRecord<'static>,
    pub(crate) receipt: Receipt,
    /// The answer, if its change was made when it came.
    pub(crate) real: Option<Reply>,
    /// When it is released at the latest.
    pub(crate) until: Instant,
    answer: Mutex<HeldAnswer>,
}

#[derive(Debug)]
pub(crate) struct Hold {
    pub(crate) step: SelectedStep,
    pub(crate) selector: Selector,
    pub(crate) since: Instant,
    /// When the override expires that chose it.
    pub(crate) expires: Option<Instant>,
}

/// The answer of a held call once it is made, and the task to wake then.
#[derive(Debug, Default)]
struct HeldAnswer {
    reply: Option<Reply>,
    /// Outcome and status.
    result: Option<(String, Option<u16>)>,
    waker: Option<Waker>,
}

/// The calls that a tenant holds. Few tenants hold any, and there are thousands of tenants.
#[derive(Debug, Default)]
pub(crate) struct HeldCalls(Option<Box<Lists>>);

#[derive(Debug, Default)]
struct Lists {
    /// In the order in which they came, each with its place.
    waiting: Vec<(Arc<HeldCall>, HoldPlace)>,
    /// In the order in which they were released, each with the outcome that is forced on it.
    released: VecDeque<(Arc<HeldCall>, ForcedOutcome)>,
    is_closed: bool,
}

/// Why a call is not held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotHeld {
    /// The tenant holds as many as it can.
    TenantIsFull,
    /// All tenants together do.
    AllAreFull,
    /// The tenant is being removed, or the server ends.
    Ending,
}

/// How many calls are held in all tenants.
#[derive(Debug, Default)]
pub(crate) struct HoldPlaces {
    taken: AtomicUsize,
    /// Whether the server ends.
    is_closed: AtomicBool,
    /// Called when a place becomes free.
    pub(crate) changed: ChangeListener,
}

/// The place of a held call among those of all tenants.
#[derive(Debug)]
pub(crate) struct HoldPlace(Arc<HoldPlaces>);

impl HoldPlaces {
    pub(crate) fn taken(&self) -> usize {
        self.taken.load(Relaxed)
    }

    pub(crate) fn close(&self) {
        self.is_closed.store(true, Relaxed);
    }

    fn take(self: &Arc<Self>) -> Option<HoldPlace> {
        let more = |taken| (taken < MAX_HELD_IN_ALL).then_some(taken + 1);
        self.taken.fetch_update(Relaxed, Relaxed, more).ok()?;
        Some(HoldPlace(Arc::clone(self)))
    }
}

impl Drop for HoldPlace {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Relaxed);
        self.0.changed.notify();
    }
}

impl HeldCall {
    pub(crate) fn new(
        request: Request,
        hold: Hold,
        (record, receipt): (CallRecord<'static>, Receipt),
        real: Option<Reply>,
    ) -> Arc<Self> {
        let latest = hold.since + HOLD_TIME;
        let until = hold.expires.map_or(latest, |expires| latest.min(expires));
        Arc::new(Self { request, hold, record, receipt, real, until, answer: Mutex::default() })
    }

    /// The memory that it takes besides the body of its request, in bytes.
    pub(crate) fn kept_bytes(&self) -> usize {
        let headers = self.request.headers.iter();
        let headers = headers.map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>();
        size_of::<Self>() + 2 * headers + self.real.as_ref().map_or(0, |reply| reply.body.len())
    }

    /// Sets the answer and wakes the task that waits for it.
    pub(crate) fn set_answer(&self, reply: Reply, outcome: &str, status: Option<u16>) {
        let mut answer = self.answer();
        answer.reply = Some(reply);
        answer.result = Some((outcome.to_owned(), status));
        let waker = answer.waker.take();
        drop(answer);
        waker.inspect(Waker::wake_by_ref);
    }

    /// Takes the answer. If there is none yet, `waker` is woken when there is, or when it is the call's turn.
    pub(crate) fn take_answer(&self, waker: &Waker) -> Option<Reply> {
        let mut answer = self.answer();
        let reply = answer.reply.take();
        if reply.is_none() {
            answer.waker = Some(waker.clone());
        }
        reply
    }

    pub(crate) fn result(&self) -> Option<(String, Option<u16>)> {
        self.answer().result.clone()
    }

    fn wake(&self) {
        let waker = self.answer().waker.clone();
        waker.inspect(Waker::wake_by_ref);
    }

    fn answer(&self) -> MutexGuard<'_, HeldAnswer> {
        self.answer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HeldCalls {
    /// Those that wait, the oldest first.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = &Arc<HeldCall>> {
        self.0.iter().flat_map(|lists| lists.waiting.iter().map(|(call, _)| call))
    }

    pub(crate) fn count(&self) -> usize {
        self.0.as_ref().map_or(0, |lists| lists.waiting.len())
    }

    pub(crate) fn place(&self, places: &Arc<HoldPlaces>) -> Result<HoldPlace, NotHeld> {
        if self.0.as_ref().is_some_and(|lists| lists.is_closed) || places.is_closed.load(Relaxed) {
            return Err(NotHeld::Ending);
        }
        if self.count() >= MAX_HELD.into() {
            return Err(NotHeld::TenantIsFull);
        }
        places.take().ok_or(NotHeld::AllAreFull)
    }

    /// Holds a call. If its rule now holds as many as it waits for, they are released, the oldest first.
    pub(crate) fn hold(&mut self, call: Arc<HeldCall>, place: HoldPlace) {
        let of_rule = Arc::clone(&call);
        self.0.get_or_insert_default().waiting.push((call, place));
        if let ForcedOutcome::Hold(HoldUntil::Held(count)) = of_rule.hold.step.forced {
            let is_of_rule = |other: &HeldCall| other.hold.step.is_of_rule_of(&of_rule.hold.step);
            if self.waiting().filter(|other| is_of_rule(other)).count() >= count.into() {
                self.release(is_of_rule, usize::MAX, ForcedOutcome::REAL);
            }
        }
    }

    /// Releases calls that are `wanted`, the oldest first, at most `count`.
    pub(crate) fn release(
        &mut self,
        wanted: impl Fn(&HeldCall) -> bool,
        count: usize,
        forced: ForcedOutcome,
    ) -> Vec<Arc<HeldCall>> {
        let Some(lists) = &mut self.0 else { return Vec::new() };
        let mut left = count;
        let takes = |(call, _): &mut (Arc<HeldCall>, HoldPlace)| {
            let takes = left > 0 && wanted(call);
            left -= usize::from(takes);
            takes
        };
        let released: Vec<_> = lists.waiting.extract_if(.., takes).map(|(call, _)| call).collect();
        lists.released.extend(released.iter().map(|call| (Arc::clone(call), forced)));
        self.wake_first();
        released
    }

    /// Releases all, and holds no new ones.
    pub(crate) fn close(&mut self) {
        self.0.get_or_insert_default().is_closed = true;
        self.release(|_| true, usize::MAX, ForcedOutcome::REAL);
    }

    /// The call whose turn it is to be answered.
    pub(crate) fn first_released(&self) -> Option<&Arc<HeldCall>> {
        self.0.as_ref()?.released.front().map(|(call, _)| call)
    }

    /// Takes a call out if it is its turn to be answered; returns the outcome that is forced on it.
    pub(crate) fn take_first(&mut self, call: &Arc<HeldCall>) -> Option<ForcedOutcome> {
        self.first_released().filter(|first| Arc::ptr_eq(first, call))?;
        let first = self.0.as_mut()?.released.pop_front();
        self.shrink();
        first.map(|(_, forced)| forced)
    }

    /// Wakes the task that waits for the call whose turn it is.
    pub(crate) fn wake_first(&self) {
        self.first_released().inspect(|first| first.wake());
    }

    /// Forgets a call whose client has left.
    pub(crate) fn forget(&mut self, call: &Arc<HeldCall>) {
        let Some(lists) = &mut self.0 else { return };
        lists.waiting.retain(|(other, _)| !Arc::ptr_eq(other, call));
        lists.released.retain(|(other, _)| !Arc::ptr_eq(other, call));
        self.wake_first();
        self.shrink();
    }

    fn shrink(&mut self) {
        let is_empty = |lists: &mut Box<Lists>| {
            lists.waiting.is_empty() && lists.released.is_empty() && !lists.is_closed
        };
        self.0.take_if(is_empty);
    }
}
