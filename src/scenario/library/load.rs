//! Loads scenarios: the built-in ones, the files of a directory, and one from the environment.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config_file::{self, FileLimits, FileProblem, Format, Location};
use crate::scenario::file::{self, Scenario};

/// The built-in files, by name.
const BUILT_IN: [(&str, &str); 6] = [
    ("ambiguous-create", include_str!("../../../scenarios/ambiguous-create.yaml")),
    ("flaky-twice", include_str!("../../../scenarios/flaky-twice.yaml")),
    ("outage", include_str!("../../../scenarios/outage.yaml")),
    ("partner-journey", include_str!("../../../scenarios/partner-journey.yaml")),
    ("rush-hour", include_str!("../../../scenarios/rush-hour.yaml")),
    ("slow", include_str!("../../../scenarios/slow.yaml")),
];

/// The directory that a server reads if none is named.
pub(crate) const DEFAULT_DIRECTORY: &str = "scenarios";

/// The endings of scenario files, in any case.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// The variable that holds a whole scenario file.
const INLINE_VARIABLE: &str = "GNSB_SCENARIO_YAML";

/// The largest number of files in a directory.
pub(super) const MAX_FILES: usize = 1000;

/// What is wrong with a path that should be the directory of the files, and is something else.
pub(crate) const NOT_A_DIRECTORY: &str =
    "is a file, not a directory; name the directory that the scenario files are in";

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
    pub(crate) file: String,
    /// The text of the file, empty if it could not be read.
    pub(crate) text: String,
    pub(crate) problem: FileProblem,
}

impl LoadError {
    pub(crate) fn of_path(path: &Path, message: impl Into<String>) -> Self {
        let problem = FileProblem::new(Location::START, message);
        Self { file: path.display().to_string(), text: String::new(), problem }
    }

    /// A file for a scenario that another file is for.
    pub(crate) fn repeated_name(path: &Path, other: &Path) -> Self {
        let (name, other) = (name_of(path), other.display());
        let message = format!("the scenario {name} is already in {other}; remove one of the two");
        Self::of_path(path, message)
    }

    /// Whether it is about a file of which a version is used.
    pub(super) fn is_of_one_of(&self, files: &Files) -> bool {
        let path = Path::new(&self.file);
        files.get(&name_of(path)).is_some_and(|file| file.path == path)
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

/// Lists errors, a line for each. The default directory may be that of another tool.
pub(crate) fn explain_errors(errors: &[LoadError]) -> String {
    let is_default = |error: &LoadError| Path::new(&error.file).starts_with(DEFAULT_DIRECTORY);
    let mut lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
    if errors.iter().any(is_default) {
        lines.push(format!(
            "./{DEFAULT_DIRECTORY} is read because no other directory is named; if its files are not \
             for genuin-sandbox, name one with --scenarios DIR or GNSB_SCENARIOS"
        ));
    }
    lines.join("\n")
}

/// Scenarios by name.
pub(super) type Scenarios = BTreeMap<String, Arc<Scenario>>;

/// The files that are used, by the names of their scenarios.
pub(super) type Files = BTreeMap<String, ScenarioFile>;

/// A file with the last valid version of its scenario.
#[derive(Debug, Clone)]
pub(super) struct ScenarioFile {
    pub(super) path: PathBuf,
    pub(super) scenario: Arc<Scenario>,
}

/// What a directory of scenario files holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum DirectoryContent {
    /// There is no such directory.
    #[default]
    Absent,
    /// This process may not read it; the text says why.
    NotPermitted(String),
    /// It cannot be used.
    Refused(LoadError),
    /// The scenario files, ordered by name.
    Files(Vec<PathBuf>),
}

impl Source {
    /// Loads all files, or returns every problem of every one. A directory that this process may not read
    /// counts as absent, since it may be opened later.
    pub(super) fn load(&self, directory: &DirectoryContent) -> Result<Files, Vec<LoadError>> {
        let (files, mut errors) = directory.read(&Files::new(), &Scenarios::new());
        if let Some(text) = &self.inline
            && let Err(problems) = read_text(INLINE_VARIABLE, text)
        {
            errors.extend(problems);
        }
        if errors.is_empty() { Ok(files) } else { Err(errors) }
    }

    /// Returns all scenarios: of one name, the built-in one counts least, then that of a file. Rules that
    /// are as they were in `last` keep their versions.
    pub(super) fn with_files(&self, files: &Files, last: &Scenarios) -> Scenarios {
        let built_in = BUILT_IN.map(|(name, text)| {
            file::read(text, Some(name)).expect("BUG: a test reads the built-in scenarios")
        });
        let inline = self.inline.as_deref().and_then(|text| file::read(text, None).ok());
        let named = |mut scenario: Scenario| {
            if let Some(last) = last.get(&scenario.name) {
                scenario.keep_versions(last);
            }
            (scenario.name.clone(), Arc::new(scenario))
        };
        let mut scenarios: Scenarios = built_in.into_iter().map(named).collect();
        let file =
            |(name, file): (&String, &ScenarioFile)| (name.clone(), Arc::clone(&file.scenario));
        scenarios.extend(files.iter().map(file));
        scenarios.extend(inline.into_iter().chain(self.parsed.iter().cloned()).map(named));
        scenarios
    }

    /// Returns the name of the scenario in the environment.
    pub(super) fn inline_name(&self) -> Option<String> {
        file::read(self.inline.as_deref()?, None).ok().map(|scenario| scenario.name)
    }
}

/// Reads the files of a directory, each for itself; gives the problems of those that are not used. A file that is
/// bad keeps its scenario among `last`. Of several for one name, that in use goes on being used, or else the first
/// is. Rules that are as they were in `loaded` keep their versions.
fn read_files(paths: &[PathBuf], last: &Files, loaded: &Scenarios) -> (Files, Vec<LoadError>) {
    let mut paths_by_name: BTreeMap<String, Vec<&PathBuf>> = BTreeMap::new();
    for path in paths {
        paths_by_name.entry(name_of(path)).or_default().push(path);
    }
    let (mut files, mut errors) = (Files::new(), Vec::new());
    for (name, paths) in paths_by_name {
        let last = last.get(&name);
        let in_use = last.map(|file| &file.path).filter(|path| paths.contains(path));
        let used = in_use.unwrap_or(paths[0]);
        let mut current = last.cloned();
        for &path in &paths {
            match read_file(path) {
                Ok(mut scenario) if path == used => {
                    if let Some(last) = loaded.get(&name) {
                        scenario.keep_versions(last);
                    }
                    let scenario = Arc::new(scenario);
                    current = Some(ScenarioFile { path: path.clone(), scenario });
                }
                Ok(_) => {}
                Err(found) => errors.extend(found),
            }
        }
        let others = paths.iter().filter(|path| **path != used);
        errors.extend(others.map(|path| LoadError::repeated_name(path, used)));
        if let Some(file) = current {
            files.insert(name, file);
        }
    }
    (files, errors)
}

/// The name that the scenario in a file must have.
fn name_of(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Reads one scenario file, which must be named like its scenario.
pub(crate) fn read_file(path: &Path) -> Result<Scenario, Vec<LoadError>> {
    let text = config_file::read_text(path, FileLimits::SMALL)
        .map_err(|why| vec![LoadError::of_path(path, format!("cannot read: {why}"))])?;
    file::read_as(format_of(path), &text, Some(&name_of(path)))
        .map_err(|problems| LoadError::all_of(&path.display().to_string(), &text, problems))
}

/// Reads a scenario that names itself; `origin` is where its text is from.
pub(crate) fn read_text(origin: &str, text: &str) -> Result<Scenario, Vec<LoadError>> {
    file::read(text, None).map_err(|problems| LoadError::all_of(origin, text, problems))
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
    match DirectoryContent::of(directory) {
        DirectoryContent::Absent => Ok(Vec::new()),
        DirectoryContent::NotPermitted(why) => {
            Err(LoadError::of_path(directory, format!("cannot list: {why}")))
        }
        DirectoryContent::Refused(error) => Err(error),
        DirectoryContent::Files(paths) => Ok(paths),
    }
}

impl DirectoryContent {
    /// Lists a directory.
    pub(super) fn of(directory: &Path) -> Self {
        let refused = |message: String| Self::Refused(LoadError::of_path(directory, message));
        let entries = match fs::read_dir(directory) {
            Ok(entries) => entries,
            Err(error) => {
                return match error.kind() {
                    ErrorKind::NotFound => Self::Absent,
                    ErrorKind::PermissionDenied => Self::NotPermitted(error.to_string()),
                    _ if directory.metadata().is_ok_and(|found| !found.is_dir()) => {
                        refused(format!("it {NOT_A_DIRECTORY}"))
                    }
                    _ => refused(format!("cannot list: {error}")),
                };
            }
        };
        let mut paths: Vec<_> = entries
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .filter(|path| is_scenario_file(path))
            .collect();
        paths.sort();
        if paths.len() > MAX_FILES {
            let count = paths.len();
            return refused(format!("the directory has {count} files, the limit is {MAX_FILES}"));
        }
        Self::Files(paths)
    }

    /// Reads the files; gives the problems of those that are not used. While they cannot be listed, they stay as
    /// they were. Rules that are as they were in `loaded` keep their versions.
    pub(super) fn read(&self, last: &Files, loaded: &Scenarios) -> (Files, Vec<LoadError>) {
        match self {
            Self::Absent => (Files::new(), Vec::new()),
            Self::NotPermitted(_) => (last.clone(), Vec::new()),
            Self::Refused(error) => (last.clone(), vec![error.clone()]),
            Self::Files(paths) => read_files(paths, last, loaded),
        }
    }

    /// Says why there are no files to load; `None` if there are some, or if it is an error.
    pub(super) fn why_no_files(&self, directory: &Path) -> Option<String> {
        let directory = directory.display();
        match self {
            Self::Absent => Some(format!(
                "scenario directory {directory} does not exist; its files are loaded when it appears"
            )),
            Self::NotPermitted(error) => Some(format!(
                "cannot read the scenario directory {directory}: {error}; its files are loaded when it can be \
                 read, or name another with --scenarios (GNSB_SCENARIOS)"
            )),
            Self::Files(paths) if paths.is_empty() => Some(format!(
                "scenario directory {directory} has no scenario files, which end in .yaml, .yml or .json; they are \
                 loaded when they appear, or name another with --scenarios (GNSB_SCENARIOS)"
            )),
            Self::Refused(_) | Self::Files(_) => None,
        }
    }
}

fn is_scenario_file(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let is_one = ENDINGS.contains(&ending) && !name.ends_with(".schema.json");
    is_one && !name.starts_with('.') && !path.is_dir()
}
