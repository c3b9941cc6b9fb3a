//! The commit in `--version`, which the build script finds out.

#[expect(dead_code, reason = "its main function is for cargo")]
#[path = "../../build.rs"]
mod build_script;

use std::path::Path;
use std::process::Command;

use build_script::{commit, named, watched};

use crate::process::run;

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=ann", "-c", "user.email=ann@example.com"];
    let mut git = Command::new("git");
    let git = git.arg("-C").arg(folder).args(identity).args(arguments);
    assert!(git.output().unwrap().status.success(), "{arguments:?}");
}

/// A repository with one commit that has a build script.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("build.rs"), "").unwrap();
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "build.rs"]);
    git(folder.path(), &["commit", "-q", "-m", "one"]);
    folder
}

#[test]
fn version_names_the_commit_of_this_build() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let commit = named(std::env::var("SANDBOX_COMMIT").ok()).or_else(|| commit(root));
    let commit = commit.unwrap_or_else(|| "unknown".to_owned());
    let expected = format!("genuin-sandbox {} ({commit})\n", env!("CARGO_PKG_VERSION"));
    for flag in ["--version", "-V"] {
        let end = run(&[flag], &[]);
        assert_eq!((end.code, end.stdout.as_str()), (Some(0), expected.as_str()), "{flag}");
    }
}

#[test]
fn a_build_without_a_repository_can_be_told_its_commit() {
    let named = |value: &str| named(Some(value.to_owned()));
    assert_eq!(named("e5345ad").as_deref(), Some("e5345ad"));
    assert_eq!(named(&"0123456789".repeat(4)).as_deref(), Some("0123456"));
    // an argument of a container build that nobody gave is empty
    for value in ["", "two words", "line\nend", &"a".repeat(41)] {
        assert_eq!(named(value), None, "{value:?}");
    }
}

#[test]
fn the_commit_is_that_of_the_sources() {
    let folder = repository();
    let first = commit(folder.path()).unwrap();
    assert!(first.len() >= 7 && first.bytes().all(|byte| byte.is_ascii_hexdigit()), "{first}");
    git(folder.path(), &["commit", "-q", "--allow-empty", "-m", "two"]);
    assert_ne!(commit(folder.path()), Some(first));
}

#[test]
fn sources_without_their_repository_have_no_commit() {
    let alone = tempfile::tempdir().unwrap();
    std::fs::write(alone.path().join("build.rs"), "").unwrap();
    assert_eq!(commit(alone.path()), None, "no repository");
    assert_eq!(watched(alone.path()), Vec::<std::path::PathBuf>::new());

    let other = repository();
    let copy = other.path().join("vendored");
    std::fs::create_dir(&copy).unwrap();
    std::fs::write(copy.join("build.rs"), "").unwrap();
    assert_eq!(commit(&copy), None, "copied into another repository");

    let empty = tempfile::tempdir().unwrap();
    git(empty.path(), &["init", "-q"]);
    assert_eq!(commit(empty.path()), None, "no commit yet");
}

#[test]
fn a_build_watches_existing_files_that_change_with_the_commit() {
    for with_log in [true, false] {
        let folder = repository();
        if !with_log {
            git(folder.path(), &["config", "core.logAllRefUpdates", "false"]);
            std::fs::remove_file(folder.path().join(".git/logs/HEAD")).unwrap();
        }
        let content = || {
            let paths = watched(folder.path());
            assert!(!paths.is_empty() && paths.iter().all(|path| path.exists()), "{paths:?}");
            // cargo looks at all that is in a folder
            let list = Command::new("find").args(paths).args(["-type", "f"]).output().unwrap();
            let files = String::from_utf8(list.stdout).unwrap();
            let texts = files.lines().map(|file| std::fs::read_to_string(file).unwrap());
            texts.collect::<String>()
        };
        let before = content();
        assert_eq!(content(), before);
        git(folder.path(), &["commit", "-q", "--allow-empty", "-m", "two"]);
        assert_ne!(content(), before, "with log: {with_log}");
    }
}
