//! A sandbox on a free port inside this process, for Rust tests: own thread, own runtime, gone
//! when dropped.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use anyhow::Context as _;
use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::contract::MediaMode;
use crate::sandbox::{Config, Sandbox};
use crate::server;
use crate::state::Seed;

/// A sandbox that answers until it is dropped.
///
/// ```
/// use genuin_sandbox::RunningSandbox;
///
/// let sandbox = RunningSandbox::builder().seed(7).start()?;
/// assert!(sandbox.url().starts_with("http://127.0.0.1:"));
/// # Ok::<(), anyhow::Error>(())
/// ```
#[derive(Debug)]
pub struct RunningSandbox {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// How a [`RunningSandbox`] is to be; everything has the defaults of the command line.
#[derive(Debug, Default)]
pub struct Builder {
    config: Config,
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

    /// Starts it on a free port of the loopback; it is ready when this returns.
    pub fn start(self) -> anyhow::Result<RunningSandbox> {
        let sandbox = Arc::new(Sandbox::new(self.config)?);
        let runtime = server::runtime().context("cannot start a runtime")?;
        let listen = [SocketAddr::from(([127, 0, 0, 1], 0))];
        let listeners = runtime.block_on(async { server::Listeners::bind(&listen) })?;
        let address = listeners.address();
        let (stop, stopped) = oneshot::channel();
        let thread =
            std::thread::Builder::new().name("genuin-sandbox".into()).spawn(move || {
                runtime.block_on(server::run(listeners, sandbox, async {
                    // an error says that the handle is gone, which ends the server too
                    let _ = stopped.await;
                }));
            })?;
        Ok(RunningSandbox { address, stop: Some(stop), thread: Some(thread) })
    }
}
