//! A server as a separate process: started, observed through `/proc`, and killed when dropped.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::Context as _;

use crate::baseline;
use crate::cpu::{self, Cpu};

/// How long a server may take to be ready.
const PATIENCE: Duration = Duration::from_secs(10);

/// The servers that are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// The product with its defaults.
    Product,
    /// The product with 50 rules that are evaluated and do not act.
    ProductWithRules,
    /// hyper and serde, and nothing else.
    Baseline,
}

impl Program {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::ProductWithRules => "product, 50 rules",
            Self::Baseline => "baseline",
        }
    }

    /// Its command line.
    fn words(self, listen: SocketAddr) -> anyhow::Result<Vec<OsString>> {
        let listen = listen.to_string();
        let product = env!("CARGO_BIN_EXE_genuin-sandbox");
        let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/scenarios");
        let words = match self {
            Self::Product => vec![product.into(), "--listen".into(), listen.into()],
            Self::ProductWithRules => [product, "--listen", &listen, "--scenarios", rules]
                .into_iter()
                .chain(["--scenario", "fifty-rules"])
                .map(OsString::from)
                .collect(),
            Self::Baseline => {
                vec![std::env::current_exe()?.into(), baseline::ARGUMENT.into(), listen.into()]
            }
        };
        Ok(words)
    }
}

/// A running server.
pub struct Server {
    child: Child,
    /// Kept open, so that the server can write to it.
    stdout: Option<ChildStdout>,
}

impl Server {
    /// Starts a server on the given address, without waiting until it is ready.
    pub fn spawn(program: Program, listen: SocketAddr, cpu: Cpu) -> anyhow::Result<Self> {
        let mut command = cpu::command(cpu, &program.words(listen)?);
        unconfigured(&mut command);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start the {}", program.name()))?;
        let stdout = child.stdout.take();
        Ok(Self { child, stdout })
    }

    /// Starts a server on a free port and waits for its ready line.
    pub fn start(program: Program, cpu: Cpu) -> anyhow::Result<(Self, SocketAddr)> {
        let mut server = Self::spawn(program, SocketAddr::from(([127, 0, 0, 1], 0)), cpu)?;
        let mut stdout = BufReader::new(server.stdout.take().context("its output is not piped")?);
        let (said, heard) = mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = stdout.read_line(&mut line);
            // an error says that the receiver has given up
            let _ = said.send((read.map(|_| line), stdout.into_inner()));
        });
        let (line, stdout) = heard
            .recv_timeout(PATIENCE)
            .with_context(|| format!("the {} is not ready", program.name()))?;
        let line = line?;
        let address =
            line.split_once("http://").and_then(|(_, rest)| rest.split_whitespace().next());
        let address = address
            .and_then(|address| address.parse().ok())
            .with_context(|| format!("the {} did not start: {line:?}", program.name()))?;
        server.stdout = Some(stdout);
        Ok((server, address))
    }

    /// Returns the CPU time of all its threads so far.
    pub fn cpu_time(&self) -> anyhow::Result<Duration> {
        let mut whole = Duration::ZERO;
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let text = std::fs::read_to_string(thread?.path().join("schedstat"))?;
            let nanoseconds = text.split(' ').next().unwrap_or_default();
            whole += Duration::from_nanos(nanoseconds.parse().context("schedstat is not known")?);
        }
        Ok(whole)
    }

    /// Returns its resident memory, in MiB.
    pub fn memory_mib(&self) -> anyhow::Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")).context("no VmRSS")?;
        Ok(kib.parse::<f64>()? / 1024.0)
    }

    /// Returns the number of its open files, connections included.
    pub fn open_files(&self) -> anyhow::Result<usize> {
        Ok(std::fs::read_dir(format!("/proc/{}/fd", self.child.id()))?.count())
    }
}

/// Removes what the product would read of the caller's environment, including the directory.
fn unconfigured(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GNSB_") {
            command.env_remove(name);
        }
    }
    command.current_dir("/");
}

impl Drop for Server {
    fn drop(&mut self) {
        // an error says that it has ended already
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
