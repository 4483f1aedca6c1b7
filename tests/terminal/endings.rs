//! Leaving: by choice, by a signal, by a crash. The terminal is given back each time.

use std::{fs, sync::Arc};

use super::pty::{Launch, Pty};
use crate::home::Home;

fn demo() -> Pty {
    let mut term = Pty::orgdeck(["demo"], 120, 36);
    term.see("demo-production");
    term
}

/// A request that never ends is under way.
fn busy() -> Pty {
    let mut term = demo();
    term.keys("3u")
        .text("/demo/hang")
        .see("/demo/hang")
        .key("Enter")
        .see("s send")
        .keys("s")
        .see("Esc stops it");
    term
}

#[test]
fn quitting_leaves_at_once_and_nothing_behind() {
    let mut term = demo();
    term.keys("q");
    assert_eq!(term.left_clean().exit_code(), 0);
    assert_eq!(term.home().files(), Vec::<std::path::PathBuf>::new(), "the demo's throw-away files are gone");
}

#[test]
fn quitting_asks_while_something_runs() {
    let mut term = busy();
    term.keys("q")
        .see("Leave?")
        .key("Esc")
        .gone("Leave?")
        .see("Esc stops it")
        .keys("q")
        .see("Leave?")
        .key("Enter");
    assert_eq!(term.left_clean().exit_code(), 0);
}

#[test]
fn control_c_cancels_and_twice_leaves() {
    let mut term = busy();
    term.key("Ctrl-C").see("cancelled").key("Ctrl-C").see("once more").key("Ctrl-C");
    assert_eq!(term.left_clean().exit_code(), 0);
}

#[test]
fn a_signal_ends_it_and_gives_the_terminal_back() {
    for signal in ["TERM", "HUP"] {
        let mut term = busy();
        term.signal(signal).left_clean();
        assert_eq!(term.home().files(), Vec::<std::path::PathBuf>::new(), "after {signal}");
    }
}

#[test]
fn a_storm_of_resizes_is_survived() {
    let mut term = busy();
    for step in 0..200_u16 {
        term.resize(1 + step * 37 % 160, 1 + step * 17 % 50);
    }
    term.resize(120, 36).see("Esc stops it").see("demo-production").keys("?").see("Help:");
}

#[test]
fn a_terminal_that_was_small_for_a_moment_is_drawn_whole_again() {
    let mut term = demo();
    for _ in 0..20 {
        term.resize(1, 1).resize(120, 36).see("demo-production").see("q quit");
    }
}

#[test]
fn a_panic_gives_the_terminal_back_and_leaves_a_report_without_secrets() {
    let mut term = Launch::orgdeck(["demo"]).env("ORGDECK_TEST_PANIC", "1").start();
    term.see("no token").keys("t").see("✓ signature").key("F12").see("crashed");
    assert_eq!(term.left_clean().exit_code(), 70);
    let reports: Vec<_> =
        term.home().files().into_iter().filter(|file| file.to_string_lossy().contains("crash")).collect();
    assert_eq!(reports.len(), 1, "{:?}", term.home().files());
    let report = fs::read_to_string(term.home().path().join(&reports[0])).unwrap();
    assert!(report.contains("asked to panic"), "{report}");
    for secret in ["Fjord-2026+lantern", "k3VnQx8TzRb0WmLcYp5HsJd1", "8F2C91D04B7A6E35"] {
        assert!(!report.contains(secret), "a secret in the report");
        term.never_showed(secret);
    }
}

const PROFILE: &str = r#"
[profiles.acme]
environment = "sandbox"
flow = "access_token"
instance_url = "http://127.0.0.1:1"
access_token = { env = "ACME_TOKEN" }
"#;

/// What is being written outlives the program, however it ends.
#[test]
fn a_draft_survives_every_ending() {
    let home = Arc::new(Home::new());
    home.write_config(PROFILE);
    let start = || {
        let launch = Launch::orgdeck::<[&str; 0]>([]).home(&home).env("ORGDECK_TEST_PANIC", "1");
        let mut term = launch.start();
        term.see("acme");
        term
    };
    let mut first = start();
    first.keys("3u").text("sobjects/First").see("sobjects/First").key("Enter").see("s send").keys("q");
    assert_eq!(first.exit_code(), 0);

    let mut second = start();
    second.see("sobjects/First").keys("3u").key("Ctrl-U").text("sobjects/Second").see("sobjects/Second");
    second.signal("TERM").left_clean();

    let mut third = start();
    third.see("sobjects/Second").keys("q");
    assert_eq!(third.exit_code(), 0);
}

#[test]
fn suspending_gives_the_terminal_back_until_it_goes_on() {
    let mut shell = Launch::program("/bin/sh", ["-i"]).env("PS1", "ready> ").start();
    shell.see("ready>").text(&format!("{} demo", env!("CARGO_BIN_EXE_orgdeck"))).key("Enter");
    shell.see("demo-production").key("Ctrl-Z").gone("demo-production").see("Stopped");
    shell.text(r"echo my\ shell; fg; echo and\ back").key("Enter");
    shell.see("demo-production").keys("q").see("my shell").see("and back").text("exit").key("Enter");
    assert_eq!(shell.left_clean().exit_code(), 0);
}
