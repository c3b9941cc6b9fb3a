//! The format of scenario files: strict keys, and checks across the rules.

pub(crate) mod call_matcher;
pub(crate) mod count;
pub(crate) mod delay;
pub(crate) mod endpoint_set;
mod expectation;
pub(crate) mod field_path;
mod json_type;
mod letter_case;
mod literal;
mod named_matchers;
mod nth;
mod path_values;
mod pattern;
pub(crate) mod phase;
pub(crate) mod rate;
mod regex;
pub(crate) mod rule;
mod sent_body;
pub(crate) mod step;
pub(crate) mod value_matcher;
pub(crate) mod value_types;
mod written_pattern;

use std::collections::HashMap;

use serde_json::{Value as Json, json};

use crate::config_file::{
    self, FileProblem, Format, Located, Location, Node, Problems, Read, record,
};
use crate::report::ClientExpectation;
use crate::scenario::forced_outcome::{self, ForcedOutcome};
use crate::vendor::ENDPOINTS;
use call_matcher::CallMatcher;
use endpoint_set::EndpointName;
use path_values::PathValues;
use rule::{Rule, RuleList, Rules};
use sent_body::SentBody;
pub(crate) use sent_body::UnknownField;

/// A named set of rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// The name of its file without the ending, or the text of a line.
    pub name: String,
    /// Says what it is for.
    pub(crate) description: String,
    /// The seed of its chances; the server's if `None`.
    pub(crate) seed: Option<u64>,
    /// In the order they are tried.
    pub rules: Rules,
    /// Calls that show what it does.
    pub examples: Vec<Example>,
    /// What it expects of the clients that meet it.
    pub(crate) expectations: Vec<ClientExpectation>,
}

impl Scenario {
    /// Whether it is a line, which counts the calls to each endpoint for themselves.
    pub(crate) fn is_line(&self) -> bool {
        self.rules.first().is_some_and(Rule::is_of_line)
    }

    /// Gives the rules that are as they were in the last version of the scenario their version then.
    pub(crate) fn keep_versions(&mut self, last: &Self) {
        self.rules.keep_versions(&last.rules);
    }

    /// The memory that it takes, roughly, in bytes.
    pub(crate) fn size_bytes(&self) -> usize {
        let examples = self.examples.iter().map(Example::heap_bytes).sum::<usize>();
        size_of::<Self>()
            + self.name.capacity()
            + self.description.capacity()
            + self.rules.heap_bytes()
            + self.examples.capacity() * size_of::<Example>()
            + self.expectations.capacity() * size_of::<ClientExpectation>()
            + examples
    }
}

impl Example {
    fn heap_bytes(&self) -> usize {
        self.send.heap_bytes()
            + self.path.heap_bytes()
            + self.expect.0.capacity() * size_of::<ForcedOutcome>()
    }
}

record! {
    /// Calls to make in a row, and the outcome of each.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Example {
        /// The endpoint to call; `create_group` if left out.
        endpoint: EndpointName => or(EndpointName(ENDPOINTS[0].name)),
        /// The body, merged over the endpoint's valid request; null removes a field.
        send: SentBody => or(SentBody::default()),
        /// The parameters of the path, in place of those of the endpoint's valid request.
        path: PathValues => or(PathValues::default()),
        /// One outcome for each call.
        expect: ExpectedOutcomes => required,
        /// The place in the file.
        at: Location => place,
    }
}

record! {
    struct ScenarioFileEntry {
        /// The version of the format: 1.
        version: Located<u64> => required,
        /// The name of the scenario: that of its file without the ending.
        name: Option<Located<ScenarioName>> => optional,
        /// What it is for.
        description: String => or(String::new()),
        /// The seed of the rules' chances; the server's if left out.
        seed: Option<u64> => optional,
        /// Rules that say which calls end how.
        rules: Located<RuleList> => required,
        /// What must hold for every tenant that meets the scenario; genuin-sandbox report judges it.
        expect: Vec<ClientExpectation> => or(Vec::new()),
        /// Calls to try, run by genuin-sandbox check.
        examples: Vec<Example> => or(Vec::new()),
    }
}

/// The name of a scenario, which is checked with that of its file.
#[derive(Debug)]
struct ScenarioName(String);

/// The form of a scenario's name, as [`check_name`] has it.
const NAME_FORM: &str = "^[a-z][a-z0-9-]{0,63}$";

impl Read for ScenarioName {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        String::read(node, problems).map(Self)
    }

    fn schema() -> Json {
        json!({"type": "string", "pattern": NAME_FORM})
    }
}

/// The outcomes of the calls of an example; at least one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ExpectedOutcomes(pub(crate) Vec<ForcedOutcome>);

impl Read for ExpectedOutcomes {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let outcomes = Vec::<ForcedOutcome>::read(node, problems)?;
        if outcomes.is_empty() {
            problems.add(
                node.at,
                "expect needs at least one outcome: an example makes a call for each",
            );
            return None;
        }
        Some(Self(outcomes))
    }

    fn schema() -> Json {
        json!({"type": "array", "minItems": 1, "items": ForcedOutcome::schema()})
    }
}

/// Reads a scenario; `stem` is the name of its file without the ending.
pub fn read(text: &str, stem: Option<&str>) -> Result<Scenario, Vec<FileProblem>> {
    read_as(Format::Yaml, text, stem)
}

/// Like `read`, for a text that is said to be of a format.
pub(crate) fn read_as(
    format: Format,
    text: &str,
    stem: Option<&str>,
) -> Result<Scenario, Vec<FileProblem>> {
    let root = config_file::parse_as(format, text).map_err(|problem| vec![problem])?;
    let mut problems = Problems::default();
    let scenario = ScenarioFileEntry::read(&root, &mut problems)
        .map(|file| check(file, stem, root.at, &mut problems));
    match scenario {
        Some(scenario) if problems.is_empty() => Ok(scenario),
        _ => Err(problems.into_sorted()),
    }
}

fn check(
    file: ScenarioFileEntry,
    stem: Option<&str>,
    start: Location,
    problems: &mut Problems,
) -> Scenario {
    if file.version.value != 1 {
        let message = format!("unsupported version {}; write version: 1", file.version.value);
        problems.add(file.version.at, message);
    }
    let (name, at) = match (file.name, stem) {
        (Some(name), _) => (Some(name.value.0), name.at),
        (None, stem) => (stem.map(str::to_owned), start),
    };
    if let Some(name) = &name {
        problems.accept(at, check_name(name));
    } else {
        problems.add(start, "missing key \"name\"; there is no file name to use");
    }
    let name = name.unwrap_or_default();
    if let Some(stem) = stem.filter(|stem| *stem != name) {
        let advice = match check_name(stem) {
            Ok(()) => format!("write name: {stem}"),
            Err(_) => format!("name the file {name} too"),
        };
        problems.add(at, format!("the name {name:?} does not match the file; {advice}"));
    }
    let mut rules = file.rules.value.0;
    if rules.is_empty() {
        problems.add(file.rules.at, "a scenario needs at least one rule");
    }
    let mut places = HashMap::new();
    for rule in &rules {
        let (id, first) = (&rule.id, *places.entry(&rule.id).or_insert(rule.at));
        if first != rule.at {
            let line = first.line;
            problems.add(rule.at, format!("duplicate rule id {id:?} (first used on line {line})"));
        }
    }
    for example in &file.examples {
        example.path.check(example.endpoint.endpoint(), problems);
    }
    // a stable sort: equal priorities keep the order of the file
    rules.sort_by_key(|rule| std::cmp::Reverse(rule.priority));
    let (description, seed, rules) = (file.description, file.seed, rules.into());
    let (examples, expectations) = (file.examples, file.expect);
    Scenario { name, description, seed, rules, examples, expectations }
}

fn check_name(name: &str) -> Result<(), String> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !name.starts_with(|first: char| first.is_ascii_lowercase())
        || name.len() > 64
        || !name.bytes().all(allowed)
    {
        return Err(format!(
            "invalid scenario name {name:?}: use a to z, 0 to 9 and -, start with a letter, \
             at most 64 characters"
        ));
    }
    match ForcedOutcome::parse(name) {
        Some(_) => Err(format!("{name:?} is the name of an outcome; choose another name")),
        None => Ok(()),
    }
}

/// The JSON Schema of scenario files.
pub(crate) fn schema() -> Json {
    let mut schema = ScenarioFileEntry::schema();
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("genuin-sandbox scenario");
    schema["properties"]["version"] =
        json!({"const": 1, "description": "The version of the format"});
    schema["$defs"] = json!({
        "match": CallMatcher::definition(),
        "matcher": value_matcher::definition(),
        "outcome": forced_outcome::definition(),
        "step": step::definition(),
    });
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(count: usize, condition: &str) -> String {
        let rule = |number| {
            format!("- {{ id: r{number}, match: {{ {condition} }}, do: {{ outcome: 500 }} }}\n")
        };
        format!("version: 1\nrules:\n{}", (0..count).map(rule).collect::<String>())
    }

    /// The first problem of a file with so many rules.
    fn problem(count: usize, condition: &str) -> Option<String> {
        let problems = read(&file(count, condition), Some("test")).err()?;
        assert_eq!(problems.len(), 1, "{problems:?}");
        Some(problems[0].in_file("test"))
    }

    #[test]
    fn a_file_that_costs_too_much_is_refused_with_the_figure() {
        for condition in [
            "body: { group.name: { regex: '^Flaky.*[0-9]$' } }",
            "body: { group.name: { glob: '*Fla?ky*' } }",
            "header: { x-try: 2 }",
            "body: { group.name: { max_len: 300 } }",
        ] {
            assert_eq!(problem(590, condition), None, "{condition}");
        }
        let slow = r"body: { group.name: { regex: '(?:[ab]{0,30}a){40}c' } }";
        assert_eq!(
            problem(1, slow).unwrap(),
            "test:3:51: a call could take 101 million steps to be compared with the conditions up to \
             here, the limit is 4 million; use fewer patterns, or simpler ones"
        );
        for (condition, fits, exceeds) in [
            (r"body: { group.name: { regex: '\bRetry\b' } }", 4, 12),
            ("body: { group.members.user_id: { in: [a, b, c, d, e, f, g, h] } }", 140, 150),
            ("body: { group.name: { min_len: 1000000 } }", 7, 9),
            (r"body: { group.name: { regex: '\d{4}-\d\d-\d\d' } }", 20, 60),
        ] {
            assert_eq!(problem(fits, condition), None, "{condition}");
            let problem = problem(exceeds, condition).unwrap();
            assert!(problem.contains(", the limit is 4"), "{condition}: {problem}");
        }
    }

    #[test]
    fn a_file_with_many_patterns_that_take_long_to_compile_is_given_up() {
        for (regex, most) in [
            (r"\w{99}", 16),
            // its table is given up
            (r"^\B", 30),
            (r"(?:a|é){9999}", 16),
            (r"(?i)[^[^a]b]x", 8),
            (r"(?i)[\u{20}-\u{10ffff}]x", 16),
        ] {
            let condition = format!("body: {{ group.name: {{ regex: '{regex}' }} }}");
            let problems = read(&file(650, &condition), Some("test")).unwrap_err();
            let last = problems.last().unwrap();
            assert!(last.message.starts_with("the patterns up to here take "), "{last:?}");
            assert!(
                problems.len() <= most + 2 && last.at.line as usize <= most + 4,
                "{problems:?}"
            );
        }
    }
}
