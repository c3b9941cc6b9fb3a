//! Loads scenarios: the built-in ones, the files of a directory, and one from the environment.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config_file::{FileProblem, Format, Location};
use crate::scenario::file::{self, Scenario};

/// The built-in files, by name.
const BUILT_IN: [(&str, &str); 5] = [
    ("ambiguous-create", include_str!("../../../scenarios/ambiguous-create.yaml")),
    ("flaky-twice", include_str!("../../../scenarios/flaky-twice.yaml")),
    ("outage", include_str!("../../../scenarios/outage.yaml")),
    ("rush-hour", include_str!("../../../scenarios/rush-hour.yaml")),
    ("slow", include_str!("../../../scenarios/slow.yaml")),
];

/// The variable that holds a whole scenario file.
const INLINE_VARIABLE: &str = "GNSB_SCENARIO_YAML";

/// The largest number of files in a directory.
pub(super) const MAX_FILES: usize = 1000;
/// The largest file, in bytes.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// Where scenarios come from, besides those built in.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// A directory, which may appear later.
    pub directory: Option<PathBuf>,
    /// The text of a scenario file in the environment.
    pub inline: Option<String>,
    /// Scenarios that have been read already.
    pub parsed: Vec<Scenario>,
}

/// A problem with a file or directory of scenarios.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LoadError {
    /// The path, or the name of the variable.
    pub file: String,
    /// The text of the file, empty if it could not be read.
    pub text: String,
    pub problem: FileProblem,
}

impl LoadError {
    fn of_path(path: &Path, message: impl Into<String>) -> Self {
        let problem = FileProblem::new(Location::START, message);
        Self { file: path.display().to_string(), text: String::new(), problem }
    }

    fn all_of(file: &str, text: &str, problems: Vec<FileProblem>) -> Vec<Self> {
        let error = |problem| Self { file: file.to_owned(), text: text.to_owned(), problem };
        problems.into_iter().map(error).collect()
    }
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.problem.in_file(&self.file))
    }
}

/// Scenarios by name.
pub(super) type Scenarios = BTreeMap<String, Arc<Scenario>>;

impl Source {
    /// Loads all scenarios, or returns every problem of every file.
    pub(super) fn load(&self) -> Result<Scenarios, Vec<LoadError>> {
        let mut scenarios = Scenarios::new();
        let mut errors = Vec::new();
        let mut insert = |scenario: Scenario| {
            scenarios.insert(scenario.name.clone(), Arc::new(scenario));
        };
        for (name, text) in BUILT_IN {
            let scenario = file::read(text, Some(name));
            insert(scenario.expect("BUG: a test reads the built-in scenarios"));
        }
        let paths = self.directory.as_deref().map_or(Ok(Vec::new()), files_of);
        let mut paths_by_name: HashMap<String, PathBuf> = HashMap::new();
        for path in paths.unwrap_or_else(|error| {
            errors.push(error);
            Vec::new()
        }) {
            match read_file(&path) {
                Ok(scenario) => {
                    let name = scenario.name.clone();
                    if let Some(other) = paths_by_name.insert(name.clone(), path.clone()) {
                        let message = format!(
                            "the scenario {name} is already in {}; remove one of the two",
                            other.display()
                        );
                        errors.push(LoadError::of_path(&path, message));
                    }
                    insert(scenario);
                }
                Err(found) => errors.extend(found),
            }
        }
        if let Some(text) = &self.inline {
            match file::read(text, None) {
                Ok(scenario) => insert(scenario),
                Err(problems) => {
                    errors.extend(LoadError::all_of(INLINE_VARIABLE, text, problems));
                }
            }
        }
        self.parsed.iter().cloned().for_each(insert);
        if errors.is_empty() { Ok(scenarios) } else { Err(errors) }
    }

    /// Returns the name of the scenario in the environment.
    pub(super) fn inline_name(&self) -> Option<String> {
        file::read(self.inline.as_deref()?, None).ok().map(|scenario| scenario.name)
    }
}

/// Reads one scenario file, which must be named like its scenario.
pub(crate) fn read_file(path: &Path) -> Result<Scenario, Vec<LoadError>> {
    let refuse = |message: String| vec![LoadError::of_path(path, message)];
    // only regular files are opened: reading a pipe or a device may never end
    let metadata = fs::metadata(path).map_err(|error| refuse(format!("cannot read: {error}")))?;
    if !metadata.is_file() {
        return Err(refuse("not a regular file; remove it".into()));
    }
    if metadata.len() > MAX_FILE_BYTES {
        let length = metadata.len();
        return Err(refuse(format!("the file has {length} bytes, the limit is {MAX_FILE_BYTES}")));
    }
    let bytes = fs::read(path).map_err(|error| refuse(format!("cannot read: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|_| refuse("the file is not UTF-8".into()))?;
    let stem = path.file_stem().map(|stem| stem.to_string_lossy());
    file::read_as(format_of(path), &text, stem.as_deref())
        .map_err(|problems| LoadError::all_of(&path.display().to_string(), &text, problems))
}

/// Returns the format that the ending of a file names.
fn format_of(path: &Path) -> Format {
    match path.extension() {
        Some(ending) if ending.eq_ignore_ascii_case("json") => Format::Json,
        _ => Format::Yaml,
    }
}

/// Lists the scenario files of a directory by name; none if the directory is absent.
pub(crate) fn files_of(directory: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(LoadError::of_path(directory, format!("cannot list: {error}"))),
    };
    let mut paths: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| is_scenario_file(path))
        .collect();
    paths.sort();
    if paths.len() > MAX_FILES {
        let message = format!("the directory has {} files, the limit is {MAX_FILES}", paths.len());
        return Err(LoadError::of_path(directory, message));
    }
    Ok(paths)
}

fn is_scenario_file(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let has_ending = [".yaml", ".yml", ".json"].iter().any(|ending| name.ends_with(ending));
    has_ending && !name.starts_with('.') && !name.ends_with(".schema.json") && !path.is_dir()
}
