//! Ten thousand idle connections: the memory of each, and whether the server still accepts others.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::call;
use crate::connection::Connection;
use crate::cpu::Cpu;
use crate::options::Options;
use crate::report::{Part, Target, table};
use crate::server::{Program, Server};

/// How many connections are idle: as many as the product accepts before it closes the longest idle.
const IDLE: u16 = 10_000;
/// How many further connections make a call.
const MORE: u16 = 100;

/// How long the server may take to accept them, which is less than the limit for sending a head.
const PATIENCE: Duration = Duration::from_secs(8);

/// What a connection sent before it became idle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    OneCall,
    Nothing,
}

/// Measures both kinds of connections with the product and with the baseline.
pub fn measure(_: &Options) -> anyhow::Result<Part> {
    raise_file_limit()?;
    let mut rows = Vec::new();
    let mut measured = |name: &str, before| {
        let [product, baseline] = [Program::Product, Program::Baseline]
            .map(|program| kib_each(program, before).context(program.name()));
        let (product, baseline) = (product?, baseline?);
        rows.push(vec![name.to_owned(), format!("{product:.1}"), format!("{baseline:.1}")]);
        anyhow::Ok(product)
    };
    let after_call = measured("one call each, then idle", Before::OneCall)?;
    let silent = measured("nothing sent yet", Before::Nothing)?;
    Ok(Part {
        title: "Idle connections",
        about: format!(
            "What each of {IDLE} open connections adds to resident memory, in KiB. Then {MORE} more \
             connections create a group each, which must succeed."
        ),
        table: table(&["connections", "product", "baseline"], &rows),
        targets: vec![
            Target::at_most("idle connection after a call", after_call, 20.0, "KiB"),
            Target::at_most("idle connection that sent nothing", silent, 20.0, "KiB"),
        ],
    })
}

/// Returns what each connection adds to a server's memory, in KiB.
fn kib_each(program: Program, before: Before) -> anyhow::Result<f64> {
    let (create_group, health) = (call::create_group()?, call::health());
    let (server, address) = Server::start(program, Cpu::Any)?;
    // the first connection is open before the memory is read
    let mut first = Connection::open(address)?;
    first.make(&create_group)?;
    let (memory, files) = (server.memory_mib()?, server.open_files()?);
    let began = Instant::now();
    let mut open = vec![first];
    for number in 1..IDLE {
        let mut connection = Connection::open(address)?;
        if before == Before::OneCall {
            connection.make(&health).with_context(|| format!("on connection {number}"))?;
        }
        open.push(connection);
    }
    // the kernel opens connections before the server has accepted them
    while server.open_files()? < files - 1 + open.len() {
        ensure!(began.elapsed() < PATIENCE, "{IDLE} connections are not open at the same time");
        std::thread::sleep(Duration::from_millis(20));
    }
    let grown = server.memory_mib()? - memory;
    for number in 0..MORE {
        let mut connection = Connection::open(address)?;
        connection.make(&create_group).with_context(|| format!("on one more, {number}"))?;
        open.push(connection);
    }
    Ok(grown * 1024.0 / f64::from(IDLE - 1))
}

/// Raises the limit of open files: each connection is a file here too.
fn raise_file_limit() -> anyhow::Result<()> {
    let wanted = u64::from(IDLE + MORE) + 200;
    let limit = getrlimit(Resource::Nofile);
    let enough = |limit: Option<u64>| limit.is_none_or(|limit| limit >= wanted);
    ensure!(enough(limit.maximum), "{wanted} open files are needed; raise ulimit -Hn");
    if !enough(limit.current) {
        setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })?;
    }
    Ok(())
}
