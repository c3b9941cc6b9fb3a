//! Files that commands write.

use std::fs;
use std::path::Path;

use anyhow::Context as _;

/// Fails if the file cannot be written, before anything else is done.
pub(super) fn check(file: &Path) -> anyhow::Result<()> {
    let opened = fs::OpenOptions::new().append(true).create(true).open(file);
    opened.map(drop).with_context(|| cannot_write(file))
}

/// Writes a text and a final line break to a file, which is overwritten.
pub(super) fn write(file: &Path, text: String) -> anyhow::Result<()> {
    fs::write(file, text + "\n").with_context(|| cannot_write(file))
}

fn cannot_write(file: &Path) -> String {
    format!("cannot write {}", file.display())
}
