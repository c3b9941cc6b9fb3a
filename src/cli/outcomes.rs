//! `outcomes`: the catalogue.

use std::io::Write as _;

use clap::Args;
use serde_json::json;

use super::{Failure, USAGE};
use crate::scenario::Forced;

#[derive(Debug, Args)]
pub struct Options {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Prints every outcome.
pub fn run(options: &Options) -> Result<(), Failure> {
    let text = if options.json { as_json() } else { as_table() };
    std::io::stdout()
        .write_all(text.as_bytes())
        .map_err(|error| Failure::new(USAGE, anyhow::anyhow!("cannot print: {error}")))
}

fn as_json() -> String {
    let outcomes: Vec<_> = Forced::all().map(Forced::to_json).collect();
    format!("{:#}\n", json!({"outcomes": outcomes}))
}

fn as_table() -> String {
    let mut text = String::new();
    for forced in Forced::all() {
        let status =
            forced.status().map_or_else(|| "fault".to_owned(), |status| status.to_string());
        let aliases: Vec<_> = forced.aliases().collect();
        let line = format!(
            "{:21} {:5}  {:10}  {:10}  {}\n",
            forced.name(),
            status,
            aliases.join(" "),
            forced.provenance().to_string(),
            forced.describe()
        );
        text.push_str(&line);
    }
    text.push_str(
        "\nTo force one, for example server-error:\n\
         \x20 for one call      header X-Sandbox-Scenario: server-error\n\
         \x20 by the base URL   http://127.0.0.1:4368/~server-error/api/thirdparty/group/create\n\
         \x20 by the body       the word sandbox:server-error in group.tags or group.name\n\
         \x20 by the token      Authorization: Bearer gnsb_demo.server-error\n\
         \x20 for every call    genuin-sandbox --scenario server-error\n\
         A line does more: \"2x500, 5026, ok*\" · \"500@30%\" · \"ok+800ms\" · \"reset/after-commit\"\n",
    );
    text
}
