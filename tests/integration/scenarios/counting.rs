//! Counters are exact and separate for each tenant, and chance follows from the seed alone.

use std::collections::BTreeMap;
use std::sync::Barrier;

use super::{Call, ending, endings, write_rules};
use crate::harness::App;

const LINE: &str = "2x500, 5026, ok*";

/// Counts the outcomes when `threads` make `calls` each at the same time as one tenant.
fn at_once(app: &App, tenant: &str, threads: usize, calls: usize) -> BTreeMap<String, usize> {
    let call = Call::new().token(tenant).header(LINE);
    let start = Barrier::new(threads);
    let ended: Vec<String> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    endings(app, &call, calls)
                })
            })
            .collect();
        callers.into_iter().flat_map(|caller| caller.join().unwrap()).collect()
    });
    let mut counts = BTreeMap::new();
    for ending in ended {
        *counts.entry(ending).or_default() += 1;
    }
    counts
}

fn counts(expected: [(&str, usize); 3]) -> BTreeMap<String, usize> {
    expected.map(|(ending, count)| (ending.to_owned(), count)).into()
}

#[test]
fn a_line_is_exact_for_100_callers_at_once() {
    let app = App::start();
    let expected = counts([("500", 2), ("5026", 1), ("ok", 97)]);
    assert_eq!(at_once(&app, "gnsb_demo", 100, 1), expected);
}

#[test]
fn a_line_is_exact_for_each_of_20_tenants_at_once() {
    let app = App::start();
    let expected = counts([("500", 2), ("5026", 1), ("ok", 37)]);
    std::thread::scope(|scope| {
        let tenants: Vec<_> = (0..20)
            .map(|number| {
                let app = &app;
                scope.spawn(move || at_once(app, &format!("gnsb_tenant-{number}"), 4, 10))
            })
            .collect();
        for (number, tenant) in tenants.into_iter().enumerate() {
            assert_eq!(tenant.join().unwrap(), expected, "tenant {number}");
        }
    });
}

#[test]
fn one_caller_gets_the_steps_of_a_line_in_order() {
    let app = App::start();
    let ended = endings(&app, &Call::new().header(LINE), 6);
    assert_eq!(ended, ["500", "500", "5026", "ok", "ok", "ok"]);
}

#[test]
fn chance_hits_the_same_calls_whatever_other_tenants_do() {
    let call = Call::new().header("500@30%");
    let quiet = endings(&App::start(), &call, 100);
    let hits = quiet.iter().filter(|ending| *ending == "500").count();
    assert!((15..=45).contains(&hits), "{hits} of 100 at 30 %");
    let busy = App::start();
    let ended: Vec<_> = (0..10)
        .flat_map(|round| {
            std::thread::scope(|scope| {
                for thread in 0..4 {
                    let (call, busy) = (call.clone(), &busy);
                    scope.spawn(move || {
                        let tenant = format!("gnsb_other-{}", (thread + round) % 5);
                        endings(busy, &call.token(&tenant), 7)
                    });
                }
                endings(&busy, &call, 10)
            })
        })
        .collect();
    assert_eq!(ended, quiet);
}

#[test]
fn chance_differs_by_seed_tenant_and_scenario() {
    let ended = |seed, token: &str, line: &str| {
        let app = App::with(|builder| builder.seed(seed));
        endings(&app, &Call::new().token(token).header(line), 60)
    };
    let first = ended(1, "gnsb_demo", "500@50%");
    assert_eq!(ended(1, "gnsb_demo", "500@50%"), first);
    assert_ne!(ended(2, "gnsb_demo", "500@50%"), first, "another seed");
    assert_ne!(ended(1, "gnsb_other", "500@50%"), first, "another tenant");
    assert_ne!(ended(1, "gnsb_demo", "500 @50%"), first, "another scenario");
}

#[test]
fn the_seed_of_a_scenario_replaces_that_of_the_server() {
    let folder = tempfile::tempdir().unwrap();
    write_rules(&folder, "own", "- { id: a, chance: 0.5, do: { outcome: 500 } }\nseed: 7");
    write_rules(&folder, "none", "- { id: a, chance: 0.5, do: { outcome: 500 } }");
    let ended = |seed, name: &str| {
        let app = App::with(|builder| builder.seed(seed).scenarios(folder.path()));
        endings(&app, &Call::new().header(name), 60)
    };
    assert_eq!(ended(1, "own"), ended(2, "own"));
    assert_ne!(ended(1, "none"), ended(2, "none"));
}

#[test]
fn a_chance_of_0_never_hits_and_one_of_100_always() {
    let app = App::start();
    assert_eq!(endings(&app, &Call::new().header("500@0%"), 50), ["ok"; 50]);
    assert_eq!(endings(&app, &Call::new().header("500@100%"), 50), ["500"; 50]);
}

#[test]
fn a_line_keeps_its_counters_whichever_place_names_it() {
    let app = App::with(|builder| builder.scenario("1x500,404,412,5026,ok*"));
    let line = "1x500,404,412,5026,ok*";
    let calls = [
        Call::new().header(line),
        Call::new().url(line),
        Call::new().token(&format!("gnsb_demo.{line}")),
        Call::new(),
        Call::new().header(line),
    ];
    let ended: Vec<_> = calls.iter().map(|call| ending(&call.send(&app))).collect();
    assert_eq!(ended, ["500", "404", "412", "5026", "ok"]);
    let another = Call::new().header("1x500, 404,412,5026,ok*");
    assert_eq!(ending(&another.send(&app)), "500", "another text is another scenario");
    let stranger = Call::new().token("gnsb_other");
    assert_eq!(ending(&stranger.send(&app)), "500", "another tenant has its own counters");
}

#[test]
fn a_refused_call_uses_nothing_up() {
    let app = App::with(|builder| builder.scenario("2x500, 5026, ok*"));
    let good = Call::new();
    let refused = [
        Call::new().header("no-such-outcome"),
        Call::new().header("500").header("500"),
        Call::new().token("no-such-token"),
        Call::new().token("gn-expired-token"),
    ];
    let mut ended = Vec::new();
    for round in 0..4 {
        for (call, status) in refused.iter().zip([501, 501, 401, 401]) {
            assert_eq!(call.send(&app).status, status, "round {round}");
        }
        ended.push(ending(&good.send(&app)));
    }
    assert_eq!(ended, ["500", "500", "5026", "ok"]);
}

#[test]
fn a_call_that_ends_before_the_phase_uses_nothing_up() {
    let expired = Call::new().token("gn-expired-token");
    let invalid = Call::new().with("/type", serde_json::json!(5));
    let no_video = Call::new().with("/recorded_video/video_name", serde_json::json!("missing.mp4"));
    for (phase, earlier) in [
        ("after-auth", vec![(&expired, "401")]),
        ("after-validation", vec![(&expired, "401"), (&invalid, "400"), (&no_video, "5026")]),
        ("after-commit", vec![(&expired, "401"), (&invalid, "400"), (&no_video, "5026")]),
    ] {
        let app = App::with(|builder| builder.scenario(format!("1x503/{phase}")));
        for (call, expected) in earlier {
            assert_eq!(ending(&call.send(&app)), expected, "{phase}");
        }
        assert_eq!(endings(&app, &Call::new(), 2), ["503", "ok"], "{phase}");
    }
}

#[test]
fn an_invalid_call_that_reaches_the_phase_uses_up_a_step() {
    let invalid = Call::new().with("/type", serde_json::json!(5));
    let app = App::with(|builder| builder.scenario("1x503"));
    assert_eq!(ending(&invalid.send(&app)), "503");
    assert_eq!(ending(&Call::new().send(&app)), "ok");
}
