//! A test with a sandbox in its own process. It needs in Cargo.toml:
//!
//! ```toml
//! [dev-dependencies]
//! genuin-sandbox = { path = "../genuin-sandbox" }
//! serde_json = "1"
//! ureq = "3"
//! ```

use genuin_sandbox::RunningSandbox;
use serde_json::{Value, json};

/// What a client needs to know of an answer.
#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    code: String,
}

impl Answer {
    fn new(status: u16, code: &str) -> Self {
        Self { status, code: code.to_owned() }
    }

    /// 5026 comes as HTTP 500, but the video stays missing however often it is tried.
    fn is_retryable(&self) -> bool {
        self.code != "5026" && (self.status == 429 || self.status >= 500)
    }
}

struct Client {
    http: ureq::Agent,
    base_url: String,
    token: String,
}

impl Client {
    fn log_in(base_url: &str, key: &str, secret: &str) -> anyhow::Result<Self> {
        let http = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut client = Self { http, base_url: base_url.to_owned(), token: String::new() };
        let body = json!({"api_key": key, "api_secret": secret});
        // the token is in a header, not in the body
        let answer = client.post("/auth", &body, None)?;
        client.token = answer.headers()["gn-access-token"].to_str()?.into();
        Ok(client)
    }

    fn create_group(&self, body: &Value, scenario: Option<&str>) -> anyhow::Result<Answer> {
        let mut answer = self.post("/group/create", body, scenario)?;
        // a gateway in front of the API answers 429, 502, 503 and 504 with a page in HTML
        let envelope: Value =
            serde_json::from_str(&answer.body_mut().read_to_string()?).unwrap_or_default();
        // the number 200 in a success, but a string such as "1099" in an error
        let code = match &envelope["code"] {
            Value::String(code) => code.clone(),
            Value::Null => String::new(),
            code => code.to_string(),
        };
        Ok(Answer { status: answer.status().as_u16(), code })
    }

    fn post(
        &self,
        path: &str,
        body: &Value,
        scenario: Option<&str>,
    ) -> anyhow::Result<ureq::http::Response<ureq::Body>> {
        let mut request = self
            .http
            .post(format!("{}/api/thirdparty{path}", self.base_url))
            .header("Content-Type", "application/json")
            .header("Authorization", format!("Bearer {}", self.token));
        if let Some(scenario) = scenario {
            request = request.header("X-Sandbox-Scenario", scenario);
        }
        Ok(request.send(body.to_string())?)
    }
}

#[test]
fn the_client_knows_what_to_try_again() -> anyhow::Result<()> {
    let sandbox = RunningSandbox::start()?;
    let client = Client::log_in(&sandbox.url(), &sandbox.token(), "gnsb-secret")?;
    let group = json!({"type": 4, "community_id": "f2a05adb-93ce-4a19-b003-3523fa745667"});
    assert_eq!(client.create_group(&group, None)?, Answer::new(200, "200"));

    let refused = client.create_group(&group, Some("400"))?;
    assert_eq!((&refused, refused.is_retryable()), (&Answer::new(400, "1099"), false));
    let failed = client.create_group(&group, Some("500"))?;
    assert_eq!((&failed, failed.is_retryable()), (&Answer::new(500, "1099"), true));
    let missing = client.create_group(&group, Some("5026"))?;
    assert_eq!((&missing, missing.is_retryable()), (&Answer::new(500, "5026"), false));
    for status in [429, 502, 503, 504] {
        // a body of its own, so that it counts as no retry of another call
        let mut group = group.clone();
        group["group"] = json!({"name": format!("Try {status} again")});
        let passing = client.create_group(&group, Some(&status.to_string()))?;
        assert_eq!((&passing, passing.is_retryable()), (&Answer::new(status, ""), true));
    }

    // the journal knows what the vendor does not tell
    let mistaken = json!({"type": 4, "communityId": "f2a05adb-93ce-4a19-b003-3523fa745667"});
    assert_eq!(client.create_group(&mistaken, None)?, Answer::new(400, "1099"));
    let calls = sandbox.requests();
    let why = "/community_id is missing; you sent \"communityId\" — did you mean \"community_id\"?";
    assert_eq!(calls.last().unwrap().findings.to_string(), why);
    sandbox.verify("{match: {outcome: video-not-found}, count: {exactly: 1}}")?;
    Ok(())
}
