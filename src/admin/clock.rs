//! `tenants/{tenant}/clock`: freezes, advances and resumes a tenant's clock.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::answer::Json;
use super::input::{Body, TenantParameter};
use crate::call::Sandbox;
use crate::clock::{Clock, EXAMPLE, InvalidTime, parse_time, rfc3339_ms};
use crate::config_file::{Node, Problems, Read, parsed_text, record};
use crate::described::described;
use crate::http::Problem;
use crate::scenario::AnyDuration;
use crate::switches::{Switch, SwitchKind, SwitchTarget};
use crate::tenant::TenantClock;
use crate::text::quoted;
use crate::world::TenantName;

record! {
    #[derive(Debug)]
    pub(super) struct ClockBody
    where needs_one_of(&[
        ("freeze", &["advance", "resume"]),
        ("advance", &["freeze", "resume"]),
        ("resume", &["freeze", "advance"]),
    ])
    {
        /// The RFC 3339 time to freeze at, from 1970 on, or now for the one that the clock shows.
        freeze: Option<FreezeAt> => optional,
        /// The duration to advance by, such as 25h; no further than the year 9999.
        advance: Option<AnyDuration> => optional,
        /// true to follow the machine's time again.
        resume: Option<Resume> => optional,
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) enum FreezeAt {
    /// At the time that it shows.
    Now,
    /// At a time from 1970 on, in milliseconds since then.
    Time(i64),
}

impl FreezeAt {
    fn parse(text: &str) -> Result<Self, String> {
        if text == NOW {
            return Ok(Self::Now);
        }
        parse_time(text).map(Self::Time).map_err(|why| match why {
            InvalidTime::OutOfRange(why) => why,
            InvalidTime::Malformed if text.eq_ignore_ascii_case("real") => {
                format!(
                    "{text:?} is no time to freeze the clock at; to follow the machine's, resume it"
                )
            }
            InvalidTime::Malformed => {
                format!("{} is neither a time like {EXAMPLE} nor {NOW}", quoted(text))
            }
        })
    }
}

/// The text that stands for the time that the clock shows.
const NOW: &str = "now";

impl Read for FreezeAt {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        parsed_text(node, problems, Self::parse)
    }

    fn schema() -> Value {
        json!({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "enum": [NOW]}]})
    }
}

#[derive(Debug)]
pub(super) struct Resume;

impl Read for Resume {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let checked = if bool::read(node, problems)? {
            Ok(Self)
        } else {
            Err("resume must be true; to stop the clock, send freeze")
        };
        problems.accept(node.at, checked)
    }

    fn schema() -> Value {
        json!({"type": "boolean", "const": true})
    }
}

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct ClockReply {
        pub(crate) tenant: String,
        pub(crate) now: String,
        pub(crate) frozen: bool,
    }
}

pub(super) fn set(
    sandbox: &Sandbox,
    (TenantParameter(name), Body(body)): (TenantParameter, Body<ClockBody>),
) -> Result<Json<ClockReply>, Problem> {
    // so that a refused body makes no tenant
    new_clock(&body, clock_of(sandbox, &name), sandbox.clock)?;
    let tenant = sandbox.get_or_create_tenant(&name)?;
    let mut state = tenant.lock();
    // another one may have been set meanwhile
    let clock = new_clock(&body, state.clock, sandbox.clock)?;
    state.clock = clock;
    let (target, set_to) = (SwitchTarget::Tenant(&name), set_to(clock, sandbox));
    let detail =
        format!("the clock of {name} {}", set_to.unwrap_or_else(|| WITH_THE_MACHINE.into()));
    sandbox.log_switch(Switch::new(target, SwitchKind::Clock, detail));
    drop(state);
    Ok(describe(sandbox, &name, clock))
}

pub(super) fn show(sandbox: &Sandbox, TenantParameter(name): TenantParameter) -> Json<ClockReply> {
    describe(sandbox, &name, clock_of(sandbox, &name))
}

fn clock_of(sandbox: &Sandbox, name: &TenantName) -> TenantClock {
    sandbox.tenants.find(name).map_or(TenantClock::Server, |tenant| tenant.lock().clock)
}

const WITH_THE_MACHINE: &str = "runs with the machine's";

/// Says what a clock is set to, such as `is frozen at …`; `None` if it runs with the machine's.
pub(super) fn set_to(clock: TenantClock, sandbox: &Sandbox) -> Option<String> {
    match (clock, sandbox.clock) {
        (TenantClock::Frozen(ms), _) => Some(format!("is frozen at {}", rfc3339_ms(ms))),
        (TenantClock::Server, Clock::Frozen(ms)) => {
            Some(format!("is frozen at {} by {}", rfc3339_ms(ms), sandbox.origins.clock))
        }
        (TenantClock::Ahead(0), _) | (TenantClock::Server, Clock::Real) => None,
        (TenantClock::Ahead(ms), _) => {
            Some(format!("runs {:#} ahead of the machine's", SignedDuration::from_millis(ms)))
        }
    }
}

fn describe(sandbox: &Sandbox, name: &TenantName, clock: TenantClock) -> Json<ClockReply> {
    let frozen = match clock {
        TenantClock::Frozen(_) => true,
        TenantClock::Server => matches!(sandbox.clock, Clock::Frozen(_)),
        TenantClock::Ahead(_) => false,
    };
    let now = rfc3339_ms(clock.now_ms(sandbox.clock));
    Json(ClockReply { tenant: name.to_string(), now, frozen })
}

fn new_clock(body: &ClockBody, before: TenantClock, server: Clock) -> Result<TenantClock, Problem> {
    let refuse = |pointer: &str, detail: &str| Err(Problem::bad_request(detail).at(pointer));
    match (&body.freeze, &body.advance, &body.resume) {
        (Some(FreezeAt::Time(ms)), None, None) => Ok(TenantClock::Frozen(*ms)),
        (Some(FreezeAt::Now), None, None) => Ok(TenantClock::Frozen(before.now_ms(server))),
        (None, Some(AnyDuration(by)), None) => i64::try_from(by.as_millis())
            .ok()
            .and_then(|by_ms| before.advanced(by_ms, server))
            .map_or_else(|| refuse("/advance", "advance must not go past the year 9999"), Ok),
        (None, None, Some(Resume)) => Ok(TenantClock::Ahead(0)),
        _ => refuse(
            "",
            "send exactly one of {\"freeze\": RFC3339}, {\"advance\": \"25h\"}, {\"resume\": true}",
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use http::Method;
    use http::header::{HOST, HeaderValue};

    use super::*;
    use crate::call::Config;
    use crate::http::Request;

    #[test]
    fn no_advance_is_lost_when_several_come_at_once() {
        const EACH: i64 = 500;
        let config = Config { clock: Clock::Frozen(0), ..Config::default() };
        let sandbox = &Sandbox::new(config).unwrap();
        let advance = || {
            let path = "/_sandbox/v1/tenants/demo/clock";
            let mut request = Request::json(Method::POST, path, None, r#"{"advance": "1s"}"#);
            request.headers.insert(HOST, HeaderValue::from_static("localhost"));
            assert_eq!(crate::admin::respond(sandbox, &request).finish(sandbox).status, 200);
        };
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| (0..EACH).for_each(|_| advance()));
            }
        });
        let clock = clock_of(sandbox, &TenantName::parse("demo").unwrap());
        assert_eq!(clock.now_ms(sandbox.clock), 2 * EACH * 1000);
    }
}
