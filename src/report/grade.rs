//! Judges the calls of one tenant, which it is given one after another.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::attempt::{Attempt, FindOutcome, Moment};
use super::body_identity::RequestHashes;
use super::checklist::{Checklist, ItemFacts};
use super::client_finding::ClientFinding;
use super::expectation::{ClientExpectations, OutcomeCounts};
use super::ignore::IgnoredRule;
use super::operation::{JoinKeys, OpenOperations, Operation};
use super::rule::ClientRule;
use super::rules::{self, Mistake};
use super::summary::{Report, TenantEntry};
use super::unknown_names::{FindMissed, UnknownNames};
use crate::journal::CallRecord;
use crate::text::plural;
use crate::vendor::{Endpoint, endpoint_named};
use crate::world::TenantName;

/// The fewest logins that are too many.
const MANY_LOGINS: usize = 5;

/// What is the same for all tenants of a report.
#[derive(Debug, Clone)]
pub(crate) struct GradingContext {
    pub(crate) find_outcome: FindOutcome,
    pub(crate) find_missed: FindMissed,
    pub(crate) expectations: Arc<ClientExpectations>,
    pub(crate) moment: Moment,
}

/// What the calls of a tenant show, as far as they were added.
#[derive(Debug)]
pub(crate) struct TenantGrade {
    tenant: TenantName,
    context: GradingContext,
    /// How calls ended that chose a scenario which expects something.
    outcomes: BTreeMap<String, OutcomeCounts>,
    hashes: RequestHashes,
    calls: u64,
    operations: u64,
    cut_bodies: u64,
    open: OpenOperations,
    mistakes: Vec<Mistake>,
    items: ItemFacts,
    /// The first refusal of each expired token, by its fingerprint.
    expired: HashMap<u32, u64>,
    logins: Logins,
    unknown: UnknownNames,
}

/// How often a client logs in, and whether it does after a 401.
#[derive(Debug, Default)]
struct Logins {
    successful: Vec<u64>,
    other_calls: usize,
    after_refusal: AfterRefusal,
}

/// What a client has done since its token was refused.
#[derive(Debug, Default, Clone, Copy)]
enum AfterRefusal {
    #[default]
    Accepted,
    Refused(u64),
    LoggedIn {
        refused: u64,
        login: u64,
    },
}

impl TenantGrade {
    pub(crate) fn new(tenant: TenantName, context: GradingContext) -> Self {
        Self {
            tenant,
            context,
            outcomes: BTreeMap::new(),
            hashes: RequestHashes::default(),
            calls: 0,
            operations: 0,
            cut_bodies: 0,
            open: OpenOperations::default(),
            mistakes: Vec::new(),
            items: ItemFacts::default(),
            expired: HashMap::new(),
            logins: Logins::default(),
            unknown: UnknownNames::default(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.calls == 0
    }

    pub(crate) fn add(&mut self, record: &CallRecord) {
        self.calls += 1;
        self.count_outcome(record);
        if let Some(missed) = (self.context.find_missed)(record) {
            self.unknown.add_missed(record, missed);
            return;
        }
        let Some(endpoint) = record.endpoint.as_deref().and_then(endpoint_named) else { return };
        let Some(outcome) = (self.context.find_outcome)(&record.outcome) else { return };
        self.cut_bodies += u64::from(record.body_cut);
        let mut attempt = Attempt::of(record, outcome);
        self.look_at_token(&mut attempt);
        self.look_at_login(endpoint, &attempt);
        self.unknown.look_at(record);
        // most calls succeed at once; those that others cannot belong to are not compared
        let key = record.idempotency_key();
        let is_alone = endpoint.own_ids.is_empty() && key.is_none() && self.open.have_succeeded();
        if is_alone && attempt.is_success() && attempt.after_expiry.is_none() {
            self.operations += 1;
            return;
        }
        while let Some(operation) = self.open.take_ended(attempt.received_us) {
            self.judge(&operation);
        }
        attempt.request = self.hashes.identity(record, endpoint);
        attempt.reason = outcome.failure.and_then(|_| self.hashes.reason(record));
        let keys = self.join_keys(record, endpoint, &attempt, key);
        self.operations += u64::from(self.open.add(endpoint, attempt, keys));
    }

    /// Counts a call that chose a scenario which expects something.
    fn count_outcome(&mut self, record: &CallRecord) {
        if let Some(scenario) = record.scenario.as_deref()
            && self.context.expectations.contains_key(scenario)
        {
            let outcomes = self.outcomes.entry(scenario.to_owned()).or_default();
            *outcomes.entry(record.outcome.to_string()).or_default() += 1;
        }
    }

    fn join_keys(
        &self,
        record: &CallRecord,
        endpoint: &Endpoint,
        attempt: &Attempt,
        key: Option<(Option<&str>, Option<u32>)>,
    ) -> JoinKeys {
        // calls without a tenant may be those of many clients
        let client = if self.tenant == TenantName::anonymous() {
            Some(
                attempt
                    .token
                    .map_or_else(|| (0, record.seq), |fingerprint| (1, fingerprint.into())),
            )
        } else {
            None
        };
        let of = |what: &str, value: u64| self.hashes.of((endpoint.name, client, what, value));
        JoinKeys {
            own_id: attempt.request.own_id.map(|id| of("own id", id)),
            body: of("body", attempt.request.body),
            idempotency: key.map(|key| of("key", self.hashes.of(key))),
        }
    }

    fn look_at_token(&mut self, attempt: &mut Attempt) {
        let Some(token) = attempt.token else { return };
        attempt.after_expiry = self.expired.get(&token).copied();
        if attempt.is_expired {
            self.expired.entry(token).or_insert(attempt.seq);
        }
    }

    fn look_at_login(&mut self, endpoint: &Endpoint, attempt: &Attempt) {
        let Logins { successful, other_calls, after_refusal } = &mut self.logins;
        let seq = attempt.seq;
        if endpoint.is_login() {
            if attempt.is_success() {
                successful.push(seq);
                if let AfterRefusal::Refused(refused) = *after_refusal {
                    *after_refusal = AfterRefusal::LoggedIn { refused, login: seq };
                }
            }
            return;
        }
        *other_calls += 1;
        match *after_refusal {
            AfterRefusal::LoggedIn { refused, login } if attempt.is_success() => {
                self.items.add_login(refused, login, seq);
                *after_refusal = AfterRefusal::Accepted;
            }
            AfterRefusal::Accepted if attempt.is_token_refused() => {
                *after_refusal = AfterRefusal::Refused(seq);
            }
            AfterRefusal::Accepted | AfterRefusal::Refused(_) | AfterRefusal::LoggedIn { .. } => {}
        }
    }

    fn judge(&mut self, operation: &Operation) {
        let mistakes = rules::judge(operation, self.context.moment);
        self.items.add(operation, &mistakes);
        self.mistakes.extend(mistakes);
    }

    fn end(&mut self) {
        for operation in std::mem::take(&mut self.open).into_rest() {
            self.judge(&operation);
        }
        self.mistakes.extend(std::mem::take(&mut self.logins).mistake());
        self.mistakes.extend(std::mem::take(&mut self.unknown).mistakes());
        self.mistakes.sort_by_key(|mistake| (mistake.requests.first().copied(), mistake.rule));
    }

    /// Ends with the checklist; `unseen` is how many calls the journal has dropped.
    pub(crate) fn into_checklist(mut self, unseen: u64) -> Checklist {
        self.end();
        self.items.into_checklist(&self.tenant, unseen)
    }

    /// Ends and adds what was found to a report; `unseen` is how many calls the journal has dropped.
    pub(crate) fn add_to(mut self, report: &mut Report, ignored: &[IgnoredRule], unseen: u64) {
        self.end();
        let tenant = self.tenant.to_string();
        let finding = |Mistake { rule, requests, detail }| {
            ClientFinding::new(rule, tenant.clone(), requests, detail, ignored)
        };
        let findings: Vec<_> = self.mistakes.into_iter().map(finding).collect();
        let mut expectations = Vec::new();
        for (scenario, outcomes) in &self.outcomes {
            for expected in &self.context.expectations[scenario] {
                expectations.push(expected.judge(scenario, &tenant, &findings, outcomes, unseen));
            }
        }
        report.operations += self.operations;
        report.cut_bodies += self.cut_bodies;
        report.add(TenantEntry { tenant, calls: self.calls, unseen }, findings, expectations);
    }
}

impl Logins {
    fn mistake(self) -> Option<Mistake> {
        let logins = self.successful.len();
        if logins < MANY_LOGINS || logins < self.other_calls || self.other_calls == 0 {
            return None;
        }
        let (rule, others) = (ClientRule::LoginPerCall, self.other_calls as u64);
        let detail = format!("{} for {}", plural(logins, "login"), plural(others, "other call"));
        Some(Mistake { rule, requests: self.successful, detail })
    }
}
