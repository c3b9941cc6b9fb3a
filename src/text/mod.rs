//! Texts for people: quoting what comes from outside, and suggesting the nearest known name.

mod suggest;

pub use suggest::{did_you_mean, nearest, quoted};
