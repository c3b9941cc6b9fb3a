//! Numbers and times as people say them.

use jiff::SignedDuration;

/// Returns a number and its noun, such as `2 calls`; `noun` is the singular.
pub(crate) fn plural(count: impl TryInto<u64>, noun: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    match noun.strip_suffix('y') {
        _ if count == 1 => format!("1 {noun}"),
        Some(stem) => format!("{count} {stem}ies"),
        None => format!("{count} {noun}s"),
    }
}

/// Returns a number, its noun and what agrees with it, such as `1 call is` or `2 calls are`; the second text
/// is for every number but 1.
pub(crate) fn plural_with(
    count: impl TryInto<u64>,
    noun: &str,
    [of_one, of_more]: [&str; 2],
) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    format!("{} {}", plural(count, noun), if count == 1 { of_one } else { of_more })
}

/// Returns a number of seconds as `1h 30m`.
pub(crate) fn seconds(count: impl TryInto<i64>) -> String {
    format!("{:#}", SignedDuration::from_secs(count.try_into().unwrap_or(i64::MAX)))
}

/// Returns a time in microseconds as `3 ms`, `1.5 s` or `2 min`.
pub(crate) fn duration_us(us: i64) -> String {
    let ms = us / 1000;
    match ms {
        ..1000 => format!("{ms} ms"),
        1000..10_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        10_000..120_000 => format!("{} s", ms / 1000),
        _ => format!("{} min", ms / 60_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_in_the_unit_that_fits() {
        for (us, text) in [
            (0, "0 ms"),
            (999_999, "999 ms"),
            (1_000_000, "1.0 s"),
            (9_990_000, "9.9 s"),
            (61_500_000, "61 s"),
            (120_000_000, "2 min"),
        ] {
            assert_eq!(duration_us(us), text);
        }
        assert_eq!(seconds(5400_u64), "1h 30m");
    }

    #[test]
    fn a_noun_agrees_with_its_number() {
        for (count, noun, text) in [
            (0, "call", "0 calls"),
            (1, "call", "1 call"),
            (1, "retry", "1 retry"),
            (2, "retry", "2 retries"),
        ] {
            assert_eq!(plural(count, noun), text);
        }
        let verb = ["is", "are"];
        for (count, text) in [(0, "0 bodies are"), (1, "1 body is"), (2, "2 bodies are")] {
            assert_eq!(plural_with(count, "body", verb), text);
        }
    }
}
