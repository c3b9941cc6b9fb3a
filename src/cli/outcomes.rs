//! `outcomes`: the list of outcomes.

use super::Failure;
use super::client::{print, to_json_pretty};
use crate::admin::outcomes;
use crate::scenario::ForcedOutcome;
use crate::text::append;

const HOW_TO_FORCE: &str = "
To force one, for example server-error:
  for one call      header X-Sandbox-Scenario: server-error
  by the base URL   http://127.0.0.1:4368/~server-error/api/thirdparty/group/create
  by the body       the word sandbox:server-error in group.tags or group.name
  by the token      Authorization: Bearer gnsb_demo.server-error
  for a tenant      genuin-sandbox override set server-error --tenant demo
  for every call    genuin-sandbox --scenario server-error
A line combines several: \"2x500, 5026, ok*\" · \"500@30%\" · \"ok+800ms\" · \"reset/after-commit\"";

pub(super) fn run(json: bool) -> Result<(), Failure> {
    print(&if json { to_json_pretty(&outcomes::all()) } else { as_table() })
}

fn as_table() -> String {
    let rows = ForcedOutcome::all().map(|outcome| {
        let status = match outcome.status() {
            Some(status) => status.to_string(),
            None if outcome.is_hold() => "waits".to_owned(),
            None => "fault".to_owned(),
        };
        let provenance = outcome.provenance().to_string();
        let cells = [outcome.name().to_owned(), status, outcome.aliases().join(" "), provenance];
        (cells, outcome.describe())
    });
    let rows: Vec<_> = rows.collect();
    let widths: [usize; 4] = std::array::from_fn(|column| {
        rows.iter().map(|(cells, _)| cells[column].len()).max().unwrap_or(0)
    });
    let mut text = String::new();
    for (cells, description) in &rows {
        for (cell, width) in cells.iter().zip(widths) {
            append!(text, "{cell:width$}  ");
        }
        append!(text, "{description}\n");
    }
    text + HOW_TO_FORCE
}
