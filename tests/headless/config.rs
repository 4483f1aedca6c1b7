//! Configurations that cannot be used: where, what, and how to mend it; exit code 3.

use super::command::{Finished, Orgdeck};
use crate::home::Home;

const GOOD: &str = r#"
[profiles.acme]
environment = "sandbox"
flow = "password"
consumer_key = "3MVG9"
consumer_secret = { env = "TEST_CONSUMER_SECRET" }
username = "ada@acme.com.uat"
password = { env = "TEST_PASSWORD" }
trusted_ip = true
"#;

#[track_caller]
fn token(config: &str) -> Finished {
    let home = Home::new();
    home.write_config(config);
    let run = Orgdeck::new(&home, &["token", "acme"]).env("TEST_CONSUMER_SECRET", "se-cret");
    run.env("TEST_PASSWORD", "pass-word").run()
}

#[test]
fn what_cannot_be_read_is_named_with_its_place() {
    let cases = [
        ("not TOML", GOOD.replace("flow = ", "flow : "), &["config.toml", "4"][..]),
        (
            "an unknown flow",
            GOOD.replace("\"password\"\nconsumer", "\"pasword\"\nconsumer"),
            &["flow", "pasword", "4"],
        ),
        ("an unknown environment", GOOD.replace("sandbox", "sandbocks"), &["environment", "sandbocks", "3"]),
        ("a number for a text", GOOD.replace("\"3MVG9\"", "39"), &["consumer_key", "5"]),
        ("two kinds of reference", GOOD.replace("{ env", "{ ask = true, env"), &["consumer_secret", "6"]),
        ("no consumer key", GOOD.replace("consumer_key = \"3MVG9\"\n", ""), &["consumer_key"]),
    ];
    for (what, config, words) in cases {
        assert_ne!(config, GOOD, "{what}: the case changes nothing");
        let run = token(&config);
        run.code(3).explains(words).hides("se-cret");
        assert_eq!(run.stdout, "", "{what}");
    }
}

#[test]
fn an_unknown_profile_is_told_apart() {
    let home = Home::new();
    home.write_config(GOOD);
    let run = Orgdeck::new(&home, &["token", "amce"]).run();
    assert!(matches!(run.code, Some(2 | 3)), "{run:#?}");
    run.explains(&["amce", "acme"]);
}

#[test]
fn secrets_that_cannot_be_had() {
    let env = GOOD.replace("TEST_PASSWORD", "NOT_SET");
    token(&env).code(3).explains(&["NOT_SET"]);
    let fails = GOOD
        .replace("{ env = \"TEST_PASSWORD\" }", "{ command = [\"sh\", \"-c\", \"echo oops >&2; exit 9\"] }");
    token(&fails).code(3).explains(&["password", "9"]);
    let absent = GOOD.replace("{ env = \"TEST_PASSWORD\" }", "{ command = [\"no-such-program\"] }");
    token(&absent).code(3).explains(&["no-such-program"]);
}

#[test]
fn a_secret_to_be_asked_for_needs_a_person() {
    let ask = GOOD.replace("{ env = \"TEST_PASSWORD\" }", "{ ask = true }");
    token(&ask).code(9).explains(&["password"]);
}

#[test]
fn usage() {
    let home = Home::new();
    let run = Orgdeck::new(&home, &["token"]).run();
    run.code(2).explains(&["Usage"]);
    Orgdeck::new(&home, &["frobnicate"]).run().code(2);
    Orgdeck::new(&home, &["--help"]).run().code(0);
    assert_eq!(home.files(), Vec::<std::path::PathBuf>::new(), "nothing is written");
}

#[test]
fn the_demo_takes_no_configuration() {
    let home = Home::new();
    for arguments in
        [&["demo", "--serve", "--config", "mine.toml"][..], &["--config", "mine.toml", "demo", "--serve"]]
    {
        let run = Orgdeck::new(&home, arguments).run();
        run.code(2).explains(&["--config", "orgdeck demo"]);
        assert_eq!(run.stdout, "", "nothing was served");
    }
}

#[test]
fn a_name_in_the_file_does_not_act_on_the_terminal() {
    let home = Home::new();
    let odd = GOOD.replace("[profiles.acme]", r#"[profiles."ac\u202Eme"]"#);
    home.write_config(&odd.replace("{ env = \"TEST_PASSWORD\" }", "\"pass-word\""));
    let run = Orgdeck::new(&home, &["profiles", "list"]).run();
    run.code(0).explains(&["warning: profiles.ac<U+202E>me"]);
    assert!(run.stdout.contains("ac<U+202E>me"), "{}", run.stdout);
}

#[cfg(unix)]
#[test]
fn a_warning_about_the_file_itself_names_no_field() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    home.write_config(&GOOD.replace("{ env = \"TEST_PASSWORD\" }", "\"pass-word\""));
    let file = home.config().join("config.toml");
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let run = Orgdeck::new(&home, &["profiles", "list"]).run();
    run.code(0).explains(&["warning: profiles.acme.password: ", "chmod 600"]).hides("pass-word");
    assert!(!run.stderr.contains(": :"), "{run:#?}");
}

#[test]
fn profiles_are_listed() {
    let home = Home::new();
    home.write_config(GOOD);
    let run = Orgdeck::new(&home, &["profiles", "list"]).run();
    assert!(run.code(0).stdout.contains("acme"), "{run:?}");
    let all = Orgdeck::new(&home, &["profiles", "list", "--json"]).run().code(0).json();
    assert_eq!(all[0]["name"], "acme", "{all}");
    assert_eq!(all[0]["environment"], "sandbox", "{all}");
}
