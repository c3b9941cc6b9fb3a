//! What an attack is, and how its damage is measured.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::server::Server;

/// How many calls of another client are measured before an attack.
const QUIET_CALLS: usize = 200;

/// The pause between calls of the other client.
const PAUSE: Duration = Duration::from_millis(1);

/// What one client does to the server.
#[derive(Debug)]
pub struct Attack {
    pub name: &'static str,
    /// Options of the server.
    pub options: &'static [&'static str],
    /// Brings the server to where the attack begins; not measured.
    pub prepare: fn(SocketAddr),
    /// The attack itself. It keeps open what it opens until the measurement is over by returning it.
    pub run: fn(SocketAddr) -> Vec<std::net::TcpStream>,
    pub control: Control,
}

/// What shows that the bound is needed.
#[derive(Debug, Clone, Copy)]
pub enum Control {
    /// With these options it is far away, and the process grows by this much more, in MiB.
    Options { options: &'static [&'static str], grows_mib: f64 },
    /// No option moves it; the unit test of this name has one that does.
    #[expect(dead_code, reason = "it is there to be read")]
    UnitTest(&'static str),
}

/// What an attack did to the server and to another client.
#[derive(Debug, Clone, Copy)]
pub struct Damage {
    /// How much larger the process was at most, in MiB.
    pub growth_mib: f64,
    /// The median of the other client's calls before the attack, in milliseconds.
    pub quiet_ms: f64,
    /// The slowest of them while it went on.
    pub slowest_ms: f64,
}

/// Attacks a server of its own, which must outlive it in 1 GiB of address space.
pub fn measure(attack: &Attack, more_options: &[&str]) -> Damage {
    let server = Server::start(&[attack.options, more_options].concat());
    let address = server.address;
    (attack.prepare)(address);
    let mut other = OtherClient::new(address);
    let mut quiet: Vec<_> = (0..QUIET_CALLS).map(|_| other.call()).collect();
    quiet.sort_by(f64::total_cmp);
    let before = server.memory_mib();
    let (is_over, mut slowest_ms, mut most) = (AtomicBool::new(false), 0_f64, before);
    let opened = thread::scope(|scope| {
        let attacker = scope.spawn(|| {
            let opened = (attack.run)(address);
            is_over.store(true, Ordering::Relaxed);
            opened
        });
        // once more when it is over, since what it left behind may be slow too
        let mut last = false;
        while !last {
            last = is_over.load(Ordering::Relaxed) || attacker.is_finished();
            slowest_ms = slowest_ms.max(other.call());
            most = most.max(server.memory_mib());
            thread::sleep(PAUSE);
        }
        attacker.join().unwrap()
    });
    drop(opened);
    slowest_ms = slowest_ms.max(other.call());
    Damage { growth_mib: most - before, quiet_ms: quiet[QUIET_CALLS / 2], slowest_ms }
}

/// A client that has nothing to do with the attack.
struct OtherClient(Client);

impl OtherClient {
    fn new(address: SocketAddr) -> Self {
        Self(Client::new(address))
    }

    /// Makes a call and returns how long it took, in milliseconds.
    fn call(&mut self) -> f64 {
        let headers = b"Authorization: Bearer gnsb_other\r\nContent-Type: application/json\r\n";
        let began = Instant::now();
        let mut send = || self.0.send("POST", crate::client::CREATE.as_bytes(), headers, b"{}");
        // an idle connection may be closed for another
        let answer = send().or_else(send).expect("a call is answered");
        assert_eq!(answer.status, 400);
        began.elapsed().as_secs_f64() * 1000.0
    }
}
