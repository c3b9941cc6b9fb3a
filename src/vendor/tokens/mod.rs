//! Resolves an access token to a caller, and issues new tokens.
//!
//! There are three kinds: `gnsb_<tenant>[.<scenario>]`, which needs no registration; the fixed tokens
//! of the fixtures; and those that `auth` issues. An issued token contains its caller and a checksum,
//! so that it is not stored and survives a reset.

mod bearer;

use std::hash::Hasher as _;
use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use rand::TryRng as _;
use siphasher::sip::SipHasher13;
use uuid::Uuid;

use crate::text::secrets::ISSUED_PREFIX;
pub(crate) use crate::text::secrets::TENANT_PREFIX;
use crate::vendor::finding::Finding;
use crate::world::ids::{Ids, Purpose};
use crate::world::{Seed, TenantName, TokenState};
use bearer::{bearer_token, split_scheme};

/// The header in which the vendor returns tokens (`sibling`).
pub(crate) const ACCESS_TOKEN_HEADER: &str = "gn-access-token";

/// The longest scenario in an issued token, in bytes: as long as a line, and the token fits into a header.
pub(crate) const MAX_SCENARIO_BYTES: usize = 1024;
/// The clause of every finding about tokens.
const CLAUSE: &str = "authorization";
/// The suggestion for a token that is not valid any more.
const NEW_TOKEN: &str = "get a new one from POST /api/thirdparty/auth";

/// The sender of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The tenant that the token names, or `anonymous`.
    pub(crate) tenant: TenantName,
    /// The user who makes the call.
    pub(crate) user: Uuid,
    /// The scenario that the token names.
    pub(crate) scenario: Option<String>,
    /// When an issued token expires, in Unix milliseconds of the tenant's clock.
    pub(crate) expires_at_ms: Option<i64>,
    /// Why the token is not accepted; `None` if it is.
    pub(crate) refusal: Option<Finding>,
}

impl Caller {
    /// Whether the scenario is short enough for an issued token.
    pub(crate) fn fits_into_token(&self) -> bool {
        self.scenario.as_ref().is_none_or(|scenario| scenario.len() <= MAX_SCENARIO_BYTES)
    }
}

/// Verifies tokens and issues new ones.
#[derive(Debug)]
pub struct TokenVerifier {
    seed: Arc<Seed>,
    ids: Ids,
    /// The random key of token fingerprints. With a fixed key, known tokens could be found in a log.
    fingerprint_key: u64,
}

impl TokenVerifier {
    /// Creates a verifier that accepts the fixed tokens of the seed.
    pub fn new(seed: Arc<Seed>, ids: Ids) -> Self {
        let fingerprint_key = rand::rngs::SysRng.try_next_u64().unwrap_or_default();
        Self { seed, ids, fingerprint_key }
    }

    pub(crate) fn seed(&self) -> &Seed {
        &self.seed
    }

    /// Returns a caller without a token.
    pub(crate) fn anonymous(&self) -> Caller {
        self.default_caller(TenantName::anonymous())
    }

    fn default_caller(&self, tenant: TenantName) -> Caller {
        Caller {
            tenant,
            user: self.seed.creator,
            scenario: None,
            expires_at_ms: None,
            refusal: None,
        }
    }

    /// Identifies the caller by the `Authorization: Bearer …` header.
    pub(crate) fn verify(&self, headers: &HeaderMap) -> Caller {
        let caller = bearer_token(headers).and_then(|token| self.caller(token));
        caller.unwrap_or_else(|finding| Caller { refusal: Some(finding), ..self.anonymous() })
    }

    fn caller(&self, token: &str) -> Result<Caller, Finding> {
        if let Some(rest) = token.strip_prefix(TENANT_PREFIX) {
            return self.tenant_token(rest).map_err(refusal);
        }
        if let Some(fixture) = self.seed.tokens.get(token) {
            let refusal = match fixture.state {
                TokenState::Valid => None,
                TokenState::Expired => Some(expired(None)),
                TokenState::Revoked => {
                    Some(refusal("the token has been revoked").suggest(NEW_TOKEN))
                }
            };
            let tenant = TenantName::parse(&fixture.tenant)
                .expect("BUG: fixture tenants are checked when the file is read");
            return Ok(Caller { user: fixture.user, refusal, ..self.default_caller(tenant) });
        }
        if let Some(rest) = token.strip_prefix(ISSUED_PREFIX) {
            return self.issued_token(rest).ok_or_else(|| {
                refusal("the token was not issued by this sandbox (it may be altered, or from another seed or other fixtures)")
                    .suggest(NEW_TOKEN)
            });
        }
        let fingerprint = self.fingerprint(token.as_bytes());
        let message = format!(
            "unknown token (fingerprint {fingerprint:08x}); real Genuin tokens do not work here"
        );
        Err(refusal(message).suggest(
            "use gnsb_<tenant>, for example gnsb_demo, a token of the fixtures, or one from POST /api/thirdparty/auth",
        ))
    }

    /// Identifies the caller of a `gnsb_` token from the rest of it: a tenant and, after the first dot, a
    /// scenario.
    pub(crate) fn tenant_token(&self, rest: &str) -> Result<Caller, String> {
        let (name, scenario) = match rest.split_once('.') {
            Some((name, scenario)) => (name, Some(scenario.to_owned())),
            None => (rest, None),
        };
        // the message does not repeat the name, which may be a secret
        let tenant = TenantName::parse(name).map_err(|_| {
            "the token names no tenant: gnsb_ must be followed by 1 to 63 of a-z, 0-9 and -, not starting \
             with -, and not by anonymous"
                .to_owned()
        })?;
        Ok(Caller { scenario, ..self.default_caller(tenant) })
    }

    /// Issues the `number`-th token of a tenant, valid until `expires_at_ms`.
    pub(crate) fn issue(&self, caller: &Caller, expires_at_ms: i64, number: u64) -> String {
        let user = caller.user.simple();
        let facts = format!("{}.{expires_at_ms:x}.{number:x}.{user}", caller.tenant);
        let scenario = caller.scenario.as_ref().map_or_else(String::new, |name| format!(".{name}"));
        let checksum = self.checksum(&facts, &scenario);
        format!("{ISSUED_PREFIX}{facts}.{checksum}{scenario}")
    }

    fn issued_token(&self, body: &str) -> Option<Caller> {
        let mut parts = body.splitn(6, '.');
        let (tenant, expiry, number, user, checksum) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let scenario = parts.next();
        let facts = format!("{tenant}.{expiry}.{number}.{user}");
        let suffix = scenario.map_or_else(String::new, |name| format!(".{name}"));
        if checksum != self.checksum(&facts, &suffix) {
            return None;
        }
        // the token may have been issued with other fixtures, which had other users
        let user = Uuid::try_parse(user).ok().filter(|user| self.seed.users.contains_key(user))?;
        let (tenant, expires_at_ms) =
            (TenantName::parse(tenant).ok()?, i64::from_str_radix(expiry, 16).ok());
        let scenario = scenario.map(str::to_owned);
        Some(Caller { user, scenario, expires_at_ms, ..self.default_caller(tenant) })
    }

    fn checksum(&self, facts: &str, scenario: &str) -> String {
        format!("{:032x}", self.ids.hash(&format!("{facts}{scenario}"), Purpose::AccessToken, 0))
    }

    /// Returns what log and journal keep of the `Authorization` header: its scheme, and the fingerprint of
    /// what follows it.
    pub(crate) fn describe_authorization(
        &self,
        headers: &HeaderMap,
    ) -> Option<(&'static str, u32)> {
        let (scheme, sent) = split_scheme(headers.get(AUTHORIZATION)?);
        Some((scheme, self.fingerprint(sent)))
    }

    /// Returns a number by which log and journal show that a token, or the keys of a login, were sent
    /// before, without giving them away.
    pub(crate) fn fingerprint(&self, token: &[u8]) -> u32 {
        let mut hasher = SipHasher13::new_with_keys(self.fingerprint_key, 0);
        hasher.write(token);
        (hasher.finish() >> 32) as u32
    }
}

/// The error for an expired token, and what it begins with where the time is known.
const EXPIRED: &str = "the token has expired";
const EXPIRED_AT: &str = "the token expired at ";

/// Creates the error for a token that has expired, at a time if that is known.
pub(crate) fn expired(at: Option<String>) -> Finding {
    let message = at.map_or_else(|| EXPIRED.to_owned(), |at| format!("{EXPIRED_AT}{at}"));
    refusal(message).suggest(NEW_TOKEN)
}

/// Whether a finding says that a token has expired.
pub(crate) fn is_expiry(finding: &Finding) -> bool {
    let begins = |text| finding.message.starts_with(text);
    finding.clause == CLAUSE && (begins(EXPIRED) || begins(EXPIRED_AT))
}

pub(super) fn refusal(message: impl Into<String>) -> Finding {
    Finding::error("", CLAUSE, message)
}
