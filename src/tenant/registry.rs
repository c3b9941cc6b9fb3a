//! All tenants of a sandbox: made on first use, dropped when idle, bounded.

use std::collections::HashMap;
use std::sync::atomic::{AtomicIsize, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Room, Tenant};
use crate::tenant::TenantName;
use crate::world::Seed;

/// The most tenants there are at once.
const LIMIT: usize = 10_000;
/// After so long without a call a tenant is dropped.
const IDLE: Duration = Duration::from_hours(24);
/// After so long without a call a tenant gives way to a new one.
const GIVES_WAY: Duration = Duration::from_mins(10);
/// How often the log says that groups were forgotten.
const SAY_FORGOTTEN: Duration = Duration::from_mins(1);

/// All tenants.
#[derive(Debug)]
pub struct Tenants {
    seed: Arc<Seed>,
    max_groups: usize,
    by_name: Mutex<HashMap<TenantName, Arc<Tenant>>>,
    /// For calls that name no tenant; never dropped, never listed.
    anonymous: Arc<Tenant>,
    /// What the groups of all tenants count as.
    weight: AtomicIsize,
    forgotten: AtomicU64,
    said_forgotten: Mutex<Option<Instant>>,
}

/// There is no room for another tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

/// How many there are of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Tenants.
    pub tenants: usize,
    /// Groups remembered in all tenants.
    pub groups: usize,
    /// Groups forgotten in all tenants, ever.
    pub forgotten: u64,
}

impl Tenants {
    /// No tenants yet; each will start from `seed`, and together they remember at most
    /// `max_groups` groups.
    pub fn new(seed: Arc<Seed>, max_groups: usize) -> Self {
        Self {
            anonymous: Arc::new(Tenant::new(Arc::clone(&seed))),
            seed,
            max_groups,
            by_name: Mutex::default(),
            weight: AtomicIsize::new(0),
            forgotten: AtomicU64::new(0),
            said_forgotten: Mutex::new(None),
        }
    }

    /// The data every tenant starts from.
    pub fn seed(&self) -> &Arc<Seed> {
        &self.seed
    }

    /// The tenant of a name, if it has been used.
    pub fn find(&self, name: &TenantName) -> Option<Arc<Tenant>> {
        if name.is_anonymous() {
            return Some(Arc::clone(&self.anonymous));
        }
        self.by_name().get(name).map(Arc::clone)
    }

    /// The tenant of a name, made if it is not there. When there are too many, the longest idle
    /// one gives way if it has been idle for ten minutes; its name is given too.
    pub fn get(&self, name: &TenantName) -> Result<(Arc<Tenant>, Option<TenantName>), Full> {
        if name.is_anonymous() {
            return Ok((Arc::clone(&self.anonymous), None));
        }
        let mut by_name = self.by_name();
        if let Some(tenant) = by_name.get(name) {
            tenant.touch();
            return Ok((Arc::clone(tenant), None));
        }
        let mut gone = None;
        if by_name.len() >= LIMIT {
            let longest = by_name.iter().min_by_key(|(_, tenant)| tenant.used());
            let (name, tenant) = longest.ok_or(Full)?;
            if tenant.used().elapsed() < GIVES_WAY {
                return Err(Full);
            }
            let name = name.clone();
            tracing::info!("tenant {name} was idle and gave way to a new one");
            self.left(by_name.remove(&name));
            gone = Some(name);
        }
        let tenant = Arc::new(Tenant::new(Arc::clone(&self.seed)));
        by_name.insert(name.clone(), Arc::clone(&tenant));
        Ok((tenant, gone))
    }

    /// Drops a tenant; false if it is not there.
    pub fn remove(&self, name: &TenantName) -> bool {
        let removed = self.by_name().remove(name);
        let was_there = removed.is_some();
        self.left(removed);
        was_there
    }

    /// Drops the tenants that have been idle for a day and gives their names.
    pub fn drop_idle(&self) -> Vec<TenantName> {
        let mut by_name = self.by_name();
        let idle = |tenant: &Tenant| tenant.used().elapsed() >= IDLE;
        let gone: Vec<_> = by_name
            .iter()
            .filter(|(_, tenant)| idle(tenant))
            .map(|(name, _)| name.clone())
            .collect();
        for name in &gone {
            tracing::info!("tenant {name} was idle for a day and is dropped");
            self.left(by_name.remove(name));
        }
        gone
    }

    /// All tenants with their names, in order.
    pub fn all(&self) -> Vec<(TenantName, Arc<Tenant>)> {
        let mut all: Vec<_> = self
            .by_name()
            .iter()
            .map(|(name, tenant)| (name.clone(), Arc::clone(tenant)))
            .collect();
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        all
    }

    /// Notes what a tenant's groups count as after a call. If that is too much in all, the largest
    /// tenant forgets its oldest ones; no room may be entered meanwhile by the caller.
    pub fn note_weight(&self, tenant: &Tenant, weight: usize) {
        self.weight.fetch_add(tenant.note_weight(weight), Ordering::Relaxed);
        let limit = self.max_groups.cast_signed();
        while self.weight.load(Ordering::Relaxed) > limit && self.forget_some() {}
    }

    /// How many there are of what.
    pub fn figures(&self) -> Figures {
        // the registry is not held while a room is entered
        let all = self.all();
        let groups = all.iter().map(|(_, tenant)| tenant.enter().world.group_count()).sum();
        Figures { tenants: all.len(), groups, forgotten: self.forgotten.load(Ordering::Relaxed) }
    }

    /// Has the largest tenant forget some; false if there is nothing to forget.
    fn forget_some(&self) -> bool {
        let largest = self.by_name().values().max_by_key(|tenant| tenant.weight()).map(Arc::clone);
        let Some(tenant) = largest else { return false };
        let mut room: MutexGuard<'_, Room> = tenant.enter();
        // a few at once, so that the largest is not looked for at every call
        let count = (room.world.group_count() / 64).max(1);
        let forgotten = room.world.forget_oldest(count);
        let left = room.world.weight();
        drop(room);
        self.weight.fetch_add(tenant.note_weight(left), Ordering::Relaxed);
        let total =
            self.forgotten.fetch_add(forgotten as u64, Ordering::Relaxed) + forgotten as u64;
        let mut said = self.said_forgotten.lock().unwrap_or_else(PoisonError::into_inner);
        if said.is_none_or(|said| said.elapsed() >= SAY_FORGOTTEN) {
            *said = Some(Instant::now());
            let limit = self.max_groups;
            tracing::warn!(
                "more than {limit} groups (a long one counts as several): the largest tenant forgets its oldest ones, {total} so far; --max-groups sets the bound"
            );
        }
        forgotten > 0
    }

    /// What a tenant had is not there any more.
    fn left(&self, tenant: Option<Arc<Tenant>>) {
        if let Some(tenant) = tenant {
            self.weight.fetch_add(tenant.note_weight(0), Ordering::Relaxed);
        }
    }

    fn by_name(&self) -> MutexGuard<'_, HashMap<TenantName, Arc<Tenant>>> {
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(number: usize) -> TenantName {
        TenantName::parse(&format!("t{number}")).unwrap()
    }

    #[test]
    fn there_are_at_most_10_000_and_a_busy_one_gives_no_way() {
        let tenants = Tenants::new(Arc::new(Seed::default()), 10);
        for number in 0..LIMIT {
            assert!(tenants.get(&name(number)).is_ok());
        }
        assert_eq!(tenants.get(&name(LIMIT)).unwrap_err(), Full);
        assert!(tenants.get(&name(0)).is_ok(), "one that is there is still answered");
        assert!(tenants.remove(&name(7)));
        assert!(tenants.get(&name(LIMIT)).is_ok());
    }
}
