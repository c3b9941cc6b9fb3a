//! A sandbox: everything but the socket. `call` is the way of a call to the vendor.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use http::{HeaderName, StatusCode};

use super::access::Access;
use super::pages;
use super::phases::{self as pipeline, Apply, Ending, Plan};
use super::routes::{self as route, Route, VendorRoute};
use crate::clock::Clock;
use crate::fixtures;
use crate::http::Problem;
use crate::http::{PathParameters, Reply, Request};
use crate::journal::{CallRecord, Journal};
use crate::scenario::{
    self, ChosenScenario, Library, Override, Selector, SelectorInputs, UnknownScenario,
    end_override,
};
use crate::tenant::{Full, Tenant, TenantRegistry, TenantState};
use crate::vendor::schema::{Arena, LazyTree};
use crate::vendor::tokens::{Caller, TokenVerifier};
use crate::vendor::{Call, MediaMode, Setting};
use crate::world::Seed;
use crate::world::TenantName;
use crate::world::ids::Ids;

/// How a sandbox is to be.
#[derive(Debug)]
pub struct Config {
    /// The seed of all ids.
    pub seed: u64,
    /// Where the time comes from.
    pub clock: Clock,
    /// Which videos count as uploaded.
    pub media: MediaMode,
    /// What links begin with, without a slash at the end; `http://` and the call's Host if `None`.
    pub public_url: Option<String>,
    /// The starting data.
    pub fixtures: Seed,
    /// Where scenarios are from, besides those built in.
    pub scenarios: scenario::Source,
    /// The scenario or line that is active for every tenant.
    pub scenario: Option<String>,
    /// How many groups are remembered in all.
    pub max_groups: usize,
    /// Who may use the sandbox's own API.
    pub admin: Access,
    /// Whether answers of the vendor's say in headers what was decided.
    pub debug_headers: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            seed: 42,
            clock: Clock::Real,
            media: MediaMode::Lenient,
            public_url: None,
            fixtures: fixtures::built_in(),
            scenarios: scenario::Source::default(),
            scenario: None,
            max_groups: 20_000,
            admin: Access::default(),
            debug_headers: false,
        }
    }
}

/// A sandbox: everything but the socket.
#[derive(Debug)]
pub struct Sandbox {
    /// The server's time, which tenants follow until theirs is set.
    pub clock: Clock,
    /// The seed of all ids.
    pub seed: u64,
    /// What became of every call.
    pub journal: Journal,
    /// All tenants.
    pub tenants: TenantRegistry,
    /// All scenarios.
    pub library: Library,
    /// Who may use the sandbox's own API.
    pub admin: Access,
    /// When it was made.
    pub started: Instant,
    /// Whether it has been told to stop.
    stopping: AtomicBool,
    setting: Setting,
    verifier: TokenVerifier,
    scenario: Option<String>,
    debug_headers: bool,
    /// What is switched on for all tenants. Held through a call that it decides, so that its hits
    /// are counted exactly; taken after a tenant's lock, never before.
    global: Mutex<Option<Override>>,
    /// How many calls to each endpoint ended in each way.
    outcomes: Mutex<BTreeMap<(&'static str, &'static str), u64>>,
}

impl Sandbox {
    /// A sandbox in which nothing has happened yet; an error names every scenario file that cannot
    /// be taken, or the scenario that there is not.
    pub fn new(config: Config) -> anyhow::Result<Self> {
        let seed = Arc::new(config.fixtures);
        let ids = Ids::new(config.seed);
        let library = Library::load(config.scenarios).map_err(|errors| {
            let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
            anyhow::anyhow!(lines.join("\n"))
        })?;
        let scenario = config.scenario.or_else(|| library.inline_name());
        if let Some(name) = &scenario {
            library.resolve(name).map_err(|error| anyhow::anyhow!("--scenario: {}", error.0))?;
        }
        Ok(Self {
            clock: config.clock,
            seed: config.seed,
            journal: Journal::default(),
            tenants: TenantRegistry::new(Arc::clone(&seed), config.max_groups),
            library,
            admin: config.admin,
            started: Instant::now(),
            stopping: AtomicBool::new(false),
            setting: Setting { ids, media: config.media, public_url: config.public_url },
            verifier: TokenVerifier::new(seed, ids),
            scenario,
            debug_headers: config.debug_headers,
            global: Mutex::default(),
            outcomes: Mutex::default(),
        })
    }

    /// Notes that it is being stopped: calls are still answered, but nobody should begin any more.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Whether calls should be begun.
    pub fn is_ready(&self) -> bool {
        !self.stopping.load(Ordering::Relaxed)
    }

    /// The scenario that is active for every tenant.
    pub fn scenario(&self) -> Option<&str> {
        self.scenario.as_deref()
    }

    /// What is switched on for all tenants.
    pub fn global(&self) -> MutexGuard<'_, Option<Override>> {
        self.global.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many calls to each endpoint ended in each way.
    pub fn outcomes(&self) -> BTreeMap<(&'static str, &'static str), u64> {
        self.outcomes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Answers a request to anything but the sandbox's own API.
    pub fn answer(&self, request: &Request) -> Reply {
        self.answer_with_record(request).0
    }

    /// Answers a request and returns its record if it was a call to the vendor.
    pub fn answer_with_record<'a>(&self, request: &'a Request) -> (Reply, Option<CallRecord<'a>>) {
        match route::find(request) {
            Route::Vendor(route) => self.call(route, request),
            Route::Page(page) => (pages::show(page, self.verifier.seed(), self.is_ready()), None),
            Route::Nowhere(problem) => {
                tracing::info!("refused {}: {}", request.method, problem.detail());
                (problem.reply(), None)
            }
        }
    }

    /// A call to the vendor: who is calling; then, under the tenant's lock, which scenario is
    /// picked, what is decided, done and taken down; then what is said of it.
    fn call<'a>(
        &self,
        route: VendorRoute<'_>,
        request: &'a Request,
    ) -> (Reply, Option<CallRecord<'a>>) {
        let VendorRoute { endpoint, parameters, scenario: url } = route;
        let began = Instant::now();
        let arena = Arena::for_body(request.body.len());
        let body = LazyTree::of(&request.body, &arena);
        let caller = endpoint.identify(request, &body, &self.verifier);
        let tenant = match self.tenant(&caller.tenant) {
            Ok(tenant) => tenant,
            Err(problem) => return (problem.reply(), None),
        };
        // parsed before others of the tenant have to wait for it
        body.get();
        let mut record = CallRecord::begin(&caller.tenant, endpoint, request);
        let mut state = tenant.lock();
        let call = self.call_at(request, &parameters, &body, &caller, &state);
        record.time_ms = call.now_ms;
        record.nth = state.progress.count_call(endpoint.name);
        let plan = Plan { endpoint, call: &call, nth: record.nth, apply: Apply::Commit };
        let ending = self.decide(&plan, url, &mut state);
        self.count(endpoint.name, ending.outcome);
        let mut reply = ending.complete(&mut record);
        record.duration_us = u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX);
        self.journal.append(&mut record);
        let weight = state.world.weight();
        drop(state);
        self.tenants.note_weight(&tenant, weight);
        pipeline::report(&record);
        if self.debug_headers {
            reply = pipeline::with_debug_headers(reply, &record);
        }
        (reply, Some(record))
    }

    /// Returns the record that a call would get; the call leaves no trace.
    pub fn explain<'a>(&self, request: &'a Request) -> Result<CallRecord<'a>, Problem> {
        let VendorRoute { endpoint, parameters, scenario: url } = match route::find(request) {
            Route::Vendor(route) => route,
            Route::Page(_) => {
                let detail = "only calls to the vendor's endpoints can be explained";
                return Err(Problem::new(StatusCode::BAD_REQUEST, detail).at("/path"));
            }
            Route::Nowhere(problem) => return Err(problem.at("/path")),
        };
        let arena = Arena::for_body(request.body.len());
        let body = LazyTree::of(&request.body, &arena);
        let caller = endpoint.identify(request, &body, &self.verifier);
        let tenant = self.tenants.find(&caller.tenant).unwrap_or_else(|| {
            Arc::new(Tenant::new(Arc::clone(self.tenants.seed()), Instant::now()))
        });
        let mut state = tenant.lock();
        let call = self.call_at(request, &parameters, &body, &caller, &state);
        let mut record = CallRecord::begin(&caller.tenant, endpoint, request);
        record.time_ms = call.now_ms;
        record.nth = state.progress.next_call(endpoint.name);
        let plan = Plan { endpoint, call: &call, nth: record.nth, apply: Apply::Pretend };
        self.decide(&plan, url, &mut state).complete(&mut record);
        Ok(record)
    }

    /// The tenant of a name, made if it is not there.
    pub fn tenant(&self, name: &TenantName) -> Result<Arc<Tenant>, Problem> {
        let (tenant, gone) = self.tenants.get(name, Instant::now()).map_err(|Full| {
            let detail = "there are 10000 tenants, and none has been idle for ten minutes; drop one \
                          with DELETE /_sandbox/v1/tenants/{name}";
            tracing::warn!("refused a new tenant: {detail}");
            Problem::new(StatusCode::INSUFFICIENT_STORAGE, detail)
        })?;
        if let Some(gone) = gone {
            self.journal.remove(&gone);
        }
        Ok(tenant)
    }

    /// Does what is due: reads changed scenarios, ends overrides, drops idle tenants.
    pub fn tick(&self) {
        self.tick_at(Instant::now());
    }

    fn tick_at(&self, now: Instant) {
        self.library.poll();
        end_override(&mut self.global(), "all tenants");
        for (name, tenant) in self.tenants.all() {
            end_override(&mut tenant.lock().active_override, name.as_str());
        }
        for name in self.tenants.drop_idle(now) {
            self.journal.remove(&name);
        }
    }

    fn call_at<'a>(
        &'a self,
        request: &'a Request,
        parameters: &'a PathParameters,
        body: &'a LazyTree<'a>,
        caller: &'a Caller,
        state: &TenantState,
    ) -> Call<'a> {
        let now_ms = state.clock.now_ms(self.clock);
        Call {
            request,
            parameters,
            body,
            caller,
            setting: &self.setting,
            verifier: &self.verifier,
            now_ms,
        }
    }

    /// Picks a scenario, performs the call by it, and counts the hits of an override.
    fn decide(&self, plan: &Plan, url: Option<Cow<'_, str>>, state: &mut TenantState) -> Ending {
        let tenant = plan.call.caller.tenant.as_str();
        let mut global = self.global();
        if plan.apply == Apply::Commit {
            end_override(&mut state.active_override, tenant);
            end_override(&mut global, "all tenants");
        }
        let picked = match self.pick(plan, url, state, global.as_ref()) {
            Ok(picked) => picked,
            Err(error) => return Ending::unknown_scenario(&error),
        };
        if picked.selector != Selector::GlobalOverride {
            drop(global);
            let ending = pipeline::perform(plan, &picked, state);
            if picked.selector == Selector::TenantOverride {
                pipeline::count_hit(plan, &ending, &mut state.active_override, tenant);
            }
            return ending;
        }
        let ending = pipeline::perform(plan, &picked, state);
        pipeline::count_hit(plan, &ending, &mut global, "all tenants");
        ending
    }

    fn pick(
        &self,
        plan: &Plan,
        url: Option<Cow<'_, str>>,
        state: &TenantState,
        global: Option<&Override>,
    ) -> Result<ChosenScenario, UnknownScenario> {
        static HEADER: HeaderName = HeaderName::from_static(scenario::HEADER);
        let values = plan.call.request.headers.get_all(&HEADER).iter();
        let name = |switched: Option<&Override>| {
            let running = switched.filter(|switched| !switched.has_ended());
            running.map(|switched| switched.scenario.clone())
        };
        SelectorInputs {
            headers: values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect(),
            url,
            magic_word: plan
                .call
                .body
                .get()
                .and_then(|body| scenario::magic_word(body, plan.endpoint.magic_word_fields)),
            token: plan.call.caller.scenario.as_deref(),
            tenant_override: name(state.active_override.as_ref()),
            global_override: name(global),
            server: self.scenario.as_deref(),
        }
        .choose(&self.library)
    }

    fn count(&self, endpoint: &'static str, outcome: &'static str) {
        let mut outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        *outcomes.entry((endpoint, outcome)).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_tenant_and_its_journal_are_dropped_after_24_hours_without_a_call() {
        let sandbox = Sandbox::new(Config::default()).unwrap();
        let request = Request {
            method: http::Method::POST,
            uri: http::Uri::from_static("/api/thirdparty/group/create"),
            headers: [(http::header::AUTHORIZATION, "Bearer gnsb_demo".parse().unwrap())]
                .into_iter()
                .collect(),
            body: bytes::Bytes::new(),
            peer: std::net::Ipv4Addr::LOCALHOST.into(),
        };
        let (_, record) = sandbox.answer_with_record(&request);
        let tenant = record.unwrap().tenant;
        let used = sandbox.tenants.find(&tenant).unwrap().last_used();
        sandbox.tick_at(used + Duration::from_secs(24 * 60 * 60 - 1));
        assert!(sandbox.journal.last(&tenant).is_some() && sandbox.tenants.stats().tenants == 1);
        sandbox.tick_at(used + Duration::from_hours(24));
        assert!(sandbox.journal.last(&tenant).is_none() && sandbox.tenants.stats().tenants == 0);
    }
}
