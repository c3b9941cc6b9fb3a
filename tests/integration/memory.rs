//! What clients make the server keep is weighed, and bounded in bytes for each kind of data.

use serde_json::{Value, json};

use crate::admin::{ask, done, read, write};
use crate::harness::App;
use crate::scenarios::{Call, Kept};

const MIB: u64 = 1024 * 1024;

fn app(max_memory_mib: u32) -> App {
    App::with(|builder| builder.max_memory_mib(max_memory_mib))
}

/// What `status` says of one budget.
fn budget(app: &App, name: &str) -> Value {
    read(app.sandbox.address(), "status")["memory"][name].clone()
}

fn used(app: &App, name: &str) -> u64 {
    budget(app, name)["used_bytes"].as_u64().unwrap()
}

fn limit(app: &App, name: &str) -> u64 {
    budget(app, name)["limit_bytes"].as_u64().unwrap()
}

#[test]
fn groups_are_bounded_in_bytes_as_well_as_in_number() {
    /// Just below the size at which a group once counted as two.
    const DESCRIPTION: usize = 8000;
    let mut groups_kept = Vec::new();
    for mib in [12, 24] {
        let app = app(mib);
        let call = Call::new().name(&"x".repeat(DESCRIPTION)).bytes(&[]);
        let mut connection = Kept::open(app.sandbox.address());
        for _ in 0..1000 {
            assert_eq!(connection.call(&call), 200, "no call fails because of the bound");
        }
        let (used, limit) = (used(&app, "groups"), u64::from(mib) * MIB / 96 * 21);
        assert!((limit / 10 * 9..=limit).contains(&used), "{mib} MiB: {used} of {limit}");
        let status = read(app.sandbox.address(), "status");
        let kept = status["counts"]["groups"].as_u64().unwrap();
        assert_eq!(status["forgotten"], 1000 - kept);
        assert_eq!(status["memory"]["groups"]["refused"], 1000 - kept);
        assert!(kept * DESCRIPTION as u64 <= limit, "{kept}");
        groups_kept.push(kept);
    }
    let [half, whole] = groups_kept[..] else { unreachable!() };
    assert!(whole.abs_diff(2 * half) <= 2, "with twice as much, twice as many are kept");
}

#[test]
fn status_and_metrics_count_all_that_tenants_forget_for_memory() {
    let app = app(12);
    let address = app.sandbox.address();
    let long = "x".repeat(200_000);
    for number in 0..30 {
        let community = include_str!("examples/create-community.request.json");
        let mut community: Value = serde_json::from_str(community).unwrap();
        community["handle"] = json!(format!("h{number}"));
        community["description"] = json!(long);
        let answer = app.post_as("gnsb_founder", "/api/thirdparty/community/create", &community);
        assert_eq!(answer.status, 200, "{}", answer.body);
        let group = Call::new().token("gnsb_writer").with("/group/description", json!(long));
        assert_eq!(group.send(&app).status, 200);
    }
    // the oldest are forgotten first
    let groups = crate::admin::list(&read(address, "tenants/writer/groups"), "groups");
    let group = groups.last().unwrap()["chat_id"].clone();
    for _ in 0..30 {
        let video = json!({
            "chat_id": group, "link": "", "video_name": "a.mp4", "thumbnail_name": "a.jpg", "duration": "8",
            "resolution": "1x1", "size": "5", "aspect_ratio": "16:9", "description_text": long,
        });
        let answer = app.post_as("gnsb_writer", "/api/thirdparty/conversation/reply", &video);
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    let worlds = ["founder", "writer"].map(|name| read(address, &format!("tenants/{name}/state")));
    let status = read(address, "status");
    let metrics = ask(address, "GET", "metrics", "").body;
    for (key, metric) in [
        ("forgotten", "groups"),
        ("communities_forgotten", "communities"),
        ("users_forgotten", "users"),
        ("videos_forgotten", "videos"),
    ] {
        let count: u64 = worlds.iter().map(|state| state[key].as_u64().unwrap()).sum();
        assert_eq!(status[key], count, "{key}");
        let line = metrics
            .lines()
            .find(|line| line.starts_with(&format!("genuin_sandbox_{metric}_forgotten_total{{")));
        assert!(line.unwrap().ends_with(&format!(" {count}")), "{line:?}");
        assert_eq!(count > 0, key != "users_forgotten", "{key}: {count}");
    }
    done(address, "DELETE", "tenants/writer");
    assert_eq!(read(address, "status")["videos_forgotten"], status["videos_forgotten"], "it stays");
}

#[test]
fn a_new_line_on_each_call_takes_no_more_than_the_budget() {
    let mut used_bytes = Vec::new();
    for mib in [12, 96] {
        let app = app(mib);
        let address = app.sandbox.address();
        let rest = "ok,".repeat(330);
        let mut connection = Kept::open(address);
        for number in 1..=3000 {
            let token = format!("gnsb_t{}", number / 256);
            let call =
                Call::new().token(&token).header(&format!("{number}x500,{rest}ok")).bytes(&[]);
            assert_eq!(connection.call(&call), 500);
        }
        let (used, limit) = (used(&app, "scenarios"), limit(&app, "scenarios"));
        assert_eq!(limit, u64::from(mib) * MIB / 96 * 7);
        assert!(used <= limit, "{mib} MiB: {used} of {limit}");
        used_bytes.push(used);
        let again = Call::new().token("gnsb_t11").header(&format!("3000x500,{rest}ok"));
        assert_eq!(again.send(&app).status, 500, "a line goes on where it was");
    }
    let [small, large] = used_bytes[..] else { unreachable!() };
    assert!(2 * large > 3 * small, "with more memory more is kept: {small} and {large}");
}

#[test]
fn counters_that_take_too_much_give_way_and_no_call_is_refused() {
    let rule = "- { id: once, scope: field:group.name, do: [{ outcome: 500 }] }";
    for mib in [12, 96] {
        let folder = tempfile::tempdir().unwrap();
        crate::scenarios::write_rules(&folder, "test", rule);
        let app = App::with(|builder| {
            builder.scenarios(folder.path()).scenario("test").max_memory_mib(mib)
        });
        let call = |tenant: &str, name: usize| {
            Call::new().token(tenant).name(&format!("name {name}")).bytes(&[])
        };
        let mut connection = Kept::open(app.sandbox.address());
        assert_eq!(connection.call(&call("gnsb_small", 1)), 500);
        for name in 0..4000 {
            assert_eq!(connection.call(&call("gnsb_first", name)), 500);
        }
        for name in 0..4000 {
            assert_eq!(connection.call(&call("gnsb_second", name)), 500);
        }
        let (used, limit) = (used(&app, "scenarios"), limit(&app, "scenarios"));
        assert!(used <= limit, "{mib} MiB: {used} of {limit}");
        assert_eq!(connection.call(&call("gnsb_small", 1)), 200, "a small tenant keeps its own");
        let begins_again = ["gnsb_first", "gnsb_second"]
            .map(|tenant| connection.call(&call(tenant, 1)) == 500)
            .contains(&true);
        assert_eq!(begins_again, mib == 12, "{mib} MiB: counters that gave way begin again");
        let refused = budget(&app, "scenarios")["refused"].as_u64().unwrap();
        assert_eq!(refused > 0, mib == 12, "{mib} MiB: {refused}");
    }
}

#[test]
fn uploads_are_refused_when_their_budget_is_full_and_a_deleted_one_makes_room() {
    let upload = |app: &App, name: &str, length: usize| {
        let text = format!(
            "version: 1\ndescription: {}\nrules:\n- {{ id: a, do: {{ outcome: 500 }} }}",
            "x".repeat(length)
        );
        let headers = [("Content-Type", "application/yaml")];
        app.send("PUT", &format!("/_sandbox/v1/scenarios/{name}"), &headers, text.as_bytes())
    };
    let mut counts = Vec::new();
    for mib in [12, 24] {
        let app = app(mib);
        let fitting = (0..50).take_while(|number| {
            let answer = upload(&app, &format!("s{number}"), 50_000);
            let detail = answer.json()["detail"].as_str().unwrap_or_default().to_owned();
            assert!(answer.status == 200 || answer.status == 507, "{}", answer.body);
            if answer.status == 507 {
                assert!(detail.starts_with("the scenario takes 5"), "{detail}");
                let end = "are left for uploads; delete one, or raise --max-memory";
                assert!(detail.ends_with(end), "{detail}");
            }
            answer.status == 200
        });
        let count = fitting.count();
        assert!(used(&app, "scenarios") <= limit(&app, "scenarios"));
        assert_eq!(budget(&app, "scenarios")["refused"], 1);
        // a call that used it does not keep it
        assert_eq!(Call::new().header("s0").send(&app).status, 500);
        assert_eq!(upload(&app, "s0", 100).status, 200, "a smaller version replaces it");
        assert_eq!(upload(&app, "s99", 40_000).status, 200, "there is room again");
        done(app.sandbox.address(), "DELETE", "scenarios/s1");
        assert_eq!(upload(&app, "s98", 50_000).status, 200, "and again");
        counts.push(count);
    }
    let [half, whole] = counts[..] else { unreachable!() };
    assert!(half >= 5 && whole.abs_diff(2 * half) <= 2, "{counts:?}");
}

#[test]
fn what_is_added_to_tenants_is_refused_when_the_budget_is_full() {
    let user = |name: usize, length: usize| {
        let user_id = format!("{name:08x}-1111-4222-8333-444455556666");
        json!({"user_id": user_id, "username": format!("u{name}"), "name": "x".repeat(length)})
    };
    let community = |name: usize| {
        let community_id = format!("{name:08x}-2222-4222-8333-444455556666");
        json!({
            "community_id": community_id, "handle": format!("c{name}"), "name": "c", "type": 1,
            "description": "y".repeat(100_000), "color_code": "#000000", "text_color_code": "#ffffff",
        })
    };
    let mut counts = Vec::new();
    for mib in [12, 48] {
        let app = app(mib);
        let address = app.sandbox.address();
        let before = used(&app, "additions");
        let fits = |number: &usize| {
            let path = format!("tenants/t{}/users", number % 7);
            let answer = ask(address, "POST", &path, &user(*number, 100_000).to_string());
            if answer.status == 507 {
                let detail = answer.json()["detail"].as_str().unwrap().to_owned();
                assert!(detail.starts_with("the user takes 100"), "{detail}");
                assert!(
                    detail.ends_with("reset or delete tenants, or raise --max-memory"),
                    "{detail}"
                );
            }
            answer.status == 201
        };
        let count = (0..100).take_while(fits).count();
        let taken = used(&app, "additions") - before;
        let limit = limit(&app, "additions");
        assert!(
            (count as u64 * 100_000..limit / 4 + 20_000).contains(&taken),
            "{taken} of {limit}"
        );
        let answer = ask(address, "POST", "tenants/t1/communities", &community(1).to_string());
        assert_eq!(answer.status, 507, "{}", answer.body);
        assert!(answer.body.contains("the community takes 100"), "{}", answer.body);
        assert_eq!(Call::new().token("gnsb_another").send(&app).status, 200, "tenants have room");
        write(address, "POST", "tenants/t0/reset", &json!({"what": ["state"]}));
        let answer = ask(address, "POST", "tenants/t1/communities", &community(1).to_string());
        assert_eq!(answer.status, 201, "a reset makes room: {}", answer.body);
        let part = &budget(&app, "additions")["parts"]["additions"];
        let [taken, limit] = ["used_bytes", "limit_bytes"].map(|key| part[key].as_u64().unwrap());
        assert!(taken <= limit && part["refused"] == 2, "the part that refused is shown: {part}");
        counts.push(count);
    }
    let [part, whole] = counts[..] else { unreachable!() };
    assert!((2..25).contains(&part) && whole >= 4 * part, "{counts:?}");
}

#[test]
fn overrides_are_weighed_without_the_spaces_around_their_scenario() {
    let app = app(12);
    let address = app.sandbox.address();
    let path = |tenant: usize| format!("tenants/t{tenant}/scenario");
    let spaces = " ".repeat(500_000);
    let put = json!({"scenario": format!("{spaces}ok {spaces}"), "ttl": "forever"});
    let answer = write(address, "PUT", &path(0), &put);
    assert_eq!(answer["override"]["scenario"], "ok");
    assert_eq!(Call::new().token("gnsb_t0").send(&app).status, 200);
    let (reason, line) = ("\u{10ffff}".repeat(500), "1x500, ".repeat(140) + "ok");
    let long = json!({"scenario": line, "ttl": "forever", "reason": reason});
    let mut tenants = 0;
    let refused = loop {
        tenants += 1;
        let answer = ask(address, "PUT", &path(tenants), &long.to_string());
        if answer.status != 200 {
            break answer;
        }
    };
    assert_eq!(refused.status, 507, "{}", refused.body);
    assert!(refused.body.contains("the override takes 29"), "{}", refused.body);
    assert!((60..150).contains(&tenants), "{tenants}");
    write(address, "PUT", &path(1), &long);
    assert_eq!(Call::new().token("gnsb_new").send(&app).status, 200, "calls are answered");
    done(address, "DELETE", &path(1));
    write(address, "PUT", &path(tenants), &long);
}

#[test]
fn what_a_budget_is_divided_into_is_all_of_it() {
    let app = app(96);
    let memory = &read(app.sandbox.address(), "status")["memory"];
    let metrics = ask(app.sandbox.address(), "GET", "metrics", "").body;
    for (name, parts) in [
        ("scenarios", ["lines", "counters", "uploads"]),
        ("additions", ["tenants", "additions", "switches"]),
    ] {
        let shown = memory[name]["parts"].as_object().unwrap();
        assert_eq!(shown.keys().collect::<Vec<_>>(), parts, "{name}");
        for key in ["used_bytes", "limit_bytes", "refused"] {
            let sum: u64 = shown.values().map(|part| part[key].as_u64().unwrap()).sum();
            assert_eq!(memory[name][key], sum, "{name} {key}");
        }
        for part in parts {
            let series =
                format!("budget=\"{name}\",part=\"{part}\"}} {}", shown[part]["limit_bytes"]);
            assert!(metrics.contains(&series), "{series}");
        }
    }
}

#[test]
fn tenants_are_bounded_by_memory_too() {
    let app = app(12);
    let name = |number: usize| format!("gnsb_{:0>63}", format!("t{number}"));
    let mut connection = Kept::open(app.sandbox.address());
    let call = |number: usize| Call::new().token(&name(number)).bytes(&[]);
    let count = (0..3000).take_while(|number| connection.call(&call(*number)) == 200).count();
    let additions = budget(&app, "additions");
    assert!((1000..2000).contains(&count), "{count}");
    assert!(used(&app, "additions") <= limit(&app, "additions"), "{additions}");
    let refused = Call::new().token(&name(count)).send(&app);
    assert_eq!(refused.status, 507);
    let detail = format!("there are {count} tenants, and none has been idle for ten minutes");
    assert!(refused.body.contains(&detail), "{}", refused.body);
    let last = read(app.sandbox.address(), "tenants/anonymous/requests/last");
    let body = String::from_utf8(call(count)).unwrap();
    assert_eq!(last["body"], body.split_once("\r\n\r\n").unwrap().1, "its body is kept");
    assert_eq!(connection.call(&call(0)), 200, "those that exist are answered");
}

#[test]
fn an_unknown_scenario_among_many_is_refused_briefly_and_with_its_reason() {
    let app = App::start();
    let address = app.sandbox.address();
    let long = "a".repeat(50);
    for number in 0..200 {
        let rules = json!({"version": 1, "rules": [{"id": "a", "do": {"outcome": 500}}]});
        write(address, "PUT", &format!("scenarios/{long}-{number:03}"), &rules);
    }
    let unknown = format!("{long}-x77");
    for (call, clause) in [
        (Call::new().header(&unknown), "scenario.header"),
        (Call::new().url(&unknown), "scenario.url"),
        (Call::new().token(&format!("gnsb_demo.{unknown}")), "scenario.token"),
    ] {
        let answer = call.send(&app);
        assert_eq!(answer.status, 501, "{clause}");
        assert!(answer.body.len() < 2000, "{clause}: {}", answer.body.len());
        let hint = format!("did you mean \\\"{long}-");
        assert!(answer.body.contains(&hint), "{clause}: {}", answer.body);
        let last = read(address, "tenants/demo/requests/last");
        assert_eq!(last["findings"][0]["clause"], clause);
        assert_eq!(last["findings"][0]["message"], answer.json()["detail"], "{clause}");
    }
    let body = json!({"scenario": unknown}).to_string();
    for (method, path, status) in [
        ("PUT", "tenants/demo/scenario".to_owned(), 400),
        ("GET", format!("scenarios/{unknown}"), 404),
    ] {
        let answer = ask(address, method, &path, if method == "PUT" { &body } else { "" });
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.body.len() < 2000, "{path}: {}", answer.body.len());
        assert!(answer.body.contains("and 196 more"), "{path}: {}", answer.body);
    }
}
