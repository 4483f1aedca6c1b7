//! `orgdeck send`: the body on standard output, the rest on standard error, and the guards.

use std::fs;

use serde_json::Value;

use super::{
    command::{DemoServer, Finished, Orgdeck},
    profiles::{ADA, Login, text},
};
use crate::home::Home;

const SANDBOX_ADA: Login<'_> = Login { org: "sandbox", username: "ada@", app: "Orgdeck Workbench" };

/// The demo orgs, and profiles `prod` and `uat` for them.
fn demo() -> DemoServer {
    let demo = DemoServer::start();
    let both = demo.password_profile("prod", &ADA) + &demo.password_profile("uat", &SANDBOX_ADA);
    demo.home.write_config(&both);
    demo
}

#[track_caller]
fn uat(demo: &DemoServer, arguments: &[&str]) -> Finished {
    demo.orgdeck(&SANDBOX_ADA, &[&["send", "uat"], arguments].concat()).run()
}

#[test]
fn paths_are_relative_to_the_instance_or_the_api() {
    let demo = demo();
    for path in ["limits", "/services/data/v66.0/limits", "/services/data/{{version}}/limits"] {
        let limits = uat(&demo, &["GET", path]).code(0).json();
        assert!(limits["DailyApiRequests"]["Max"].as_u64().is_some(), "{path}: {limits}");
    }
}

#[test]
fn a_query_travels_encoded() {
    let demo = demo();
    let soql = "q=SELECT Id, Name FROM Account WHERE Name != '100% & +' LIMIT 3";
    let answer = uat(&demo, &["GET", "query", "--query", soql]).code(0).json();
    assert_eq!(answer["totalSize"], 3, "{answer}");
}

#[test]
fn a_record_from_birth_to_death() {
    let demo = demo();
    let json = ["-H", "Content-Type: application/json"];
    let body = r#"{"Name":"Æther & Søns"}"#;
    let created = uat(&demo, &[&["POST", "sobjects/Account", "-d", body][..], &json].concat()).code(0).json();
    let record = format!("sobjects/Account/{}", text(&created["id"]));
    assert_eq!(uat(&demo, &["GET", &record]).code(0).json()["Name"], "Æther & Søns");

    fs::write(demo.home.path().join("change.json"), r#"{"Name":"Changed"}"#).unwrap();
    let changed = uat(&demo, &[&["PATCH", &record, "-d", "@change.json"][..], &json].concat());
    assert_eq!(changed.code(0).stdout, "", "204 has no body");
    assert_eq!(uat(&demo, &["GET", &record]).code(0).json()["Name"], "Changed");

    uat(&demo, &["DELETE", &record]).code(0);
    uat(&demo, &["GET", &record]).code(5).explains(&["404"]);
}

#[test]
fn the_answer_goes_into_a_file_or_comes_with_its_head() {
    let demo = demo();
    assert_eq!(uat(&demo, &["GET", "limits", "-o", "limits.json"]).code(0).stdout, "");
    let saved = fs::read_to_string(demo.home.path().join("limits.json")).unwrap();
    assert!(serde_json::from_str::<Value>(&saved).unwrap()["DailyApiRequests"].is_object());

    let with_head = uat(&demo, &["GET", "limits", "--include"]);
    let (head, body) = with_head.code(0).stdout.split_once("\n\n").unwrap_or_else(|| {
        with_head.stdout.split_once("\r\n\r\n").expect("an empty line between head and body")
    });
    assert!(head.contains("200") && head.to_lowercase().contains("sforce-limit-info"), "{head}");
    assert!(body.starts_with('{'), "{body}");
}

#[test]
fn an_error_of_the_api_ends_with_5_and_keeps_the_body() {
    let demo = demo();
    let plain = uat(&demo, &["GET", "query", "--query", "q=SELECT Nmae FROM Account"]);
    assert_eq!(plain.code(5).json()[0]["errorCode"], "INVALID_FIELD");
    plain.explains(&["INVALID_FIELD", "Nmae"]);

    let json = uat(&demo, &["GET", "query", "--query", "q=SELECT Nmae FROM Account", "--json"]);
    let error = json.code(5).error();
    assert_eq!(error["error"]["code"], "INVALID_FIELD", "{error}");
    assert_eq!(error["error"]["status"], 400, "{error}");
}

#[test]
fn a_write_to_production_needs_a_yes() {
    let demo = demo();
    let create = ["send", "prod", "POST", "sobjects/Account", "-H", "Content-Type: application/json"];
    let body = ["-d", r#"{"Name":"Guarded"}"#];
    let run = demo.orgdeck(&ADA, &[&create[..], &body].concat()).run();
    run.code(8).explains(&["PRODUCTION", "--yes"]);
    let apex =
        ["send", "prod", "GET", "tooling/executeAnonymous", "--query", "anonymousBody=System.debug(1);"];
    demo.orgdeck(&ADA, &apex).run().code(8);

    let count =
        ["send", "prod", "GET", "query", "--query", "q=SELECT Id FROM Account WHERE Name = 'Guarded'"];
    assert_eq!(demo.orgdeck(&ADA, &count).run().code(0).json()["totalSize"], 0, "nothing was sent");
    demo.orgdeck(&ADA, &[&create[..], &body, &["--yes"]].concat()).run().code(0);
    assert_eq!(demo.orgdeck(&ADA, &count).run().code(0).json()["totalSize"], 1);
}

#[test]
fn a_wrong_label_does_not_open_production() {
    let home = Home::new();
    home.write_config(
        r#"
[profiles.mislabelled]
environment = "sandbox"
flow = "client_credentials"
login_url = "https://acme.my.salesforce.com"
consumer_key = "3MVG9"
consumer_secret = { env = "NOT_SET" }
"#,
    );
    let run =
        Orgdeck::new(&home, &["send", "mislabelled", "DELETE", "sobjects/Account/001000000000000AAA"]).run();
    run.code(8).explains(&["PRODUCTION", "says sandbox", "acme.my.salesforce.com", "nothing was sent"]);
}

#[test]
fn a_read_only_profile_writes_nothing() {
    let demo = DemoServer::start();
    demo.home.write_config(&(demo.password_profile("uat", &SANDBOX_ADA) + "read_only = true\n"));
    uat(&demo, &["DELETE", "sobjects/Account/001000000000000AAA", "--yes"]).code(8).explains(&["read"]);
    uat(&demo, &["GET", "limits"]).code(0);
}

#[test]
fn a_variable_that_means_nothing_is_not_sent() {
    let demo = demo();
    uat(&demo, &["GET", "sobjects/Account/{{account}}"]).explains(&["account"]);
    assert_ne!(uat(&demo, &["GET", "sobjects/Account/{{account}}"]).code, Some(5), "it was sent");
}

#[test]
fn a_pasted_token_is_cleaned_and_used() {
    let demo = demo();
    let token = demo.orgdeck(&SANDBOX_ADA, &["token", "uat"]).run().stdout;
    let instance = &demo.org("sandbox")["instance_url"];
    demo.home.write_config(&format!(
        r#"
[profiles.pasted]
environment = "sandbox"
flow = "access_token"
instance_url = {instance}
access_token = {{ env = "PASTED" }}
api_version = "66.0"
"#
    ));
    let send = ["send", "pasted", "GET", "limits"];
    let pasted = format!(" Bearer {token}\n");
    demo.orgdeck(&SANDBOX_ADA, &send).env("PASTED", &pasted).run().code(0).hides(token.trim());
    let stale = demo.orgdeck(&SANDBOX_ADA, &send).env("PASTED", &format!("{}!stale", &token[..15])).run();
    stale.code(5).explains(&["INVALID_SESSION_ID", "no new token was got", "still the one that has expired"]);
}
