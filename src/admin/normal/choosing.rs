//! Callers that chose a scenario for their own calls lately: by a header, a URL, a token or a magic word.

use std::time::Duration;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::admin::listing::{Items, SliceEnd};
use crate::call::Sandbox;
use crate::clock::{micros, real_now_us, rfc3339_us};
use crate::described::described;
use crate::journal::{CallRecord, WalkBack, header_value};
use crate::scenario::Selector;
use crate::world::TenantName;

/// How far back calls are looked at.
const WINDOW: Duration = Duration::from_mins(10);

/// The most callers that are counted, those with the newest calls.
const MAX_CALLERS: usize = 100;

described! {
    /// The calls of one caller that chose the same scenario in the same way.
    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub(crate) struct ChoosingCaller {
        pub(crate) selector: String,
        pub(crate) scenario: Option<String>,
        pub(crate) user_agent: Option<String>,
        pub(crate) calls: u64,
        /// When the newest of them came, by the machine's clock.
        pub(crate) last: String,
    }
}

/// The callers as far as they are found, those with the newest calls first.
#[derive(Debug, Clone)]
pub(super) struct Choosing {
    walk: WalkBack,
    /// By selector, scenario and user agent.
    callers: IndexMap<[Option<String>; 3], ChoosingCaller>,
}

impl Choosing {
    /// Begins to look for the callers of a tenant.
    pub(super) fn of(tenant: TenantName) -> Self {
        const CHOOSING: [Selector; 4] =
            [Selector::Header, Selector::Url, Selector::MagicWord, Selector::Token];
        let since_us = real_now_us().saturating_sub(micros(WINDOW));
        let walk = WalkBack::new(tenant, CHOOSING.map(Selector::name).to_vec(), since_us);
        Self { walk, callers: IndexMap::new() }
    }

    /// Looks at one slice of the journal; writes all callers once it has seen all calls.
    pub(super) fn write_slice(&mut self, sandbox: &Sandbox, items: &mut Items) -> SliceEnd {
        let slice = sandbox.journal.read_back(&mut self.walk);
        for record in &slice.records {
            self.count(record);
        }
        if !slice.is_last {
            return SliceEnd::More;
        }
        for caller in self.callers.values() {
            items.add(caller);
        }
        SliceEnd::Last
    }

    fn count(&mut self, record: &CallRecord) {
        let user_agent = header_value(&record.headers, "user-agent").map(str::to_owned);
        let scenario = record.scenario.as_ref().map(ToString::to_string);
        let selector = record.selector.to_string();
        let key = [Some(selector.clone()), scenario.clone(), user_agent.clone()];
        if let Some(known) = self.callers.get_mut(&key) {
            known.calls += 1;
        } else if self.callers.len() < MAX_CALLERS {
            let last = rfc3339_us(record.received_us);
            let caller = ChoosingCaller { selector, scenario, user_agent, calls: 1, last };
            self.callers.insert(key, caller);
        }
    }
}
