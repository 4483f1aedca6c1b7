//! `orgdeck profiles check`: what can be had is told, and never shown.

use serde_json::{Value, json};

use super::command::Orgdeck;
use crate::home::Home;

fn config(secrets: &str) -> Home {
    let home = Home::new();
    home.write_config(&format!(
        "[profiles.acme]\nenvironment = \"sandbox\"\nflow = \"password\"\n{secrets}\n"
    ));
    home
}

fn check(home: &Home) -> Orgdeck {
    Orgdeck::new(home, &["profiles", "check"]).env("TEST_SECRET", "hunter2")
}

#[test]
fn each_reference_is_told_with_its_place() {
    let home = config(
        "consumer_secret = { env = \"TEST_SECRET\" }\npassword = { command = [\"echo\", \"hunter2\"] }\n\
         security_token = { ask = true }",
    );
    let run = check(&home).run();
    assert_eq!(
        run.code(0).hides("hunter2").stdout,
        "acme  consumer_secret  env TEST_SECRET  ok\n\
         acme  password         command echo     ok\n\
         acme  security_token   ask              a person is asked\n"
    );
}

#[test]
fn what_cannot_be_had_ends_with_3_and_says_why() {
    let home = config(
        "consumer_secret = { env = \"NOT_SET\" }\npassword = { env = \"TEST_SECRET\" }\n\
         security_token = { vault = true }\naccess_token = { keyring = true }",
    );
    let run = check(&home).run();
    run.code(3).explains(&["3 secrets cannot be had"]).hides("hunter2");
    for words in ["NOT_SET is not set", "no vault yet", "no keyring answers here"] {
        assert!(run.stdout.contains(words), "{words}: {run:#?}");
    }
    let run = Orgdeck::new(&home, &["profiles", "check", "--json"]).env("TEST_SECRET", "hunter2").run();
    assert_eq!(run.code(3).error()["error"]["kind"], "config");
    let secrets = run.hides("hunter2").json()["secrets"].clone();
    let resolves: Vec<&Value> = secrets.as_array().unwrap().iter().map(|one| &one["resolves"]).collect();
    assert_eq!(resolves, [&json!(false), &json!(true), &json!(false), &json!(false)]);
    assert_eq!(
        secrets[1],
        json!({"profile": "acme", "secret": "password", "kept": "env", "name": "TEST_SECRET", "resolves": true, "error": null})
    );
}

#[test]
fn a_locked_vault_needs_a_person() {
    let home = config("password = { vault = true }");
    std::fs::write(home.path().join("pass"), "open sesame").unwrap();
    Orgdeck::new(&home, &["vault", "create", "--passphrase-file", "pass"]).run().code(0);
    check(&home).run().code(9).explains(&["--passphrase-file", "vault_passphrase"]);
}

#[test]
fn a_broken_configuration_is_told_before_anything_is_tried() {
    let home = config("password = { env = 3 }");
    check(&home).run().code(3).explains(&["config.toml", "password"]);
}

/// What holds another profile's secret is no business of a password manager's.
#[cfg(unix)]
#[test]
fn a_command_does_not_inherit_the_variables_that_hold_secrets() {
    let home = config(
        "consumer_secret = { env = \"TEST_SECRET\" }\n\
         password = { command = [\"sh\", \"-c\", \"echo ${TEST_SECRET-not there} >&2; echo ${OP_SESSION-not there} >&2; exit 1\"] }\n\
         security_token = { command = [\"sh\", \"-c\", \"test \\\"$OP_SESSION\\\" = kept && echo x\"] }",
    );
    let run = check(&home).env("OP_SESSION", "kept").run();
    run.code(3).hides("hunter2");
    assert!(run.stdout.contains("exit status 1: not there"), "{run:#?}");
    assert!(run.stdout.lines().nth(2).unwrap().ends_with("ok"), "{run:#?}");
}
