//! Secrets typed at the terminal: nothing of them is shown, and the terminal comes back.

use std::sync::Arc;

use super::pty::{Launch, Pty};
use crate::home::Home;

const CONFIG: &str = r#"
[profiles.acme]
environment = "sandbox"
flow = "password"
consumer_key = "3MVG9"
consumer_secret = { env = "ACME_SECRET" }
username = "ada@acme.com.uat"
password = { vault = true }
trusted_ip = true
"#;

fn vault(home: &Arc<Home>, arguments: &[&str]) -> Pty {
    Launch::orgdeck([&["vault"], arguments].concat()).home(home).start()
}

fn with_vault() -> Arc<Home> {
    let home = Arc::new(Home::new());
    home.write_config(CONFIG);
    let mut term = vault(&home, &["create"]);
    term.see("a passphrase for the vault:").keys("open sesame").key("Enter");
    term.see("a passphrase for the vault again:").keys("open sesame").key("Enter").see("the vault is ");
    assert_eq!(term.left_clean().never_showed("open").exit_code(), 0);
    home
}

#[test]
fn a_secret_is_typed_and_never_shown() {
    let home = with_vault();
    let mut term = vault(&home, &["set", "acme", "password"]);
    term.see("the vault's passphrase:").keys("wrong").key("Enter").see("that is not the vault's passphrase");
    // Between two questions the terminal is the shell's: what is typed there is typed for the shell.
    term.see_that("the second question", |screen| {
        screen.contents().matches("the vault's passphrase:").count() == 2
    });
    term.keys("open sesamr").key("Backspace").keys("e").key("Enter");
    term.see("the password of acme:").keys("oops").key("Ctrl-U").keys("hünter2").key("Enter");
    assert_eq!(term.left_clean().never_showed("nter2").never_showed("sesam").exit_code(), 0);

    // Standard output may go elsewhere: the question is still seen, and only the answer goes there.
    let script = format!("{} profiles check > out; echo ended $?; cat out", env!("CARGO_BIN_EXE_orgdeck"));
    let mut term = Launch::program("/bin/sh", ["-c", &script]).home(&home).env("ACME_SECRET", "x").start();
    term.see("the vault's passphrase:").keys("open sesame").key("Enter").see("ended 0");
    term.see("acme  password         vault            ok").left_clean();
    let out = std::fs::read_to_string(home.path().join("out")).unwrap();
    assert!(!out.contains("passphrase"), "{out}");
}

#[test]
fn passphrases_that_differ_are_typed_again() {
    let mut term = Launch::orgdeck(["vault", "create"]).start();
    for (first, second) in [("one", "two"), ("", ""), ("three", "four")] {
        term.see("a passphrase for the vault:").keys(first).key("Enter");
        if !first.is_empty() {
            term.see("again:").keys(second).key("Enter");
        }
    }
    term.see("was not typed twice the same");
    assert_eq!(term.left_clean().exit_code(), 3);
    assert_eq!(term.home().files(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn ctrl_c_gives_the_terminal_back_and_does_nothing() {
    let mut term = Launch::orgdeck(["vault", "create"]).start();
    term.see("a passphrase for the vault:").keys("secr").key("Ctrl-C");
    assert_eq!(term.left_clean().never_showed("secr").exit_code(), 7);
    assert_eq!(term.home().files(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_signal_gives_the_terminal_back_first() {
    let mut term = Launch::orgdeck(["vault", "create"]).start();
    term.see("a passphrase for the vault:").signal("TERM");
    assert_eq!(term.left_clean().exit_code(), 7);
}
