//! However the rules are read, the list of outcomes says what this server sends.

use serde_json::Value;

use super::{TECH, app};
use crate::harness::{App, CREATE};

/// The outcomes that a rule can force here, with what the list says of each.
fn listed(app: &App) -> Vec<Value> {
    app.own("outcomes")["outcomes"].as_array().unwrap().clone()
}

#[test]
fn a_forced_outcome_answers_as_it_is_listed_under_every_assumption() {
    let assumptions = App::start().own("contract")["assumptions"].clone();
    for assumption in assumptions.as_array().unwrap() {
        let name = assumption["name"].as_str().unwrap();
        for variant in assumption["variants"].as_array().unwrap() {
            let variant = variant["name"].as_str().unwrap();
            let app = app(name, variant);
            let has_status = |outcome: &Value| outcome["status"].is_u64();
            let outcomes: Vec<_> = listed(&app).into_iter().filter(has_status).collect();
            assert!(outcomes.len() > 10, "{name}={variant}");
            for outcome in outcomes {
                let forced = outcome["name"].as_str().unwrap();
                let headers = [
                    ("Authorization", "Bearer gnsb_demo"),
                    ("Content-Type", "application/json"),
                    ("X-Sandbox-Scenario", forced),
                ];
                let body = format!(r#"{{"type":4,"community_id":"{TECH}"}}"#);
                let answer = app.send("POST", CREATE, &headers, body.as_bytes());
                let what = format!("{name}={variant} {forced}: {}", answer.body);
                assert_eq!(u64::from(answer.status), outcome["status"], "{what}");
                let body = outcome["body"].as_str().unwrap();
                // of others it says in words what is sent
                if body.starts_with('{') {
                    assert_eq!(answer.body, body, "{what}");
                }
            }
        }
    }
}
