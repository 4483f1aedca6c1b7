//! The listeners themselves, over real connections.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use crate::demo_org::{Demo, Options, start};

/// Sends one request and reads until the server closes.
fn exchange(base: &str, line: &str, header: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(base.strip_prefix("http://").unwrap()).unwrap();
    // What is written in one piece is there before the server answers and closes.
    let request = format!("{line} HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n{header}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
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
    let config: toml::Table = demo.config_toml(Path::new("/keys")).parse().unwrap();
    let profiles = config["profiles"].as_table().unwrap();
    let field = |profile: &str, name: &str| profiles[profile][name].as_str().unwrap().to_owned();
    assert_eq!(field("demo-production", "login_url"), demo.login_url());
    let token = field("demo-pasted-token", "access_token");
    let header = format!("Authorization: Bearer {token}\r\n");
    let answer =
        exchange(demo.sandbox_url(), "GET /services/data/v66.0/query?q=SELECT+COUNT()+FROM+Account", &header);
    assert!(String::from_utf8_lossy(&answer).contains("\"totalSize\":500,"));
    assert!(!demo.config_toml(Path::new("/keys")).contains("\"{"), "a place was not filled in");
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

/// Sends a form and gives head and body back.
fn post(base: &str, path: &str, header: &str, pairs: &[(&str, &str)]) -> String {
    let body = super::form(pairs);
    let header = format!(
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n{header}\r\n{body}",
        body.len()
    );
    String::from_utf8(exchange(base, &format!("POST {path}"), &header)).unwrap()
}

/// What a header or a field of a form holds.
fn found<'a>(answer: &'a str, start: &str, end: &str) -> &'a str {
    answer.split_once(start).unwrap_or_else(|| panic!("no {start}: {answer}")).1.split_once(end).unwrap().0
}

#[test]
fn a_person_logs_in_over_the_wire_and_one_refresh_waits_for_another() {
    const CALLBACK: &str = "http://localhost:1717/OauthRedirect";
    let demo = demo();
    let (base, summary) = (demo.login_url(), demo.summary());
    let app = summary["orgs"][0]["apps"].as_array().unwrap().iter();
    let app = app.clone().find(|app| app["name"] == "Browser Login with Secret").unwrap();
    let [key, secret] = ["consumer_key", "consumer_secret"].map(|name| app[name].as_str().unwrap());
    let query = super::form(&[("response_type", "code"), ("client_id", key), ("redirect_uri", CALLBACK)]);
    let sent = text(base, &format!("GET /services/oauth2/authorize?{query}"));
    let login = found(&sent, "location: ", "\r\n");
    let page = text(base, &format!("GET {login}"));
    let cookie = format!("Cookie: {}\r\n", found(&page, "set-cookie: ", ";"));
    let start = found(&page, "name=\"startURL\" value=\"", "\"");
    let pairs = [
        ("csrf", found(&page, "name=\"csrf\" value=\"", "\"")),
        ("startURL", start),
        ("username", "ada@nordlicht.example"),
        ("pw", "Fjord-2026+lantern"),
    ];
    let logged_in = post(base, "/", &cookie, &pairs);
    let cookie = format!("Cookie: {}\r\n", found(&logged_in, "set-cookie: ", ";"));
    let page = String::from_utf8(exchange(
        base,
        &format!("GET {}", found(&logged_in, "location: ", "\r\n")),
        &cookie,
    ));
    let csrf = found(page.as_ref().unwrap(), "name=\"csrf\" value=\"", "\"");
    let back = post(base, start, &cookie, &[("csrf", csrf), ("save", "Allow")]);
    let code = found(&back, &format!("location: {CALLBACK}?code="), "%3D%3D").to_owned() + "==";
    let client = [("client_id", key), ("client_secret", secret)];
    let token = |header: &str, more: &[(&str, &str)]| {
        post(base, "/services/oauth2/token", header, &[&client[..], more].concat())
    };
    let exchange =
        [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
    let answer = token("", &exchange);
    let refresh_token = found(&answer, "\"refresh_token\":\"", "\"");
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
    let (slow, seen) = std::thread::scope(|threads| {
        let slow = threads.spawn(|| token("X-Demo-Delay: 1\r\n", &refresh));
        let mut seen = String::new();
        while !slow.is_finished() && !seen.contains("already being processed") {
            seen = token("", &refresh);
        }
        (slow.join().unwrap(), seen)
    });
    assert!(slow.contains("access_token"), "{slow}");
    assert!(seen.contains("token request is already being processed"), "{seen}");
}

#[test]
fn the_clock_can_be_put_forward() {
    let demo = demo();
    let base = demo.login_url();
    let before = text(base, "GET /services/data");
    let answer = post(base, "/demo/clock?advance=31622400", "", &[]);
    assert!(answer.contains("{\"now\":\""), "{answer}");
    let year = |answer: &str| found(answer, "date: ", "\r\n")[12..16].parse::<i32>().unwrap();
    let after = text(base, "GET /services/data");
    assert_eq!(year(&after), year(&before) + 1);
}
