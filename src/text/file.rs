//! Reads text files that somebody names: regular files of a bounded size, whatever they say they are.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use anyhow::{bail, ensure};

/// How many bytes are read at once.
const BUFFER_BYTES: usize = 16 * 1024;

/// Reads a regular file of at most `limit_bytes` bytes, through symbolic links. The error says what is wrong
/// with "it"; the caller names the file.
pub(crate) fn read_file(path: &Path, limit_bytes: u64) -> anyhow::Result<String> {
    // opening a device may do something, so that its kind is asked for before, too
    check_kind(&std::fs::metadata(path)?, limit_bytes)?;
    let mut file = open(path)?;
    check_kind(&file.metadata()?, limit_bytes)?;
    read_limited(&mut file, limit_bytes)
}

/// Opens a file without waiting, in case a pipe has taken its place.
#[cfg(unix)]
fn open(path: &Path) -> std::io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
}

/// Opens a file; the pipes of Windows are not among its files.
#[cfg(windows)]
fn open(path: &Path) -> std::io::Result<File> {
    File::open(path)
}

fn check_kind(metadata: &std::fs::Metadata, limit_bytes: u64) -> anyhow::Result<()> {
    if metadata.is_dir() {
        bail!("it is a directory; name a regular file of at most {limit_bytes} bytes");
    }
    ensure!(
        metadata.is_file(),
        "it is not a regular file; name one of at most {limit_bytes} bytes"
    );
    Ok(())
}

/// Reads text to the end or past the limit. The length is not asked for: a file may say 0 and never end, or grow.
pub(crate) fn read_limited(file: &mut dyn Read, limit_bytes: u64) -> anyhow::Result<String> {
    let (mut bytes, mut buffer) = (Vec::new(), [0; BUFFER_BYTES]);
    loop {
        // in whole buffers, since some files can be read in certain units only
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
        let is_within = bytes.len() as u64 <= limit_bytes;
        ensure!(is_within, "it has more than {limit_bytes} bytes, which is the limit");
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(_) => bail!("it is not UTF-8"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    const REGULAR: &str = "it is not a regular file; name one of at most 8 bytes";
    const DIRECTORY: &str = "it is a directory; name a regular file of at most 8 bytes";
    const LONG: &str = "it has more than 8 bytes, which is the limit";

    #[test]
    fn only_a_regular_file_of_bounded_size_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("whole"), "12345678").unwrap();
        fs::write(at("long"), "123456789").unwrap();
        fs::write(at("binary"), [0xff]).unwrap();
        fs::write(at("empty"), "").unwrap();
        mknodat(CWD, at("pipe"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        for (name, target) in [
            ("link", "whole"),
            ("zero", "/dev/zero"),
            // it says that it has no bytes
            ("endless", "/proc/self/pagemap"),
            ("folder", "/proc/self/fd"),
            ("gone", "nowhere"),
        ] {
            symlink(target, at(name)).unwrap();
        }
        for (name, expected) in [
            ("whole", Ok("12345678")),
            ("link", Ok("12345678")),
            ("empty", Ok("")),
            ("long", Err(LONG)),
            ("endless", Err(LONG)),
            ("binary", Err("it is not UTF-8")),
            ("zero", Err(REGULAR)),
            ("pipe", Err(REGULAR)),
            ("folder", Err(DIRECTORY)),
            ("gone", Err("No such file or directory (os error 2)")),
        ] {
            let read = read_file(&at(name), 8).map_err(|why| format!("{why:#}"));
            assert_eq!(read.as_deref().map_err(String::as_str), expected, "{name}");
        }
    }

    #[test]
    fn a_file_that_never_ends_is_read_to_the_limit_only() {
        /// Counts what is read of it.
        struct Endless<'c>(&'c mut u64);
        impl Read for Endless<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                buffer.fill(b'x');
                *self.0 += buffer.len() as u64;
                Ok(buffer.len())
            }
        }
        let mut read = 0;
        let error = read_limited(&mut Endless(&mut read), 1000).unwrap_err();
        assert_eq!(error.to_string(), "it has more than 1000 bytes, which is the limit");
        assert_eq!(read, BUFFER_BYTES as u64);
    }
}
