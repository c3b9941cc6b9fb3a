//! Says where the calls are whose token names no tenant: calls that a user does not find were most often sent with a
//! wrong token.

use std::io::Write as _;

use super::Failure;
use super::client::{SandboxTarget, Texts, path_of, query};
use crate::admin::requests::RequestPage;
use crate::switches::SwitchTarget;
use crate::text::plural;
use crate::world::TenantName;

/// Prints a note on stderr if the tenant has no calls after a cursor, but there are some without an accepted
/// token.
pub(super) fn note(target: &SandboxTarget, since: Option<&str>) {
    // it is only a note: what was asked for is printed already
    if let Ok(Some(note)) = note_text(target, since) {
        let _ = writeln!(std::io::stderr(), "{note}");
    }
}

fn note_text(target: &SandboxTarget, since: Option<&str>) -> Result<Option<String>, Failure> {
    let anonymous = TenantName::anonymous();
    let anonymous = anonymous.as_str();
    if [anonymous, SwitchTarget::ALL_TENANTS].contains(&target.tenant.as_str()) {
        return Ok(None);
    }
    // reads one call, the newest (`last`) or the oldest (`limit`), and returns its number
    let number = |tenant: &str, end| -> Result<Option<u64>, Failure> {
        let query = query([(end, Some("1".to_owned())), ("since", since.map(str::to_owned))]);
        let path = path_of(tenant, &format!("requests?{query}"));
        let page: RequestPage = target.get_as(&path, Texts::Escaped)?;
        Ok(page.requests.first().map(|call| call.seq))
    };
    if number(&target.tenant, "last")?.is_some() {
        return Ok(None);
    }
    let numbers = number(anonymous, "last")?.zip(number(anonymous, "limit")?);
    Ok(numbers.map(|(newest, oldest)| {
        // no number is left out between them
        let calls = newest.saturating_sub(oldest) + 1;
        let verb = if calls == 1 { "is" } else { "are" };
        let command = target.command(&format!("requests --tenant {anonymous}"));
        format!(
            "{} without an accepted token {verb} in {anonymous}: {command}",
            plural(calls, "call")
        )
    }))
}
