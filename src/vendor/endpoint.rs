//! What an endpoint is: a row of the table, made of who is calling, what is wrong, and what a call
//! changes once nothing is.

use std::borrow::Cow;

use http::Method;

use super::schema::LazyTree;
use super::schema::field::{Deviation, Mark, Shape};
use super::{Finding, Findings, Outcome};
use crate::http::{Reply, Request};
use crate::tenant::{Caller, Gate};
use crate::world::World;
use crate::world::ids::Ids;

/// A row of the endpoint table.
pub struct Endpoint {
    /// The name in logs, journal and scenarios: `create_group`.
    pub name: &'static str,
    /// Its method.
    pub method: Method,
    /// Its path, without a base URL.
    pub path: &'static str,
    /// The fields of its body.
    pub shape: &'static Shape,
    /// The vendor's example answer as compact JSON, word for word.
    pub example: Option<&'static str>,
    /// How a call of it can end.
    pub outcomes: &'static [Outcome],
    /// What holds beyond single fields, and where that is from.
    pub rules: &'static [(&'static str, Mark)],
    /// Where it answers otherwise than the vendor's example.
    pub deviations: &'static [Deviation],
    /// Tells who is calling, which names the tenant.
    pub identify: for<'a> fn(&Request, &'a LazyTree<'a>, &Gate) -> Caller,
    /// Checks a call in the contract's order, changing nothing.
    pub check: for<'a> fn(&Call<'a>, &World) -> Result<Checked<'a>, Refusal>,
}

/// One call to an endpoint.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// What was sent.
    pub request: &'a Request,
    /// Its body, for all who look at it.
    pub body: &'a LazyTree<'a>,
    /// Who sent it.
    pub caller: &'a Caller,
    /// How the sandbox is set up.
    pub setting: &'a Setting,
    /// Issues and tells tokens.
    pub gate: &'a Gate,
    /// Unix milliseconds by the tenant's clock.
    pub now_ms: i64,
}

impl<'a> Call<'a> {
    /// The address our links begin with: the configured one, or the one the caller used.
    pub fn public_url(&self) -> Cow<'a, str> {
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

/// A call that passed every check: what it will change, and what the caller may want to know.
pub struct Checked<'a> {
    /// Warnings.
    pub findings: Findings,
    /// Whether every key of the body is one of the contract's, so that none can hold a secret that
    /// the contract does not know of.
    pub only_known_keys: bool,
    /// Makes the change and gives the answer.
    pub commit: Commit<'a>,
}

/// Makes a call's change and gives its answer; nothing can go wrong any more.
pub type Commit<'a> = Box<dyn FnOnce(&mut World) -> Reply + 'a>;

/// A call that the contract refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What the caller gets.
    pub outcome: Outcome,
    /// Why, with at least one error.
    pub findings: Findings,
}

impl Refusal {
    /// A refusal for one reason, after what was noted before.
    pub fn because(outcome: Outcome, mut findings: Findings, reason: Finding) -> Self {
        findings.add(reason);
        Self { outcome, findings }
    }
}
