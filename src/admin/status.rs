//! `status` and `metrics`.

use std::sync::Arc;

use http::StatusCode;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::answer::Json;
use crate::call::Sandbox;
use crate::clock::rfc3339_ms;
use crate::described::described;
use crate::http::Reply;
use crate::journal::JournalStats;
use crate::memory::{Budget, Budgets};
use crate::text::append;

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct Status {
        pub(crate) version: String,
        /// Which of several servers this is.
        pub(crate) instance: String,
        pub(crate) ready: bool,
        pub(crate) seed: u64,
        pub(crate) clock: ServerClock,
        pub(crate) uptime_s: u64,
        pub(crate) counts: Counts,
        /// Groups forgotten in all tenants.
        pub(crate) forgotten: u64,
        /// Posted videos forgotten in all tenants.
        #[serde(default)]
        pub(crate) videos_forgotten: u64,
        /// What clients make the server keep.
        pub(crate) memory: Memory,
        /// Communities that calls created, forgotten in all tenants.
        pub(crate) communities_forgotten: u64,
        /// Users that calls created, forgotten in all tenants.
        pub(crate) users_forgotten: u64,
        pub(crate) scenario: Option<String>,
        /// The assumptions that are not read by their default, and how they are read.
        #[serde(default)]
        pub(crate) assumptions: IndexMap<String, String>,
        pub(crate) scenarios: LoadedScenarios,
    }
}

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct ServerClock {
        pub(crate) mode: String,
        pub(crate) now: String,
    }
}

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct Counts {
        /// Open connections by what they do.
        pub(crate) connections: IndexMap<String, usize>,
        pub(crate) tenants: usize,
        pub(crate) groups: usize,
        /// Posted videos that are kept.
        #[serde(default)]
        pub(crate) videos: usize,
        pub(crate) calls: u64,
        /// Calls that wait because a scenario holds them.
        #[serde(default)]
        pub(crate) held: usize,
        pub(crate) journal_entries: u64,
        pub(crate) journal_dropped: u64,
        pub(crate) journal_bytes: usize,
    }
}

described! {
    /// The budgets by kind of data.
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct Memory {
        pub(crate) groups: BudgetUse,
        pub(crate) journal: BudgetUse,
        pub(crate) scenarios: BudgetUse,
        pub(crate) additions: BudgetUse,
        pub(crate) connections: BudgetUse,
    }
}

described! {
    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub(crate) struct BudgetUse {
        pub(crate) used_bytes: usize,
        pub(crate) limit_bytes: usize,
        /// How often there was too little left: what was new was refused, or what was oldest gave way.
        pub(crate) refused: u64,
        /// Where it is divided, what of it is for what: each part can be full while others are not.
        #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
        pub(crate) parts: IndexMap<String, PartUse>,
    }
}

described! {
    #[derive(Debug, Clone, Copy, Serialize, Deserialize)]
    pub(crate) struct PartUse {
        pub(crate) used_bytes: usize,
        pub(crate) limit_bytes: usize,
        /// How often there was too little left of it.
        pub(crate) refused: u64,
    }
}

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct LoadedScenarios {
        pub(crate) names: Vec<String>,
        pub(crate) last_error: Option<String>,
        /// Which files are not used since another scenario of their name wins, and what to do.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub(crate) unused_files: Vec<String>,
    }
}

pub(super) fn show(sandbox: &Sandbox, (): ()) -> Json<Status> {
    let (stats, forgotten) = (sandbox.tenants.stats(), sandbox.tenants.forgotten());
    let journal = sandbox.journal.stats();
    let scenarios = sandbox.library.all();
    let connections = sandbox.connections.count().into_iter();
    let assumptions = sandbox.assumptions();
    let turned = assumptions.turned();
    Json(Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        instance: sandbox.instance.clone(),
        ready: sandbox.is_ready(),
        seed: sandbox.seed,
        clock: ServerClock {
            mode: sandbox.clock.to_string(),
            now: rfc3339_ms(sandbox.clock.now_ms()),
        },
        uptime_s: sandbox.started.elapsed().as_secs(),
        counts: Counts {
            connections: connections.map(|(name, count)| (name.to_owned(), count)).collect(),
            tenants: stats.tenants,
            groups: stats.groups,
            videos: stats.videos,
            calls: sandbox.journal.last_id(),
            held: sandbox.holds.taken(),
            journal_entries: journal.records,
            journal_dropped: journal.evicted,
            journal_bytes: journal.bytes,
        },
        forgotten: forgotten.groups,
        videos_forgotten: forgotten.videos,
        memory: Memory::of(sandbox),
        communities_forgotten: forgotten.communities,
        users_forgotten: forgotten.users,
        scenario: sandbox.scenario().map(str::to_owned),
        assumptions: turned.map(|(name, variant)| (name.to_owned(), variant.to_owned())).collect(),
        scenarios: LoadedScenarios {
            names: scenarios.iter().map(|scenario| scenario.name.clone()).collect(),
            last_error: sandbox.library.last_error(),
            unused_files: sandbox.library.unused_files(),
        },
    })
}

impl Memory {
    fn of(sandbox: &Sandbox) -> Self {
        let Budgets {
            groups,
            communities,
            users,
            worlds,
            videos,
            journal,
            lines,
            counters,
            uploads,
            tenants,
            additions,
            switches,
            connections,
        } = &sandbox.memory;
        // each of them can be too little, and is part of this
        let of_worlds = [groups, communities, users, videos, worlds];
        let refused = of_worlds.map(|budget| budget.refused()).iter().sum();
        let stats = sandbox.journal.stats();
        Self {
            groups: BudgetUse { refused, ..BudgetUse::whole(worlds) },
            journal: BudgetUse {
                used_bytes: stats.bytes,
                limit_bytes: journal.limit_bytes(),
                refused: stats.evicted,
                parts: IndexMap::new(),
            },
            scenarios: BudgetUse::divided(&[
                ("lines", lines),
                ("counters", counters),
                ("uploads", uploads),
            ]),
            additions: BudgetUse::divided(&[
                ("tenants", tenants),
                ("additions", additions),
                ("switches", switches),
            ]),
            connections: BudgetUse::whole(connections),
        }
    }

    pub(crate) fn by_name(&self) -> [(&'static str, &BudgetUse); 5] {
        [
            ("groups", &self.groups),
            ("journal", &self.journal),
            ("scenarios", &self.scenarios),
            ("additions", &self.additions),
            ("connections", &self.connections),
        ]
    }
}

impl BudgetUse {
    fn whole(budget: &Budget) -> Self {
        let PartUse { used_bytes, limit_bytes, refused } = PartUse::of(budget);
        Self { used_bytes, limit_bytes, refused, parts: IndexMap::new() }
    }

    fn divided(budgets: &[(&str, &Arc<Budget>)]) -> Self {
        let part = |(name, budget): &(&str, &Arc<Budget>)| ((*name).into(), PartUse::of(budget));
        let parts: IndexMap<String, PartUse> = budgets.iter().map(part).collect();
        Self {
            used_bytes: parts.values().map(|part| part.used_bytes).sum(),
            limit_bytes: parts.values().map(|part| part.limit_bytes).sum(),
            refused: parts.values().map(|part| part.refused).sum(),
            parts,
        }
    }
}

impl PartUse {
    fn of(budget: &Budget) -> Self {
        Self {
            used_bytes: budget.used_bytes(),
            limit_bytes: budget.limit_bytes(),
            refused: budget.refused(),
        }
    }
}

/// Writes the counts for Prometheus. No tenant is named, so that the number of series is bounded; the
/// server is, so that those of several servers behind a proxy can be distinguished.
pub(super) fn metrics(sandbox: &Sandbox, (): ()) -> Reply {
    let mut metrics = Metrics { text: String::new(), instance: &sandbox.instance };
    metrics.write_calls(sandbox);
    metrics.write_totals(sandbox);
    metrics.write_connections(sandbox);
    metrics.write_memory(&Memory::of(sandbox));
    Reply::new(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", metrics.text)
}

const COUNTER: &str = "counter";
const GAUGE: &str = "gauge";

struct Metrics<'s> {
    text: String,
    instance: &'s str,
}

impl Metrics<'_> {
    fn write_calls(&mut self, sandbox: &Sandbox) {
        let outcomes = sandbox.outcomes();
        let calls = outcomes.iter().flat_map(|(endpoint, outcomes)| {
            outcomes.iter().map(move |(outcome, count)| {
                (format!(",endpoint=\"{endpoint}\",outcome=\"{outcome}\""), *count)
            })
        });
        let help = "Calls to the vendor's endpoints by outcome.";
        self.write("calls_total", (COUNTER, help), calls);
    }

    #[rustfmt::skip]
    fn write_totals(&mut self, sandbox: &Sandbox) {
        let (stats, forgotten) = (sandbox.tenants.stats(), sandbox.tenants.forgotten());
        let JournalStats { records, evicted, bytes } = sandbox.journal.stats();
        for (name, kind, help, value) in [
            ("tenants", GAUGE, "Tenants in memory.", stats.tenants as u64),
            ("groups", GAUGE, "Groups in memory, of all tenants.", stats.groups as u64),
            ("groups_forgotten_total", COUNTER, "Groups forgotten to keep memory bounded.", forgotten.groups),
            ("communities_forgotten_total", COUNTER, "Communities that calls created, forgotten to keep memory bounded.", forgotten.communities),
            ("users_forgotten_total", COUNTER, "Users that calls created, forgotten to keep memory bounded.", forgotten.users),
            ("videos", GAUGE, "Posted videos in memory, of all tenants.", stats.videos as u64),
            ("videos_forgotten_total", COUNTER, "Posted videos forgotten to keep memory bounded.", forgotten.videos),
            ("held_calls", GAUGE, "Calls that wait because a scenario holds them.", sandbox.holds.taken() as u64),
            ("journal_entries", GAUGE, "Journal entries in memory.", records),
            ("journal_dropped_total", COUNTER, "Journal entries dropped to keep memory bounded.", evicted),
            ("journal_bytes", GAUGE, "Memory of the journal in bytes.", bytes as u64),
            ("uptime_seconds", GAUGE, "Seconds since the start.", sandbox.started.elapsed().as_secs()),
        ] {
            self.write(name, (kind, help), [(String::new(), value)]);
        }
    }

    fn write_connections(&mut self, sandbox: &Sandbox) {
        let counts = sandbox.connections.count().into_iter();
        let counts = counts.map(|(state, count)| (format!(",state=\"{state}\""), count as u64));
        self.write("connections", (GAUGE, "Open connections by what they do."), counts);
    }

    fn write_memory(&mut self, memory: &Memory) {
        let budgets = memory.by_name();
        let whole = budgets.map(|(name, budget)| {
            let BudgetUse { used_bytes, limit_bytes, refused, .. } = *budget;
            (format!(",budget=\"{name}\""), PartUse { used_bytes, limit_bytes, refused })
        });
        self.write_uses(
            "memory",
            &whole,
            [
                "Memory of what clients make the server keep, by kind of data.",
                "The most memory that each kind of data may take.",
                "How often a kind of data had too little memory left.",
            ],
        );
        let parts = budgets.iter().flat_map(|(name, budget)| {
            let label = move |part: &str| format!(",budget=\"{name}\",part=\"{part}\"");
            budget.parts.iter().map(move |(part, used)| (label(part), *used))
        });
        self.write_uses(
            "memory_part",
            &parts.collect::<Vec<_>>(),
            [
                "Memory of the parts of a kind of data that is divided.",
                "The most memory that each part may take.",
                "How often a part had too little memory left.",
            ],
        );
    }

    /// Writes what is used, what the limit is and how often too little was left, each with what it is.
    fn write_uses(&mut self, name: &str, uses: &[(String, PartUse)], helps: [&str; 3]) {
        let values =
            |part: &PartUse| [part.used_bytes as u64, part.limit_bytes as u64, part.refused];
        let fields = [("used_bytes", GAUGE), ("limit_bytes", GAUGE), ("refused_total", COUNTER)];
        for (index, ((field, kind), help)) in fields.into_iter().zip(helps).enumerate() {
            let samples = uses.iter().map(|(labels, part)| (labels.clone(), values(part)[index]));
            self.write(&format!("{name}_{field}"), (kind, help), samples);
        }
    }

    /// Writes one metric: its kind, what it is, and its value for each set of more labels.
    fn write(
        &mut self,
        name: &str,
        (kind, help): (&str, &str),
        samples: impl IntoIterator<Item = (String, u64)>,
    ) {
        let Self { text, instance } = self;
        let name = format!("genuin_sandbox_{name}");
        append!(*text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
        for (labels, value) in samples {
            // the instance has no character that a label would have to escape
            append!(*text, "{name}{{instance=\"{instance}\"{labels}}} {value}\n");
        }
    }
}
