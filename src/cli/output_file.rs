//! Files that commands write. `-` is the standard output, where that is the command's own.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};

use super::{Failure, USAGE, stdout};

/// What stands for the standard output in place of a file.
const STDOUT: &str = "-";

/// Fails if a file cannot be written, before anything else is done.
pub(super) fn check(file: &Path) -> anyhow::Result<()> {
    let opened = fs::OpenOptions::new().append(true).create(true).open(file);
    opened.map(drop).with_context(|| cannot_write(file))
}

/// Fails if two of the files are one, by the options that name them; the standard output, devices and pipes
/// may be named twice.
pub(super) fn refuse_same<'f>(
    files: impl IntoIterator<Item = (&'static str, Option<&'f PathBuf>)>,
) -> anyhow::Result<()> {
    let mut known: Vec<(&str, PathBuf)> = Vec::new();
    for (option, file) in files {
        let Some(file) = file.filter(|file| is_replaced(file)) else { continue };
        let path = whole_path(file);
        if let Some((other, _)) = known.iter().find(|(_, known)| *known == path) {
            bail!("{other} and {option} name the same file {}; name two", file.display());
        }
        known.push((option, path));
    }
    Ok(())
}

/// Removes a file of an earlier run, which nobody shall take for the result of this one. Where it cannot be
/// removed it is emptied.
pub(super) fn remove_old(file: &Path) -> anyhow::Result<()> {
    if !is_replaced(file) {
        return Ok(());
    }
    let removed = match fs::symlink_metadata(file) {
        // what is behind a link, such as /dev/stdout, may be open elsewhere
        Ok(it) if it.is_symlink() => false,
        // it fails where the folder cannot be written
        _ => fs::remove_file(file).is_ok(),
    };
    if removed {
        return Ok(());
    }
    File::create(file).map(drop).with_context(|| cannot_write(file))
}

/// Whether what is written replaces what was there, as in a regular file or in none.
fn is_replaced(file: &Path) -> bool {
    file != Path::new(STDOUT) && fs::metadata(file).map_or(true, |it| it.is_file())
}

/// The path of a file without links and dots, also if there is no such file yet.
fn whole_path(file: &Path) -> PathBuf {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let in_folder = || {
        let folder = fs::canonicalize(folder.unwrap_or(Path::new("."))).ok()?;
        Some(folder.join(file.file_name()?))
    };
    fs::canonicalize(file).ok().or_else(in_folder).unwrap_or_else(|| file.to_owned())
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
    // what matters more is reported already
    let _ = remove_old(file);
}

fn cannot_write(file: &Path) -> String {
    format!("cannot write {}", file.display())
}
