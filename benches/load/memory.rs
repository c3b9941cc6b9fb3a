//! The server's memory: idle, and after very many calls.

use std::net::SocketAddr;
use std::thread;

use anyhow::anyhow;

use crate::call;
use crate::connection::Connection;
use crate::cpu::Cpu;
use crate::options::Options;
use crate::report::{Part, Target, table};
use crate::server::{Program, Server};

/// How many connections make the calls.
const CONNECTIONS: u32 = 16;

/// Measures the product, and the idle baseline to show what the libraries alone take.
pub fn measure(options: &Options) -> anyhow::Result<Part> {
    // even the smaller number of calls fills everything that has a limit
    let [some, many] = if options.quick { [40_000, 200_000] } else { [200_000, 1_000_000] };
    let (bare_baseline, baseline, _) = idle(Program::Baseline)?;
    let (bare, idle, (server, address)) = idle(Program::Product)?;
    make_calls(address, some - 1)?;
    let after_some = server.memory_mib()?;
    eprintln!("{after_some:.1} MiB after {some} calls");
    make_calls(address, many - some)?;
    let after_many = server.memory_mib()?;
    let rows = [
        ("product, ready".to_owned(), bare),
        ("product after 1 call".to_owned(), idle),
        (format!("product after {some} calls"), after_some),
        (format!("product after {many} calls"), after_many),
        ("baseline, ready".to_owned(), bare_baseline),
        ("baseline after 1 call".to_owned(), baseline),
    ];
    Ok(Part {
        title: "Memory",
        about: format!(
            "Resident memory in MiB. Every call creates a group for the same tenant, on \
             {CONNECTIONS} connections; journal and groups have come to their limits long before \
             the last call."
        ),
        table: table(&["server", "MiB"], &rows.map(|(name, mib)| vec![name, format!("{mib:.1}")])),
        targets: vec![
            Target::at_most("idle memory after a call", idle, 8.0, "MiB"),
            Target::at_most("growth between many calls", after_many - after_some, 8.0, "MiB"),
            Target::at_most("memory after the last call", after_many, 64.0, "MiB"),
        ],
    })
}

/// Returns the memory of a server when it is ready and after its first call.
fn idle(program: Program) -> anyhow::Result<(f64, f64, (Server, SocketAddr))> {
    let (server, address) = Server::start(program, Cpu::Any)?;
    let bare = server.memory_mib()?;
    Connection::open(address)?.make(&call::create_group()?)?;
    let idle = server.memory_mib()?;
    Ok((bare, idle, (server, address)))
}

/// Makes exactly `calls` calls.
fn make_calls(address: SocketAddr, calls: u32) -> anyhow::Result<()> {
    let request = &call::create_group()?;
    thread::scope(|scope| {
        let workers: Vec<_> = (0..CONNECTIONS)
            .map(|number| {
                let share = calls / CONNECTIONS + u32::from(number < calls % CONNECTIONS);
                scope.spawn(move || {
                    let mut connection = Connection::open(address)?;
                    (0..share).try_for_each(|_| connection.make(request))
                })
            })
            .collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().map_err(|_| anyhow!("a client panicked"))?)
    })
}
