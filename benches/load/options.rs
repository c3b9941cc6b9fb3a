//! The command line of the driver.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use clap::error::ErrorKind;

/// Measures the product: under load beside a baseline, its start, its memory
#[derive(Debug, Parser)]
#[command(name = "load")]
pub struct Options {
    /// Write the report to a file too
    #[arg(long, value_name = "FILE")]
    pub write: Option<PathBuf>,
    /// Seconds that a run of the comparison takes [default: 5, quick: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: Option<u64>,
    /// Pairs of runs for each number of connections [default: 5, quick: 2]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pairs: Option<u32>,
    /// Measure less of everything
    #[arg(long)]
    pub quick: bool,
    /// Set by `cargo bench`; nothing is measured without it
    #[arg(long, hide = true)]
    pub bench: bool,
    /// Measure only the parts whose names contain one of these
    filters: Vec<String>,
}

impl Options {
    /// Parses the command line; `None` if its options are for another benchmark.
    pub fn read() -> Option<Self> {
        match Self::try_parse() {
            Ok(options) => Some(options),
            Err(error) if error.kind() == ErrorKind::UnknownArgument => {
                let why = error.to_string();
                eprintln!("nothing is measured: {}", why.lines().next().unwrap_or_default());
                None
            }
            Err(error) => error.exit(),
        }
    }

    /// Whether a part is to be measured.
    pub fn asks_for(&self, part: &str) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|filter| part.contains(&**filter))
    }

    /// How long a run takes.
    pub fn time(&self) -> Duration {
        Duration::from_secs(self.seconds.unwrap_or(if self.quick { 1 } else { 5 }))
    }

    /// How long a server is under load before it is measured.
    pub fn warm_up(&self) -> Duration {
        self.time().min(Duration::from_secs(2))
    }

    /// How many pairs of runs there are.
    pub fn pairs(&self) -> u32 {
        self.pairs.unwrap_or(if self.quick { 2 } else { 5 })
    }
}
