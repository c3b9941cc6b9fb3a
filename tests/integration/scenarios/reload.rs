//! Scenario files that change while the server runs, and scenarios at the start.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tempfile::TempDir;

use super::{Call, Kept, endings, wait_until, write_rules};
use crate::admin::ask;
use crate::harness::App;
use crate::process::{End, Process, command, run};

/// Ends a test that would hang, and promises nothing: a change is live at the second look at the
/// folder, which a test of the library holds.
const DEADLINE: Duration = Duration::from_mins(1);

/// A server that reads scenarios from a folder, with its log in a file.
struct Watching {
    process: Process,
    folder: TempDir,
    log: PathBuf,
    _beside: TempDir,
}

impl Watching {
    fn start(outcome: &str) -> Self {
        let (folder, beside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        write_rules(&folder, "storm", &rule(outcome));
        let log = beside.path().join("log");
        let path = folder.path().to_str().unwrap();
        let arguments = ["--listen", "127.0.0.1:0", "--log", "error", "--scenarios", path];
        let mut command = command(&[&arguments[..], &["--scenario", "storm"]].concat(), &[]);
        command.stderr(File::create(&log).unwrap());
        Self { process: Process::spawn(command), folder, log, _beside: beside }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("storm.yaml")
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    fn status(&self) -> u16 {
        Kept::open(self.process.address).call(&Call::new().bytes(&[]))
    }

    fn until_live(&self, status: u16) {
        wait_until(&format!("{status} is live"), DEADLINE, || self.status() == status);
    }
}

fn rule(outcome: &str) -> String {
    format!("- {{ id: a, do: {{ outcome: {outcome} }} }}")
}

fn file(rules: &str) -> String {
    format!("version: 1\nname: storm\nrules:\n{rules}\n")
}

/// Makes calls until `stop` is set, then a last one; returns the statuses without repetitions.
fn keep_calling(address: SocketAddr, stop: &AtomicBool) -> Vec<u16> {
    let (mut kept, call) = (Kept::open(address), Call::new().bytes(&[]));
    let mut seen = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let status = kept.call(&call);
        if seen.last() != Some(&status) {
            seen.push(status);
        }
    }
    // a thread that was not scheduled since the last edit has not seen it yet
    let status = kept.call(&call);
    if seen.last() != Some(&status) {
        seen.push(status);
    }
    seen
}

/// Stops the callers also when the test fails.
struct StopWhenDropped<'a>(&'a AtomicBool);

impl Drop for StopWhenDropped<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Edits a file so that it is in turn valid, invalid, half written or empty.
fn edit(path: &Path, number: usize, good: &str) {
    let half = &good[..good.find("outcome").unwrap()];
    let text = match number % 6 {
        0 | 2 | 4 => good.to_owned(),
        1 => good.replace("do:", "dow:"),
        3 => half.to_owned(),
        _ if number % 4 == 1 => String::new(),
        _ => good.replace("outcome:", "outcome: no-"),
    };
    fs::write(path, text).unwrap();
}

#[test]
fn a_storm_of_edits_fails_no_call_and_the_last_one_becomes_live() {
    let watching = Watching::start("500");
    let (path, stop) = (watching.path(), AtomicBool::new(false));
    let statuses: [u16; 4] = [500, 404, 412, 503];
    let address = watching.process.address;
    let seen: Vec<Vec<u16>> = std::thread::scope(|scope| {
        let stopping = StopWhenDropped(&stop);
        let callers: Vec<_> =
            (0..3).map(|_| scope.spawn(|| keep_calling(address, &stop))).collect();
        for number in 0..300 {
            let status = statuses[number % statuses.len()];
            edit(&path, number, &file(&rule(&status.to_string())));
            // some edits stay long enough to be seen
            match number {
                50 | 150 => watching.until_live(status),
                101 | 201 => {
                    let errors = watching.log().lines().count();
                    wait_until("the error is logged", DEADLINE, || {
                        watching.log().lines().count() > errors
                    });
                }
                _ => {}
            }
        }
        fs::write(&path, file(&rule("401"))).unwrap();
        watching.until_live(401);
        drop(stopping);
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    });
    for seen in seen {
        let known = |status: &u16| statuses.contains(status) || *status == 401;
        assert!(seen.iter().all(known), "{seen:?}");
        assert_eq!((seen.first(), seen.last()), (Some(&500), Some(&401)), "{seen:?}");
        assert!(seen.contains(&412), "the 50th edit was seen: {seen:?}");
    }
}

#[test]
fn a_changed_file_is_taken_by_a_running_server() {
    let watching = Watching::start("500");
    let path = watching.path();
    for status in [404, 412, 500] {
        fs::write(&path, file(&rule(&status.to_string()))).unwrap();
        watching.until_live(status);
    }
    // the same length and modification time, as after `cp -p` or `tar x`
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    fs::write(&path, file(&rule("401"))).unwrap();
    File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    watching.until_live(401);
    fs::remove_file(&path).unwrap();
    watching.until_live(501);
}

#[test]
fn a_swapped_folder_behind_a_symbolic_link_is_taken_by_a_running_server() {
    let folder = tempfile::tempdir().unwrap();
    let link = |target: &str, name: &str| {
        std::os::unix::fs::symlink(target, folder.path().join(name)).unwrap();
    };
    for (version, status) in [("..2024_1", "500"), ("..2024_2", "404")] {
        fs::create_dir(folder.path().join(version)).unwrap();
        let path = folder.path().join(version).join("storm.yaml");
        fs::write(path, file(&rule(status))).unwrap();
    }
    link("..2024_1", "..data");
    link("..data/storm.yaml", "storm.yaml");
    let app = App::with(|builder| builder.scenarios(folder.path()).scenario("storm"));
    assert_eq!(Call::new().send(&app).status, 500);
    link("..2024_2", "..data_tmp");
    fs::rename(folder.path().join("..data_tmp"), folder.path().join("..data")).unwrap();
    wait_until("the swap is live", DEADLINE, || Call::new().send(&app).status == 404);
}

#[test]
fn a_bad_file_is_told_with_its_place_and_holds_up_no_other() {
    let watching = Watching::start("500");
    let path = watching.path();
    fs::write(&path, file("- { id: a, do: { outcome: sever-error } }")).unwrap();
    let expected = format!(
        "{}:4:27: unknown outcome \"sever-error\"; did you mean \"server-error\"?",
        path.display()
    );
    wait_until("the error is logged", DEADLINE, || watching.log().contains(&expected));
    assert_eq!(watching.status(), 500, "the last valid version stays");
    let error = || {
        let answer = ask(watching.process.address, "GET", "status", "").json();
        answer["scenarios"]["last_error"].as_str().map(str::to_owned)
    };
    wait_until("the status shows it", DEADLINE, || {
        error().is_some_and(|error| error.starts_with(&expected))
    });
    write_rules(&watching.folder, "other", &rule("404"));
    let by_header = Call::new().header("other").bytes(&[]);
    let other = || Kept::open(watching.process.address).call(&by_header);
    wait_until("a good file beside it is live", DEADLINE, || other() == 404);
    assert_eq!(watching.status(), 500);
    fs::write(&path, file(&rule("412"))).unwrap();
    watching.until_live(412);
    wait_until("the error is gone", DEADLINE, || error().is_none());
}

#[test]
fn a_bad_file_is_logged_once_and_not_at_every_look() {
    let watching = Watching::start("500");
    fs::write(watching.path(), "version: 2\n").unwrap();
    wait_until("the error is logged", DEADLINE, || watching.log().contains("not reloaded"));
    let first = watching.log();
    // a change that is live has been seen at two looks
    write_rules(&watching.folder, "storm", &rule("404"));
    watching.until_live(404);
    assert_eq!(watching.log(), first);
}

#[test]
fn unchanged_rules_keep_their_counters_over_a_reload() {
    let folder = tempfile::tempdir().unwrap();
    let same = "- { id: same, do: [{ outcome: 500, times: 2 }, { outcome: 404, times: 2 }] }";
    write_rules(&folder, "test", &format!("{same}\n- {{ id: b, do: {{ outcome: 412 }} }}"));
    let app = App::with(|builder| builder.scenarios(folder.path()).scenario("test"));
    let call = Call::new();
    assert_eq!(endings(&app, &call, 3), ["500", "500", "404"]);
    let marker = "- { id: z, match: { tenant: marker }, do: { outcome: 401 } }";
    write_rules(
        &folder,
        "test",
        &format!("{marker}\n{same}\n- {{ id: b, do: {{ outcome: 503 }} }}"),
    );
    let scout = Call::new().token("gnsb_marker");
    wait_until("the marker is live", DEADLINE, || scout.send(&app).status == 401);
    assert_eq!(endings(&app, &call, 3), ["404", "503", "503"]);
    let changed = same.replace("times: 2", "times: 1");
    write_rules(&folder, "test", &changed);
    wait_until("the marker is gone", DEADLINE, || scout.send(&app).status != 401);
    assert_eq!(endings(&app, &call, 3), ["500", "404", "ok"], "a changed rule starts again");
}

#[test]
fn a_folder_that_appears_later_is_loaded() {
    let beside = tempfile::tempdir().unwrap();
    let folder = beside.path().join("later");
    let app = App::with(|builder| builder.scenarios(&folder));
    let call = Call::new().header("new");
    assert_eq!(call.send(&app).status, 501);
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("new.yaml"), file(&rule("404")).replace("storm", "new")).unwrap();
    wait_until("it is loaded", DEADLINE, || call.send(&app).status == 404);
}

/// Starts a server and returns the status of a call.
fn started(arguments: &[&str], variables: &[(&str, &str)]) -> (Process, u16) {
    let all = [&["--listen", "127.0.0.1:0"], arguments].concat();
    let process = Process::spawn(command(&all, variables));
    let status = Kept::open(process.address).call(&Call::new().bytes(&[]));
    (process, status)
}

#[test]
fn the_scenario_in_the_environment_is_active_unless_another_is_named() {
    let yaml = "version: 1\nname: mine\nrules:\n- { id: a, do: { outcome: 404 } }\n";
    let inline = ("GNSB_SCENARIO_YAML", yaml);
    for (arguments, variables, scenario, status) in [
        (&[][..], &[inline][..], "mine", 404),
        (&[], &[inline, ("GNSB_SCENARIO", "")], "mine", 404),
        (&[], &[inline, ("GNSB_SCENARIO", "412")], "412", 412),
        (&["--scenario", "outage"], &[inline, ("GNSB_SCENARIO", "412")], "outage", 503),
        (&["--scenario", "1x401, ok*"], &[], "1x401, ok*", 401),
        (&[], &[("GNSB_SCENARIO_YAML", "")], "none", 200),
    ] {
        let (process, got) = started(arguments, variables);
        let ready = format!(
            "genuin-sandbox ready on http://{} (seed 42, scenario {scenario})\n",
            process.address
        );
        assert_eq!((&*process.ready_line, got), (&*ready, status), "{arguments:?} {variables:?}");
    }
}

#[test]
fn an_inactive_scenario_in_the_environment_can_be_named() {
    let yaml = "version: 1\nname: mine\nrules:\n- { id: a, do: { outcome: 404 } }\n";
    let (process, _) = started(&["--scenario", "ok"], &[("GNSB_SCENARIO_YAML", yaml)]);
    let call = Call::new().header("mine").bytes(&[]);
    assert_eq!(Kept::open(process.address).call(&call), 404);
}

/// Returns the error of a start that failed.
fn refused(end: &End) -> &str {
    assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{}", end.stderr);
    &end.stderr
}

#[test]
fn a_bad_folder_fails_the_start_with_every_error() {
    let folder = tempfile::tempdir().unwrap();
    write_rules(&folder, "good", &rule("500"));
    write_rules(&folder, "bad", &rule("5027"));
    write_rules(&folder, "worse", "- { id: a, dow: { outcome: 500 } }");
    let path = folder.path().to_str().unwrap();
    let end = run(&["--listen", "127.0.0.1:0", "--scenarios", path], &[]);
    let stderr = refused(&end);
    for expected in [
        format!("{path}/bad.yaml:4:27: unknown outcome \"5027\"; did you mean \"5026\"?"),
        format!("{path}/worse.yaml:4:12: unknown key \"dow\"; did you mean \"do\"?"),
    ] {
        assert!(stderr.contains(&expected), "{expected}: {stderr}");
    }
    assert!(!stderr.contains("good.yaml"), "{stderr}");
}

#[test]
fn the_folder_of_another_tool_fails_the_start_with_the_option_that_names_another() {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join("scenarios")).unwrap();
    fs::write(place.path().join("scenarios/load.yml"), "config: { target: x }\n").unwrap();
    for arguments in [&["--listen", "127.0.0.1:0"][..], &["exec", "--", "true"]] {
        let output = command(arguments, &[]).current_dir(place.path()).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        let last = stderr.lines().last().unwrap();
        for part in ["./scenarios", "--scenarios", "GNSB_SCENARIOS"] {
            assert!(last.contains(part), "{arguments:?}: {stderr}");
        }
        assert!(stderr.contains("scenarios/load.yml:1:1: unknown key"), "{arguments:?}: {stderr}");
    }
    let end = run(&["--listen", "127.0.0.1:0"], &[("GNSB_SCENARIO_YAML", "rules: [")]);
    assert!(!refused(&end).contains("--scenarios"), "{}", end.stderr);
}

#[test]
fn an_unknown_scenario_fails_the_start() {
    for (arguments, variables, expected) in [
        (
            &["--scenario", "flaky-twcie"][..],
            &[][..],
            "--scenario: unknown scenario \"flaky-twcie\"; did you mean \"flaky-twice\"?",
        ),
        (
            &[],
            &[("GNSB_SCENARIO", "sever-error")],
            "unknown outcome \"sever-error\"; did you mean \"server-error\"?",
        ),
        (
            &[],
            &[("GNSB_SCENARIO_YAML", "version: 1\nname: x\nrulse: []\n")],
            "GNSB_SCENARIO_YAML:3:1: unknown key \"rulse\"; did you mean \"rules\"?",
        ),
        (&[], &[("GNSB_SCENARIO_YAML", "version: 1\nrules: []\n")], "missing key \"name\""),
    ] {
        let all = [&["--listen", "127.0.0.1:0"], arguments].concat();
        let end = run(&all, variables);
        let stderr = refused(&end);
        assert!(stderr.contains(expected), "{expected}: {stderr}");
    }
}
