//! Commands that reach a sandbox behind a proxy that speaks TLS.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::call;
use crate::process::{Process, run};

/// Passes one request after another on to `sandbox`, each on a TLS connection of its own; returns the
/// proxy's address and its certificate.
pub fn tls_proxy(sandbox: SocketAddr) -> (SocketAddr, String) {
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(names).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            // an error says that the client does not trust the certificate
            let _ = pass_on(StreamOwned::new(connection, client), sandbox);
        }
    });
    (address, cert.pem())
}

fn pass_on(
    mut client: StreamOwned<ServerConnection, TcpStream>,
    sandbox: SocketAddr,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let mut sandbox = TcpStream::connect(sandbox)?;
    let end = head.len() - 2;
    sandbox.write_all(&[&head[..end], b"Connection: close\r\n\r\n"].concat())?;
    let mut answer = Vec::new();
    sandbox.read_to_end(&mut answer)?;
    client.write_all(&answer)?;
    client.conn.send_close_notify();
    client.flush()
}

#[test]
fn a_url_can_be_https_with_a_certificate_that_the_machine_trusts() {
    let process = Process::start(&[]);
    call(&process);
    let (proxy, certificate) = tls_proxy(process.address);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, certificate).unwrap();
    let arguments = ["requests", "--url", &format!("https://localhost:{}", proxy.port())];
    let trusting = [("SSL_CERT_FILE", file.to_str().unwrap())];
    let end = run(&arguments, &trusting);
    assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""));
    assert!(end.stdout.contains(" 200 ok "), "{}", end.stdout);
    let end = run(&arguments, &[]);
    assert_eq!((end.code, end.stdout.as_str()), (Some(1), ""));
    assert!(end.stderr.starts_with("error: cannot reach a sandbox at https://"), "{}", end.stderr);
    assert!(end.stderr.to_lowercase().contains("certificate"), "{}", end.stderr);
}
