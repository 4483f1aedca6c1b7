//! TLS: whom orgdeck trusts, and what it says of those it does not.
//!
//! `certificates/` holds an authority of the tests' own (its key is gone), a certificate of it for `localhost`
//! until 2126, and one that expired in 2020; both have the same key.

use super::server::answer;
use http::{HeaderMap, Method};
use orgdeck::http::{
    Network, Outgoing, Phase, Purpose, RequestBody, RequestSpec, Route, Sent, Transport, Unobserved,
};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};
use tokio_util::sync::CancellationToken;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/protocol/certificates").join(name)
}

/// Answers any number of requests, each on a connection of its own.
fn serve(certificate: &str) -> SocketAddr {
    let chain = CertificateDer::pem_file_iter(file(certificate)).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(file("server-key.pem")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(config.clone()).unwrap();
            let mut stream = StreamOwned::new(connection, stream.unwrap());
            let mut buffer = [0; 4096];
            if stream.read(&mut buffer).is_ok_and(|count| count > 0) {
                let _ = stream.write_all(&answer("200 OK", "", b"over TLS")); // the client may be gone
                let _ = stream.flush();
            }
        }
    });
    address
}

async fn get(host: &str, address: SocketAddr, ca_file: Option<&str>) -> Sent {
    let url = format!("https://{host}:{}/", address.port()).parse().unwrap();
    let outgoing = Outgoing {
        spec: RequestSpec { method: Method::GET, url, headers: HeaderMap::new(), body: RequestBody::Empty },
        purpose: Purpose::Api,
        route: Route { ca_file: ca_file.map(file), ..Route::default() },
        known: Vec::new(),
    };
    Network::new().send(outgoing, &Unobserved, CancellationToken::new()).await
}

#[tokio::test]
async fn a_profiles_own_authority_is_trusted_and_the_handshake_is_timed() {
    let address = serve("server.pem");
    let sent = get("localhost", address, Some("authority.pem")).await;
    assert_eq!(sent.reply.unwrap().body.bytes(), "over TLS");
    let timings = sent.timings;
    assert!(timings.dns.is_some() && timings.connect.is_some() && timings.tls.is_some(), "{timings:?}");
    assert!(timings.tls.unwrap() + timings.connect.unwrap() <= timings.total);
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_said() {
    let (good, expired) = (serve("server.pem"), serve("expired.pem"));
    for (host, address, ca_file, says) in [
        ("localhost", good, None, "is not trusted"),
        ("127.0.0.1", good, Some("authority.pem"), "is for another name"),
        ("localhost", expired, Some("authority.pem"), "has expired"),
    ] {
        let failure = get(host, address, ca_file).await.reply.unwrap_err();
        assert_eq!(failure.phase, Phase::Tls, "{failure:?}");
        assert!(failure.message.contains(says), "{failure:?}");
    }
}
