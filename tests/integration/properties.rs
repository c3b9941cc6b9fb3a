//! How property tests run: as `tests/property` says, each of them.

use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::property;
use crate::sources::rust_files;

#[test]
fn every_property_says_how_to_run_its_case_again() {
    // in parts, since this file is among them
    let start = ["proptest!", "{"].join(" ");
    let mut properties = 0;
    for file in rust_files() {
        let text = std::fs::read_to_string(&file).unwrap();
        for block in text.split(&start).skip(1) {
            let config = "#![proptest_config(property::cases(";
            assert!(block.trim_start().starts_with(config), "{}", file.display());
            properties += 1;
        }
    }
    assert!(properties > 5, "{properties}");
}

#[test]
fn a_failed_case_is_run_again_by_its_seed_and_leaves_no_file() {
    const NAME: &str = "properties::a_failed_case_is_run_again_by_its_seed_and_leaves_no_file";
    const FAILS: &str = "PROPERTY_TEST_FAILS";
    if std::env::var_os(FAILS).is_some() {
        let property = |number: u64| {
            println!("tried {number}");
            prop_assert!(number % 16 != 3);
            Ok(())
        };
        TestRunner::new(property::cases(1000)).run(&any::<u64>(), property).unwrap();
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let run = |seed: &[(&str, &str)]| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([NAME, "--exact", "--nocapture"]).env(FAILS, "1").envs(seed.iter().copied());
        let output = command.current_dir(&folder).output().unwrap();
        assert!(!output.status.success());
        [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap())
    };
    let tried = |text: &str| -> Vec<u64> {
        let numbers = text.split("tried ").skip(1);
        numbers.map(|rest| rest.split_whitespace().next().unwrap().parse().unwrap()).collect()
    };
    let [stdout, stderr] = run(&[]);
    let failed = tried(&stdout).into_iter().find(|number| number % 16 == 3).unwrap();
    let (_, seed) = stderr.split_once("PROPERTY_SEED=\"").unwrap_or_else(|| panic!("{stderr}"));
    let (seed, _) = seed.split_once('"').unwrap();
    let [stdout, _] = run(&[("PROPERTY_SEED", seed)]);
    assert_eq!(tried(&stdout).first(), Some(&failed), "{seed}");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["proptest-regressions", "tests/proptest-regressions"] {
        assert!(!root.join(folder).exists(), "{folder}");
    }
}
