//! The listeners themselves, over real connections.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::demo_org::{Demo, Options, start};

/// Sends one request and reads until the server closes.
fn exchange(base: &str, line: &str, header: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(base.strip_prefix("http://").unwrap()).unwrap();
    write!(stream, "{line} HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n{header}\r\n").unwrap();
    let mut answer = Vec::new();
    // A cut answer ends in an error; what came before counts.
    let _ = stream.read_to_end(&mut answer);
    answer
}

fn text(base: &str, line: &str) -> String {
    String::from_utf8_lossy(&exchange(base, line, "")).into_owned()
}

fn demo() -> Demo {
    start(Options::default()).unwrap()
}

#[test]
fn each_host_answers_and_stops_when_dropped() {
    let demo = demo();
    let hosts =
        [demo.login_url(), demo.test_url(), demo.production_url(), demo.sandbox_url()].map(str::to_owned);
    for host in &hosts {
        assert!(text(host, "GET /services/data").contains("\"version\":\"66.0\""), "{host}");
    }
    drop(demo);
    for host in &hosts {
        assert!(TcpStream::connect(host.strip_prefix("http://").unwrap()).is_err(), "{host}");
    }
}

#[test]
fn the_profiles_config_names_this_run() {
    let demo = demo();
    let config: toml::Table = demo.config_toml().parse().unwrap();
    let profiles = config["profiles"].as_table().unwrap();
    let field = |profile: &str, name: &str| profiles[profile][name].as_str().unwrap().to_owned();
    assert_eq!(field("demo-production", "login_url"), demo.login_url());
    let token = field("demo-pasted-token", "access_token");
    let header = format!("Authorization: Bearer {token}\r\n");
    let answer =
        exchange(demo.sandbox_url(), "GET /services/data/v66.0/query?q=SELECT+COUNT()+FROM+Account", &header);
    assert!(String::from_utf8_lossy(&answer).contains("\"totalSize\":500,"));
    assert!(!demo.config_toml().contains("\"{"), "a place was not filled in");
    assert_eq!(demo.summary()["orgs"][1]["access_token"], token);
}

#[test]
fn long_answers_are_packed_on_request() {
    let demo = demo();
    let answer = exchange(demo.login_url(), "GET /services/data", "Accept-Encoding: gzip\r\n");
    let split = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    assert!(String::from_utf8_lossy(&answer[..split]).contains("content-encoding: gzip"));
    let mut body = String::new();
    flate2::read::GzDecoder::new(&answer[split + 4..]).read_to_string(&mut body).unwrap();
    assert!(body.starts_with("[{\"label\""));
}

#[test]
fn misbehaviour_is_served() {
    let demo = demo();
    let base = demo.production_url();
    let cut = text(base, "GET /demo/cut");
    assert!(cut.contains("content-length: 1000") && cut.ends_with("\"records\":["), "{cut}");
    assert!(text(base, "GET /demo/deep?levels=3").ends_with("[[[]]]"));
    assert!(text(base, "GET /demo/status/418").starts_with("HTTP/1.1 418"));
    assert!(
        text(base, "GET /demo/redirect?to=http://elsewhere.example/")
            .contains("location: http://elsewhere.example/")
    );
    let escape = exchange(base, "GET /demo/escape", "");
    assert!(escape.contains(&0x1b) && escape.contains(&0) && String::from_utf8(escape).is_err());
    let big = text(base, "GET /demo/big?megabytes=1");
    assert!(big.len() > 1_000_000 && big.contains("\"totalSize\":"));
    assert!(text(base, "GET /demo/nothing").contains("NOT_FOUND"));
    assert!(text(base, "POST /demo/expire-session").starts_with("HTTP/1.1 401"));
}
