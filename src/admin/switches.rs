//! `switches`: what was turned on or off, by whom and why.

use serde::{Deserialize, Serialize};

use super::input::{self, Input, ParsedRequest};
use super::listing::{self, Items, ListAnswer, Listing, SliceEnd};
use super::parameter::{Parameter, ParameterKind, TENANT_OR_ALL};
use crate::call::Sandbox;
use crate::clock::rfc3339_us;
use crate::described::described;
use crate::http::Problem;
use crate::switches::{MAX_SWITCHES, Switch, SwitchTarget};

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct SwitchList {
        /// The oldest first.
        pub(crate) switches: Vec<SwitchEntry>,
        /// How many were dropped to keep memory bounded, ever.
        pub(crate) dropped: u64,
    }
}

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct SwitchEntry {
        /// The machine's time, whatever the tenant's clock says.
        pub(crate) at: String,
        /// `*` for what concerns all tenants.
        pub(crate) tenant: String,
        pub(crate) what: String,
        pub(crate) scenario: Option<String>,
        pub(crate) owner: Option<String>,
        pub(crate) reason: Option<String>,
        pub(crate) detail: String,
    }
}

impl From<&Switch> for SwitchEntry {
    fn from(switch: &Switch) -> Self {
        let Switch { at_us, tenant, what, scenario, owner, reason, detail } = switch;
        Self {
            at: rfc3339_us(*at_us),
            tenant: tenant.clone(),
            what: what.name().to_owned(),
            scenario: scenario.clone(),
            owner: owner.clone(),
            reason: reason.clone(),
            detail: detail.clone(),
        }
    }
}

#[derive(Debug)]
pub(super) struct Choice {
    /// The name of a tenant, or `*`; `None` for those of all.
    tenant: Option<String>,
    last: usize,
}

impl Input for Choice {
    const PARAMETERS: &'static [Parameter] = &[
        Parameter::query(
            "tenant",
            "Only what concerns this tenant, or with `*` what concerns all.",
            ParameterKind::Formatted(TENANT_OR_ALL),
        ),
        Parameter::query(
            "last",
            "So many of the newest.",
            ParameterKind::Number(1, MAX_SWITCHES as u64),
        ),
    ];

    fn read(parsed: &ParsedRequest) -> Result<Self, Problem> {
        let tenant = parsed.query.get("tenant").map(|name| match name {
            SwitchTarget::ALL_TENANTS => Ok(name.to_owned()),
            name => input::tenant_or_anonymous(name).map(|name| name.to_string()),
        });
        let last = parsed.query.number("last")?.unwrap_or(MAX_SWITCHES);
        Ok(Self { tenant: tenant.transpose()?, last })
    }
}

#[derive(Debug, Clone)]
pub(super) struct Switches {
    tenant: Option<String>,
    /// The number of the last one that was looked at.
    number: u64,
    /// The number of the newest when the list began.
    until: u64,
}

impl Listing for Switches {
    type Object = SwitchList;
    const KEY: &'static str = "switches";

    fn object(&mut self, sandbox: &Sandbox) -> SwitchList {
        SwitchList { switches: Vec::new(), dropped: sandbox.switches.dropped() }
    }

    fn write_slice(&mut self, sandbox: &Sandbox, items: &mut Items) -> SliceEnd {
        let read = sandbox.switches.after(self.number);
        if read.is_empty() {
            return SliceEnd::Last;
        }
        for kept in read {
            if kept.number > self.until {
                return SliceEnd::Last;
            }
            self.number = kept.number;
            if concerns(&kept.switch, self.tenant.as_deref()) {
                items.add(&SwitchEntry::from(&*kept.switch));
            }
        }
        SliceEnd::More
    }
}

/// Whether a reader of one tenant, or of all, sees a switch.
pub(super) fn concerns(switch: &Switch, tenant: Option<&str>) -> bool {
    tenant.is_none_or(|tenant| switch.concerns(tenant))
}

pub(super) fn list(sandbox: &Sandbox, choice: Choice) -> ListAnswer<Switches> {
    // what is over has ended, though no call has come since
    sandbox.end_overrides();
    let Choice { tenant, last } = choice;
    let until = sandbox.switches.last_number();
    let number = sandbox.switches.number_before_newest(last, |it| concerns(it, tenant.as_deref()));
    listing::answer(sandbox, Switches { tenant, number, until })
}
