//! `POST /api/thirdparty/auth`: an access token for a pair of keys.
//!
//! The token is the answer's header `gn-access-token`; the body is not documented and is the plain
//! envelope (`assumed`). A missing, null or empty parameter is `brand-not-found`, a wrong one
//! `precondition-failed` (`sibling`).

use http::{HeaderName, HeaderValue, Method};

use super::{Call, Checked, Endpoint, Finding, Findings, Outcome, Refusal, envelope};
use crate::http::Request;
use crate::tenant::{ACCESS_TOKEN_HEADER, Caller, Gate, TENANT_PREFIX};
use crate::vendor::schema::field::{Field, Kind, Mark, Shape};
use crate::vendor::schema::{self, FromTree as _, LazyTree, object};
use crate::world::World;

/// The row of the endpoint table.
pub const ENDPOINT: Endpoint = Endpoint {
    name: "auth",
    method: Method::POST,
    path: "/api/thirdparty/auth",
    shape: &SHAPE,
    example: None,
    outcomes: &[
        Outcome::Ok,
        Outcome::BadRequest,
        Outcome::BrandNotFound,
        Outcome::PreconditionFailed,
    ],
    rules: &[
        ("needs no token; both keys are mandatory", Mark::Sibling),
        (
            "success is HTTP 200 with the token in the answer's header `gn-access-token`",
            Mark::Sibling,
        ),
        (
            "the body of a success is `{\"code\":200,\"message\":\"Success\",\"data\":{}}`",
            Mark::Assumed,
        ),
        (
            "a malformed body is refused before a missing key, and that before a wrong one",
            Mark::Assumed,
        ),
        ("a token is good for 24 hours of the sandbox's clock", Mark::Assumed),
    ],
    deviations: &[],
    identify,
    check,
};

const MISSING: &str = "absent, null or \"\" is brand-not-found; another type is bad-request";

static SHAPE: Shape = Shape {
    fields: &[
        Field::optional("api_key", Kind::Secret).from(Mark::Sibling).rule(MISSING, Mark::Sibling),
        Field::optional("api_secret", Kind::Secret)
            .from(Mark::Sibling)
            .rule(MISSING, Mark::Sibling),
    ],
    exactly_one_of: &[],
};

/// How long an issued token is good (`assumed`), in milliseconds.
const LIFETIME_MS: i64 = 24 * 60 * 60 * 1000;

/// The secret that goes with every `gnsb_<tenant>` key.
const TENANT_SECRET: &str = "gnsb-secret";

object! {
    struct Keys<'a> {
        api_key "api_key": &'a str => optional,
        api_secret "api_secret": &'a str => optional,
    }
}

fn identify<'a>(request: &Request, body: &'a LazyTree<'a>, gate: &Gate) -> Caller {
    let keys = schema::read::<Keys>(request, body, ENDPOINT.name, &SHAPE);
    let owner = keys.ok().and_then(|(keys, _)| owner(keys.api_key?, gate));
    owner.map_or_else(|| gate.anonymous(), |(caller, _)| caller)
}

/// Whose key it is, and the secret that goes with it.
fn owner<'g>(api_key: &str, gate: &'g Gate) -> Option<(Caller, &'g str)> {
    if let Some(rest) = api_key.strip_prefix(TENANT_PREFIX) {
        let visible = rest.bytes().all(|byte| byte.is_ascii_graphic());
        let caller = gate.tenant_token(rest).ok().filter(|_| visible)?;
        return Some((caller, TENANT_SECRET));
    }
    let key = gate.seed().keys.get(api_key)?;
    let caller = gate.tenant_token(&key.tenant).expect("BUG: fixture tenants are checked");
    let caller = Caller { user: key.user, ..caller };
    Some((caller, &key.api_secret))
}

fn check<'a>(call: &Call<'a>, _: &World) -> Result<Checked<'a>, Refusal> {
    let name = ENDPOINT.name;
    let (keys, mut findings) = schema::read::<Keys>(call.request, call.body, name, &SHAPE)
        .map_err(|findings| Refusal { outcome: Outcome::BadRequest, findings })?;
    for (field, value) in [("api_key", keys.api_key), ("api_secret", keys.api_secret)] {
        if value.is_none_or(str::is_empty) {
            let what = if value.is_some() { "is empty" } else { "is missing" };
            let reason = Finding::error(format!("/{field}"), format!("{name}.{field}"), what);
            findings.add(
                reason.suggest(
                    "send both api_key and api_secret, for example demo-key and demo-secret",
                ),
            );
        }
    }
    if findings.has_errors() {
        return Err(Refusal { outcome: Outcome::BrandNotFound, findings });
    }
    let saw_unknown = keys.saw_unknown();
    let wrong = |field: &str, message: &str, findings: Findings| {
        let reason = Finding::error(format!("/{field}"), format!("{name}.{field}"), message)
            .suggest("use a pair of the fixtures, or gnsb_<tenant> with gnsb-secret");
        Refusal::because(Outcome::PreconditionFailed, findings, reason)
    };
    let Some((caller, secret)) = keys.api_key.and_then(|key| owner(key, call.gate)) else {
        return Err(wrong("api_key", "is not a known key", findings));
    };
    if keys.api_secret != Some(secret) {
        return Err(wrong("api_secret", "is not the secret of this key", findings));
    }
    let (gate, expires_at_ms) = (call.gate, call.now_ms.saturating_add(LIFETIME_MS));
    let commit = Box::new(move |world: &mut World| {
        let token = gate.issue(&caller, expires_at_ms, world.issue_token());
        let token = HeaderValue::from_str(&token).expect("BUG: tokens are visible ASCII");
        let header = HeaderName::from_static(ACCESS_TOKEN_HEADER);
        envelope::empty_success("Success").with_header(header, token)
    });
    Ok(Checked { findings, only_known_keys: !saw_unknown, commit })
}
