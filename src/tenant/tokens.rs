//! From an access token to a caller: which tenant, which user, and whether it is accepted.
//!
//! Three kinds are known: `gnsb_<tenant>[.<scenario>]`, which needs no registration; fixed ones
//! from the fixtures; and those that `auth` issued, which carry their facts and check digits, so
//! that nothing has to be remembered and a reset does not end them.

use std::hash::Hasher as _;
use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use rand::TryRng as _;
use siphasher::sip::SipHasher13;
use uuid::Uuid;

use super::TenantName;
use crate::vendor::finding::Finding;
use crate::world::ids::{Ids, Purpose};
use crate::world::{Seed, TokenState};

/// The header the vendor returns tokens in (`sibling`).
pub const ACCESS_TOKEN_HEADER: &str = "gn-access-token";

/// What every token that names its tenant itself begins with.
pub const TENANT_PREFIX: &str = "gnsb_";
/// What issued tokens begin with.
const ISSUED_PREFIX: &str = "gnat_";
/// The longest scenario that a token can be bound to, in bytes: it must fit into a header.
const LIMIT_SCENARIO: usize = 512;
/// The clause of every finding about tokens.
const CLAUSE: &str = "authorization";

/// Who is calling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The tenant the token names, or the reserved one.
    pub tenant: TenantName,
    /// The user on whose behalf the call is made.
    pub user: Uuid,
    /// The scenario bound to the token.
    pub scenario: Option<String>,
    /// When an issued token ends, in Unix milliseconds of the tenant's clock.
    pub expires_at_ms: Option<i64>,
    /// Why the token is not accepted.
    pub refusal: Option<Finding>,
}

/// Tells callers by their tokens, and issues tokens.
#[derive(Debug)]
pub struct Gate {
    seed: Arc<Seed>,
    ids: Ids,
    /// The key of token fingerprints: random, so that a log cannot be searched for known tokens.
    fingerprint_key: u64,
}

impl Gate {
    /// A gate that knows the seed's fixed tokens.
    pub fn new(seed: Arc<Seed>, ids: Ids) -> Self {
        let fingerprint_key = rand::rngs::SysRng.try_next_u64().unwrap_or_default();
        Self { seed, ids, fingerprint_key }
    }

    /// The seed behind the fixed tokens and keys.
    pub fn seed(&self) -> &Seed {
        &self.seed
    }

    /// A caller that names no tenant.
    pub fn anonymous(&self) -> Caller {
        self.caller_of(TenantName::anonymous())
    }

    /// The usual caller of a tenant.
    fn caller_of(&self, tenant: TenantName) -> Caller {
        Caller {
            tenant,
            user: self.seed.creator,
            scenario: None,
            expires_at_ms: None,
            refusal: None,
        }
    }

    /// The caller behind an `Authorization: Bearer …` header.
    pub fn bearer(&self, headers: &HeaderMap) -> Caller {
        let refused = |finding| Caller { refusal: Some(finding), ..self.anonymous() };
        match bearer_token(headers) {
            Err(finding) => refused(finding),
            Ok(token) => self.caller(token).unwrap_or_else(refused),
        }
    }

    fn caller(&self, token: &str) -> Result<Caller, Finding> {
        if let Some(name) = token.strip_prefix(TENANT_PREFIX) {
            return self
                .tenant_token(name)
                .map_err(|why| refusal(format!("the token is not accepted: {why}")));
        }
        if let Some(fixture) = self.seed.tokens.get(token) {
            let refusal = match fixture.state {
                TokenState::Valid => None,
                TokenState::Expired => Some(expired("the token has expired".into())),
                TokenState::Revoked => {
                    Some(refusal("the token has been revoked").suggest(NEW_TOKEN))
                }
            };
            let tenant = TenantName::parse(&fixture.tenant)
                .expect("BUG: fixture tenants are checked when the file is read");
            return Ok(Caller { user: fixture.user, refusal, ..self.caller_of(tenant) });
        }
        if let Some(body) = token.strip_prefix(ISSUED_PREFIX) {
            return self.issued_token(body).ok_or_else(|| {
                refusal("the token was not issued by this sandbox (another seed, other fixtures, or altered)")
                    .suggest(NEW_TOKEN)
            });
        }
        let message = format!("the token (fingerprint {}) is not known", self.fingerprint(token));
        Err(refusal(message).suggest(
            "use gnsb_<tenant>, a token of the fixtures, or one that /api/thirdparty/auth issued",
        ))
    }

    /// Reads what stands behind `gnsb_`: a tenant, and a scenario after the first dot.
    pub fn tenant_token(&self, rest: &str) -> Result<Caller, String> {
        let (name, scenario) = match rest.split_once('.') {
            Some((name, scenario)) => (name, Some(scenario.to_owned())),
            None => (rest, None),
        };
        // the name is not repeated: whatever stands there may be a secret
        let tenant = TenantName::parse(name).map_err(|_| {
            "after gnsb_ must stand the name of a tenant, 1 to 63 of a-z, 0-9 and -, the first not \
             -, and not anonymous"
                .to_owned()
        })?;
        if scenario.as_ref().is_some_and(|scenario| scenario.len() > LIMIT_SCENARIO) {
            return Err(format!(
                "the scenario after the tenant has more than {LIMIT_SCENARIO} letters"
            ));
        }
        Ok(Caller { scenario, ..self.caller_of(tenant) })
    }

    /// The `number`-th token of a tenant for `caller`, good until `expires_at_ms`.
    pub fn issue(&self, caller: &Caller, expires_at_ms: i64, number: u64) -> String {
        let user = caller.user.simple();
        let facts = format!("{}.{expires_at_ms:x}.{number:x}.{user}", caller.tenant);
        let scenario = caller.scenario.as_ref().map_or_else(String::new, |name| format!(".{name}"));
        let check = self.check_digits(&facts, &scenario);
        format!("{ISSUED_PREFIX}{facts}.{check}{scenario}")
    }

    fn issued_token(&self, body: &str) -> Option<Caller> {
        let mut parts = body.splitn(6, '.');
        let (tenant, expiry, number, user, check) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let scenario = parts.next();
        let facts = format!("{tenant}.{expiry}.{number}.{user}");
        let suffix = scenario.map_or_else(String::new, |name| format!(".{name}"));
        if check != self.check_digits(&facts, &suffix) {
            return None;
        }
        // the token may have been issued when the fixtures were others
        let user = Uuid::try_parse(user).ok().filter(|user| self.seed.users.contains_key(user))?;
        Some(Caller {
            tenant: TenantName::parse(tenant).ok()?,
            user,
            scenario: scenario.map(str::to_owned),
            expires_at_ms: Some(i64::from_str_radix(expiry, 16).ok()?),
            refusal: None,
        })
    }

    fn check_digits(&self, facts: &str, scenario: &str) -> String {
        format!("{:032x}", self.ids.hash(&format!("{facts}{scenario}"), Purpose::AccessToken, 0))
    }

    /// Eight hex digits by which two uses of one unknown token can be told to be the same.
    fn fingerprint(&self, token: &str) -> String {
        let mut hasher = SipHasher13::new_with_keys(self.fingerprint_key, 0);
        hasher.write(token.as_bytes());
        format!("{:08x}", hasher.finish() >> 32)
    }
}

/// What to do about a token whose time is over.
const NEW_TOKEN: &str = "get a new one from POST /api/thirdparty/auth";

/// Why an issued token is not accepted any more.
pub fn expired(message: String) -> Finding {
    refusal(message).suggest(NEW_TOKEN)
}

fn refusal(message: impl Into<String>) -> Finding {
    Finding::error("", CLAUSE, message)
}

/// The token of the one well-formed `Authorization: Bearer` header.
fn bearer_token(headers: &HeaderMap) -> Result<&str, Finding> {
    let want = "send Authorization: Bearer <gn-access-token>, for example Bearer gnsb_demo";
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (Some(value), None) => value,
        (Some(_), Some(_)) => {
            return Err(refusal("there is more than one Authorization header").suggest("send one"));
        }
        (None, _) if headers.contains_key(ACCESS_TOKEN_HEADER) => {
            let message = "the token is in a gn-access-token header, where only answers carry it";
            return Err(refusal(message).suggest(want));
        }
        (None, _) => return Err(refusal("the Authorization header is missing").suggest(want)),
    };
    let value = value.to_str().map_err(|_| {
        refusal("the Authorization header holds other than visible ASCII").suggest(want)
    })?;
    let (scheme, token) = value.trim().split_once(' ').unwrap_or((value.trim(), ""));
    let token = token.trim_start();
    if !scheme.eq_ignore_ascii_case("bearer") {
        // a scheme that is not a known one may be the secret itself
        let known = ["Basic", "Digest", "Token", "ApiKey", "Negotiate"];
        let shown = known.into_iter().find(|name| scheme.eq_ignore_ascii_case(name));
        let message = match shown {
            Some(name) => format!("the Authorization scheme is {name}, not Bearer"),
            None => "the Authorization header does not begin with the word Bearer".into(),
        };
        return Err(refusal(message).suggest(want));
    }
    if token.is_empty() {
        return Err(refusal("the Authorization header has no token after Bearer").suggest(want));
    }
    if token.contains([' ', '\t']) {
        return Err(refusal("there is a space in the token").suggest(want));
    }
    Ok(token)
}
