//! The pipeline: from a request to its answer, top to bottom. Synchronous; knows no socket.

use std::sync::Arc;

use crate::clock::{Clock, rfc3339};
use crate::contract::{Call, Endpoint, Findings, MediaMode, Outcome, Refusal, Setting, envelope};
use crate::exchange::{Reply, Request};
use crate::ids::Ids;
use crate::pages;
use crate::route::{self, Route};
use crate::state::{Seed, World, fixtures};
use crate::tenant::{Caller, Gate, Tenants};

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
}

impl Default for Config {
    fn default() -> Self {
        Self {
            seed: 42,
            clock: Clock::Real,
            media: MediaMode::Lenient,
            public_url: None,
            fixtures: fixtures::built_in(),
        }
    }
}

/// A sandbox: everything but the socket.
#[derive(Debug)]
pub struct Sandbox {
    clock: Clock,
    setting: Setting,
    gate: Gate,
    tenants: Tenants,
}

impl Sandbox {
    /// A sandbox in which nothing has happened yet.
    pub fn new(config: Config) -> Self {
        let seed = Arc::new(config.fixtures);
        let ids = Ids::new(config.seed);
        Self {
            clock: config.clock,
            setting: Setting { ids, media: config.media, public_url: config.public_url },
            gate: Gate::new(Arc::clone(&seed), ids),
            tenants: Tenants::new(seed),
        }
    }

    /// Answers a request.
    pub fn answer(&self, request: &Request) -> Reply {
        match route::find(request) {
            Route::Vendor(endpoint) => self.call(endpoint, request),
            Route::Page(page) => pages::show(page, self.gate.seed()),
            Route::Nowhere(reply) => reply,
        }
    }

    /// Answers a call to the vendor: who is calling, what the contract says, what is reported.
    fn call(&self, endpoint: &Endpoint, request: &Request) -> Reply {
        let caller = (endpoint.identify)(request, &self.gate);
        let tenant = self.tenants.get(&caller.tenant);
        let call = Call {
            request,
            caller: &caller,
            setting: &self.setting,
            gate: &self.gate,
            now_ms: self.clock.now_ms(),
        };
        let ending = {
            let mut world = tenant.enter();
            contract(endpoint, &call, &mut world)
        };
        report(endpoint, &caller, &ending);
        ending.reply
    }
}

/// How a call ended.
struct Ending {
    outcome: Outcome,
    findings: Findings,
    reply: Reply,
}

/// What the contract makes of a call.
fn contract(endpoint: &Endpoint, call: &Call, world: &mut World) -> Ending {
    let checked = admit(call).and_then(|()| (endpoint.check)(call, world));
    match checked {
        Ok(checked) => Ending {
            outcome: Outcome::Ok,
            findings: checked.findings,
            reply: (checked.commit)(world),
        },
        Err(refusal) => Ending {
            outcome: refusal.outcome,
            findings: refusal.findings,
            reply: envelope::error(refusal.outcome),
        },
    }
}

/// Whether the caller's token is accepted at this time.
fn admit(call: &Call) -> Result<(), Refusal> {
    let expired = call
        .caller
        .expires_at_ms
        .filter(|end| *end <= call.now_ms)
        .map(|end| crate::tenant::expired(format!("the token expired at {}", rfc3339(end))));
    match call.caller.refusal.clone().or(expired) {
        None => Ok(()),
        Some(reason) => Err(Refusal::because(Outcome::Unauthorized, Findings::default(), reason)),
    }
}

/// One log line for what a person may want to act on.
fn report(endpoint: &Endpoint, caller: &Caller, ending: &Ending) {
    let Ending { outcome, findings, .. } = ending;
    let (name, tenant) = (endpoint.name, caller.tenant.as_str());
    let outcome_name = outcome.name();
    match outcome {
        Outcome::Ok if findings.is_empty() => {
            tracing::debug!(
                tenant,
                endpoint = name,
                outcome = outcome_name,
                "accepted {name} for {tenant}"
            );
        }
        Outcome::Ok => {
            tracing::info!(
                tenant,
                endpoint = name,
                outcome = outcome_name,
                "accepted {name} for {tenant}: {findings}"
            );
        }
        _ => {
            tracing::info!(
                tenant,
                endpoint = name,
                outcome = outcome_name,
                "refused {name} for {tenant}: {findings}"
            );
        }
    }
}
