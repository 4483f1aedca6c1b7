//! What is done with a token: asked about, opened as a link, forgotten, revoked, got anew.

use super::{
    bench::{ACME, Bench, boot, token_answer},
    golden,
};
use orgdeck::{
    app::{About, Boot, Effect, Kind, Msg, Pane, Seat, Secretable},
    document::Document,
    jobs::{Answer, Event, Failure, FailureKind, JobId, Outcome, Question},
    secrets::Secret,
};
use serde_json::json;
use std::sync::Arc;

golden! {
    token_asked_about(b) { b.token().wait(7_000).by_hand(); choose(b, "userinfo") }

    token_revoke_question(b) { b.token().wait(7_000); choose(b, "revoke the token") }

    token_revoke_question_production(b) { b.profile("acme-prod").token().wait(7_000); choose(b, "revoke the token") }

    palette_of_a_token(b) { b.token().wait(7_000).keys(":").types("token ·") }
}

/// Chooses a row of the palette by its name.
fn choose<'a>(b: &'a mut Bench, name: &str) -> &'a mut Bench {
    b.keys(":").types(name).keys("Enter")
}

fn bench() -> Bench {
    let mut b = Bench::at(120, 36);
    b.token();
    b
}

fn job(b: &Bench) -> JobId {
    b.app.jobs.newest().expect("something runs").id
}

fn ended(b: &mut Bench, result: Result<Outcome, Failure>) {
    let id = job(b);
    b.tell(Msg::Worker(Event::Ended(id, result)));
}

/// An answer as the worker gives one: some exchange of before with another body.
fn answer(b: &Bench, body: &serde_json::Value) -> Answer {
    let exchange = Arc::clone(b.app.response.records.last().unwrap().exchange.as_ref().unwrap());
    let document = Document::build(body.to_string().into(), Some("application/json"));
    Answer { exchange, document: Arc::new(document), said: Arc::default() }
}

#[test]
fn what_is_asked_about_a_token_is_answered_in_the_response_pane() {
    for (row, question, title) in [
        ("userinfo", Question::UserInfo, "userinfo"),
        ("identity", Question::Identity, "identity"),
        ("introspect", Question::Introspect, "introspect"),
    ] {
        let mut b = bench();
        b.by_hand();
        choose(&mut b, row);
        assert_eq!(b.started[1..], ["AboutToken(acme-uat)"], "{row}");
        let running = b.app.jobs.newest().unwrap();
        assert!(
            matches!(running.kind, Kind::About { about: About { question: q, .. }, .. } if q == question)
        );
        assert_eq!((running.title.as_str(), b.app.focus), (title, Pane::Response));
        let told = answer(&b, &json!({"preferred_username": "ada@acme.com.uat"}));
        ended(&mut b, Ok(Outcome::Response(told)));
        assert!(b.sees("preferred_username"), "{}", b.screen());
    }
}

#[test]
fn without_a_token_there_is_nothing_to_ask_about() {
    let mut b = Bench::at(120, 36);
    b.keys("T");
    assert!(!b.sees("userinfo") && b.sees("get a token"), "{}", b.screen());
    b.keys("Enter").run();
    assert_eq!(b.started, ["GetToken(acme-uat)"]);
}

#[test]
fn introspection_asks_for_a_consumer_secret_that_is_not_kept() {
    let mut b = bench();
    let text = ACME.replace("consumer_secret = \"uat-hush-1\"", "consumer_secret = { ask = true }");
    b.reread(&text).by_hand();
    choose(&mut b, "introspect");
    assert!(b.sees("Secrets of acme-uat") && b.sees("consumer secret"), "{}", b.screen());
    b.types("typed-hush").keys("Enter");
    assert_eq!(b.started[1..], ["AboutToken(acme-uat)"]);
    ended(&mut b, Ok(Outcome::Cancelled(None)));
    b.by_hand();
    choose(&mut b, "userinfo");
    assert_eq!(b.started.len(), 3, "the others take the token alone");
}

#[test]
fn a_link_to_the_org_goes_to_the_browser_or_the_clipboard_and_is_known_as_a_secret() {
    let link = || Secret::new("https://acme.my.salesforce.com/secur/frontdoor.jsp?otp=hush-9");
    let mut b = bench();
    b.by_hand();
    choose(&mut b, "open the org");
    ended(&mut b, Ok(Outcome::OrgLink(link())));
    let Some(Effect::OpenUrl { url: Secretable::Secret(url), private: false }) = b.effects.last() else {
        panic!("{:?}", b.effects)
    };
    assert_eq!(*url, link());
    b.by_hand();
    choose(&mut b, "copy a link");
    ended(&mut b, Ok(Outcome::OrgLink(link())));
    assert!(matches!(b.effects.last(), Some(Effect::Copy { text: Secretable::Secret(_), .. })));
    b.begin(Boot { surroundings: Seat::Remote.into(), ..boot(Ok(ACME)) }).token().by_hand();
    choose(&mut b, "open the org");
    ended(&mut b, Ok(Outcome::OrgLink(link())));
    assert!(matches!(b.effects.last(), Some(Effect::Copy { .. })), "over SSH nobody sees a browser");
    assert!(!format!("{:?}", b.effects).contains("hush"));
}

#[test]
fn a_token_is_revoked_after_a_question_and_goes_then() {
    let mut b = bench();
    choose(&mut b, "revoke the token");
    assert!(b.sees("Revoke the token?") && b.sees("other clients"), "{}", b.screen());
    b.keys("Esc");
    assert_eq!(b.started.len(), 1, "the answer was no");
    choose(&mut b, "revoke the token").by_hand().keys("Enter");
    assert_eq!(b.started[1..], ["AboutToken(acme-uat)"]);
    assert!(b.app.session().is_some(), "it is there until the org says so");
    let told = answer(&b, &json!({}));
    ended(&mut b, Ok(Outcome::Revoked(told)));
    assert!(b.app.session().is_none() && b.notice().contains("revoked"), "{}", b.notice());
}

#[test]
fn a_token_that_came_meanwhile_does_not_go_with_the_revoked_one() {
    let mut b = bench();
    b.by_hand();
    choose(&mut b, "revoke the token").keys("Enter");
    let revoking = job(&b);
    let old = Arc::clone(b.app.session().unwrap());
    let token = token_answer(&b.app);
    b.script(token).keys("t").run_until(|app| app.jobs.all().len() == 1);
    let told = answer(&b, &json!({}));
    b.tell(Msg::Worker(Event::Ended(revoking, Ok(Outcome::Revoked(told)))));
    assert!(b.app.session().is_some_and(|session| !Arc::ptr_eq(session, &old)));
}

#[test]
fn a_refused_question_is_told_and_changes_nothing() {
    let mut b = bench();
    b.by_hand();
    choose(&mut b, "introspect");
    ended(&mut b, Err(Failure::new(FailureKind::OAuth, "invalid_client: invalid client credentials")));
    assert!(b.app.session().is_some() && b.app.token_failure().is_none());
    assert!(b.sees("invalid client credentials"), "{}", b.screen());
}

#[test]
fn an_answer_in_the_place_of_a_link_or_of_the_end_is_told() {
    for row in ["open the org", "revoke the token"] {
        let mut b = bench();
        b.by_hand();
        choose(&mut b, row);
        if b.sees("Revoke the token?") {
            b.keys("Enter");
        }
        let told = answer(&b, &json!({"error": "invalid_scope"}));
        ended(&mut b, Ok(Outcome::Response(told)));
        assert!(b.notice().ends_with("H shows the answer"), "{row}: {}", b.notice());
        assert!(b.app.session().is_some());
    }
}

#[test]
fn forgetting_forgets_what_is_kept_too() {
    let mut b = bench();
    b.keys("2 x");
    assert_eq!(b.started[1..], ["Forget(acme-uat)"]);
    assert!(b.app.session().is_none() && b.notice().contains("stays valid"), "{}", b.notice());
    b.run().keys("x");
    assert_eq!(b.started[2..], ["Forget(acme-uat)"], "an earlier run may have kept one");
}

#[test]
fn a_deleted_profile_leaves_no_token_behind() {
    let mut b = bench();
    b.keys("1 x Enter");
    assert_eq!(b.started.len(), 1, "not before the file is written");
    b.written();
    assert_eq!(b.started[1..], ["Forget(acme-uat)"]);
}

#[test]
fn a_menu_gets_a_token_as_a_key_does_and_once_at_a_time() {
    let mut b = bench();
    b.by_hand().keys("T Enter");
    assert_eq!(b.started[1..], ["GetToken(acme-uat)"]);
    b.keys("T Enter");
    assert_eq!(b.started.len(), 2);
    assert!(b.notice().contains("still being got"), "{}", b.notice());
}
