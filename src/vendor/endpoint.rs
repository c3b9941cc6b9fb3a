//! What an endpoint declares about itself. Everything that is said or tested about endpoints follows
//! from this declaration; nothing else names an endpoint or one of its fields.

use std::borrow::Cow;

use http::Method;

use super::finding::{Finding, Findings};
use super::outcome::Outcome;
use super::schema::{LazyTree, Provenance, Schema};
use super::tokens::{Caller, TokenVerifier};
use crate::http::{PathParameters, Reply, Request};
use crate::world::{World, ids::Ids};

/// An endpoint of the vendor's API.
pub struct Endpoint {
    /// The name in logs, journal and scenarios, and the `operationId`: `create_group`.
    pub(crate) name: &'static str,
    /// What it does, as one sentence for documents.
    pub(crate) summary: &'static str,
    /// Its method.
    pub(crate) method: Method,
    /// The pattern of its path, with parameters in braces.
    pub(crate) path: &'static str,
    /// How callers prove who they are.
    pub(crate) authentication: Authentication,
    /// The parameters of its path, each a string.
    pub(crate) parameters: &'static Schema,
    /// The fields of its body.
    pub(crate) body: &'static Schema,
    /// What it answers on success.
    pub(crate) answer: SuccessAnswer,
    /// The fields in which a word `sandbox:OUTCOME` chooses a scenario, first to last.
    pub(crate) magic_word_fields: &'static [&'static str],
    /// A request that succeeds with the default fixtures, again and again.
    pub valid_request: ValidRequest,
    /// The vendor's example answer as compact JSON, word for word.
    pub(crate) documented_example: Option<&'static str>,
    /// How a call of it can end, and where that is from.
    pub(crate) outcomes: &'static [(Outcome, Provenance)],
    /// What holds beyond single fields, and where that is from.
    pub(crate) rules: &'static [(&'static str, Provenance)],
    /// Where it knowingly answers differently from the vendor's example.
    pub(crate) deviations: &'static [Deviation],
    /// Checks a call in the contract's order and changes nothing.
    pub check: for<'a> fn(&Call<'a>, &World) -> Result<Checked<'a>, Refusal>,
}

/// How callers prove who they are.
#[derive(Clone, Copy)]
pub(crate) enum Authentication {
    /// By an access token in the Authorization header.
    BearerToken,
    /// By keys in the body: the endpoint is a login, and its body is secret.
    Login(for<'a> fn(&Request, &'a LazyTree<'a>, &TokenVerifier) -> Caller),
}

/// The answer to a call that succeeded: HTTP 200 with the envelope.
pub(crate) struct SuccessAnswer {
    /// The envelope's message.
    pub(crate) message: &'static str,
    /// The fields of the envelope's data.
    pub(crate) data: &'static Schema,
    /// Headers that carry a part of the answer, and where they are from.
    pub(crate) headers: &'static [(&'static str, Provenance)],
}

/// A request that succeeds.
pub struct ValidRequest {
    /// Calls to be made first, in order: an endpoint and a body.
    pub preparation: &'static [(&'static Endpoint, &'static str)],
    /// The values of the path's parameters.
    pub parameters: &'static [(&'static str, &'static str)],
    /// The body, as JSON.
    pub body: &'static str,
}

/// A difference between the vendor's example answer and what the sandbox answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Deviation {
    /// The field of the answer.
    pub(crate) field: &'static str,
    /// What the page's example shows.
    pub(crate) example: &'static str,
    /// What the sandbox answers.
    pub(crate) sandbox: &'static str,
}

impl Endpoint {
    /// Whether a call of it logs in.
    pub(crate) fn is_login(&self) -> bool {
        match self.authentication {
            Authentication::BearerToken => false,
            Authentication::Login(_) => true,
        }
    }

    /// The caller of a request; one whose token is not accepted has a refusal.
    pub fn identify<'a>(
        &self,
        request: &Request,
        body: &'a LazyTree<'a>,
        verifier: &TokenVerifier,
    ) -> Caller {
        match self.authentication {
            Authentication::BearerToken => verifier.verify(&request.headers),
            Authentication::Login(identify) => identify(request, body, verifier),
        }
    }

    /// Its path with values in the place of the parameters.
    pub fn path_with(&self, parameters: &[(&str, &str)]) -> String {
        parameters.iter().fold(self.path.to_owned(), |path, (name, value)| {
            path.replace(&format!("{{{name}}}"), value)
        })
    }
}

/// One call to an endpoint.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The request.
    pub request: &'a Request,
    /// The parameters of its path, percent-decoded.
    pub parameters: &'a PathParameters,
    /// Its body.
    pub body: &'a LazyTree<'a>,
    /// Who sent it.
    pub caller: &'a Caller,
    /// How the sandbox is set up.
    pub setting: &'a Setting,
    /// Verifies and issues tokens.
    pub verifier: &'a TokenVerifier,
    /// Unix milliseconds by the tenant's clock.
    pub now_ms: i64,
}

impl<'a> Call<'a> {
    /// The address that links begin with: the configured one, or the one the caller used.
    pub(crate) fn public_url(&self) -> Cow<'a, str> {
        if let Some(url) = &self.setting.public_url {
            return Cow::Borrowed(url);
        }
        let host = self.request.header(http::header::HOST).filter(|host| !host.is_empty());
        Cow::Owned(["http://", host.unwrap_or("localhost")].concat())
    }
}

/// How a sandbox is set up, the same for all calls.
#[derive(Debug)]
pub struct Setting {
    /// The source of ids.
    pub ids: Ids,
    /// Which videos count as uploaded.
    pub media: MediaMode,
    /// What links begin with, without a slash at the end.
    pub public_url: Option<String>,
}

/// Which videos count as uploaded (`assumed`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaMode {
    /// All but those whose name begins with `missing`.
    Lenient,
    /// Only those in the fixtures' media list.
    Strict,
}

/// A call that passed every check.
pub struct Checked<'a> {
    /// Warnings.
    pub findings: Findings,
    /// Makes the change and gives the answer.
    pub commit: Commit<'a>,
}

/// Makes a call's change and gives its answer; nothing can fail any more.
pub(crate) type Commit<'a> = Box<dyn FnOnce(&mut World) -> Reply + 'a>;

/// A call that the contract refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What the caller gets.
    pub(crate) outcome: Outcome,
    /// Why, with at least one error.
    pub(crate) findings: Findings,
}

impl Refusal {
    /// A refusal for one more reason than what was found before.
    pub(crate) fn because(outcome: Outcome, mut findings: Findings, reason: Finding) -> Self {
        findings.add(reason);
        Self { outcome, findings }
    }
}
