use std::fs;
use std::path::Path;

use super::*;
use crate::memory::MemoryLimits;
use crate::text::CapturedLog;

pub(super) fn memory() -> Budgets {
    Budgets::new(&MemoryLimits::default()).unwrap()
}

pub(super) fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).unwrap();
}

pub(super) fn scenario(name: &str, outcome: &str) -> String {
    format!("version: 1\nname: {name}\nrules:\n- {{id: a, do: {{outcome: {outcome}}}}}\n")
}

pub(super) fn load(folder: &Path) -> Result<Library, Vec<String>> {
    let source = Source { directory: Some(folder.to_owned()), ..Source::default() };
    Library::load(source, &memory())
        .map_err(|errors| errors.iter().map(ToString::to_string).collect())
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
    assert_eq!(
        names,
        [
            "ambiguous-create",
            "flaky-twice",
            "mine",
            "outage",
            "partner-journey",
            "rush-hour",
            "slow"
        ]
    );
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
    let expected = "endless.yaml:1:1: cannot read: it is not a regular file; name one of at most";
    assert!(errors[0].contains(expected), "{errors:?}");
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
        (
            "d.yaml:4:25",
            "unknown outcome \"501\"; did you mean \"500\", \"502\", \"503\" or \"504\"?",
        ),
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
    assert!(library.resolve("mine").is_ok(), "the last valid version stays");
    assert!(library.last_error().unwrap().contains("mine.yaml:2:8"));
    fs::remove_file(folder.path().join("mine.yaml")).unwrap();
    reload(&library);
    assert!(library.resolve("mine").is_err());
    assert_eq!(library.last_error(), None);
}

/// Looks at the directory until a change is loaded.
pub(super) fn reload(library: &Library) {
    library.poll();
    library.poll();
}

/// Returns the outcome that a scenario of one step forces, if it is known.
pub(super) fn outcome(library: &Library, name: &str) -> Option<&'static str> {
    let scenario = library.resolve(name).ok()?;
    Some(scenario.rules[0].steps[0].forced.name())
}

#[test]
fn each_file_is_loaded_for_itself() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.yaml", &scenario("a", "500"));
    write(folder.path(), "slow.yaml", &scenario("slow", "500"));
    let library = load(folder.path()).unwrap();
    write(folder.path(), "a.yaml", &scenario("a", "501"));
    write(folder.path(), "slow.yaml", "rules: [");
    write(folder.path(), "b.yaml", &scenario("b", "404"));
    write(folder.path(), "new.yaml", "");
    reload(&library);
    let outcomes = ["a", "slow", "b", "new"].map(|name| outcome(&library, name));
    let expected = [Some("server-error"), Some("server-error"), Some("community-not-found"), None];
    assert_eq!(outcomes, expected);
    let error = library.last_error().unwrap();
    let lines: Vec<_> = error.lines().collect();
    let places = ["a.yaml:4:25", "new.yaml:1:1", "slow.yaml:1:8"];
    assert_eq!(lines.len(), places.len(), "{error}");
    assert!(lines.iter().zip(places).all(|(line, place)| line.contains(place)), "{error}");
    write(folder.path(), "a.yaml", &scenario("a", "412"));
    fs::remove_file(folder.path().join("slow.yaml")).unwrap();
    reload(&library);
    assert_eq!(outcome(&library, "a"), Some("precondition-failed"));
    assert_eq!(outcome(&library, "slow"), Some("ok"), "the built-in one");
    let error = library.last_error().unwrap();
    assert!(error.contains("new.yaml") && error.lines().count() == 1, "{error}");
    write(folder.path(), "new.yaml", &scenario("new", "404"));
    reload(&library);
    assert_eq!(
        (outcome(&library, "new"), library.last_error()),
        (Some("community-not-found"), None)
    );
}

#[test]
fn two_files_of_one_name_are_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.yaml", &scenario("a", "500"));
    write(folder.path(), "a.YML", &scenario("a", "500"));
    let errors = load(folder.path()).unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].contains("the scenario a is already in"), "{errors:?}");
}

#[test]
fn a_change_that_keeps_size_and_time_is_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.yaml");
    let set_time = || {
        let time =
            std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    };
    write(folder.path(), "a.yaml", &scenario("a", "500"));
    set_time();
    let library = load(folder.path()).unwrap();
    write(folder.path(), "a.yaml", &scenario("a", "404"));
    set_time();
    reload(&library);
    assert_eq!(outcome(&library, "a"), Some("community-not-found"));
}

#[test]
fn a_directory_behind_a_symbolic_link_that_is_swapped_is_loaded() {
    // as a ConfigMap of Kubernetes is mounted
    let folder = tempfile::tempdir().unwrap();
    let link = |from: &str, to: &str| {
        std::os::unix::fs::symlink(from, folder.path().join(to)).unwrap();
    };
    for (version, status) in [("..1", "500"), ("..2", "404")] {
        fs::create_dir(folder.path().join(version)).unwrap();
        write(&folder.path().join(version), "a.yaml", &scenario("a", status));
    }
    link("..1", "..data");
    link("..data/a.yaml", "a.yaml");
    let library = load(folder.path()).unwrap();
    assert_eq!(outcome(&library, "a"), Some("server-error"));
    link("..2", "..data_tmp");
    fs::rename(folder.path().join("..data_tmp"), folder.path().join("..data")).unwrap();
    reload(&library);
    assert_eq!(outcome(&library, "a"), Some("community-not-found"));
}

#[test]
fn endings_are_taken_in_any_case() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.YAML", "b.Yml", "c.JSON"] {
        let text = r#"{"version":1,"rules":[{"id":"a","do":{"outcome":404}}]}"#;
        write(folder.path(), name, text);
    }
    write(folder.path(), "x.Schema.Json", "nonsense: [");
    let library = load(folder.path()).unwrap();
    for name in ["a", "b", "c"] {
        assert_eq!(outcome(&library, name), Some("community-not-found"), "{name}");
    }
    write(folder.path(), "X.YML", &scenario("x", "500"));
    let errors = load(folder.path()).unwrap_err();
    let expected = "X.YML:2:7: the name \"x\" does not match the file; name the file x too";
    assert!(errors.len() == 1 && errors[0].ends_with(expected), "{errors:?}");
}

#[test]
fn an_unknown_name_is_refused_with_the_known_ones() {
    let library = Library::load(Source::default(), &memory()).unwrap();
    let why = |name: &str| library.resolve(name).unwrap_err().0;
    assert!(
        why("flaky-twise")
            .starts_with("unknown scenario \"flaky-twise\"; did you mean \"flaky-twice\"?")
    );
    assert!(why("5027").contains("did you mean \"5026\"?"));
    assert!(why("2x500, sever-error").contains("did you mean \"server-error\"?"));
    assert!(why("").contains(
        "scenarios: ambiguous-create, flaky-twice, outage, partner-journey, rush-hour, slow"
    ));
}

#[test]
fn a_scenario_in_a_line_is_told_to_be_one() {
    let library = Library::load(Source::default(), &memory()).unwrap();
    let mut mine = parse_line("500").unwrap();
    mine.name = "mine".to_owned();
    library.upload(mine).unwrap();
    for (line, name) in [
        ("flaky-twice,ok", "flaky-twice"),
        ("500, 2xslow+2s", "slow"),
        ("outage*", "outage"),
        ("post_video:mine", "mine"),
        ("no-outcome,mine@30%", "mine"),
    ] {
        let expected = format!(
            "the scenario {name:?} cannot be a step of a line; name it alone, or write its outcomes as steps (see \
             genuin-sandbox outcomes)"
        );
        assert_eq!(library.resolve(line).unwrap_err().0, expected, "{line}");
    }
    let why = library.resolve("no-outcome,ok").unwrap_err().0;
    assert!(why.starts_with("unknown outcome \"no-outcome\""), "{why}");
}

#[test]
fn a_path_that_is_no_directory_is_told_to_be_none() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "server.log", "");
    let path = folder.path().join("server.log");
    let expected = "server.log:1:1: it is a file, not a directory; name the directory that the scenario files \
                    are in";
    let errors = load(&path).unwrap_err();
    assert!(errors.len() == 1 && errors[0].ends_with(expected), "{errors:?}");
}

#[test]
fn files_that_another_scenario_hides_are_told_with_what_uses_them() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "inline.yaml", &scenario("inline", "404"));
    write(folder.path(), "slow.yaml", &scenario("slow", "404"));
    let source = Source {
        directory: Some(folder.path().to_owned()),
        inline: Some(scenario("inline", "500")),
        ..Source::default()
    };
    let hidden_by = |name: &str, winner: &str, what_to_do: &str| {
        format!(
            "the file of the scenario {name} is not used, since {winner} has the same name and wins; to use it, \
             {what_to_do}"
        )
    };
    let by_inline =
        hidden_by("inline", "the scenario in GNSB_SCENARIO_YAML", "rename one of the two");
    let by_upload = hidden_by("mine", "an uploaded scenario", "delete the upload");
    let log = CapturedLog::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone());
    tracing::subscriber::with_default(subscriber.finish(), || {
        let library = Library::load(source, &memory()).unwrap();
        let count = |why: &str| log.text().matches(why).count();
        assert_eq!(library.unused_files(), [by_inline.as_str()]);
        assert_eq!(count(&by_inline), 1, "at the start");
        let mut mine = parse_line("500").unwrap();
        mine.name = "mine".to_owned();
        library.upload(mine).unwrap();
        assert_eq!(library.unused_files(), [by_inline.as_str()], "there is no file yet");
        write(folder.path(), "mine.yaml", &scenario("mine", "404"));
        reload(&library);
        assert_eq!(library.unused_files(), [by_inline.as_str(), &by_upload]);
        assert_eq!(count(&by_upload), 1);
        library.poll();
        assert_eq!(count(&by_upload), 1, "not at every look");
        assert_eq!(outcome(&library, "mine"), Some("server-error"));
        assert!(library.remove_upload("mine"));
        assert_eq!(library.unused_files(), [by_inline.as_str()]);
        assert_eq!(outcome(&library, "mine"), Some("community-not-found"), "the file");
    });
}

#[test]
fn at_most_1000_scenarios_are_uploaded() {
    let library = Library::load(Source::default(), &memory()).unwrap();
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
