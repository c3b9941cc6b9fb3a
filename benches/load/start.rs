//! The time from the start of the process to its first whole answer.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use crate::call;
use crate::connection::Connection;
use crate::cpu::Cpu;
use crate::numbers::{extremes, median};
use crate::options::Options;
use crate::report::{Part, Target, table};
use crate::server::{Program, Server};

const PROGRAMS: [Program; 3] = [Program::Product, Program::ProductWithRules, Program::Baseline];

/// How long a first answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Measures all three servers.
pub fn measure(options: &Options) -> anyhow::Result<Part> {
    let times = if options.quick { 5 } else { 20 };
    let (mut rows, mut targets) = (Vec::new(), Vec::new());
    for program in PROGRAMS {
        let measured = (0..times).map(|_| start(program)).collect::<anyhow::Result<Vec<_>>>()?;
        let (min, max) = extremes(measured.iter().copied());
        let median = median(measured);
        let cells = [median, min, max].map(|ms| format!("{ms:.2}"));
        rows.push(std::iter::once(program.name().to_owned()).chain(cells).collect());
        if program == Program::Product {
            targets.push(Target::at_most("start to first answer, median", median, 5.0, "ms"));
        }
    }
    Ok(Part {
        title: "Start",
        about: format!(
            "From starting the process to the last byte of the first Create Group answer, in \
             milliseconds, {times} times. The client tries to connect without a pause."
        ),
        table: table(&["server", "median", "min", "max"], &rows),
        targets,
    })
}

/// Starts a server and returns the time to its first answer, in milliseconds.
fn start(program: Program) -> anyhow::Result<f64> {
    let (address, request) = (free_address()?, call::create_group()?);
    let began = Instant::now();
    // not bound to a processor, since the program that binds it would be measured too
    let _server = Server::spawn(program, address, Cpu::Any)?;
    let mut connection = loop {
        if let Ok(connection) = Connection::open(address) {
            break connection;
        }
        ensure!(began.elapsed() < PATIENCE, "the {} does not listen", program.name());
    };
    connection.make(&request)?;
    Ok(began.elapsed().as_secs_f64() * 1e3)
}

/// Finds a free port below those that the kernel gives to clients: a client that keeps connecting to
/// one of those can end up connected to itself.
fn free_address() -> anyhow::Result<SocketAddr> {
    (20_000..30_000)
        .map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        .find(|address| TcpListener::bind(address).is_ok())
        .context("no port from 20000 to 29999 is free")
}
