//! Work of the handler that is done off the serving thread: what takes longer than a few calls, in slices,
//! and looking whether a response that waits for calls has become ready.
//!
//! One thread does a slice of each job in turn. Jobs that wait are looked at again after later calls, but
//! however many calls come, only every few milliseconds, so that a call pays for one flag at most.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::handler::{TimeLeft, contain_panic};

/// The least pause between two looks at the jobs that wait for calls.
const LOOK_PAUSE: Duration = Duration::from_millis(2);

/// How many results are handed over in a row: the serving thread has something to do for each.
const RESULTS_AT_ONCE: usize = 16;

/// The pause after them, in which calls have their turn.
const RESULTS_PAUSE: Duration = Duration::from_millis(1);

/// The pause before a job is tried again that found something used up.
const BLOCKED_PAUSE: Duration = Duration::from_millis(50);

/// The result of one look at a job.
pub(super) enum JobState<T> {
    Done(T),
    /// There is more to do at once.
    Unfinished,
    /// To be looked at again after later calls.
    Waiting,
    /// To be looked at again after a while.
    Blocked,
}

/// Does jobs on a thread of its own, which begins with the first of them.
#[derive(Default)]
pub(super) struct Worker {
    queue: Mutex<Queue>,
    woken: Condvar,
    /// The jobs that are not done.
    jobs: AtomicUsize,
    /// Whether something has happened since the waiting jobs were last looked at.
    changed: AtomicBool,
}

#[derive(Default)]
struct Queue {
    /// Jobs that the thread has not seen yet.
    new: Vec<Box<dyn Job>>,
    is_running: bool,
    /// Whether the thread waits for something to do.
    is_idle: bool,
    is_closed: bool,
}

/// A job whose result somebody waits for. If this is dropped, the job is not done any further.
pub(super) struct JobHandle<T> {
    result: oneshot::Receiver<T>,
    is_over: Arc<AtomicBool>,
    worker: Arc<Worker>,
}

trait Job: Send {
    /// Does a slice. `Done` if there is nothing more to do or nobody to do it for.
    fn look(&mut self) -> JobState<()>;
}

struct Task<T, L> {
    look: L,
    is_over: Arc<AtomicBool>,
    /// `None` once it is sent.
    result: Option<oneshot::Sender<T>>,
}

impl<T: Send, L: FnMut(TimeLeft) -> JobState<T> + Send> Job for Task<T, L> {
    fn look(&mut self) -> JobState<()> {
        let Some(result) = self.result.take().filter(|result| !result.is_closed()) else {
            return JobState::Done(());
        };
        let time_left =
            if self.is_over.load(Ordering::Relaxed) { TimeLeft::None } else { TimeLeft::Some };
        let look = match contain_panic(|| (self.look)(time_left)) {
            Some(JobState::Done(done)) => {
                // an error says that nobody waits any longer
                let _ = result.send(done);
                return JobState::Done(());
            }
            // the sender is dropped, which ends the wait for a result
            None => return JobState::Done(()),
            Some(JobState::Unfinished) => JobState::Unfinished,
            Some(JobState::Waiting) => JobState::Waiting,
            Some(JobState::Blocked) => JobState::Blocked,
        };
        self.result = Some(result);
        look
    }
}

impl Worker {
    /// Begins a job, which is done in slices by calling `look` again and again.
    pub(super) fn start<T: Send + 'static>(
        self: &Arc<Self>,
        look: impl FnMut(TimeLeft) -> JobState<T> + Send + 'static,
    ) -> JobHandle<T> {
        let (sender, result) = oneshot::channel();
        let is_over = Arc::new(AtomicBool::new(false));
        let task = Task { look, is_over: Arc::clone(&is_over), result: Some(sender) };
        let working = JobHandle { result, is_over, worker: Arc::clone(self) };
        // counted before its first look, so that no change is missed after it
        self.jobs.fetch_add(1, Ordering::Relaxed);
        let mut queue = self.queue();
        if queue.is_closed {
            self.jobs.fetch_sub(1, Ordering::Relaxed);
            return working;
        }
        queue.new.push(Box::new(task));
        queue.is_idle = false;
        if !std::mem::replace(&mut queue.is_running, true) {
            let worker = Arc::clone(self);
            let thread = std::thread::Builder::new().name("genuin-sandbox-slices".into());
            if let Err(error) = thread.spawn(move || worker.run()) {
                tracing::error!("cannot start a thread, so that a request gets no answer: {error}");
                queue.is_running = false;
                self.jobs.fetch_sub(queue.new.len(), Ordering::Relaxed);
                queue.new.clear();
            }
        }
        drop(queue);
        self.woken.notify_one();
        working
    }

    /// Wakes the thread to look at the waiting jobs soon. Costs next to nothing if there are none, or if that
    /// was asked for already.
    pub(super) fn note_change(&self) {
        if self.jobs.load(Ordering::Relaxed) > 0 && !self.changed.swap(true, Ordering::AcqRel) {
            // locked, so that the thread is not between its look at the flag and its sleep
            if self.queue().is_idle {
                self.woken.notify_one();
            }
        }
    }

    /// Ends the thread after the slice that it is in.
    pub(super) fn close(&self) {
        let mut queue = self.queue();
        queue.is_closed = true;
        queue.new.clear();
        drop(queue);
        self.woken.notify_one();
    }

    /// Whether the thread has something to do, or will have soon.
    #[cfg(test)]
    pub(super) fn is_busy(&self) -> bool {
        let is_idle = self.queue().is_idle;
        let jobs = self.jobs.load(Ordering::Acquire);
        jobs > 0 && (!is_idle || self.changed.load(Ordering::Acquire))
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        let mut jobs = Jobs::default();
        let mut results = 0;
        while self.wait_for_work(&mut jobs) {
            for mut job in std::mem::take(&mut jobs.active) {
                match job.look() {
                    JobState::Done(()) => {
                        self.jobs.fetch_sub(1, Ordering::Relaxed);
                        results += 1;
                        if results % RESULTS_AT_ONCE == 0 {
                            std::thread::sleep(RESULTS_PAUSE);
                        }
                    }
                    JobState::Unfinished => jobs.active.push(job),
                    JobState::Waiting => jobs.waiting.push(job),
                    JobState::Blocked => {
                        jobs.retry_at.get_or_insert_with(|| Instant::now() + BLOCKED_PAUSE);
                        jobs.waiting.push(job);
                    }
                }
                if self.queue().is_closed {
                    return;
                }
            }
            jobs.after_looks();
        }
    }

    /// Waits until there are active jobs; false if there will be none.
    fn wait_for_work(&self, jobs: &mut Jobs) -> bool {
        let mut queue = self.queue();
        loop {
            if queue.is_closed {
                return false;
            }
            jobs.active.append(&mut queue.new);
            let now = Instant::now();
            let changed = self.changed.load(Ordering::Acquire);
            if (changed && jobs.is_look_due(now)) || jobs.retry_at.is_some_and(|at| at <= now) {
                self.changed.store(false, Ordering::Release);
                jobs.begin_looks(now);
            }
            if !jobs.active.is_empty() {
                queue.is_idle = false;
                return true;
            }
            queue.is_idle = true;
            let next_look = jobs.next_look.filter(|_| changed);
            let at = [next_look, jobs.retry_at].into_iter().flatten().min();
            queue = match at {
                None => self.woken.wait(queue).unwrap_or_else(PoisonError::into_inner),
                Some(at) => {
                    let timeout = at.saturating_duration_since(now);
                    let waited = self.woken.wait_timeout(queue, timeout);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }
}

/// The jobs of the thread.
#[derive(Default)]
struct Jobs {
    /// Those with work to do now.
    active: Vec<Box<dyn Job>>,
    waiting: Vec<Box<dyn Job>>,
    /// When the waiting ones may be looked at again.
    next_look: Option<Instant>,
    looks_began: Option<Instant>,
    /// When to look at them although nothing has changed.
    retry_at: Option<Instant>,
}

impl Jobs {
    fn is_look_due(&self, now: Instant) -> bool {
        self.next_look.is_none_or(|at| at <= now)
    }

    fn begin_looks(&mut self, now: Instant) {
        self.retry_at = None;
        // where none waits nothing is looked at, and the next look need not wait for as long as the thread is idle
        if !self.waiting.is_empty() {
            self.active.append(&mut self.waiting);
            self.looks_began = Some(now);
        }
    }

    /// Pauses for as long as the looks took, so that they leave half of a processor to others.
    fn after_looks(&mut self) {
        if let Some(began) = self.looks_began.take() {
            let now = Instant::now();
            self.next_look = Some(now + LOOK_PAUSE.max(now - began));
        }
    }
}

impl<T> JobHandle<T> {
    /// Notes that the time of the job is up, and waits for its result.
    pub(super) async fn end(mut self) -> Option<T> {
        self.is_over.store(true, Ordering::Relaxed);
        self.worker.note_change();
        (&mut self).await
    }
}

/// The result; `None` if the job panicked or the worker is closed.
impl<T> Future for JobHandle<T> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        Pin::new(&mut self.result).poll(context).map(Result::ok)
    }
}

impl<T> Drop for JobHandle<T> {
    fn drop(&mut self) {
        self.result.close();
        if !self.result.is_terminated() {
            self.worker.note_change();
        }
    }
}

#[cfg(test)]
mod tests;
