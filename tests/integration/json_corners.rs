//! Edge cases of JSON are refused as `bad-request`, never with a 5xx or a panic, in known fields and in
//! unknown ones, which a typed parser would skip.

use serde_json::Value;

use crate::harness::{App, BAD_REQUEST, CREATE, EXAMPLE, vendor};

const START: &str = r#"{"type":4,"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667""#;

#[test]
fn malformed_and_ambiguous_json_is_refused_as_bad_request() {
    let app = App::start();
    let with = |more: &str| format!("{START}{more}}}").into_bytes();
    let nested = |levels: usize| format!(",\"x\":{}{}", "[".repeat(levels), "]".repeat(levels));
    let objects = format!(",\"x\":{}1{}", "{\"a\":".repeat(5000), "}".repeat(5000));
    let mut cases: Vec<(Vec<u8>, &str)> = vec![
        (b"".to_vec(), "an empty body"),
        (b"   ".to_vec(), "only spaces"),
        (b"null".to_vec(), "null"),
        (b"[]".to_vec(), "a list"),
        (
            br#"[4,"f2a05adb-93ce-4a19-b003-3523fa745667"]"#.to_vec(),
            "a list of the values in order",
        ),
        (br#""x""#.to_vec(), "a string"),
        (with(r#","type":4"#), "a repeated mandatory key"),
        (with(r#","chat_id":null,"chat_id":null"#), "a repeated key with null"),
        (with(r#","group":{"name":"a","name":"b"}"#), "a repeated key in an object"),
        (with(r#","x":1,"x":2"#), "a repeated unknown key"),
        (with(r#","x":[{"a":{"b":1,"b":1}}]"#), "a repeated key inside an unknown field"),
        (with(r#","ty\u0070e":4"#), "a repeated key, once with an escape"),
        (with(r#","group":{"members":[["919876543210"]]}"#), "a list for an object"),
        (with(r#","group":["Tech"]"#), "a list for the group"),
        (with(r#","template_id":4.0"#), "a fraction of zero"),
        (with(r#","template_id":4e0"#), "an exponent of zero"),
        (with(r#","template_id":-0.0"#), "a negative zero with a fraction"),
        (with(r#","template_id":0.0"#), "a zero with a fraction"),
        (with(r#","template_id":1e2"#), "a whole number with an exponent"),
        (with(r#","template_id":-00"#), "two zeros"),
        (with(r#","template_id":"-0""#), "a zero in quotes"),
        (with(r#","template_id":99999999999999999999"#), "more than 64 bits"),
        (with(r#","template_id":0x4"#), "hexadecimal"),
        (with(r#","template_id":+4"#), "a plus"),
        (with(r#","template_id":04"#), "a leading zero"),
        (with(r#","x":NaN"#), "NaN"),
        (with(r#","x":'a'"#), "single quotes"),
        (with(",\"x\":\"a\nb\""), "an unescaped line break in a string"),
        (with(r#","group":{"name":"\ud800"}"#), "a lone surrogate"),
        (with(r#","x":"\ud800""#), "a lone surrogate in an unknown field"),
        (with(r#","x":"\udc00\ud800""#), "surrogates in the wrong order"),
        (with(r#","\ud800":1"#), "a lone surrogate in a key"),
        (with(r#","x":"\x""#), "an unknown escape"),
        (with(","), "a trailing comma"),
        (with("/**/"), "a comment"),
        (with(&nested(128)), "129 levels"),
        (with(&nested(5000)), "5000 levels"),
        (with(&objects), "5000 levels of objects"),
        ("[".repeat(5000).into_bytes(), "5000 levels, unclosed"),
        (format!("{START}}} ").into_bytes().into_iter().chain(*b"x").collect(), "trailing bytes"),
        (format!("{START}}}{START}}}").into_bytes(), "two bodies"),
        (format!("{START}}}\0").into_bytes(), "a trailing NUL"),
        (format!("\u{feff}{START}}}").into_bytes(), "a byte order mark"),
        (START.as_bytes().to_vec(), "unclosed"),
    ];
    for bytes in [&b"\xff"[..], b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"] {
        let mut body = format!("{START},\"x\":\"").into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\"}");
        cases.push((body, "invalid UTF-8 in an unknown field"));
    }
    for (body, reason) in cases {
        assert_eq!(app.create_as("gnsb_demo", &body), vendor(400, BAD_REQUEST), "{reason}");
    }
}

#[test]
fn unusual_but_valid_json_is_accepted() {
    let nested = format!(r#","x":{}{}"#, "[".repeat(127), "]".repeat(127));
    for (index, (more, reason)) in [
        (r#","template_id":-0"#, "the integer 0"),
        (r#","template_id": -0 ,"x":"\u0041""#, "the integer 0 before an escape"),
        (r#","group":{"name":"\u0000"}"#, "an escaped NUL"),
        (r#","group":{"name":"\ud83d\ude00"}"#, "a pair of surrogates"),
        (r#","x":-0.0e-5,"":{"":""}"#, "odd numbers and empty keys in unknown fields"),
        (r#","x":{"a":1},"y":{"a":1}"#, "the same key in two objects"),
        (&nested, "128 levels"),
        ("\n\t ", "trailing white space"),
    ]
    .into_iter()
    .enumerate()
    {
        let app = App::start();
        let answer =
            app.create_as(&format!("gnsb_t{index}"), format!("{START}{more}}}").as_bytes());
        assert_eq!(answer.status, 200, "{reason}");
    }
}

#[test]
fn only_one_json_content_type_is_accepted() {
    let app = App::start();
    let token = ("Authorization", "Bearer gnsb_demo");
    let refused: [(&[(&str, &str)], &str); 6] = [
        (&[token], "no header"),
        (&[token, ("Content-Type", "text/plain")], "text"),
        (&[token, ("Content-Type", "application/jsonx")], "a longer type"),
        (&[token, ("Content-Type", "application/x-www-form-urlencoded")], "a form"),
        (&[token, ("Content-Type", "")], "an empty header"),
        (
            &[token, ("Content-Type", "application/json"), ("Content-Type", "application/json")],
            "two headers",
        ),
    ];
    for (headers, reason) in refused {
        assert_eq!(
            app.post(CREATE, headers, EXAMPLE.as_bytes()),
            vendor(400, BAD_REQUEST),
            "{reason}"
        );
    }
    for (tenant, media_type) in
        ["application/json", "APPLICATION/JSON; charset=utf-8", "application/json;x"]
            .iter()
            .enumerate()
    {
        let token = format!("Bearer gnsb_t{tenant}");
        let headers = [("Authorization", token.as_str()), ("Content-Type", *media_type)];
        assert_eq!(app.post(CREATE, &headers, EXAMPLE.as_bytes()).status, 200, "{media_type}");
    }
}

#[test]
fn a_number_beyond_the_range_of_a_double_is_refused_where_it_stands() {
    let app = App::start();
    let findings = || {
        let findings = app.own("requests?last=1")["requests"][0]["findings"].clone();
        let pointer = |finding: &Value| finding["pointer"].as_str().unwrap().to_owned();
        findings.as_array().unwrap().iter().map(pointer).collect::<Vec<_>>()
    };
    for (more, expected) in [
        (
            r#","recorded_video":{"duration":1e400,"size":-1E+309}"#,
            &["/recorded_video/duration", "/recorded_video/size"][..],
        ),
        (r#","x":[1,{"y":1e999}]"#, &["/x/1/y"]),
        (
            r#","template_id":1e400,"group":{"topics":[1,1e400]}"#,
            &["/template_id", "/group/topics/1"],
        ),
    ] {
        let body = format!("{START}{more}}}");
        assert_eq!(app.create_as("gnsb_demo", body.as_bytes()), vendor(400, BAD_REQUEST), "{more}");
        assert_eq!(findings(), expected, "{more}");
    }
    let many = format!("{START},\"x\":[{}1]}}", "1e400,".repeat(5000));
    assert_eq!(app.create_as("gnsb_demo", many.as_bytes()), vendor(400, BAD_REQUEST));
    assert!(findings().len() > 10, "as many as an entry of the journal keeps");
    assert_eq!(app.auth(r#"{"s3cr3t":1e400,"api_key":1e400}"#), vendor(400, BAD_REQUEST));
    assert_eq!(findings(), ["/[redacted]", "/api_key"]);
    let kept = format!(
        r#"{START},"recorded_video":{{"video_name":"v","duration":1e308,"size":1e-400}}}}"#
    );
    assert_eq!(app.create_as("gnsb_demo", kept.as_bytes()).status, 200);
}
