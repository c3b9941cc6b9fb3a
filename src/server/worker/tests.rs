//! How jobs take turns, wait and end.

use std::sync::mpsc;

use super::*;

/// Starts a job that sends its name at each look.
fn job(
    worker: &Arc<Worker>,
    name: usize,
    looks: &mpsc::Sender<usize>,
    look: impl Fn(usize, TimeLeft) -> JobState<usize> + Send + 'static,
) -> JobHandle<usize> {
    let (looks, mut count) = (looks.clone(), 0);
    worker.start(move |time_left| {
        count += 1;
        // an error means that the test is over
        let _ = looks.send(name);
        look(count, time_left)
    })
}

fn result(working: JobHandle<usize>) -> Option<usize> {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(working)
}

#[test]
fn jobs_take_turns_and_each_gives_its_result() {
    let worker = Arc::new(Worker::default());
    let (sender, looks) = mpsc::channel();
    let (gate, opened) = mpsc::channel::<()>();
    // the first keeps the thread until the others are there
    let opened = Mutex::new(opened);
    let first = job(&worker, 0, &sender, move |_, _| {
        opened.lock().unwrap().recv().unwrap();
        JobState::Done(0)
    });
    let others = [1, 2].map(|name| {
        job(&worker, name, &sender, move |count, _| {
            if count == 3 { JobState::Done(10 * name) } else { JobState::Unfinished }
        })
    });
    gate.send(()).unwrap();
    assert_eq!(result(first), Some(0));
    assert_eq!(others.map(result), [Some(10), Some(20)]);
    assert_eq!(looks.try_iter().collect::<Vec<_>>(), [0, 1, 2, 1, 2, 1, 2]);
}

#[test]
fn a_waiting_job_is_looked_at_after_a_change_however_many_there_are() {
    const CALLS: usize = 100_000;
    let worker = Arc::new(Worker::default());
    let (sender, looks) = mpsc::channel();
    let is_there = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&is_there);
    let working = job(&worker, 0, &sender, move |count, _| {
        if seen.load(Ordering::SeqCst) { JobState::Done(count) } else { JobState::Waiting }
    });
    looks.recv().unwrap();
    let began = Instant::now();
    for _ in 0..CALLS {
        worker.note_change();
    }
    let took = began.elapsed();
    is_there.store(true, Ordering::SeqCst);
    worker.note_change();
    let looked = result(working).unwrap();
    let most = 3 + took.as_nanos() / LOOK_PAUSE.as_nanos();
    assert!(looked as u128 <= most, "{looked} looks in {took:?}");
}

#[test]
fn a_change_that_nobody_waits_for_delays_no_later_look() {
    let mut jobs = Jobs::default();
    jobs.begin_looks(Instant::now());
    jobs.after_looks();
    assert_eq!(jobs.next_look, None);
    jobs.waiting.push(Box::new(NeverDone));
    jobs.begin_looks(Instant::now());
    jobs.after_looks();
    assert_eq!((jobs.active.len(), jobs.next_look.is_some()), (1, true));
}

struct NeverDone;

impl Job for NeverDone {
    fn look(&mut self) -> JobState<()> {
        JobState::Waiting
    }
}

#[test]
fn a_job_ends_with_its_time_with_a_panic_and_with_the_worker() {
    let worker = Arc::new(Worker::default());
    let (sender, looks) = mpsc::channel();
    let wait = |_, time_left| match time_left {
        TimeLeft::Some => JobState::Waiting,
        TimeLeft::None => JobState::Done(7),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(job(&worker, 0, &sender, wait).end()), Some(7));
    let panicking = job(&worker, 1, &sender, |_, _| panic!("a bug in a job"));
    assert_eq!(result(panicking), None);
    let waiting = job(&worker, 2, &sender, wait);
    while looks.recv().unwrap() != 2 {}
    worker.close();
    assert_eq!(result(waiting), None);
    assert_eq!(result(job(&worker, 3, &sender, wait)), None, "it is closed");
}

#[test]
fn a_job_is_dropped_when_nobody_waits_for_it_any_longer() {
    let worker = Arc::new(Worker::default());
    let (sender, looks) = mpsc::channel();
    let working = job(&worker, 0, &sender, |_, _| JobState::Waiting);
    drop(sender);
    looks.recv().unwrap();
    drop(working);
    // ends once the job with its sender is gone
    assert!(looks.iter().count() <= 1);
    assert_eq!(worker.jobs.load(Ordering::SeqCst), 0);
}
