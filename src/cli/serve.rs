//! `serve`: everything is loaded, then the port is bound, then calls are answered.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use clap::{Args, ValueEnum};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::token::AdminToken;
use super::{CANNOT_BIND, DEADLINE, Failure, USAGE, logging};
use crate::admin::{Access, Mode};
use crate::call::{Config, Sandbox};
use crate::clock::Clock;
use crate::fixtures;
use crate::scenario;
use crate::server::{self, DRAIN, Ended, Limits, Listeners};
use crate::vendor::MediaMode;

#[derive(Debug, Args)]
pub struct Options {
    /// Where to listen; port 0 takes a free one [default: both loopbacks, port 4368]
    #[arg(long, env = "GNSB_LISTEN", value_name = "ADDR:PORT", value_parser = listen, default_value = "localhost:4368", hide_default_value = true)]
    listen: Listen,
    /// What the links in answers begin with [default: http:// and the call's Host]
    #[arg(long, env = "GNSB_PUBLIC_URL", value_name = "URL", value_parser = public_url)]
    public_url: Option<String>,
    /// The starting data [default: built in]
    #[arg(long, env = "GNSB_FIXTURES", value_name = "FILE")]
    fixtures: Option<PathBuf>,
    /// A directory of scenario files; it may appear later [default: ./scenarios]
    #[arg(long, env = "GNSB_SCENARIOS", value_name = "DIR")]
    scenarios: Option<PathBuf>,
    /// The scenario or line that is active for every tenant, for example "2x500, ok*"
    #[arg(long, env = "GNSB_SCENARIO", value_name = "NAME_OR_LINE")]
    scenario: Option<String>,
    /// The seed of all ids: the same seed gives the same ids
    #[arg(long, env = "GNSB_SEED", value_name = "N", default_value_t = 42)]
    seed: u64,
    /// "real", or an RFC 3339 time at which the clock stands still
    #[arg(long, env = "GNSB_CLOCK", value_name = "real|RFC3339", value_parser = Clock::parse, default_value = "real")]
    clock: Clock,
    /// Which videos count as uploaded
    #[arg(long, env = "GNSB_MEDIA", value_enum, default_value_t = Media::Lenient)]
    media: Media,
    /// How many groups are remembered in all tenants together
    #[arg(long, env = "GNSB_MAX_GROUPS", value_name = "N", default_value_t = 20_000)]
    max_groups: usize,
    /// Who may use the sandbox's own API: this machine, everybody, nobody
    #[arg(long, env = "GNSB_ADMIN", value_enum, default_value_t = Admin::Loopback)]
    admin: Admin,
    #[command(flatten)]
    admin_token: AdminToken,
    /// Another name under which that API may be called; may be repeated
    #[arg(long, env = "GNSB_ALLOW_HOST", value_name = "NAME", value_delimiter = ',')]
    allow_host: Vec<String>,
    /// Say in headers of the vendor's answers what was decided
    #[arg(long, env = "GNSB_DEBUG_HEADERS", value_parser = clap::builder::BoolishValueParser::new(), num_args = 0..=1, default_value = "false", default_missing_value = "true", require_equals = true)]
    debug_headers: bool,
    /// A file to write the port to once it is bound
    #[arg(long, env = "GNSB_PORT_FILE", value_name = "PATH")]
    port_file: Option<PathBuf>,
    /// What to log: error, warn, info, debug or trace
    #[arg(long, env = "GNSB_LOG", value_name = "FILTER", default_value = "info")]
    log: String,
    /// How to log
    #[arg(long, env = "GNSB_LOG_FORMAT", value_enum, default_value_t = logging::Format::Text)]
    log_format: logging::Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Media {
    /// Every name but those that begin with "missing"
    Lenient,
    /// Only the names in the fixtures' media list
    Strict,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Admin {
    /// Only from this machine; it is not there for others
    Loopback,
    /// From anywhere
    Open,
    /// Not at all
    Off,
}

/// Addresses of the same port, the first of which must be had.
#[derive(Debug, Clone)]
struct Listen(Vec<SocketAddr>);

/// Serves until told to stop.
pub fn run(options: &Options, warnings: &[String]) -> Result<(), Failure> {
    let usage = |why| Failure::new(USAGE, why);
    let _log = logging::start(&options.log, options.log_format).map_err(usage)?;
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    let runtime = server::runtime()
        .context("cannot start the runtime")
        .map_err(|why| Failure::new(CANNOT_BIND, why))?;
    runtime.block_on(async {
        // first of all, since the first process of a container loses a signal it does not handle
        let mut signals = Signals::new().context("cannot listen for signals").map_err(usage)?;
        let sandbox = Arc::new(config(options).and_then(Sandbox::new).map_err(usage)?);
        let scenario = sandbox.scenario().unwrap_or("none").to_owned();
        server::raise_file_limit();
        let listeners =
            Listeners::bind(&options.listen.0).map_err(|why| Failure::new(CANNOT_BIND, why))?;
        let address = listeners.address();
        if let Some(path) = &options.port_file {
            write_port_file(path, address.port()).map_err(usage)?;
        }
        announce(address, options.seed, &scenario);
        let serving = server::run(listeners, sandbox, Limits::default(), signals.next());
        match serving.await {
            Ended::Drained => Ok(()),
            Ended::DeadlinePassed => {
                // through the log, since stderr itself may be full and unread
                tracing::error!(
                    "calls were still under way {} s after the signal",
                    DRAIN.as_secs()
                );
                Err(Failure::told(DEADLINE))
            }
        }
    })
}

/// What the flags and variables say of the sandbox itself.
pub fn config(options: &Options) -> anyhow::Result<Config> {
    let fixtures = match &options.fixtures {
        Some(path) => fixtures::from_file(path)?,
        None => fixtures::built_in(),
    };
    if let Some(directory) = options.scenarios.as_ref().filter(|directory| !directory.is_dir()) {
        let directory = directory.display();
        tracing::warn!(
            "the scenario directory {directory} is not there; its files are taken when it appears"
        );
    }
    let directory = options.scenarios.clone().unwrap_or_else(|| PathBuf::from("scenarios"));
    Ok(Config {
        seed: options.seed,
        clock: options.clock,
        media: match options.media {
            Media::Lenient => MediaMode::Lenient,
            Media::Strict => MediaMode::Strict,
        },
        public_url: options.public_url.clone(),
        fixtures,
        scenarios: scenario::Source {
            directory: Some(directory),
            inline: std::env::var("GNSB_SCENARIO_YAML").ok().filter(|text| !text.is_empty()),
            given: Vec::new(),
        },
        scenario: options.scenario.clone(),
        max_groups: options.max_groups,
        admin: access(options)?,
        debug_headers: options.debug_headers,
    })
}

fn access(options: &Options) -> anyhow::Result<Access> {
    let token = options.admin_token.read()?;
    let mode = match options.admin {
        Admin::Loopback => Mode::Loopback,
        Admin::Open => Mode::Open,
        Admin::Off => Mode::Off,
    };
    Ok(Access { mode, token, allow_hosts: options.allow_host.clone() })
}

/// The one line on stdout.
fn announce(address: SocketAddr, seed: u64, scenario: &str) {
    let line =
        format!("genuin-sandbox ready on http://{address} (seed {seed}, scenario {scenario})\n");
    let mut stdout = std::io::stdout().lock();
    // a closed stdout stops nobody
    let _ = stdout.write_all(line.as_bytes()).and_then(|()| stdout.flush());
}

/// Written beside its place and moved there, so that nobody reads half a number.
fn write_port_file(path: &Path, port: u16) -> anyhow::Result<()> {
    let name =
        path.file_name().with_context(|| format!("{} is not a file name", path.display()))?;
    let beside = path.with_file_name(format!(".{}.{}", name.to_string_lossy(), std::process::id()));
    std::fs::write(&beside, format!("{port}\n"))
        .and_then(|()| std::fs::rename(&beside, path))
        .inspect_err(|_| drop(std::fs::remove_file(&beside)))
        .with_context(|| format!("cannot write the port file {}", path.display()))
}

/// SIGTERM and SIGINT.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for one of them; from then on, another one ends the process at once.
    async fn next(&mut self) {
        let name = self.wait().await;
        tracing::info!("{name}: finishing the calls under way");
        let (Ok(terminate), Ok(interrupt)) =
            (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
        else {
            return;
        };
        let mut again = Self { terminate, interrupt };
        tokio::spawn(async move {
            again.wait().await;
            std::process::exit(DEADLINE.into());
        });
    }

    async fn wait(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

fn listen(text: &str) -> anyhow::Result<Listen> {
    if let Some(port) = text.strip_prefix("localhost:") {
        let port: u16 = port.parse().map_err(|_| anyhow!("{port:?} is not a port, 0 to 65535"))?;
        let loopbacks = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
        return Ok(Listen(loopbacks.map(|ip| SocketAddr::new(ip, port)).to_vec()));
    }
    let address = text.parse().map_err(|_| {
        anyhow!("write an IP address and a port, like 127.0.0.1:4368, [::1]:4368 or 0.0.0.0:4368")
    })?;
    Ok(Listen(vec![address]))
}

fn public_url(text: &str) -> anyhow::Result<String> {
    let uri: http::Uri = text.parse().with_context(|| format!("{text:?} is not a URL"))?;
    let scheme = uri.scheme_str();
    if !matches!(scheme, Some("http" | "https")) || uri.authority().is_none() {
        bail!("write a URL like https://sandbox.example.com");
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        bail!("a public URL has no user in it");
    }
    if uri.query().is_some() || text.contains('#') {
        bail!("a public URL ends before ? and #");
    }
    Ok(text.trim_end_matches('/').to_owned())
}
