//! Divides the memory that clients can make the server keep among the kinds of data.

use std::ops::RangeInclusive;
use std::sync::Arc;

use anyhow::ensure;

use super::Budget;

/// In bytes.
pub(crate) const MIB: usize = 1024 * 1024;

/// What a group of ordinary size takes with its entries in the indexes, rounded up, in bytes. A smaller
/// one counts as this much, so that a number of groups is a number of bytes.
pub(crate) const GROUP_BYTES: usize = 1101;

/// The most communities, and as many users, that calls made in all tenants.
const MAX_MADE: usize = 20_000;

/// The most posted videos unless another number is set.
const MAX_VIDEOS: usize = 100_000;

/// The sizes that the whole can have, in MiB. With less, a body and its answer would fill what there is
/// for connections.
pub(crate) const MAX_MEMORY_MIB: RangeInclusive<u32> = 12..=65_536;

/// The size of the whole unless another is set, in MiB.
const DEFAULT_MIB: u32 = 96;

/// The sizes that the journal can have, in MiB.
pub(crate) const JOURNAL_MIB: RangeInclusive<u32> = 1..=4096;

/// The parts of each kind of data. Of the default they are MiB.
mod parts {
    pub(super) const GROUPS: usize = 21;
    pub(super) const MADE: usize = 12;
    pub(super) const JOURNAL: usize = 32;
    // three for scenarios, so that what calls bring leaves room for uploads and the other way round
    pub(super) const LINES: usize = 1;
    pub(super) const COUNTERS: usize = 3;
    pub(super) const UPLOADS: usize = 3;
    // two for additions, so that tenants leave room for what is added to them and the other way round
    pub(super) const TENANTS: usize = 9;
    pub(super) const ADDITIONS: usize = 3;
    pub(super) const CONNECTIONS: usize = 12;
    pub(super) const ALL: usize =
        GROUPS + MADE + JOURNAL + LINES + COUNTERS + UPLOADS + TENANTS + ADDITIONS + CONNECTIONS;
}

/// What the settings say of memory; what is left out follows from the rest.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct MemoryLimits {
    /// All together, in MiB.
    pub(crate) max_memory_mib: Option<u32>,
    /// The journal, in MiB.
    pub(crate) journal_mib: Option<u32>,
    /// How many groups of ordinary size.
    pub(crate) max_groups: Option<usize>,
    /// How many posted videos.
    pub(crate) max_videos: Option<usize>,
}

/// The budgets of a sandbox.
#[derive(Debug, Clone)]
pub(crate) struct Budgets {
    /// The groups that calls make.
    pub(crate) groups: Arc<Budget>,
    /// The number of communities that they make or change.
    pub(crate) communities: Arc<Budget>,
    /// The number of users that they make.
    pub(crate) users: Arc<Budget>,
    /// All of these together, in bytes.
    pub(crate) worlds: Arc<Budget>,
    /// The videos among that, which are counted here and not weighed.
    pub(crate) videos: Arc<Budget>,
    /// The records of calls.
    pub(crate) journal: Arc<Budget>,
    /// Scenarios written as lines, parsed.
    pub(crate) lines: Arc<Budget>,
    /// How far each tenant is in the scenarios that it uses.
    pub(crate) counters: Arc<Budget>,
    /// Scenarios that were uploaded.
    pub(crate) uploads: Arc<Budget>,
    /// Tenants, but for what they hold of the other budgets.
    pub(crate) tenants: Arc<Budget>,
    /// Communities, users and overrides of the own API.
    pub(crate) additions: Arc<Budget>,
    /// What is remembered of overrides and other switches.
    pub(crate) switches: Arc<Budget>,
    /// What is received and not yet answered, or answered and not yet read.
    pub(crate) connections: Arc<Budget>,
}

impl Budgets {
    /// Divides the whole. What has a size of its own takes that much of it, and the rest is divided
    /// in proportion; the default is no limit for what has a size of its own.
    pub(crate) fn new(limits: &MemoryLimits) -> anyhow::Result<Self> {
        let journal = limits.journal_mib.map(journal_bytes).transpose()?;
        let groups = limits.max_groups.map(|count| count.saturating_mul(GROUP_BYTES));
        let default_bytes = bytes_of_mib(DEFAULT_MIB) / parts::ALL;
        let part_bytes = match limits.max_memory_mib {
            Some(mib) => part_bytes(mib, journal, groups)?,
            None => default_bytes,
        };
        let budget = |parts: usize| Budget::new(parts * part_bytes);
        // of the additions: a part is more than they need
        let switches_bytes = part_bytes / 2;
        let groups = groups.map_or_else(|| budget(parts::GROUPS), Budget::new);
        Ok(Self {
            worlds: Budget::new(groups.limit_bytes().saturating_add(parts::MADE * part_bytes)),
            groups,
            videos: Budget::new(limits.max_videos.unwrap_or(MAX_VIDEOS)),
            journal: journal.map_or_else(|| budget(parts::JOURNAL), Budget::new),
            communities: Budget::new(MAX_MADE),
            users: Budget::new(MAX_MADE),
            lines: budget(parts::LINES),
            counters: budget(parts::COUNTERS),
            uploads: budget(parts::UPLOADS),
            tenants: budget(parts::TENANTS),
            additions: Budget::new(parts::ADDITIONS * part_bytes - switches_bytes),
            switches: Budget::new(switches_bytes),
            connections: budget(parts::CONNECTIONS),
        })
    }
}

/// Returns what one part is when the whole has this size.
fn part_bytes(mib: u32, journal: Option<usize>, groups: Option<usize>) -> anyhow::Result<usize> {
    let (lowest, highest) = (MAX_MEMORY_MIB.start(), MAX_MEMORY_MIB.end());
    ensure!(
        MAX_MEMORY_MIB.contains(&mib),
        "the memory in all must be from {lowest} to {highest} MiB, not {mib}"
    );
    let own = [(parts::JOURNAL, journal), (parts::GROUPS, groups)];
    let own = own.into_iter().filter_map(|(parts, bytes)| Some((parts, bytes?)));
    let (own_parts, own_bytes) =
        own.fold((0, 0_usize), |(all_parts, all_bytes), (parts, bytes)| {
            (all_parts + parts, all_bytes.saturating_add(bytes))
        });
    let rest_parts = parts::ALL - own_parts;
    let needed = bytes_of_mib(*lowest) / parts::ALL * rest_parts;
    let rest = bytes_of_mib(mib).saturating_sub(own_bytes);
    ensure!(
        rest >= needed,
        "journal and groups take {} MiB of the {mib} MiB in all, which leaves too little for the rest: \
         raise --max-memory to at least {}, or lower --journal-mib or --max-groups",
        own_bytes.div_ceil(MIB),
        own_bytes.saturating_add(needed).div_ceil(MIB)
    );
    Ok(rest / rest_parts)
}

fn journal_bytes(mib: u32) -> anyhow::Result<usize> {
    ensure!(JOURNAL_MIB.contains(&mib), "the journal's size must be from 1 to 4096 MiB, not {mib}");
    Ok(bytes_of_mib(mib))
}

fn bytes_of_mib(mib: u32) -> usize {
    usize::try_from(u64::from(mib) * 1024 * 1024).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What calls make, the groups of it, journal, scenarios, additions and connections.
    fn sizes(
        max_memory_mib: Option<u32>,
        journal_mib: Option<u32>,
        max_groups: Option<usize>,
    ) -> [usize; 6] {
        let budgets = Budgets::new(&MemoryLimits {
            max_memory_mib,
            journal_mib,
            max_groups,
            max_videos: None,
        })
        .unwrap();
        let size = |budgets: &[&Arc<Budget>]| budgets.iter().map(|one| one.limit_bytes()).sum();
        let Budgets {
            groups,
            worlds,
            journal,
            lines,
            counters,
            uploads,
            tenants,
            additions,
            switches,
            ..
        } = &budgets;
        [
            size(&[worlds]),
            size(&[groups]),
            size(&[journal]),
            size(&[lines, counters, uploads]),
            size(&[tenants, additions, switches]),
            size(&[&budgets.connections]),
        ]
    }

    #[test]
    fn the_whole_is_divided_and_what_has_a_size_of_its_own_is_taken_from_it() {
        let mib = |sizes: [usize; 6]| sizes.map(|mib| mib * MIB);
        let default = mib([33, 21, 32, 7, 12, 12]);
        assert_eq!(sizes(None, None, None), default);
        assert!(default[1] >= 20_000 * GROUP_BYTES, "20 000 groups fit");
        assert_eq!(sizes(Some(96), None, None), default);
        assert_eq!(sizes(Some(192), None, None), default.map(|bytes| 2 * bytes));
        assert_eq!(sizes(Some(12), None, None), default.map(|bytes| bytes / 8));
        assert_eq!(sizes(Some(80), Some(16), None), mib([33, 21, 16, 7, 12, 12]));
        let groups = 2000 * GROUP_BYTES;
        let [_, _, _, scenarios, additions, connections] = default;
        assert_eq!(
            sizes(None, Some(4), Some(2000)),
            [groups + 12 * MIB, groups, 4 * MIB, scenarios, additions, connections],
            "the others stay as they are"
        );
        assert_eq!(sizes(None, Some(4096), None)[2], 4096 * MIB, "it may exceed the default");
        let all: usize = sizes(Some(40), Some(4), Some(2000)).iter().sum();
        let all = all - groups;
        assert!((39 * MIB..=40 * MIB).contains(&all), "{all}");
    }

    #[test]
    fn a_size_that_leaves_too_little_is_refused() {
        for (limits, expected) in [
            ((Some(11), None, None), "the memory in all must be from 12 to 65536 MiB, not 11"),
            ((None, Some(0), None), "the journal's size must be from 1 to 4096 MiB, not 0"),
            (
                (Some(24), Some(20), None),
                "journal and groups take 20 MiB of the 24 MiB in all, which leaves too little for the \
                 rest: raise --max-memory to at least 28, or lower --journal-mib or --max-groups",
            ),
            (
                (Some(24), None, Some(20_000)),
                "journal and groups take 21 MiB of the 24 MiB in all, which leaves too little for the \
                 rest: raise --max-memory to at least 31, or lower --journal-mib or --max-groups",
            ),
        ] {
            let (max_memory_mib, journal_mib, max_groups) = limits;
            let limits = MemoryLimits { max_memory_mib, journal_mib, max_groups, max_videos: None };
            assert_eq!(Budgets::new(&limits).unwrap_err().to_string(), expected);
        }
    }
}
