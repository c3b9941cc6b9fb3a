//! Medians and ranges.

/// Returns the median of some numbers; 0 if there are none.
pub fn median(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let mut sorted: Vec<_> = numbers.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    match (sorted.get(sorted.len() / 2), sorted.get(sorted.len().saturating_sub(1) / 2)) {
        (Some(one), Some(other)) => f64::midpoint(*one, *other),
        _ => 0.0,
    }
}

/// Returns the smallest and the largest of some numbers.
pub fn extremes(numbers: impl IntoIterator<Item = f64>) -> (f64, f64) {
    numbers
        .into_iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(min, max), n| (min.min(n), max.max(n)))
}
