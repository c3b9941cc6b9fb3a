//! See `genuin_sandbox_fuzz::admin_json`.

#![no_main]

use genuin_sandbox_fuzz::{Input, admin_json, log};
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(init: log::keep(), |data: &[u8]| -> Corpus {
    match admin_json::check(data) {
        Input::Used => Corpus::Keep,
        Input::Unusable => Corpus::Reject,
    }
});
