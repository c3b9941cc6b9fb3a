//! All tenants of a sandbox: made on first use, dropped when idle, bounded.

use std::collections::HashMap;
use std::sync::atomic::{AtomicIsize, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::Tenant;
use crate::world::Seed;
use crate::world::TenantName;

/// The most tenants at once.
const MAX_TENANTS: usize = 10_000;
/// How long a tenant stays without a call.
const IDLE: Duration = Duration::from_hours(24);
/// How long a tenant stays without a call while there are too many.
const IDLE_WHEN_FULL: Duration = Duration::from_mins(10);
/// How often the log says that groups were forgotten.
const WARNING_INTERVAL: Duration = Duration::from_mins(1);

#[derive(Debug)]
pub struct TenantRegistry {
    seed: Arc<Seed>,
    max_groups: usize,
    by_name: Mutex<HashMap<TenantName, Arc<Tenant>>>,
    /// For calls that name no tenant; never dropped, never listed.
    anonymous: Arc<Tenant>,
    /// The weight of all groups.
    weight: AtomicIsize,
    forgotten: AtomicU64,
    forgetting: Mutex<ForgettingTurn>,
    last_warning: Mutex<Option<Instant>>,
}

/// The tenant that forgets its groups, and how many more until the largest is looked for again: to do
/// so for every call would cost too much.
#[derive(Debug, Default)]
struct ForgettingTurn {
    tenant: Weak<Tenant>,
    left: usize,
}

/// There are too many tenants for another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyTenants;

/// Counts over all tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    /// Tenants that exist.
    pub tenants: usize,
    /// Groups that are remembered.
    pub groups: usize,
    /// Groups that were forgotten, ever.
    pub forgotten: u64,
}

impl TenantRegistry {
    /// A registry without tenants. Each will start from `seed`; together they remember at most
    /// `max_groups` groups.
    pub fn new(seed: Arc<Seed>, max_groups: usize) -> Self {
        Self {
            anonymous: Arc::new(Tenant::new(Arc::clone(&seed), Instant::now())),
            seed,
            max_groups,
            by_name: Mutex::default(),
            weight: AtomicIsize::new(0),
            forgotten: AtomicU64::new(0),
            forgetting: Mutex::default(),
            last_warning: Mutex::new(None),
        }
    }

    /// The data that every tenant starts from.
    pub fn seed(&self) -> &Arc<Seed> {
        &self.seed
    }

    /// The tenant of calls that name none.
    pub fn anonymous(&self) -> Arc<Tenant> {
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
    /// is dropped, provided it is idle for ten minutes; its name is returned too.
    pub fn get_or_create(
        &self,
        name: &TenantName,
        now: Instant,
    ) -> Result<(Arc<Tenant>, Option<TenantName>), TooManyTenants> {
        if name.is_anonymous() {
            return Ok((Arc::clone(&self.anonymous), None));
        }
        let mut by_name = self.by_name();
        if let Some(tenant) = by_name.get(name) {
            tenant.touch(now);
            return Ok((Arc::clone(tenant), None));
        }
        let mut dropped = None;
        if by_name.len() >= MAX_TENANTS {
            let idle_longest = by_name.iter().min_by_key(|(_, tenant)| tenant.last_used());
            let (name, tenant) = idle_longest.ok_or(TooManyTenants)?;
            if now.duration_since(tenant.last_used()) < IDLE_WHEN_FULL {
                return Err(TooManyTenants);
            }
            tracing::info!(
                "dropped tenant {name}: idle for 10 minutes, and there are {MAX_TENANTS}"
            );
            self.release(tenant);
            let name = name.clone();
            by_name.remove(&name);
            dropped = Some(name);
        }
        let tenant = Arc::new(Tenant::new(Arc::clone(&self.seed), now));
        by_name.insert(name.clone(), Arc::clone(&tenant));
        Ok((tenant, dropped))
    }

    /// Drops a tenant; returns false if it does not exist.
    pub fn remove(&self, name: &TenantName) -> bool {
        let removed = self.by_name().remove(name);
        removed.map(|tenant| self.release(&tenant)).is_some()
    }

    /// Drops the tenants that are idle for a day and returns their names.
    pub fn drop_idle(&self, now: Instant) -> Vec<TenantName> {
        let is_idle = |tenant: &Tenant| now.duration_since(tenant.last_used()) >= IDLE;
        let dropped = self.by_name().extract_if(|_, tenant| is_idle(tenant)).collect::<Vec<_>>();
        for (name, tenant) in &dropped {
            tracing::info!("dropped tenant {name}: idle for 24 hours");
            self.release(tenant);
        }
        dropped.into_iter().map(|(name, _)| name).collect()
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

    /// Notes the weight of a tenant's groups after a call. While the weight of all is above the
    /// limit, the largest tenant forgets its oldest groups. The caller must hold no tenant's lock.
    pub fn note_weight(&self, tenant: &Tenant, weight: usize) {
        self.weight.fetch_add(tenant.set_weight(weight), Ordering::Relaxed);
        let limit = self.max_groups.cast_signed();
        while self.weight.load(Ordering::Relaxed) > limit && self.forget_one() {}
    }

    /// Returns the counts over all tenants.
    pub fn stats(&self) -> Stats {
        // the registry is not locked while a tenant is
        let all = self.all();
        let groups = all.iter().map(|(_, tenant)| tenant.lock().world.group_count()).sum();
        Stats { tenants: all.len(), groups, forgotten: self.forgotten.load(Ordering::Relaxed) }
    }

    /// Has the largest tenant forget its oldest group; returns false if there is none.
    fn forget_one(&self) -> bool {
        let mut turn = self.forgetting.lock().unwrap_or_else(PoisonError::into_inner);
        let same = turn.tenant.upgrade().filter(|tenant| turn.left > 0 && tenant.weight() > 0);
        let tenant = same.or_else(|| {
            self.by_name().values().max_by_key(|tenant| tenant.weight()).map(Arc::clone)
        });
        let Some(tenant) = tenant else { return false };
        turn.left = turn.left.checked_sub(1).unwrap_or(tenant.weight() / 64);
        turn.tenant = Arc::downgrade(&tenant);
        let mut state = tenant.lock();
        // one at a time, so that no call takes much longer, and the next one uses the memory again
        let forgotten = state.world.forget_oldest(1) as u64;
        let left = state.world.weight();
        drop(state);
        drop(turn);
        self.weight.fetch_add(tenant.set_weight(left), Ordering::Relaxed);
        let total = self.forgotten.fetch_add(forgotten, Ordering::Relaxed) + forgotten;
        self.warn_of_forgotten(total);
        forgotten > 0
    }

    fn warn_of_forgotten(&self, total: u64) {
        let mut last = self.last_warning.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|last| last.elapsed() >= WARNING_INTERVAL) {
            *last = Some(Instant::now());
            let limit = self.max_groups;
            tracing::warn!(
                "more than {limit} groups (a long one counts as several): the largest tenant forgets its oldest ones, {total} so far; --max-groups sets the limit"
            );
        }
    }

    /// Takes the groups of a dropped tenant off the weight of all.
    fn release(&self, tenant: &Tenant) {
        self.weight.fetch_add(tenant.set_weight(0), Ordering::Relaxed);
    }

    fn by_name(&self) -> MutexGuard<'_, HashMap<TenantName, Arc<Tenant>>> {
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const TEN_MINUTES: Duration = Duration::from_mins(10);
    const DAY: Duration = Duration::from_hours(24);

    fn name(number: usize) -> TenantName {
        TenantName::parse(&format!("t{number}")).unwrap()
    }

    fn registry() -> TenantRegistry {
        TenantRegistry::new(Arc::new(Seed::default()), 10)
    }

    #[test]
    fn a_tenant_is_dropped_after_24_hours_without_a_call() {
        let (tenants, start) = (registry(), Instant::now());
        for number in [0, 1] {
            let (tenant, _) = tenants.get_or_create(&name(number), start).unwrap();
            tenants.note_weight(&tenant, 2);
        }
        tenants.get_or_create(&name(1), start + SECOND).unwrap();
        assert_eq!(tenants.drop_idle(start + DAY), [name(0)]);
        assert_eq!(tenants.weight.load(Ordering::Relaxed), 2, "the groups are gone too");
        assert!(tenants.find(&name(0)).is_none() && tenants.find(&name(1)).is_some());
        assert_eq!(tenants.drop_idle(start + DAY + SECOND), [name(1)]);
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
        assert_eq!(tenants.get_or_create(&new, soon).unwrap_err(), TooManyTenants);
        assert!(tenants.get_or_create(&name(0), soon).is_ok(), "one that exists is still answered");
        let (_, dropped) = tenants.get_or_create(&new, start + TEN_MINUTES).unwrap();
        assert_eq!(dropped, Some(name(7)));
        assert!(tenants.find(&name(7)).is_none() && tenants.find(&new).is_some());
        assert_eq!(
            tenants.get_or_create(&name(7), start + TEN_MINUTES).unwrap_err(),
            TooManyTenants
        );
        assert!(tenants.remove(&new) && !tenants.remove(&new));
        assert!(tenants.get_or_create(&name(7), soon).is_ok(), "there is room again");
    }
}
