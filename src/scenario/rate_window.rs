//! The calls that a rule with a rate has let through lately, by the tenant's clock, which may stand still or
//! be turned back.

use super::file::rate::Rate;

/// The largest number of times that are kept. Of a larger rate, calls close to each other share one,
/// so that each may count a 64th of the period longer, and no period ever sees more than the rate.
const MAX_TIMES: u32 = 64;

/// The calls let through within the last period.
#[derive(Debug, Default)]
pub(super) struct RateWindow {
    /// The oldest first.
    passed: Vec<Passed>,
}

/// Calls that count as made at one time.
#[derive(Debug, Clone, Copy)]
struct Passed {
    /// The last millisecond of their share of the period.
    at_ms: i64,
    count: u32,
}

impl Rate {
    /// The time that calls which are counted together may be apart.
    fn share_ms(self) -> i64 {
        if self.calls <= MAX_TIMES { 1 } else { (self.period_ms - 1) / i64::from(MAX_TIMES) + 1 }
    }

    /// Whether calls still count at a time; those that are later do not, as the clock was turned back.
    fn counts(self, passed: Passed, now_ms: i64) -> bool {
        let first_ms = passed.at_ms.saturating_sub(self.share_ms() - 1);
        first_ms <= now_ms && now_ms < passed.at_ms.saturating_add(self.period_ms)
    }
}

impl RateWindow {
    /// Returns when the next call can pass, unless one can now.
    pub(crate) fn full_until_ms(&self, rate: Rate, now_ms: i64) -> Option<i64> {
        let mut counted = self.passed.iter().filter(|passed| rate.counts(**passed, now_ms));
        let oldest = counted.next()?;
        let count = oldest.count + counted.map(|passed| passed.count).sum::<u32>();
        (count >= rate.calls).then(|| oldest.at_ms.saturating_add(rate.period_ms))
    }

    /// Counts a call that passes.
    pub(crate) fn record(&mut self, rate: Rate, now_ms: i64) {
        self.passed.retain(|passed| rate.counts(*passed, now_ms));
        let share_ms = rate.share_ms();
        let at_ms = now_ms.saturating_add(share_ms - 1 - now_ms.rem_euclid(share_ms));
        match self.passed.last_mut() {
            Some(last) if last.at_ms == at_ms => last.count += 1,
            _ => self.passed.push(Passed { at_ms, count: 1 }),
        }
    }

    /// The memory that it takes besides its own place, in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.passed.capacity() * size_of::<Passed>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes a call and returns until when it must wait if it cannot pass.
    fn call(window: &mut RateWindow, rate: Rate, now_ms: i64) -> Option<i64> {
        let full_until_ms = window.full_until_ms(rate, now_ms);
        if full_until_ms.is_none() {
            window.record(rate, now_ms);
        }
        full_until_ms
    }

    #[test]
    fn a_call_passes_when_an_earlier_one_is_a_period_ago() {
        let rate = Rate { calls: 3, period_ms: 1000 };
        let mut window = RateWindow::default();
        for (now_ms, expected) in [
            (5000, None),
            (5000, None),
            (5400, None),
            (5400, Some(6000)),
            (5999, Some(6000)),
            (6000, None),
            (6000, None),
            (6001, Some(6400)),
            (6400, None),
            (9000, None),
            // turned back: what is later does not count, what is not does
            (6400, None),
            (6400, None),
            (6400, None),
            (6400, Some(7400)),
            (-100, None),
        ] {
            assert_eq!(call(&mut window, rate, now_ms), expected, "at {now_ms}");
        }
    }

    #[test]
    fn no_period_sees_more_than_the_rate_and_few_times_are_kept() {
        for (calls, period_ms) in
            [(1, 1), (5, 1000), (64, 100), (65, 1000), (1000, 127), (5000, 60_000)]
        {
            let rate = Rate { calls, period_ms };
            let mut window = RateWindow::default();
            let (mut passed, mut now_ms, mut step) = (Vec::new(), 1_727_169_211_000, 1_i64);
            for _ in 0..4 * i64::from(calls) + 200 {
                step = (step * 48_271) % 2_147_483_647;
                now_ms += step % (period_ms / i64::from(calls) + 2);
                match call(&mut window, rate, now_ms) {
                    None => passed.push(now_ms),
                    Some(until_ms) => {
                        assert!(
                            until_ms > now_ms && until_ms <= now_ms + period_ms + rate.share_ms()
                        );
                        assert_eq!(window.full_until_ms(rate, until_ms), None, "as it was said");
                        assert!(window.full_until_ms(rate, until_ms - 1).is_some(), "not before");
                    }
                }
                assert!(window.heap_bytes() <= 2048, "{} bytes", window.heap_bytes());
            }
            let places = calls as usize;
            assert!(
                passed.windows(places + 1).all(|it| it[places] - it[0] >= period_ms),
                "{calls}"
            );
            assert!(passed.len() > places, "some passed later");
        }
    }
}
