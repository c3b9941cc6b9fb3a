//! What a directory holds: several files of one name, and no files at all.

use std::fs;
use std::path::Path;

use super::tests::{load, memory, outcome, reload, scenario, write};
use super::{Library, Source};
use crate::scenario::line::parse_line;
use crate::text::CapturedLog;

const IN_JSON: &str = r#"{"version":1,"rules":[{"id":"a","do":{"outcome":404}}]}"#;

/// Returns what is logged meanwhile.
fn logged(act: impl FnOnce()) -> Vec<String> {
    let log = CapturedLog::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .without_time()
        .with_target(false)
        .with_ansi(false);
    tracing::subscriber::with_default(subscriber.finish(), act);
    log.text().lines().map(|line| line.trim_start().to_owned()).collect()
}

/// Polls until a change is loaded; returns what was told of the reload and what was logged.
fn polled(library: &Library) -> (Option<String>, Vec<String>) {
    let mut reloaded = None;
    let lines = logged(|| {
        assert_eq!(library.poll(), None, "it may be half written");
        reloaded = library.poll();
        assert_eq!(library.poll(), None, "not at every look");
    });
    (reloaded, lines)
}

#[test]
fn of_two_files_of_one_name_the_one_in_use_goes_on_being_used() {
    for (first, second) in [("a.yaml", "a.json"), ("a.json", "a.yaml"), ("a.YML", "a.yml")] {
        let folder = tempfile::tempdir().unwrap();
        let of = |name: &str, outcome: &str| {
            let rule = format!(
                r#"{{"version": 1, "rules": [{{"id": "a", "do": {{"outcome": {outcome}}}}}]}}"#
            );
            write(folder.path(), name, &rule);
        };
        of(first, "500");
        let library = load(folder.path()).unwrap();
        of(second, "412");
        let (_, lines) = polled(&library);
        let path = |name: &str| folder.path().join(name).display().to_string();
        let refused = format!(
            "{}:1:1: the scenario a is already in {}; remove one of the two",
            path(second),
            path(first)
        );
        assert_eq!(lines, [format!("ERROR not loaded: {refused}")]);
        assert_eq!(library.last_error(), Some(refused.clone()));
        assert_eq!(outcome(&library, "a"), Some("server-error"));
        of(first, "404");
        reload(&library);
        assert_eq!(outcome(&library, "a"), Some("community-not-found"), "{first} is in use");
        write(folder.path(), first, "nonsense: [");
        let (_, lines) = polled(&library);
        let kept =
            format!("ERROR not reloaded, keeping the last valid version: {}:1:", path(first));
        assert!(lines.len() == 2 && lines[0].starts_with(&kept), "{lines:?}");
        assert_eq!(lines[1], format!("ERROR not loaded: {refused}"));
        assert_eq!(outcome(&library, "a"), Some("community-not-found"));
        fs::remove_file(path(first)).unwrap();
        reload(&library);
        assert_eq!(outcome(&library, "a"), Some("precondition-failed"), "only {second} is left");
        assert_eq!(library.last_error(), None);
    }
}

#[test]
fn of_two_new_files_of_one_name_the_first_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let library = load(folder.path()).unwrap();
    write(folder.path(), "b.yaml", &scenario("b", "500"));
    write(folder.path(), "b.json", IN_JSON);
    write(folder.path(), "b.yml", &scenario("b", "500"));
    reload(&library);
    assert_eq!(outcome(&library, "b"), Some("community-not-found"));
    let error = library.last_error().unwrap();
    let lines: Vec<_> = error.lines().collect();
    assert_eq!(lines.len(), 2, "{error}");
    for (line, name) in lines.iter().zip(["b.yaml", "b.yml"]) {
        let first = folder.path().join("b.json").display().to_string();
        assert!(
            line.contains(&format!("{name}:1:1: the scenario b is already in {first};")),
            "{error}"
        );
    }
}

#[test]
fn a_file_that_an_upload_hides_changes_with_a_second_file_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "mine.yml", &scenario("mine", "500"));
    let library = load(folder.path()).unwrap();
    let mut mine = parse_line("503").unwrap();
    mine.name = "mine".to_owned();
    library.upload(mine).unwrap();
    write(folder.path(), "mine.json", IN_JSON);
    reload(&library);
    write(folder.path(), "mine.yml", &scenario("mine", "412"));
    reload(&library);
    assert_eq!(outcome(&library, "mine"), Some("unavailable"), "the upload wins");
    assert!(library.remove_upload("mine"));
    assert_eq!(outcome(&library, "mine"), Some("precondition-failed"), "the file in use");
}

/// The warning of a directory without scenario files.
fn without_files(directory: &Path) -> String {
    format!(
        "WARN scenario directory {} has no scenario files, which end in .yaml, .yml or .json; they are loaded when \
         they appear, or name another with --scenarios (GNSB_SCENARIOS)",
        directory.display()
    )
}

#[test]
fn a_directory_without_scenario_files_is_told_at_the_start() {
    for others in [&[][..], &["README.md"], &[".hidden.yaml", "scenario.schema.json"]] {
        let folder = tempfile::tempdir().unwrap();
        for name in others {
            write(folder.path(), name, "nonsense: [");
        }
        let lines = logged(|| drop(load(folder.path()).unwrap()));
        assert_eq!(lines, [without_files(folder.path())], "{others:?}");
        write(folder.path(), "mine.yaml", &scenario("mine", "500"));
        assert_eq!(logged(|| drop(load(folder.path()).unwrap())), [""; 0], "{others:?}");
    }
    let none = || drop(Library::load(Source::default(), &memory()).unwrap());
    assert_eq!(logged(none), [""; 0], "no directory is named");
}

#[test]
fn a_directory_that_is_missing_or_empty_later_is_told_once() {
    let beside = tempfile::tempdir().unwrap();
    let folder = beside.path().join("later");
    let shown = folder.display().to_string();
    let missing = format!(
        "WARN scenario directory {shown} does not exist; its files are loaded when it appears"
    );
    let reloaded = |count: u32| Some(format!("reloaded scenarios from {shown}: {count} in total"));
    assert_eq!(
        logged(|| drop(load(&folder).unwrap())),
        [""; 0],
        "who names it is told by the option"
    );
    let library = load(&folder).unwrap();
    fs::create_dir(&folder).unwrap();
    assert_eq!(polled(&library), (None, vec![without_files(&folder)]), "it appears empty");
    write(&folder, "README.md", "");
    assert_eq!(polled(&library), (None, vec![]), "it is as empty as before");
    write(&folder, "mine.yaml", &scenario("mine", "500"));
    assert_eq!(polled(&library), (reloaded(7), vec![]));
    fs::remove_file(folder.join("mine.yaml")).unwrap();
    assert_eq!(polled(&library), (reloaded(6), vec![without_files(&folder)]));
    write(&folder, "mine.yaml", &scenario("mine", "500"));
    assert_eq!(polled(&library), (reloaded(7), vec![]));
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!(polled(&library), (reloaded(6), vec![missing]));
    assert_eq!((outcome(&library, "mine"), library.last_error()), (None, None));
}

#[test]
fn the_scenarios_stay_while_the_directory_cannot_be_listed() {
    let beside = tempfile::tempdir().unwrap();
    let folder = beside.path().join("later");
    for before in [None, Some(scenario("mine", "500"))] {
        fs::create_dir(&folder).unwrap();
        if let Some(text) = &before {
            write(&folder, "mine.yaml", text);
        }
        let library = load(&folder).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        fs::write(&folder, "").unwrap();
        let (reloaded, lines) = polled(&library);
        let why = format!(
            "{}:1:1: it is a file, not a directory; name the directory that the scenario files are in",
            folder.display()
        );
        assert_eq!((reloaded, lines), (None, vec![format!("ERROR not loaded: {why}")]));
        assert_eq!(library.last_error(), Some(why));
        assert_eq!(outcome(&library, "mine"), before.map(|_| "server-error"));
        fs::remove_file(&folder).unwrap();
    }
}
