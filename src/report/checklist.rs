//! What an integration should have shown before it goes live: nine items, each with the calls that show
//! it.

use serde::{Deserialize, Serialize};

use super::attempt::Attempt;
use super::operation::{Operation, Retry};
use super::permanent::{WrongRepeat, left_alone, wrong_repeats};
use super::rule::ClientRule;
use super::rules::{Mistake, distinct, retries_of_transient, unknown_success};
use crate::described::{described, plain};
use crate::text::named;
use crate::vendor::{FailureKind, Outcome};
use crate::world::TenantName;

/// The shortest gap that counts as waiting before a retry, in microseconds.
const BACKOFF_US: i64 = 100_000;

/// The status whose `Retry-After` a client must wait for; on others the header is the choice of a scenario.
const TOO_MANY: Option<u16> = Some(429);

named! {
    /// Something that a client must be able to handle.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum ChecklistItem {
        VideoNotRetried = "5026-not-retried",
        BadRequestNotRetried = "400-not-retried",
        NoDuplicate = "no-duplicate-after-lost-answer",
        SurvivesServerError = "survives-500",
        WaitsRetryAfter = "waits-retry-after",
        LogsInAgain = "logs-in-again-after-401",
        TimesOut = "times-out-on-hang",
        SurvivesReset = "survives-reset",
        BacksOff = "backs-off",
    }
    pub(crate) const ALL;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ItemState {
    /// The client has not met what it must handle.
    NotTried,
    Passed,
    Failed,
}

plain! {
    ItemState => {"type": "string", "enum": [ItemState::NotTried, ItemState::Passed, ItemState::Failed]};
}

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct Checklist {
        pub(crate) tenant: String,
        pub(crate) items: Vec<ItemEntry>,
        /// How many entries the journal has dropped, in which something may hide.
        pub(crate) unseen: u64,
    }
}

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct ItemEntry {
        /// Its name.
        pub(crate) item: String,
        pub(crate) state: ItemState,
        /// The calls that show it, by their number in the tenant.
        pub(crate) requests: Vec<u64>,
        /// The command that has the next calls meet what must be handled.
        pub(crate) provoke: String,
        /// The scenario of that command.
        pub(crate) line: String,
        /// For how many calls.
        pub(crate) hits: u64,
    }
}

impl ChecklistItem {
    /// The scenario that has a client meet it, and for how many calls.
    fn provocation(self) -> (&'static str, u64) {
        match self {
            Self::VideoNotRetried => ("5026", 1),
            Self::BadRequestNotRetried => ("400", 1),
            Self::NoDuplicate => ("reset/after-commit", 1),
            Self::SurvivesServerError => ("500", 1),
            Self::WaitsRetryAfter => ("429", 1),
            Self::LogsInAgain => ("401", 1),
            Self::TimesOut => ("hang", 1),
            Self::SurvivesReset => ("reset", 1),
            Self::BacksOff => ("503", 2),
        }
    }

    /// Whether the item is spoiled by a mistake, so that without all calls nobody knows that it holds.
    fn can_fail(self) -> bool {
        !matches!(self, Self::SurvivesServerError | Self::LogsInAgain | Self::SurvivesReset)
    }
}

#[derive(Debug, Default)]
pub(super) struct ItemFacts([Facts; ChecklistItem::ALL.len()]);

#[derive(Debug, Default)]
struct Facts {
    /// Calls in which it was met and handled.
    handled: Vec<u64>,
    /// Calls of a mistake.
    mistaken: Vec<u64>,
}

impl ItemFacts {
    pub(super) fn add(&mut self, operation: &Operation, mistakes: &[Mistake]) {
        let (left_alone, wrong) = (left_alone(operation), wrong_repeats(operation));
        for (item, outcome) in [
            (ChecklistItem::VideoNotRetried, Outcome::VideoNotFound),
            (ChecklistItem::BadRequestNotRetried, Outcome::BadRequest),
        ] {
            let is_it = |attempt: &&Attempt| attempt.outcome.name == outcome.name();
            self.handled(item, left_alone.iter().copied().filter(is_it));
            for WrongRepeat { refused, repeat } in &wrong {
                if is_it(refused) {
                    self.mistaken(item, &[refused.seq, repeat.seq]);
                }
            }
        }
        if let Some((index, unknown)) = unknown_success(operation)
            && let Some(next) = operation.attempts.get(index + 1)
        {
            self.handled(ChecklistItem::NoDuplicate, [unknown, next]);
        }
        let is_server_error = |attempt: &Attempt| {
            attempt.outcome.name == Outcome::ServerError.name() && attempt.is_delivered()
        };
        self.survived(ChecklistItem::SurvivesServerError, operation, is_server_error);
        let is_broken = |attempt: &Attempt| {
            attempt.outcome.failure == Some(FailureKind::Transient) && attempt.status.is_none()
        };
        self.survived(ChecklistItem::SurvivesReset, operation, is_broken);
        for pair in operation.retries().filter(|pair| pair.failed.status == TOO_MANY) {
            let Retry { failed, retry, .. } = pair;
            match pair.is_too_early() {
                Some(true) => {
                    self.mistaken(ChecklistItem::WaitsRetryAfter, &[failed.seq, retry.seq]);
                }
                Some(false) => self.handled(ChecklistItem::WaitsRetryAfter, [failed, retry]),
                None => {}
            }
        }
        let left = operation.attempts.iter().filter(|attempt| {
            attempt.outcome.failure == Some(FailureKind::Silence) && attempt.client_left()
        });
        self.handled(ChecklistItem::TimesOut, left);
        for Retry { failed, retry, gap_us } in retries_of_transient(operation) {
            if gap_us >= BACKOFF_US {
                self.handled(ChecklistItem::BacksOff, [failed, retry]);
            }
        }
        // which final answer was repeated, and which Retry-After ignored, is looked at above
        for (rule, item) in [
            (ClientRule::DuplicateAfterUnknown, ChecklistItem::NoDuplicate),
            (ClientRule::NeverTimedOut, ChecklistItem::TimesOut),
            (ClientRule::NoBackoff, ChecklistItem::BacksOff),
            (ClientRule::RetryStorm, ChecklistItem::BacksOff),
        ] {
            for mistake in mistakes.iter().filter(|mistake| mistake.rule == rule) {
                self.mistaken(item, &mistake.requests);
            }
        }
    }

    /// Notes that a client has logged in again after a 401, by the three calls.
    pub(super) fn add_login(&mut self, refused: u64, login: u64, success: u64) {
        let Facts { handled, .. } = self.of(ChecklistItem::LogsInAgain);
        handled.extend([refused, login, success]);
    }

    fn survived(
        &mut self,
        item: ChecklistItem,
        operation: &Operation,
        is_failure: impl Fn(&Attempt) -> bool,
    ) {
        // calls at the same time may follow it
        let Some(place) = operation.attempts.iter().position(Attempt::is_success) else { return };
        let (before, success) = (&operation.attempts[..place], &operation.attempts[place]);
        let failures: Vec<_> = before.iter().filter(|attempt| is_failure(attempt)).collect();
        if !failures.is_empty() {
            self.handled(item, failures.into_iter().chain([success]));
        }
    }

    fn handled<'a>(
        &mut self,
        item: ChecklistItem,
        attempts: impl IntoIterator<Item = &'a Attempt>,
    ) {
        self.of(item).handled.extend(attempts.into_iter().map(|attempt| attempt.seq));
    }

    fn mistaken(&mut self, item: ChecklistItem, requests: &[u64]) {
        self.of(item).mistaken.extend(requests);
    }

    fn of(&mut self, item: ChecklistItem) -> &mut Facts {
        &mut self.0[item as usize]
    }

    /// The checklist of a tenant whose journal has dropped so many entries.
    pub(super) fn into_checklist(mut self, tenant: &TenantName, unseen: u64) -> Checklist {
        let items = ChecklistItem::ALL.map(|item| {
            let Facts { handled, mistaken } = std::mem::take(self.of(item));
            let (state, requests) = if !mistaken.is_empty() {
                (ItemState::Failed, mistaken)
            } else if handled.is_empty() || (unseen > 0 && item.can_fail()) {
                (ItemState::NotTried, Vec::new())
            } else {
                (ItemState::Passed, handled)
            };
            let requests = distinct(requests);
            let (line, hits) = item.provocation();
            let provoke =
                format!("genuin-sandbox override set {line} --hits {hits} --tenant {tenant}");
            let (item, line) = (item.name().to_owned(), line.to_owned());
            ItemEntry { item, state, requests, provoke, line, hits }
        });
        Checklist { tenant: tenant.to_string(), items: items.into(), unseen }
    }
}

impl ItemState {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::NotTried => "not tried",
            Self::Passed => "passed",
            Self::Failed => "failed",
        }
    }
}
