//! A sandbox inside this process, for Rust tests: on a free port, with a thread and a runtime of its
//! own, stopped when dropped.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use anyhow::Context as _;
use tokio::sync::oneshot;

use crate::admin;
use crate::admin::verify::Verify;
use crate::call::{Config, CorsOrigin, Sandbox};
use crate::clock::Clock;
use crate::fixtures;
use crate::journal::{CallRecord, Query, Walk};
use crate::report::{IgnoredRule, Report};
use crate::server::{self, Limits};
use crate::vendor::assumptions::Reading;
use crate::vendor::{Assumptions, MediaMode};
use crate::world::TenantName;

/// A sandbox that runs until it is dropped.
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
/// assert!(error.starts_with("expected at least 1 matching call, found 0"), "{error}");
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

/// The settings of a [`RunningSandbox`]; the defaults are those of the command line.
#[derive(Debug, Default)]
pub struct Builder {
    config: Config,
    fixtures: Option<PathBuf>,
    cors_origins: Vec<String>,
    assumptions: Vec<(String, String)>,
    limits: Limits,
}

impl RunningSandbox {
    /// Returns a builder with all defaults.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Starts a sandbox with all defaults.
    pub fn start() -> anyhow::Result<Self> {
        Self::builder().start()
    }

    /// Returns a token of the tenant `test`, whose calls [`requests`](Self::requests) and
    /// [`verify`](Self::verify) see.
    pub fn token(&self) -> String {
        format!("gnsb_{TENANT}")
    }

    /// Returns the calls of the tenant `test`, oldest first.
    pub fn requests(&self) -> Vec<CallRecord<'static>> {
        self.read(Some(tenant()))
    }

    /// Returns the calls of all tenants, oldest first.
    pub fn all_requests(&self) -> Vec<CallRecord<'static>> {
        self.read(None)
    }

    fn read(&self, tenant: Option<TenantName>) -> Vec<CallRecord<'static>> {
        self.sandbox.journal.read_all(&mut Walk::new(tenant, Query::default()))
    }

    /// Returns how many calls the journal has dropped for want of room.
    pub(crate) fn dropped_requests(&self) -> u64 {
        self.sandbox.journal.stats().evicted
    }

    /// Judges the clients of all tenants by their calls, without what is ignored.
    pub(crate) fn report(&self, ignored: Vec<IgnoredRule>) -> Report {
        admin::report::at_end(&self.sandbox, ignored)
    }

    /// Checks the calls of the tenant `test` against an expectation, and returns how many match.
    ///
    /// The expectation is written like the body of the API's `verify`:
    /// `{match: {outcome: ok}, count: {exactly: 2}}`. `wait_ms` is ignored, since every answered
    /// call is in the journal. The error says how many calls match, and how the closest call
    /// differs.
    pub fn verify(&self, expectation: &str) -> anyhow::Result<u64> {
        let mut verify = Verify::parse(tenant(), expectation)
            .map_err(|problem| anyhow::anyhow!("{}", problem.detail()))?;
        let verdict = verify.verdict(&self.sandbox);
        if verdict.pass {
            return Ok(verdict.matched);
        }
        anyhow::bail!("{}", verdict.describe(verify.counts()))
    }

    /// Returns the base URL, `http://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Starts a sandbox on a free port of the loopback; it is ready when this returns.
#[cfg(feature = "internals")]
pub fn start(config: Config) -> anyhow::Result<RunningSandbox> {
    serve(Sandbox::new(config)?, Limits::default())
}

/// Serves a sandbox on a free port of this machine; fails only if that has no socket or thread left.
pub(crate) fn serve(sandbox: Sandbox, limits: Limits) -> anyhow::Result<RunningSandbox> {
    let sandbox = Arc::new(sandbox);
    let runtime = server::runtime().context("cannot start a runtime")?;
    let listen = [SocketAddr::from(([127, 0, 0, 1], 0))];
    let listeners = runtime.block_on(async { server::Listeners::bind(&listen) })?;
    let address = listeners.address();
    let (stop, stopped) = oneshot::channel();
    let serving = Arc::clone(&sandbox);
    let thread = std::thread::Builder::new().name("genuin-sandbox".into()).spawn(move || {
        runtime.block_on(server::run(listeners, serving, limits, async {
            // an error says that the handle is gone, which ends the server too
            let _ = stopped.await;
        }));
    })?;
    Ok(RunningSandbox { address, sandbox, stop: Some(stop), thread: Some(thread) })
}

fn tenant() -> TenantName {
    TenantName::parse(TENANT).expect("BUG: the name is well-formed")
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
    /// Sets the seed of all ids.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.config.seed = seed;
        self
    }

    /// Sets the clock: real or frozen.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.config.clock = clock;
        self
    }

    /// Sets which videos count as uploaded.
    #[must_use]
    pub fn media(mut self, media: MediaMode) -> Self {
        self.config.media = media;
        self
    }

    /// Turns an assumption: how a rule is read that nothing public states. The command `assumptions` lists
    /// the names and variants.
    #[must_use]
    pub fn assume(mut self, name: impl Into<String>, variant: impl Into<String>) -> Self {
        self.assumptions.push((name.into(), variant.into()));
        self
    }

    /// Sets what links in answers begin with, without a slash at the end.
    #[must_use]
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.config.public_url = Some(url.into());
        self
    }

    /// Sets the fixture file with the starting data, in place of the built-in fixtures.
    #[must_use]
    pub fn fixtures(mut self, file: impl Into<PathBuf>) -> Self {
        self.fixtures = Some(file.into());
        self
    }

    /// Sets the scenario that is active for every tenant, by name or as a line such as
    /// `"2x500, ok*"`.
    #[must_use]
    pub fn scenario(mut self, name_or_line: impl Into<String>) -> Self {
        self.config.scenario = Some(name_or_line.into());
        self
    }

    /// Sets a directory of scenario files, which are reloaded when they change.
    #[must_use]
    pub fn scenarios(mut self, directory: impl Into<PathBuf>) -> Self {
        self.config.scenarios.directory = Some(directory.into());
        self
    }

    /// Lets web pages of an origin such as `http://localhost:3000` call the vendor's routes, or of all
    /// with `*`; may be called repeatedly.
    #[must_use]
    pub fn cors_origin(mut self, origin: impl Into<String>) -> Self {
        self.cors_origins.push(origin.into());
        self
    }

    /// Sets how much memory calls can make the sandbox keep in all, in MiB, from 12 to 65536; past its
    /// share of that, the oldest data of the tenant with most gives way, or what is new is refused.
    #[must_use]
    pub fn max_memory_mib(mut self, mib: u32) -> Self {
        self.config.max_memory_mib = Some(mib);
        self
    }

    /// Sets how much memory the journal takes at most, in MiB, from 1 to 4096; past that, the oldest
    /// calls of the tenant with most data are dropped.
    #[must_use]
    pub fn journal_mib(mut self, mib: u32) -> Self {
        self.config.journal_mib = Some(mib);
        self
    }

    /// Sets the server's limits on sizes, times and connections.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Starts the sandbox on a free port of the loopback; it is ready when this returns.
    pub fn start(mut self) -> anyhow::Result<RunningSandbox> {
        if let Some(file) = &self.fixtures {
            self.config.fixtures = fixtures::from_file(file)?;
        }
        for origin in &self.cors_origins {
            let origin = CorsOrigin::parse(origin).context("cors_origin")?;
            self.config.cors_origins.push(origin);
        }
        let readings = self.assumptions.iter().map(|(name, variant)| Reading::find(name, variant));
        let readings = readings.collect::<anyhow::Result<Vec<_>>>().context("assume")?;
        self.config.assumptions = Assumptions::with(&readings).context("assume")?;
        serve(Sandbox::new(self.config)?, self.limits)
    }
}
