//! Finds the tenant that is idle longest, without a look at all of them each time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Tenant;
use crate::memory::HashMap;
use crate::world::TenantName;

/// The tenants that were idle for long when all were last looked at.
#[derive(Debug, Default)]
pub(super) struct IdleOrder {
    /// When they were last used; the longest idle one last.
    idle: Vec<(Instant, TenantName)>,
    /// No tenant is idle for long before.
    none_before: Option<Instant>,
}

impl IdleOrder {
    /// Returns the name of the tenant that is idle longest, if it is idle for at least `least`, which is
    /// the same at every call.
    pub(super) fn longest(
        &mut self,
        by_name: &HashMap<TenantName, Arc<Tenant>>,
        least: Duration,
        now: Instant,
    ) -> Option<TenantName> {
        loop {
            while let Some((since, name)) = self.idle.pop() {
                // the others were used later, and so were those that were used meanwhile
                if by_name.get(&name).is_some_and(|tenant| tenant.last_used() == since) {
                    return Some(name);
                }
            }
            if self.none_before.is_some_and(|time| now < time) {
                return None;
            }
            let used = by_name.iter().map(|(name, tenant)| (tenant.last_used(), name));
            let (idle, busy): (Vec<_>, Vec<_>) =
                used.partition(|(since, _)| now.duration_since(*since) >= least);
            let mut idle: Vec<_> =
                idle.into_iter().map(|(since, name)| (since, name.clone())).collect();
            idle.sort_unstable_by(|one, other| other.cmp(one));
            self.none_before = busy.iter().map(|(since, _)| *since + least).min();
            if idle.is_empty() {
                return None;
            }
            self.idle = idle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::{Budgets, MemoryLimits};
    use crate::world::Seed;

    const SECOND: Duration = Duration::from_secs(1);
    const LEAST: Duration = Duration::from_mins(1);

    #[test]
    fn the_longest_idle_come_first_and_only_those_that_are_idle_for_long() {
        let (memory, start) = (Budgets::new(&MemoryLimits::default()).unwrap(), Instant::now());
        let (seed, name) =
            (Arc::new(Seed::default()), |text: &str| TenantName::parse(text).unwrap());
        let tenant =
            |after: Duration| Arc::new(Tenant::new(Arc::clone(&seed), &memory, start + after));
        let mut by_name: HashMap<_, _> = [("c", 3), ("a", 1), ("b", 2), ("d", 30)]
            .map(|(text, after)| (name(text), tenant(after * SECOND)))
            .into_iter()
            .collect();
        let mut order = IdleOrder::default();
        let mut longest = |by_name: &HashMap<_, _>, at: Duration| {
            order.longest(by_name, LEAST, start + at).map(|name| name.to_string())
        };
        assert_eq!(longest(&by_name, LEAST), None);
        assert_eq!(longest(&by_name, LEAST + 5 * SECOND).as_deref(), Some("a"));
        by_name.remove(&name("a"));
        by_name[&name("b")].touch(start + LEAST);
        assert_eq!(longest(&by_name, LEAST + 6 * SECOND).as_deref(), Some("c"), "b was used");
        by_name.remove(&name("c"));
        assert_eq!(longest(&by_name, LEAST + 7 * SECOND), None);
        assert_eq!(longest(&by_name, LEAST + 30 * SECOND).as_deref(), Some("d"));
        by_name.remove(&name("d"));
        assert_eq!(longest(&by_name, LEAST + LEAST).as_deref(), Some("b"));
    }
}
