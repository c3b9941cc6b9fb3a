//! Lines that were parsed, so that one in use is parsed once. Past the budget, those give way that were
//! not used for longest.

use std::collections::HashMap;
use std::sync::Arc;

use super::Scenario;
use crate::memory::{Budget, Share};

/// What an entry takes besides its scenario and the text that it is found by, in bytes.
const ENTRY_BYTES: usize = 96;

/// Parsed lines by their texts, in two generations. A line that is used moves to the recent one; once that
/// has half of the budget, it becomes the older one, and what was older goes.
#[derive(Debug)]
pub(super) struct ParsedLines {
    budget: Arc<Budget>,
    recent: Generation,
    older: Generation,
}

#[derive(Debug)]
struct Generation {
    lines: HashMap<String, Arc<Scenario>>,
    share: Share,
}

impl ParsedLines {
    pub(super) fn new(budget: &Arc<Budget>) -> Self {
        let (recent, older) = (Generation::new(budget), Generation::new(budget));
        Self { budget: Arc::clone(budget), recent, older }
    }

    pub(super) fn get(&mut self, text: &str) -> Option<Arc<Scenario>> {
        if let Some(scenario) = self.recent.lines.get(text) {
            return Some(Arc::clone(scenario));
        }
        let (text, scenario) = self.older.lines.remove_entry(text)?;
        self.older.share.set(self.older.share.bytes() - size_bytes(&text, &scenario));
        self.insert(text, Arc::clone(&scenario));
        Some(scenario)
    }

    pub(super) fn insert(&mut self, text: String, scenario: Arc<Scenario>) {
        let (bytes, half) = (size_bytes(&text, &scenario), self.budget.limit_bytes() / 2);
        if bytes > half {
            return;
        }
        if self.recent.share.bytes() + bytes > half {
            self.older = std::mem::replace(&mut self.recent, Generation::new(&self.budget));
        }
        self.recent.share.set(self.recent.share.bytes() + bytes);
        self.recent.lines.insert(text, scenario);
    }
}

impl Generation {
    fn new(budget: &Arc<Budget>) -> Self {
        Self { lines: HashMap::new(), share: budget.empty_share() }
    }
}

fn size_bytes(text: &str, scenario: &Scenario) -> usize {
    ENTRY_BYTES + text.len() + scenario.size_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::line::parse_line;

    #[test]
    fn lines_keep_to_the_budget_and_the_least_recently_used_give_way() {
        for limit_bytes in [20_000, 200_000] {
            let budget = Budget::new(limit_bytes);
            let mut lines = ParsedLines::new(&budget);
            let insert = |lines: &mut ParsedLines, text: &str| {
                lines.insert(text.to_owned(), Arc::new(parse_line(text).unwrap()));
                assert!(budget.used_bytes() <= limit_bytes, "{limit_bytes}");
            };
            insert(&mut lines, "2x500");
            insert(&mut lines, "3x404");
            for delay_ms in 0..1000 {
                insert(&mut lines, &format!("ok+{delay_ms}ms"));
                assert!(lines.get("2x500").is_some(), "it is in use");
            }
            assert!(lines.get("3x404").is_none() && lines.get("ok+0ms").is_none());
            assert!(lines.get("ok+999ms").is_some());
            let kept = lines.recent.lines.len() + lines.older.lines.len();
            assert!(budget.used_bytes() >= limit_bytes / 3, "it is used: {kept} lines");
            drop(lines);
            assert_eq!(budget.used_bytes(), 0);
        }
    }

    #[test]
    fn a_line_that_is_larger_than_half_of_the_budget_is_not_kept() {
        let text = "ok,".repeat(300) + "ok";
        let budget = Budget::new(20_000);
        let mut lines = ParsedLines::new(&budget);
        lines.insert(text.clone(), Arc::new(parse_line(&text).unwrap()));
        assert_eq!((lines.get(&text), budget.used_bytes()), (None, 0));
    }
}
