//! Asking an org why it refused a login: what is offered, what is told, and whose token is never used for it.

use super::{
    bench::{Bench, boot},
    golden,
    network::Answered,
};
use orgdeck::{
    app::{Boot, Effect, Msg, Seat},
    jobs::{Attempts, Event, Failure, FailureKind},
};
use serde_json::{Value, json};
use std::time::Duration;

/// Two that are logged in to the same sandbox, and one whose login is refused there.
const THREE: &str = r#"
[settings]
plain_secrets = "allow"

[profiles.acme-uat]
environment = "sandbox"
flow = "password"
consumer_key = "3MVG9UatKey"
consumer_secret = "uat-hush-1"
username = "ada@acme.com.uat"
password = "uat-hush-2"
security_token = "uat-hush-3"
api_version = "66.0"
expected_org_id = "00D58000000arpqEAA"

[profiles.acme-build]
environment = "sandbox"
flow = "client_credentials"
login_url = "https://acme--uat.sandbox.my.salesforce.com"
consumer_key = "3MVG9BuildKey"
consumer_secret = "uat-hush-1"
api_version = "66.0"
expected_org_id = "00D58000000arpqEAA"

[profiles.acme-import]
environment = "sandbox"
flow = "password"
consumer_key = "3MVG9ImportKey"
consumer_secret = "import-hush-1"
username = "import@acme.com.uat"
password = "import-hush-2"
security_token = "import-hush-3"
api_version = "66.0"
expected_org_id = "00D58000000arpqEAA"
"#;

golden! {
    why_offered(b) { refused(b) }

    why_offered_in_the_token_pane(b) { refused(b).keys("2 Down Down") }

    why_told(b) { asked(b, &flow_off()) }

    why_told_in_the_token_pane(b) { asked(b, &flow_off()).keys("2 Down Down") }

    why_denied(b) {
        refused(b).script(user()).script(hidden()).script(login(false, false)).keys("W").run().wait(13_000)
    }

    why_user_unknown(b) { refused(b).script(records(&[])).keys("W").run().wait(13_000) }

    why_no_row(b) { asked(b, &[row("2025-06-15T09:00:00.000+0000", "Success")]) }

    why_locked_out(b) {
        refused(b).script(user()).script(records(&[])).script(login(false, true)).keys("W").run().wait(13_000)
    }

    page_shown_over_ssh(b) { remote(b).keys("4 Enter").wait(13_000) }
}

/// A token of `acme-uat`, and a moment later a refused one of `acme-import`, its hints in sight.
fn refused(b: &mut Bench) -> &mut Bench {
    b.config(THREE).token();
    refuse(b)
}

fn refuse(b: &mut Bench) -> &mut Bench {
    let refused = json!({"error": "invalid_grant", "error_description": "authentication failure"});
    b.profile("acme-import").script(Answered::json(400, &refused)).keys("4 t").run().wait(13_000)
}

/// That, and these rows of the login history.
fn asked<'a>(b: &'a mut Bench, rows: &[Value]) -> &'a mut Bench {
    refused(b).script(user()).script(records(rows)).script(login(false, false)).keys("W").run().wait(13_000)
}

/// Nobody is logged in, and the only browser is far away: the hint leads to the page of Setup.
fn remote(b: &mut Bench) -> &mut Bench {
    let boot = boot(Ok(THREE));
    let surroundings = orgdeck::jobs::Surroundings { seat: Seat::Remote, ..Default::default() };
    refuse(b.begin(Boot { surroundings, ..boot }))
}

fn records(records: &[Value]) -> Answered {
    Answered::json(200, &json!({"totalSize": records.len(), "done": true, "records": records}))
}

fn user() -> Answered {
    records(&[json!({"Id": "0055800000AdaLoAAJ", "IsActive": true})])
}

fn login(frozen: bool, locked: bool) -> Answered {
    records(&[json!({"IsFrozen": frozen, "IsPasswordLocked": locked})])
}

fn hidden() -> Answered {
    Answered::json(
        400,
        &json!([{"message": "sObject type 'LoginHistory' is not supported.", "errorCode": "INVALID_TYPE"}]),
    )
}

fn row(time: &str, status: &str) -> Value {
    json!({
        "LoginTime": time, "Status": status, "Application": "Nightly Sync", "LoginType": "Remote Access 2.0",
        "SourceIp": "203.0.113.7", "LoginUrl": "test.salesforce.com",
    })
}

fn flow_off() -> Vec<Value> {
    vec![
        row("2025-06-15T15:06:40.000+0000", "Username-Password Flow Disabled"),
        row("2025-06-15T15:06:39.000+0000", "Success"),
        row("2025-06-15T11:00:00.000+0000", "Invalid Password"),
    ]
}

/// The likeliest cause of what is shown.
fn first_cause(b: &Bench) -> String {
    let hints = b.app.response.record().expect("a record is shown").hints.errors();
    hints[0].first().id.clone()
}

#[test]
fn the_org_s_word_decides_and_earlier_rows_do_not() {
    let mut b = Bench::at(120, 36);
    refused(&mut b);
    assert_eq!(first_cause(&b), "wrong-credentials");
    b.script(user()).script(records(&flow_off())).script(login(false, false)).keys("W").run();
    assert_eq!(first_cause(&b), "password-flow-off");
    let evidence = &b.app.response.record().unwrap().hints.errors()[0].first().evidence;
    assert_eq!(evidence[0], "Login History says “Username-Password Flow Disabled”");
    assert!(!b.sees("Invalid Password") && !b.sees("Success"), "{}", b.screen());
    assert!(!b.sees("W: ask"), "all is told");
    // The token pane says the same.
    b.keys("2");
    assert!(b.sees("Username-Password Flow"), "{}", b.screen());
}

#[test]
fn enter_on_the_cause_asks_too() {
    let mut b = Bench::at(120, 60);
    refused(&mut b);
    assert!(b.sees("Enter: ask Acme Corporation (sandbox) why, as acme-uat"), "{}", b.screen());
    b.script(user()).script(records(&flow_off())).script(login(false, false)).keys("Enter").run();
    assert_eq!(first_cause(&b), "password-flow-off");
    assert_eq!(b.app.profile.as_ref().unwrap().as_str(), "acme-import", "nobody else's profile is in use");
}

#[test]
fn a_word_that_no_hint_knows_is_shown_first_all_the_same() {
    let mut b = Bench::at(120, 36);
    let strange = [row("2025-06-15T15:06:40.000+0000", "Failed: Moon phase")];
    asked(&mut b, &strange);
    let evidence = &b.app.response.record().unwrap().hints.errors()[0].first().evidence;
    assert_eq!(evidence[0], "Login History says “Failed: Moon phase”");
}

#[test]
fn who_may_not_read_it_leads_to_the_next_who_is_logged_in() {
    let mut b = Bench::at(120, 36);
    b.config(THREE).token().profile("acme-build").token();
    refuse(&mut b);
    b.script(user()).script(hidden()).script(login(false, false)).keys("W").run();
    assert!(b.sees("ada@acme.com.uat may not read Login History"), "{}", b.screen());
    assert!(b.sees("W: ask Acme Corporation (sandbox) why, as acme-build"), "{}", b.screen());
    b.script(user()).script(records(&flow_off())).script(login(false, false)).keys("W").run();
    assert_eq!(first_cause(&b), "password-flow-off");
}

#[test]
fn nobody_who_is_logged_in_means_nobody_is_asked() {
    let mut b = Bench::at(120, 36);
    refuse(b.config(THREE));
    assert!(!b.sees("W: ask"));
    let before = b.network.seen().len();
    b.keys("W");
    assert!(b.notice().contains("nobody here is logged in to the org of acme-import"), "{}", b.notice());
    assert_eq!(b.network.seen().len(), before);
    // The hint leads to the page of Setup, as long as nobody can be asked.
    b.keys("Enter");
    assert!(b.effects.iter().any(|effect| matches!(effect, Effect::OpenUrl { .. })), "{:?}", b.effects);
}

#[test]
fn a_token_of_another_org_is_not_used() {
    let mut b = Bench::at(120, 36);
    let (before, after) = THREE.rsplit_once("00D58000000arpqEAA").unwrap();
    b.config(&format!("{before}00D58000000prodEAA{after}")).token();
    refuse(&mut b);
    assert!(!b.sees("W: ask"), "{}", b.screen());
}

#[test]
fn a_token_whose_org_nobody_has_looked_at_is_not_used() {
    let mut b = Bench::at(120, 36);
    b.config(&THREE.replacen("expected_org_id = \"00D58000000arpqEAA\"\n", "", 1)).token();
    assert!(b.app.is_org_open(b.app.profile.as_ref().unwrap()));
    refuse(b.keys("Esc"));
    assert!(!b.sees("W: ask"), "{}", b.screen());
    b.profile("acme-uat").keys("s").keys("a").run();
    b.profile("acme-import").keys("4");
    assert!(b.sees("W: ask Acme Corporation (sandbox) why, as acme-uat"), "{}", b.screen());
}

#[test]
fn a_refusal_of_the_app_is_nothing_that_an_org_has_noted() {
    let mut b = Bench::at(120, 36);
    b.config(THREE).token().profile("acme-import");
    let app = json!({"error": "invalid_client", "error_description": "invalid client credentials"});
    b.script(Answered::json(400, &app)).keys("4 t").run();
    assert!(!b.sees("W: ask"));
    b.keys("W");
    assert!(b.notice().contains("no login history has this"), "{}", b.notice());
}

#[test]
fn an_answer_that_comes_after_another_attempt_changes_nothing() {
    let mut b = Bench::at(120, 36);
    refused(&mut b);
    b.script(user()).script(records(&flow_off())).script(login(false, false)).keys("W");
    b.app.jobs.newest().expect("it is being asked");
    b.by_hand().keys("t");
    b.run_until(|app| app.jobs.all().len() == 1);
    assert!(b.app.token_failure().is_none(), "the new attempt is under way");
    assert!(b.notice().contains("no login of acme-import stands refused"), "{}", b.notice());
}

#[test]
fn of_a_login_that_was_held_back_the_last_refusal_is_asked_about() {
    let mut b = Bench::at(120, 36);
    b.config(THREE).token().profile("acme-import").by_hand().keys("t");
    let id = b.app.jobs.newest().expect("the token is being got").id;
    let ago = |minutes: u64| b.now.wall - Duration::from_secs(minutes * 60);
    let attempts = Attempts {
        host: "test.salesforce.com".into(),
        username: "import@acme.com.uat".into(),
        refused: vec![ago(9), ago(2)],
    };
    let failure = Failure {
        attempts: Some(Box::new(attempts)),
        ..Failure::new(FailureKind::LockoutNear, "the password was refused twice within 15 minutes")
    };
    b.tell(Msg::Worker(Event::Ended(id, Err(failure)))).keys("Esc");
    let rows = [row("2025-06-15T15:04:40.000+0000", "Invalid Password")];
    b.script(user()).script(records(&rows)).script(login(false, false)).keys("W").run();
    assert!(b.sees("Login History: “Invalid Password” at 15:04:40 UTC"), "{}", b.screen());
}
