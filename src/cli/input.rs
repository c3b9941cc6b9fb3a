//! Arguments that give a text, or name what it is read from: `@FILE`, or `-` for the standard input.

use std::path::Path;

use anyhow::{Context as _, bail};

use crate::text::{read_file, read_limited};

/// What stands for the standard input in place of a text or a file.
pub(super) const STDIN: &str = "-";

/// How the standard input is called in messages.
pub(super) const STDIN_NAME: &str = "<stdin>";

/// The longest text that is read, in bytes: the limit of a call and of a scenario file.
const MAX_BYTES: u64 = 1024 * 1024;

/// A text and where it is from; `None` if it is the argument itself.
pub(super) struct Input {
    pub(super) text: String,
    pub(super) file: Option<String>,
}

/// Reads what an argument gives or names; `what` is what the error says was to be read.
pub(super) fn read(argument: &str, what: &str) -> anyhow::Result<Input> {
    let (text, file) = match argument.strip_prefix('@') {
        None if argument != STDIN => {
            return Ok(Input { text: argument.to_owned(), file: None });
        }
        Some("") => bail!("@ names no file to read {what} from; write @FILE"),
        None | Some(STDIN) => (read_stdin(), STDIN_NAME),
        Some(file) => (read_file(Path::new(file), MAX_BYTES), file),
    };
    let text = text.with_context(|| format!("cannot read {what} from {file}"))?;
    Ok(Input { text, file: Some(file.to_owned()) })
}

pub(super) fn read_stdin() -> anyhow::Result<String> {
    read_limited(&mut std::io::stdin().lock(), MAX_BYTES)
}
