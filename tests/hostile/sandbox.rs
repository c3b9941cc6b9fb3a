//! A sandbox in this process.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};

use genuin_sandbox::{Clock, RunningSandbox};

use crate::client::TIMEOUT;

pub const COMMUNITY: &str = "f2a05adb-93ce-4a19-b003-3523fa745667";

pub fn sandbox() -> RunningSandbox {
    let clock = Clock::parse("2024-09-24T09:13:31Z").unwrap();
    RunningSandbox::builder().clock(clock).public_url("http://sandbox").start().unwrap()
}

/// Sends bytes, closes this side, and returns the statuses of all answers.
pub fn statuses(sandbox: &RunningSandbox, bytes: &[u8]) -> Vec<u16> {
    let mut stream = TcpStream::connect(sandbox.address()).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    // an error means that the server has already refused the request and closed
    let _ = stream.write_all(bytes).and_then(|()| stream.shutdown(Shutdown::Write));
    let mut answers = Vec::new();
    match stream.read_to_end(&mut answers) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
    }
    let text = String::from_utf8_lossy(&answers);
    // each part starts with the minor version, then the status
    text.split("HTTP/1.").skip(1).map(|answer| answer[2..5].parse().unwrap()).collect()
}
