//! A sandbox on a free port inside this process, for Rust tests: own thread, own runtime, gone
//! when dropped.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use anyhow::Context as _;
use tokio::sync::oneshot;

use crate::admin::Verify;
use crate::call::{Config, Sandbox};
use crate::clock::Clock;
use crate::journal::{CallRecord, Query};
use crate::server::{self, Limits};
use crate::tenant::TenantName;
use crate::vendor::MediaMode;
use crate::world::Seed;

/// A sandbox that answers until it is dropped.
///
/// ```
/// use std::io::{Read, Write};
/// use genuin_sandbox::RunningSandbox;
///
/// let sandbox = RunningSandbox::builder().seed(42).scenario("2x500, ok*").start()?;
///
/// // any client will do; this is what one sends
/// let mut client = std::net::TcpStream::connect(sandbox.address())?;
/// let body = r#"{"type":4,"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667"}"#;
/// write!(
///     client,
///     "POST /api/thirdparty/group/create HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
///      Authorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
///     sandbox.token(),
///     body.len(),
/// )?;
/// let mut answer = String::new();
/// client.read_to_string(&mut answer)?;
/// assert!(answer.starts_with("HTTP/1.1 500 "));
///
/// assert_eq!(sandbox.requests()[0].outcome, "server-error");
/// sandbox.verify("{match: {outcome: server-error, committed: false}, count: {exactly: 1}}")?;
/// let error = sandbox.verify("{match: {outcome: ok}}").unwrap_err().to_string();
/// assert!(error.starts_with("0 calls match"), "{error}");
/// # Ok::<(), anyhow::Error>(())
/// ```
#[derive(Debug)]
pub struct RunningSandbox {
    address: SocketAddr,
    sandbox: Arc<Sandbox>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// The tenant of [`RunningSandbox::token`].
const TENANT: &str = "test";

fn everything() -> Query {
    Query { limit: usize::MAX, ..Query::default() }
}

/// How a [`RunningSandbox`] is to be; everything has the defaults of the command line.
#[derive(Debug, Default)]
pub struct Builder {
    config: Config,
    limits: Limits,
}

impl RunningSandbox {
    /// Starts to describe one.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// One with all defaults.
    pub fn start() -> anyhow::Result<Self> {
        Self::builder().start()
    }

    /// One that is as `config` says, on a free port of the loopback; it is ready when this returns.
    pub fn of(config: Config) -> anyhow::Result<Self> {
        Self::run(config, Limits::default())
    }

    fn run(config: Config, limits: Limits) -> anyhow::Result<Self> {
        let sandbox = Arc::new(Sandbox::new(config)?);
        let runtime = server::runtime().context("cannot start a runtime")?;
        let listen = [SocketAddr::from(([127, 0, 0, 1], 0))];
        let listeners = runtime.block_on(async { server::Listeners::bind(&listen) })?;
        let address = listeners.address();
        let (stop, stopped) = oneshot::channel();
        let serving = Arc::clone(&sandbox);
        let thread =
            std::thread::Builder::new().name("genuin-sandbox".into()).spawn(move || {
                runtime.block_on(server::run(listeners, serving, limits, async {
                    // an error says that the handle is gone, which ends the server too
                    let _ = stopped.await;
                }));
            })?;
        Ok(Self { address, sandbox, stop: Some(stop), thread: Some(thread) })
    }

    /// A token of the tenant `test`, whose calls `requests` and `verify` look at.
    pub fn token(&self) -> String {
        format!("gnsb_{TENANT}")
    }

    /// What the tenant `test` asked, the oldest first.
    pub fn requests(&self) -> Vec<CallRecord<'static>> {
        let tenant = TenantName::parse(TENANT).expect("BUG: the name is well-formed");
        self.sandbox.journal.of_tenant(&tenant, &everything()).entries
    }

    /// What everybody asked, the oldest first.
    pub fn all_requests(&self) -> Vec<CallRecord<'static>> {
        self.sandbox.journal.of_all(&everything()).entries
    }

    /// Holds the calls of the tenant `test` to an expectation, written as the body of the API's
    /// `verify`: `{match: {outcome: ok}, count: {exactly: 2}}`, and gives how many matched.
    ///
    /// An error says how many did, and what the nearest other call lacks. `wait_ms` is not looked
    /// at: what was answered is in the journal.
    pub fn verify(&self, expectation: &str) -> anyhow::Result<u64> {
        let tenant = TenantName::parse(TENANT).expect("BUG: the name is well-formed");
        let mut verify = Verify::parse(&tenant, expectation)?;
        let verdict = verify.verdict(&self.sandbox);
        let matched = verdict["matched"].as_u64().unwrap_or_default();
        if verdict["pass"] == serde_json::json!(true) {
            return Ok(matched);
        }
        let closest = &verdict["closest"];
        anyhow::bail!("{matched} calls match {expectation}; the nearest other is {closest}")
    }

    /// The base URL, `http://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for RunningSandbox {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // an error says that the server has ended already
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Builder {
    /// The seed of all ids.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.config.seed = seed;
        self
    }

    /// Where the time comes from.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.config.clock = clock;
        self
    }

    /// Which videos count as uploaded.
    #[must_use]
    pub fn media(mut self, media: MediaMode) -> Self {
        self.config.media = media;
        self
    }

    /// What links begin with, without a slash at the end.
    #[must_use]
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.config.public_url = Some(url.into());
        self
    }

    /// The starting data.
    #[must_use]
    pub fn fixtures(mut self, fixtures: Seed) -> Self {
        self.config.fixtures = fixtures;
        self
    }

    /// The scenario or line that is active for every tenant: `"2x500, ok*"`.
    #[must_use]
    pub fn scenario(mut self, name_or_line: impl Into<String>) -> Self {
        self.config.scenario = Some(name_or_line.into());
        self
    }

    /// A directory of scenario files, which is looked at again while the sandbox runs.
    #[must_use]
    pub fn scenarios(mut self, directory: impl Into<std::path::PathBuf>) -> Self {
        self.config.scenarios.directory = Some(directory.into());
        self
    }

    /// What one client may take of the server, and for how long.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Starts it on a free port of the loopback; it is ready when this returns.
    pub fn start(self) -> anyhow::Result<RunningSandbox> {
        RunningSandbox::run(self.config, self.limits)
    }
}
