//! See `genuin_sandbox_fuzz::headers`.

#![no_main]

use genuin_sandbox_fuzz::{Input, headers, log};
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(init: log::keep(), |data: &[u8]| -> Corpus {
    match headers::check(data) {
        Input::Used => Corpus::Keep,
        Input::Unusable => Corpus::Reject,
    }
});
