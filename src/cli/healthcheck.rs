//! `healthcheck`: asks `/readyz` of the server that the same variables start.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use clap::Args;

use super::client::{self, print};
use super::listen::{Listen, reachable};
use super::{Failure, UNMET, environment};
use crate::text::{escaped, read_file};

/// How long the server may take: less than the two seconds after which the image's check is ended
/// without a message.
const PATIENCE: Duration = Duration::from_millis(1500);

/// The longest port file: five digits, and space around them.
const MAX_PORT_FILE_BYTES: u64 = 64;

#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct HealthcheckOptions {
    /// Address that the server listens on [default: 127.0.0.1:4368]
    #[arg(long, env = "GNSB_LISTEN", value_name = "ADDR:PORT", value_parser = Listen::parse, default_value = "localhost:4368", hide_default_value = true)]
    listen: Listen,
    /// File that the server writes its port to, read if that address has port 0
    #[arg(long, env = "GNSB_PORT_FILE", value_name = "PATH")]
    port_file: Option<PathBuf>,
}

pub(super) fn run(options: &HealthcheckOptions) -> Result<(), Failure> {
    let address = options.address().and_then(ask);
    print(&format!("ready at http://{}", address.map_err(|why| Failure::new(UNMET, why))?))
}

impl HealthcheckOptions {
    fn address(&self) -> anyhow::Result<SocketAddr> {
        let mut address = reachable(self.listen.first());
        if address.port() == 0 {
            let path = self.port_file.as_ref().context(
                "the port of the server is not known, since it listens on port 0; name its port \
                 file with --port-file (GNSB_PORT_FILE)",
            )?;
            address.set_port(read_port(path).with_context(|| {
                let origin = environment::origin("--port-file", "GNSB_PORT_FILE");
                format!("{origin}: no port in {}; is the server running?", path.display())
            })?);
        }
        Ok(address)
    }
}

fn read_port(path: &Path) -> anyhow::Result<u16> {
    let text = read_file(path, MAX_PORT_FILE_BYTES)?;
    let port = text.trim().parse().ok().filter(|port| *port != 0);
    port.with_context(|| format!("{:?} is not a port from 1 to 65535", text.trim()))
}

/// Returns the address if the server there takes calls.
fn ask(address: SocketAddr) -> anyhow::Result<SocketAddr> {
    let (status, text) = match client::get_page(&format!("http://{address}/readyz"), PATIENCE) {
        Ok(answer) => answer,
        Err(why) => {
            bail!("no sandbox answers at http://{address}: {}", escaped(&format!("{why:#}")))
        }
    };
    ensure!(
        status == http::StatusCode::OK,
        "the server at http://{address} is not ready: it answers {} {}",
        status.as_u16(),
        escaped(text.trim())
    );
    Ok(address)
}
