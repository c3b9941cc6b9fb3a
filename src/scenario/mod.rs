//! Any outcome on demand: scenario files and lines, who picks one, and which rule acts on a call.
//! Knows the contract's names; does not know how an answer is delivered.

mod answer;
mod engine;
mod file;
mod forced;
mod index;
mod library;
mod line;
mod lint;
mod overrides;
mod select;

pub use answer::answer;
pub use engine::{ScenarioState, SelectedStep};
pub use file::delay::parse_duration;
pub use file::matching::{CallFacts, CallMatcher, definition as match_definition};
pub use file::rule::{Phase, Rule};
pub use file::step::Step;
pub use file::{Scenario, read, schema};
pub use forced::ForcedOutcome;
#[cfg(feature = "internals")]
pub use library::built_in;
pub use library::{Library, LoadError, Source, files_of, read_file};
#[cfg(feature = "internals")]
pub use line::parse as parse_line;
pub use lint::lint;
pub use overrides::{Override, end as end_override};
pub use select::{ChosenScenario, HEADER, Selector, SelectorInputs, UnknownScenario, magic_word};
