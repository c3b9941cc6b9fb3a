//! Calls the own API of a running sandbox. Nothing else names the HTTP client.

use std::io::{BufRead as _, BufReader};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use clap::Args;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::tls::{RootCerts, TlsConfig};

use super::requests::shell_word;
pub(super) use super::stdout::print;
use super::token::AdminToken;
use super::{Failure, UNMET, USAGE, base_url, environment, reply, stdout};
use crate::admin::{BASE, CLOSED};
use crate::http::ProblemDocument;
use crate::switches::SwitchTarget;
use crate::text::{escape_strings, escaped, quoted, to_json};
use crate::world::TenantName;

/// The longest answer that is read: more than a fixture file.
const MAX_ANSWER_BYTES: u64 = 128 * 1024 * 1024;

/// Where a sandbox listens unless it is told otherwise.
const DEFAULT_URL: &str = "http://127.0.0.1:4368";

/// Which sandbox, and which of its tenants.
#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct SandboxTarget {
    /// The URL of the sandbox
    #[arg(long, env = "GNSB_URL", value_name = "URL", value_parser = base_url::parse, default_value = DEFAULT_URL)]
    url: String,
    /// The tenant
    #[arg(long, env = "GNSB_TENANT", value_name = "NAME", value_parser = parse_tenant, default_value = "demo")]
    pub(super) tenant: String,
    #[command(flatten)]
    admin_token: AdminToken,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// How the texts of an answer are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Texts {
    /// Escaped for a terminal.
    Escaped,
    /// For what escapes them itself.
    AsTheyAre,
}

impl SandboxTarget {
    /// Gives the reply: as it is with `--json`, else with its texts escaped for a terminal.
    pub(super) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        self.get_as(path, self.texts())
    }

    /// Gives the reply with its texts in one of the two ways.
    pub(super) fn get_as<T: DeserializeOwned>(
        &self,
        path: &str,
        texts: Texts,
    ) -> Result<T, Failure> {
        read_reply(&self.call("GET", path, String::new())?, texts)
    }

    /// The path of something that belongs to the tenant.
    pub(super) fn tenant_path(&self, what: &str) -> String {
        path_of(&self.tenant, what)
    }

    /// A command of this program that somebody may paste, for the same sandbox.
    pub(super) fn command(&self, command: &str) -> String {
        format!("genuin-sandbox {command}{}", self.url_option())
    }

    /// What a command needs besides to reach the same sandbox, after a space; nothing where it does so anyway.
    pub(super) fn url_option(&self) -> String {
        let (flag, variable) = ("--url", "GNSB_URL");
        let is_typed = environment::origin(flag, variable) == flag;
        if is_typed && (self.url != DEFAULT_URL || environment::is_set(variable)) {
            format!(" {flag} {}", shell_word(&self.url))
        } else {
            String::new()
        }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Sends a JSON body; gives the reply as `get` does.
    pub(super) fn send<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        read_reply(&self.call(method, path, to_json(body))?, self.texts())
    }

    pub(super) fn delete(&self, path: &str) -> Result<(), Failure> {
        self.call("DELETE", path, String::new()).map(drop)
    }

    /// Calls the API; an answer other than 2xx is a failure with the reason.
    fn call(&self, method: &str, path: &str, body: String) -> Result<String, Failure> {
        let request = self.request(method, path)?;
        let exchange = || -> anyhow::Result<_> {
            let request = request.body(body)?;
            let mut response = run(&agent(), request).with_context(|| self.unreachable())?;
            let body = response.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_string();
            Ok((response.status(), body?))
        };
        let (status, text) = exchange().map_err(|why| Failure::new(UNMET, why))?;
        if status.is_success() {
            return Ok(text);
        }
        let problem = serde_json::from_str(&text).and_then(reply::read::<ProblemDocument>);
        let why = match problem {
            Err(_) => return Err(Failure::new(UNMET, self.not_a_sandbox(status))),
            Ok(ProblemDocument { detail, .. }) if detail == CLOSED => format!(
                "{detail}; the own API of the sandbox at {} may be closed to this command: start the \
                 sandbox with --admin-token (and give the token here too) or with --admin open",
                self.url
            ),
            Ok(ProblemDocument { detail, pointer, .. }) => match pointer.as_deref() {
                // what names its field already
                Some(pointer) if !pointer.is_empty() && !begins_with(&detail, &pointer[1..]) => {
                    format!("{pointer}: {detail}")
                }
                _ => detail,
            },
        };
        // nothing but what stands for several tenants gets here, where only one is taken
        let is_of_tenant = why.starts_with(&quoted(&self.tenant));
        let origin = if is_of_tenant { format!("{}: ", tenant_origin()) } else { String::new() };
        Err(Failure::new(USAGE, anyhow!("{origin}{}", escaped(&why))))
    }

    /// Reads server-sent events of one kind after a cursor for as long as `wants_more` says so.
    pub(super) fn follow<T: DeserializeOwned>(
        &self,
        path: &str,
        kind: &str,
        after: &str,
        texts: Texts,
        mut wants_more: impl FnMut(T) -> bool,
    ) -> Result<(), Failure> {
        let unmet = |why| Failure::new(UNMET, why);
        let request = self.request("GET", path)?.header("Last-Event-ID", after);
        let open = || -> anyhow::Result<_> {
            run(&agent(), request.body(String::new())?).with_context(|| self.unreachable())
        };
        stdout::end_with_reader().context("cannot start a thread").map_err(unmet)?;
        let mut response = open().map_err(unmet)?;
        if response.status() != 200 {
            return Err(unmet(self.not_a_sandbox(response.status())));
        }
        let mut is_wanted = false;
        for line in BufReader::new(response.body_mut().as_reader()).lines() {
            let line = line.context("the sandbox closed the stream").map_err(unmet)?;
            if let Some(event) = line.strip_prefix("event: ") {
                is_wanted = event == kind;
            }
            let data = line.strip_prefix("data: ").filter(|_| is_wanted);
            let data = data.map(|data| read_reply(data, texts)).transpose()?;
            if data.is_some_and(|event| !wants_more(event)) {
                break;
            }
        }
        Ok(())
    }

    /// How the command gives texts unless it says otherwise.
    pub(super) fn texts(&self) -> Texts {
        if self.json { Texts::AsTheyAre } else { Texts::Escaped }
    }

    fn request(&self, method: &str, path: &str) -> Result<http::request::Builder, Failure> {
        let url = format!("{}{BASE}/{path}", self.url);
        let request = http::Request::builder()
            .method(method)
            .uri(url)
            .header("Content-Type", "application/json");
        let token = self.admin_token.read().map_err(|why| Failure::new(USAGE, why))?;
        Ok(match token {
            Some(token) => request.header("Authorization", format!("Bearer {token}")),
            None => request,
        })
    }

    fn not_a_sandbox(&self, status: http::StatusCode) -> anyhow::Error {
        let url = &self.url;
        anyhow!("{url} answers HTTP {status}, and not as a sandbox does; set --url (GNSB_URL)")
    }

    fn unreachable(&self) -> String {
        format!("cannot reach a sandbox at {}; start one, or set --url (GNSB_URL)", self.url)
    }

    /// Prints the JSON document that the API answers as it is.
    pub(super) fn print_document(&self, path: &str) -> Result<(), Failure> {
        let document: Value = self.get_as(path, Texts::AsTheyAre)?;
        print(&to_json_pretty(&document))
    }

    /// Prints a reply as text, or as JSON with `--json`.
    pub(super) fn show<T: Serialize>(
        &self,
        reply: &T,
        words: impl FnOnce(&T) -> String,
    ) -> Result<(), Failure> {
        let text = if self.json { to_json_pretty(reply) } else { words(reply) };
        if text.is_empty() { Ok(()) } else { print(&text) }
    }
}

/// What has named the tenant.
pub(super) fn tenant_origin() -> &'static str {
    environment::origin("--tenant", "GNSB_TENANT")
}

/// The path of something that belongs to a tenant.
pub(super) fn path_of(tenant: &str, what: &str) -> String {
    format!("tenants/{}/{what}", encoded(tenant))
}

/// Reads a reply, with its texts in one of the two ways.
fn read_reply<T: DeserializeOwned>(text: &str, texts: Texts) -> Result<T, Failure> {
    read_value(text, texts)
        .and_then(reply::read)
        .context("cannot read the answer; is the sandbox of another version than this command?")
        .map_err(|why| Failure::new(UNMET, why))
}

fn read_value(text: &str, texts: Texts) -> serde_json::Result<Value> {
    let mut value = serde_json::from_str(text)?;
    if texts == Texts::Escaped {
        escape_strings(&mut value);
    }
    Ok(value)
}

/// Returns plain data with its texts escaped for a terminal: no command can forget one of them.
pub(super) fn for_terminal<R: DeserializeOwned>(data: &impl Serialize) -> R {
    read_value(&to_json(data), Texts::Escaped)
        .and_then(reply::read)
        .expect("BUG: what was written can be read")
}

/// A value as JSON, indented. It is written as the server writes it and indented then, so that there is one
/// writer for each type.
pub(super) fn to_json_pretty(value: &impl Serialize) -> String {
    let value: Value = serde_json::from_str(&to_json(value)).expect("BUG: what is written is JSON");
    format!("{value:#}")
}

/// Takes what stands for a tenant in a path of the API, which says where all of them and the calls of none can be
/// asked for.
fn parse_tenant(text: &str) -> Result<String, String> {
    let is_special = text == SwitchTarget::ALL_TENANTS || text == TenantName::anonymous().as_str();
    if is_special {
        Ok(text.to_owned())
    } else {
        TenantName::parse(text).map(|name| name.to_string())
    }
}

fn agent() -> ureq::Agent {
    // the sandbox itself speaks no TLS, but a proxy in front of a shared one may; the machine's
    // certificates are trusted, among them those of a company
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build();
    // the caller reads the status, and no proxy stands between a test and its sandbox
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .proxy(None)
        .tls_config(tls)
        .build()
        .into()
}

/// Sends a request; the error of a socket is named as the system names it.
fn run(
    agent: &ureq::Agent,
    request: http::Request<impl ureq::AsSendBody>,
) -> anyhow::Result<http::Response<ureq::Body>> {
    agent.run(request).map_err(|error| match error {
        ureq::Error::Io(error) if is_no_tls(&error) => {
            anyhow!("the port speaks http; write http:// in place of https://")
        }
        ureq::Error::Io(error) => error.into(),
        error => error.into(),
    })
}

/// Whether the other side answered a TLS hello in another protocol.
fn is_no_tls(error: &std::io::Error) -> bool {
    let tls = error.get_ref().and_then(|it| it.downcast_ref::<rustls::Error>());
    matches!(tls, Some(rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType)))
}

fn begins_with(text: &str, word: &str) -> bool {
    text.strip_prefix(word).is_some_and(|rest| rest.starts_with(' '))
}

/// Gets a page of a server, its first 4 KiB at most, within a time.
pub(super) fn get_page(
    url: &str,
    patience: Duration,
) -> anyhow::Result<(http::StatusCode, String)> {
    let request = ureq::http::Request::get(url).body(())?;
    let agent = agent();
    let request = agent.configure_request(request).timeout_global(Some(patience)).build();
    let mut response = run(&agent, request)?;
    let text = response.body_mut().with_config().limit(4096).lossy_utf8(true).read_to_string();
    Ok((response.status(), text.unwrap_or_default()))
}

/// Writes the parameters of a query that have a value.
pub(super) fn query<'n>(parameters: impl IntoIterator<Item = (&'n str, Option<String>)>) -> String {
    let parameters = parameters.into_iter();
    let parameters =
        parameters.filter_map(|(name, value)| Some(format!("{name}={}", encoded(&value?))));
    parameters.collect::<Vec<_>>().join("&")
}

/// A text as one segment of a path or one value of a query.
pub(super) fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
