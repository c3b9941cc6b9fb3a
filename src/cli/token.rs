//! The admin token, from a flag, a variable or the file that a variable names.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;

use super::environment;
use crate::text;

/// The longest token file, in bytes. A longer token would not fit into the head of a request.
const MAX_FILE_BYTES: u64 = 8 * 1024;

const FLAG: &str = "--admin-token";
const VARIABLE: &str = "GNSB_ADMIN_TOKEN";
const FILE_VARIABLE: &str = "GNSB_ADMIN_TOKEN_FILE";

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
    pub(super) fn file(&self) -> Option<&PathBuf> {
        self.admin_token_file.as_ref()
    }

    /// Checks the token that variables give, also for commands that need none: what they start or ask for
    /// next would be refused for it.
    pub(super) fn check_variables(arguments: &[OsString]) -> anyhow::Result<()> {
        if environment::is_typed(FLAG, arguments) {
            return Ok(());
        }
        let admin_token = std::env::var_os(VARIABLE).map(|it| it.to_string_lossy().into_owned());
        let file = std::env::var_os(FILE_VARIABLE).filter(|file| !file.is_empty());
        Self { admin_token, admin_token_file: file.map(Into::into) }.read().map(drop)
    }

    /// Reads the token, which must fit into a header. The flag wins over both variables.
    pub(super) fn read(&self) -> anyhow::Result<Option<String>> {
        let origin = environment::origin(FLAG, VARIABLE);
        let (token, origin) = match (&self.admin_token, &self.admin_token_file) {
            (Some(token), Some(_)) if origin == VARIABLE && !token.is_empty() => {
                bail!("{VARIABLE} and {FILE_VARIABLE} are both set; unset one of them");
            }
            (Some(token), _) => (token.clone(), origin.to_owned()),
            (None, Some(file)) => {
                let origin = format!("{FILE_VARIABLE}: {}", file.display());
                let text = text::read_file(file, MAX_FILE_BYTES).with_context(|| {
                    let file = file.display();
                    format!("{FILE_VARIABLE}: cannot read the admin token from {file}")
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
