//! `requests --har` and `exec --har`: the calls as a HAR 1.2 archive, checked key by key.

use std::path::Path;

use serde_json::Value;

use super::{call_as, printed, run_on};
use crate::harness::{CREATE, raw};
use crate::process::{Process, run};
use crate::scenarios::Call;

/// The type of a value, as the tables below name it.
fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "text" => value.is_string(),
        "time" => value.as_str().is_some_and(|text| {
            let (date, time) = text.split_once('T').unwrap_or_default();
            date.len() == 10 && time.ends_with('Z') && time.len() > "00:00:00".len()
        }),
        "number" => value.as_f64().is_some_and(|number| number >= 0.0),
        // -1 is not known
        "size" => value.as_i64().is_some_and(|number| number >= -1),
        "texts" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no kind {other}"),
    }
}

/// Asserts that an object has all keys of a table with values of their types, and no others but those
/// that may be there.
#[track_caller]
fn assert_keys(value: &Value, required: &[(&str, &str)], optional: &[(&str, &str)]) {
    let object = value.as_object().unwrap_or_else(|| panic!("{value}"));
    for (key, kind) in required {
        let value = object.get(*key).unwrap_or_else(|| panic!("no {key} in {value}"));
        assert!(is_of(kind, value), "{key}: {value}");
    }
    for (key, value) in object {
        let all = || required.iter().chain(optional);
        // a tool's own keys begin with an underscore
        let kind = all().find(|(known, _)| known == key).map(|(_, kind)| *kind);
        let kind = kind.or(key.starts_with('_').then_some("object"));
        assert!(is_of(kind.unwrap_or_else(|| panic!("{key}")), value), "{key}: {value}");
    }
}

/// The entries of an archive that is as HAR 1.2 says.
fn checked(text: &str) -> Vec<Value> {
    let archive: Value = serde_json::from_str(text).unwrap();
    assert_keys(&archive, &[("log", "object")], &[]);
    let log = &archive["log"];
    let name = [("name", "text"), ("version", "text")];
    assert_keys(
        log,
        &[("version", "text"), ("creator", "object"), ("entries", "texts")],
        &[("browser", "object"), ("pages", "texts"), ("comment", "text")],
    );
    assert_eq!(log["version"], "1.2");
    assert_keys(&log["creator"], &name, &[]);
    let entries = log["entries"].as_array().unwrap();
    for entry in entries {
        assert_keys(
            entry,
            &[
                ("startedDateTime", "time"),
                ("time", "number"),
                ("request", "object"),
                ("response", "object"),
                ("cache", "object"),
                ("timings", "object"),
            ],
            &[("connection", "text"), ("serverIPAddress", "text"), ("comment", "text")],
        );
        let head = [
            ("httpVersion", "text"),
            ("cookies", "texts"),
            ("headers", "texts"),
            ("headersSize", "size"),
            ("bodySize", "size"),
        ];
        let of_request = [("method", "text"), ("url", "text"), ("queryString", "texts")];
        let of_response = [
            ("status", "number"),
            ("statusText", "text"),
            ("content", "object"),
            ("redirectURL", "text"),
        ];
        let (request, response) = (&entry["request"], &entry["response"]);
        let of_some = [("postData", "object"), ("comment", "text")];
        assert_keys(request, &[&head[..], &of_request].concat(), &of_some);
        assert_keys(response, &[&head[..], &of_response].concat(), &[]);
        for header in [request, response].iter().flat_map(|it| it["headers"].as_array().unwrap()) {
            assert_keys(header, &[("name", "text"), ("value", "text")], &[]);
        }
        for parameter in request["queryString"].as_array().unwrap() {
            assert_keys(parameter, &[("name", "text"), ("value", "text")], &[]);
        }
        if let Some(data) = request.get("postData") {
            assert_keys(data, &[("mimeType", "text"), ("text", "text")], &[("comment", "text")]);
        }
        let content = [("size", "number"), ("mimeType", "text")];
        let of_some = [("text", "text"), ("encoding", "text"), ("comment", "text")];
        assert_keys(&response["content"], &content, &of_some);
        let timings = [("send", "number"), ("wait", "number"), ("receive", "number")];
        assert_keys(&entry["timings"], &timings, &[]);
        let total: f64 = ["send", "wait", "receive"]
            .iter()
            .map(|key| entry["timings"][key].as_f64().unwrap())
            .sum();
        assert!((total - entry["time"].as_f64().unwrap()).abs() < 1e-6, "{entry}");
        assert!(request["url"].as_str().unwrap().starts_with("http://"), "{entry}");
        assert!(entry["_sandbox"].is_object());
    }
    entries.clone()
}

pub(super) fn read(file: &Path) -> Vec<Value> {
    checked(&std::fs::read_to_string(file).unwrap())
}

#[test]
fn each_call_is_an_entry_with_its_answer_and_what_the_sandbox_knows() {
    let process = Process::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls.har");
    let har = |more: &[&str]| {
        let file = file.to_str().unwrap();
        let printed = printed(&process, &[&["requests", "--har", file], more].concat());
        assert_eq!(printed, "", "nothing else");
        read(Path::new(file))
    };
    assert_eq!(har(&[]), [Value::Null; 0]);
    Call::new().send_to(process.address);
    Call::new().header("5026+30ms").send_to(process.address);
    raw(process.address, &Call::new().header("close").bytes(&["Connection: close"]));
    call_as(&process, "gnsb_other");
    let entries = har(&[]);
    let statuses: Vec<_> =
        entries.iter().map(|entry| entry["response"]["status"].clone()).collect();
    assert_eq!(statuses, [200, 500, 0], "a fault is 0");
    let [first, delayed, fault] = &entries[..] else { panic!() };
    assert_eq!(first["request"]["method"], "POST");
    assert_eq!(first["request"]["url"], format!("http://sandbox{CREATE}"));
    assert_eq!(first["request"]["postData"]["mimeType"], "application/json");
    let body: Value =
        serde_json::from_str(first["request"]["postData"]["text"].as_str().unwrap()).unwrap();
    assert_eq!(body["type"], 4);
    assert_eq!(first["response"]["statusText"], "OK");
    let answer = &first["response"]["content"];
    assert_eq!(answer["mimeType"], "application/json; charset=utf-8");
    let text = answer["text"].as_str().unwrap();
    assert!(text.starts_with(r#"{"code":200,"#), "{text}");
    assert_eq!(answer["size"], text.len());
    let facts = &first["_sandbox"];
    assert_eq!([&facts["id"], &facts["outcome"], &facts["selector"]], ["demo/1", "ok", "contract"]);
    assert_eq!(facts["committed"], true);
    assert!(["method", "body", "answer", "headers"].iter().all(|key| facts.get(key).is_none()));
    assert!(delayed["time"].as_f64().unwrap() >= 30.0, "{delayed}");
    assert_eq!(delayed["_sandbox"]["delay_ms"], 30);
    assert_eq!(
        (&fault["response"]["content"]["size"], &fault["response"]["bodySize"]),
        (&0.into(), &(-1).into())
    );
    assert_eq!(har(&["--all"]).len(), 4);
    assert_eq!(har(&["--tenant", "other"])[0]["_sandbox"]["id"], "other/1");
    assert_eq!(har(&["--last", "1"])[0]["_sandbox"]["id"], "demo/3");
    assert_eq!(har(&["--status", "200"]).len(), 1);
    assert_eq!(har(&["--text", "VIDEO-not", "--all"]).len(), 1);
    let page = super::printed_json(&process, &["requests", "--last", "2"]);
    let cursor = page["next"].as_str().unwrap();
    Call::new().send_to(process.address);
    assert_eq!(har(&["--since", cursor])[0]["_sandbox"]["id"], "demo/4");
}

#[test]
fn an_archive_has_no_secrets_and_any_bytes() {
    let process = Process::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls.har");
    let send = |path: &str, headers: &str, body: &[u8]| {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: sandbox\r\n{headers}Content-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        raw(process.address, &[head.as_bytes(), body].concat())
    };
    let login = br#"{"api_key": "demo-key", "api_secret": "demo-secret"}"#;
    let answer = send("/api/thirdparty/auth", "", login);
    let answer = String::from_utf8(answer).unwrap();
    let token = answer.split("gn-access-token: ").nth(1).unwrap().split("\r\n").next().unwrap();
    send(CREATE, &format!("Authorization: Bearer {token}\r\nCookie: c00kie\r\n"), b"\xff\0'\"\\\n");
    printed(&process, &["requests", "--har", file.to_str().unwrap()]);
    let text = std::fs::read_to_string(&file).unwrap();
    for secret in [token, "demo-key", "demo-secret", "c00kie"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    let entries = checked(&text);
    let headers = |entry: &Value, of: &str| entry[of]["headers"].to_string();
    assert!(
        headers(&entries[0], "response")
            .contains(r#"{"name":"gn-access-token","value":"[not kept]"}"#)
    );
    assert!(headers(&entries[1], "request").contains(r#"{"name":"cookie","value":"[not kept]"}"#));
    assert_eq!(entries[1]["request"]["bodySize"], 6);
    assert_eq!(entries[1]["_sandbox"]["body_base64"], "/wAnIlwK");
}

#[test]
fn an_archive_has_the_query_in_the_address_and_in_parts() {
    let process = Process::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls.har");
    let query = "a=1&b=%C3%A9+%26&c&=d&&api_key=s3cr3t&a=2";
    let head = format!(
        "POST {CREATE}?{query} HTTP/1.1\r\nHost: sandbox\r\nAuthorization: Bearer gnsb_demo\r\n\
         Content-Length: 0\r\nConnection: close\r\n\r\n"
    );
    raw(process.address, head.as_bytes());
    Call::new().send_to(process.address);
    printed(&process, &["requests", "--har", file.to_str().unwrap()]);
    let entries = read(&file);
    let kept = query.replace("s3cr3t", "[redacted]");
    assert_eq!(entries[0]["request"]["url"], format!("http://sandbox{CREATE}?{kept}"));
    let pairs = [
        ("a", "1"),
        ("b", "\u{e9} &"),
        ("c", ""),
        ("", "d"),
        ("api_key", "[redacted]"),
        ("a", "2"),
    ];
    let parameter = |(name, value)| serde_json::json!({"name": name, "value": value});
    let expected: Vec<_> = pairs.into_iter().map(parameter).collect();
    assert_eq!(entries[0]["request"]["queryString"], Value::from(expected));
    assert_eq!(entries[1]["request"]["queryString"], Value::Array(Vec::new()));
}

#[test]
fn a_dash_is_the_standard_output_where_that_is_the_commands_own() {
    let process = Process::start(&[]);
    Call::new().send_to(process.address);
    let entries = checked(&printed(&process, &["requests", "--har", "-"]));
    assert_eq!(entries[0]["_sandbox"]["id"], "demo/1");
    let folder = tempfile::tempdir().unwrap();
    let ran = folder.path().join("ran");
    for flag in ["--har", "--junit"] {
        let end = run(&["exec", flag, "-", "--", "touch", ran.to_str().unwrap()], &[]);
        let why = format!(
            "error: {flag}: - is the standard output, which is the command's; name a file\n"
        );
        assert_eq!((end.code, end.stdout.as_str(), end.stderr), (Some(2), "", why));
    }
    for (arguments, variables, origin) in [
        (&["--port-file", "-"][..], &[][..], "--port-file"),
        (&[], &[("GNSB_PORT_FILE", "-")], "GNSB_PORT_FILE"),
    ] {
        let end = run(&[&["--listen", "127.0.0.1:0"], arguments].concat(), variables);
        let why = format!(
            "error: {origin}: - is the standard output, where the ready line names the port; name a file\n"
        );
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""));
        assert!(end.stderr.ends_with(&why), "{}", end.stderr);
    }
    assert!(!ran.exists() && !std::path::Path::new("-").exists(), "no file has that name");
}

#[test]
fn a_file_that_cannot_be_written_is_an_error() {
    let process = Process::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    for file in [folder.path().to_path_buf(), folder.path().join("missing/calls.har")] {
        let end = run_on(&process, &["requests", "--har", file.to_str().unwrap()]);
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""));
        assert!(
            end.stderr.starts_with(&format!("error: cannot write {}: ", file.display())),
            "{}",
            end.stderr
        );
        let end = run(&["exec", "--har", file.to_str().unwrap(), "--", "touch", "ran"], &[]);
        assert_eq!(end.code, Some(2), "{}", end.stderr);
        assert!(!Path::new("ran").exists(), "nothing was run");
    }
}

#[test]
fn exec_writes_the_calls_of_all_tenants_however_the_command_ends() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls.har");
    let script = crate::exec::CALL.to_owned()
        + r#"create "$GENUIN_TOKEN" "$valid"
create gnsb_other '{}'
create nobody '{}'"#;
    for (end, code) in [("", Some(0)), ("\nexit 7", Some(7))] {
        let script = format!("{script}{end}");
        let arguments = ["exec", "--har", file.to_str().unwrap(), "--", "bash", "-c", &script];
        let ended = run(&arguments, &[]);
        assert_eq!(ended.code, code, "{}", ended.stderr);
        let entries = read(&file);
        let ids: Vec<_> = entries.iter().map(|entry| entry["_sandbox"]["id"].clone()).collect();
        assert_eq!(ids, ["exec/1", "other/1", "anonymous/1"]);
        let delivery = &entries[2]["_sandbox"]["delivery"];
        assert_eq!((&entries[2]["response"]["status"], delivery), (&401.into(), &"sent".into()));
    }
}

#[test]
fn an_archive_has_all_calls_that_the_filters_leave_in_order() {
    let process = Process::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls.har");
    let ids = |more: &[&str]| {
        let file = file.to_str().unwrap();
        let printed = printed(&process, &[&["requests", "--har", file], more].concat());
        assert_eq!(printed, "", "nothing else");
        let entries = read(Path::new(file)).into_iter();
        entries
            .map(|entry| entry["_sandbox"]["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let named = |tenant: &str, seqs: std::ops::RangeInclusive<u32>| {
        seqs.map(|seq| format!("{tenant}/{seq}")).collect::<Vec<_>>()
    };
    let mut connection = crate::scenarios::Kept::open(process.address);
    let cursor = super::printed_json(&process, &["requests"])["next"].as_str().unwrap().to_owned();
    for count in [30, 100, 201] {
        let before = ids(&[]).len();
        for _ in before..count {
            connection.call(&Call::new().bytes(&[]));
        }
        let all = named("demo", 1..=count.try_into().unwrap());
        assert_eq!(ids(&[]), all);
        assert_eq!(ids(&["--since", &cursor]), all);
        assert_eq!(ids(&["--status", "404"]), [""; 0]);
    }
    connection.call(&Call::new().token("gnsb_other").bytes(&[]));
    connection.call(&Call::new().header("404").bytes(&[]));
    let all = [named("demo", 1..=201), named("other", 1..=1), named("demo", 202..=202)].concat();
    assert_eq!(ids(&["--all"]), all);
    assert_eq!(ids(&["--all", "--last", "2"]), ["other/1", "demo/202"]);
    assert_eq!(ids(&["--status", "404"]), ["demo/202"]);
    assert_eq!(ids(&["--status", "200"]), named("demo", 1..=201));
    let end = run_on(&process, &["requests", "--har", "-"]);
    assert_eq!((checked(&end.stdout).len(), end.stderr.as_str()), (202, ""));
}

#[test]
fn an_archive_says_which_calls_it_lacks_and_is_not_kept_in_part() {
    let process = Process::start(&["--journal-mib", "1"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls.har");
    let mut connection = crate::scenarios::Kept::open(process.address);
    let call = Call::new().name(&"x".repeat(14_000)).bytes(&[]);
    for _ in 0..200 {
        connection.call(&call);
    }
    let end = run_on(&process, &["requests", "--har", file.to_str().unwrap()]);
    assert_eq!((end.code, end.stdout.as_str()), (Some(0), ""));
    let kept = read(&file).len();
    let note = format!("({} older calls were dropped from the journal)\n", 200 - kept);
    assert_eq!(end.stderr, note);
    // a server that answers once: the newest call is known, and then nobody is there
    let page = super::printed_json(&process, &["requests", "--last", "1"]).to_string();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        let (mut stream, _) = listener.accept().unwrap();
        drop(listener);
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            page.len()
        );
        stream.write_all((head + &page).as_bytes()).unwrap();
    });
    let end = run(&["requests", "--har", file.to_str().unwrap(), "--url", &url], &[]);
    server.join().unwrap();
    assert_eq!((end.code, end.stdout.as_str()), (Some(1), ""));
    assert!(end.stderr.starts_with("error: cannot reach a sandbox at "), "{}", end.stderr);
    assert!(!file.exists(), "a part would be taken for the whole");
}
