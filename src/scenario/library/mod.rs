//! All scenarios of a sandbox, by name: built-in ones, files, uploads and lines. A reload takes each
//! file for itself; one that is bad keeps its last valid version.

mod lines;
mod load;
mod watch;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::file::Scenario;
use super::file::endpoint_set::EndpointSet;
use super::forced_outcome::ForcedOutcome;
use super::line::{outcome_names, parse_line};
use crate::memory::{Budget, BudgetFull, Budgets, Share};
use crate::report::ClientExpectations;
use crate::text::{did_you_mean, escaped, listed, listed_ten, nearest, nearest_ten, quoted};
use lines::ParsedLines;
use load::{DirectoryContent, Files, MAX_FILES, ScenarioFile, Scenarios};
use watch::{DirectoryWatch, Snapshot};

pub use load::Source;
pub(crate) use load::{
    DEFAULT_DIRECTORY, LoadError, NOT_A_DIRECTORY, explain_errors, files_of, read_file, read_text,
};

/// A name that is no scenario; the text says why and suggests the nearest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName(pub(crate) String);

/// All scenarios of a sandbox.
#[derive(Debug)]
pub struct Library {
    source: Source,
    upload_budget: Arc<Budget>,
    /// Locked for a lookup or an exchange of pointers, never while a file is read.
    current: Mutex<Current>,
    watch: Mutex<DirectoryWatch>,
}

#[derive(Debug)]
struct Current {
    files: Files,
    /// The files, and what was there at the start.
    loaded: Scenarios,
    /// These win over loaded ones.
    uploads: BTreeMap<String, Upload>,
    lines: ParsedLines,
    last_error: Option<String>,
}

#[derive(Debug)]
struct Upload {
    scenario: Arc<Scenario>,
    share: Share,
}

impl Library {
    /// Loads all scenarios, or returns every problem of every file.
    pub(crate) fn load(source: Source, memory: &Budgets) -> Result<Self, Vec<LoadError>> {
        let snapshot = source.directory.as_deref().map(Snapshot::of).unwrap_or_default();
        let files = source.load(&snapshot.content)?;
        let directory = source.directory.as_deref();
        // who names one that does not exist is told with the option that names it
        let is_there = snapshot.content != DirectoryContent::Absent;
        let no_files =
            directory.filter(|_| is_there).and_then(|it| snapshot.content.why_no_files(it));
        let current = Current {
            loaded: source.with_files(&files, &Scenarios::new()),
            files,
            uploads: BTreeMap::new(),
            lines: ParsedLines::new(&memory.lines),
            last_error: None,
        };
        for why in no_files.into_iter().chain(current.unused_files()) {
            tracing::warn!("{why}");
        }
        let watch = DirectoryWatch::new(snapshot);
        let upload_budget = Arc::clone(&memory.uploads);
        Ok(Self { source, upload_budget, current: Mutex::new(current), watch: Mutex::new(watch) })
    }

    /// Returns the name of the scenario in the environment.
    pub(crate) fn inline_name(&self) -> Option<String> {
        self.source.inline_name()
    }

    /// Returns every scenario, sorted by name.
    pub fn all(&self) -> Vec<Arc<Scenario>> {
        self.current().by_name().into_values().collect()
    }

    /// Returns the problems that the files have now, a line for each.
    pub(crate) fn last_error(&self) -> Option<String> {
        self.current().last_error.clone()
    }

    /// Returns which files are not used since another scenario of their name wins, a sentence for each.
    pub(crate) fn unused_files(&self) -> Vec<String> {
        self.current().unused_files()
    }

    /// Finds the scenario of a name, or parses a line.
    pub fn resolve(&self, text: &str) -> Result<Arc<Scenario>, UnknownName> {
        let text = text.trim();
        let mut current = self.current();
        if let Some(scenario) = current.named(text) {
            return Ok(Arc::clone(scenario));
        }
        if let Some(scenario) = current.lines.get(text) {
            return Ok(scenario);
        }
        let scenario = match parse_line(text) {
            Ok(scenario) => Arc::new(scenario),
            Err(why) => {
                let scenarios = current.by_name();
                // comparing with every name takes long
                drop(current);
                return Err(unknown(text, &why, &scenarios));
            }
        };
        current.lines.insert(text.to_owned(), Arc::clone(&scenario));
        Ok(scenario)
    }

    /// Says that there is no scenario of a name; `None` if the text is a line, or a number that may be an outcome.
    pub(crate) fn no_such_scenario(&self, text: &str) -> Option<String> {
        if looks_like_line(text) || text.starts_with(|first: char| first.is_ascii_digit()) {
            return None;
        }
        let scenarios = self.current().by_name();
        let names: Vec<&str> = scenarios.keys().map(String::as_str).collect();
        let nearest = nearest_ten(text, &names);
        let known = listed_ten(&nearest, names.len());
        let hint = did_you_mean(text, nearest);
        Some(unknown_scenario(text, &hint, &known))
    }

    /// Lists the names that may be meant by an unknown one, which is not repeated.
    pub(crate) fn known_names(&self, unknown: &str) -> String {
        let scenarios = self.current().by_name();
        let names = scenarios.keys().map(String::as_str);
        scenarios_and_outcomes(&listed(unknown, names))
    }

    /// Returns the scenario or outcome whose name is nearest, or the endpoint if that of a line is not known.
    pub(crate) fn nearest(&self, name: &str) -> Option<String> {
        let name = match name.split_once(':') {
            Some((endpoint, steps)) if EndpointSet::named(endpoint).is_ok() => steps,
            Some((endpoint, _)) => {
                return EndpointSet::nearest(endpoint).map(|it| format!("{it}:"));
            }
            None => name,
        };
        let scenarios = self.current().by_name();
        let outcomes = ForcedOutcome::near(name).into_iter().map(|name: &str| name);
        let known = scenarios.keys().map(String::as_str).chain(outcomes);
        // a number is far from the text of what is suggested for it
        let first = || ForcedOutcome::near(name).into_iter().next();
        nearest(name, known).or_else(first).map(str::to_owned)
    }

    /// Returns what the scenarios expect of clients.
    pub(crate) fn expectations(&self) -> ClientExpectations {
        let scenarios = self.current().by_name();
        let binding = scenarios.into_iter().filter(|(_, it)| !it.expectations.is_empty());
        binding.map(|(name, scenario)| (name, scenario.expectations.clone())).collect()
    }

    /// Adds a scenario, which wins over a file of its name until it is removed.
    pub(crate) fn upload(&self, mut scenario: Scenario) -> Result<Arc<Scenario>, String> {
        let mut current = self.current();
        if let Some(last) = current.named(&scenario.name) {
            scenario.keep_versions(last);
        }
        let bytes = scenario.size_bytes();
        let scenario = Arc::new(scenario);
        let no_room = |BudgetFull| self.no_room(bytes);
        if let Some(last) = current.uploads.get_mut(&scenario.name) {
            last.share.resize(bytes).map_err(no_room)?;
            last.scenario = Arc::clone(&scenario);
        } else if current.uploads.len() >= MAX_FILES {
            return Err(format!(
                "there are {MAX_FILES} uploaded scenarios, which is the limit; delete one"
            ));
        } else {
            let share = self.upload_budget.take(bytes).map_err(no_room)?;
            let upload = Upload { scenario: Arc::clone(&scenario), share };
            current.uploads.insert(scenario.name.clone(), upload);
        }
        Ok(scenario)
    }

    fn no_room(&self, bytes: usize) -> String {
        let limit = self.upload_budget.limit_bytes();
        let left = limit.saturating_sub(self.upload_budget.used_bytes());
        format!(
            "the scenario takes {bytes} bytes in memory, and {left} of {limit} are left for uploads; delete \
             one, or raise --max-memory"
        )
    }

    pub(crate) fn upload_names(&self) -> BTreeSet<String> {
        self.current().uploads.keys().cloned().collect()
    }

    /// Removes an uploaded scenario; false if there is none of this name.
    pub fn remove_upload(&self, name: &str) -> bool {
        self.current().uploads.remove(name).is_some()
    }

    /// Checks the directory once and reloads it after a change; says then what it did. Why there are no files, and
    /// which are refused, is logged.
    pub(crate) fn poll(&self) -> Option<String> {
        let directory = self.source.directory.as_deref()?;
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let change = watch.settled_change(directory)?;
        let (last, loaded) = {
            let current = self.current();
            (current.files.clone(), current.loaded.clone())
        };
        let content = change.content.clone();
        let (files, errors) = content.read(&last, &loaded);
        if !watch.accept(directory, change) {
            return None;
        }
        let no_files = content.why_no_files(directory);
        if let Some(why) = &no_files {
            tracing::warn!("{why}");
        }
        for error in &errors {
            if error.is_of_one_of(&files) {
                tracing::error!("not reloaded, keeping the last valid version: {error}");
            } else {
                tracing::error!("not loaded: {error}");
            }
        }
        let mut problems: Vec<_> = errors.iter().map(ToString::to_string).collect();
        let is_listed = match content {
            DirectoryContent::NotPermitted(_) | DirectoryContent::Refused(_) => false,
            DirectoryContent::Absent | DirectoryContent::Files(_) => true,
        };
        if !is_listed {
            problems.extend(no_files);
        }
        // one a line, whatever the names of files hold
        let lines: Vec<_> = problems.iter().map(|why| escaped(why).to_string()).collect();
        let last_error = (!lines.is_empty()).then(|| lines.join("\n"));
        let is_reloaded = is_listed && !(files.is_empty() && last.is_empty() && errors.is_empty());
        if !is_reloaded {
            self.current().last_error = last_error;
            return None;
        }
        let loaded = self.source.with_files(&files, &loaded);
        let (directory, count) = (directory.display(), loaded.len());
        let which = if errors.is_empty() { "scenarios" } else { "the other scenarios" };
        let reloaded = format!("reloaded {which} from {directory}: {count} in total");
        let mut current = self.current();
        (current.files, current.loaded, current.last_error) = (files, loaded, last_error);
        let unused = current.unused_files();
        drop(current);
        for why in unused {
            tracing::warn!("{why}");
        }
        Some(reloaded)
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Current {
    fn named(&self, name: &str) -> Option<&Arc<Scenario>> {
        let upload = self.uploads.get(name).map(|upload| &upload.scenario);
        upload.or_else(|| self.loaded.get(name))
    }

    fn unused_files(&self) -> Vec<String> {
        let is_used = |name: &str, file: &ScenarioFile| {
            self.named(name).is_some_and(|used| Arc::ptr_eq(used, &file.scenario))
        };
        let unused = self.files.iter().filter(|(name, file)| !is_used(name, file));
        let sentence = |(name, _): (&String, _)| {
            let (winner, what_to_do) = if self.uploads.contains_key(name) {
                ("an uploaded scenario", "delete the upload")
            } else {
                ("the scenario in GNSB_SCENARIO_YAML", "rename one of the two")
            };
            format!(
                "the file of the scenario {name} is not used, since {winner} has the same name and wins; to use it, \
                 {what_to_do}"
            )
        };
        unused.map(sentence).collect()
    }

    fn by_name(&self) -> Scenarios {
        let mut scenarios = self.loaded.clone();
        let uploads = self.uploads.iter();
        scenarios
            .extend(uploads.map(|(name, upload)| (name.clone(), Arc::clone(&upload.scenario))));
        scenarios
    }
}

fn unknown(text: &str, line_error: &str, scenarios: &Scenarios) -> UnknownName {
    if let Some(name) = outcome_names(text).find(|name| scenarios.contains_key(*name)) {
        return UnknownName(format!(
            "the scenario {} cannot be a step of a line; name it alone, or write its outcomes as steps (see \
             genuin-sandbox outcomes)",
            quoted(name)
        ));
    }
    let names: Vec<&str> = scenarios.keys().map(String::as_str).collect();
    let nearest = nearest_ten(text, &names);
    let known = listed_ten(&nearest, names.len());
    let hint = did_you_mean(text, nearest);
    // what looks like a line gets the problem of the line, what looks like a name the nearest one
    UnknownName(if looks_like_line(text) || hint.is_empty() {
        format!("{line_error} ({})", scenarios_and_outcomes(&known))
    } else {
        unknown_scenario(text, &hint, &known)
    })
}

fn scenarios_and_outcomes(known: &str) -> String {
    format!("scenarios: {known}; outcomes: see genuin-sandbox outcomes")
}

fn unknown_scenario(text: &str, hint: &str, known: &str) -> String {
    format!("unknown scenario {}{hint} (scenarios: {known})", quoted(text))
}

fn looks_like_line(text: &str) -> bool {
    text.contains([',', '@', '+', '/', '*', ':'])
}

#[cfg(test)]
mod directory_tests;
#[cfg(test)]
mod tests;
