//! The admin token, from a flag, a variable or the file that a variable names.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;

use super::environment;
use crate::text;

/// The longest token file, in bytes. A longer token would not fit into the head of a request.
const MAX_FILE_BYTES: u64 = 8 * 1024;

#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct AdminToken {
    /// The admin token, if the sandbox requires one
    #[arg(long, env = "GNSB_ADMIN_TOKEN", value_name = "TOKEN")]
    admin_token: Option<String>,
    /// A file that holds the token (environment variable only)
    #[arg(long, hide = true, env = "GNSB_ADMIN_TOKEN_FILE", value_name = "FILE")]
    admin_token_file: Option<PathBuf>,
}

impl AdminToken {
    /// The file that holds the token, if one is named.
    pub(super) fn file(&self) -> Option<&PathBuf> {
        self.admin_token_file.as_ref()
    }

    /// Reads the token, which must fit into a header.
    pub(super) fn read(&self) -> anyhow::Result<Option<String>> {
        let (token, origin) = match (&self.admin_token, &self.admin_token_file) {
            (Some(token), _) => {
                (token.clone(), environment::origin("--admin-token", "GNSB_ADMIN_TOKEN").to_owned())
            }
            (None, Some(file)) => {
                let origin = format!("GNSB_ADMIN_TOKEN_FILE: {}", file.display());
                let text = text::read_file(file, MAX_FILE_BYTES).with_context(|| {
                    let file = file.display();
                    format!("GNSB_ADMIN_TOKEN_FILE: cannot read the admin token from {file}")
                })?;
                (text.trim().to_owned(), origin)
            }
            (None, None) => return Ok(None),
        };
        if token.is_empty() {
            bail!("{origin} is empty; set a token of visible ASCII, or unset it to have none");
        }
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            bail!("{origin}: the admin token must be visible ASCII without spaces");
        }
        Ok(Some(token))
    }
}
