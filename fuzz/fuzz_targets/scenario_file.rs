//! See `genuin_sandbox_fuzz::scenario_file`.

#![no_main]

use genuin_sandbox_fuzz::{Input, log, scenario_file};
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(init: log::keep(), |data: &[u8]| -> Corpus {
    match scenario_file::check(data) {
        Input::Used => Corpus::Keep,
        Input::Unusable => Corpus::Reject,
    }
});
