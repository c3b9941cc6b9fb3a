//! See `genuin_sandbox_fuzz::connection`.

#![no_main]

use genuin_sandbox_fuzz::{Input, connection, log};
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(init: log::keep(), |data: &[u8]| -> Corpus {
    match connection::check(data) {
        Input::Used => Corpus::Keep,
        Input::Unusable => Corpus::Reject,
    }
});
