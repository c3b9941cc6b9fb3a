//! Files that commands write. `-` is the standard output, where that is the command's own.

use std::fs;
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

/// Writes a text and a final line break to a file, which is overwritten.
pub(super) fn write(file: &Path, text: String) -> anyhow::Result<()> {
    fs::write(file, text + "\n").with_context(|| cannot_write(file))
}

/// Writes a text to a file in the same way, or prints it.
pub(super) fn write_or_print(file: &Path, text: String) -> Result<(), Failure> {
    if file == Path::new(STDOUT) {
        return stdout::print(&text);
    }
    write(file, text).map_err(|why| Failure::new(USAGE, why))
}

fn cannot_write(file: &Path) -> String {
    format!("cannot write {}", file.display())
}
