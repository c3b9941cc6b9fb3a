//! `tenants/{tenant}/scenario`: the override of one tenant, or with `*` of all tenants.

use std::time::{Duration, Instant};

use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::answer::{Json, NoContent};
use super::input::{self, Body, Input, ParsedRequest};
use super::parameter::{Parameter, ParameterKind, TENANT_OR_ALL};
use super::world::no_room;
use crate::call::Sandbox;
use crate::clock::{rfc3339, rfc3339_ms};
use crate::config_file::{Node, Problems, Read, TextOrNumber, checked, parsed_text, record};
use crate::described::described;
use crate::http::Problem;
use crate::memory::BudgetFull;
use crate::scenario::{Override, SelectorInputs, UsedUp, parse_duration};
use crate::switches::SwitchTarget;
use crate::world::TenantName;

record! {
    #[derive(Debug)]
    pub(super) struct OverrideBody {
        /// A scenario, an outcome or a line.
        scenario: TextOrNumber => required,
        /// Ends after this many calls in which a rule acted.
        hits: Option<Hits> => optional,
        /// Ends after this time of the machine's clock, at most 30d, or lasts forever; 10m if left out.
        ttl: Ttl => or(Ttl(Some(DEFAULT_TTL))),
        /// Who sets it.
        owner: Option<Owner> => optional,
        /// Why it is set.
        reason: Option<Reason> => optional,
        /// Replaces an override that another owner has set, too.
        replace: bool => or(false),
    }
}

/// The lifetime of an override that does not say how long it lasts.
const DEFAULT_TTL: Duration = Duration::from_mins(10);

/// The longest owner, in characters.
const MAX_OWNER: usize = 100;
/// The longest reason, in characters.
const MAX_REASON: usize = 500;

checked! {
    #[derive(Debug)]
    pub(super) Hits(u64): {"minimum": 1},
    |hits| *hits > 0,
    |_| "hits must be at least 1".into()
}

checked! {
    #[derive(Debug)]
    pub(super) Owner(String): {"maxLength": MAX_OWNER},
    |owner| owner.chars().count() <= MAX_OWNER,
    |owner| too_long("owner", owner, MAX_OWNER)
}

checked! {
    #[derive(Debug)]
    pub(super) Reason(String): {"maxLength": MAX_REASON},
    |reason| reason.chars().count() <= MAX_REASON,
    |reason| too_long("reason", reason, MAX_REASON)
}

fn too_long(key: &str, text: &str, max: usize) -> String {
    let length = text.chars().count();
    format!("{key} must be at most {max} characters, not {length}")
}

/// The form of a lifetime: a duration that is not 0, or forever.
const TTL_FORM: &str =
    r"^(forever|([0-9]*[1-9][0-9]*(\.[0-9]+)?|[0-9]+\.[0-9]*[1-9][0-9]*)(ms|s|m|h|d))$";

/// A lifetime; `None` has no end.
#[derive(Debug)]
pub(super) struct Ttl(Option<Duration>);

impl Ttl {
    fn parse(text: &str) -> Result<Self, String> {
        const MAX_TTL: Duration = Duration::from_hours(30 * 24);
        if text == "forever" {
            return Ok(Self(None));
        }
        let ttl = parse_duration(text)?;
        if ttl.is_zero() || ttl > MAX_TTL {
            return Err("ttl must be more than 0s and at most 30d, or forever".to_owned());
        }
        Ok(Self(Some(ttl)))
    }
}

impl Read for Ttl {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        parsed_text(node, problems, Self::parse)
    }

    fn schema() -> Value {
        json!({"type": "string", "pattern": TTL_FORM})
    }
}

#[derive(Debug)]
pub(super) enum OverrideTarget {
    Tenant(TenantName),
    AllTenants,
}

impl Input for OverrideTarget {
    const PARAMETERS: &'static [Parameter] = &[Parameter::path(
        "tenant_or_all",
        "The name of a tenant, or `*` for all tenants.",
        ParameterKind::Formatted(TENANT_OR_ALL),
    )];

    fn read(parsed: &ParsedRequest) -> Result<Self, Problem> {
        match parsed.path.get("tenant_or_all") {
            "*" => Ok(Self::AllTenants),
            name => input::tenant(name).map(Self::Tenant),
        }
    }
}

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct OverrideReply {
        pub(crate) tenant: String,
        #[serde(rename = "override")]
        pub(crate) active: Option<ActiveOverride>,
        /// What the next call gets that names no scenario; unknown for all tenants.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub(crate) next: Option<NextScenario>,
    }
}

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct ActiveOverride {
        pub(crate) scenario: String,
        pub(crate) hits: Option<u64>,
        pub(crate) hits_left: Option<u64>,
        pub(crate) acted: u64,
        pub(crate) ttl_left_s: Option<u64>,
        /// When it expires, by the machine's clock; `None` if it does not.
        pub(crate) ends: Option<String>,
        pub(crate) owner: Option<String>,
        pub(crate) reason: Option<String>,
        /// Whether no rule of its scenario can act on any call of the tenant until `scenarios` are reset; a line begins
        /// anew at each endpoint. There exactly if `used_up_for` is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub(crate) used_up: Option<bool>,
        /// The endpoints that the tenant has called, and on calls to which no rule can act until then. Left out if there
        /// are none, in lists, and for all tenants.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub(crate) used_up_for: Option<Vec<String>>,
    }
}

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct NextScenario {
        pub(crate) selector: String,
        pub(crate) scenario: Option<String>,
        /// Why the call is refused: its scenario no longer exists.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub(crate) problem: Option<String>,
    }
}

/// Sets the override, which replaces the one before unless another owner has set that.
pub(super) fn set(
    sandbox: &Sandbox,
    (target, Body(body)): (OverrideTarget, Body<OverrideBody>),
) -> Result<Json<OverrideReply>, Problem> {
    let replace = body.replace;
    let new = checked(sandbox, body)?;
    match &target {
        OverrideTarget::Tenant(name) => {
            let tenant = sandbox.get_or_create_tenant(name)?;
            let target = SwitchTarget::Tenant(name);
            let mut state = tenant.lock();
            let used_up = sandbox.used_up(&state, &new);
            let slot = &mut state.active_override;
            let replaced = put(sandbox, slot, new, used_up.as_ref(), replace, target)?;
            drop(state);
            replaced.inspect(|at| sandbox.release_held_by_override(&tenant, *at));
        }
        OverrideTarget::AllTenants => {
            let target = SwitchTarget::AllTenants;
            // unlocked before the calls that it holds are released: that locks their tenants, which come first
            let replaced =
                put(sandbox, &mut sandbox.global_override(), new, None, replace, target)?;
            replaced.inspect(|at| sandbox.release_held_by_global_override(*at));
        }
    }
    Ok(show(sandbox, target))
}

/// Puts the new override in its place and notes it; returns when it replaced another one.
fn put(
    sandbox: &Sandbox,
    slot: &mut Option<Override>,
    mut new: Override,
    used_up: Option<&UsedUp>,
    replace: bool,
    target: SwitchTarget,
) -> Result<Option<Instant>, Problem> {
    sandbox.end_override(slot, target);
    if let Some(old) = slot
        && !replace
        && new.owner.is_some()
        && old.owner.is_some()
        && old.owner != new.owner
    {
        let (scenario, lifetime, set_by) = (old.shown_scenario(), old.lifetime(), old.set_by());
        let until = old.ends_us().map(|us| rfc3339(us / 1_000_000 * 1000));
        let until = until.map_or_else(String::new, |end| format!(" (until {end})"));
        let detail = format!(
            "{scenario} is forced for {target} {lifetime}{until}{set_by}; to replace it, send \
             replace: true (override set --replace)"
        );
        return Err(Problem::new(StatusCode::CONFLICT, detail));
    }
    let budget = &sandbox.memory.additions;
    new.weigh(slot.as_mut(), budget)
        .map_err(|BudgetFull| no_room(budget, "the override", new.heap_bytes()))?;
    let replaced = slot.take();
    sandbox.note_override(&new, used_up, replaced.as_ref(), target);
    *slot = Some(new);
    Ok(replaced.map(|_| Instant::now()))
}

fn checked(sandbox: &Sandbox, body: OverrideBody) -> Result<Override, Problem> {
    let resolved = sandbox.library.resolve(&body.scenario.0);
    let scenario = resolved.map_err(|error| Problem::bad_request(error.0).at("/scenario"))?;
    // without the spaces around it, of which there may be many
    let mut new = Override::new(scenario.name.clone(), body.hits.map(|hits| hits.0), body.ttl.0);
    // an empty text counts as left out
    let filled = |text: String| Some(text).filter(|text| !text.trim().is_empty());
    new.owner = body.owner.and_then(|owner| filled(owner.0));
    new.reason = body.reason.and_then(|reason| filled(reason.0));
    Ok(new)
}

/// Shows the override, and for one tenant what a call gets that names no scenario.
pub(super) fn show(sandbox: &Sandbox, target: OverrideTarget) -> Json<OverrideReply> {
    let OverrideTarget::Tenant(name) = target else {
        let mut global = sandbox.global_override();
        sandbox.end_override(&mut global, SwitchTarget::AllTenants);
        let active = global.as_ref().map(ActiveOverride::of);
        return Json(OverrideReply { tenant: "*".to_owned(), active, next: None });
    };
    let own = sandbox.tenants.find(&name).and_then(|tenant| {
        let mut state = tenant.lock();
        sandbox.end_override(&mut state.active_override, SwitchTarget::Tenant(&name));
        let active = state.active_override.as_ref()?;
        let used_up = sandbox.used_up(&state, active);
        Some((active.scenario.clone(), ActiveOverride::of(active).with(used_up)))
    });
    let mut global = sandbox.global_override();
    sandbox.end_override(&mut global, SwitchTarget::AllTenants);
    let (own_scenario, own) = own.unzip();
    let inputs = SelectorInputs {
        tenant: name.as_str(),
        tenant_override: own_scenario,
        global_override: global.as_ref().map(|active| active.scenario.clone()),
        server: sandbox.scenario(),
        ..SelectorInputs::default()
    };
    drop(global);
    let (selector, problem) = match inputs.choose(&sandbox.library) {
        Ok(chosen) => (chosen.selector, None),
        Err(unknown) => (unknown.selector, Some(unknown.why)),
    };
    let SelectorInputs { tenant_override, global_override, server, .. } = inputs;
    let scenario = tenant_override.or(global_override).or(server.map(str::to_owned));
    Json(OverrideReply {
        tenant: name.to_string(),
        active: own,
        next: Some(NextScenario { selector: selector.name().to_owned(), scenario, problem }),
    })
}

impl ActiveOverride {
    pub(super) fn of(active: &Override) -> Self {
        Self {
            scenario: active.scenario.clone(),
            hits: active.hits,
            hits_left: active.hits_left(),
            acted: active.acted,
            ttl_left_s: active.seconds_left(),
            ends: active.ends_us().map(|us| rfc3339_ms(us / 1000)),
            owner: active.owner.clone(),
            reason: active.reason.clone(),
            used_up: None,
            used_up_for: None,
        }
    }

    /// Adds for what its scenario is used up.
    fn with(self, used_up: Option<UsedUp>) -> Self {
        let Some(UsedUp { endpoints, is_whole }) = used_up else { return self };
        let used_up_for = endpoints.into_iter().map(str::to_owned).collect();
        Self { used_up: Some(is_whole), used_up_for: Some(used_up_for), ..self }
    }
}

/// Clears the override and releases the calls that it holds; it is fine if there is none.
pub(super) fn clear(sandbox: &Sandbox, target: OverrideTarget) -> NoContent {
    let clear = |slot: &mut Option<Override>, target| {
        sandbox.end_override(slot, target);
        if let Some(cleared) = slot.take() {
            sandbox.note_override_end(&cleared, target, "was cleared");
        }
    };
    match target {
        OverrideTarget::Tenant(name) => {
            if let Some(tenant) = sandbox.tenants.find(&name) {
                clear(&mut tenant.lock().active_override, SwitchTarget::Tenant(&name));
                sandbox.release_held_by_override(&tenant, Instant::now());
            }
        }
        OverrideTarget::AllTenants => {
            clear(&mut sandbox.global_override(), SwitchTarget::AllTenants);
            sandbox.release_held_by_global_override(Instant::now());
        }
    }
    NoContent
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::thread;

    use http::Method;
    use http::header::{HOST, HeaderValue};

    use super::*;
    use crate::call::Config;
    use crate::http::{Arrival, Request};

    #[test]
    fn the_override_for_all_is_not_locked_while_the_calls_that_another_held_are_released() {
        let sandbox = &Sandbox::new(Config::default()).unwrap();
        let set_all = |scenario: &str| {
            let path = "/_sandbox/v1/tenants/*/scenario";
            let body = format!("{{\"scenario\": \"{scenario}\"}}");
            let mut request = Request::json(Method::PUT, path, None, body);
            request.headers.insert(HOST, HeaderValue::from_static("localhost"));
            crate::admin::respond(sandbox, &request).finish(sandbox).status
        };
        assert_eq!(set_all("hold"), 200);
        let request =
            Request::json(Method::POST, "/api/thirdparty/group/create", Some("gnsb_demo"), "{}");
        let _held = sandbox.answer_or_hold(&request, Arrival::now(0));
        assert_eq!(sandbox.holds.taken(), 1);
        let busy = sandbox.get_or_create_tenant(&TenantName::parse("busy").unwrap()).unwrap();
        let state = busy.lock();
        let (found, has_found) = channel();
        thread::scope(|scope| {
            scope.spawn(|| set_all("500"));
            scope.spawn(move || {
                let is_new = |active: &Override| active.scenario == "500";
                while !sandbox.global_override().as_ref().is_some_and(is_new) {
                    thread::yield_now();
                }
                let _ = found.send(());
            });
            let found = has_found.recv_timeout(std::time::Duration::from_secs(10));
            drop(state);
            assert!(found.is_ok(), "the override was locked while a tenant was waited for");
        });
    }
}
