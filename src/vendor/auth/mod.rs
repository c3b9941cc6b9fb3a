//! `POST /api/thirdparty/auth`: issues an access token for a pair of keys.
//!
//! The token is in the answer's header `gn-access-token`; the body is not documented and is the plain
//! envelope (`assumed`). A missing, null or empty key is `brand-not-found`, a wrong one
//! `precondition-failed` (`sibling`).

mod examples;

use http::{HeaderName, HeaderValue, Method};

use self::examples::EXAMPLES;
use super::assumptions::{Assumptions, BodyTypes, TokenLife};
use super::body::read_call;
use super::changes::{ChangedData, Changes};
use super::endpoint::{
    AnswerHeader, Authentication, Call, Checked, Endpoint, Refusal, SuccessAnswer, Tag,
    ValidRequest,
};
use super::envelope;
use super::finding::{Finding, Findings, PatchOp};
use super::outcome::Outcome;
use super::schema::Provenance::{Assumed, Sibling};
use super::schema::secret::is_shown_key;
use super::schema::{
    FieldType, LazyTree, Schema, SecretText, Tree, always, coerce, escape, meant_field, object,
};
use super::tokens::{
    ACCESS_TOKEN_HEADER, Caller, MAX_SCENARIO_BYTES, TENANT_PREFIX, TokenVerifier,
};
use crate::text::quoted;
use crate::world::World;

pub(crate) static ENDPOINT: Endpoint = Endpoint {
    name: "auth",
    summary: "Logs in: returns an access token for a pair of keys.",
    tag: Tag::Authentication,
    method: Method::POST,
    path: "/api/thirdparty/auth",
    authentication: Authentication::Login(identify),
    parameters: Schema::EMPTY,
    body: Keys::SCHEMA,
    answer: SuccessAnswer {
        message: "Success",
        message_provenance: Assumed,
        data: Schema::EMPTY,
        headers: &[AnswerHeader {
            name: ACCESS_TOKEN_HEADER,
            description: "The access token, for the header `Authorization: Bearer`.",
            provenance: Sibling,
        }],
    },
    own_ids: &[],
    magic_word_fields: &[],
    valid_request: ValidRequest {
        preparation: &[],
        parameters: &[],
        body: r#"{"api_key":"demo-key","api_secret":"demo-secret"}"#,
    },
    documented_example: None,
    examples: EXAMPLES,
    outcomes: &[
        Outcome::Ok,
        Outcome::BadRequest,
        Outcome::BrandNotFound,
        Outcome::PreconditionFailed,
    ],
    turned_outcomes: &[],
    rules: &[
        ("needs no token; both keys are mandatory", Sibling),
        ("success is HTTP 200 with the token in the answer's header `gn-access-token`", Sibling),
        ("the body of a success is `{\"code\":200,\"message\":\"Success\",\"data\":{}}`", Assumed),
        ("a malformed body is refused before a missing key, and that before a wrong one", Assumed),
        ("a token is valid for 24 hours of the sandbox's clock", Assumed),
    ],
    assumptions: &[("a token is valid for 24 hours", "token-life")],
    deviations: &[],
    check,
};

/// How long an issued token is valid (`assumed`), in milliseconds.
fn lifetime_ms(life: TokenLife) -> i64 {
    match life {
        TokenLife::Day => 24 * 60 * 60 * 1000,
        TokenLife::Quarter => 15 * 60 * 1000,
        TokenLife::Forever => i64::MAX,
    }
}

/// How many keys of a body are compared with a field that is missing, which takes long.
const MAX_COMPARED_KEYS: usize = 20;

/// The secret of every `gnsb_<tenant>` key.
const TENANT_SECRET: &str = "gnsb-secret";

object! {
    /// The keys of a login.
    struct Keys<'a> as "AuthRequest" {
        optional "api_key" as api_key: SecretText<'a>, Sibling,
            rule "absent, null or \"\" is brand-not-found; another type is bad-request" Sibling, non_empty always;
        optional "api_secret" as api_secret: SecretText<'a>, Sibling,
            rule "absent, null or \"\" is brand-not-found; another type is bad-request" Sibling, non_empty always;
    }
}

/// Identifies the caller by the key, whenever it can be read: also where the call is refused for something else.
fn identify(body: &LazyTree, verifier: &TokenVerifier, assumptions: Assumptions) -> Caller {
    let body = body.get().map(|tree| match assumptions.body_types {
        BodyTypes::Strict => tree,
        BodyTypes::Coerce => coerce(tree, Keys::KIND, body.arena()),
    });
    let owner = match body.and_then(|body| body.get("api_key")) {
        Some(Tree::Text(key)) => owner(key, verifier),
        _ => None,
    };
    owner.map_or_else(|| verifier.anonymous(), |(caller, _)| caller)
}

/// Returns the caller that a key belongs to, and the secret that belongs to the key.
fn owner<'v>(api_key: &str, verifier: &'v TokenVerifier) -> Option<(Caller, &'v str)> {
    if let Some(rest) = api_key.strip_prefix(TENANT_PREFIX) {
        let is_visible = rest.bytes().all(|byte| byte.is_ascii_graphic());
        let caller = verifier.tenant_token(rest).ok().filter(|_| is_visible)?;
        return Some((caller, TENANT_SECRET));
    }
    let key = verifier.seed().keys.get(api_key)?;
    let caller = verifier.tenant_token(&key.tenant).expect("BUG: fixture tenants are checked");
    Some((Caller { user: key.user, ..caller }, &key.api_secret))
}

/// Whether a key has spaces in the line that is bound to it.
fn has_spaced_line(api_key: &str) -> bool {
    let line = api_key.strip_prefix(TENANT_PREFIX).and_then(|rest| rest.split_once('.'));
    line.is_some_and(|(_, line)| line.trim().contains(' '))
}

/// Returns the key that was probably sent for a field which is missing, if it is one that may be shown.
fn sent_instead_of<'a>(field: &str, call: &Call<'a>) -> Option<&'a str> {
    let body = call.body.get()?;
    let Tree::Object(entries) = body else { return None };
    let is_meant = |key: &&str| {
        let meant = meant_field(body, Keys::SCHEMA, key, &call.config.assumptions);
        meant.is_some_and(|meant| meant.name == field) && is_shown_key(Keys::SCHEMA, key)
    };
    entries.iter().map(|(key, _)| *key).take(MAX_COMPARED_KEYS).find(is_meant)
}

fn check<'a>(call: &Call<'a>, world: &World) -> Result<Checked<'a>, Refusal> {
    let ((), keys, mut findings) = read_call::<(), Keys>(call, &ENDPOINT, world)?;
    let error = |field: &str, message: &str| {
        Finding::error(format!("/{field}"), ENDPOINT.clause(field), message)
    };
    for (field, value) in [("api_key", keys.api_key), ("api_secret", keys.api_secret)] {
        if value.is_none_or(|value| value.0.is_empty()) {
            let message = if value.is_some() { "is empty" } else { "is missing" };
            let finding = error(field, message);
            let finding = if let Some(key) = sent_instead_of(field, call) {
                let from = format!("/{}", escape(key));
                findings.remove_warnings_at(&from);
                finding
                    .suggest(format!("you sent {} — did you mean {field:?}?", quoted(key)))
                    .with_patch(PatchOp::Move { from, path: format!("/{field}") })
            } else {
                let example =
                    "send both api_key and api_secret, for example demo-key and demo-secret";
                finding.suggest(example)
            };
            findings.add(finding);
        }
    }
    if findings.has_errors() {
        return Err(Refusal { outcome: Outcome::BrandNotFound, findings });
    }
    let wrong = |field: &str, message: &str, findings: Findings| {
        let reason = error(field, message)
            .suggest("use a key pair of the fixtures, or gnsb_<tenant> with gnsb-secret");
        Refusal::because(Outcome::PreconditionFailed, findings, reason)
    };
    let Some((caller, secret)) = keys.api_key.and_then(|key| owner(key.0, call.verifier)) else {
        let is_spaced = keys.api_key.is_some_and(|SecretText(key)| has_spaced_line(key));
        if is_spaced {
            let reason = error("api_key", "contains a space")
                .suggest("leave the spaces out of the line after gnsb_<tenant>.");
            return Err(Refusal::because(Outcome::PreconditionFailed, findings, reason));
        }
        return Err(wrong("api_key", "is not a known key", findings));
    };
    if keys.api_secret != Some(SecretText(secret)) {
        return Err(wrong("api_secret", "is not the secret of this key", findings));
    }
    if !caller.fits_into_token() {
        let message = format!("has a scenario of more than {MAX_SCENARIO_BYTES} bytes");
        return Err(wrong("api_key", &message, findings));
    }
    let lifetime_ms = lifetime_ms(call.config.assumptions.token_life);
    let (verifier, expires_at_ms) = (call.verifier, call.now_ms.saturating_add(lifetime_ms));
    let changes = |_: &Caller, _: &World| Changes::default().added(ChangedData::Tokens, 1);
    let commit = move |caller: Caller, world: &mut World| {
        let token = verifier.issue(&caller, expires_at_ms, world.issue_token());
        let token = HeaderValue::from_str(&token).expect("BUG: tokens are visible ASCII");
        let header = HeaderName::from_static(ACCESS_TOKEN_HEADER);
        envelope::empty_success(ENDPOINT.answer.message).with_header(header, token)
    };
    Ok(Checked::new(findings, caller, changes, commit))
}
