//! Eviction: while a budget is exceeded, the tenant that holds most of it drops its oldest data. To find that
//! tenant, a call does not look at all of them.

use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Instant;

use super::Tenant;
use super::data_kind::DataKind;
use super::warning::WarningPause;
use crate::memory::{Budget, Budgets};
use crate::world::Forgotten;

#[derive(Debug)]
pub(super) struct Eviction {
    budget: Arc<Budget>,
    kind: DataKind,
    order: Mutex<Order>,
    evicted: AtomicU64,
    forgotten: Arc<ForgottenInAll>,
    pause: WarningPause,
}

/// How much all tenants have forgotten, ever. Counted where a world forgets something, since one eviction
/// can forget data of several kinds: a group goes with its videos.
#[derive(Debug, Default)]
pub(super) struct ForgottenInAll(Mutex<Forgotten>);

impl ForgottenInAll {
    pub(super) fn get(&self) -> Forgotten {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add_between(&self, before: Forgotten, after: Forgotten) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).add_between(before, after);
    }
}

/// The tenants by what they held when they were last looked at, the largest first.
#[derive(Debug, Default)]
struct Order {
    /// The bytes that a tenant held, and its place in `tenants`.
    largest: BinaryHeap<(usize, usize)>,
    tenants: Vec<Weak<Tenant>>,
    /// How much more is dropped until all are looked at again. Meanwhile another tenant may have become the
    /// largest, but by no more than this.
    left_bytes: usize,
}

/// How large a part of the budget is dropped between two looks at all tenants.
const LOOK_PART: usize = 16;

/// What the first tenant in the order dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Evicted {
    /// Its oldest piece.
    Piece,
    Nothing,
    /// Nothing yet: a call that takes long has its state.
    Later,
}

impl Eviction {
    pub(super) fn new(kind: DataKind, memory: &Budgets, forgotten: &Arc<ForgottenInAll>) -> Self {
        let budget = Arc::clone(kind.budget(memory));
        let (order, evicted, pause) = Default::default();
        Self { budget, kind, order, evicted, forgotten: Arc::clone(forgotten), pause }
    }

    /// Makes the largest tenant drop its oldest data while all hold too much. The caller must hold no tenant's lock.
    pub(super) fn make_room(&self, now: Instant, all: impl Fn() -> Vec<Arc<Tenant>>) {
        while self.budget.excess_bytes() > 0 && self.evict_one(now, &all) {}
    }

    /// Makes the largest tenant drop its oldest piece; returns false if there is none, or if the tenant is in a
    /// call that takes long and makes room itself when it ends.
    fn evict_one(&self, now: Instant, all: impl Fn() -> Vec<Arc<Tenant>>) -> bool {
        let mut order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        // one at a time, so that no call takes much longer, and the next one uses the memory again
        let mut evicted = self.evict_first(&mut order);
        if evicted == Evicted::Nothing {
            let all = all();
            let held = all.iter().map(|tenant| tenant.holding(self.kind).bytes());
            let held = held.enumerate().map(|(place, bytes)| (bytes, place));
            order.largest = held.filter(|(bytes, _)| *bytes > 0).collect();
            order.tenants = all.iter().map(Arc::downgrade).collect();
            order.left_bytes = self.budget.limit_bytes() / LOOK_PART + 1;
            evicted = self.evict_first(&mut order);
        }
        drop(order);
        let evicted = evicted == Evicted::Piece;
        if evicted {
            self.budget.count_refused();
            let total = self.evicted.fetch_add(1, Relaxed) + 1;
            if self.pause.admits(now) {
                tracing::warn!("{}", self.kind.warning(self.budget.limit_bytes(), total));
            }
        }
        evicted
    }

    /// Makes the first tenant in the order drop its oldest piece. Nothing is dropped if it is time to look at all
    /// again.
    fn evict_first(&self, order: &mut Order) -> Evicted {
        while order.left_bytes > 0
            && let Some(mut first) = order.largest.peek_mut()
        {
            let Some(tenant) = order.tenants[first.1].upgrade() else {
                PeekMut::pop(first);
                continue;
            };
            let holding = tenant.holding(self.kind);
            let bytes = holding.bytes();
            if bytes < first.0 {
                // it has its place in the order anew
                first.0 = bytes;
                continue;
            }
            let Some(mut state) = tenant.lock_unless_long() else { return Evicted::Later };
            let before = *state.world.forgotten();
            if !self.kind.drop_oldest(&mut state) {
                drop(state);
                PeekMut::pop(first);
                continue;
            }
            let data_use = state.data_use();
            self.forgotten.add_between(before, *state.world.forgotten());
            drop(state);
            // what is dropped counts towards other budgets too
            tenant.set_data_use(data_use);
            let left = holding.bytes();
            first.0 = left;
            if left == 0 {
                PeekMut::pop(first);
            }
            order.left_bytes = order.left_bytes.saturating_sub(bytes.saturating_sub(left));
            return Evicted::Piece;
        }
        Evicted::Nothing
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use uuid::Uuid;

    use super::*;
    use crate::memory::{Budgets, GROUP_BYTES, MemoryLimits};
    use crate::world::{Group, Seed};

    /// Tenants in front of a budget for a number of groups.
    struct Fixture {
        tenants: Vec<Arc<Tenant>>,
        eviction: Eviction,
        made: Cell<u128>,
        looks: Cell<usize>,
    }

    impl Fixture {
        fn new(tenants: usize, max_groups: usize) -> Self {
            let max_groups = Some(max_groups);
            let memory = Budgets::new(&MemoryLimits { max_groups, ..MemoryLimits::default() });
            let memory = memory.unwrap();
            let seed = Arc::new(Seed::default());
            let tenant = |_| Arc::new(Tenant::new(Arc::clone(&seed), &memory, Instant::now()));
            Self {
                tenants: (0..tenants).map(tenant).collect(),
                eviction: Eviction::new(DataKind::Groups, &memory, &Arc::default()),
                made: Cell::new(0),
                looks: Cell::new(0),
            }
        }

        fn add(&self, tenant: usize) {
            let tenant = &self.tenants[tenant];
            self.made.set(self.made.get() + 1);
            let mut state = tenant.lock();
            let number = state.world.counters().groups;
            let chat_id = Uuid::from_u128(self.made.get());
            state.world.add_group(Group { chat_id, number, ..Group::default() });
            let data_use = state.data_use();
            drop(state);
            tenant.set_data_use(data_use);
            self.eviction.make_room(Instant::now(), || {
                self.looks.set(self.looks.get() + 1);
                self.tenants.clone()
            });
        }

        fn counts(&self) -> Vec<usize> {
            self.tenants.iter().map(|tenant| tenant.lock().world.group_store().len()).collect()
        }
    }

    #[test]
    fn the_tenant_that_holds_most_gives_way() {
        let fixture = Fixture::new(3, 100);
        for (tenant, groups) in [(0, 70), (1, 25), (2, 5)] {
            (0..groups).for_each(|_| fixture.add(tenant));
        }
        assert_eq!((fixture.counts(), fixture.looks.get()), (vec![70, 25, 5], 0));
        (0..30).for_each(|_| fixture.add(2));
        assert_eq!(fixture.counts(), [40, 25, 35]);
        (0..30).for_each(|_| fixture.add(2));
        let [first, second, third] = fixture.counts()[..] else { unreachable!() };
        assert_eq!((first + second + third, second), (100, 25), "the smallest keeps its own");
        assert!(first.abs_diff(third) <= 100 / LOOK_PART + 1, "{first} {third}");
        assert_eq!(fixture.eviction.forgotten.get().groups, 60);
    }

    #[test]
    fn a_call_costs_no_look_at_all_tenants() {
        for tenants in [1, 2, 1000] {
            let fixture = Fixture::new(tenants, 1000);
            (0..1000).for_each(|number| fixture.add(number % tenants));
            (0..5000).for_each(|number| fixture.add(number * 7 % tenants));
            assert_eq!(fixture.counts().iter().sum::<usize>(), 1000);
            let looks = fixture.looks.get();
            assert!((1..=5 * (LOOK_PART + 1)).contains(&looks), "{tenants} tenants: {looks}");
            let used = fixture.eviction.budget.used_bytes();
            assert_eq!(used, 1000 * GROUP_BYTES, "{tenants} tenants");
        }
    }

    #[test]
    fn what_is_gone_is_passed_over() {
        let mut fixture = Fixture::new(3, 10);
        (0..11).for_each(|_| fixture.add(0));
        (0..5).for_each(|_| fixture.add(1));
        drop(fixture.tenants.remove(0));
        assert_eq!(fixture.eviction.budget.used_bytes(), 5 * GROUP_BYTES, "it is given back");
        (0..8).for_each(|_| fixture.add(1));
        assert_eq!(fixture.counts(), [5, 5]);
    }
}
