//! The transport against a server that does right and wrong things.

use super::server::{Server, Then, answer};
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, HeaderValue, Method, header};
use orgdeck::{
    http::{
        Connection, Network, Observer, Outgoing, Phase, Purpose, RequestBody, RequestSpec, Route, Sent,
        Transport, TransportFailure, Unobserved,
    },
    secrets::Secret,
};
use std::{
    io::Write,
    net::TcpListener,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;
use url::Url;

const TOKEN: &str = "00D58000000arpq!AQ.verysecret";

fn spec(method: Method, url: Url) -> RequestSpec {
    let mut headers = HeaderMap::new();
    headers.insert(header::AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {TOKEN}")).unwrap());
    RequestSpec { method, url, headers, body: RequestBody::Empty }
}

fn outgoing(spec: RequestSpec) -> Outgoing {
    Outgoing { spec, purpose: Purpose::Api, route: Route::default(), known: vec![Secret::new(TOKEN)] }
}

async fn get(url: Url) -> Sent {
    Network::new().send(outgoing(spec(Method::GET, url)), &Unobserved, CancellationToken::new()).await
}

fn failure(sent: Sent) -> TransportFailure {
    sent.reply.unwrap_err()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_compressed_body_is_decoded_and_its_size_on_the_wire_is_known() {
    let text = "[{\"Id\":\"001\"}]".repeat(20_000);
    let (wire, expected) = (gzip(&text), text.clone());
    let length = wire.len() as u64;
    let server = Server::start(move |_| (answer("200 OK", "Content-Encoding: gzip\r\n", &wire), Then::Keep));
    let sent = get(server.url("/x")).await;
    let reply = sent.reply.unwrap();
    assert_eq!(reply.body.bytes(), expected.as_bytes());
    assert_eq!((reply.wire_len, reply.incomplete), (length, None));
    assert_eq!(reply.peer, Some(server.address));
}

#[tokio::test]
async fn the_record_is_what_went_out_but_for_the_secrets() {
    let server = Server::start(|_| (answer("200 OK", "", b""), Then::Keep));
    let mut spec = spec(Method::POST, server.url("/x?a=1"));
    spec.body = RequestBody::Bytes(bytes::Bytes::from_static(b"{}"));
    let sent = Network::new().send(outgoing(spec), &Unobserved, CancellationToken::new()).await;
    let [request] = &server.requests()[..] else { panic!() };
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut lines = head.split("\r\n");
    assert_eq!((lines.next(), body), (Some("POST /x?a=1 HTTP/1.1"), "{}"));
    let mut went: Vec<_> = lines.map(|line| line.replace(TOKEN, "00D58000000arpq!••••")).collect();
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let mut told: Vec<_> =
        sent.request.headers.iter().map(|(name, value)| format!("{name}: {}", text(value))).collect();
    went.sort();
    told.sort();
    assert_eq!(went, told);
    assert!(went.iter().any(|line| line.starts_with("user-agent: orgdeck/")));
    assert!(!format!("{:?} {:?}", sent.request, sent.reply).contains("verysecret"));
}

#[tokio::test]
async fn a_connection_is_kept_and_that_is_told() {
    let server = Server::start(|_| (answer("200 OK", "", b"ok"), Then::Keep));
    let network = Network::new();
    let mut connections = Vec::new();
    for _ in 0..3 {
        let outgoing = outgoing(spec(Method::GET, server.url("/")));
        let sent = network.send(outgoing, &Unobserved, CancellationToken::new()).await;
        connections.push((
            sent.timings.connection,
            sent.timings.connect.is_some(),
            sent.timings.wait.is_some(),
        ));
    }
    let (new, reused) = ((Connection::New, true, true), (Connection::Reused, false, true));
    assert_eq!(connections, [new, reused, reused]);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_cut_body_is_kept_and_measured() {
    let server = Server::start(|_| {
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n".to_vec();
        ([head, vec![b'x'; 1234]].concat(), Then::Close)
    });
    let reply = get(server.url("/")).await.reply.unwrap();
    let incomplete = reply.incomplete.unwrap();
    assert_eq!(incomplete.message, "the connection closed after 1,234 of 20,000 bytes");
    assert_eq!(reply.body.bytes().len(), 1234);
}

#[tokio::test]
async fn a_chunked_body_that_ends_early_is_cut_too() {
    let server = Server::start(|_| {
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n".to_vec(), Then::Close)
    });
    let reply = get(server.url("/")).await.reply.unwrap();
    assert_eq!(reply.body.bytes(), "hello");
    assert_eq!(
        reply.incomplete.unwrap().message,
        "the connection closed after 5 bytes, before the body's end"
    );
}

#[tokio::test]
async fn a_body_that_is_no_gzip_is_shown_as_it_came() {
    let server = Server::start(|_| (answer("200 OK", "Content-Encoding: gzip\r\n", b"<html>"), Then::Keep));
    let reply = get(server.url("/")).await.reply.unwrap();
    assert_eq!(reply.body.bytes(), "<html>");
    assert!(reply.incomplete.unwrap().message.contains("but it is not"));
}

/// Cancels when so many bytes are there.
struct CancelAt(u64, CancellationToken);

impl Observer for CancelAt {
    fn head(&self, _: http::StatusCode, of: Option<u64>) {
        assert_eq!(of, Some(10));
    }

    fn bytes(&self, received: u64, _: Option<u64>) {
        if received >= self.0 {
            self.1.cancel();
        }
    }
}

#[tokio::test]
async fn what_came_before_a_cancel_is_kept() {
    let server =
        Server::start(|_| (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello".to_vec(), Then::Hang));
    let stop = CancellationToken::new();
    let observer = CancelAt(5, stop.clone());
    let sent = Network::new().send(outgoing(spec(Method::GET, server.url("/"))), &observer, stop).await;
    let reply = sent.reply.unwrap();
    assert_eq!(reply.body.bytes(), "hello");
    assert!(reply.incomplete.unwrap().cancelled);
}

#[tokio::test]
async fn a_silent_server_can_be_cancelled_and_times_out() {
    let server = Server::start(|_| (Vec::new(), Then::Hang));
    let stop = CancellationToken::new();
    stop.cancel();
    let sent = Network::new().send(outgoing(spec(Method::GET, server.url("/"))), &Unobserved, stop).await;
    assert!(failure(sent).cancelled);

    let mut slow = outgoing(spec(Method::GET, server.url("/")));
    slow.route.timeout = Some(Duration::from_millis(50));
    let failure = failure(Network::new().send(slow, &Unobserved, CancellationToken::new()).await);
    let expected = format!("no answer from {} within 50 ms, the profile's timeout", server.address);
    assert_eq!((failure.phase, failure.message), (Phase::Wait, expected));
}

#[tokio::test]
async fn a_refused_connection_and_an_unknown_name_are_told_apart() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let refused = failure(get(format!("http://{address}/").parse().unwrap()).await);
    assert_eq!(
        (refused.phase, refused.message),
        (Phase::Connect, format!("{address} refuses the connection"))
    );

    let unknown = failure(get("http://no-such-host.localhost.:1/".parse().unwrap()).await);
    assert!(matches!(unknown.phase, Phase::Dns | Phase::Connect), "{unknown:?}");
}

#[tokio::test]
async fn a_server_that_hangs_up_or_speaks_something_else_is_said_so() {
    let server = Server::start(|_| (Vec::new(), Then::Close));
    let hung_up = failure(get(server.url("/")).await);
    assert_eq!(hung_up.message, format!("{} closed the connection before it answered", server.address));

    let server = Server::start(|_| (b"SSH-2.0-OpenSSH_9.9\r\n".to_vec(), Then::Close));
    let other = failure(get(server.url("/")).await);
    assert!(other.message.contains("does not answer in HTTP"), "{}", other.message);
}

#[tokio::test]
async fn plain_http_behind_an_https_url_is_said_so() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").unwrap();
        let _ = std::io::Read::read_to_end(&mut stream, &mut Vec::new());
    });
    let failure = failure(get(format!("https://{address}/").parse().unwrap()).await);
    assert_eq!((failure.phase, failure.message), (Phase::Tls, format!("{address} does not speak TLS")));
}

#[tokio::test]
async fn a_redirect_on_the_same_host_is_followed_with_the_token() {
    let server = Server::start(|request| match request.starts_with("GET /old") {
        true => (answer("301 Moved Permanently", "Location: /new?x=1\r\n", b""), Then::Keep),
        false => (answer("200 OK", "", b"there"), Then::Keep),
    });
    let sent = get(server.url("/old")).await;
    assert_eq!(sent.reply.unwrap().body.bytes(), "there");
    assert_eq!(sent.redirects.iter().map(|r| r.url.path().to_owned()).collect::<Vec<_>>(), ["/old"]);
    assert_eq!(sent.request.url.path(), "/new");
    assert!(server.requests().iter().all(|request| request.contains(TOKEN)));
}

#[tokio::test]
async fn after_a_redirect_the_wait_is_the_last_answers_own() {
    let held = Arc::new(Mutex::new(Duration::ZERO));
    let measured = held.clone();
    let server = Server::start(move |request| {
        if !request.starts_with("GET /slow") {
            return (answer("200 OK", "", b"there"), Then::Keep);
        }
        let began = Instant::now();
        std::thread::sleep(Duration::from_millis(20)); // a slow server: what it takes is measured, not guessed
        *measured.lock().unwrap() = began.elapsed();
        (answer("302 Found", "Location: /fast\r\n", b""), Then::Keep)
    });
    let timings = get(server.url("/slow")).await.timings;
    assert!(timings.wait.unwrap() + *held.lock().unwrap() <= timings.total, "{timings:?}");
    assert_eq!((server.connections(), timings.connection), (1, Connection::New));
    assert!(timings.connect.is_some(), "the connection was opened for the first of the two");
}

#[tokio::test]
async fn a_redirect_to_another_host_is_shown_and_not_followed() {
    let other = Server::start(|_| (answer("200 OK", "", b"stolen"), Then::Keep));
    let location = format!("Location: http://localhost:{}/x?sid={TOKEN}\r\n", other.address.port());
    let server = Server::start(move |_| (answer("302 Found", &location, b""), Then::Keep));
    let reply = get(server.url("/")).await.reply.unwrap();
    assert_eq!(reply.status, 302);
    let note = reply.note.clone().unwrap();
    assert!(note.contains(&server.address.to_string()) && note.contains("localhost"), "{note}");
    assert!(!format!("{reply:?}").contains("verysecret"));
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn a_post_never_becomes_a_get() {
    let server = Server::start(|_| (answer("302 Found", "Location: /elsewhere\r\n", b""), Then::Keep));
    let sent = Network::new()
        .send(outgoing(spec(Method::POST, server.url("/"))), &Unobserved, CancellationToken::new())
        .await;
    assert!(sent.reply.unwrap().note.unwrap().contains("was not sent again"));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_redirect_loop_ends() {
    let server = Server::start(|_| (answer("302 Found", "Location: /\r\n", b""), Then::Keep));
    let sent = get(server.url("/")).await;
    assert_eq!((sent.redirects.len(), server.requests().len()), (5, 6));
    assert!(sent.reply.unwrap().note.unwrap().contains("loop"));
}

#[tokio::test]
async fn a_head_request_has_no_body_whatever_its_length_says() {
    let server = Server::start(|_| (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n".to_vec(), Then::Keep));
    let sent = Network::new()
        .send(outgoing(spec(Method::HEAD, server.url("/"))), &Unobserved, CancellationToken::new())
        .await;
    let reply = sent.reply.unwrap();
    assert_eq!((reply.body.bytes().len(), reply.incomplete), (0, None));
}

#[tokio::test]
async fn a_proxy_carries_what_is_not_loopback_and_its_refusal_is_told() {
    let proxy = Server::start(|_| (answer("403 Forbidden", "", b""), Then::Close));
    let mut through =
        outgoing(spec(Method::GET, "https://acme.my.salesforce.com/services/data".parse().unwrap()));
    through.route.proxy = Some(proxy.url("/"));
    let failure = failure(Network::new().send(through, &Unobserved, CancellationToken::new()).await);
    assert!(failure.message.contains("the proxy did not connect to acme.my.salesforce.com"), "{failure:?}");
    let requests = proxy.requests();
    assert!(requests[0].starts_with("CONNECT acme.my.salesforce.com:443 "), "{requests:?}");
    assert!(!requests[0].contains(TOKEN));
}
