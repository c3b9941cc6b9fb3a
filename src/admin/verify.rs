//! `/tenants/{t}/verify`: whether as many calls were made as a test expects, now or in a while.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::{Value, json};

use super::{read, requests};
use crate::call::Sandbox;
use crate::config_file::{
    Entry as Written, Located, Node, Problems, Read, Record, Value as Yaml, record, text_or_number,
    unknown_key,
};
use crate::http::Problem;
use crate::http::{Reply, Request};
use crate::journal::{CallRecord, Page, Query, keeps_header};
use crate::scenario::{Facts, Match};
use crate::vendor::ENDPOINTS;
use crate::vendor::schema::secret::is_secret_key;
use crate::vendor::schema::{Arena, LazyTree};
use crate::world::TenantName;

/// The longest wait, in milliseconds.
const LIMIT_WAIT_MS: u64 = 60_000;

/// An expectation, and how long to wait for it.
#[derive(Debug)]
pub struct Verify {
    tenant: TenantName,
    wanted: Wanted,
    count: Count,
    wait: Duration,
    /// Entries up to here are counted already.
    cursor: u64,
    matched: u64,
    dropped: u64,
}

/// The answer: whether the count holds, and the nearest other call if it does not.
#[derive(Debug, Serialize)]
pub struct Verdict {
    pub pass: bool,
    pub matched: u64,
    pub closest: Option<Closest>,
    pub dropped: u64,
}

/// A call that does not match, and why.
#[derive(Debug, Serialize)]
pub struct Closest {
    pub seq: u64,
    id: u64,
    pub misses: Vec<Miss>,
}

/// A condition that a call does not meet.
#[derive(Debug, Serialize)]
pub struct Miss {
    field: String,
    wanted: Value,
    found: Value,
}

impl fmt::Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {} {}, found {}", self.field, self.wanted, self.found)
    }
}

record! {
    #[derive(Debug)]
    struct VerifyBody {
        /// As in a rule, and outcome, status, committed, since.
        wanted "match": Located<Wanted> => or(Located { at: crate::config_file::Place::default(), value: Wanted::default() }),
        /// How many calls must match; at least one if left out.
        count: Option<Located<CountBody>> => optional,
        /// How long to wait until the count holds.
        wait_ms: Option<Located<u64>> => optional,
    }
}

record! {
    #[derive(Debug)]
    struct CountBody {
        min: Option<u64> => optional,
        max: Option<u64> => optional,
        exactly: Option<u64> => optional,
    }
}

#[derive(Debug, Clone, Copy)]
struct Count {
    min: u64,
    max: Option<u64>,
}

impl Count {
    fn holds(self, matched: u64) -> bool {
        matched >= self.min && self.max.is_none_or(|max| matched <= max)
    }
}

/// What a call must have been like.
#[derive(Debug, Default)]
struct Wanted {
    rule: Match,
    outcome: Option<String>,
    status: Option<u64>,
    committed: Option<bool>,
    since: Option<u64>,
}

record! {
    #[derive(Debug)]
    struct WantedBody {
        outcome: Option<OutcomeName> => optional,
        status: Option<u64> => optional,
        committed: Option<bool> => optional,
        since: Option<u64> => optional,
    }
}

/// The keys of a rule's match.
const RULE_KEYS: [&str; 7] = ["endpoint", "tenant", "header", "body", "nth", "any", "not"];
/// The keys that a rule's match does not have.
const OWN_KEYS: [&str; 4] = ["outcome", "status", "committed", "since"];

impl Read for Wanted {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let entries = Record::entries_of(node, problems)?;
        let known = [&RULE_KEYS[..], &OWN_KEYS].concat();
        if let Some(entry) = entries.iter().find(|entry| !known.contains(&entry.key.as_str())) {
            unknown_key(entry, &known, problems);
            return None;
        }
        let (own, rule) =
            entries.iter().cloned().partition(|entry| OWN_KEYS.contains(&entry.key.as_str()));
        let part = |entries| Node { at: node.at, value: Yaml::Map(entries) };
        let own = WantedBody::read(&part(own), problems);
        let rule = Match::read(&part(rule), problems);
        let (own, rule) = (own?, rule?);
        refuse_unkept(entries, problems);
        let outcome = own.outcome.map(|name| name.0);
        Some(Self { rule, outcome, status: own.status, committed: own.committed, since: own.since })
    }

    fn schema() -> Value {
        Match::schema()
    }
}

/// Refuses conditions on what the journal does not keep, inside `any` and `not` too.
fn refuse_unkept(entries: &[Written], problems: &mut Problems) {
    for entry in entries {
        match (entry.key.as_str(), &entry.node.value) {
            ("header", Yaml::Map(headers)) => {
                let unkept = |header: &&Written| !keeps_header(&header.key.to_ascii_lowercase());
                for Written { key, at, .. } in headers.iter().filter(unkept) {
                    let why = "so nothing can be said of it";
                    problems
                        .add(*at, format!("the journal does not keep the values of {key}, {why}"));
                }
            }
            ("body", Yaml::Map(fields)) => {
                for field in fields.iter().filter(|field| is_secret_key(&field.key)) {
                    let why =
                        "the journal keeps no keys and secrets, so nothing can be said of them";
                    problems.add(field.at, why);
                }
            }
            ("any", Yaml::List(items)) => {
                for item in items {
                    if let Yaml::Map(inner) = &item.value {
                        refuse_unkept(inner, problems);
                    }
                }
            }
            ("not", Yaml::Map(inner)) => refuse_unkept(inner, problems),
            _ => {}
        }
    }
}

#[derive(Debug)]
struct OutcomeName(String);

impl Read for OutcomeName {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let text = text_or_number(node, problems)?;
        match requests::outcome(&text) {
            Ok(name) => Some(Self(name)),
            Err(problem) => {
                problems.add(node.at, problem.detail());
                None
            }
        }
    }

    fn schema() -> Value {
        json!({"type": ["string", "integer"]})
    }
}

/// Reads an expectation. One that can never hold is refused at once.
pub fn begin(sandbox: &Sandbox, tenant: &TenantName, request: &Request) -> Result<Verify, Problem> {
    let verify = Verify::of(tenant, read::body(request)?)?;
    sandbox.tenant(tenant)?;
    Ok(verify)
}

impl Verify {
    /// Reads an expectation from text.
    pub fn parse(tenant: &TenantName, text: &str) -> anyhow::Result<Self> {
        let body =
            read::text_as(text).map_err(|problem| anyhow::anyhow!("{}", problem.detail()))?;
        Self::of(tenant, body).map_err(|problem| anyhow::anyhow!("{}", problem.detail()))
    }

    fn of(tenant: &TenantName, body: VerifyBody) -> Result<Self, Problem> {
        let count = match body.count.map(|count| count.value) {
            None => Count { min: 1, max: None },
            Some(CountBody { exactly: Some(exactly), min: None, max: None }) => {
                Count { min: exactly, max: Some(exactly) }
            }
            Some(CountBody { exactly: Some(_), .. }) => {
                return Err(read::bad("exactly stands alone; take min and max away").at("/count"));
            }
            Some(CountBody { exactly: None, min: None, max: None }) => {
                return Err(read::bad("count needs min, max or exactly").at("/count"));
            }
            Some(CountBody { exactly: None, min, max }) => Count { min: min.unwrap_or(0), max },
        };
        if count.max.is_some_and(|max| max < count.min) {
            return Err(read::bad("this can never hold: min is more than max").at("/count"));
        }
        let wanted = body.wanted.value;
        if wanted.status.is_some_and(|status| !(100..=599).contains(&status)) {
            return Err(
                read::bad("this can never hold: a status is from 100 to 599").at("/match/status")
            );
        }
        let wait_ms = body.wait_ms.map_or(0, |wait| wait.value);
        if wait_ms > LIMIT_WAIT_MS {
            return Err(read::bad(format!("wait_ms is at most {LIMIT_WAIT_MS}, not {wait_ms}"))
                .at("/wait_ms"));
        }
        let wait = Duration::from_millis(wait_ms);
        Ok(Verify {
            tenant: tenant.clone(),
            wanted,
            count,
            wait,
            cursor: 0,
            matched: 0,
            dropped: 0,
        })
    }

    /// The expected count in words, such as `exactly 2 matching calls`.
    pub fn expected(&self) -> String {
        let calls = |count| if count == 1 { "call" } else { "calls" };
        match self.count {
            Count { min, max: None } => format!("at least {min} matching {}", calls(min)),
            Count { min, max: Some(max) } if min == max => {
                format!("exactly {min} matching {}", calls(min))
            }
            Count { min: 0, max: Some(max) } => format!("at most {max} matching {}", calls(max)),
            Count { min, max: Some(max) } => format!("{min} to {max} matching calls"),
        }
    }

    /// How long to wait at most.
    pub fn wait(&self) -> Duration {
        self.wait
    }

    /// The answer, if the count holds or the time is up.
    pub fn check(&mut self, sandbox: &Sandbox, time_is_up: bool) -> Option<Reply> {
        self.count_new(sandbox);
        let is_over = self.count.holds(self.matched) || time_is_up;
        is_over.then(|| super::json(&json!(self.tell(sandbox))))
    }

    /// Judges the calls made so far.
    pub fn verdict(&mut self, sandbox: &Sandbox) -> Verdict {
        self.count_new(sandbox);
        self.tell(sandbox)
    }

    /// Counts the entries that have come since the last look.
    fn count_new(&mut self, sandbox: &Sandbox) {
        let page = self.entries_since(self.cursor, sandbox);
        let matching = page.entries.iter().filter(|entry| self.wanted.misses(entry).is_empty());
        self.matched += matching.count() as u64;
        (self.cursor, self.dropped) = (page.next, page.dropped);
    }

    fn tell(&self, sandbox: &Sandbox) -> Verdict {
        let pass = self.count.holds(self.matched);
        let closest = if pass { None } else { self.closest(sandbox) };
        Verdict { pass, matched: self.matched, closest, dropped: self.dropped }
    }

    /// Of the calls that miss by least, the newest, with what it misses.
    fn closest(&self, sandbox: &Sandbox) -> Option<Closest> {
        let page = self.entries_since(0, sandbox);
        let compared = page.entries.iter().rev().map(|entry| (entry, self.wanted.misses(entry)));
        let others = compared.filter(|(_, misses)| !misses.is_empty());
        let (entry, misses) = others.min_by_key(|(_, misses)| misses.len())?;
        Some(Closest { seq: entry.seq, id: entry.id, misses })
    }

    fn entries_since(&self, cursor: u64, sandbox: &Sandbox) -> Page {
        let since = cursor.max(self.wanted.since.unwrap_or(0));
        let query = Query { since, limit: usize::MAX, ..Query::default() };
        sandbox.journal.of_tenant(&self.tenant, &query)
    }
}

impl Wanted {
    /// What keeps an entry from matching, part by part.
    fn misses(&self, entry: &CallRecord) -> Vec<Miss> {
        let mut misses = Vec::new();
        let mut compare = |field: &str, wanted: Option<Value>, found: Value| {
            if let Some(wanted) = wanted.filter(|wanted| *wanted != found) {
                misses.push(Miss { field: field.to_owned(), wanted, found });
            }
        };
        compare(
            "outcome",
            self.outcome.as_ref().map(|outcome| json!(outcome)),
            json!(entry.outcome),
        );
        compare("status", self.status.map(|status| json!(status)), json!(entry.status));
        compare(
            "committed",
            self.committed.map(|committed| json!(committed)),
            json!(entry.committed),
        );
        let Some(endpoint) = ENDPOINTS.iter().find(|endpoint| endpoint.name == entry.endpoint)
        else {
            return misses;
        };
        if entry.body_cut && self.rule.needs_body() {
            misses.push(Miss {
                field: "body".to_owned(),
                wanted: json!("the whole of it"),
                found: json!("cut, as it was long"),
            });
        }
        let headers = headers(entry);
        let arena = Arena::for_body(entry.body.len());
        let body = LazyTree::of(&entry.body, &arena);
        let tenant = entry.tenant.as_str();
        let facts = Facts { endpoint, tenant, headers: &headers, body: &body, nth: entry.nth };
        let rule = self.rule.misses(&facts).into_iter();
        misses.extend(rule.map(|(field, wanted, found)| Miss {
            field,
            wanted: wanted.into(),
            found: found.into(),
        }));
        misses
    }
}

/// The headers whose values were kept.
fn headers(entry: &CallRecord) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in &entry.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        let value = HeaderValue::from_str(value.as_deref().unwrap_or_default());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    headers
}
