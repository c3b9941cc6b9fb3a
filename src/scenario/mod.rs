//! Any outcome on demand: scenario files and lines, who picks one, and which rule acts on a call.
//! Knows the contract's names; does not know how an answer is delivered.

mod answer;
mod delay;
mod file;
mod forced;
mod index;
mod line;
mod matcher;
mod matching;
mod nth;
mod pattern;
mod progress;
mod rule;
mod select;
mod set;
mod shadow;
mod step;
mod switch;

pub use answer::answer;
pub use delay::{Delay, Draw, parse_duration};
pub use file::{Example, Scenario, read, schema};
pub use forced::{Forced, Gateway};
pub use line::parse as parse_line;
pub use matching::{Facts, Match};
pub use progress::{Act, Considered, Decision, Progress};
pub use rule::{Phase, Rule};
pub use select::{HEADER, PickError, Picked, Selector, Selectors, magic_word};
pub use set::{Library, LoadError, NameError, Source, built_in, files_of, read_file};
pub use shadow::warnings;
pub use step::{Drip, Step};
pub use switch::{Override, end as end_override};
