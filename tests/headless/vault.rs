//! `orgdeck vault`: secrets go in and stay in; what goes wrong leaves the vault as it was.

use std::{fs, thread};

use super::{
    command::{DemoServer, Finished, Orgdeck},
    profiles::ADA,
};
use crate::home::Home;

const CONFIG: &str = r#"
[profiles.acme]
environment = "sandbox"
flow = "password"
consumer_key = "3MVG9"
consumer_secret = { vault = true }
username = "ada@acme.com.uat"
password = { vault = true }
trusted_ip = true
"#;

const GIVEN: [&str; 2] = ["--passphrase-file", "pass"];

/// A person with a profile and a vault, whose passphrase is in the file `pass`.
fn with_vault() -> Home {
    let home = Home::new();
    home.write_config(CONFIG);
    let config = home.config().join("config.toml");
    for (path, text) in [(home.path().join("pass"), "open sesame\n"), (config, CONFIG)] {
        fs::write(&path, text).unwrap();
        private(&path);
    }
    vault(&home, &["create"]).run().code(0);
    home
}

#[cfg(unix)]
fn private(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(not(unix))]
fn private(_: &std::path::Path) {}

fn vault(home: &Home, arguments: &[&str]) -> Orgdeck {
    Orgdeck::new(home, &[&["vault"], arguments, &GIVEN].concat())
}

fn set(home: &Home, secret: &str, value: &str) -> Finished {
    vault(home, &["set", "acme", secret]).input(value).run()
}

fn check(home: &Home) -> Finished {
    Orgdeck::new(home, &[&["profiles", "check", "--json"][..], &GIVEN].concat()).run()
}

fn bytes(home: &Home) -> Vec<u8> {
    fs::read(home.data().join("vault.age")).unwrap()
}

#[test]
fn a_secret_goes_in_is_there_and_goes_out() {
    let home = with_vault();
    let run = set(&home, "password", "hunter2\n");
    run.code(0).hides("hunter2");
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    set(&home, "consumer_secret", "  \"Bearer s3cret\"\r\n").code(0).explains(&["removed", "quotes"]);
    assert_eq!(vault(&home, &["list"]).run().code(0).stdout, "acme  consumer_secret\nacme  password\n");
    let listed = vault(&home, &["list", "--json"]).run().json();
    assert_eq!(listed[1], serde_json::json!({"profile": "acme", "secret": "password"}));
    check(&home).code(0).hides("hunter2").hides("s3cret");

    vault(&home, &["remove", "acme", "password"]).run().code(0);
    check(&home).code(3);
    vault(&home, &["remove", "acme", "password"]).run().code(3).explains(&["acme/password", "vault list"]);
    let files: Vec<_> = home.files().iter().map(|file| file.display().to_string()).collect();
    assert_eq!(files, ["config/config.toml", "data/vault.age", "data/vault.age.lock", "pass"]);
    for file in home.files() {
        let text = fs::read(home.path().join(file)).unwrap();
        assert!(!text.windows(6).any(|bytes| bytes == b"s3cret"), "a secret in the clear");
    }
}

#[test]
fn what_is_no_secret_is_not_taken() {
    let home = with_vault();
    let before = bytes(&home);
    set(&home, "password", "").code(3).explains(&["is empty"]);
    set(&home, "password", "one\ntwo\n").code(3).explains(&["more than one line"]).hides("two");
    set(&home, "pasword", "x").code(2).explains(&["pasword", "consumer_secret"]);
    let unknown = vault(&home, &["set", "amce", "password"]).input("x").run();
    unknown.code(3).explains(&["amce", "there are: acme"]);
    let both = Orgdeck::new(&home, &["vault", "set", "acme", "password", "--passphrase-file", "-"]);
    both.input("x").run().code(2).explains(&["standard input"]);
    assert_eq!(bytes(&home), before);
}

#[test]
fn a_profile_that_looks_elsewhere_is_pointed_out() {
    let home = with_vault();
    home.write_config(&CONFIG.replace("password = { vault = true }", "password = { ask = true }"));
    set(&home, "password", "hunter2").code(0).explains(&["hint", "password = { vault = true }"]);
}

#[test]
fn without_a_passphrase_or_a_vault_nothing_is_done() {
    let home = Home::new();
    home.write_config(CONFIG);
    for arguments in [&["list"][..], &["remove", "acme", "password"], &["passphrase"]] {
        let run = Orgdeck::new(&home, &[&["vault"], arguments].concat()).run();
        run.code(3).explains(&["no vault yet", "orgdeck vault create"]);
    }
    Orgdeck::new(&home, &["vault", "create"]).run().code(9).explains(&["no terminal", "--help"]);
    assert_eq!(home.files().len(), 1, "the configuration alone: {:?}", home.files());

    let home = with_vault();
    let before = bytes(&home);
    let asked = Orgdeck::new(&home, &["vault", "list", "--json"]).run();
    assert_eq!(asked.code(9).error()["error"]["kind"], "person_needed");
    fs::write(home.path().join("pass"), "open Sesame").unwrap();
    set(&home, "password", "x").code(3).explains(&["not the vault's passphrase"]);
    vault(&home, &["create"]).run().code(3).explains(&["there is a vault already", "vault.age"]);
    assert_eq!(bytes(&home), before);
}

#[test]
fn another_passphrase_opens_the_same_secrets() {
    let home = with_vault();
    set(&home, "password", "hunter2").code(0);
    fs::write(home.path().join("new"), "open barley\n").unwrap();
    private(&home.path().join("new"));
    vault(&home, &["passphrase", "--new-passphrase-file", "new"]).run().code(0);
    vault(&home, &["list"]).run().code(3).explains(&["not the vault's passphrase"]);
    let listed = Orgdeck::new(&home, &["vault", "list", "--passphrase-file", "new"]).run();
    assert_eq!(listed.code(0).stdout, "acme  password\n");
    let piped =
        Orgdeck::new(&home, &["vault", "list", "--passphrase-file", "-"]).input("open barley\n").run();
    assert_eq!(piped.code(0).stdout, listed.stdout);
}

#[test]
fn the_settings_can_say_where_the_passphrase_is() {
    let home = with_vault();
    set(&home, "password", "hunter2").code(0);
    home.write_config(&format!("[settings]\nvault_passphrase = {{ env = \"VAULT\" }}\n{CONFIG}"));
    let list = || Orgdeck::new(&home, &["vault", "list"]);
    assert_eq!(list().env("VAULT", "open sesame").run().code(0).stdout, "acme  password\n");
    list().env("VAULT", "wrong").run().code(3).explains(&["not the vault's passphrase"]).hides("wrong\n");
    list().run().code(3).explains(&["vault_passphrase", "VAULT is not set"]);
}

#[test]
fn a_token_is_got_with_what_is_in_the_vault() {
    let demo = DemoServer::start();
    let [consumer_secret, password, security_token] = demo.secrets(&ADA);
    let kept =
        [("consumer_secret", consumer_secret), ("password", password), ("security_token", security_token)];
    let mut config = demo.password_profile("acme", &ADA);
    for name in ["TEST_CONSUMER_SECRET", "TEST_PASSWORD", "TEST_SECURITY_TOKEN"] {
        config = config.replace(&format!("env = \"{name}\""), "vault = true");
    }
    demo.home.write_config(&format!("[settings]\nvault_passphrase = {{ env = \"VAULT\" }}\n{config}"));
    let orgdeck = |arguments: &[&str]| Orgdeck::new(&demo.home, arguments).env("VAULT", "open sesame");
    fs::write(demo.home.path().join("pass"), "open sesame").unwrap();
    orgdeck(&["vault", "create", GIVEN[0], GIVEN[1]]).run().code(0);
    let without = orgdeck(&["token", "acme"]).run();
    without
        .code(3)
        .explains(&["the vault has no acme/consumer_secret", "orgdeck vault set acme consumer_secret"]);
    for (name, secret) in kept {
        orgdeck(&["vault", "set", "acme", name]).input(secret).run().code(0);
    }
    let run = orgdeck(&["token", "acme"]).run();
    assert!(run.code(0).stdout.starts_with("00D"), "{run:?}");
    kept.iter().for_each(|(_, secret)| _ = run.hides(secret));
    // No passphrase, nobody to ask.
    demo.home.write_config(&config);
    orgdeck(&["token", "acme"]).run().code(9).explains(&["vault", "passphrase"]);
}

#[test]
fn a_damaged_vault_is_named_and_left_alone() {
    let home = with_vault();
    let file = home.data().join("vault.age");
    let half = bytes(&home)[..100].to_vec();
    fs::write(&file, &half).unwrap();
    set(&home, "password", "x").code(3).explains(&["vault.age", "is cut off", "nothing was changed"]);
    assert_eq!(fs::read(&file).unwrap(), half);
}

#[test]
fn programs_that_write_at_once_lose_nothing() {
    let home = with_vault();
    let secrets = ["consumer_secret", "password", "security_token", "access_token"];
    thread::scope(|scope| {
        for secret in secrets {
            let home = &home;
            scope.spawn(move || set(home, secret, "x").code(0).code);
        }
    });
    let listed = vault(&home, &["list"]).run().code(0).stdout.clone();
    assert_eq!(listed.lines().count(), secrets.len(), "{listed}");
}

/// A file may grow to one block of 512 bytes, then the disk is full: the system breaks the write off half-way.
#[cfg(unix)]
#[test]
fn a_write_that_breaks_off_half_way_leaves_the_old_vault() {
    let home = with_vault();
    set(&home, "password", "hunter2").code(0);
    let before = bytes(&home);
    let script = "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\"";
    let arguments = ["vault", "set", "acme", "consumer_secret", GIVEN[0], GIVEN[1]];
    let run = Orgdeck::in_shell(&home, script, &arguments).input(&"x".repeat(4000)).run();
    run.code(3).explains(&["cannot write", "vault.age"]);
    assert_eq!(bytes(&home), before);
    assert_eq!(vault(&home, &["list"]).run().code(0).stdout, "acme  password\n");
    let left: Vec<_> = home.files().into_iter().filter(|file| file.starts_with("data")).collect();
    assert_eq!(left.len(), 2, "the vault and its lock, and nothing half-written: {left:?}");
    // The limit is what broke it off: without one the same secret goes in.
    vault(&home, &["set", "acme", "consumer_secret"]).input(&"x".repeat(4000)).run().code(0);
}

#[cfg(unix)]
#[test]
fn the_vault_is_its_owners_alone_and_a_wider_one_is_reported() {
    use std::os::unix::fs::PermissionsExt;
    let home = with_vault();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let file = home.data().join("vault.age");
    assert_eq!((mode(&home.data()), mode(&file)), (0o700, 0o600));
    assert_eq!(check(&home).json()["warnings"], serde_json::json!([]));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(home.data(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(home.path().join("pass"), fs::Permissions::from_mode(0o644)).unwrap();
    let run = check(&home);
    run.explains(&["chmod 600 pass"]);
    let warnings = run.json()["warnings"].to_string();
    assert!(warnings.contains("chmod 600") && warnings.contains("chmod 700"), "{warnings}");
}
