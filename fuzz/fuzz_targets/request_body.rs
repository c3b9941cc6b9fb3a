//! See `genuin_sandbox_fuzz::request_body`.

#![no_main]

use genuin_sandbox_fuzz::{Input, log, request_body};
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(init: log::keep(), |data: &[u8]| -> Corpus {
    match request_body::check(data) {
        Input::Used => Corpus::Keep,
        Input::Unusable => Corpus::Reject,
    }
});
