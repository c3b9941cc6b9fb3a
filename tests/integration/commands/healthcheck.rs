//! `healthcheck`: follows the variables of the server and ends with 0 or 1.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};

use super::tls::tls_proxy;
use crate::harness::{CREATE, connect};
use crate::process::{End, Process, command, run};

fn check(address: SocketAddr) -> End {
    run(&["healthcheck"], &[("GNSB_LISTEN", &address.to_string())])
}

/// Checks that the server counts as unhealthy, and returns the one line that says why.
fn unhealthy(end: &End) -> &str {
    assert_eq!((end.code, end.stdout.as_str()), (Some(1), ""), "{}", end.stderr);
    assert_eq!(end.stderr.lines().count(), 1, "{}", end.stderr);
    end.stderr.trim_end()
}

#[test]
fn a_ready_server_is_healthy_even_if_its_own_api_is_closed() {
    for admin in ["loopback", "open", "off"] {
        let process = Process::start(&["--admin", admin]);
        let end = check(process.address);
        assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""), "{admin}");
        assert_eq!(end.stdout, format!("ready at http://{}\n", process.address), "{admin}");
    }
    let process = Process::start(&["--admin-token", "s3same"]);
    assert_eq!(check(process.address).code, Some(0), "no token is needed");
}

#[test]
fn a_server_on_every_address_is_asked_on_this_machine() {
    for (address, asked) in
        [("0.0.0.0", "127.0.0.1"), ("[::]", "[::1]"), ("[::ffff:0.0.0.0]", "127.0.0.1")]
    {
        let mut server = command(&["--listen", &format!("{address}:0")], &[]);
        server.env("GNSB_CLOCK", "2024-09-24T09:13:31Z");
        let process = Process::spawn(server);
        let listen = format!("{address}:{}", process.address.port());
        let end = run(&["healthcheck", "--listen", &listen], &[]);
        let expected = format!("ready at http://{asked}:{}\n", process.address.port());
        assert_eq!((end.code, end.stdout), (Some(0), expected), "{}", end.stderr);
    }
}

#[test]
fn a_free_port_is_found_in_the_port_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("port");
    let path = path.to_str().unwrap();
    let variables = [("GNSB_LISTEN", "127.0.0.1:0"), ("GNSB_PORT_FILE", path)];
    let end = run(&["healthcheck"], &variables);
    let why = unhealthy(&end);
    let expected = format!("error: GNSB_PORT_FILE: no port in {path}; is the server running?: ");
    assert!(why.starts_with(&expected), "{why}");
    let process = Process::spawn(command(&[], &variables));
    let end = run(&["healthcheck"], &variables);
    let expected = format!("ready at http://{}\n", process.address);
    assert_eq!((end.code, end.stdout), (Some(0), expected), "{}", end.stderr);
    for text in ["", "0\n", "65536", "http", "80 81"] {
        std::fs::write(path, text).unwrap();
        let end = run(&["healthcheck"], &variables);
        assert!(unhealthy(&end).ends_with("is not a port from 1 to 65535"), "{text:?}");
    }
    let end = run(&["healthcheck"], &variables[..1]);
    assert!(unhealthy(&end).contains("--port-file (GNSB_PORT_FILE)"), "{}", end.stderr);
    let end = run(&["healthcheck"], &[("GNSB_LISTEN", "foo")]);
    assert!(unhealthy(&end).starts_with("error: GNSB_LISTEN: "), "{}", end.stderr);
    let end = run(&["healthcheck", "--foo"], &[]);
    assert_eq!(unhealthy(&end), "error: unexpected argument '--foo' found");
}

#[test]
fn a_port_without_a_sandbox_is_unhealthy() {
    let (tls, _) = tls_proxy("127.0.0.1:1".parse().unwrap());
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let garbage = TcpListener::bind("127.0.0.1:0").unwrap();
    let garbage_address = garbage.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut client in garbage.incoming().map_while(Result::ok) {
            // an error says that the client has left
            let _ = client.write_all(b"\x1b[2J\r\nerror: none\r\n\r\n");
        }
    });
    for (address, reason) in [
        ("127.0.0.1:1".parse().unwrap(), "nobody listens"),
        (tls, "it speaks TLS"),
        (silent.local_addr().unwrap(), "it accepts and never answers"),
        (garbage_address, "it does not speak HTTP"),
    ] {
        let end = check(address);
        let why = unhealthy(&end);
        let expected = format!("error: no sandbox answers at http://{address}: ");
        assert!(why.starts_with(&expected), "{reason}: {why}");
    }
}

#[test]
fn a_server_that_drains_is_unhealthy() {
    let mut process = Process::start(&[]);
    let mut call = connect(process.address);
    let head = format!(
        "POST {CREATE} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer gnsb_demo\r\n\
         Content-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    );
    call.write_all(head.as_bytes()).unwrap();
    // the interim answer says that the call has been accepted
    let mut interim = [0; 25];
    call.read_exact(&mut interim).unwrap();
    process.signal("TERM");
    process.log_line("SIGTERM");
    unhealthy(&check(process.address));
}

#[test]
fn wrong_usage_is_unhealthy_too() {
    for (arguments, variables) in [
        (&["healthcheck", "--lisen", "x"][..], &[][..]),
        (&["healthcheck", "now"], &[]),
        (&["healthcheck"], &[("GNSB_LISTEN", "4368")]),
        (&["healthcheck"], &[("GNSB_LISTEN", "foo")]),
        (&["healthcheck"], &[("GNSB_LSITEN", "127.0.0.1:4368")]),
    ] {
        let end = run(arguments, variables);
        assert_eq!((end.code, end.stdout.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(end.stderr.starts_with("error: "), "{}", end.stderr);
        assert_eq!(end.stderr.lines().count(), 1, "{}", end.stderr);
    }
    assert_eq!(run(&["healthcheck", "--help"], &[]).code, Some(0));
}
