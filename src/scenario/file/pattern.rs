//! Patterns on text: regular expressions and globs. A match holds a tenant's lock, so that its longest time
//! is computed when a pattern is read, and a document may take only so much of it.

use std::cell::Cell;
use std::sync::Arc;

use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::nfa::thompson::pikevm::PikeVM;
use regex_automata::nfa::thompson::{Compiler, NFA};
use regex_automata::{Anchored, Input, MatchKind};

use super::letter_case::LetterCase;
use super::regex;
use crate::config_file::Cost;

/// How much text the pattern of a condition looks at, in bytes: the start of a text, or the first texts of a
/// list.
pub(crate) const MAX_TEXT_BYTES: usize = 4 * 1024;
/// The longest glob, in bytes.
pub(super) const MAX_GLOB_BYTES: usize = 1024;
/// The largest glob once it is compiled, in bytes: enough for every one of the longest length.
const MAX_GLOB_STATES_BYTES: usize = 1024 * 1024;
/// The largest table that finds a match with one look at each byte, and the most memory to build it with,
/// which bounds the time for that: 60 ms where the table is given up at last.
const MAX_DFA_BYTES: usize = 256 * 1024;
const MAX_BUILD_BYTES: usize = 128 * 1024;
/// What a look at a byte costs for each state where there is no such table, in steps.
const STEPS_OF_STATE: u64 = 10;
/// What it costs to compare the ends of a text, in steps.
const STEPS_OF_ENDS: u64 = 10;

/// A compiled pattern; two are equal if they were written in the same way.
#[derive(Debug, Clone)]
pub(crate) struct Pattern(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    written: String,
    is_glob: bool,
    case: LetterCase,
    /// What every matching text starts with.
    prefix: String,
    rest: Matcher,
}

/// What finds a match in a text that has the prefix.
#[derive(Debug)]
enum Matcher {
    /// The text has nothing after the prefix.
    Equal,
    /// It ends in this, after the prefix.
    EndsWith(String),
    /// A table with one look at each byte.
    Dfa(Box<dense::DFA<Vec<u32>>>),
    /// For the few whose table would be too large: each byte is looked at once for each state.
    Nfa(PikeVM),
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        let (one, other) = (&*self.0, &*other.0);
        (one.is_glob, one.case, &one.written) == (other.is_glob, other.case, &other.written)
    }
}

impl Pattern {
    pub(super) fn regex(written: &str, case: LetterCase, states: NFA) -> Result<Self, String> {
        let (written, prefix, rest) = (written.into(), String::new(), Matcher::of(states)?);
        Ok(Self(Arc::new(Compiled { written, is_glob: false, case, prefix, rest })))
    }

    pub(super) fn glob(written: &str, case: LetterCase) -> Result<Self, String> {
        // other globs have classes in brackets; nobody who writes them means the characters
        if written.is_empty() || written.contains(['[', ']', '{', '}']) {
            let message = "a glob must not be empty and supports only * and ?; use regex for more";
            return Err(message.into());
        }
        if written.len() > MAX_GLOB_BYTES {
            let length = written.len();
            return Err(format!("the glob has {length} bytes, the limit is {MAX_GLOB_BYTES}"));
        }
        let prefix = written.split(['*', '?']).next().unwrap_or_default();
        let wild = &written[prefix.len()..];
        let suffix = wild.trim_start_matches('*');
        let rest = if wild.is_empty() {
            Matcher::Equal
        } else if wild.starts_with('*') && !suffix.contains(['*', '?']) {
            Matcher::EndsWith(suffix.to_owned())
        } else {
            let config = regex::config(MAX_GLOB_STATES_BYTES);
            let states = Compiler::new().configure(config).build(&regex_of_glob(written, case));
            Matcher::of(states.map_err(|error| regex::explain(&error))?)?
        };
        let (written, prefix) = (written.to_owned(), prefix.to_owned());
        Ok(Self(Arc::new(Compiled { written, is_glob: true, case, prefix, rest })))
    }

    pub(crate) fn as_written(&self) -> &str {
        &self.0.written
    }

    /// The first byte of every text that matches, if that is known.
    pub(crate) fn first_byte(&self) -> Option<u8> {
        match self.0.case {
            LetterCase::Kept => self.0.prefix.bytes().next(),
            LetterCase::Ignored => None,
        }
    }

    /// What it takes to keep it, and to compare it with the longest text.
    pub(crate) fn cost(&self) -> Cost {
        let Compiled { written, prefix, rest, .. } = &*self.0;
        let texts = size_of::<Compiled>() + written.len() + prefix.len();
        let per_byte = |steps: u64| steps * MAX_TEXT_BYTES as u64;
        match rest {
            Matcher::Equal => Cost { steps: STEPS_OF_ENDS, bytes: texts },
            Matcher::EndsWith(suffix) => Cost { steps: STEPS_OF_ENDS, bytes: texts + suffix.len() },
            Matcher::Dfa(dfa) => {
                let bytes = texts + size_of_val(&**dfa) + dfa.memory_usage();
                Cost { steps: per_byte(1), bytes }
            }
            Matcher::Nfa(vm) => {
                let nfa = vm.get_nfa();
                let steps = per_byte(STEPS_OF_STATE * nfa.states().len() as u64);
                Cost { steps, bytes: texts + nfa.memory_usage() }
            }
        }
    }

    /// The memory, and so the time, that it took to build a table which was given up.
    pub(super) fn given_up_bytes(&self) -> usize {
        match self.0.rest {
            Matcher::Nfa(_) => MAX_BUILD_BYTES,
            Matcher::Equal | Matcher::EndsWith(_) | Matcher::Dfa(_) => 0,
        }
    }

    /// Whether a text matches; `left` is how much of it, in bytes, this condition may still look at.
    pub(crate) fn is_match(&self, text: &str, left: &Cell<usize>) -> bool {
        // most texts differ in the first byte, where comparing whole slices is a call to the C library
        let Compiled { case, prefix, rest, .. } = &*self.0;
        let mut pairs = text.bytes().zip(prefix.bytes());
        text.len() >= prefix.len()
            && pairs.all(|(one, other)| case.are_same(one, other))
            && rest.is_match(text, prefix.len(), *case, left)
    }
}

impl Matcher {
    /// Makes a table of states, unless that would be too large.
    fn of(states: NFA) -> Result<Self, String> {
        let config = dense::Config::new()
            .match_kind(MatchKind::All)
            .start_kind(StartKind::Unanchored)
            .dfa_size_limit(Some(MAX_DFA_BYTES))
            .determinize_size_limit(Some(MAX_BUILD_BYTES));
        if let Ok(dfa) = dense::Builder::new().configure(config).build_from_nfa(&states) {
            // a copy has no room left over, which is up to as much again
            return Ok(Self::Dfa(Box::new(dfa.clone())));
        }
        PikeVM::new_from_nfa(states).map(Self::Nfa).map_err(|error| regex::explain(&error))
    }

    fn is_match(
        &self,
        text: &str,
        prefix_bytes: usize,
        case: LetterCase,
        left: &Cell<usize>,
    ) -> bool {
        match self {
            Self::Equal => text.len() == prefix_bytes,
            Self::EndsWith(suffix) => {
                let rest = &text.as_bytes()[prefix_bytes..];
                let start = rest.len().checked_sub(suffix.len());
                start.is_some_and(|start| case.are_equal(&rest[start..], suffix.as_bytes()))
            }
            Self::Dfa(dfa) => seen(text, left).is_some_and(|input| {
                dfa.try_search_fwd(&input).expect("BUG: the table is for every text").is_some()
            }),
            Self::Nfa(vm) => {
                seen(text, left).is_some_and(|input| vm.is_match(&mut vm.create_cache(), input))
            }
        }
    }
}

/// Returns what may be searched of a text, and takes it off what is left; `None` if nothing is left.
fn seen<'t>(text: &'t str, left: &Cell<usize>) -> Option<Input<'t>> {
    let seen = &text[..text.floor_char_boundary(left.get())];
    if seen.is_empty() && !text.is_empty() {
        return None;
    }
    left.set(left.get() - seen.len());
    Some(Input::new(seen).anchored(Anchored::No).earliest(true))
}

/// Writes a glob as a regular expression for a whole text.
fn regex_of_glob(glob: &str, case: LetterCase) -> String {
    let mut regex = String::from(match case {
        LetterCase::Kept => r"(?s)\A",
        LetterCase::Ignored => r"(?si)\A",
    });
    for letter in glob.chars() {
        match letter {
            '*' => regex.push_str(".*"),
            '?' => regex.push('.'),
            _ if letter.is_ascii_punctuation() => regex.extend(['\\', letter]),
            _ => regex.push(letter),
        }
    }
    regex + r"\z"
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    pub(super) fn regex(written: &str) -> Pattern {
        let states = regex::compile(written, LetterCase::Kept).states.unwrap();
        Pattern::regex(written, LetterCase::Kept, states).unwrap()
    }

    fn glob(written: &str) -> Result<Pattern, String> {
        Pattern::glob(written, LetterCase::Kept)
    }

    fn matches(pattern: &Pattern, text: &str) -> bool {
        pattern.is_match(text, &Cell::new(MAX_TEXT_BYTES))
    }

    #[test]
    fn a_glob_matches_the_whole_text() {
        for (glob, yes, no) in [
            ("a", "a", "ab"),
            ("a*", "a\n", "ba"),
            ("*a", "bca", "ab"),
            ("*a*b*", "xaxbx", "xbxa"),
            ("a?c", "aßc", "ac"),
            ("*?", "x", ""),
            ("a**b", "ab", "a"),
            ("*aab", "aaab", "aaa"),
            ("?*ü", "xyü", "ü"),
            ("a.(b)+^$|\\", "a.(b)+^$|\\", "axb"),
        ] {
            let pattern = self::glob(glob).unwrap();
            assert!(matches(&pattern, yes), "{glob:?} {yes:?}");
            assert!(!matches(&pattern, no), "{glob:?} {no:?}");
        }
        assert!(matches(&glob("*").unwrap(), ""));
    }

    #[test]
    fn every_glob_of_the_longest_length_compiles() {
        for unit in ["?", "*", "a", "*?", "ü"] {
            let glob = unit.repeat(MAX_GLOB_BYTES / unit.len());
            assert!(self::glob(&glob).is_ok(), "{unit}");
        }
        let why = glob(&"a".repeat(MAX_GLOB_BYTES + 1)).unwrap_err();
        assert_eq!(why, "the glob has 1025 bytes, the limit is 1024");
    }

    /// Holds what `charge` refuses: a document of such patterns is as slow as its steps say.
    #[test]
    fn the_cost_is_that_of_the_worst_text() {
        let text = "ab".repeat(MAX_TEXT_BYTES / 2);
        let time = |pattern: &Pattern| {
            let mut times: Vec<_> = (0..5)
                .map(|_| {
                    let began = Instant::now();
                    assert!(!matches(pattern, &text));
                    began.elapsed()
                })
                .collect();
            times.sort();
            times[2].max(Duration::from_nanos(100))
        };
        let table = regex("(?:a|b|ab)*c");
        let steps = |pattern: &Pattern| {
            f64::from(u32::try_from(pattern.cost().steps).expect("fewer than 2^32"))
        };
        let per_step = time(&table).as_secs_f64() / steps(&table);
        for slow in ["(?:[ab]{0,30}a){40}c", "[ab]*a[ab]{12}c"] {
            let slow = regex(slow);
            let expected = steps(&slow) * per_step;
            let took = time(&slow).as_secs_f64();
            assert!(took < 20.0 * expected, "{slow:?}: {took} s, by its steps {expected} s");
            assert!(took > 2.0 * time(&table).as_secs_f64(), "{slow:?} is no slow one");
        }
    }

    #[test]
    fn a_pattern_says_what_it_takes() {
        let cost = |written: &str| regex(written).cost();
        let (small, large) = (cost("^Retry"), cost(r"\d{4}-\d{2}-\d{2}"));
        assert_eq!((small.steps, large.steps), (4096, 4096));
        assert!(small.bytes < 2 * 1024 && large.bytes > 50 * 1024, "{small:?} {large:?}");
        // no table for the boundaries of words, which depend on the letters of all languages
        assert!(cost(r"\bRetry\b").steps > 40 * 4096);
        for cheap in ["Retry", "Retry*", "*Retry", "Re**try"] {
            assert_eq!(glob(cheap).unwrap().cost().steps, STEPS_OF_ENDS, "{cheap}");
        }
        assert_eq!(glob("*Re*try*").unwrap().cost().steps, 4096);
    }

    #[test]
    fn only_the_start_of_a_text_and_the_first_texts_are_looked_at() {
        let pattern = regex("b");
        let text = |length: usize| "a".repeat(length) + "b";
        assert!(matches(&pattern, &text(MAX_TEXT_BYTES - 1)));
        assert!(!matches(&pattern, &text(MAX_TEXT_BYTES)));
        let left = Cell::new(MAX_TEXT_BYTES);
        let all_matches = regex("^a*$");
        assert!(all_matches.is_match(&"a".repeat(MAX_TEXT_BYTES), &left));
        assert!(!all_matches.is_match("a", &left), "nothing is left");
        assert!(all_matches.is_match("", &left));
        let ends = glob("a*b").unwrap();
        assert!(matches(&ends, &text(MAX_TEXT_BYTES)), "ends are compared wherever they are");
    }
}
