//! Prints to stdout, whose reader may leave at any time, as in `… | head`.

use std::io::{ErrorKind, Write as _};

use anyhow::anyhow;
#[cfg(unix)]
use rustix::event::{PollFd, PollFlags, poll};

use super::{Failure, USAGE};

/// Prints a line. It counts as printed when its reader has left.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    printed(writeln!(std::io::stdout(), "{text}"))
}

/// What it means that the standard output was written so far.
pub(super) fn printed(written: std::io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(USAGE, anyhow!("cannot print: {error}")))
        }
        _ => Ok(()),
    }
}

/// Ends this process with code 0 as soon as nobody reads its output any more, for a command that may
/// print nothing for a long time.
#[cfg(unix)]
pub(super) fn end_with_reader() -> std::io::Result<()> {
    std::thread::Builder::new().name("stdout".into()).spawn(|| {
        let stdout = std::io::stdout();
        // no event is asked for: errors and a closed reader are reported anyway
        let mut watched = [PollFd::new(&stdout, PollFlags::empty())];
        while let Ok(_) | Err(rustix::io::Errno::INTR) = poll(&mut watched, None) {
            if watched[0].revents().intersects(PollFlags::ERR | PollFlags::HUP) {
                std::process::exit(0);
            }
        }
    })?;
    Ok(())
}

/// Does nothing: Windows does not say when the reader of a pipe leaves, so that the command ends with the
/// server or with Ctrl-C.
#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "as elsewhere")]
pub(super) fn end_with_reader() -> std::io::Result<()> {
    Ok(())
}
