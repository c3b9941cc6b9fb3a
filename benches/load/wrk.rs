//! The load: `wrk` with one thread, which sends the same request on connections that are kept open.

use std::ffi::OsString;
use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use serde::Deserialize;
use tempfile::NamedTempFile;

use crate::call;
use crate::cpu::{self, Cpu};

/// Before the line in which the script says what was measured.
const MARK: &str = "measured ";

/// What was measured is said in one line, since the report for people rounds.
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

/// `wrk`, ready to ask.
pub struct Wrk {
    script: NamedTempFile,
}

/// What it saw.
#[derive(Debug, Deserialize)]
pub struct Seen {
    /// How many requests were answered.
    pub requests: u32,
    /// How long it asked.
    micros: u32,
    /// How many of the answers had a status of 400 or more.
    refused: u32,
    /// How often a connection failed or an answer took 2 s.
    broken: u32,
    /// Half of the answers took at most so long, in microseconds.
    pub p50_us: u32,
    /// 99 % of them took at most so long.
    pub p99_us: u32,
}

impl Seen {
    /// Requests in a second.
    pub fn per_second(&self) -> f64 {
        f64::from(self.requests) * 1e6 / f64::from(self.micros)
    }
}

impl Wrk {
    /// Writes its script down.
    pub fn new() -> anyhow::Result<Self> {
        let mut script = NamedTempFile::new()?;
        writeln!(script, "wrk.method = \"POST\"")?;
        writeln!(script, "wrk.headers[\"Authorization\"] = \"Bearer {}\"", call::TOKEN)?;
        writeln!(script, "wrk.headers[\"Content-Type\"] = \"application/json\"")?;
        writeln!(script, "wrk.body = [==[{}]==]", call::body()?)?;
        writeln!(script, "{DONE}")?;
        Ok(Self { script })
    }

    /// Asks for so long on so many connections; every answer must be a success.
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
