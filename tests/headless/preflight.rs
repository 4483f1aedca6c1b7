//! What is worth a word before something is sent, on standard error.

use super::{command::DemoServer, profiles::ADA};

fn demo(more: &str) -> DemoServer {
    let demo = DemoServer::start();
    demo.home.write_config(&(demo.password_profile("acme", &ADA) + more));
    demo
}

#[test]
fn a_word_stands_before_what_it_warns_of_and_stops_nothing() {
    let demo = demo("trusted_ip = false\nscopes = [\"web\"]\n");
    let path = "/services/data/v66.0/query?q=SELECT+Id+FROM+Account+WHERE+Name+LIKE+'%AB%'";
    let run = demo.orgdeck(&ADA, &["send", "acme", "GET", path]).run();
    run.code(0);
    let warnings: Vec<_> = run.stderr.lines().filter(|line| line.starts_with("warning: ")).collect();
    assert_eq!(warnings, ["warning: a % that begins no character is not encoded"], "{run:?}");
    let run = demo.orgdeck(&ADA, &["send", "acme", "GET", path, "--json"]).run();
    run.code(0);
    assert!(!run.stderr.contains("warning"), "{run:?}");
}

#[test]
fn what_has_worked_once_is_not_doubted_again() {
    let demo = DemoServer::start();
    let profile = demo.password_profile("acme", &ADA);
    let security_token = "security_token = { env = \"TEST_SECURITY_TOKEN\" }\n";
    let bare = profile.replace(security_token, "");
    assert_ne!(bare, profile);
    demo.home.write_config(&bare);
    let first = demo.orgdeck(&ADA, &["token", "acme"]).run();
    first.code(4);
    assert!(first.stderr.contains("warning: security_token: none is set"), "{first:?}");
    demo.home.write_config(&profile);
    demo.orgdeck(&ADA, &["token", "acme"]).run().code(0);
    demo.home.write_config(&bare);
    let then = demo.orgdeck(&ADA, &["token", "acme"]).run();
    assert!(!then.stderr.contains("warning"), "{then:?}");
}
