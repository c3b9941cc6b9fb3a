//! Makes the load: `wrk` with one thread sends the same request on connections that stay open.

use std::ffi::OsString;
use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use serde::Deserialize;
use tempfile::NamedTempFile;

use crate::call;
use crate::cpu::{self, Cpu};

/// Begins the line of the script's results.
const MARK: &str = "measured ";

/// Prints the results in one line, since the report for people is rounded.
const DONE: &str = r#"
done = function(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        'measured {"requests":%d,"micros":%d,"refused":%d,"broken":%d,"p50_us":%d,"p99_us":%d}\n',
        summary.requests, summary.duration, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50), latency:percentile(99)))
end
"#;

/// `wrk` and its script.
pub struct Wrk {
    script: NamedTempFile,
}

/// Its results.
#[derive(Debug, Deserialize)]
pub struct Seen {
    /// How many requests were answered.
    pub requests: u32,
    /// How long the run took.
    micros: u32,
    /// How many of the answers had a status of 400 or more.
    refused: u32,
    /// How often a connection failed or an answer took 2 s.
    broken: u32,
    /// The median latency, in microseconds.
    pub p50_us: u32,
    /// The 99th percentile of the latency, in microseconds.
    pub p99_us: u32,
}

impl Seen {
    /// Requests per second.
    pub fn per_second(&self) -> f64 {
        f64::from(self.requests) * 1e6 / f64::from(self.micros)
    }
}

impl Wrk {
    /// Writes the script to a file.
    pub fn new() -> anyhow::Result<Self> {
        let mut script = NamedTempFile::new()?;
        writeln!(script, "wrk.method = \"POST\"")?;
        writeln!(script, "wrk.headers[\"Authorization\"] = \"Bearer {}\"", call::TOKEN)?;
        writeln!(script, "wrk.headers[\"Content-Type\"] = \"application/json\"")?;
        writeln!(script, "wrk.body = [==[{}]==]", call::body()?)?;
        writeln!(script, "{DONE}")?;
        Ok(Self { script })
    }

    /// Puts load on a server; every answer must be a success.
    pub fn ask(&self, at: SocketAddr, connections: u32, time: Duration) -> anyhow::Result<Seen> {
        let url = format!("http://{at}{}", call::PATH);
        let [connections, seconds] =
            [format!("-c{connections}"), format!("-d{}s", time.as_secs().max(1))];
        let mut words: Vec<OsString> =
            ["wrk", "-t1", &connections, &seconds, "--latency", "-s"].map(OsString::from).into();
        words.extend([self.script.path().into(), url.into()]);
        let output = cpu::command(Cpu::Client, &words)
            .output()
            .context("cannot start wrk; benches/run installs it")?;
        let said = String::from_utf8_lossy(&output.stdout);
        let Some(line) = said.lines().find_map(|line| line.strip_prefix(MARK)) else {
            bail!("wrk measured nothing; {}", String::from_utf8_lossy(&output.stderr));
        };
        let seen: Seen = serde_json::from_str(line)?;
        ensure!(
            seen.refused == 0 && seen.broken == 0 && seen.requests > 0,
            "only answers that are a success may be measured: {seen:?}"
        );
        Ok(seen)
    }
}
