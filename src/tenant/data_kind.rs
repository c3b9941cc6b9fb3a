//! The kinds of data of which tenants drop the oldest when there is too much.

use std::sync::Arc;

use super::TenantState;
use crate::memory::{Budget, Budgets, GROUP_BYTES};
use crate::text::plural;
use crate::world::Made;

/// A kind of data that calls make. All tenants together have a budget for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DataKind {
    /// The memory of groups.
    Groups,
    /// The number of posted videos, which are weighed with their groups.
    Videos,
    /// The memory of all that calls made.
    World,
    /// The memory of scenarios' counters.
    Counters,
    /// The number of communities and members that calls made.
    Communities,
    /// The number of users that calls made.
    Users,
}

/// Something of each kind, in the order of [`DataKind::ALL`].
pub(super) type OfEach<T> = [T; DataKind::ALL.len()];

/// How much a tenant holds of each kind of data that is evicted, the oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DataUse(pub(super) OfEach<usize>);

impl TenantState {
    /// Returns how much it holds of each kind of data that is evicted.
    pub(crate) fn data_use(&self) -> DataUse {
        DataUse(DataKind::ALL.map(|kind| kind.held_by(self)))
    }
}

impl DataKind {
    pub(super) const ALL: [Self; 6] =
        [Self::Groups, Self::Videos, Self::World, Self::Counters, Self::Communities, Self::Users];

    pub(super) fn budget(self, memory: &Budgets) -> &Arc<Budget> {
        match self {
            Self::Groups => &memory.groups,
            Self::Videos => &memory.videos,
            Self::World => &memory.worlds,
            Self::Counters => &memory.counters,
            Self::Communities => &memory.communities,
            Self::Users => &memory.users,
        }
    }

    /// How much of it a tenant holds, in what its budget counts.
    pub(super) fn held_by(self, state: &TenantState) -> usize {
        match self {
            Self::Groups => state.world.group_store().bytes(),
            Self::Videos => state.world.group_store().video_count(),
            Self::World => state.world.made_bytes(),
            Self::Counters => state.scenario_state.size_bytes(),
            Self::Communities => state.world.made_count(Made::Communities),
            Self::Users => state.world.made_count(Made::Users),
        }
    }

    /// Drops the oldest piece; returns false if there was none.
    pub(super) fn drop_oldest(self, state: &mut TenantState) -> bool {
        match self {
            Self::Groups => state.world.forget_oldest(1) > 0,
            Self::Videos => state.world.forget_oldest_video(),
            Self::World => state.world.forget_oldest_of_most(),
            Self::Counters => state.scenario_state.forget_oldest(),
            Self::Communities => state.world.forget_oldest_made(Made::Communities),
            Self::Users => state.world.forget_oldest_made(Made::Users),
        }
    }

    /// The warning that data of this kind is dropped: `limit` is that of its budget, `total` the pieces dropped so far.
    pub(super) fn warning(self, limit: usize, total: u64) -> String {
        match self {
            Self::Groups => format!(
                "more than {} (a long one counts as several): the largest tenant forgets its oldest ones, {total} so far; --max-groups sets the limit",
                plural(limit / GROUP_BYTES, "group")
            ),
            Self::Videos => format!(
                "more than {}: the tenant with most forgets its oldest ones, {total} so far",
                plural(limit, "posted video")
            ),
            Self::World => format!(
                "what calls made takes more than {} KiB: the largest tenant forgets the oldest of what it has most of, {total} so far; --max-memory sets the limit",
                limit / 1024
            ),
            Self::Counters => format!(
                "the counters of scenarios take more than {} KiB: the tenant with most starts the scenario again that it has not used for longest, {total} so far; --max-memory sets the limit",
                limit / 1024
            ),
            Self::Communities => format!(
                "calls made more than {}: the largest tenant forgets its oldest ones, {total} so far",
                plural(limit, "community")
            ),
            Self::Users => format!(
                "calls made more than {}: the largest tenant forgets its oldest ones, {total} so far",
                plural(limit, "user")
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_agrees_with_what_it_counts() {
        for (kind, limit, start) in [
            (DataKind::Groups, GROUP_BYTES, "more than 1 group (a long one"),
            (DataKind::Groups, GROUP_BYTES * 2, "more than 2 groups (a long one"),
            (DataKind::Videos, 1, "more than 1 posted video: the tenant"),
            (DataKind::Communities, 0, "calls made more than 0 communities: the"),
            (DataKind::Users, 1, "calls made more than 1 user: the"),
        ] {
            let warning = kind.warning(limit, 3);
            assert!(warning.starts_with(start), "{warning}");
        }
    }
}
