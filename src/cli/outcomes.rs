//! `outcomes`: the list of outcomes.

use super::Failure;
use super::client::{print, to_json_pretty};
use crate::admin::outcomes;
use crate::scenario::ForcedOutcome;

/// How to force an outcome.
const HOW_TO_FORCE: &str = "
To force one, for example server-error:
  for one call      header X-Sandbox-Scenario: server-error
  by the base URL   http://127.0.0.1:4368/~server-error/api/thirdparty/group/create
  by the body       the word sandbox:server-error in group.tags or group.name
  by the token      Authorization: Bearer gnsb_demo.server-error
  for every call    genuin-sandbox --scenario server-error
A line combines several: \"2x500, 5026, ok*\" · \"500@30%\" · \"ok+800ms\" · \"reset/after-commit\"";

pub(super) fn run(json: bool) -> Result<(), Failure> {
    print(&if json { to_json_pretty(&outcomes::all()) } else { as_table() })
}

fn as_table() -> String {
    let lines = ForcedOutcome::all().map(|outcome| {
        let status = match outcome.status() {
            Some(status) => status.to_string(),
            None if outcome.is_hold() => "waits".to_owned(),
            None => "fault".to_owned(),
        };
        format!(
            "{:21} {status:5}  {:10}  {:10}  {}\n",
            outcome.name(),
            outcome.aliases().join(" "),
            outcome.provenance().to_string(),
            outcome.describe()
        )
    });
    lines.chain([HOW_TO_FORCE.to_owned()]).collect()
}
