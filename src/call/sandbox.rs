//! A sandbox: everything but the socket.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use http::{HeaderMap, StatusCode};

use super::access::{Access, ClosedLog};
use super::connections::Connections;
use super::cors::{self, CorsOrigin};
use super::routes;
use crate::clock::Clock;
use crate::fixtures;
use crate::http::{Problem, Reply, Request};
use crate::journal::Journal;
use crate::memory::{Budget, Budgets, MemoryLimits};
use crate::scenario::{self, Library, Override};
use crate::switches::{Switch, SwitchKind, SwitchLog, SwitchTarget};
use crate::tenant::{HoldPlaces, Tenant, TenantRegistry, TooManyTenants};
use crate::text::secrets::KnownSecrets;
use crate::vendor::tokens::TokenVerifier;
use crate::vendor::{Assumptions, MediaMode, VendorConfig};
use crate::world::ids::Ids;
use crate::world::{Seed, TenantName};

/// The option or variable that gave each setting that changes calls.
#[derive(Debug, Clone, Copy)]
pub struct Origins {
    /// What set the clock.
    pub clock: &'static str,
    /// What said which videos count as uploaded.
    pub media: &'static str,
    /// What turned assumptions.
    pub assumptions: &'static str,
    /// What named the scenario for every tenant.
    pub scenario: &'static str,
}

impl Default for Origins {
    fn default() -> Self {
        Self { clock: "--clock", media: "--media", assumptions: "--assume", scenario: "--scenario" }
    }
}

/// The settings of a sandbox.
#[derive(Debug)]
pub struct Config {
    /// The name of this server, where there are several.
    pub instance: String,
    /// The seed of all ids.
    pub seed: u64,
    /// The time that tenants follow until theirs is set.
    pub clock: Clock,
    /// Which videos count as uploaded.
    pub media: MediaMode,
    /// How the rules are read that nothing public states.
    pub assumptions: Assumptions,
    /// The start of links, without a slash at the end; `None` is `http://` and the call's Host.
    pub public_url: Option<String>,
    /// The starting data.
    pub fixtures: Seed,
    /// Where scenarios come from, besides the built-in ones.
    pub scenarios: scenario::Source,
    /// The scenario or line that is active for every tenant.
    pub scenario: Option<String>,
    /// The most memory that clients can make the server keep, in MiB, from 12 to 65536; `None` is 96,
    /// or more where the next two say so.
    pub max_memory_mib: Option<u32>,
    /// How many groups are kept in all; `None` follows from the memory.
    pub max_groups: Option<usize>,
    /// How many posted videos are kept in all; `None` is 100 000.
    pub max_videos: Option<usize>,
    /// The most memory that the journal takes, in MiB, from 1 to 4096; `None` follows from the memory.
    pub journal_mib: Option<u32>,
    /// Who may use the sandbox's own API.
    pub admin: Access,
    /// The origins whose pages may call the vendor's routes.
    pub cors_origins: Vec<CorsOrigin>,
    /// Whether vendor answers say in headers what was decided.
    pub debug_headers: bool,
    /// What made the settings that people ask about.
    pub origins: Origins,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            instance: "in-process".to_owned(),
            seed: 42,
            clock: Clock::Real,
            media: MediaMode::Lenient,
            assumptions: Assumptions::default(),
            public_url: None,
            fixtures: fixtures::built_in(),
            scenarios: scenario::Source::default(),
            scenario: None,
            max_memory_mib: None,
            max_groups: None,
            max_videos: None,
            journal_mib: None,
            admin: Access::default(),
            cors_origins: Vec::new(),
            debug_headers: false,
            origins: Origins::default(),
        }
    }
}

/// The scenario for every tenant is unknown, and why.
#[derive(Debug)]
pub(crate) struct UnknownScenario(pub(crate) String);

impl std::error::Error for UnknownScenario {}

impl std::fmt::Display for UnknownScenario {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "--scenario: {}", self.0)
    }
}

/// A sandbox: everything but the socket.
#[derive(Debug)]
pub struct Sandbox {
    /// The name of this server, where there are several.
    pub(crate) instance: String,
    /// The time that tenants follow until theirs is set.
    pub(crate) clock: Clock,
    /// The seed of all ids.
    pub(crate) seed: u64,
    /// The records of all calls.
    pub journal: Journal,
    /// What was turned on or off.
    pub(crate) switches: SwitchLog,
    /// All tenants.
    pub tenants: TenantRegistry,
    /// All scenarios.
    pub library: Library,
    /// What clients can make it keep.
    pub(crate) memory: Budgets,
    /// How many reports on the journal are made at a time: one, since no budget counts its memory.
    pub(crate) reports: Arc<Budget>,
    /// How many long fixture files of tenants are sent at a time: one, likewise.
    pub(crate) world_files: Arc<Budget>,
    /// How many calls are held.
    pub(crate) holds: Arc<HoldPlaces>,
    /// The open connections, if it is served.
    pub(crate) connections: Connections,
    /// Who may use the sandbox's own API.
    pub admin: Access,
    /// Which refusals of the own API were logged.
    pub(crate) closed_log: ClosedLog,
    /// When it was created.
    pub(crate) started: Instant,
    pub(super) vendor_config: VendorConfig,
    pub(super) verifier: TokenVerifier,
    /// What no log, journal or message repeats: tokens and secrets of the fixtures, and the admin token.
    pub(crate) known_secrets: KnownSecrets,
    pub(super) debug_headers: bool,
    /// What made its settings.
    pub(crate) origins: Origins,
    cors_origins: Vec<CorsOrigin>,
    stopping: AtomicBool,
    scenario: Option<String>,
    /// Locked after a tenant, never before.
    global_override: Mutex<Option<Override>>,
    /// By endpoint, then by outcome.
    outcomes: Mutex<BTreeMap<&'static str, BTreeMap<String, u64>>>,
}

impl Sandbox {
    /// Creates a sandbox without any calls. An error names every scenario file that is refused, or the
    /// scenario that is unknown.
    pub fn new(config: Config) -> anyhow::Result<Self> {
        let memory = Budgets::new(&MemoryLimits {
            max_memory_mib: config.max_memory_mib,
            journal_mib: config.journal_mib,
            max_groups: config.max_groups,
            max_videos: config.max_videos,
        })?;
        let seed = Arc::new(config.fixtures);
        let ids = Ids::new(config.seed);
        let api_secrets = seed.keys.values().map(|key| &key.api_secret);
        let secrets = seed.tokens.keys().chain(api_secrets).chain(&config.admin.token);
        let known_secrets = KnownSecrets::new(secrets.map(String::as_str));
        let library = Library::load(config.scenarios, &memory)
            .map_err(|errors| anyhow::anyhow!(scenario::explain_errors(&errors)))?;
        let scenario = config.scenario.or_else(|| library.inline_name());
        let resolve = |name: String| match library.resolve(&name) {
            // without the spaces around it, of which there may be many
            Ok(scenario) => Ok(scenario.name.clone()),
            Err(error) => Err(anyhow::Error::new(UnknownScenario(error.0))),
        };
        let scenario = scenario.map(resolve).transpose()?;
        Ok(Self {
            instance: config.instance,
            clock: config.clock,
            seed: config.seed,
            journal: Journal::new(memory.journal.limit_bytes()),
            switches: SwitchLog::new(&memory.switches),
            tenants: TenantRegistry::new(Arc::clone(&seed), memory.clone()),
            library,
            memory,
            reports: Budget::new(1),
            world_files: Budget::new(1),
            holds: Arc::default(),
            connections: Connections::default(),
            admin: config.admin,
            closed_log: ClosedLog::default(),
            started: Instant::now(),
            vendor_config: VendorConfig {
                ids,
                media: config.media,
                public_url: config.public_url,
                assumptions: config.assumptions,
            },
            verifier: TokenVerifier::new(seed, ids),
            known_secrets,
            debug_headers: config.debug_headers,
            origins: config.origins,
            cors_origins: config.cors_origins,
            stopping: AtomicBool::new(false),
            scenario,
            global_override: Mutex::default(),
            outcomes: Mutex::default(),
        })
    }

    /// Returns the headers of every answer to a request to anything but the sandbox's own API.
    pub(crate) fn vendor_answer_headers(&self, path: &str, headers: &HeaderMap) -> HeaderMap {
        cors::answer_headers(self.origins_for(path), headers)
    }

    /// Returns the answer to a request by which a browser asks whether a page may call the vendor's
    /// routes. It is no call: nothing matches, counts or journals it.
    pub(crate) fn preflight(&self, request: &Request) -> Option<Reply> {
        cors::preflight(self.origins_for(request.path()), request)
    }

    /// The origins that may call a path.
    fn origins_for(&self, path: &str) -> &[CorsOrigin] {
        if routes::is_page(path) { &[] } else { &self.cors_origins }
    }

    /// Reports itself as not ready from now on. Calls are still answered, held ones at once.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.end_holds();
    }

    /// Whether new calls should be sent.
    pub(crate) fn is_ready(&self) -> bool {
        !self.stopping.load(Ordering::Relaxed)
    }

    /// The scenario that is active for every tenant.
    pub(crate) fn scenario(&self) -> Option<&str> {
        self.scenario.as_deref()
    }

    /// How the rules are read that nothing public states.
    pub(crate) fn assumptions(&self) -> Assumptions {
        self.vendor_config.assumptions
    }

    /// What links start with, without a slash at the end, if that is not the address of each call.
    pub(crate) fn public_url(&self) -> Option<&str> {
        self.vendor_config.public_url.as_deref()
    }

    /// Which videos count as uploaded.
    pub(crate) fn media(&self) -> MediaMode {
        self.vendor_config.media
    }

    /// Locks the override for all tenants.
    pub fn global_override(&self) -> MutexGuard<'_, Option<Override>> {
        self.global_override.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns how many calls ended in each way, by endpoint, then by outcome.
    pub fn outcomes(&self) -> BTreeMap<&'static str, BTreeMap<String, u64>> {
        self.outcomes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the tenant of a name; creates it if there is none.
    pub(crate) fn get_or_create_tenant(&self, name: &TenantName) -> Result<Arc<Tenant>, Problem> {
        self.get_or_create_tenant_at(name, Instant::now())
    }

    /// The same, at a time that was read before.
    pub(super) fn get_or_create_tenant_at(
        &self,
        name: &TenantName,
        now: Instant,
    ) -> Result<Arc<Tenant>, Problem> {
        let found = self.tenants.get_or_create(name, now);
        let (tenant, evicted) = found.map_err(|TooManyTenants(count)| {
            let detail = format!(
                "there are {count} tenants, and none has been idle for ten minutes; drop one with DELETE \
                 /_sandbox/v1/tenants/{{name}}"
            );
            Problem::new(StatusCode::INSUFFICIENT_STORAGE, detail)
        })?;
        if let Some((name, evicted)) = evicted {
            self.forget_idle(&name, &evicted);
        }
        Ok(tenant)
    }

    /// Drops the journal and the override of a tenant that is dropped; `verb` says how.
    pub(crate) fn forget(&self, name: &TenantName, dropped: &Tenant, verb: &str) {
        self.journal.remove(name);
        if let Some(active) = dropped.lock().active_override.take() {
            self.note_override_end(&active, SwitchTarget::Tenant(name), verb);
        }
    }

    fn forget_idle(&self, name: &TenantName, dropped: &Tenant) {
        self.forget(name, dropped, "was dropped with its idle tenant");
    }

    /// Does periodic work: reads changed scenarios, ends overrides, drops idle tenants.
    pub(crate) fn tick(&self) {
        self.tick_at(Instant::now());
    }

    fn tick_at(&self, now: Instant) {
        self.journal.release_undelivered();
        if let Some(reloaded) = self.library.poll() {
            let switch = Switch::new(SwitchTarget::AllTenants, SwitchKind::Reload, reloaded);
            self.log_switch(switch);
        }
        self.end_overrides();
        for (name, dropped) in self.tenants.drop_idle(now) {
            self.forget_idle(&name, &dropped);
        }
    }

    /// Counts a call by its outcome.
    pub(super) fn count(&self, endpoint: &'static str, outcome: &str) {
        let mut outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        let outcomes = outcomes.entry(endpoint).or_default();
        match outcomes.get_mut(outcome) {
            Some(count) => *count += 1,
            None => {
                outcomes.insert(outcome.to_owned(), 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::vendor::create_group;

    #[test]
    fn an_override_that_is_dropped_with_an_idle_tenant_is_logged() {
        let sandbox = Sandbox::new(Config::default()).unwrap();
        let name = TenantName::parse("idle").unwrap();
        let tenant = sandbox.get_or_create_tenant(&name).unwrap();
        tenant.lock().active_override = Some(Override::new("500".into(), None, None));
        sandbox.tick_at(tenant.last_used() + Duration::from_hours(24));
        let [ended] = &sandbox.switches.after(0)[..] else { panic!("one switch") };
        let detail =
            "500 for idle was dropped with its idle tenant after 0 hits, back to the contract";
        assert_eq!((&*ended.switch.tenant, &*ended.switch.detail), ("idle", detail));
    }

    #[test]
    fn a_tenant_and_its_journal_are_dropped_after_24_hours_without_a_call() {
        let sandbox = Sandbox::new(Config::default()).unwrap();
        let request = create_group::ENDPOINT.request(&[], "gnsb_demo", "");
        let (_, record) = sandbox.answer_with_record(&request);
        let tenant = record.unwrap().tenant;
        let used = sandbox.tenants.find(&tenant).unwrap().last_used();
        sandbox.tick_at(used + Duration::from_secs(24 * 60 * 60 - 1));
        assert!(sandbox.journal.last(&tenant).is_some() && sandbox.tenants.stats().tenants == 1);
        sandbox.tick_at(used + Duration::from_hours(24));
        assert!(sandbox.journal.last(&tenant).is_none() && sandbox.tenants.stats().tenants == 0);
    }
}
