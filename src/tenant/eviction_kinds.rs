//! The kinds of data of which tenants drop the oldest when there is too much.

use super::eviction::Kind;
use crate::memory::GROUP_BYTES;
use crate::world::Made;

/// Groups of tenants give way past the limit.
pub(super) const GROUPS: Kind = Kind {
    holding: |tenant| &tenant.groups,
    drop_oldest: |state| state.world.forget_oldest(1) > 0,
    warning: |limit_bytes, total| {
        let limit = limit_bytes / GROUP_BYTES;
        format!(
            "more than {limit} groups (a long one counts as several): the largest tenant forgets its oldest ones, {total} so far; --max-groups sets the limit"
        )
    },
};

/// Communities and members that calls made give way past the limit.
pub(super) const COMMUNITIES: Kind = Kind {
    holding: |tenant| &tenant.made[Made::Communities as usize],
    drop_oldest: |state| state.world.forget_oldest_made(Made::Communities),
    warning: |limit_bytes, total| warn_of_made(Made::Communities, limit_bytes, total),
};

/// Users that calls made give way past the limit.
pub(super) const USERS: Kind = Kind {
    holding: |tenant| &tenant.made[Made::Users as usize],
    drop_oldest: |state| state.world.forget_oldest_made(Made::Users),
    warning: |limit_bytes, total| warn_of_made(Made::Users, limit_bytes, total),
};

fn warn_of_made(kind: Made, limit: usize, total: u64) -> String {
    let kind = kind.name();
    format!(
        "calls made more than {limit} {kind}: the largest tenant forgets its oldest ones, {total} so far"
    )
}

/// All that calls made gives way past the limit of its bytes.
pub(super) const WORLDS: Kind = Kind {
    holding: |tenant| &tenant.world,
    drop_oldest: |state| state.world.forget_oldest_of_most(),
    warning: |limit_bytes, total| {
        let limit = limit_bytes / 1024;
        format!(
            "what calls made takes more than {limit} KiB: the largest tenant forgets the oldest of what it has most of, {total} so far; --max-memory sets the limit"
        )
    },
};

/// Posted videos of tenants give way past the limit, which is a number.
pub(super) const VIDEOS: Kind = Kind {
    holding: |tenant| &tenant.videos,
    drop_oldest: |state| state.world.forget_oldest_video(),
    warning: |limit, total| {
        format!(
            "more than {limit} posted videos: the tenant with most forgets its oldest ones, {total} so far"
        )
    },
};

/// Counters of scenarios give way past the limit.
pub(super) const COUNTERS: Kind = Kind {
    holding: |tenant| &tenant.counters,
    drop_oldest: |state| state.scenario_state.forget_oldest(),
    warning: |limit_bytes, total| {
        let limit = limit_bytes / 1024;
        format!(
            "the counters of scenarios take more than {limit} KiB: the tenant with most starts the scenario again that it has not used for longest, {total} so far; --max-memory sets the limit"
        )
    },
};
