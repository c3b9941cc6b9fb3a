//! A writer that gathers lines, so that a busy server costs few writes.

use std::io::{Result, Write};
use std::time::Duration;

/// How many bytes are gathered at most.
const MAX_BYTES: usize = 64 * 1024;

/// How long lines are gathered for. Without it, a server on one CPU would wake the writing thread and
/// make a system call for each call that it answers.
const PAUSE: Duration = Duration::from_millis(2);

/// Gathers what is written until it is flushed, and pauses after each flush, while more lines wait for
/// it. What cannot be written is lost, since a log must not stop a server.
#[derive(Debug)]
pub(super) struct Batched<W: Write> {
    inner: W,
    gathered: Vec<u8>,
}

impl<W: Write> Batched<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, gathered: Vec::new() }
    }

    fn write_gathered(&mut self) {
        // an error says that the log is full or closed
        let _ = self.inner.write_all(&self.gathered).and_then(|()| self.inner.flush());
        self.gathered.clear();
    }
}

impl<W: Write> Write for Batched<W> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        if self.gathered.len() + bytes.len() > MAX_BYTES {
            self.write_gathered();
        }
        self.gathered.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        if !self.gathered.is_empty() {
            self.write_gathered();
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keeps each write apart; the first one fails.
    #[derive(Default)]
    struct Writes {
        failed: bool,
        done: Vec<Vec<u8>>,
    }

    impl Write for &mut Writes {
        fn write(&mut self, bytes: &[u8]) -> Result<usize> {
            if !std::mem::replace(&mut self.failed, true) {
                return Err(std::io::ErrorKind::BrokenPipe.into());
            }
            self.done.push(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_between_two_flushes_are_one_write_and_none_is_an_error() {
        let mut writes = Writes::default();
        let mut log = Batched::new(&mut writes);
        for text in ["lost", "a\n", "b\n"] {
            log.write_all(text.as_bytes()).unwrap();
            if text != "a\n" {
                log.flush().unwrap();
            }
        }
        let full = vec![b'x'; MAX_BYTES - 1];
        log.write_all(b"c\n").unwrap();
        log.write_all(&full).unwrap();
        log.flush().unwrap();
        log.flush().unwrap();
        assert_eq!(writes.done, [b"a\nb\n".to_vec(), b"c\n".to_vec(), full]);
    }
}
