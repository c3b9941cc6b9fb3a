//! `normal`: whether anything can affect the next call of a tenant.

use super::answer_status::describe_status;
use super::client::SandboxTarget;
use super::{Failure, UNMET};
use crate::admin::normal::{Cause, ChoosingCaller, LastCall, NextCall, NormalReply};
use crate::text::{append, plural};

pub(super) fn run(target: &SandboxTarget) -> Result<(), Failure> {
    let reply: NormalReply = target.get(&target.tenant_path("normal"))?;
    target.show(&reply, |reply| describe(target, reply))?;
    if reply.normal { Ok(()) } else { Err(Failure::reported(UNMET)) }
}

fn describe(target: &SandboxTarget, reply: &NormalReply) -> String {
    let tenant = &target.tenant;
    let mut text = match reply.because.len() {
        0 => format!("{tenant} is normal"),
        count => format!("{tenant} is not normal, for {}:", plural(count, "reason")),
    };
    let mut write = |line: String| {
        append!(text, "\n{line}");
    };
    for cause in &reply.because {
        write(format!("  {}: {}{}", cause.what, cause.detail, undo(target, cause)));
    }
    let NextCall { outcome, status, selector } = &reply.next;
    let status = describe_status(*status);
    write(format!("next: a valid Create Group gets {outcome} ({status}), chosen by {selector}"));
    write(match &reply.last {
        None => "last: no call yet".to_owned(),
        Some(LastCall { outcome, status, selector, seconds_ago }) => {
            let (status, ago) = (describe_status(*status), plural(*seconds_ago, "second"));
            format!("last: {outcome} ({status}), chosen by {selector}, {ago} ago")
        }
    });
    if !reply.choosing.is_empty() {
        write("these have chosen for their own calls in the last 10 minutes:".to_owned());
    }
    for ChoosingCaller { selector, scenario, user_agent, calls, .. } in &reply.choosing {
        let (calls, scenario) = (plural(*calls, "call"), scenario.as_deref().unwrap_or("unknown"));
        let caller = user_agent.as_deref().unwrap_or("no user agent");
        write(format!("  {scenario} by {selector}: {calls} of {caller}"));
    }
    text
}

/// Says what undoes a cause, if a command does.
fn undo(target: &SandboxTarget, cause: &Cause) -> String {
    let tenant = &target.tenant;
    let command = match cause.what.as_str() {
        "override" => format!("override clear --tenant {tenant}"),
        "override-for-all" => "override clear --tenant '*'".to_owned(),
        "clock" => format!("clock resume --tenant {tenant}"),
        // its detail ends with the command
        "held" => return target.url_option(),
        _ => return String::new(),
    };
    format!("; to end this: {}", target.command(&command))
}
