//! Rules, checklist and formats over calls that are written down, one a line.

mod calls;
mod checklist;
mod expectations;
mod formats;
mod joining;
mod rules;
