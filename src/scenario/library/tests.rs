use std::fs;
use std::path::Path;

use super::*;

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).unwrap();
}

fn scenario(name: &str, outcome: &str) -> String {
    format!("version: 1\nname: {name}\nrules:\n- {{id: a, do: {{outcome: {outcome}}}}}\n")
}

fn load(folder: &Path) -> Result<Library, Vec<String>> {
    let source = Source { directory: Some(folder.to_owned()), ..Source::default() };
    Library::load(source).map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

#[test]
fn a_directory_adds_to_the_built_in_scenarios_and_may_replace_them() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "mine.yaml", &scenario("mine", "500"));
    write(folder.path(), "slow.json", r#"{"version":1,"rules":[{"id":"a","do":{"outcome":404}}]}"#);
    write(folder.path(), ".hidden.yaml", "nonsense: [");
    write(folder.path(), "scenario.schema.json", "nonsense: [");
    write(folder.path(), "README.md", "nonsense: [");
    fs::create_dir(folder.path().join("sub.yaml")).unwrap();
    let library = load(folder.path()).unwrap();
    let names: Vec<_> = library.all().iter().map(|scenario| scenario.name.clone()).collect();
    assert_eq!(names, ["ambiguous-create", "flaky-twice", "mine", "outage", "rush-hour", "slow"]);
    assert_eq!(
        library.resolve("slow").unwrap().rules[0].steps[0].forced.name(),
        "community-not-found"
    );
}

#[test]
fn symbolic_links_are_followed_to_regular_files_only() {
    let folder = tempfile::tempdir().unwrap();
    let target = tempfile::tempdir().unwrap();
    write(target.path(), "x", &scenario("linked", "500"));
    std::os::unix::fs::symlink(target.path().join("x"), folder.path().join("linked.yaml")).unwrap();
    assert!(load(folder.path()).unwrap().resolve("linked").is_ok());
    std::os::unix::fs::symlink("/dev/zero", folder.path().join("endless.yaml")).unwrap();
    let errors = load(folder.path()).unwrap_err();
    assert!(errors[0].ends_with("endless.yaml:1:1: not a regular file; remove it"), "{errors:?}");
}

#[test]
fn every_bad_file_is_named_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.yaml", &scenario("b", "500"));
    write(folder.path(), "c.yml", "");
    write(folder.path(), "d.yaml", &scenario("d", "501"));
    write(folder.path(), "500.yaml", &scenario("\"500\"", "ok"));
    let errors = load(folder.path()).unwrap_err();
    let expected = [
        ("500.yaml:2:7", "invalid scenario name"),
        ("a.yaml:2:7", "write name: a"),
        ("c.yml:1:1", "the file is empty"),
        ("d.yaml:4:25", "unknown outcome \"501\"; did you mean \"401\"?"),
    ];
    assert_eq!(errors.len(), expected.len(), "{errors:#?}");
    for (error, (place, what)) in errors.iter().zip(expected) {
        assert!(error.contains(place) && error.contains(what), "{place} {what}: {error}");
    }
}

#[test]
fn a_change_is_loaded_at_the_second_look() {
    let folder = tempfile::tempdir().unwrap();
    let library = load(folder.path()).unwrap();
    write(folder.path(), "mine.yaml", &scenario("mine", "500"));
    library.poll();
    assert!(library.resolve("mine").is_err(), "it may be half written");
    library.poll();
    assert!(library.resolve("mine").is_ok());
    write(folder.path(), "mine.yaml", "version: 1\nrules: [");
    library.poll();
    library.poll();
    assert!(library.resolve("mine").is_ok(), "the last valid ones stay");
    assert!(library.last_error().unwrap().contains("mine.yaml:2:8"));
    fs::remove_file(folder.path().join("mine.yaml")).unwrap();
    library.poll();
    library.poll();
    assert!(library.resolve("mine").is_err());
    assert_eq!(library.last_error(), None);
}

#[test]
fn an_unknown_name_is_refused_with_the_known_ones() {
    let library = Library::load(Source::default()).unwrap();
    let why = |name: &str| library.resolve(name).unwrap_err().0;
    assert!(
        why("flaky-twise")
            .starts_with("unknown scenario \"flaky-twise\"; did you mean \"flaky-twice\"?")
    );
    assert!(why("5027").contains("did you mean \"5026\"?"));
    assert!(why("2x500, sever-error").contains("did you mean \"server-error\"?"));
    assert!(why("").contains("scenarios: ambiguous-create, flaky-twice, outage, rush-hour, slow"));
}

#[test]
fn at_most_1024_lines_are_cached() {
    let library = Library::load(Source::default()).unwrap();
    for delay_ms in 0..=MAX_LINES {
        library.resolve(&format!("ok+{delay_ms}ms")).unwrap();
        assert!(library.current().lines.len() <= MAX_LINES);
    }
}

#[test]
fn at_most_1000_scenarios_are_uploaded() {
    let library = Library::load(Source::default()).unwrap();
    let upload = |number: usize| {
        let mut scenario = parse_line("500").unwrap();
        scenario.name = format!("s{number}");
        library.upload(scenario)
    };
    for number in 0..MAX_FILES {
        upload(number).unwrap();
    }
    assert!(upload(MAX_FILES).unwrap_err().contains("which is the limit; delete one"));
    assert!(upload(0).is_ok(), "a known name is replaced");
}
