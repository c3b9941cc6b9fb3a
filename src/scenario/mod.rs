//! Any outcome on demand: scenario files and lines, which of them a call gets, and which rule acts.
//! Knows the contract's names; does not know how an answer is delivered.

mod answer;
mod counters;
mod duration;
mod file;
mod forced_outcome;
mod hold;
mod library;
mod line;
mod lint;
mod overrides;
mod rate_window;
mod selector;
mod state;

pub use file::Scenario;
pub use file::call_matcher::CallFacts;
pub use file::endpoint_set::EndpointSet;
pub use file::field_path::FieldValues;
pub use file::phase::Phase;
#[cfg(any(test, feature = "internals"))]
pub use file::read;
pub use forced_outcome::ForcedOutcome;
pub use library::Source;
pub use lint::lint;
pub use selector::{HEADER, Selector};
pub use state::ScenarioState;

pub(crate) use answer::answer;
pub(crate) use duration::{AnyDuration, parse_duration, written as written_duration};
pub(crate) use file::call_matcher::CallMatcher;
pub(crate) use file::count::CountBody;
pub(crate) use file::delay::Delay;
pub(crate) use file::rule::{Rule, Scope, Then};
pub(crate) use file::step::Step;
pub(crate) use file::value_types::match_with_text;
pub(crate) use file::{Example, read_as, schema};
pub(crate) use hold::{HoldUntil, MAX_HELD};
pub(crate) use library::{
    DEFAULT_DIRECTORY, Library, LoadError, NOT_A_DIRECTORY, explain_errors, files_of, read_file,
    read_text,
};
pub(crate) use line::is_nearly_line;
pub(crate) use overrides::Override;
pub(crate) use selector::{ChosenScenario, SelectorInputs, UnknownScenario, magic_word};
pub(crate) use state::{SelectedStep, UsedUp};
