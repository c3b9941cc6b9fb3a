//! Notices changes in a directory of scenarios.

use std::fs;
use std::path::Path;
#[cfg(windows)]
use std::time::SystemTime;

use super::load::DirectoryContent;

/// What is remembered of a directory between two polls.
#[derive(Debug)]
pub(super) struct DirectoryWatch {
    /// The state that was loaded last.
    loaded: Snapshot,
    /// The state at the last poll.
    seen: Snapshot,
}

/// What a directory holds, with the version of each file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Snapshot {
    pub(super) content: DirectoryContent,
    versions: Vec<Option<FileVersion>>,
}

/// Differs after every change: length and modification time may be those of the file before, as after
/// `cp -p`, but the time of the change itself cannot be set.
#[cfg(unix)]
#[derive(Debug, Clone, PartialEq, Eq)]
struct FileVersion {
    device: u64,
    inode: u64,
    length: u64,
    /// Seconds and nanoseconds.
    modified: (i64, i64),
    changed: (i64, i64),
}

/// Differs after every change that alters the length or one of the times: Windows keeps no time of the
/// change itself.
#[cfg(windows)]
#[derive(Debug, Clone, PartialEq, Eq)]
struct FileVersion {
    length: u64,
    created: Option<SystemTime>,
    modified: Option<SystemTime>,
}

impl Snapshot {
    pub(crate) fn of(directory: &Path) -> Self {
        let content = DirectoryContent::of(directory);
        let paths = if let DirectoryContent::Files(paths) = &content { &paths[..] } else { &[] };
        let versions = paths.iter().map(|path| FileVersion::of(path)).collect();
        Self { content, versions }
    }
}

impl FileVersion {
    /// Follows symbolic links; `None` if there is no such file.
    #[cfg(unix)]
    fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = fs::metadata(path).ok()?;
        Some(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            length: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }

    /// Follows symbolic links; `None` if there is no such file.
    #[cfg(windows)]
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self {
            length: metadata.len(),
            created: metadata.created().ok(),
            modified: metadata.modified().ok(),
        })
    }
}

impl DirectoryWatch {
    pub(crate) fn new(loaded: Snapshot) -> Self {
        Self { seen: loaded.clone(), loaded }
    }

    /// Returns a state that differs from the loaded one and was the same at two polls in a row: a
    /// file may be half written at the first.
    pub(crate) fn settled_change(&mut self, directory: &Path) -> Option<Snapshot> {
        let snapshot = Snapshot::of(directory);
        let has_settled = snapshot == self.seen;
        self.seen.clone_from(&snapshot);
        (has_settled && snapshot != self.loaded).then_some(snapshot)
    }

    /// Accepts a state as loaded, unless the directory has changed meanwhile.
    pub(crate) fn accept(&mut self, directory: &Path, snapshot: Snapshot) -> bool {
        let is_current = Snapshot::of(directory) == snapshot;
        if is_current {
            self.loaded = snapshot;
        }
        is_current
    }
}
