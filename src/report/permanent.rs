//! Which requests came again after an answer that is final, and which of them were wrong to.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::iter;

use super::attempt::Attempt;
use super::operation::Operation;
use crate::vendor::FailureKind;

/// A request that came again after a final answer, and should not have.
#[derive(Debug, Clone, Copy)]
pub(super) struct WrongRepeat<'o> {
    pub(super) refused: &'o Attempt,
    pub(super) repeat: &'o Attempt,
}

/// What must not be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Refused {
    Request,
    /// The request with this token.
    Token(Option<u32>),
}

/// The answers after which a repeat is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct RefusalKey {
    request: u64,
    refused: Refused,
    /// Why the sandbox refused the request of itself: a repeat is wrong if that is why it is refused too, since
    /// what is missing may have been made meanwhile. `None` for an answer that a scenario forced: only the answer
    /// told the client, and a repeat is wrong whatever comes of it.
    reason: Option<u64>,
}

/// Answers of one key, by their places in the operation.
#[derive(Debug, Default)]
struct Refusals {
    /// Those that no request has followed yet, the first to end on top.
    unrepeated: BinaryHeap<Reverse<(i64, usize)>>,
    /// The last one of the others, with its end.
    repeated: Option<(i64, usize)>,
}

impl Refusals {
    /// Returns the answers after which a request comes again: all that no request has followed yet, else the one
    /// before it.
    fn repeated_at(&mut self, received_us: i64) -> Vec<usize> {
        let mut places = Vec::new();
        while let Some(Reverse((ended_us, place))) = self.unrepeated.peek().copied()
            && ended_us <= received_us
        {
            self.unrepeated.pop();
            self.repeated = Some((ended_us, place));
            places.push(place);
        }
        if places.is_empty() {
            let before = self.repeated.filter(|(ended_us, _)| *ended_us <= received_us);
            places.extend(before.map(|(_, place)| place));
        }
        places
    }
}

/// Finds the wrong repeats of an operation, in the order of the repeats. Each final answer that was wrongly
/// repeated is in at least one.
pub(super) fn wrong_repeats(operation: &Operation) -> Vec<WrongRepeat<'_>> {
    let attempts = &operation.attempts;
    let mut refusals: HashMap<RefusalKey, Refusals> = HashMap::new();
    let mut repeats = Vec::new();
    for (place, attempt) in attempts.iter().enumerate() {
        for reason in iter::once(None).chain(attempt.reason.map(Some)) {
            for refused in [Refused::Request, Refused::Token(attempt.token)] {
                let key = RefusalKey { request: attempt.request.exact, refused, reason };
                let Some(known) = refusals.get_mut(&key) else { continue };
                let places = known.repeated_at(attempt.received_us).into_iter();
                repeats.extend(
                    places.map(|at| WrongRepeat { refused: &attempts[at], repeat: attempt }),
                );
            }
        }
        if let Some(refused) = refused_for_good(attempt)
            && let Some(ended_us) = attempt.ended_us
        {
            let (request, reason) = (attempt.request.exact, attempt.reason);
            let of_key = refusals.entry(RefusalKey { request, refused, reason }).or_default();
            of_key.unrepeated.push(Reverse((ended_us, place)));
        }
    }
    repeats
}

/// What the answer of a call refuses for good, if the client got such an answer.
fn refused_for_good(attempt: &Attempt) -> Option<Refused> {
    match attempt.outcome.failure {
        _ if !attempt.is_delivered() => None,
        Some(FailureKind::Permanent) => Some(Refused::Request),
        // another rule is about expired tokens
        Some(FailureKind::Token) => (!attempt.is_expired).then_some(Refused::Token(attempt.token)),
        Some(FailureKind::Transient | FailureKind::Unclear | FailureKind::Silence) | None => None,
    }
}

/// Finds the calls whose answer is final and whose request did not come again after it.
pub(super) fn left_alone(operation: &Operation) -> Vec<&Attempt> {
    let refused = operation.attempts.iter().filter(|attempt| refused_for_good(attempt).is_some());
    if operation.attempts.len() == 1 {
        // most have one try, and need no map
        return refused.collect();
    }
    let mut last_received: HashMap<u64, i64> = HashMap::new();
    for attempt in &operation.attempts {
        let last = last_received.entry(attempt.request.exact).or_insert(i64::MIN);
        *last = attempt.received_us.max(*last);
    }
    let came_again = |attempt: &Attempt| {
        attempt.ended_us.is_none_or(|ended| ended <= last_received[&attempt.request.exact])
    };
    refused.filter(|attempt| !came_again(attempt)).collect()
}
