//! The properties of the fuzz targets, checked without libFuzzer: with every input of the kept
//! corpus, then with mutations of it that are the same on every run. `fuzz/run` looks for new ones.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the message")]

mod mutate;
#[path = "../../fuzz/src/lib.rs"]
mod properties;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};

use mutate::Mutator;
use properties::{Input, admin_json, connection, headers, log, request_body, scenario_file};

/// The inputs of a target's corpus, in the order of their names.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = fuzz().join("corpus").join(target);
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|file| std::fs::read(file).unwrap()).collect()
}

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

/// Checks the corpus and `mutations` more inputs; a failure shows the input.
fn check_all(target: &str, mutations: usize, check: fn(&[u8]) -> Input) {
    log::keep();
    let corpus = corpus(target);
    let dictionary = fuzz().join("dictionaries").join(format!("{target}.dict"));
    let dictionary = std::fs::read_to_string(dictionary).unwrap();
    let mut mutator = Mutator::new(&corpus, mutate::words(&dictionary));
    let mutated: Vec<_> = (0..mutations).map(|_| mutator.next()).collect();
    let mut used = 0;
    for input in corpus.iter().chain(&mutated) {
        match catch_unwind(AssertUnwindSafe(|| check(input))) {
            Ok(Input::Used) => used += 1,
            Ok(Input::Unusable) => {}
            Err(panic) => {
                eprintln!("{target} fails for b\"{}\"", input.escape_ascii());
                resume_unwind(panic);
            }
        }
    }
    let all = corpus.len() + mutated.len();
    assert!(used * 2 > all, "only {used} of {all} inputs are usable");
}

#[test]
fn any_body_of_create_group_is_judged_consistently() {
    check_all("request_body", 2000, request_body::check);
}

#[test]
fn any_headers_meet_the_access_rules() {
    check_all("headers", 2000, headers::check);
}

#[test]
fn any_scenario_file_is_refused_with_a_place_or_works() {
    check_all("scenario_file", 2000, scenario_file::check);
}

#[test]
fn any_bodies_sent_to_the_own_api_leave_it_intact() {
    check_all("admin_json", 2000, admin_json::check);
}

#[test]
fn any_bytes_on_a_connection_get_whole_answers() {
    check_all("connection", 2000, connection::check);
}
