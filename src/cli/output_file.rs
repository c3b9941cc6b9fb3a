//! Files that commands write. `-` is the standard output, where that is the command's own.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::{Context as _, ensure};

use super::{Failure, USAGE, stdout};

/// What stands for the standard output in place of a file.
const STDOUT: &str = "-";

/// Fails if the file cannot be written, before anything else is done.
pub(super) fn check(file: &Path) -> anyhow::Result<()> {
    let opened = fs::OpenOptions::new().append(true).create(true).open(file);
    opened.map(drop).with_context(|| cannot_write(file))
}

/// Fails if the standard output is named where it is another's, as `owner` says.
pub(super) fn refuse_stdout(file: &Path, owner: &str) -> anyhow::Result<()> {
    ensure!(file != Path::new(STDOUT), "- is the standard output, {owner}; name a file");
    Ok(())
}

/// Writes a file and a final line break; what was in it is overwritten.
pub(super) fn write(
    file: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> anyhow::Result<()> {
    let written = File::create(file).and_then(|file| write_to(file, content));
    written.with_context(|| cannot_write(file))
}

/// Writes a file in the same way, or the standard output.
pub(super) fn write_or_print(
    file: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    if file == Path::new(STDOUT) {
        return stdout::printed(write_to(io::stdout().lock(), content));
    }
    write(file, content).map_err(|why| Failure::new(USAGE, why))
}

fn write_to(
    to: impl Write,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut to = BufWriter::new(to);
    content(&mut to)?;
    to.write_all(b"\n")?;
    to.flush()
}

/// Removes a file of which only a part was written.
pub(super) fn discard(file: &Path) {
    if fs::metadata(file).is_ok_and(|it| it.is_file()) {
        // what matters more is reported already
        let _ = fs::remove_file(file);
    }
}

fn cannot_write(file: &Path) -> String {
    format!("cannot write {}", file.display())
}
