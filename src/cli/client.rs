//! Talks to a running sandbox over its own API. The only part that names the HTTP client.

use std::io::{BufRead as _, BufReader, Write as _};

use anyhow::{Context as _, anyhow};
use clap::Args;
use serde_json::Value;

use super::token::AdminToken;
use super::{Failure, UNMET, USAGE};

/// Which sandbox, and which of its tenants.
#[derive(Debug, Args)]
#[group(skip)]
pub struct Target {
    /// Where the sandbox is
    #[arg(long, env = "GNSB_URL", value_name = "URL", value_parser = parse_url, default_value = "http://127.0.0.1:4368")]
    url: String,
    /// Which tenant
    #[arg(long, value_name = "NAME", default_value = "demo")]
    pub tenant: String,
    #[command(flatten)]
    admin_token: AdminToken,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

impl Target {
    /// Calls the API; an answer that is no success is a failure that says why.
    pub fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
        let (status, text) =
            self.send(method, path, body).map_err(|why| Failure::new(UNMET, why))?;
        let value = serde_json::from_str::<Value>(&text).unwrap_or(Value::Null);
        if (200..300).contains(&status) {
            return Ok(value);
        }
        let detail =
            value["detail"].as_str().map_or_else(|| format!("HTTP {status}"), str::to_owned);
        let pointer = value["pointer"].as_str().filter(|pointer| !pointer.is_empty());
        let place = pointer.map_or_else(String::new, |pointer| format!("{pointer}: "));
        Err(Failure::new(USAGE, anyhow!("{place}{detail}")))
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<(u16, String)> {
        let body = body.map_or_else(String::new, Value::to_string);
        let request = self.request(method, path)?.body(body)?;
        let mut response = agent().run(request).with_context(|| self.unreachable())?;
        Ok((response.status().as_u16(), response.body_mut().read_to_string()?))
    }

    /// Reads server-sent events after an id line by line, as long as `each` wants more.
    pub fn follow(
        &self,
        path: &str,
        after: &Value,
        mut each: impl FnMut(&Value) -> bool,
    ) -> Result<(), Failure> {
        let unmet = |why| Failure::new(UNMET, why);
        let request = self
            .request("GET", path)
            .and_then(|request| {
                Ok(request.header("Last-Event-ID", after.to_string()).body(String::new())?)
            })
            .map_err(unmet)?;
        let mut response =
            agent().run(request).with_context(|| self.unreachable()).map_err(unmet)?;
        if response.status() != 200 {
            return Err(unmet(anyhow!("HTTP {}", response.status())));
        }
        for line in BufReader::new(response.body_mut().as_reader()).lines() {
            let line = line.context("the sandbox has ended").map_err(unmet)?;
            let data = line.strip_prefix("data: ").and_then(|data| serde_json::from_str(data).ok());
            if data.is_some_and(|event: Value| !each(&event)) {
                break;
            }
        }
        Ok(())
    }

    fn request(&self, method: &str, path: &str) -> anyhow::Result<http::request::Builder> {
        let url = format!("{}/_sandbox/v1/{path}", self.url.trim_end_matches('/'));
        let request = http::Request::builder()
            .method(method)
            .uri(url)
            .header("Content-Type", "application/json");
        Ok(match self.admin_token.read()? {
            Some(token) => request.header("Authorization", format!("Bearer {token}")),
            None => request,
        })
    }

    fn unreachable(&self) -> String {
        format!(
            "cannot reach a sandbox at {}; start one, or name it with --url (GNSB_URL)",
            self.url
        )
    }
}

fn parse_url(text: &str) -> anyhow::Result<String> {
    let uri: http::Uri =
        text.parse().map_err(|_| anyhow!("write a URL like http://127.0.0.1:4368"))?;
    if uri.scheme_str() != Some("http") || uri.query().is_some() {
        return Err(anyhow!(
            "write a URL like http://127.0.0.1:4368; the sandbox does not speak TLS"
        ));
    }
    Ok(text.to_owned())
}

fn agent() -> ureq::Agent {
    // statuses are ours to read, and no proxy stands between a test and its sandbox
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .proxy(None)
        .build()
        .into()
}

/// A name as a part of a path.
pub fn part(name: &str) -> String {
    percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// Prints to stdout.
pub fn print(text: &str) -> Result<(), Failure> {
    let printed = writeln!(std::io::stdout(), "{text}");
    printed.map_err(|error| Failure::new(USAGE, anyhow!("cannot print: {error}")))
}

/// Prints the value itself, or words for it.
pub fn tell(
    target: &Target,
    value: &Value,
    words: impl FnOnce(&Value) -> String,
) -> Result<(), Failure> {
    if target.json { print(&format!("{value:#}")) } else { print(&words(value)) }
}
