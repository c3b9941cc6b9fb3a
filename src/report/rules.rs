//! What a client can do wrong in one operation. Each rule is a function of the operation's calls.

use super::attempt::{Attempt, Moment};
use super::operation::{Operation, Retry};
use super::permanent::{WrongRepeat, wrong_repeats};
use super::rule::ClientRule;
use crate::text::{duration_us, plural};
use crate::vendor::FailureKind;

/// The longest gap before a retry that counts as none, in microseconds.
const NO_GAP_US: i64 = 50_000;
/// How many retries without a gap make a mistake.
const RETRIES_WITHOUT_GAP: usize = 2;
/// The most tries of one thing.
const MAX_TRIES: usize = 10;
/// The longest wait for an answer that does not come, in microseconds.
const MAX_WAIT_US: i64 = 60_000_000;
/// An answer within this time is to be waited for, in microseconds.
const SHORT_ANSWER_US: i64 = 2_000_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) rule: ClientRule,
    /// The calls that show it, by their number in the tenant, in their order.
    pub(super) requests: Vec<u64>,
    /// What was seen, in a sentence.
    pub(super) detail: String,
}

pub(super) fn judge(operation: &Operation, moment: Moment) -> Vec<Mistake> {
    let mistakes = [
        retried_permanent(operation),
        duplicate_after_unknown(operation),
        no_backoff(operation),
        ignored_retry_after(operation),
        retry_storm(operation),
        used_expired_token(operation),
        gave_up_on_transient(operation),
        never_timed_out(operation, moment),
        left_too_early(operation),
    ];
    mistakes.into_iter().flatten().collect()
}

fn retried_permanent(operation: &Operation) -> Option<Mistake> {
    let wrong = wrong_repeats(operation);
    if wrong.is_empty() {
        return None;
    }
    let repeats = distinct(wrong.iter().map(|WrongRepeat { repeat, .. }| repeat.seq));
    let mut answers = Vec::new();
    for WrongRepeat { refused, .. } in &wrong {
        let answer = refused.describe();
        if !answers.contains(&answer) {
            answers.push(answer);
        }
    }
    let (again, answers) = (times(repeats.len()), answers.join(" and "));
    let detail = format!("the same request was sent again {again} after {answers}");
    let requests = wrong.iter().flat_map(|WrongRepeat { refused, repeat }| [*refused, *repeat]);
    Some(mistake(ClientRule::RetriedPermanent, requests, detail))
}

fn duplicate_after_unknown(operation: &Operation) -> Option<Mistake> {
    let id = operation.own_ids.first()?;
    let (index, first) = unknown_success(operation)?;
    let is_another = |attempt: &&Attempt| {
        let own_id = attempt.request.own_id;
        // without one the vendor makes one up
        attempt.committed
            && (own_id.is_none() || own_id != first.request.own_id)
            && first.may_be_followed_at(attempt.received_us)
    };
    let others: Vec<_> = operation.attempts[index + 1..].iter().filter(is_another).collect();
    if others.is_empty() {
        return None;
    }
    let what = if others.len() == 1 { "a second one" } else { "more" };
    let detail = format!(
        "the first call was done, though the client saw {}; a later one made {what} under another {id}",
        first.describe_seen()
    );
    let requests = std::iter::once(first).chain(others);
    Some(mistake(ClientRule::DuplicateAfterUnknown, requests, detail))
}

/// The place of the first call whose change was made without its client knowing, and the call.
pub(super) fn unknown_success(operation: &Operation) -> Option<(usize, &Attempt)> {
    let mut attempts = operation.attempts.iter().enumerate();
    attempts.find(|(_, attempt)| {
        attempt.committed && attempt.ended_us.is_some() && !attempt.is_success()
    })
}

fn no_backoff(operation: &Operation) -> Option<Mistake> {
    let hasty: Vec<_> =
        retries_of_transient(operation).filter(|retry| retry.gap_us <= NO_GAP_US).collect();
    if hasty.len() < RETRIES_WITHOUT_GAP {
        return None;
    }
    let longest = hasty.iter().map(|retry| retry.gap_us).max().unwrap_or_default();
    let detail = format!(
        "{} within {} of the failure before",
        plural(hasty.len(), "retry"),
        duration_us(longest)
    );
    let requests = hasty.iter().flat_map(|retry| [retry.failed, retry.retry]);
    Some(mistake(ClientRule::NoBackoff, requests, detail))
}

/// The retries after a failure that may pass, if the client saw it at once.
pub(super) fn retries_of_transient(operation: &Operation) -> impl Iterator<Item = Retry<'_>> {
    operation.retries().filter(|Retry { failed, .. }| {
        let passes =
            matches!(failed.outcome.failure, Some(FailureKind::Transient | FailureKind::Unclear));
        passes && !failed.client_left()
    })
}

fn ignored_retry_after(operation: &Operation) -> Option<Mistake> {
    let is_too_early = |retry: &Retry| retry.is_too_early() == Some(true);
    let early: Vec<_> = operation.retries().filter(is_too_early).collect();
    let Retry { failed, gap_us, .. } = early.first()?;
    let asked_us = failed.retry_from_us?.saturating_sub(failed.ended_us?);
    let detail = format!(
        "tried again after {}, though {} asked to wait {}",
        duration_us(*gap_us),
        failed.describe(),
        duration_us(asked_us)
    );
    let requests = early.iter().flat_map(|retry| [retry.failed, retry.retry]);
    Some(mistake(ClientRule::IgnoredRetryAfter, requests, detail))
}

fn retry_storm(operation: &Operation) -> Option<Mistake> {
    let tries = operation.attempts.len();
    if tries <= MAX_TRIES {
        return None;
    }
    let (first, last) = (operation.attempts.first()?, operation.attempts.last()?);
    let over = duration_us(last.received_us.saturating_sub(first.received_us));
    let detail = format!("{tries} tries of the same thing within {over}");
    Some(mistake(ClientRule::RetryStorm, &operation.attempts, detail))
}

fn used_expired_token(operation: &Operation) -> Option<Mistake> {
    let used: Vec<_> =
        operation.attempts.iter().filter(|attempt| attempt.after_expiry.is_some()).collect();
    let refused = used.first()?.after_expiry?;
    let again = times(used.len());
    let detail = format!("a token that was refused as expired was used again {again}");
    let mut mistake = mistake(ClientRule::UsedExpiredToken, used, detail);
    mistake.requests.insert(0, refused);
    mistake.requests.dedup();
    Some(mistake)
}

/// The last answer is one that may pass, and nothing came after it. Who has stormed was right to stop, and so was
/// who got a success at the same time.
fn gave_up_on_transient(operation: &Operation) -> Option<Mistake> {
    let (last, tries) = (operation.attempts.last()?, operation.attempts.len());
    let is_over = operation.attempts.iter().all(|attempt| attempt.ended_us.is_some());
    let is_open_or_left = !is_over || last.client_left() || tries > MAX_TRIES;
    let has_succeeded = operation.attempts.iter().any(Attempt::is_success);
    if is_open_or_left || has_succeeded || last.outcome.failure != Some(FailureKind::Transient) {
        return None;
    }
    let detail = match tries {
        1 => format!("never tried again after {}", last.describe()),
        tries => format!("not tried again after {tries} tries, the last with {}", last.describe()),
    };
    Some(mistake(ClientRule::GaveUpOnTransient, [last], detail))
}

fn never_timed_out(operation: &Operation, moment: Moment) -> Option<Mistake> {
    let waited = |attempt: &Attempt| {
        let until = attempt.ended_us.unwrap_or(moment.now_us);
        until.saturating_sub(attempt.received_us)
    };
    let is_endless = |attempt: &&Attempt| {
        let ended_by_server = attempt.ended_us.is_none() && moment.server_ends;
        attempt.outcome.failure == Some(FailureKind::Silence)
            && (ended_by_server || waited(attempt) > MAX_WAIT_US)
    };
    let endless: Vec<_> = operation.attempts.iter().filter(is_endless).collect();
    let first = endless.first()?;
    let end = match (first.ended_us, moment.server_ends) {
        (Some(_), _) => "",
        (None, false) => " and still waits",
        (None, true) => ", until the server ended the call",
    };
    let waited = duration_us(waited(first));
    let detail = format!("waited {waited} for an answer that never came{end}");
    Some(mistake(ClientRule::NeverTimedOut, endless, detail))
}

fn left_too_early(operation: &Operation) -> Option<Mistake> {
    let stayed = |attempt: &Attempt| {
        attempt.ended_us.unwrap_or(i64::MAX).saturating_sub(attempt.received_us)
    };
    let is_early = |attempt: &&Attempt| {
        // a fault has no answer, nor has a call that is held
        attempt.client_left()
            && attempt.status.is_some()
            && attempt.delay_us < SHORT_ANSWER_US
            && stayed(attempt) < SHORT_ANSWER_US
    };
    let early: Vec<_> = operation.attempts.iter().filter(is_early).collect();
    let first = early.first()?;
    let (after, takes) = (duration_us(stayed(first)), duration_us(first.delay_us));
    let detail = format!("left after {after}, before an answer that takes {takes}");
    Some(mistake(ClientRule::LeftTooEarly, early, detail))
}

fn mistake<'a>(
    rule: ClientRule,
    attempts: impl IntoIterator<Item = &'a Attempt>,
    detail: String,
) -> Mistake {
    let requests = distinct(attempts.into_iter().map(|attempt| attempt.seq));
    Mistake { rule, requests, detail }
}

/// Returns numbers in order, each once.
pub(super) fn distinct(numbers: impl IntoIterator<Item = u64>) -> Vec<u64> {
    let mut numbers: Vec<_> = numbers.into_iter().collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// `once`, `3 times`.
fn times(count: usize) -> String {
    if count == 1 { "once".to_owned() } else { plural(count, "time") }
}
