//! `/tenants/{t}/clock`: freeze, advance, resume.

use serde_json::{Value, json};

use super::read;
use crate::call::Sandbox;
use crate::clock::{Clock, rfc3339_ms};
use crate::config_file::{Located, record};
use crate::http::Problem;
use crate::http::Request;
use crate::scenario::parse_duration;
use crate::tenant::TenantClock;
use crate::world::TenantName;

record! {
    #[derive(Debug)]
    struct ClockBody {
        /// An RFC 3339 time to stand still at.
        freeze: Option<Located<String>> => optional,
        /// A time like 25h to go forward by.
        advance: Option<Located<String>> => optional,
        /// true for the machine's time again.
        resume: Option<Located<bool>> => optional,
    }
}

/// Sets a tenant's clock and tells its time.
pub fn set(sandbox: &Sandbox, name: &TenantName, request: &Request) -> Result<Value, Problem> {
    let body: ClockBody = read::body(request)?;
    let before =
        sandbox.tenants.find(name).map_or(TenantClock::Server, |tenant| tenant.lock().clock);
    let clock = match (body.freeze, body.advance, body.resume) {
        (Some(freeze), None, None) => match Clock::parse(&freeze.value) {
            Ok(Clock::Frozen(ms)) => TenantClock::Frozen(ms),
            Ok(Clock::Real) => {
                return Err(
                    read::bad("freeze is a time; to go on send {\"resume\": true}").at("/freeze")
                );
            }
            Err(why) => return Err(read::bad(why.to_string()).at("/freeze")),
        },
        (None, Some(advance), None) => {
            let by = parse_duration(&advance.value).map_err(|why| read::bad(why).at("/advance"))?;
            let by_ms = i64::try_from(by.as_millis()).ok();
            let advanced = by_ms.and_then(|by_ms| before.advanced(by_ms, sandbox.clock));
            advanced.ok_or_else(|| read::bad("that would be past the year 9999").at("/advance"))?
        }
        (None, None, Some(resume)) if resume.value => TenantClock::Ahead(0),
        (None, None, Some(_)) => {
            return Err(read::bad("resume is true; to stop the clock send freeze").at("/resume"));
        }
        _ => {
            return Err(read::bad(
                "send one of {\"freeze\": RFC3339}, {\"advance\": \"25h\"}, {\"resume\": true}",
            )
            .at(""));
        }
    };
    // only what is right makes a tenant
    sandbox.tenant(name)?.lock().clock = clock;
    let frozen = matches!(
        (clock, sandbox.clock),
        (TenantClock::Frozen(_), _) | (TenantClock::Server, Clock::Frozen(_))
    );
    let now = rfc3339_ms(clock.now_ms(sandbox.clock));
    Ok(json!({"tenant": name.as_str(), "now": now, "frozen": frozen}))
}
