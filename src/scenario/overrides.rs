//! Overrides: scenarios turned on at run time, for a number of calls or a time.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::clock::{micros, real_now_us};
use crate::memory::{Budget, BudgetFull, Share};
use crate::text::{is_plain, plural, quoted, seconds};

/// A scenario that is turned on.
#[derive(Debug)]
pub struct Override {
    /// A scenario's name, or a line.
    pub scenario: String,
    /// The number of calls it acted on.
    pub(crate) acted: u64,
    /// The number of calls after which it ends.
    pub(crate) hits: Option<u64>,
    /// When it expires, whatever the clocks show; `None` if it does not.
    pub(crate) until: Option<Instant>,
    /// What the machine's clock would show then, as seen from when it was set.
    set_to_end_us: Option<i64>,
    /// Who set it.
    pub(crate) owner: Option<String>,
    /// Why.
    pub(crate) reason: Option<String>,
    /// The memory of its texts, once it is weighed.
    share: Option<Share>,
}

impl Override {
    /// An override that starts now; without `ttl` it does not expire.
    pub(crate) fn new(scenario: String, hits: Option<u64>, ttl: Option<Duration>) -> Self {
        let until = ttl.and_then(|ttl| Instant::now().checked_add(ttl));
        let ttl_us = ttl.and_then(|ttl| i64::try_from(ttl.as_micros()).ok());
        let set_to_end_us = ttl_us.map(|ttl_us| real_now_us().saturating_add(ttl_us));
        let (owner, reason, share) = (None, None, None);
        Self { scenario, acted: 0, hits, until, set_to_end_us, owner, reason, share }
    }

    /// The memory of its texts, in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        let texts = [&self.owner, &self.reason].into_iter().flatten();
        texts.chain([&self.scenario]).map(String::capacity).sum()
    }

    /// Takes the memory of its texts from a budget, and that of the override that it replaces.
    pub(crate) fn weigh(
        &mut self,
        replaced: Option<&mut Self>,
        budget: &Arc<Budget>,
    ) -> Result<(), BudgetFull> {
        let last = replaced.and_then(|replaced| replaced.share.as_mut());
        let mut empty = budget.empty_share();
        let share = last.unwrap_or(&mut empty);
        share.resize(self.heap_bytes())?;
        self.share = Some(std::mem::replace(share, budget.empty_share()));
        Ok(())
    }

    /// The number of calls left; `None` if they are not counted.
    pub(crate) fn hits_left(&self) -> Option<u64> {
        self.hits.map(|hits| hits.saturating_sub(self.acted))
    }

    /// The time left; `None` if it does not expire.
    pub(crate) fn time_left(&self) -> Option<Duration> {
        self.until.map(|until| until.saturating_duration_since(Instant::now()))
    }

    /// The seconds left, of which the last one counts as a whole; `None` if it does not expire.
    pub(crate) fn seconds_left(&self) -> Option<u64> {
        self.time_left().map(|left| left.as_secs() + u64::from(left.subsec_nanos() > 0))
    }

    /// Whether its calls are used up or its time is over.
    pub(crate) fn has_ended(&self) -> bool {
        self.hits_left() == Some(0) || self.time_left() == Some(Duration::ZERO)
    }

    /// The scenario for a log line; a line of steps may have been written on several.
    pub(crate) fn shown_scenario(&self) -> Cow<'_, str> {
        if is_plain(&self.scenario) {
            self.scenario.as_str().into()
        } else {
            quoted(&self.scenario).into()
        }
    }

    /// When it expires or has expired, in Unix microseconds by the machine's clock; `None` if it does not.
    pub(crate) fn ends_us(&self) -> Option<i64> {
        const SECOND_US: u64 = 1_000_000;
        let (until, now) = (self.until?, Instant::now());
        let left_us = micros(until.saturating_duration_since(now));
        let ago_us = micros(now.saturating_duration_since(until));
        let ends_us = real_now_us().saturating_add(left_us).saturating_sub(ago_us);
        // always the same text, unless the clock was set or the machine slept meanwhile
        let is_as_set = |set: &i64| set.abs_diff(ends_us) <= SECOND_US;
        Some(self.set_to_end_us.filter(is_as_set).unwrap_or(ends_us))
    }

    /// Says how long it lasts, such as `for 2 calls, at most 10m`.
    pub(crate) fn lifetime(&self) -> String {
        let calls = self.hits_left().map(|left| format!("for {}", plural(left, "call")));
        let time = self.seconds_left().map(seconds);
        match (calls, time) {
            (Some(calls), Some(time)) => format!("{calls}, at most {time}"),
            (Some(calls), None) => calls,
            (None, Some(time)) => format!("for {time}"),
            (None, None) => "until it is cleared".to_owned(),
        }
    }

    /// Says who set it and why, such as `, set by "ann" ("ticket 7")`; empty if neither is known.
    pub(crate) fn set_by(&self) -> String {
        let reason =
            self.reason.as_ref().map_or_else(String::new, |why| format!(" ({})", quoted(why)));
        match &self.owner {
            Some(owner) => format!(", set by {}{reason}", quoted(owner)),
            None if reason.is_empty() => reason,
            None => format!(", set{reason}"),
        }
    }

    /// Says that it is over, such as `5026 for demo ended after 2 hits, back to the contract`; `whose` is a
    /// tenant's name, or `all tenants`, and `next` is what applies now.
    pub(crate) fn describe_end(&self, whose: impl fmt::Display, verb: &str, next: &str) -> String {
        let (scenario, hits) = (self.shown_scenario(), plural(self.acted, "hit"));
        format!("{scenario} for {whose} {verb} after {hits}, back to {next}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_override_says_how_long_it_lasts_and_who_set_it() {
        let minutes = |minutes| Some(Duration::from_mins(minutes));
        for (hits, ttl, expected) in [
            (Some(2), minutes(10), "for 2 calls, at most 10m"),
            (Some(1), None, "for 1 call"),
            (None, minutes(90), "for 1h 30m"),
            (None, Some(Duration::from_millis(300)), "for 1s"),
            (Some(3), Some(Duration::from_millis(61_500)), "for 3 calls, at most 1m 2s"),
            (None, None, "until it is cleared"),
        ] {
            let set = Override::new("500".into(), hits, ttl);
            assert_eq!(set.lifetime(), expected);
            let whole_s = ttl.map(|ttl| ttl.as_millis().div_ceil(1000));
            assert_eq!(set.seconds_left().map(u128::from), whole_s, "{expected}");
        }
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        for (owner, reason, expected) in [
            ("ann", "ticket 7", r#", set by "ann" ("ticket 7")"#),
            ("ann\n", "", r#", set by "ann\n""#),
            ("", "why", r#", set ("why")"#),
            ("", "", ""),
        ] {
            let base = Override::new("500".into(), None, None);
            let set = Override { owner: text(owner), reason: text(reason), ..base };
            assert_eq!(set.set_by(), expected);
        }
    }
}
