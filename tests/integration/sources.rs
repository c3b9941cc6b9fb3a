//! Rules for the sources themselves.

use std::path::{Path, PathBuf};

/// All files of Rust in `src`, `tests` and `benches`.
pub fn rust_files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "tests", "benches"] {
        find(&root.join(folder), &mut files);
    }
    files
}

fn find(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let is_made = path.ends_with("target") || path.ends_with("node_modules");
            if !is_made {
                find(&path, found);
            }
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn a_file_is_split_before_it_reaches_400_lines() {
    let mut files = rust_files();
    assert!(files.len() > 500);
    files.retain(|file| std::fs::read_to_string(file).unwrap().lines().count() >= 400);
    assert_eq!(files, Vec::<PathBuf>::new());
}
