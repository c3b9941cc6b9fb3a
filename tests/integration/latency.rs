//! Compares the latency of a server under load with that of a server without any.

use std::time::Instant;

use crate::process::{Process, command};
use crate::scenarios::{Call, Kept};

/// A server with nothing to do but the calls that are timed.
pub fn start_server() -> Process {
    Process::spawn(command(&["--listen", "127.0.0.1:0", "--log", "error"], &[]))
}

/// Times pairs of calls, one to each server, with `before` run ahead of each call. Prints the median
/// of how much longer the loaded server takes and asserts that it is at most `limit` times as long.
///
/// Other work on the machine hardly moves this median: it slows both calls of a pair, or few pairs.
pub fn assert_not_slower(
    what: &str,
    limit: f64,
    (unloaded, loaded): (&Process, &Process),
    mut before: impl FnMut(),
) {
    const PAIRS: usize = 3000;
    let request = Call::new().bytes(&[]);
    let mut time_call = |connection: &mut Kept| {
        before();
        let start = Instant::now();
        assert_eq!(connection.call(&request), 200);
        start.elapsed()
    };
    let (mut unloaded, mut loaded) = (Kept::open(unloaded.address), Kept::open(loaded.address));
    let mut ratios: Vec<_> = (0..PAIRS)
        .map(|_| {
            let unloaded = time_call(&mut unloaded);
            time_call(&mut loaded).div_duration_f64(unloaded)
        })
        .collect();
    ratios.sort_unstable_by(f64::total_cmp);
    let median = ratios[PAIRS / 2];
    eprintln!("{what}: a call takes {median:.2} times as long as without, limit {limit}");
    assert!(median <= limit, "{what}: a call takes {median:.2} times as long as without");
}
