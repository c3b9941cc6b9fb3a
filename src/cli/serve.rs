//! `serve`: loads everything, then binds the port, then answers calls.

use std::io::{ErrorKind, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow, ensure};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use serde_json::json;

use super::instance::Instance;
use super::listen::{Listen, reachable};
use super::logging::{self, LogFormat};
use super::signals::Signals;
use super::token::AdminToken;
use super::{CANNOT_BIND, DEADLINE, Failure, USAGE, base_url, environment, numbers, output_file};
use crate::admin::{Access, Mode};
use crate::call::{Config, CorsOrigin, Origins, Sandbox, UnknownScenario};
use crate::clock::Clock;
use crate::console;
use crate::fixtures;
use crate::http::Host;
use crate::memory::{JOURNAL_MIB, MAX_MEMORY_MIB};
use crate::scenario;
use crate::server::{self, DRAIN, Limits, Listeners, ShutdownResult};
use crate::text::escaped;
use crate::text::secrets::without_user;
use crate::vendor::assumptions::Reading;
use crate::vendor::{Assumptions, MediaMode};

#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct ServeOptions {
    /// Address to listen on; port 0 takes a free port [default: both loopbacks, port 4368]
    #[arg(long, env = "GNSB_LISTEN", value_name = "ADDR:PORT", value_parser = Listen::parse, default_value = "localhost:4368", hide_default_value = true)]
    listen: Listen,
    /// Base of the links in answers [default: http:// and the call's Host]
    #[arg(long, env = "GNSB_PUBLIC_URL", value_name = "URL", value_parser = base_url::parse)]
    public_url: Option<String>,
    /// File with the starting data [default: built in]
    #[arg(long, env = "GNSB_FIXTURES", value_name = "FILE")]
    fixtures: Option<PathBuf>,
    /// Directory of scenario files; it may be created later [default: ./scenarios]
    #[arg(long, env = "GNSB_SCENARIOS", value_name = "DIR")]
    scenarios: Option<PathBuf>,
    /// A whole scenario file (environment variable only)
    #[arg(long, hide = true, env = "GNSB_SCENARIO_YAML", value_name = "YAML")]
    scenario_yaml: Option<String>,
    /// Scenario or line that is active for every tenant, for example "2x500, ok*"
    #[arg(long, env = "GNSB_SCENARIO", value_name = "NAME_OR_LINE")]
    scenario: Option<String>,
    /// Seed of all ids: the same seed gives the same ids
    #[arg(long, env = "GNSB_SEED", value_name = "N", default_value_t = 42, value_parser = seed)]
    seed: u64,
    /// "real", or an RFC 3339 time to freeze the clock at
    #[arg(long, env = "GNSB_CLOCK", value_name = "real|RFC3339", value_parser = Clock::parse, default_value = "real")]
    clock: Clock,
    /// Which videos count as uploaded
    #[arg(long, env = "GNSB_MEDIA", value_enum, default_value_t = MediaMode::Lenient)]
    media: MediaMode,
    /// Another reading of a rule that nothing public states; may be repeated, or a list with commas (see
    /// genuin-sandbox assumptions)
    #[arg(long, env = "GNSB_ASSUME", value_name = "NAME=VARIANT", value_delimiter = ',', value_parser = Reading::parse)]
    assume: Vec<Reading>,
    /// Maximum memory in MiB for what clients can make the server keep, at least 12 [default: 96]
    #[arg(long, env = "GNSB_MAX_MEMORY", value_name = "MIB", value_parser = max_memory)]
    max_memory: Option<u32>,
    /// Maximum number of groups kept across all tenants, at least 1 [default: by --max-memory, 20000]
    #[arg(long, env = "GNSB_MAX_GROUPS", value_name = "N", value_parser = group_count)]
    max_groups: Option<usize>,
    /// Maximum memory of the journal in MiB, from 1 to 4096 [default: by --max-memory, 32]
    #[arg(long, env = "GNSB_JOURNAL_MIB", value_name = "N", value_parser = journal_mib)]
    journal_mib: Option<u32>,
    /// Who may use the sandbox's own API
    #[arg(long, env = "GNSB_ADMIN", value_enum, default_value_t = Mode::Loopback)]
    admin: Mode,
    #[command(flatten)]
    admin_token: AdminToken,
    /// Additional host name that the own API answers to; may be repeated, or a list with commas
    #[arg(long, env = "GNSB_ALLOW_HOST", value_name = "NAME", value_delimiter = ',', value_parser = allowed_host)]
    allow_host: Vec<String>,
    /// Origin whose web pages may call the vendor's routes, or * for all; may be repeated, or a list
    /// with commas
    #[arg(long, env = "GNSB_CORS_ORIGIN", value_name = "ORIGIN", value_delimiter = ',', value_parser = CorsOrigin::parse)]
    cors_origin: Vec<CorsOrigin>,
    /// Name of this server in status, metrics and JSON logs, where there are several [default: the
    /// host's name]
    #[arg(long, env = "GNSB_INSTANCE", value_name = "NAME", value_parser = Instance::parse)]
    instance: Option<Instance>,
    /// Name tenant, outcome and rule in response headers
    #[arg(long, env = "GNSB_DEBUG_HEADERS", value_parser = on_or_off(), ignore_case = true, num_args = 0..=1, default_value = "false", default_missing_value = "true", require_equals = true)]
    debug_headers: bool,
    /// File to write the port to
    #[arg(long, env = "GNSB_PORT_FILE", value_name = "PATH")]
    port_file: Option<PathBuf>,
    /// Log level: error, warn, info, debug or trace
    #[arg(long, env = "GNSB_LOG", value_name = "FILTER", default_value = "info")]
    log: String,
    /// Log format
    #[arg(long, env = "GNSB_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
}

impl ServeOptions {
    /// The files that are read, by the options that name them.
    pub(super) fn read_files(&self) -> [(&'static str, Option<&PathBuf>); 2] {
        [
            (environment::origin("--fixtures", "GNSB_FIXTURES"), self.fixtures.as_ref()),
            ("GNSB_ADMIN_TOKEN_FILE", self.admin_token.file()),
        ]
    }

    /// Fails if the port would be written to a file that is read.
    fn check_port_file(&self) -> anyhow::Result<()> {
        let origin = environment::origin("--port-file", "GNSB_PORT_FILE");
        let port_file = (origin, self.port_file.as_ref());
        output_file::refuse_same([port_file].into_iter().chain(self.read_files()))
    }
}

impl ValueEnum for MediaMode {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Lenient, Self::Strict]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::Lenient => PossibleValue::new("lenient")
                .help("All but those whose name begins with \"missing\""),
            Self::Strict => PossibleValue::new("strict").help("Those in the fixtures' media list"),
        })
    }
}

impl ValueEnum for Mode {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Loopback, Self::Open, Self::Off]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::Loopback => {
                PossibleValue::new("loopback").help("This machine, without a proxy in between")
            }
            Self::Open => PossibleValue::new("open").help("Everyone"),
            Self::Off => PossibleValue::new("off").help("No one"),
        })
    }
}

pub(super) fn run(options: ServeOptions, warnings: &[String]) -> Result<(), Failure> {
    let usage = |why| Failure::new(USAGE, why);
    let cannot_bind = |why| Failure::new(CANNOT_BIND, why);
    let log_format = options.log_format;
    let instance = options.instance.clone().unwrap_or_else(Instance::of_host);
    let _log = logging::start(&options.log, log_format, &instance).map_err(usage)?;
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    let runtime = server::runtime().context("cannot start the runtime").map_err(cannot_bind)?;
    runtime.block_on(async {
        // the first process of a container loses a signal that it does not handle yet
        let mut signals = Signals::listen().context("cannot listen for signals").map_err(usage)?;
        options.check_port_file().map_err(usage)?;
        let (listen, port_file) = (options.listen.addresses().to_vec(), options.port_file.clone());
        let sandbox =
            Arc::new(config(options).and_then(Sandbox::new).map_err(name_origin).map_err(usage)?);
        server::raise_file_limit();
        let listeners = Listeners::bind(&listen)
            .context(environment::origin("--listen", "GNSB_LISTEN"))
            .map_err(cannot_bind)?;
        let address = listeners.address();
        if let Some(path) = port_file {
            write_port_file(&path, address.port())
                .context(environment::origin("--port-file", "GNSB_PORT_FILE"))
                .map_err(usage)?;
        }
        announce(address, &sandbox, log_format);
        match server::run(listeners, sandbox, Limits::default(), signals.stop_requested()).await {
            ShutdownResult::Drained => Ok(()),
            ShutdownResult::DeadlinePassed => {
                // through the log, since stderr itself may be full and unread
                tracing::error!("calls were still open {} s after the signal", DRAIN.as_secs());
                Err(Failure::reported(DEADLINE))
            }
        }
    })
}

pub(super) fn config(options: ServeOptions) -> anyhow::Result<Config> {
    let fixtures = match &options.fixtures {
        Some(path) => {
            fixtures::from_file(path).context(environment::origin("--fixtures", "GNSB_FIXTURES"))?
        }
        None => fixtures::built_in(),
    };
    if let Some(path) = &options.scenarios {
        check_directory(path)?;
    }
    let origins = origins(&options);
    Ok(Config {
        instance: options.instance.unwrap_or_else(Instance::of_host).to_string(),
        seed: options.seed,
        clock: options.clock,
        media: options.media,
        assumptions: Assumptions::with(&options.assume)
            .context(environment::origin("--assume", "GNSB_ASSUME"))?,
        public_url: options.public_url,
        fixtures,
        scenarios: scenario::Source {
            directory: Some(options.scenarios.unwrap_or_else(|| "scenarios".into())),
            inline: options.scenario_yaml,
            parsed: Vec::new(),
        },
        scenario: options.scenario,
        max_memory_mib: options.max_memory,
        max_groups: options.max_groups,
        max_videos: None,
        journal_mib: options.journal_mib,
        admin: Access {
            mode: options.admin,
            token: options.admin_token.read()?,
            allow_hosts: options.allow_host,
        },
        cors_origins: options.cors_origin,
        debug_headers: options.debug_headers,
        origins,
    })
}

/// Where the settings come from, for the messages that explain why calls are not as usual.
fn origins(options: &ServeOptions) -> Origins {
    let scenario = match (&options.scenario, &options.scenario_yaml) {
        (None, Some(_)) => "GNSB_SCENARIO_YAML",
        _ => environment::origin("--scenario", "GNSB_SCENARIO"),
    };
    Origins {
        clock: environment::origin("--clock", "GNSB_CLOCK"),
        media: environment::origin("--media", "GNSB_MEDIA"),
        assumptions: environment::origin("--assume", "GNSB_ASSUME"),
        scenario,
    }
}

/// Refuses what is not a directory of scenarios, and warns of one that does not exist.
fn check_directory(path: &Path) -> anyhow::Result<()> {
    let (directory, origin) =
        (path.display(), environment::origin("--scenarios", "GNSB_SCENARIOS"));
    match path.metadata() {
        Ok(found) => {
            ensure!(found.is_dir(), "{origin}: {directory} {}", scenario::NOT_A_DIRECTORY);
        }
        Err(why) if why.kind() == ErrorKind::NotFound => tracing::warn!(
            "{origin}: scenario directory {directory} does not exist; its files are loaded when it appears"
        ),
        // reading it says why
        Err(_) => {}
    }
    Ok(())
}

/// Names where the scenario came from in an error of a sandbox that does not know it.
pub(super) fn name_origin(why: anyhow::Error) -> anyhow::Error {
    let Some(UnknownScenario(unknown)) = why.downcast_ref() else { return why };
    anyhow!("{}: {unknown}", environment::origin("--scenario", "GNSB_SCENARIO"))
}

/// Prints the one line on stdout, and logs which assumptions are turned: a log is often kept without it.
fn announce(address: SocketAddr, sandbox: &Sandbox, format: LogFormat) {
    let (seed, scenario) = (sandbox.seed, sandbox.scenario());
    let assumptions = sandbox.assumptions();
    let assumptions: Vec<_> =
        assumptions.turned().map(|(name, variant)| format!("{name}={variant}")).collect();
    if !assumptions.is_empty() {
        tracing::info!("assumptions turned: {}", assumptions.join(", "));
    }
    let url = format!("http://{}", reachable(address));
    if sandbox.admin.mode != Mode::Off {
        tracing::info!("console at {url}{}", console::PATH);
    }
    let line = match format {
        LogFormat::Text => {
            let scenario = escaped(scenario.unwrap_or("none"));
            let assuming = match &assumptions[..] {
                [] => String::new(),
                turned => format!(", assuming {}", turned.join(", ")),
            };
            format!("genuin-sandbox ready on {url} (seed {seed}, scenario {scenario}{assuming})\n")
        }
        LogFormat::Json => {
            let ready = json!({
                "event": "ready", "url": url, "seed": seed, "scenario": scenario,
                "assumptions": assumptions,
            });
            format!("{ready}\n")
        }
    };
    let mut stdout = std::io::stdout().lock();
    // a closed stdout does not stop the server
    let _ = stdout.write_all(line.as_bytes()).and_then(|()| stdout.flush());
}

/// Writes a temporary file and renames it, so that nobody reads half a number.
fn write_port_file(path: &Path, port: u16) -> anyhow::Result<()> {
    output_file::refuse_stdout(path, "where the ready line names the port")?;
    let name =
        path.file_name().with_context(|| format!("{} is not a file name", path.display()))?;
    // a device or pipe would be replaced by the file
    let is_other = std::fs::metadata(path).is_ok_and(|there| !there.is_file());
    ensure!(!is_other, "{} is not a regular file; name another port file", path.display());
    let temporary =
        path.with_file_name(format!(".{}.{}", name.to_string_lossy(), std::process::id()));
    std::fs::write(&temporary, format!("{port}\n"))
        .and_then(|()| std::fs::rename(&temporary, path))
        .inspect_err(|_| drop(std::fs::remove_file(&temporary)))
        .with_context(|| format!("cannot write the port file {}", path.display()))
}

/// Reads a host name as requests are compared with it: in lower case, without a final dot.
fn allowed_host(text: &str) -> anyhow::Result<String> {
    let text = text.trim();
    let has = |letters: &[char]| text.contains(letters);
    ensure!(!text.is_empty(), "a host name is empty; write one like sandbox.example.com");
    ensure!(!text.contains("://"), "write the host name without the scheme");
    ensure!(!has(&['"', '\'', '`']), "write the host name without quotes");
    ensure!(!has(&['*']), "a host name cannot contain *; name each host");
    ensure!(!has(&['/', '?', '#']), "write the host name without a path");
    let host = Host::parse(text).with_context(|| {
        let text = without_user(text);
        format!("{text:?} is not a host name; write one like sandbox.example.com, without a port")
    })?;
    let has_port = text.strip_suffix('.').unwrap_or(text) != host.name();
    ensure!(!has_port, "write the host name without a port; it is allowed with any");
    Ok(host.name().to_ascii_lowercase())
}

/// Reads a boolean as people write it in variables.
fn on_or_off() -> impl TypedValueParser<Value = bool> {
    // the last two of each are known, but not shown
    const ON: [&str; 6] = ["true", "yes", "on", "1", "y", "t"];
    const OFF: [&str; 6] = ["false", "no", "off", "0", "n", "f"];
    const SHOWN: usize = 4;
    let values = (0..ON.len()).flat_map(|at| [ON, OFF].map(|names| (at, names[at])));
    let values = values.map(|(at, name)| PossibleValue::new(name).hide(at >= SHOWN));
    PossibleValuesParser::new(values).map(|text| {
        let text = text.to_ascii_lowercase();
        ON.contains(&text.as_str())
    })
}

fn seed(text: &str) -> anyhow::Result<u64> {
    text.parse().map_err(|_| anyhow!("a seed is a whole number from 0 to {}", u64::MAX))
}

fn group_count(text: &str) -> anyhow::Result<usize> {
    let count = text.parse().ok().filter(|count| *count > 0);
    count.context("write a whole number of groups from 1, such as 20000")
}

fn max_memory(text: &str) -> anyhow::Result<u32> {
    numbers::mib(&MAX_MEMORY_MIB, text)
}

fn journal_mib(text: &str) -> anyhow::Result<u32> {
    numbers::mib(&JOURNAL_MIB, text)
}
