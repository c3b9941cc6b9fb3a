//! Tells the compiler which commit is built, for `--version`. Nothing here can fail the build: without git,
//! or outside its own repository, the commit is `unknown`.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Names the commit where the sources come without their repository, as in a container build.
const VARIABLE: &str = "SANDBOX_COMMIT";

fn main() {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(PathBuf::new, PathBuf::from);
    let commit = named(std::env::var(VARIABLE).ok())
        .or_else(|| commit(&root))
        .unwrap_or_else(|| "unknown".to_owned());
    println!("cargo:rustc-env=SANDBOX_COMMIT={commit}");
    println!("cargo:rerun-if-env-changed={VARIABLE}");
    // with at least one path, cargo does not run this for every changed file
    println!("cargo:rerun-if-changed=build.rs");
    for path in watched(&root) {
        println!("cargo:rerun-if-changed={}", path.display());
    }
}

/// The commit that the variable names: a whole one in short, or another word as it is.
pub fn named(value: Option<String>) -> Option<String> {
    let value = value.filter(|value| is_plain(value))?;
    Some(if value.len() == 40 { value[..7].to_owned() } else { value })
}

/// The first digits of the commit that `root` is checked out at.
pub fn commit(root: &Path) -> Option<String> {
    // sources that were copied into another repository are not that repository's
    git(root, &["ls-files", "--error-unmatch", "build.rs"])?;
    git(root, &["rev-parse", "--short=7", "HEAD"]).filter(|commit| is_plain(commit))
}

/// The files that change with the commit. All of them exist: for one that does not, cargo would run
/// this each time.
pub fn watched(root: &Path) -> Vec<PathBuf> {
    let existing = |names: &[&str]| -> Vec<PathBuf> {
        let paths = names.iter().filter_map(|name| git(root, &["rev-parse", "--git-path", name]));
        paths.map(|path| root.join(path)).filter(|path| path.exists()).collect()
    };
    // the log of HEAD has a line for every commit and checkout; some repositories keep none
    match existing(&["logs/HEAD"]) {
        log if !log.is_empty() => log,
        _ => existing(&["HEAD", "refs/heads", "packed-refs"]),
    }
}

/// Runs git in `root`; its answer without the line end, or `None` if there is none.
fn git(root: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    command.arg("-C").arg(root).args(arguments);
    // a build that a hook of git starts would look at the repository of that hook
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(name);
    }
    let output = command.output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| text.trim().to_owned())
}

/// Whether a text can be a commit or a name: a line of it is part of a line for cargo.
fn is_plain(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
