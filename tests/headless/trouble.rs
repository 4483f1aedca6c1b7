//! What goes wrong is explained: causes with evidence, a fix and an action, on standard error and as JSON.

use std::fs;

use serde_json::Value;

use super::{
    bad_server::{Habit, NOBODY, host},
    command::{DemoServer, Finished, Orgdeck},
    profiles::{ADA, Login, text},
};
use crate::home::Home;

const SANDBOX_ADA: Login<'_> = Login { org: "sandbox", username: "ada@", app: "Orgdeck Workbench" };

/// The object on standard error; notes on the token may stand before it.
#[track_caller]
fn error(done: &Finished, code: i32) -> Value {
    let line = done.code(code).stderr.lines().last().unwrap_or_default();
    serde_json::from_str(line).unwrap_or_else(|e| panic!("{e} in {done:#?}"))
}

fn hints(error: &Value) -> &Vec<Value> {
    error["hints"].as_array().unwrap_or_else(|| panic!("no hints: {error}"))
}

/// A profile with a pasted token of 15 characters of an org and a tail, for this host; in JSON.
#[track_caller]
fn get(home: &Home, base: &str, token: &str, path: &str) -> Finished {
    home.write_config(&format!(
        "[profiles.acme]\nenvironment = \"sandbox\"\nflow = \"access_token\"\ninstance_url = \"{base}\"\n\
         access_token = {{ env = \"TOKEN\" }}\napi_version = \"66.0\"\ntimeout = 1\n"
    ));
    Orgdeck::new(home, &["send", "acme", "GET", path, "--json"]).env("TOKEN", token).run()
}

#[test]
fn a_refused_token_has_evidence_and_an_action() {
    let demo = DemoServer::start();
    let config = demo.password_profile("acme", &ADA);
    let config: Vec<&str> = config.lines().filter(|line| !line.starts_with("security_token")).collect();
    demo.home.write_config(&config.join("\n"));
    let json = demo.orgdeck(&ADA, &["token", "acme", "--json"]).run();
    let error = error(&json, 4);
    assert_eq!((&error["error"]["kind"], &error["error"]["status"]), (&"oauth".into(), &400.into()));
    let first = &hints(&error)[0];
    assert_eq!(
        (&first["id"], &first["action"]),
        (&"no-security-token".into(), &"enter-security-token".into()),
        "{error}"
    );
    assert!(first["evidence"].to_string().contains("authentication failure"), "{first}");
    assert!(first["checks"].as_array().is_some_and(|checks| !checks.is_empty()), "{first}");
    let plain = demo.orgdeck(&ADA, &["token", "acme"]).run();
    plain.code(4).explains(&["error: ", "hint: ", "      seen: ", "      fix: ", "security token"]);
    assert_eq!(plain.stderr.matches("\nhint: ").count(), 3, "the likeliest alone: {plain:?}");
    demo.secrets(&ADA).iter().for_each(|secret| {
        json.hides(secret);
        plain.hides(secret);
    });
}

#[test]
fn a_failed_part_is_named_and_the_one_that_stopped_the_others_comes_first() {
    let demo = DemoServer::start();
    demo.home.write_config(&demo.password_profile("uat", &SANDBOX_ADA));
    let body = r#"{"allOrNone":true,"compositeRequest":[
        {"method":"POST","url":"/services/data/v66.0/sobjects/Account","referenceId":"refAccount","body":{"Name":"Kept"}},
        {"method":"POST","url":"/services/data/v66.0/sobjects/Contact","referenceId":"refContact","body":{"FirstName":"No"}}]}"#;
    let send = ["send", "uat", "POST", "composite", "-d", body];
    let error = error(&demo.orgdeck(&SANDBOX_ADA, &[&send[..], &["--json"]].concat()).run(), 5);
    assert_eq!(
        (&error["error"]["code"], &error["error"]["status"]),
        (&"REQUIRED_FIELD_MISSING".into(), &200.into()),
        "{error}"
    );
    let parts: Vec<_> = error["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| (text(&part["reference"]), text(&part["error"]["code"])))
        .collect();
    assert_eq!(parts, [("refContact", "REQUIRED_FIELD_MISSING"), ("refAccount", "PROCESSING_HALTED")]);
    assert_eq!(error["parts"][0]["hints"], error["hints"]);
    assert!(hints(&error)[0]["cause"].to_string().contains("LastName"), "{error}");
    let plain = demo.orgdeck(&SANDBOX_ADA, &send).run();
    plain.code(5).explains(&[
        "error: 200: REQUIRED_FIELD_MISSING",
        "(and 1 more)",
        "also: refAccount: 400: PROCESSING_HALTED",
    ]);
}

#[test]
fn what_the_session_tells_is_evidence() {
    let demo = DemoServer::start();
    demo.home.write_config(&demo.password_profile("uat", &SANDBOX_ADA));
    let gone = ["send", "uat", "GET", "/services/data/v99.0/limits", "--json"];
    let error = error(&demo.orgdeck(&SANDBOX_ADA, &gone).run(), 5);
    assert_eq!(error["error"]["status"], 404, "{error}");
    assert!(!hints(&error).is_empty(), "{error}");
    // The profile pins a version: which is the org's newest, nobody has asked.
    assert!(!error.to_string().contains("lists is v66.0"), "{error}");
}

#[test]
fn no_answer_has_causes_too() {
    let home = Home::new();
    for (base, habit) in [
        (NOBODY.to_owned(), "nobody listens"),
        ("https://acme.invalid".to_owned(), "no such name"),
        (host(Habit::Hangs), "hangs"),
        (host(Habit::CutsTheBody), "cuts the body"),
    ] {
        let error = error(get(&home, &base, "00Dxx0000001gPL!se-cret", "limits").hides("se-cret"), 6);
        assert_eq!(
            (&error["error"]["kind"], &error["error"]["status"]),
            (&"network".into(), &Value::Null),
            "{habit}"
        );
        let first = &hints(&error)[0];
        assert!(
            first["id"].is_string() && !first["evidence"].as_array().unwrap().is_empty(),
            "{habit}: {error}"
        );
    }
}

#[test]
fn a_login_page_is_no_answer_of_an_api() {
    const PAGE: &str =
        "<!DOCTYPE html><html><head><title>Login | Salesforce</title></head><body></body></html>";
    let base = host(Habit::Answers { content_type: "text/html; charset=UTF-8", body: PAGE });
    let home = Home::new();
    let done = get(&home, &base, "00Dxx0000001gPL!se-cret", "limits");
    let error = error(&done, 5);
    assert_eq!((&error["error"]["kind"], &error["error"]["status"]), (&"api".into(), &200.into()));
    assert!(!hints(&error).is_empty(), "{error}");
    assert_eq!(done.stdout, PAGE, "it is passed on all the same");
    // A path that is nobody's API may have pages.
    get(&home, &base, "00Dxx0000001gPL!se-cret", "/apex/Page").code(0);
    // So may a file be one that was asked for.
    let file = host(Habit::Answers { content_type: "application/octet-stream", body: PAGE });
    get(&home, &file, "00Dxx0000001gPL!se-cret", "sobjects/Document/015xx0000000001AAA/Body").code(0);
}

#[test]
fn a_page_in_the_place_of_a_token_is_explained() {
    let home = Home::new();
    let base = host(Habit::Answers {
        content_type: "text/html",
        body: "<html><head><title>Guest WiFi</title></head></html>",
    });
    home.write_config(&format!(
        "[profiles.acme]\nenvironment = \"sandbox\"\nlogin_url = \"{base}\"\nflow = \"client_credentials\"\n\
         consumer_key = \"3MVG9\"\nconsumer_secret = {{ env = \"SECRET\" }}\ntimeout = 1\n"
    ));
    let error =
        Orgdeck::new(&home, &["token", "acme", "--json"]).env("SECRET", "se-cret").run().code(4).error();
    assert!(hints(&error)[0]["id"].is_string(), "{error}");
}

#[test]
fn one_s_own_hints_explain_failing_commands() {
    let demo = DemoServer::start();
    demo.home.write_config(&demo.password_profile("uat", &SANDBOX_ADA));
    let folder = demo.home.config().join("hints");
    fs::create_dir(&folder).unwrap();
    let own = "[[hint]]\nid = \"acme-names\"\ncause = \"Acme calls it Name, not {field}\"\nfix = \"write Name\"\nrank = 99\n\
               seen.codes = [\"INVALID_FIELD\"]\n";
    fs::write(folder.join("acme.toml"), own).unwrap();
    fs::write(folder.join("broken.toml"), "[[hint]\n").unwrap();
    let send = ["send", "uat", "GET", "query", "--query", "q=SELECT Nmae FROM Account"];
    let plain = demo.orgdeck(&SANDBOX_ADA, &send).run();
    plain.code(5).explains(&[
        "warning: hints/broken.toml: line 1",
        "hint: Acme calls it Name, not Nmae",
        "fix: write Name",
    ]);
    let error = error(&demo.orgdeck(&SANDBOX_ADA, &[&send[..], &["--json"]].concat()).run(), 5);
    assert_eq!(hints(&error)[0]["id"], "acme-names");
    assert!(
        error["warnings"][0].as_str().is_some_and(|text| text.starts_with("hints/broken.toml: ")),
        "{error}"
    );
}

#[test]
fn what_is_wrong_with_the_arguments_is_not_diagnosed() {
    let home = Home::new();
    let error = Orgdeck::new(&home, &["token", "acme", "--json"]).run().code(3).error();
    assert_eq!(hints(&error)[0]["id"], Value::Null, "{error}");
    assert_eq!(error.get("parts"), None);
}
