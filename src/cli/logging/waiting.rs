//! Lines that wait to be written, bounded in number and in bytes: a line can be long, and a log pipe that
//! nobody reads keeps them waiting.

use std::io::{Result, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tracing_subscriber::fmt::MakeWriter;

/// How many lines, and how many bytes of them, wait now and at most.
#[derive(Debug)]
pub(super) struct Waiting {
    max_lines: usize,
    max_bytes: usize,
    lines: AtomicUsize,
    bytes: AtomicUsize,
}

impl Waiting {
    pub(super) fn new(max_lines: usize, max_bytes: usize) -> Arc<Self> {
        let (lines, bytes) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Arc::new(Self { max_lines, max_bytes, lines, bytes })
    }

    /// Counts a line in if there is room for it.
    fn admit(&self, bytes: usize) -> bool {
        let lines = self.lines.fetch_add(1, Relaxed) + 1;
        let all_bytes = self.bytes.fetch_add(bytes, Relaxed) + bytes;
        let has_room = lines <= self.max_lines && all_bytes <= self.max_bytes;
        if !has_room {
            self.count_out(bytes);
        }
        has_room
    }

    fn count_out(&self, bytes: usize) {
        self.lines.fetch_sub(1, Relaxed);
        self.bytes.fetch_sub(bytes, Relaxed);
    }
}

/// The entry of the queue, where a line for which there is no room is lost.
#[derive(Debug)]
pub(super) struct Entry<M>(pub(super) M, pub(super) Arc<Waiting>);

/// The exit of the queue.
#[derive(Debug)]
pub(super) struct Exit<W>(pub(super) W, pub(super) Arc<Waiting>);

/// Writes one line at the entry.
#[derive(Debug)]
pub(super) struct EntryWriter<'a, W>(W, &'a Waiting);

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for Entry<M> {
    type Writer = EntryWriter<'a, M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        EntryWriter(self.0.make_writer(), &self.1)
    }
}

impl<W: Write> Write for EntryWriter<'_, W> {
    fn write(&mut self, line: &[u8]) -> Result<usize> {
        if self.1.admit(line.len()) { self.0.write(line) } else { Ok(line.len()) }
    }

    fn flush(&mut self) -> Result<()> {
        self.0.flush()
    }
}

impl<W: Write> Write for Exit<W> {
    fn write(&mut self, line: &[u8]) -> Result<usize> {
        self.1.count_out(line.len());
        self.0.write_all(line).map(|()| line.len())
    }

    fn flush(&mut self) -> Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Writes lines of these lengths while nobody takes any; returns how many bytes wait.
    fn fill(max_lines: usize, max_bytes: usize, line_bytes: usize) -> usize {
        let waiting = Waiting::new(max_lines, max_bytes);
        let entry = Entry(Mutex::new(Vec::new()), Arc::clone(&waiting));
        for _ in 0..1000 {
            entry.make_writer().write_all(&vec![b'x'; line_bytes]).unwrap();
        }
        let queue = entry.0.into_inner().unwrap();
        assert_eq!(waiting.bytes.load(Relaxed), queue.len());
        let mut exit = Exit(Vec::new(), waiting);
        queue.chunks(line_bytes).for_each(|line| exit.write_all(line).unwrap());
        assert_eq!(exit.0, queue);
        assert_eq!((exit.1.lines.load(Relaxed), exit.1.bytes.load(Relaxed)), (0, 0));
        queue.len()
    }

    #[test]
    fn lines_wait_up_to_a_number_and_a_size() {
        assert_eq!(fill(100, 50_000, 200), 20_000, "short lines are bounded in number");
        assert_eq!(fill(100, 50_000, 5000), 50_000, "long lines in bytes");
        assert_eq!(fill(100, usize::MAX, 5000), 500_000, "which is what holds them");
    }
}
