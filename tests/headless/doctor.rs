//! `orgdeck doctor`: what it finds of files, secrets and hosts, what it sends, and how it ends.

use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use super::{
    bad_server::{Habit, NOBODY, host},
    command::{DemoServer, Finished, Orgdeck},
};
use crate::home::Home;

/// One profile that logs in at `login`, its secrets at hand.
fn profile(login: &str) -> Home {
    let home = Home::new();
    home.write_config(&format!(
        r#"
[profiles.acme]
environment = "custom"
flow = "password"
login_url = "{login}"
consumer_key = "3MVG9-se-cret"
consumer_secret = {{ env = "TEST_SECRET" }}
username = "ada-se-cret@acme.com"
password = {{ env = "TEST_SECRET" }}
security_token = {{ ask = true }}
"#
    ));
    home
}

fn doctor(home: &Home, arguments: &[&str]) -> Finished {
    let all: Vec<&str> = ["doctor"].iter().chain(arguments).copied().collect();
    Orgdeck::new(home, &all).env("TEST_SECRET", "se-cret").run()
}

/// The finding about that, of a subject whose name begins like that.
#[track_caller]
fn of(report: &Value, subject: &str, about: &str) -> Value {
    let is_it =
        |found: &&Value| found["subject"].as_str().unwrap().starts_with(subject) && found["about"] == about;
    let found = report["findings"].as_array().unwrap().iter().find(is_it);
    found.unwrap_or_else(|| panic!("{subject}, {about}: {report:#}")).clone()
}

#[track_caller]
fn state_of(report: &Value, subject: &str, about: &str) -> String {
    of(report, subject, about)["state"].as_str().unwrap().to_owned()
}

#[test]
fn a_demo_org_is_well_and_its_secrets_are_told_without_being_shown() {
    let demo = DemoServer::start();
    let home = profile(demo.told["test_url"].as_str().unwrap());
    let run = doctor(&home, &["--json"]);
    let report = run.code(0).hides("se-cret@").json();
    for about in ["connection", "clock", "login host", "API", "proxy"] {
        assert_eq!(state_of(&report, "host 127.0.0.1", about), "ok", "{report:#}");
    }
    assert_eq!(
        of(&report, "profile acme", "password")["seen"],
        "the environment variable TEST_SECRET is set"
    );
    assert_eq!(of(&report, "profile acme", "security_token")["seen"], "is asked for");
    assert_eq!(report["summary"]["broken"], 0);
    let all = report["findings"].as_array().unwrap().len() as u64;
    let counted = ["ok", "warnings", "broken"].map(|kind| report["summary"][kind].as_u64().unwrap());
    assert_eq!(counted.iter().sum::<u64>(), all);
    assert_eq!(
        of(&report, "profile acme", "security_token"),
        json!({"subject": "profile acme", "about": "security_token", "state": "ok", "seen": "is asked for", "fix": null})
    );
    assert!(!run.stdout.contains("se-cret"), "{run:#?}");
    assert_eq!(run.stderr, "");
}

#[test]
fn a_clock_that_is_off_is_a_warning_and_ends_with_0() {
    let demo = DemoServer::start();
    let login = demo.told["test_url"].as_str().unwrap();
    let mut stream = TcpStream::connect(login.strip_prefix("http://").unwrap()).unwrap();
    write!(
        stream,
        "POST /demo/clock?advance=900 HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    stream.read_to_string(&mut String::new()).unwrap();
    let report = doctor(&profile(login), &["--json"]).code(0).json();
    let clock = of(&report, "host", "clock");
    assert_eq!(clock["state"], "warning");
    assert!(clock["seen"].as_str().unwrap().contains("min behind") && clock["fix"].is_string(), "{clock}");
}

/// Listens, notes what comes, and answers that it knows nothing.
fn note_taker() -> (String, Arc<Mutex<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(Mutex::new(String::new()));
    let notes = seen.clone();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 16 * 1024];
            let count = stream.read(&mut request).unwrap_or(0);
            notes.lock().unwrap().push_str(&String::from_utf8_lossy(&request[..count]));
            _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    });
    (format!("http://{address}"), seen)
}

#[test]
fn no_secret_and_no_consumer_key_goes_over_the_wire() {
    let (login, seen) = note_taker();
    doctor(&profile(&login), &[]).code(0).hides("ada-se-cret");
    let seen = seen.lock().unwrap().clone();
    let lines: Vec<&str> = seen.lines().filter(|line| line.ends_with("HTTP/1.1")).collect();
    assert_eq!(
        lines,
        ["GET /.well-known/openid-configuration HTTP/1.1", "GET /services/data HTTP/1.1"],
        "{seen}"
    );
    for word in ["se-cret", "3mvg9", "authorization", "cookie"] {
        assert!(!seen.to_lowercase().contains(word), "{word} in {seen}");
    }
}

#[test]
fn hosts_that_do_not_answer_as_they_should_are_broken_each_with_its_reason() {
    const PORTAL: Habit = Habit::Answers { content_type: "text/html", body: "<h1>Guest network</h1>" };
    for (what, login, about, word) in [
        ("refuses", NOBODY.to_owned(), "connection", "TCP: 127.0.0.1:1 refuses"),
        ("does not resolve", "https://login.invalid".to_owned(), "connection", "DNS: the name login.invalid"),
        ("hangs up", host(Habit::HangsUp), "connection", "HTTP: "),
        ("speaks something else", host(Habit::SpeaksSomethingElse), "connection", "HTTP: "),
        ("is no TLS host", host(Habit::HangsUp).replace("http:", "https:"), "connection", "TLS: "),
        ("is a captive portal", host(PORTAL), "login host", "web page"),
    ] {
        let report = doctor(&profile(&login), &["--json"]).code(3).json();
        let found = of(&report, "host", about);
        assert_eq!(found["state"], "broken", "a host that {what}: {found}");
        assert!(found["seen"].as_str().unwrap().contains(word), "a host that {what}: {found}");
        assert!(found["fix"].is_string(), "a host that {what}: {found}");
    }
}

/// The deadline is the probe's: the profile sets none, and a hanging host would be waited for much longer.
#[test]
fn a_host_that_hangs_is_given_up() {
    let report = doctor(&profile(&host(Habit::Hangs)), &["--json"]).code(3).json();
    assert_eq!(
        of(&report, "host", "connection")["seen"].as_str().unwrap().split_once(" from ").unwrap().0,
        "HTTP: no answer"
    );
}

#[test]
fn a_broken_configuration_is_told_with_its_place_and_the_rest_goes_on() {
    let home = Home::new();
    home.write_config("[profiles.acme]\nflow = \"pasword\"\n");
    let run = doctor(&home, &[]);
    run.code(3);
    for words in ["✗ broken", "line 2, column 8", "→ ", "secret stores", "terminal", "1 broken"] {
        assert!(run.stdout.contains(words), "{words}: {run:#?}");
    }
}

#[test]
fn only_the_profiles_that_are_named_are_looked_at_and_offline_asks_nobody() {
    let home = profile(NOBODY);
    let report = doctor(&home, &["--offline", "--json", "acme"]).code(0).json();
    let subjects =
        report["findings"].as_array().unwrap().iter().map(|found| found["subject"].as_str().unwrap());
    assert!(!subjects.into_iter().any(|subject| subject.starts_with("host")), "{report:#}");
    let report = doctor(&home, &["--offline", "--json", "acne"]).code(3).json();
    let unknown = of(&report, "configuration", "profile");
    assert_eq!((&unknown["state"], &unknown["fix"]), (&json!("broken"), &json!("there are: acme")));
}

#[cfg(unix)]
#[test]
fn what_others_can_open_is_a_warning_with_the_command_that_mends_it() {
    use std::{fs, os::unix::fs::PermissionsExt};
    let home = profile(NOBODY);
    let file = home.config().join("config.toml");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let run = doctor(&home, &["--offline"]);
    assert!(run.code(0).stdout.contains(&format!("run `chmod 600 {}`", file.display())), "{run:#?}");
}

#[test]
fn a_locked_vault_is_a_warning_and_nobody_is_asked() {
    let home = profile(NOBODY);
    std::fs::write(home.path().join("pass"), "open sesame").unwrap();
    Orgdeck::new(&home, &["vault", "create", "--passphrase-file", "pass"]).run().code(0);
    let report = doctor(&home, &["--offline", "--json"]).code(0).json();
    let vault = of(&report, "secret stores", "vault");
    assert_eq!(vault["state"], "warning");
    assert!(vault["fix"].as_str().unwrap().contains("vault_passphrase"), "{vault}");
}
