//! `orgdeck limits`: the table, JSON, and the readings that runs leave to each other.

use std::{fs, thread};

use serde_json::Value;

use super::{
    command::{DemoServer, Finished, Orgdeck},
    profiles::{Login, text},
};

const ADA: Login<'_> = Login { org: "sandbox", username: "ada@", app: "Orgdeck Workbench" };

fn demo() -> DemoServer {
    let demo = DemoServer::start();
    demo.home.write_config(&demo.password_profile("uat", &ADA));
    demo
}

#[track_caller]
fn limits(demo: &DemoServer, arguments: &[&str]) -> Finished {
    demo.orgdeck(&ADA, &[&["limits", "uat"], arguments].concat()).run()
}

#[test]
fn the_fullest_comes_first_and_what_is_not_used_is_left_out() {
    let demo = demo();
    let used = limits(&demo, &[]);
    used.code(0).explains(&["limits of which nothing is used are left out: --all"]);
    assert!(used.stdout.contains("Daily API requests ") && used.stdout.contains(" / 15,000 "), "{used:#?}");
    assert!(
        used.stdout.contains("PermissionSets/CreateCustom") && !used.stdout.contains("MassEmail"),
        "{used:#?}"
    );
    let all = limits(&demo, &["--all"]);
    assert!(
        all.code(0).stdout.contains("Hourly OData callout") && !all.stderr.contains("left out"),
        "{all:#?}"
    );
    for secret in demo.secrets(&ADA) {
        all.hides(secret);
    }

    let json = limits(&demo, &["--json"]).code(0).json();
    let percent = |limit: &Value| limit["used"].as_f64().unwrap() / limit["max"].as_f64().unwrap();
    let shares: Vec<f64> = json.as_array().unwrap().iter().map(percent).collect();
    assert!(shares.len() > 20 && shares.is_sorted_by(|a, b| a >= b), "{json}");
    let mails = json.as_array().unwrap().iter().find(|limit| limit["name"] == "MassEmail").unwrap();
    assert_eq!(mails["label"], "Mass email");
    assert_eq!((&mails["used"], &mails["percent"]), (&Value::from(0), &Value::from(0)));
}

#[test]
fn readings_are_kept_and_told_by_the_name_of_the_limit() {
    let demo = demo();
    limits(&demo, &[]).code(0);
    let send = ["send", "uat", "GET", "limits", "-o", "limits.json"];
    demo.orgdeck(&ADA, &send).run().code(0);
    let file = demo.home.data().join("history.sqlite");
    assert!(fs::read(&file).unwrap().starts_with(b"SQLite format 3"));

    let past = limits(&demo, &["--history", "dailyapirequests", "--json"]).code(0).json();
    let past = past.as_array().unwrap();
    let used: Vec<i64> = past.iter().map(|reading| reading["used"].as_i64().unwrap()).collect();
    assert!(used.len() >= 2 && used.is_sorted(), "of this run and of those before: {past:?}");
    assert!(past.iter().all(|reading| reading["max"] == 15_000 && text(&reading["at"]).ends_with('Z')));
    let lines = limits(&demo, &["--history", "MassEmail"]);
    assert!(lines.code(0).stdout.lines().all(|line| line.contains(" / 5,000 ")), "{lines:#?}");

    limits(&demo, &["--history", "DailyApiRequest"])
        .code(2)
        .explains(&["no limit \"DailyApiRequest\"", "--all"]);
    limits(&demo, &["--history", "MassEmail", "--all"]).code(2);
}

#[test]
fn an_org_that_says_no_ends_with_5() {
    let demo = demo();
    let token = limits(&demo, &[]).code(0).stdout.len();
    assert!(token > 0);
    let instance = &demo.org("sandbox")["instance_url"];
    demo.home.write_config(&format!(
        "[profiles.uat]\nenvironment = \"sandbox\"\nflow = \"access_token\"\ninstance_url = {instance}\n\
         access_token = {{ env = \"PASTED\" }}\napi_version = \"66.0\"\n"
    ));
    let id = text(&demo.org("sandbox")["id"]);
    let stale = format!("{}!stale.token", &id[..15]);
    let run = |arguments: &[&str]| {
        Orgdeck::new(&demo.home, &[&["limits", "uat"], arguments].concat()).env("PASTED", &stale).run()
    };
    let told = run(&[]);
    told.code(5).explains(&["401", "INVALID_SESSION_ID"]);
    assert_eq!(told.stdout, "");
    let json = run(&["--json"]);
    assert_eq!(json.code(5).error()["error"]["status"], 401);
}

#[test]
fn a_damaged_history_is_set_aside_and_the_limits_are_told() {
    let demo = demo();
    fs::create_dir_all(demo.home.data()).unwrap();
    fs::write(demo.home.data().join("history.sqlite"), "no database, ".repeat(500)).unwrap();
    let told = limits(&demo, &["--history", "MassEmail"]);
    told.code(0).explains(&["warning: ", "was damaged", "history.sqlite.damaged-1"]);
    assert_eq!(told.stdout.lines().count(), 1, "the reading of this run");
    assert!(demo.home.data().join("history.sqlite.damaged-1").exists());
    assert!(!limits(&demo, &[]).code(0).stderr.contains("damaged"), "once");
}

#[test]
fn a_profile_without_history_leaves_none() {
    let demo = DemoServer::start();
    demo.home.write_config(&(demo.password_profile("uat", &ADA) + "history = \"off\"\n"));
    limits(&demo, &[]).code(0);
    limits(&demo, &["--history", "MassEmail"]).code(0).explains(&["no reading of MassEmail is kept"]);
}

#[test]
fn several_at_once_leave_all_their_readings() {
    let demo = demo();
    thread::scope(|scope| {
        let all: Vec<_> = (0..4).map(|_| scope.spawn(|| limits(&demo, &["--json"]))).collect();
        for one in all {
            let one = one.join().unwrap();
            assert!(one.code(0).stderr.is_empty() || !one.stderr.contains("not recorded"), "{one:#?}");
        }
    });
    let past = limits(&demo, &["--history", "MassEmail", "--json"]).code(0).json();
    assert!(!past.as_array().unwrap().is_empty());
}
