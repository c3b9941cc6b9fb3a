//! `tenants/{tenant}/normal`: whether anything can affect the next call of a tenant, and what it gets.

mod causes;
mod choosing;

use serde::{Deserialize, Serialize};

use super::input::TenantParameter;
use super::listing::{self, Items, ListAnswer, Listing, SliceEnd};
use super::world::read_world;
use crate::call::Sandbox;
use crate::clock::real_now_us;
use crate::described::described;
use crate::http::Problem;
use crate::journal::CallRecord;
use crate::vendor::create_group;
use crate::world::TenantName;
use causes::causes;
use choosing::Choosing;
pub(crate) use choosing::ChoosingCaller;

described! {
    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub(crate) struct NormalReply {
        /// Whether nothing can affect the next call that chooses no scenario itself.
        pub(crate) normal: bool,
        /// What can; empty exactly if all is normal.
        pub(crate) because: Vec<Cause>,
        /// What a valid Create Group would get.
        pub(crate) next: NextCall,
        /// The newest call; `None` if there is none.
        pub(crate) last: Option<LastCall>,
        /// Who has chosen a scenario for their own calls in the last 10 minutes. It does not count.
        pub(crate) choosing: Vec<ChoosingCaller>,
    }
}

described! {
    /// Something that can affect a call.
    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub(crate) struct Cause {
        pub(crate) what: String,
        /// In a sentence.
        pub(crate) detail: String,
        /// Who turned it on.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub(crate) owner: Option<String>,
        /// When it ends by itself, by the machine's clock.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub(crate) ends: Option<String>,
    }
}

described! {
    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub(crate) struct NextCall {
        pub(crate) outcome: String,
        /// `None` for a fault.
        pub(crate) status: Option<u16>,
        pub(crate) selector: String,
    }
}

described! {
    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub(crate) struct LastCall {
        pub(crate) outcome: String,
        /// `None` for a fault.
        pub(crate) status: Option<u16>,
        pub(crate) selector: String,
        /// In real time.
        pub(crate) seconds_ago: u64,
    }
}

/// The answer as it is read: the callers that choose for themselves are looked for in the journal.
#[derive(Debug, Clone)]
pub(super) struct Normal {
    reply: NormalReply,
    choosing: Choosing,
}

impl Listing for Normal {
    type Object = NormalReply;
    const KEY: &'static str = "choosing";

    fn object(&mut self, _: &Sandbox) -> NormalReply {
        self.reply.clone()
    }

    fn write_slice(&mut self, sandbox: &Sandbox, items: &mut Items) -> SliceEnd {
        self.choosing.write_slice(sandbox, items)
    }
}

pub(super) fn show(
    sandbox: &Sandbox,
    TenantParameter(name): TenantParameter,
) -> Result<ListAnswer<Normal>, Problem> {
    let because = causes(sandbox, &name);
    let reply = NormalReply {
        normal: because.is_empty(),
        because,
        next: next_call(sandbox, &name)?,
        last: sandbox.journal.last(&name).as_ref().map(LastCall::of),
        choosing: Vec::new(),
    };
    Ok(listing::answer(sandbox, Normal { reply, choosing: Choosing::of(name) }))
}

/// Explains a valid Create Group of the tenant that chooses no scenario.
fn next_call(sandbox: &Sandbox, name: &TenantName) -> Result<NextCall, Problem> {
    let body = read_world(sandbox, name, create_group::valid_body);
    let call = create_group::ENDPOINT.request(&[], &format!("gnsb_{name}"), body);
    let record = sandbox.explain(&call)?;
    let (outcome, selector) = (record.outcome.into_owned(), record.selector.into_owned());
    Ok(NextCall { outcome, status: record.status, selector })
}

impl LastCall {
    fn of(record: &CallRecord) -> Self {
        let ago_us = real_now_us().saturating_sub(record.received_us);
        Self {
            outcome: record.outcome.to_string(),
            status: record.status,
            selector: record.selector.to_string(),
            seconds_ago: u64::try_from(ago_us / 1_000_000).unwrap_or(0),
        }
    }
}
