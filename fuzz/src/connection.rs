//! Sends any bytes over a connection, in pieces with pauses between them.
//!
//! The connection ends. The server sends whole answers of HTTP/1, at most one for each request head
//! and none after `Connection: close`. Every call in the journal is answered, and no 5xx without a
//! scenario that forces it. Time is the runtime's paused clock, so that no deadline takes real time.
//!
//! Two bytes are not sent: 0xff stands for a pause, and 0xfe at the end for a client that closes its
//! side at once instead of waiting for the server.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use genuin_sandbox::Limits;
use genuin_sandbox::internals::call::Sandbox;
use genuin_sandbox::internals::scenario::ForcedOutcome;
use genuin_sandbox::internals::server;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, sleep, timeout};

use super::wire::Answer;
use super::{Input, fresh, log};

static SANDBOX: LazyLock<Arc<Sandbox>> = LazyLock::new(|| Arc::new(fresh::sandbox()));

/// Stands for a pause between two pieces.
const MARK: u8 = 0xff;
/// Stands, at the end, for a client that does not wait.
const LEAVES: u8 = 0xfe;
/// The length of a pause: two exceed the limit for pauses in a body, four that for a head.
const PAUSE: Duration = Duration::from_secs(3);
/// How long a reader of events stays: longer than any deadline.
const A_WHILE: Duration = Duration::from_mins(1);
/// The longest delay of an answer; verifications wait less.
const LONGEST_DELAY: Duration = Duration::from_hours(1);
/// Texts that ask for a delay, or may hide one.
const DELAYS: [&[u8]; 6] = [b"+", b"delay", b"slow", b"rush-hour", b"%", b"\\u"];
/// The media type of answers that last until their reader leaves.
const STREAM: &str = "text/event-stream";
/// The capacity of the pipe, in bytes.
const PIPE_BYTES: usize = 4096;

/// Limits so small that inputs reach each of them.
fn limits() -> Limits {
    Limits {
        head_bytes: 8192,
        headers: 16,
        body_bytes: 2048,
        idle_time: Duration::from_secs(20),
        body_pause: Duration::from_secs(5),
        body_time: Duration::from_secs(8),
        linger_bytes: 1024,
        ..Limits::default()
    }
}

/// Checks one input.
pub fn check(data: &[u8]) -> Input {
    let before = (SANDBOX.outcomes(), SANDBOX.journal.last_id());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without sockets always starts");
    let received = runtime.block_on(converse(data));
    let forced = forced_since(&before.0);
    let calls = SANDBOX.journal.last_id() - before.1;
    check_answers(data, &received, &forced, calls);
    log::take();
    fresh::forget(&SANDBOX);
    Input::Used
}

/// Sends the pieces, closes this side, and returns all that came back; a reader of events leaves in
/// the end.
async fn converse(data: &[u8]) -> Vec<u8> {
    let (near, far) = tokio::io::duplex(PIPE_BYTES);
    let (data, waits) = match data.strip_suffix(&[LEAVES]) {
        Some(data) => (data, Duration::ZERO),
        None => (data, A_WHILE),
    };
    let pieces: Vec<_> = data.split(|byte| *byte == MARK).collect();
    let sending_time = waits + PAUSE * u32::try_from(pieces.len()).expect("an input is short");
    let answering_time = LONGEST_DELAY * u32::try_from(heads(data) + 1).expect("an input is short");
    let client = async {
        let (mut reading, mut writing) = tokio::io::split(near);
        let sending = async {
            for (index, piece) in pieces.into_iter().enumerate() {
                sleep(if index > 0 { PAUSE } else { Duration::ZERO }).await;
                if writing.write_all(piece).await.is_err() {
                    break;
                }
            }
            sleep(waits).await;
            // an error says that the other side has ended
            let _ = writing.shutdown().await;
            std::future::pending::<()>().await;
        };
        let receiving = async {
            let began = Instant::now();
            let mut received = Vec::new();
            while reading.read_buf(&mut received).await.expect("a pipe can be read") > 0 {
                let is_stream = holds(&received, STREAM.as_bytes());
                if is_stream && began.elapsed() > sending_time + A_WHILE {
                    break;
                }
            }
            received
        };
        tokio::select! {
            received = receiving => received,
            () = sending => unreachable!("it waits for ever"),
        }
    };
    let serving = server::serve_pipe(far, Arc::clone(&SANDBOX), limits());
    let bound = sending_time + answering_time + A_WHILE * 10;
    let ended = timeout(bound, async { tokio::join!(serving, client) }).await;
    ended.expect("a connection ends when its client leaves").1
}

fn holds(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|part| part == text)
}

/// Counts the heads that some bytes may hold: each ends in an empty line.
fn heads(data: &[u8]) -> usize {
    let sent: Vec<_> = data.iter().filter(|byte| **byte != MARK).collect();
    let ends = |part: &[&u8]| matches!(part, [b'\n', b'\n', ..] | [b'\n', b'\r', b'\n']);
    sent.windows(3).filter(|part| ends(part)).count()
        + usize::from(sent.ends_with(&[&b'\n', &b'\n']))
}

/// How many calls ended in a fault or a server error that a scenario can force.
struct ForcedCalls {
    faults: u64,
    server_errors: u64,
}

fn forced_since(before: &BTreeMap<&str, BTreeMap<String, u64>>) -> ForcedCalls {
    let mut counted = ForcedCalls { faults: 0, server_errors: 0 };
    let counts = SANDBOX.outcomes();
    let counts = counts.iter().flat_map(|(endpoint, outcomes)| {
        outcomes.iter().map(move |(outcome, count)| (endpoint, outcome.as_str(), count))
    });
    for (endpoint, outcome, count) in counts {
        let before = before.get(endpoint).and_then(|outcomes| outcomes.get(outcome));
        let new = count - before.copied().unwrap_or_default();
        match ForcedOutcome::parse(outcome).map(ForcedOutcome::status) {
            Some(None) => counted.faults += new,
            Some(Some(500..)) => counted.server_errors += new,
            None if outcome == "unknown-scenario" => counted.server_errors += new,
            None => assert_eq!(*endpoint, "none", "{outcome} is no outcome of an endpoint"),
            Some(Some(_)) => {}
        }
    }
    counted
}

fn check_answers(data: &[u8], received: &[u8], forced: &ForcedCalls, calls: u64) {
    // an answer in drops is cut off if its reader ends the connection
    let may_break_off = forced.faults > 0 || holds(data, b"drip");
    let mut rest = received;
    let (mut answers, mut server_errors) = (0, 0);
    while !rest.is_empty() {
        let Some((answer, after)) = Answer::read(rest, holds(data, b"HEAD ")) else {
            let shown = String::from_utf8_lossy(rest);
            assert!(forced.faults > 0, "this is no answer: {shown:?}");
            break;
        };
        rest = after;
        if answer.status < 200 {
            assert_eq!(answer.status, 100);
            continue;
        }
        answers += 1;
        server_errors += u64::from(answer.status >= 500);
        assert_eq!(answer.all("date").len(), 1, "{answer:?}");
        let is_stream = answer.all("content-type") == [STREAM];
        assert!(answer.body.is_some() || may_break_off || is_stream, "it breaks off: {answer:?}");
        if let Some(Err(error)) = answer.json() {
            panic!("{error}: {answer:?}");
        }
        let is_early = [408, 413, 431].contains(&answer.status);
        assert!(!is_early || answer.is_last(), "the request was not read in full: {answer:?}");
        assert!(!answer.is_last() || rest.is_empty(), "something comes after {answer:?}");
    }
    let heads = heads(data);
    // bytes that are no head are answered too, once
    assert!(answers <= heads + 1, "{answers} answers to {heads} heads");
    assert!(server_errors <= forced.server_errors, "5xx that no scenario asked for");
    // a caller may leave before an answer that is delayed
    let late = DELAYS.into_iter().any(|part| holds(data, part));
    let answered = answers as u64 + forced.faults + u64::from(late);
    assert!(answered >= calls, "{answers} answers to {calls} calls");
}
