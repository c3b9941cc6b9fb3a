//! A scenario file: strict keys, and the checks across its rules.

pub mod delay;
pub mod matcher;
pub mod matching;
pub mod nth;
pub mod pattern;
pub mod rule;
pub mod step;

use serde_json::{Value as Json, json};

use crate::config_file::{self, FileProblem, Located, Node, Place, Problems, Read, Value, record};
use crate::scenario::forced::ForcedOutcome;
use crate::scenario::index::Index;
use rule::Rule;

/// A named set of rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// The stem of its file, or the text of its line.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The seed of its chances; the server's if `None`.
    pub seed: Option<u64>,
    /// In the order they are tried.
    pub rules: Vec<Rule>,
    /// Tells which of them can be for a call.
    pub index: Index,
    /// What it does, as calls that can be tried.
    pub examples: Vec<Example>,
}

/// A call to try several times, and how each must end.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// What is merged over a valid request.
    pub send: Json,
    /// One outcome for each call.
    pub expect: Vec<ForcedOutcome>,
    /// Where it stands.
    pub at: Place,
}

record! {
    #[derive(Debug)]
    struct File {
        /// The version of the format: 1.
        version: Located<u64> => required,
        /// The name of the scenario, which is that of its file without the ending.
        name: Option<Located<String>> => optional,
        /// What it is for.
        description: String => or(String::new()),
        /// The seed of the rules' chances; the server's if it is left out.
        seed: Option<u64> => optional,
        /// What becomes of which calls.
        rules: Located<Vec<Rule>> => required,
        /// Calls to try, run by genuin-sandbox check.
        examples: Vec<Example> => or(Vec::new()),
    }
}

record! {
    #[derive(Debug)]
    struct ExampleEntry {
        /// What is merged over a valid request; null takes a field away.
        send: Located<Body> => or(Located { at: Place::default(), value: Body(json!({})) }),
        /// One outcome for each call.
        expect: Vec<ForcedOutcome> => required,
    }
}

impl Read for Example {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let entry = ExampleEntry::read(node, problems)?;
        Some(Self { send: entry.send.value.0, expect: entry.expect, at: node.at })
    }

    fn schema() -> Json {
        ExampleEntry::schema()
    }
}

/// A request body written as YAML.
#[derive(Debug)]
struct Body(Json);

impl Read for Body {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        if matches!(node.value, Value::Map(_)) {
            return Some(Self(node.value.to_json()));
        }
        problems.wrong_type(node, "a map");
        None
    }

    fn schema() -> Json {
        json!({"type": "object"})
    }
}

/// Reads a scenario; `stem` is the name it must have, if its file gives it one.
pub fn read(text: &str, stem: Option<&str>) -> Result<Scenario, Vec<FileProblem>> {
    let root = config_file::parse(text).map_err(|problem| vec![problem])?;
    let mut problems = Problems::default();
    let scenario =
        File::read(&root, &mut problems).map(|file| check(file, stem, root.at, &mut problems));
    match scenario {
        Some(scenario) if problems.is_empty() => Ok(scenario),
        _ => Err(problems.into_sorted()),
    }
}

fn check(file: File, stem: Option<&str>, start: Place, problems: &mut Problems) -> Scenario {
    if file.version.value != 1 {
        let message = format!("this program reads version 1, not {}", file.version.value);
        problems.add(file.version.at, message);
    }
    let (name, at) = match (&file.name, stem) {
        (Some(name), _) => (name.value.clone(), name.at),
        (None, Some(stem)) => (stem.to_owned(), start),
        (None, None) => {
            problems.add(
                start,
                "the key \"name\" is missing here, and there is no file to take it from",
            );
            (String::new(), start)
        }
    };
    if let Some(stem) = stem
        && stem != name
    {
        problems.add(at, format!("the name {name:?} is not that of the file; write name: {stem}"));
    }
    if let Err(why) = check_name(&name) {
        problems.add(at, why);
    }
    if file.rules.value.is_empty() {
        problems.add(file.rules.at, "a scenario needs at least one rule");
    }
    let mut rules = file.rules.value;
    for (index, rule) in rules.iter().enumerate() {
        if let Some(first) = rules[..index].iter().find(|other| other.id == rule.id) {
            let message = format!(
                "the id {} stands already in line {}; give each rule its own",
                rule.id, first.at.line
            );
            problems.add(rule.at, message);
        }
    }
    // a stable sort: equal priorities keep the order of the file
    rules.sort_by_key(|rule| std::cmp::Reverse(rule.priority));
    Scenario {
        name,
        description: file.description,
        seed: file.seed,
        index: Index::of(&rules),
        rules,
        examples: file.examples,
    }
}

/// Why a text cannot name a scenario.
pub fn check_name(name: &str) -> Result<(), String> {
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let well_formed = name.starts_with(|letter: char| letter.is_ascii_lowercase())
        && name.len() <= 64
        && name.bytes().all(letters);
    if !well_formed {
        return Err(format!(
            "{name:?} is not a name: a to z, then a to z, 0 to 9 and -, at most 64"
        ));
    }
    if ForcedOutcome::parse(name).is_some() {
        return Err(format!("{name:?} is the name of an outcome; choose another"));
    }
    Ok(())
}

/// The JSON Schema of scenario files.
pub fn schema() -> Json {
    let mut schema = File::schema();
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("genuin-sandbox scenario");
    schema["properties"]["version"] =
        json!({"const": 1, "description": "The version of the format"});
    schema["$defs"] = json!({
        "match": matching::definition(),
        "matcher": matcher::definition(),
        "step": step::definition(),
    });
    schema
}
