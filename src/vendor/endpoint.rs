//! What an endpoint declares about itself. Documents, matchers, linter and tests are derived from
//! this declaration; nothing else names an endpoint or one of its fields.

use bytes::Bytes;
use http::Method;

use super::assumptions::Assumptions;
use super::changes::Changes;
use super::example::CallExample;
use super::finding::{Finding, Findings};
use super::outcome::Outcome;
use super::schema::{LazyTree, Provenance, Schema};
use super::tokens::{Caller, TokenVerifier};
use crate::described::described;
use crate::http::{PathParameters, Reply, Request};
use crate::text::named;
use crate::world::{World, ids::Ids};

/// An endpoint of the vendor's API.
pub struct Endpoint {
    /// The name in logs, journal and scenarios, and the `operationId`: `create_group`.
    pub(crate) name: &'static str,
    /// What it does, as one sentence for documents.
    pub(crate) summary: &'static str,
    pub(crate) tag: Tag,
    pub(crate) method: Method,
    /// The path, with parameters in braces.
    pub(crate) path: &'static str,
    pub(crate) authentication: Authentication,
    /// The path parameters, each a string.
    pub(crate) parameters: &'static Schema,
    /// The fields of its body.
    pub(crate) body: &'static Schema,
    pub(crate) answer: SuccessAnswer,
    /// The fields of the body with ids that callers make up, first that of what a call creates. None if
    /// a call that is made twice creates nothing twice.
    pub(crate) own_ids: &'static [&'static str],
    /// The fields in which a word `sandbox:OUTCOME` chooses a scenario; the first one with such a word
    /// counts.
    pub(crate) magic_word_fields: &'static [&'static str],
    /// A request that succeeds with the default fixtures however often it is sent.
    pub(crate) valid_request: ValidRequest,
    /// The vendor's example answer as compact JSON, word for word.
    pub(crate) documented_example: Option<&'static str>,
    /// Calls whose answers show how the endpoint works; the first one succeeds.
    pub(crate) examples: &'static [CallExample],
    /// The outcomes that a call can have.
    pub(crate) outcomes: &'static [Outcome],
    /// Those that it can have besides if an assumption is turned.
    pub(crate) turned_outcomes: &'static [TurnedOutcome],
    /// Rules that are not about a single field, each with its source.
    pub(crate) rules: &'static [(&'static str, Provenance)],
    /// The assumptions that it reads and where: a field of the body, `path.` and a parameter, `data.` and a
    /// field of the answer, or the beginning of a rule. Those about every body are not listed.
    pub(crate) assumptions: &'static [(&'static str, &'static str)],
    /// Known differences from the vendor's example answer.
    pub(crate) deviations: &'static [Deviation],
    /// Checks a call in the contract's order and changes nothing.
    pub check: for<'a> fn(&Call<'a>, &World) -> Result<Checked<'a>, Refusal>,
}

/// How callers authenticate.
#[derive(Clone, Copy)]
pub(crate) enum Authentication {
    /// An access token in the Authorization header.
    BearerToken,
    /// Keys in the body: the endpoint is a login, and its body is secret. The function identifies the
    /// caller.
    Login(fn(&LazyTree, &TokenVerifier, Assumptions) -> Caller),
}

/// The answer to a successful call: HTTP 200 with the envelope.
pub(crate) struct SuccessAnswer {
    /// The envelope's message.
    pub(crate) message: &'static str,
    /// The source of the message.
    pub(crate) message_provenance: Provenance,
    /// The fields of the envelope's data.
    pub(crate) data: &'static Schema,
    /// Headers that are part of the answer.
    pub(crate) headers: &'static [AnswerHeader],
}

/// A header that every success has.
pub(crate) struct AnswerHeader {
    pub(crate) name: &'static str,
    /// What it holds, as a sentence.
    pub(crate) description: &'static str,
    pub(crate) provenance: Provenance,
}

named! {
    /// What an endpoint is about: documents list the endpoints of one subject together.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Tag {
        Authentication = "Authentication",
        Communities = "Communities",
        Groups = "Groups",
    }
    pub(crate) const ALL;
}

impl Tag {
    /// The subject, as a sentence.
    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::Authentication => "Access tokens.",
            Self::Communities => "Communities and the people in them.",
            Self::Groups => "Groups, their people and their videos.",
        }
    }
}

/// An outcome that a call can have if an assumption is not read by its default.
pub(crate) struct TurnedOutcome {
    /// The name of the assumption.
    pub(crate) assumption: &'static str,
    pub(crate) variant: &'static str,
    pub(crate) outcome: Outcome,
}

/// A request that succeeds.
pub(crate) struct ValidRequest {
    /// Calls that must be made first, in order: an endpoint and a body.
    pub(crate) preparation: &'static [(&'static Endpoint, &'static str)],
    /// The values of the path parameters.
    pub(crate) parameters: &'static [(&'static str, &'static str)],
    /// The body, as JSON. `{n}` stands for the number of the call, for what must not be repeated.
    pub(crate) body: &'static str,
}

impl ValidRequest {
    /// Returns the body of the `n`-th call.
    pub(crate) fn body_of_call(&self, n: usize) -> String {
        self.body.replace("{n}", &n.to_string())
    }
}

described! {
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
}

impl Endpoint {
    /// Whether calls authenticate with keys in the body.
    pub(crate) fn is_login(&self) -> bool {
        match self.authentication {
            Authentication::BearerToken => false,
            Authentication::Login(_) => true,
        }
    }

    /// Returns the ledger's clause for a field or another part of a call: `create_group.community_id`.
    pub(crate) fn clause(&self, part: &str) -> String {
        format!("{}.{part}", self.name)
    }

    /// Identifies the caller of a request. If the token is not accepted, the caller has a `refusal`.
    pub fn identify(
        &self,
        request: &Request,
        body: &LazyTree,
        verifier: &TokenVerifier,
        assumptions: Assumptions,
    ) -> Caller {
        match self.authentication {
            Authentication::BearerToken => verifier.verify(&request.headers),
            Authentication::Login(identify) => identify(body, verifier, assumptions),
        }
    }

    /// Returns the name of the assumption that is read at a field, parameter or rule.
    pub(crate) fn assumption_at(&self, place: &str) -> Option<&'static str> {
        let is_here = |(known, _): &&(&str, &'static str)| {
            *known == place || (known.contains(' ') && place.starts_with(known))
        };
        self.assumptions.iter().find(is_here).map(|(_, name)| *name)
    }

    /// Iterates over the outcomes that a call can have, each with the source of its status: that of one which
    /// only an assumption adds is the assumption.
    pub(crate) fn outcomes_under(
        &self,
        assumptions: &Assumptions,
    ) -> impl Iterator<Item = (Outcome, Provenance)> {
        let turned: Vec<_> = assumptions.turned().collect();
        let has_turned =
            move |one: &&TurnedOutcome| turned.contains(&(one.assumption, one.variant));
        let turned = self.turned_outcomes.iter().filter(has_turned);
        let turned = turned.map(|one| (one.outcome, Provenance::Assumed));
        let declared = self.outcomes.iter().map(|outcome| (*outcome, outcome.status_provenance()));
        declared.chain(turned)
    }

    /// Returns the parameters of a path that matches the pattern; the path may begin with a scenario.
    pub(crate) fn parameters_of(&self, path: &str) -> PathParameters {
        let start = path.find("/api/").unwrap_or_default();
        PathParameters::matched(self.path, &path[start..]).unwrap_or_default()
    }

    /// Returns a call to the endpoint. A login needs no token.
    pub(crate) fn request(
        &self,
        parameters: &[(&str, &str)],
        token: &str,
        body: impl Into<Bytes>,
    ) -> Request {
        let token = (!self.is_login()).then_some(token);
        Request::json(self.method.clone(), &self.path_with(parameters), token, body)
    }

    /// Returns the path with the parameters replaced by values.
    pub(crate) fn path_with(&self, parameters: &[(&str, &str)]) -> String {
        parameters.iter().fold(self.path.to_owned(), |path, (name, value)| {
            path.replace(&format!("{{{name}}}"), value)
        })
    }
}

/// A call to an endpoint, with everything that its `check` needs.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The request as received.
    pub request: &'a Request,
    /// The path parameters, percent-decoded.
    pub parameters: &'a PathParameters,
    /// The body, which is parsed on first use.
    pub body: &'a LazyTree<'a>,
    /// The user who makes the call, and their tenant.
    pub caller: &'a Caller,
    /// The settings of the sandbox.
    pub config: &'a VendorConfig,
    /// Issues the tokens of a login.
    pub verifier: &'a TokenVerifier,
    /// Unix milliseconds by the tenant's clock.
    pub now_ms: i64,
}

/// The settings of a sandbox, the same for all calls.
#[derive(Debug)]
pub struct VendorConfig {
    /// Generates ids and slugs.
    pub ids: Ids,
    /// Which videos count as uploaded.
    pub media: MediaMode,
    /// What links start with, without a slash at the end.
    pub public_url: Option<String>,
    /// How the rules are read that nothing public states.
    pub assumptions: Assumptions,
}

/// Which videos count as uploaded (`assumed`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaMode {
    /// All except those whose name starts with `missing`.
    Lenient,
    /// Only those in the fixtures' media list.
    Strict,
}

/// A call that passed every check.
pub struct Checked<'a> {
    /// Warnings only.
    pub findings: Findings,
    plan: Box<dyn Plan + 'a>,
    pub(crate) change: Change,
}

/// Whether a commit changes the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Made,
    /// It only answers.
    None,
}

impl<'a> Checked<'a> {
    /// A call that makes a change, by what its check has found: `changes` says what it would change, and `commit`
    /// makes the change and returns the answer, which cannot fail.
    pub(crate) fn new<T: 'a>(
        findings: Findings,
        found: T,
        changes: impl Fn(&T, &World) -> Changes + 'a,
        commit: impl FnOnce(T, &mut World) -> Reply + 'a,
    ) -> Self {
        let plan = Box::new(FoundPlan { found, changes, commit });
        Self { findings, plan, change: Change::Made }
    }

    /// Returns what the call would change. Only those who ask for it pay for it.
    pub(crate) fn changes(&self, world: &World) -> Changes {
        self.plan.changes(world)
    }

    /// Makes the change and returns the answer.
    pub fn commit(self, world: &mut World) -> Reply {
        self.plan.commit(world)
    }
}

/// What a call that passed every check does.
trait Plan {
    fn changes(&self, world: &World) -> Changes;
    fn commit(self: Box<Self>, world: &mut World) -> Reply;
}

struct FoundPlan<T, C, M> {
    found: T,
    changes: C,
    commit: M,
}

impl<T, C, M> Plan for FoundPlan<T, C, M>
where
    C: Fn(&T, &World) -> Changes,
    M: FnOnce(T, &mut World) -> Reply,
{
    fn changes(&self, world: &World) -> Changes {
        (self.changes)(&self.found, world)
    }

    fn commit(self: Box<Self>, world: &mut World) -> Reply {
        (self.commit)(self.found, world)
    }
}

/// A call that the contract refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub(crate) outcome: Outcome,
    /// At least one error, which says why.
    pub(crate) findings: Findings,
}

impl Refusal {
    /// Creates a refusal with one more error than those found before.
    pub(crate) fn because(outcome: Outcome, mut findings: Findings, reason: Finding) -> Self {
        findings.add(reason);
        Self { outcome, findings }
    }
}
