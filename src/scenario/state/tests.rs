//! What a tenant's counters keep, and what they forget.

use http::HeaderMap;

use super::*;
use crate::scenario::counters::MAX_VALUES;
use crate::scenario::file::field_path::FieldValues;
use crate::scenario::line::parse_line;
use crate::scenario::read;
use crate::vendor::schema::{Arena, LazyTree};

/// Makes a call and returns the outcome that the scenario forces, if any.
fn call(state: &mut ScenarioState, scenario: &Arc<Scenario>, body: &str) -> Option<&'static str> {
    let (arena, headers) = (Arena::default(), HeaderMap::new());
    let body = LazyTree::of(body.as_bytes(), &arena);
    let (called, headers) = (EndpointSet::called(Some(ENDPOINTS[0])), &headers);
    let parameters = &crate::http::PathParameters::default();
    let (tenant, body, values) = ("demo", &body, FieldValues::default());
    let facts = CallFacts { called, tenant, parameters, headers, body, values, now_ms: 0, nth: 1 };
    let selection = state.select(scenario, &facts, Ids::new(42), None);
    state.record_use(scenario, &selection, Phase::AfterCommit);
    selection.step.map(|selected| selected.step().forced.name())
}

fn line(text: &str) -> Arc<Scenario> {
    Arc::new(parse_line(text).unwrap())
}

#[test]
fn the_least_recently_used_of_257_scenarios_is_forgotten() {
    let mut state = ScenarioState::default();
    let (first, second) = (line("1x500"), line("1x404"));
    for scenario in [&first, &second, &first] {
        call(&mut state, scenario, "");
    }
    for number in 2..MAX_SCENARIOS {
        call(&mut state, &line(&format!("1x412+{number}ms")), "");
    }
    assert_eq!(state.scenarios.len(), MAX_SCENARIOS);
    call(&mut state, &line("1x503"), "");
    assert_eq!(state.scenarios.len(), MAX_SCENARIOS);
    assert_eq!(call(&mut state, &first, ""), None, "its step is used up");
    let forgotten = call(&mut state, &second, "");
    assert_eq!(forgotten, Some("community-not-found"), "it begins again");
}

#[test]
fn values_past_the_ten_thousandth_share_counters() {
    for once in ["do: [{ outcome: 500 }]", "limit: 1, do: { outcome: 500 }"] {
        let rules = format!("version: 1\nrules:\n- {{ id: a, scope: field:group.name, {once} }}");
        let scenario = Arc::new(read(&rules, Some("test")).unwrap());
        let mut state = ScenarioState::default();
        let mut call_as = |name: usize| {
            call(&mut state, &scenario, &format!(r#"{{"group":{{"name":"{name}"}}}}"#))
        };
        for name in 0..MAX_VALUES {
            assert_eq!(call_as(name), Some("server-error"), "{name}");
        }
        assert_eq!(call_as(MAX_VALUES), Some("server-error"), "the first of the others");
        assert_eq!(call_as(MAX_VALUES + 1), None, "the second shares its counters");
        assert_eq!(call_as(0), None, "a known value keeps its own");
    }
}

#[test]
fn counters_are_weighed_and_a_long_line_is_not_kept_with_them() {
    let mut state = ScenarioState::default();
    assert_eq!(state.size_bytes(), 0);
    let long = "1x500,".repeat(150) + "ok";
    for number in 1..=MAX_SCENARIOS {
        call(&mut state, &line(&format!("{number}x404,{long}")), "");
    }
    let lines_bytes = state.size_bytes();
    assert!((20_000..80_000).contains(&lines_bytes), "{lines_bytes}");
    let rules = "version: 1\nrules:\n- { id: a, scope: field:group.name, do: [{ outcome: 500 }] }";
    let scenario = Arc::new(read(rules, Some("test")).unwrap());
    for name in 0..1000 {
        call(&mut state, &scenario, &format!(r#"{{"group":{{"name":"{name}"}}}}"#));
    }
    let values_bytes = state.size_bytes() - lines_bytes;
    assert!((32_000..120_000).contains(&values_bytes), "{values_bytes}");
    let mut before = state.size_bytes();
    let mut forgotten = 0;
    while state.forget_oldest() {
        assert!(state.size_bytes() < before, "each gives something back");
        before = state.size_bytes();
        forgotten += 1;
    }
    assert_eq!((forgotten, state.scenarios.capacity()), (MAX_SCENARIOS, 0));
    assert_eq!(state.size_bytes(), 0);
}

#[test]
fn rules_that_a_new_version_leaves_as_they_were_keep_their_counters() {
    let version = |second: &str| {
        let rules = format!(
            "version: 1\nrules:\n- {{ id: a, match: {{ nth: 1 }}, do: [{{ outcome: 500 }}] }}\n- {{ id: b, do: [{{ outcome: {second} }}] }}"
        );
        read(&rules, Some("test")).unwrap()
    };
    let first = version("404");
    let (mut changed, mut same) = (version("412"), version("404"));
    changed.keep_versions(&first);
    same.keep_versions(&first);
    let [first, changed, same] = [first, changed, same].map(Arc::new);
    let mut state = ScenarioState::default();
    assert_eq!(call(&mut state, &first, ""), Some("server-error"));
    assert_eq!(call(&mut state, &same, ""), Some("community-not-found"), "a is used up");
    assert_eq!(call(&mut state, &same, ""), None, "b is used up");
    assert_eq!(call(&mut state, &changed, ""), Some("precondition-failed"), "b is another");
    assert_eq!(state.acted(&changed), [1, 1]);
    assert_eq!(state.acted(&same), [1, 0], "what b was is not counted any more");
}

#[test]
fn what_a_rate_lets_pass_is_weighed_for_ten_thousand_values() {
    let rules = "version: 1\nrules:\n- { id: a, rate: 1/1s, scope: field:group.name, do: { outcome: 500 } }";
    let scenario = Arc::new(read(rules, Some("test")).unwrap());
    let mut state = ScenarioState::default();
    let mut sizes = Vec::new();
    for name in 0..MAX_VALUES {
        let body = format!(r#"{{"group":{{"name":"{name}"}}}}"#);
        assert_eq!(call(&mut state, &scenario, &body), None, "{name} passes");
        sizes.push(state.size_bytes());
    }
    assert!(sizes.is_sorted() && sizes[999] > 60_000 && sizes[999] < 300_000, "{}", sizes[999]);
    let other = |name: usize| format!(r#"{{"group":{{"name":"{name}"}}}}"#);
    assert_eq!(call(&mut state, &scenario, &other(MAX_VALUES)), None, "the first of the others");
    assert_eq!(call(&mut state, &scenario, &other(MAX_VALUES + 1)), Some("server-error"));
    assert_eq!(call(&mut state, &scenario, &other(0)), Some("server-error"), "it has its own");
    let full = state.size_bytes();
    assert!(state.forget_oldest() && state.size_bytes() < full / 10);
}
