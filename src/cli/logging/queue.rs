//! The log's queue: lines wait in one piece of memory, and a thread of its own writes them, many at a time.
//! So a line costs a copy of its bytes, and neither memory of its own that one thread takes and another
//! gives back nor a look at the other thread.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};
use std::time::Duration;

/// The most bytes that wait: an ordinary line has 200, one about a bad call some thousands. What comes then is
/// lost, since a log pipe that nobody reads must not stop the server.
const MAX_WAITING_BYTES: usize = 2 * 1024 * 1024;

/// The most memory that is kept for the next lines, in bytes.
const MAX_KEPT_BYTES: usize = 64 * 1024;

/// How long the thread waits after it has written. Without it, a server on one processor would wake it and
/// make a system call for each call that it answers.
const PAUSE: Duration = Duration::from_millis(10);

/// How long the end of the log waits for what is left to be written.
const MAX_WAIT: Duration = Duration::from_secs(1);

/// Where lines are written to, each with one write.
#[derive(Debug, Default)]
pub(super) struct Queue(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    lines: Vec<u8>,
    /// The writing thread, while it waits for a line.
    idle: Option<Thread>,
    is_ending: bool,
}

/// Writes what is left when it is dropped, and waits a while for that.
#[derive(Debug)]
pub(crate) struct LogGuard {
    queue: Arc<Queue>,
    writer: Thread,
    /// Disconnected when all is written.
    done: Receiver<()>,
}

impl Queue {
    /// Starts the thread that writes the lines of a new queue.
    pub(super) fn start(out: impl Write + Send + 'static) -> io::Result<(Arc<Self>, LogGuard)> {
        let queue = Arc::new(Self::default());
        let (until, done) = sync_channel::<()>(0);
        let lines = Arc::clone(&queue);
        let run = move || {
            lines.write_to(out);
            drop(until);
        };
        let thread = thread::Builder::new().name("log".into()).spawn(run)?;
        let writer = thread.thread().clone();
        Ok((Arc::clone(&queue), LogGuard { queue, writer, done }))
    }

    fn write_to(&self, mut out: impl Write) {
        let mut batch = Vec::new();
        while self.take(&mut batch) {
            // an error says that the log is full or closed
            let _ = out.write_all(&batch).and_then(|()| out.flush());
            batch.clear();
            batch.shrink_to(MAX_KEPT_BYTES);
            thread::park_timeout(PAUSE);
        }
    }

    /// Waits for lines and takes them all; returns false if none will come.
    fn take(&self, batch: &mut Vec<u8>) -> bool {
        loop {
            let mut waiting = self.waiting();
            if !waiting.lines.is_empty() {
                std::mem::swap(batch, &mut waiting.lines);
                return true;
            }
            if waiting.is_ending {
                return false;
            }
            waiting.idle = Some(thread::current());
            drop(waiting);
            thread::park();
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for &Queue {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut waiting = self.waiting();
        if waiting.lines.len() + line.len() <= MAX_WAITING_BYTES {
            waiting.lines.extend_from_slice(line);
        }
        let idle = waiting.idle.take();
        drop(waiting);
        if let Some(writer) = idle {
            writer.unpark();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for LogGuard {
    fn drop(&mut self) {
        self.queue.waiting().is_ending = true;
        self.writer.unpark();
        // either all is written, or nobody reads it
        let _ = self.done.recv_timeout(MAX_WAIT);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use super::*;

    /// Hands each write over and waits until it is asked to go on; the first one fails.
    struct Log {
        written: Sender<Vec<u8>>,
        go_on: Receiver<()>,
        has_failed: bool,
    }

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.written.send(bytes.to_vec()).unwrap();
            self.go_on.recv().map_err(|_| io::ErrorKind::BrokenPipe)?;
            if std::mem::replace(&mut self.has_failed, true) {
                return Ok(bytes.len());
            }
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_that_wait_are_one_write_up_to_a_size_and_no_error_ends_the_log() {
        let (written, writes) = channel();
        let (go, go_on) = channel();
        let (queue, guard) = Queue::start(Log { written, go_on, has_failed: false }).unwrap();
        let mut log = &*queue;
        log.write_all(b"lost\n").unwrap();
        assert_eq!(writes.recv().unwrap(), b"lost\n");
        // nobody reads the log meanwhile
        log.write_all(b"a\n").unwrap();
        log.write_all(b"b\n").unwrap();
        let line = vec![b'x'; 100_000];
        for _ in 0..100 {
            log.write_all(&line).unwrap();
        }
        log.write_all(b"short ones still fit\n").unwrap();
        go.send(()).unwrap();
        let batch = writes.recv().unwrap();
        assert_eq!(&batch[..4], b"a\nb\n");
        assert!(batch.ends_with(b"x" as &[u8]) || batch.ends_with(b"fit\n"));
        let filled = MAX_WAITING_BYTES - line.len()..=MAX_WAITING_BYTES;
        assert!(filled.contains(&batch.len()), "{}", batch.len());
        go.send(()).unwrap();
        log.write_all(b"last\n").unwrap();
        go.send(()).unwrap();
        drop(guard);
        assert_eq!(writes.recv().unwrap(), b"last\n", "the end waits for it");
        assert!(writes.recv().is_err(), "the thread has ended");
        let kept = queue.waiting().lines.capacity();
        assert!(kept <= MAX_KEPT_BYTES, "{kept}");
    }

    #[test]
    fn the_end_does_not_wait_for_a_log_that_nobody_reads() {
        let (written, writes) = channel();
        let (go, go_on) = channel();
        let (queue, guard) = Queue::start(Log { written, go_on, has_failed: true }).unwrap();
        (&*queue).write_all(b"a\n").unwrap();
        writes.recv().unwrap();
        drop(guard);
        go.send(()).unwrap();
        assert!(writes.recv().is_err(), "the thread ends later");
    }
}
