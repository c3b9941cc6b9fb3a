//! Notices changes in a directory of scenarios.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::load::files_of;

/// What is remembered of a directory between two polls.
#[derive(Debug)]
pub(super) struct DirectoryWatch {
    /// The state that was loaded last.
    loaded: Snapshot,
    /// The state at the last poll.
    seen: Snapshot,
}

/// The files of a directory with length, modification time and inode.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Snapshot(Vec<(PathBuf, u64, Option<SystemTime>, u64)>);

impl Snapshot {
    pub fn of(directory: &Path) -> Self {
        let describe = |path: PathBuf| {
            let metadata = fs::metadata(&path).ok();
            let (length, inode) = metadata.as_ref().map_or((0, 0), |of| (of.len(), of.ino()));
            (path, length, metadata.and_then(|of| of.modified().ok()), inode)
        };
        Self(files_of(directory).unwrap_or_default().into_iter().map(describe).collect())
    }
}

impl DirectoryWatch {
    pub fn new(loaded: Snapshot) -> Self {
        Self { seen: loaded.clone(), loaded }
    }

    /// Returns a state that differs from the loaded one and was the same at two polls in a row: a
    /// file may be half written at the first.
    pub fn settled_change(&mut self, directory: &Path) -> Option<Snapshot> {
        let snapshot = Snapshot::of(directory);
        let has_settled = snapshot == self.seen;
        self.seen.clone_from(&snapshot);
        (has_settled && snapshot != self.loaded).then_some(snapshot)
    }

    /// Accepts a state as loaded, unless the directory has changed meanwhile.
    pub fn accept(&mut self, directory: &Path, snapshot: Snapshot) -> bool {
        let is_current = Snapshot::of(directory) == snapshot;
        if is_current {
            self.loaded = snapshot;
        }
        is_current
    }
}
