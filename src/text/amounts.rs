//! Numbers and times as people say them.

/// Returns a number and its noun, such as `2 calls`.
pub(crate) fn plural(count: u64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
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
        assert_eq!(
            (plural(1, "retry", "retries"), plural(0, "call", "calls")),
            ("1 retry".into(), "0 calls".into())
        );
    }
}
