//! The binary with 1 GiB of address space, as it would be in a small container.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

/// A server that is killed when this is dropped.
pub struct Server {
    process: Child,
    pub address: SocketAddr,
}

impl Server {
    pub fn start(options: &[&str]) -> Self {
        let binary = std::env::var_os("SANDBOX_BINARY")
            .expect("SANDBOX_BINARY names an optimised binary, as README.md says");
        let mut process = Command::new("sh")
            .args(["-c", "ulimit -v 1048576 && exec \"$0\" \"$@\""])
            .arg(binary)
            .args(["--listen", "127.0.0.1:0", "--log", "error"])
            .args(options)
            .env_clear()
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready_line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut ready_line).unwrap();
        let url = ready_line.split_once("http://").expect("the server starts").1;
        let address = url.split(' ').next().unwrap().parse().unwrap();
        Self { process, address }
    }

    /// The resident memory; panics if the process is gone.
    pub fn memory_mib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()));
        let status = status.expect("the server is still there");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.expect("the server is still there").trim().trim_end_matches(" kB");
        kib.parse::<f64>().unwrap() / 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // an error means that it has ended, of which the test that used it has complained
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
