//! `orgdeck token`: an access token, or why there is none.

use super::{
    command::DemoServer,
    profiles::{ADA, Login, text},
};

#[test]
fn the_token_alone_on_standard_output() {
    let demo = DemoServer::start();
    demo.home.write_config(&demo.password_profile("acme", &ADA));
    let run = demo.orgdeck(&ADA, &["token", "acme"]).run();
    run.code(0);
    let token = run.stdout.trim_end();
    assert_eq!(run.stdout, format!("{token}\n"));
    assert!(token.starts_with("00D") && token.contains('!'), "not a session token: {run:?}");
    for secret in demo.secrets(&ADA) {
        run.hides(secret);
    }
}

#[test]
fn the_whole_answer_as_json() {
    let demo = DemoServer::start();
    demo.home.write_config(&demo.password_profile("acme", &ADA));
    let run = demo.orgdeck(&ADA, &["token", "acme", "--json"]).run();
    let answer = run.code(0).json();
    assert_eq!(answer["token_type"], "Bearer");
    assert!(text(&answer["instance_url"]).starts_with("http"));
    let ours = &answer["orgdeck"];
    assert_eq!(ours["profile"], "acme");
    assert_eq!(ours["signature_valid"], true);
    assert!(ours["expires_at"].is_null(), "Salesforce tells no lifetime: {ours}");
    assert_eq!(text(&ours["org_id"]).len(), 18);
    assert_eq!(text(&ours["user_id"]).len(), 18);
}

#[test]
fn client_credentials() {
    let demo = DemoServer::start();
    let app = demo.app("production", "Nightly Sync");
    let (login_url, key) = (&demo.org("production")["instance_url"], &app["consumer_key"]);
    demo.home.write_config(&format!(
        r#"
[profiles.nightly]
environment = "production"
login_url = {login_url}
flow = "client_credentials"
consumer_key = {key}
consumer_secret = {{ env = "TEST_CONSUMER_SECRET" }}
"#
    ));
    let login = Login { org: "production", username: "integration@", app: "Nightly Sync" };
    let answer = demo.orgdeck(&login, &["token", "nightly", "--json"]).run().code(0).json();
    assert_eq!(answer["orgdeck"]["signature_valid"], true);
}

/// A login that is refused: who, with which app, and the code the token endpoint gives.
#[test]
fn refusals_end_with_4_and_say_why() {
    let demo = DemoServer::start();
    let refused = [
        ("retired@", "Orgdeck Workbench", "inactive user"),
        ("locked@", "Orgdeck Workbench", "invalid_grant"),
        ("remote@", "Orgdeck Workbench", "IP restricted"),
        ("ada@", "External Portal", "invalid_grant"),
    ];
    for (username, app, why) in refused {
        let login = Login { org: "production", username, app };
        demo.home.write_config(&demo.password_profile("acme", &login));
        let plain = demo.orgdeck(&login, &["token", "acme"]).run();
        plain.code(4).explains(&[why]);
        assert_eq!(plain.stdout, "");

        let json = demo.orgdeck(&login, &["token", "acme", "--json"]).run();
        let error = json.code(4).error();
        assert!(text(&error["error"]["code"]).len() > 3, "{error}");
        assert_eq!(error["error"]["status"], 400);
        assert!(error["hints"].is_array(), "{error}");
        for secret in demo.secrets(&login) {
            plain.hides(secret);
            json.hides(secret);
        }
    }
}

#[test]
fn a_forgotten_security_token_is_refused_without_showing_the_password() {
    let demo = DemoServer::start();
    let config = demo.password_profile("acme", &ADA);
    let config: Vec<&str> = config.lines().filter(|line| !line.starts_with("security_token")).collect();
    demo.home.write_config(&config.join("\n"));
    let run = demo.orgdeck(&ADA, &["token", "acme"]).run();
    assert!(matches!(run.code, Some(3 | 4)), "{run:#?}");
    run.explains(&["security token"]).hides(demo.secrets(&ADA)[1]);
}

/// The count outlives each run.
#[test]
fn the_third_wrong_password_is_sent_only_where_that_is_meant() {
    let demo = DemoServer::start();
    demo.home.write_config(&demo.password_profile("acme", &ADA));
    let wrong = |arguments: &[&str]| {
        let arguments = [&["token", "acme"], arguments].concat();
        demo.orgdeck(&ADA, &arguments).env("TEST_PASSWORD", "not-it").run()
    };
    for _ in 0..2 {
        wrong(&[]).code(4).explains(&["authentication failure"]);
    }
    let third = wrong(&[]);
    third.code(8).explains(&["refused twice", "lockout", "3, 5 or 10", "--anyway"]).hides("not-it");
    assert_eq!(wrong(&["--json"]).code(8).error()["error"]["kind"], "guard");
    demo.orgdeck(&ADA, &["token", "acme"]).run().code(8);
    demo.orgdeck(&ADA, &["token", "acme", "--anyway"]).run().code(0);
    wrong(&[]).code(4);
}
