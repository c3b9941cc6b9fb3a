//! The scenarios there are: built-in ones, those of a directory, and one from the environment.
//! Only whole sets are taken; a bad file leaves the set that runs as it is.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use crate::config_file::{FileProblem, Place};
use crate::scenario::file::{self, Scenario};
use crate::scenario::forced::ForcedOutcome;
use crate::scenario::line;
use crate::text::{did_you_mean, nearest, quoted};

/// The files that are embedded, by name.
const BUILT_IN: [(&str, &str); 5] = [
    ("ambiguous-create", include_str!("../../../scenarios/ambiguous-create.yaml")),
    ("flaky-twice", include_str!("../../../scenarios/flaky-twice.yaml")),
    ("outage", include_str!("../../../scenarios/outage.yaml")),
    ("rush-hour", include_str!("../../../scenarios/rush-hour.yaml")),
    ("slow", include_str!("../../../scenarios/slow.yaml")),
];

/// The most files read from a directory.
const LIMIT_FILES: usize = 1000;
/// The largest file read, in bytes.
const LIMIT_BYTES: u64 = 1024 * 1024;
/// The most lines that are kept ready.
const LIMIT_LINES: usize = 1024;

/// Where scenarios are from, besides those built in.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// A directory, which may appear later.
    pub directory: Option<PathBuf>,
    /// A whole file in the environment.
    pub inline: Option<String>,
    /// Some that are read already.
    pub given: Vec<Scenario>,
}

/// A file that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError {
    /// Its path, or the name of the variable.
    pub file: String,
    /// Its text, if it could be read.
    pub text: String,
    /// What is wrong with it.
    pub problem: FileProblem,
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.problem.in_file(&self.file))
    }
}

/// A name that is no scenario, with what was meant perhaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameError(pub String);

type Set = BTreeMap<String, Arc<Scenario>>;

/// All scenarios of a sandbox.
#[derive(Debug)]
pub struct Library {
    source: Source,
    /// Held for a look-up or an exchange of pointers, never while a file is read.
    current: Mutex<Current>,
    /// Held by the one who reloads.
    watch: Mutex<Watch>,
}

#[derive(Debug)]
struct Current {
    set: Arc<Set>,
    /// Uploaded ones, which win over those of the set.
    uploads: Set,
    lines: HashMap<String, Arc<Scenario>>,
    last_error: Option<String>,
}

#[derive(Debug, Default)]
struct Watch {
    /// What the directory looked like when it was last read.
    read: Stamp,
    /// What it looked like at the last look.
    seen: Stamp,
}

/// What tells one state of a directory from another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stamp(Vec<(PathBuf, u64, Option<SystemTime>, u64)>);

impl Library {
    /// Reads everything, or says what is wrong with each file.
    pub fn load(source: Source) -> Result<Self, Vec<LoadError>> {
        let stamp = source.directory.as_deref().map(Stamp::of).unwrap_or_default();
        let set = Arc::new(read_all(&source)?);
        let current = Current { set, uploads: Set::new(), lines: HashMap::new(), last_error: None };
        let watch = Watch { read: stamp.clone(), seen: stamp };
        Ok(Self { source, current: Mutex::new(current), watch: Mutex::new(watch) })
    }

    /// The name of the scenario that the environment holds.
    pub fn inline_name(&self) -> Option<String> {
        let text = self.source.inline.as_deref()?;
        file::read(text, None).ok().map(|scenario| scenario.name)
    }

    /// Every scenario, by name.
    pub fn all(&self) -> Vec<Arc<Scenario>> {
        self.current().whole().into_values().collect()
    }

    /// What was wrong when the set was last reloaded, if it was.
    pub fn last_error(&self) -> Option<String> {
        self.current().last_error.clone()
    }

    /// The scenario of a name, or the one that a line is.
    pub fn resolve(&self, text: &str) -> Result<Arc<Scenario>, NameError> {
        let text = text.trim();
        let mut current = self.current();
        let named = current.uploads.get(text).or_else(|| current.set.get(text));
        if let Some(scenario) = named.or_else(|| current.lines.get(text)) {
            return Ok(Arc::clone(scenario));
        }
        let scenario =
            Arc::new(line::parse(text).map_err(|why| not_known(text, &why, &current.whole()))?);
        if current.lines.len() >= LIMIT_LINES {
            current.lines.clear();
        }
        current.lines.insert(text.to_owned(), Arc::clone(&scenario));
        Ok(scenario)
    }

    /// The nearest scenario or outcome to a name that is not known.
    pub fn nearest(&self, name: &str) -> Option<String> {
        let set = self.current().whole();
        let outcomes = ForcedOutcome::known_names().map(|name: &str| name);
        let known: Vec<&str> = set.keys().map(String::as_str).chain(outcomes).collect();
        nearest(name, known).map(str::to_owned)
    }

    /// Takes a scenario in, which wins over a file of its name until it is removed.
    pub fn upload(&self, scenario: Scenario) -> Result<Arc<Scenario>, String> {
        let mut current = self.current();
        if current.uploads.len() >= LIMIT_FILES && !current.uploads.contains_key(&scenario.name) {
            return Err(format!(
                "there are {LIMIT_FILES} uploaded scenarios, which is the most; delete one"
            ));
        }
        let scenario = Arc::new(scenario);
        current.uploads.insert(scenario.name.clone(), Arc::clone(&scenario));
        Ok(scenario)
    }

    /// Takes an uploaded scenario away; false if there is none of this name.
    pub fn remove_upload(&self, name: &str) -> bool {
        self.current().uploads.remove(name).is_some()
    }

    /// Looks at the directory once. A change is read when it is there at two looks in a row, and
    /// taken if every file is right; says so in the log.
    pub fn poll(&self) {
        let Some(directory) = &self.source.directory else { return };
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = Stamp::of(directory);
        let settled = stamp == watch.seen;
        watch.seen.clone_from(&stamp);
        if !settled || stamp == watch.read {
            return;
        }
        let read = read_all(&self.source);
        if Stamp::of(directory) != stamp {
            return;
        }
        watch.read = stamp;
        match read {
            Ok(set) => {
                tracing::info!(
                    "scenarios reloaded from {}: {} in all",
                    directory.display(),
                    set.len()
                );
                let mut current = self.current();
                current.set = Arc::new(set);
                current.last_error = None;
            }
            Err(errors) => {
                let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
                for line in &lines {
                    tracing::error!("scenarios not reloaded, the last good ones stay: {line}");
                }
                self.current().last_error = Some(lines.join("\n"));
            }
        }
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Current {
    fn whole(&self) -> Set {
        let mut whole = (*self.set).clone();
        whole.extend(
            self.uploads.iter().map(|(name, scenario)| (name.clone(), Arc::clone(scenario))),
        );
        whole
    }
}

fn not_known(text: &str, why: &str, set: &Set) -> NameError {
    let names = set.keys().map(String::as_str);
    let known = set.keys().cloned().collect::<Vec<_>>().join(", ");
    // whoever writes a line gets told what is wrong with it, whoever writes a name what there is
    let looks_like_line = text.contains([',', '@', '+', '/', '*']);
    let near = did_you_mean(text, names);
    if looks_like_line || near.is_empty() {
        return NameError(format!(
            "{why} (scenarios: {known}; outcomes: see genuin-sandbox outcomes)"
        ));
    }
    NameError(format!("unknown scenario {}{near} (scenarios: {known})", quoted(text)))
}

/// The built-in scenarios.
pub fn built_in() -> BTreeMap<String, Arc<Scenario>> {
    let read = |(name, text): (&str, &str)| {
        let scenario =
            file::read(text, Some(name)).expect("BUG: a test reads the built-in scenarios");
        (name.to_owned(), Arc::new(scenario))
    };
    BUILT_IN.into_iter().map(read).collect()
}

fn read_all(source: &Source) -> Result<Set, Vec<LoadError>> {
    let mut set = built_in();
    let mut errors = Vec::new();
    if let Some(directory) = &source.directory {
        let mut from: HashMap<String, PathBuf> = HashMap::new();
        let paths = files_of(directory).unwrap_or_else(|error| {
            errors.push(error);
            Vec::new()
        });
        for path in paths {
            match read_file(&path) {
                Ok(scenario) => {
                    if let Some(other) = from.insert(scenario.name.clone(), path.clone()) {
                        let message = format!(
                            "the scenario {} is already in {}; keep one of the two",
                            scenario.name,
                            other.display()
                        );
                        errors.push(whole_file(&path, message));
                    }
                    set.insert(scenario.name.clone(), Arc::new(scenario));
                }
                Err(found) => errors.extend(found),
            }
        }
    }
    if let Some(text) = &source.inline {
        match file::read(text, None) {
            Ok(scenario) => {
                set.insert(scenario.name.clone(), Arc::new(scenario));
            }
            Err(problems) => errors.extend(in_file("GNSB_SCENARIO_YAML", text, problems)),
        }
    }
    for scenario in &source.given {
        set.insert(scenario.name.clone(), Arc::new(scenario.clone()));
    }
    if errors.is_empty() { Ok(set) } else { Err(errors) }
}

/// Reads one scenario file, whose name must be that of the file.
pub fn read_file(path: &Path) -> Result<Scenario, Vec<LoadError>> {
    let name = path.display().to_string();
    let refuse = |message: String| vec![whole_file(path, message)];
    // nothing but a regular file is ever opened: reading a pipe or a device may never end
    let facts = fs::metadata(path).map_err(|error| refuse(format!("cannot be read: {error}")))?;
    if !facts.is_file() {
        return Err(refuse("is not a regular file; move it away".into()));
    }
    if facts.len() > LIMIT_BYTES {
        return Err(refuse(format!("has {} bytes, at most {LIMIT_BYTES} are read", facts.len())));
    }
    let bytes = fs::read(path).map_err(|error| refuse(format!("cannot be read: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|_| refuse("is not UTF-8".into()))?;
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    file::read(&text, stem.as_deref()).map_err(|problems| in_file(&name, &text, problems))
}

fn in_file(file: &str, text: &str, problems: Vec<FileProblem>) -> Vec<LoadError> {
    problems
        .into_iter()
        .map(|problem| LoadError { file: file.to_owned(), text: text.to_owned(), problem })
        .collect()
}

fn whole_file(path: &Path, message: String) -> LoadError {
    let at = Place { line: 1, column: 1 };
    LoadError {
        file: path.display().to_string(),
        text: String::new(),
        problem: FileProblem { at, message },
    }
}

/// The scenario files of a directory in the order of their names; none if it is not there.
pub fn files_of(directory: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(whole_file(directory, format!("cannot be listed: {error}"))),
    };
    let mut paths: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| is_scenario(path))
        .collect();
    paths.sort();
    if paths.len() > LIMIT_FILES {
        let message = format!("holds {} files, at most {LIMIT_FILES} are read", paths.len());
        return Err(whole_file(directory, message));
    }
    Ok(paths)
}

/// By its name a scenario, and no directory.
fn is_scenario(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let ending = [".yaml", ".yml", ".json"].iter().any(|ending| name.ends_with(ending));
    ending && !name.starts_with('.') && !name.ends_with(".schema.json") && !path.is_dir()
}

impl Stamp {
    /// What a directory looks like now.
    fn of(directory: &Path) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        let paths = files_of(directory).unwrap_or_default();
        let facts = |path: PathBuf| {
            let facts = fs::metadata(&path).ok();
            let (length, inode) = facts.as_ref().map_or((0, 0), |facts| (facts.len(), facts.ino()));
            (path, length, facts.and_then(|facts| facts.modified().ok()), inode)
        };
        Self(paths.into_iter().map(facts).collect())
    }
}

#[cfg(test)]
mod tests;
