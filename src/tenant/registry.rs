//! All tenants of a sandbox: made on first use, dropped when idle, bounded.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Tenant;
use super::data_kind::DataUse;
use super::data_kind::{DataKind, OfEach};
use super::eviction::{Eviction, ForgottenInAll};
use super::idle::IdleOrder;
use super::locked::TENANT_BYTES;
use super::warning::WarningPause;
use crate::memory::{Budgets, HashMap};
use crate::world::{Forgotten, Seed, TenantName};

/// The most tenants at once.
const MAX_TENANTS: usize = 10_000;
/// How long a tenant stays without a call.
const IDLE: Duration = Duration::from_hours(24);
/// How long a tenant stays without a call while there are too many.
const IDLE_WHEN_FULL: Duration = Duration::from_mins(10);

#[derive(Debug)]
pub struct TenantRegistry {
    seed: Arc<Seed>,
    memory: Budgets,
    by_name: Mutex<HashMap<TenantName, Arc<Tenant>>>,
    /// For calls that name no tenant; never dropped, never listed.
    anonymous: Arc<Tenant>,
    evictions: OfEach<Eviction>,
    forgotten: Arc<ForgottenInAll>,
    /// Locked after `by_name`.
    idle: Mutex<IdleOrder>,
    pause: WarningPause,
}

/// A tenant that is in the registry no longer, with its name.
pub(crate) type Dropped = (TenantName, Arc<Tenant>);

/// There are too many tenants for another one: how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooManyTenants(pub(crate) usize);

/// Counts over all tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    /// Tenants that exist.
    pub tenants: usize,
    /// Groups that are remembered.
    pub groups: usize,
    /// Posted videos that are kept.
    pub(crate) videos: usize,
}

impl TenantRegistry {
    /// A registry without tenants. Each will start from `seed`; together they keep to the budgets.
    pub(crate) fn new(seed: Arc<Seed>, memory: Budgets) -> Self {
        // made now, since it takes long where there are many users
        seed.index();
        let forgotten = Arc::default();
        Self {
            anonymous: Arc::new(Tenant::new(Arc::clone(&seed), &memory, Instant::now())),
            seed,
            by_name: Mutex::default(),
            evictions: DataKind::ALL.map(|kind| Eviction::new(kind, &memory, &forgotten)),
            forgotten,
            memory,
            idle: Mutex::default(),
            pause: WarningPause::default(),
        }
    }

    /// A new tenant that is in no registry, for a call that is only explained.
    pub(crate) fn unlisted(&self, now: Instant) -> Arc<Tenant> {
        Arc::new(Tenant::new(Arc::clone(&self.seed), &self.memory, now))
    }

    /// The data that every tenant starts from.
    pub fn seed(&self) -> &Arc<Seed> {
        &self.seed
    }

    pub(crate) fn anonymous(&self) -> Arc<Tenant> {
        Arc::clone(&self.anonymous)
    }

    /// Returns a tenant if it exists.
    pub fn find(&self, name: &TenantName) -> Option<Arc<Tenant>> {
        if name.is_anonymous() {
            return Some(Arc::clone(&self.anonymous));
        }
        self.by_name().get(name).map(Arc::clone)
    }

    /// Returns a tenant and makes it if need be. If there are too many, the one that is idle longest
    /// is dropped, provided it is idle for ten minutes; it is returned too.
    pub(crate) fn get_or_create(
        &self,
        name: &TenantName,
        now: Instant,
    ) -> Result<(Arc<Tenant>, Option<Dropped>), TooManyTenants> {
        if name.is_anonymous() {
            return Ok((Arc::clone(&self.anonymous), None));
        }
        let mut by_name = self.by_name();
        if let Some(tenant) = by_name.get(name) {
            tenant.touch(now);
            return Ok((Arc::clone(tenant), None));
        }
        let mut dropped = None;
        let (count, limit) = (by_name.len(), self.max_tenants());
        if count >= limit {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(longest) = idle.longest(&by_name, IDLE_WHEN_FULL, now) else {
                self.memory.tenants.count_refused();
                if self.pause.admits(now) {
                    tracing::warn!(
                        "there are {count} tenants and none has been idle for ten minutes: new ones are refused"
                    );
                }
                return Err(TooManyTenants(count));
            };
            tracing::info!(
                tenant = longest.as_str(),
                "dropped tenant {longest}: idle for 10 minutes, and there are {count}"
            );
            dropped = by_name.remove(&longest).map(|tenant| (longest, tenant));
        }
        let tenant = Tenant::new(Arc::clone(&self.seed), &self.memory, now).weighed();
        let tenant = Arc::new(tenant);
        by_name.insert(name.clone(), Arc::clone(&tenant));
        Ok((tenant, dropped))
    }

    fn max_tenants(&self) -> usize {
        MAX_TENANTS.min(self.memory.tenants.limit_bytes() / TENANT_BYTES)
    }

    /// Drops a tenant; returns false if it does not exist.
    pub fn remove(&self, name: &TenantName) -> bool {
        // dropped without the lock, since a large one takes long
        let removed = self.by_name().remove(name);
        removed.is_some()
    }

    /// Drops the tenants that are idle for a day and returns them.
    pub(crate) fn drop_idle(&self, now: Instant) -> Vec<Dropped> {
        let is_idle = |tenant: &Tenant| now.duration_since(tenant.last_used()) >= IDLE;
        let dropped = self.by_name().extract_if(|_, tenant| is_idle(tenant)).collect::<Vec<_>>();
        for (name, _) in &dropped {
            tracing::info!(tenant = name.as_str(), "dropped tenant {name}: idle for 24 hours");
        }
        dropped
    }

    /// All tenants, ordered by name.
    pub fn all(&self) -> Vec<(TenantName, Arc<Tenant>)> {
        let mut all: Vec<_> = self
            .by_name()
            .iter()
            .map(|(name, tenant)| (name.clone(), Arc::clone(tenant)))
            .collect();
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        all
    }

    /// The same after the one of the calls whose token names none.
    pub(crate) fn all_with_anonymous(&self) -> Vec<(TenantName, Arc<Tenant>)> {
        let anonymous = (TenantName::anonymous(), self.anonymous());
        [anonymous].into_iter().chain(self.all()).collect()
    }

    /// Notes what a tenant holds after a call. While all hold too much, the largest drops its oldest data.
    /// The caller must hold no tenant's lock.
    pub(crate) fn note_data_use(&self, tenant: &Tenant, data_use: DataUse, now: Instant) {
        // the tenant of calls that name none has counters too
        let anonymous = || Arc::clone(&self.anonymous);
        let all = || self.by_name().values().map(Arc::clone).chain([anonymous()]).collect();
        tenant.set_data_use(data_use);
        self.evictions.iter().for_each(|eviction| eviction.make_room(now, all));
    }

    /// Returns the counts over all tenants.
    pub fn stats(&self) -> Stats {
        // the registry is not locked while a tenant is
        let all: Vec<_> = self.by_name().values().map(Arc::clone).collect();
        let (mut groups, mut videos) = (0, 0);
        for tenant in &all {
            let state = tenant.lock();
            groups += state.world.group_store().len();
            videos += state.world.group_store().video_count();
        }
        Stats { tenants: all.len(), groups, videos }
    }

    /// What all tenants have forgotten to keep memory bounded, ever.
    pub(crate) fn forgotten(&self) -> Forgotten {
        self.forgotten.get()
    }

    fn by_name(&self) -> MutexGuard<'_, HashMap<TenantName, Arc<Tenant>>> {
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::{Budget, MemoryLimits};
    use crate::world::test_data::{id, user};
    use crate::world::{Community, Texts, User};

    const SECOND: Duration = Duration::from_secs(1);
    const TEN_MINUTES: Duration = Duration::from_mins(10);
    const DAY: Duration = Duration::from_hours(24);

    fn name(number: usize) -> TenantName {
        TenantName::parse(&format!("t{number}")).unwrap()
    }

    fn user_with_phone(number: u64) -> User {
        User { phone_number: Some(number.to_string()), ..user(number) }
    }

    fn registry() -> TenantRegistry {
        let memory = Budgets::new(&MemoryLimits::default()).unwrap();
        TenantRegistry::new(Arc::new(Seed::default()), memory)
    }

    #[test]
    fn a_tenant_is_dropped_after_24_hours_without_a_call() {
        let (tenants, start) = (registry(), Instant::now());
        for number in [0, 1] {
            let (tenant, _) = tenants.get_or_create(&name(number), start).unwrap();
            tenants.note_data_use(&tenant, DataUse([2, 4, 2, 3, 0, 0]), start);
        }
        tenants.get_or_create(&name(1), start + SECOND).unwrap();
        let dropped_at = |now| {
            let dropped = tenants.drop_idle(now).into_iter();
            dropped.map(|(name, _)| name).collect::<Vec<_>>()
        };
        assert_eq!(dropped_at(start + DAY), [name(0)]);
        assert_eq!(tenants.memory.groups.used_bytes(), 2, "the groups are gone too");
        assert_eq!(tenants.memory.counters.used_bytes(), 3);
        assert_eq!(tenants.memory.videos.used_bytes(), 4);
        assert_eq!(tenants.memory.tenants.used_bytes(), TENANT_BYTES);
        assert!(tenants.find(&name(0)).is_none() && tenants.find(&name(1)).is_some());
        assert_eq!(dropped_at(start + DAY + SECOND), [name(1)]);
    }

    #[test]
    fn a_full_registry_drops_the_longest_idle_tenant_after_10_minutes() {
        let (tenants, start) = (registry(), Instant::now());
        for number in 0..MAX_TENANTS {
            tenants.get_or_create(&name(number), start).unwrap();
        }
        for number in (0..MAX_TENANTS).filter(|number| *number != 7) {
            tenants.get_or_create(&name(number), start + SECOND).unwrap();
        }
        let new = name(MAX_TENANTS);
        let soon = start + SECOND;
        assert_eq!(tenants.get_or_create(&new, soon).unwrap_err(), TooManyTenants(MAX_TENANTS));
        assert!(tenants.get_or_create(&name(0), soon).is_ok(), "one that exists is still answered");
        let (_, dropped) = tenants.get_or_create(&new, start + TEN_MINUTES).unwrap();
        assert_eq!(dropped.map(|(name, _)| name), Some(name(7)));
        assert!(tenants.find(&name(7)).is_none() && tenants.find(&new).is_some());
        assert_eq!(
            tenants.get_or_create(&name(7), start + TEN_MINUTES).unwrap_err(),
            TooManyTenants(MAX_TENANTS)
        );
        assert!(tenants.remove(&new) && !tenants.remove(&new));
        assert!(tenants.get_or_create(&name(7), soon).is_ok(), "there is room again");
    }

    #[test]
    fn users_that_are_forgotten_for_the_memory_of_all_are_counted_too() {
        let mut memory = Budgets::new(&MemoryLimits::default()).unwrap();
        memory.worlds = Budget::new(10_000);
        let tenants = TenantRegistry::new(Arc::default(), memory);
        let (tenant, _) = tenants.get_or_create(&name(0), Instant::now()).unwrap();
        for number in 0..100 {
            let mut state = tenant.lock();
            state.world.create_user(user_with_phone(number));
            let data_use = state.data_use();
            drop(state);
            tenants.note_data_use(&tenant, data_use, Instant::now());
        }
        let users = tenant.lock().world.forgotten().users;
        assert!(users > 0);
        let forgotten = Forgotten { users, ..Forgotten::default() };
        assert_eq!(tenants.forgotten(), forgotten);
        tenants.remove(&name(0));
        assert_eq!(tenants.forgotten(), forgotten, "it stays so without the tenant");
    }

    #[test]
    fn past_the_bound_the_largest_tenant_forgets_what_its_calls_made_first() {
        let mut memory = Budgets::new(&MemoryLimits::default()).unwrap();
        (memory.communities, memory.users) = (Budget::new(5), Budget::new(5));
        let tenants = TenantRegistry::new(Arc::default(), memory);
        let make = |tenant: &Tenant, number: u64| {
            let mut state = tenant.lock();
            let handle = number.to_string();
            let community = Community { community_id: id(number), handle, ..Community::default() };
            state.world.create_community(community, Texts::default());
            state.world.create_user(user_with_phone(number));
            let data_use = state.data_use();
            drop(state);
            tenants.note_data_use(tenant, data_use, Instant::now());
        };
        let mut all = [0, 1]
            .into_iter()
            .map(|number| tenants.get_or_create(&name(number), Instant::now()).unwrap().0)
            .collect::<Vec<_>>();
        make(&all[0], 1);
        (1..=6).for_each(|number| make(&all[1], number));
        let left = |tenant: &Tenant| {
            let world = &tenant.lock().world;
            let communities: Vec<_> = world.communities().map(|it| it.handle.clone()).collect();
            let users: Vec<_> = world.users().filter_map(|it| it.phone_number.clone()).collect();
            assert_eq!(communities, users);
            assert_eq!(world.user_by_phone("2").is_some(), users.contains(&"2".to_owned()));
            users
        };
        assert_eq!(left(&all[0]), ["1"], "a small tenant keeps what it has");
        assert_eq!(left(&all[1]), ["3", "4", "5", "6"]);
        assert_eq!(all[1].lock().world.forgotten().communities, 2);
        let Forgotten { communities, users, .. } = tenants.forgotten();
        assert_eq!((communities, users), (2, 2));
        tenants.remove(&name(1));
        all.truncate(1);
        (2..=5).for_each(|number| make(&all[0], number));
        assert_eq!(left(&all[0]).len(), 5, "a removed tenant makes room");
    }
}
