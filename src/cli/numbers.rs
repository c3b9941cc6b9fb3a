//! Numbers that options take, and what is said of a text that is none.

use std::ops::RangeInclusive;
use std::str::FromStr;

use anyhow::Context as _;

pub(super) fn calls(text: &str) -> anyhow::Result<u64> {
    text.parse().ok().context("write a whole number of calls")
}

pub(super) fn some_calls(text: &str) -> anyhow::Result<u64> {
    within(&(1..=u64::MAX), text).context("write a whole number of calls, at least 1")
}

pub(super) fn milliseconds(text: &str) -> anyhow::Result<u64> {
    text.parse().ok().context("write a whole number of milliseconds")
}

pub(super) fn http_status(text: &str) -> anyhow::Result<u16> {
    within(&(100..=599), text).context("write an HTTP status from 100 to 599")
}

pub(super) fn mib(range: &RangeInclusive<u32>, text: &str) -> anyhow::Result<u32> {
    let (lowest, highest) = (range.start(), range.end());
    within(range, text)
        .with_context(|| format!("write a whole number of MiB from {lowest} to {highest}"))
}

fn within<N: FromStr + PartialOrd>(range: &RangeInclusive<N>, text: &str) -> Option<N> {
    text.parse().ok().filter(|number| range.contains(number))
}
