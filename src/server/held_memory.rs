//! The part of the memory for connections that a body or an answer has while it is under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use http::{HeaderMap, StatusCode};

use crate::http::{Problem, Reply};
use crate::memory::{Budget, BudgetFull, MIB, Share};

/// A body or an answer below this size is not counted, so that an ordinary call touches no counter: every
/// connection has more than that anyway.
pub(super) const FREE_BYTES: usize = 4 * 1024;

/// Likewise for the headers of an answer.
const FREE_HEAD_BYTES: usize = 1024;

/// The memory of a call that waits for its client, for a time or for later calls, besides its body or answer.
pub(super) const WAITING_BYTES: usize = 4 * 1024;

/// How much of the memory one connection has.
#[derive(Debug, Clone, Default)]
pub(super) struct Account(Arc<AccountInner>);

#[derive(Debug, Default)]
struct AccountInner {
    bytes: AtomicUsize,
    /// Whether it has the place for one large answer.
    has_place: AtomicBool,
}

/// Bytes of a budget, given back when this is dropped.
#[derive(Debug, Default)]
pub(super) struct HeldMemory(Option<Held>);

#[derive(Debug)]
struct Held {
    bytes: usize,
    from: Source,
    account: Account,
}

#[derive(Debug)]
enum Source {
    Budget(Share),
    /// The place for one answer that the budget has no room for.
    LargeAnswer(#[expect(dead_code, reason = "held until it is dropped")] Share),
}

impl Account {
    pub(super) fn bytes(&self) -> usize {
        self.0.bytes.load(Relaxed)
    }

    /// Whether it has the place for one large answer.
    pub(super) fn has_place(&self) -> bool {
        self.0.has_place.load(Relaxed)
    }

    fn change(&self, before: usize, after: usize) {
        // the sum wraps around to what it should be
        self.0.bytes.fetch_add(after.wrapping_sub(before), Relaxed);
    }
}

impl HeldMemory {
    /// Takes more, or gives some back.
    pub(super) fn resize(
        &mut self,
        budget: &Arc<Budget>,
        account: &Account,
        bytes: usize,
    ) -> Result<(), BudgetFull> {
        if bytes < FREE_BYTES {
            self.0 = None;
            return Ok(());
        }
        let Some(held) = &mut self.0 else {
            let share = budget.take(bytes)?;
            self.0 = Some(Held::new(bytes, Source::Budget(share), account));
            return Ok(());
        };
        match &mut held.from {
            Source::Budget(share) => share.resize(bytes)?,
            Source::LargeAnswer(_) => {}
        }
        held.account.change(std::mem::replace(&mut held.bytes, bytes), bytes);
        Ok(())
    }

    /// Takes the place for one large answer instead of a part of the budget.
    pub(super) fn take_place(
        &mut self,
        place: &Arc<Budget>,
        account: &Account,
        bytes: usize,
    ) -> Result<(), BudgetFull> {
        let taken = Source::LargeAnswer(place.take(1)?);
        self.0 = Some(Held::new(bytes, taken, account));
        account.0.has_place.store(true, Relaxed);
        Ok(())
    }

    /// How much is taken.
    pub(super) fn bytes(&self) -> usize {
        self.0.as_ref().map_or(0, |held| held.bytes)
    }

    /// Whether nothing is taken.
    pub(super) fn is_free(&self) -> bool {
        self.0.is_none()
    }
}

impl Held {
    fn new(bytes: usize, from: Source, account: &Account) -> Self {
        account.change(0, bytes);
        Self { bytes, from, account: account.clone() }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.account.change(self.bytes, 0);
        if matches!(self.from, Source::LargeAnswer(_)) {
            self.account.0.has_place.store(false, Relaxed);
        }
    }
}

/// How much memory a reply takes until it is sent.
pub(super) fn bytes_of(reply: &Reply) -> usize {
    let waits = !reply.delivery.delay.is_zero() || reply.delivery.drip.is_some();
    let waiting_bytes = if waits { WAITING_BYTES } else { 0 };
    reply.body.len() + head_bytes(&reply.headers) + waiting_bytes
}

/// Returns how much memory headers take, in bytes: 0 for those of an ordinary answer.
pub(super) fn head_bytes(headers: &HeaderMap) -> usize {
    let bytes = headers.iter().map(|(name, value)| name.as_str().len() + value.len());
    Some(bytes.sum()).filter(|bytes| *bytes >= FREE_HEAD_BYTES).unwrap_or(0)
}

/// The refusal of a body or an answer for which too little memory is left.
pub(super) fn server_busy(budget: &Budget) -> Problem {
    let limit_kib = budget.limit_bytes() / 1024;
    let limit = match budget.limit_bytes() / MIB {
        0 => format!("{limit_kib} KiB"),
        mib => format!("{mib} MiB"),
    };
    let detail = format!(
        "the memory for bodies and answers under way is used up ({limit}); try again in a second, or \
         raise --max-memory"
    );
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)
}

/// The refusal of an answer that takes more memory than there is for all of them: waiting does not help.
pub(super) fn answer_too_long(budget: &Budget, bytes: usize) -> Problem {
    let (bytes, limit) = (bytes.div_ceil(1024), budget.limit_bytes() / 1024);
    let detail = format!(
        "the answer takes {bytes} KiB, and answers have {limit} KiB in all; ask for less, for example for one \
         tenant or for what came since a cursor, or raise --max-memory"
    );
    Problem::new(StatusCode::INSUFFICIENT_STORAGE, detail)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::SERVER;

    use super::*;

    #[test]
    fn what_is_small_takes_nothing_and_what_grows_is_taken_as_a_whole() {
        let (budget, account) = (Budget::new(3 * FREE_BYTES), Account::default());
        let mut held = HeldMemory::default();
        let facts = |held: &HeldMemory| {
            assert_eq!(account.bytes(), held.bytes());
            (held.is_free(), budget.used_bytes())
        };
        held.resize(&budget, &account, FREE_BYTES - 1).unwrap();
        assert_eq!(facts(&held), (true, 0));
        held.resize(&budget, &account, FREE_BYTES).unwrap();
        assert_eq!(facts(&held), (false, FREE_BYTES));
        assert_eq!(held.resize(&budget, &account, 3 * FREE_BYTES + 1), Err(BudgetFull));
        assert_eq!(facts(&held), (false, FREE_BYTES), "what it has stays");
        held.resize(&budget, &account, 2 * FREE_BYTES).unwrap();
        assert_eq!(facts(&held), (false, 2 * FREE_BYTES));
        held.resize(&budget, &account, 10).unwrap();
        assert_eq!(facts(&held), (true, 0));
    }

    #[test]
    fn one_large_answer_takes_nothing_of_the_budget() {
        let (budget, account, place) =
            (Budget::new(FREE_BYTES), Account::default(), Budget::new(1));
        let mut held = HeldMemory::default();
        held.resize(&budget, &account, FREE_BYTES).unwrap();
        held.take_place(&place, &account, 1000 * FREE_BYTES).unwrap();
        assert_eq!((budget.used_bytes(), account.bytes()), (0, 1000 * FREE_BYTES));
        assert!(account.has_place());
        let mut other = HeldMemory::default();
        assert_eq!(other.take_place(&place, &account, FREE_BYTES), Err(BudgetFull));
        drop(held);
        assert_eq!((account.bytes(), account.has_place()), (0, false));
        other.take_place(&place, &account, FREE_BYTES).unwrap();
    }

    #[test]
    fn an_answer_that_never_fits_is_not_said_to_fit_later() {
        let problem = answer_too_long(&Budget::new(12 * MIB), 15 * MIB + 1);
        let detail = "the answer takes 15361 KiB, and answers have 12288 KiB in all; ask for less, for example \
                      for one tenant or for what came since a cursor, or raise --max-memory";
        assert_eq!(
            (problem.status(), problem.detail()),
            (StatusCode::INSUFFICIENT_STORAGE, detail)
        );
    }

    #[test]
    fn long_headers_are_counted_and_ordinary_ones_are_not() {
        let mut headers = HeaderMap::new();
        for (length, expected) in [(1000, 0), (2000, 3012)] {
            headers.append(SERVER, HeaderValue::from_str(&"x".repeat(length)).unwrap());
            assert_eq!(head_bytes(&headers), expected);
        }
    }
}
