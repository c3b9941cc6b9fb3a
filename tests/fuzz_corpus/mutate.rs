//! Makes new inputs from those of a corpus, as libFuzzer does, from a fixed seed.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt as _, SeedableRng as _};

/// The longest input made, in bytes.
const LIMIT_BYTES: usize = 2048;
/// The most changes to one input.
const LIMIT_CHANGES: usize = 4;

/// An endless series of inputs.
pub struct Mutator<'c> {
    corpus: &'c [Vec<u8>],
    words: Vec<Vec<u8>>,
    rng: ChaCha8Rng,
}

impl<'c> Mutator<'c> {
    pub fn new(corpus: &'c [Vec<u8>], words: Vec<Vec<u8>>) -> Self {
        Self { corpus, words, rng: ChaCha8Rng::seed_from_u64(1) }
    }

    /// Takes an input of the corpus and changes it in one to four places.
    pub fn next(&mut self) -> Vec<u8> {
        let mut input = self.any_of_corpus().to_vec();
        for _ in 0..self.rng.random_range(1..=LIMIT_CHANGES) {
            self.change(&mut input);
        }
        input.truncate(LIMIT_BYTES);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.rng.random_range(0..=input.len());
        let end = (at + self.rng.random_range(1..=16)).min(input.len());
        match self.rng.random_range(0..6) {
            0 if at < input.len() => input[at] = self.rng.random(),
            1 => drop(input.drain(at..end)),
            2 => {
                let repeated = input[at..end].to_vec();
                input.splice(at..at, repeated);
            }
            3 => {
                let other = self.any_of_corpus();
                let from = self.rng.random_range(0..=other.len());
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            _ => {
                let word = &self.words[self.rng.random_range(0..self.words.len())];
                input.splice(at..at, word.iter().copied());
            }
        }
    }

    fn any_of_corpus(&mut self) -> &'c [u8] {
        &self.corpus[self.rng.random_range(0..self.corpus.len())]
    }
}

/// Reads a dictionary of libFuzzer's: a quoted word on each line, with `\x0a` for a byte.
pub fn words(dictionary: &str) -> Vec<Vec<u8>> {
    let lines = dictionary.lines().map(str::trim);
    lines.filter(|line| line.starts_with('"')).map(word).collect()
}

fn word(line: &str) -> Vec<u8> {
    let quoted = line.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap();
    let mut parts = quoted.split('\\');
    let mut word = parts.next().unwrap().as_bytes().to_vec();
    while let Some(part) = parts.next() {
        if let Some(digits) = part.strip_prefix('x') {
            word.push(u8::from_str_radix(&digits[..2], 16).unwrap());
            word.extend_from_slice(&digits.as_bytes()[2..]);
        } else if part.is_empty() {
            // two backslashes stand for one
            word.push(b'\\');
            word.extend_from_slice(parts.next().unwrap_or_default().as_bytes());
        } else {
            word.extend_from_slice(part.as_bytes());
        }
    }
    word
}
