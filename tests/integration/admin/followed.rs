//! `events`: a call comes once if it is answered at once, and again when it is answered later.

use std::io::{Read as _, Write as _};

use serde_json::{Value, json};

use super::events::Stream;
use crate::harness::{App, connect};
use crate::scenarios::{Call, Kept};

/// The next event, as far as this is about it.
fn next(stream: &mut Stream) -> (String, Value) {
    let (_, kind, entry) = stream.any_event();
    assert_eq!(kind, "call");
    (entry["id"].as_str().unwrap().to_owned(), entry["delivery"].clone())
}

fn event(number: usize, delivery: &str) -> (String, Value) {
    (format!("demo/{number}"), json!(delivery))
}

#[test]
fn a_call_that_is_answered_at_once_comes_once_with_its_delivery() {
    const CALLS: usize = 200;
    let app = App::start();
    let address = app.sandbox.address();
    let mut stream = Stream::open(address, "", None);
    let mut connection = Kept::open(address);
    let call = Call::new().bytes(&[]);
    for _ in 0..CALLS {
        connection.call(&call);
    }
    for number in 1..=CALLS {
        assert_eq!(next(&mut stream), event(number, "sent"));
    }
}

#[test]
fn a_call_that_is_answered_later_comes_again_with_its_delivery() {
    let app = App::start();
    let address = app.sandbox.address();
    let mut of_all = Stream::open(address, "", None);
    let mut of_demo = Stream::open(address, "?tenant=demo", None);
    let mut of_other = Stream::open(address, "?tenant=other", None);
    let mut delayed = connect(address);
    delayed.write_all(&Call::new().header("500+300ms").bytes(&[])).unwrap();
    for stream in [&mut of_all, &mut of_demo] {
        assert_eq!(next(stream), event(1, "pending"));
    }
    Call::new().token("gnsb_other").send(&app);
    delayed.read_exact(&mut [0; 12]).unwrap();
    Call::new().send(&app);
    assert_eq!(next(&mut of_all).0, "other/1");
    assert_eq!(next(&mut of_other).0, "other/1");
    for stream in [&mut of_all, &mut of_demo] {
        assert_eq!(next(stream), event(1, "sent"));
        assert_eq!(next(stream), event(2, "sent"));
    }
}

#[test]
fn a_call_that_comes_again_takes_no_reader_back() {
    let app = App::start();
    let address = app.sandbox.address();
    let mut stream = Stream::open(address, "", None);
    let delayed = connect(address);
    (&delayed).write_all(&Call::new().header("500+60s").bytes(&[])).unwrap();
    assert_eq!(next(&mut stream), event(1, "pending"));
    Call::new().send(&app);
    assert_eq!(next(&mut stream), event(2, "sent"));
    drop(delayed);
    let (cursor, _, entry) = stream.any_event();
    assert_eq!((&entry["id"], &entry["delivery"]), (&json!("demo/1"), &json!("client-left")));
    Call::new().send(&app);
    let mut resumed = Stream::open(address, "", Some(&cursor));
    // what has just been completed comes again, since the reader may have left before
    assert_eq!(next(&mut resumed), event(1, "client-left"));
    assert_eq!(next(&mut resumed), event(3, "sent"));
}
