//! `/tenants/{t}/scenario`: what is switched on, for one tenant or for all.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{done, read};
use crate::call::Sandbox;
use crate::config_file::{Located, Node, Problems, Read, record, text_or_number};
use crate::http::Problem;
use crate::http::{Reply, Request};
use crate::scenario::{Override, end_override, parse_duration};
use crate::world::TenantName;

record! {
    #[derive(Debug)]
    struct OverrideBody {
        /// A scenario, an outcome or a line.
        scenario: Name => required,
        /// Ends after so many calls in which a rule acted.
        hits: Option<Located<u64>> => optional,
        /// Ends after this time of the machine's clock; 30 minutes without hits and ttl.
        ttl: Option<Ttl> => optional,
        /// Who switches it on.
        owner: Option<String> => optional,
        /// Why.
        reason: Option<String> => optional,
    }
}

/// A scenario's name; outcomes may be bare numbers.
#[derive(Debug)]
struct Name(String);

impl Read for Name {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        text_or_number(node, problems).map(Self)
    }

    fn schema() -> Value {
        json!({"type": ["string", "integer"]})
    }
}

#[derive(Debug)]
struct Ttl(Duration);

impl Read for Ttl {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        const LONGEST: Duration = Duration::from_hours(30 * 24);
        let text = String::read(node, problems)?;
        match parse_duration(&text) {
            Ok(ttl) if !ttl.is_zero() && ttl <= LONGEST => Some(Self(ttl)),
            Ok(_) => {
                problems.add(node.at, "ttl is more than nothing and at most 30d");
                None
            }
            Err(why) => {
                problems.add(node.at, why);
                None
            }
        }
    }

    fn schema() -> Value {
        json!({"type": "string"})
    }
}

fn wanted(sandbox: &Sandbox, request: &Request) -> Result<Override, Problem> {
    let body: OverrideBody = read::body(request)?;
    sandbox
        .library
        .resolve(&body.scenario.0)
        .map_err(|error| read::bad(error.0).at("/scenario"))?;
    if body.hits.as_ref().is_some_and(|hits| hits.value == 0) {
        return Err(read::bad("hits is 1 or more").at("/hits"));
    }
    for (text, pointer) in [(&body.owner, "/owner"), (&body.reason, "/reason")] {
        if text.as_ref().is_some_and(|text| text.len() > 256) {
            return Err(read::bad("at most 256 bytes").at(pointer));
        }
    }
    let hits = body.hits.map(|hits| hits.value);
    let mut switched = Override::new(body.scenario.0, hits, body.ttl.map(|ttl| ttl.0));
    (switched.owner, switched.reason) = (body.owner, body.reason);
    Ok(switched)
}

/// Switches a scenario on for a tenant.
pub fn set(sandbox: &Sandbox, name: &TenantName, request: &Request) -> Result<Value, Problem> {
    let switched = wanted(sandbox, request)?;
    let tenant = sandbox.tenant(name)?;
    tenant.lock().active_override = Some(switched);
    Ok(show(sandbox, name))
}

/// Switches a scenario on for all tenants.
pub fn set_all(sandbox: &Sandbox, request: &Request) -> Result<Value, Problem> {
    *sandbox.global() = Some(wanted(sandbox, request)?);
    Ok(show_all(sandbox))
}

/// What is switched on for a tenant, and what a call that names nothing will get.
pub fn show(sandbox: &Sandbox, name: &TenantName) -> Value {
    let mut own = sandbox.tenants.find(name).and_then(|tenant| {
        let mut state = tenant.lock();
        end_override(&mut state.active_override, name.as_str());
        state.active_override.clone()
    });
    let mut global = sandbox.global();
    end_override(&mut global, "all tenants");
    let (selector, scenario) = match (&own, &*global, sandbox.scenario()) {
        (Some(own), _, _) => ("override", Some(own.scenario.clone())),
        (None, Some(global), _) => ("override-all", Some(global.scenario.clone())),
        (None, None, Some(server)) => ("server", Some(server.to_owned())),
        (None, None, None) => ("contract", None),
    };
    json!({
        "tenant": name.as_str(),
        "override": own.take().map(|own| describe(&own)),
        "next": {"selector": selector, "scenario": scenario},
    })
}

/// What is switched on for all tenants.
pub fn show_all(sandbox: &Sandbox) -> Value {
    let mut global = sandbox.global();
    end_override(&mut global, "all tenants");
    json!({"tenant": "*", "override": global.as_ref().map(describe)})
}

fn describe(switched: &Override) -> Value {
    let left_s =
        switched.until.map(|until| until.saturating_duration_since(Instant::now()).as_secs());
    json!({
        "scenario": switched.scenario,
        "hits": switched.hits,
        "hits_left": switched.hits_left(),
        "acted": switched.acted,
        "ttl_left_s": left_s,
        "owner": switched.owner,
        "reason": switched.reason,
    })
}

/// Switches off what is on for a tenant.
pub fn clear(sandbox: &Sandbox, name: &TenantName) -> Reply {
    if let Some(tenant) = sandbox.tenants.find(name) {
        tell(tenant.lock().active_override.take(), name.as_str());
    }
    done()
}

/// Switches off what is on for all tenants.
pub fn clear_all(sandbox: &Sandbox) -> Reply {
    tell(sandbox.global().take(), "all tenants");
    done()
}

fn tell(cleared: Option<Override>, whose: &str) {
    if let Some(cleared) = cleared {
        let (scenario, acted) = (cleared.scenario, cleared.acted);
        tracing::info!(
            "{scenario} for {whose} was switched off after {acted} hits, back to the contract"
        );
    }
}
