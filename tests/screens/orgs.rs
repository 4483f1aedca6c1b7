//! Which org a token is of: what a person sees before it is used, and what waits for their yes.

use super::{
    bench::{ACME, Bench, boot},
    golden,
    network::Answered,
};
use orgdeck::{
    app::{Boot, Effect, Msg, Saved, overlays::Overlay},
    jobs::{Event, Outcome},
    salesforce::{OrgFacts, OrgId, OrgKind, OrgReading, Session, Standing, UserId},
    workspace::{AuthChoice, Draft},
};
use serde_json::json;
use std::sync::Arc;

golden! {
    org_first(b) { first(b, sandbox(), &[]) }

    org_first_production(b) { first(b, production(), &[]) }

    /// What the profile says otherwise is named.
    org_first_odd(b) {
        first(b, production(), &[
            "the profile is for ada@acme.com.uat, the token is of eve@globex.com",
            "the profile says sandbox, the org says that it is a production",
        ])
    }

    org_first_then_send(b) { b.url("limits").by_hand().keys("s"); came(b, sandbox(), Standing::First { odd: Vec::new() }) }

    org_differs(b) { differs(b, globex(), false) }

    org_differs_in_its_user(b) { differs(b, OrgFacts { username: "eve@acme.com.uat".into(), user_id: UserId("0055800000EveLoAAJ".into()), ..sandbox() }, false) }

    org_differs_and_is_production(b) { differs(b, production(), false) }

    org_refreshed(b) { differs(b, OrgFacts { org_id: OrgId("00D5800000newOrEAI".into()), ..sandbox() }, true) }

    org_accepted(b) { first(b, sandbox(), &[]).keys("a").run().keys("2") }

    org_not_now(b) { first(b, sandbox(), &[]).keys("Esc 2") }

    org_unreadable(b) { unreadable(b).keys("2") }

    token_menu_to_be_accepted(b) { first(b, sandbox(), &[]).keys("Esc T") }
}

pub fn sandbox() -> OrgFacts {
    OrgFacts {
        org_id: OrgId("00D58000000arpqEAA".into()),
        name: "Acme Corporation".into(),
        edition: "Enterprise Edition".into(),
        kind: OrgKind::Sandbox,
        instance: Some("DEU26S".into()),
        instance_url: "https://acme--uat.sandbox.my.salesforce.com".parse().unwrap(),
        user_id: UserId("0055800000AdaLoAAJ".into()),
        username: "ada@acme.com.uat".into(),
    }
}

fn production() -> OrgFacts {
    OrgFacts {
        kind: OrgKind::Production,
        org_id: OrgId("00D58000000prodEAA".into()),
        instance: Some("DEU26".into()),
        instance_url: "https://acme.my.salesforce.com".parse().unwrap(),
        username: "ada@acme.com".into(),
        ..sandbox()
    }
}

fn globex() -> OrgFacts {
    OrgFacts {
        name: "Globex GmbH & Co. Kommanditgesellschaft auf Aktien".into(),
        org_id: OrgId("00D9O000002GlobUAC".into()),
        edition: "Developer Edition".into(),
        kind: OrgKind::Developer,
        instance: None,
        instance_url: "https://globex-dev-ed.develop.my.salesforce.com".parse().unwrap(),
        user_id: UserId("0059O000001EveXQAS".into()),
        username: "eve@globex.com".into(),
    }
}

/// A token came, and its org told that.
pub fn came(b: &mut Bench, facts: OrgFacts, standing: Standing) -> &mut Bench {
    let url = facts.instance_url.clone();
    ended(b, OrgReading::Read(facts), url, standing)
}

fn ended(b: &mut Bench, org: OrgReading, instance_url: url::Url, standing: Standing) -> &mut Bench {
    let id = b.app.jobs.newest().expect("a token is being got").id;
    let session = Session { org, instance_url, ..session(b) };
    b.tell(Msg::Worker(Event::Ended(id, Ok(Outcome::Token(Arc::new(session), Box::new(standing))))))
}

/// A session as the worker makes one, without its org.
fn session(b: &mut Bench) -> Session {
    let mut other = Bench::at(b.app.size.width, b.app.size.height);
    Session::clone(other.token().app.session().unwrap())
}

fn first<'a>(b: &'a mut Bench, facts: OrgFacts, odd: &[&str]) -> &'a mut Bench {
    let odd = odd.iter().map(|what| (*what).to_owned()).collect();
    came(b.by_hand().keys("t"), facts, Standing::First { odd })
}

fn differs(b: &mut Bench, now: OrgFacts, refreshed: bool) -> &mut Bench {
    came(b.by_hand().keys("t"), now, Standing::Differs { before: Box::new(sandbox()), refreshed })
}

fn unreadable(b: &mut Bench) -> &mut Bench {
    let why = "it does not let its Organization record be read: API_DISABLED_FOR_ORG";
    let url = sandbox().instance_url;
    ended(b.by_hand().keys("t"), OrgReading::Unreadable(why.into()), url, Standing::Unchecked(why.into()))
}

fn bench() -> Bench {
    Bench::at(120, 36)
}

fn asks(b: &Bench) -> bool {
    matches!(b.app.overlays.last(), Some(Overlay::Org(_)))
}

fn ok() -> Answered {
    Answered::json(200, &json!({"DailyApiRequests": {"Max": 15000}}))
}

#[test]
fn a_token_of_the_known_org_is_only_named() {
    let mut b = bench();
    came(b.by_hand().keys("t"), sandbox(), Standing::AsBefore);
    assert!(!asks(&b) && b.notice().contains("Acme Corporation · sandbox"), "{}", b.notice());
    assert!(b.sees("│ Acme Corporation │"), "the status row names the org: {}", b.screen());
}

#[test]
fn what_waited_for_a_token_waits_for_the_yes_too() {
    let mut b = bench();
    b.url("limits").by_hand().keys("s");
    came(&mut b, sandbox(), Standing::First { odd: Vec::new() });
    assert!(asks(&b));
    assert_eq!(b.started, ["GetToken(acme-uat)"], "nothing is sent yet");
    b.script(ok()).keys("a");
    assert_eq!(b.started, ["GetToken(acme-uat)", "AcceptOrg(acme-uat)", "Call(acme-uat)"]);
    assert!(b.run().sees("DailyApiRequests"));
    b.script(ok()).keys("s").run();
    assert!(!asks(&b), "asked once");
}

#[test]
fn a_no_keeps_the_token_and_the_next_request_asks_again() {
    let mut b = bench();
    b.url("limits").by_hand().keys("s");
    came(&mut b, sandbox(), Standing::First { odd: Vec::new() }).keys("Esc");
    assert!(b.app.session().is_some() && b.notice().starts_with("not sent"), "{}", b.notice());
    b.keys("s");
    assert!(asks(&b) && b.started.len() == 1, "{:?}", b.started);
    b.script(ok()).keys("a").run();
    assert_eq!(b.started[1..], ["AcceptOrg(acme-uat)", "Call(acme-uat)"]);
}

#[test]
fn a_request_without_the_token_goes_without_the_question() {
    let mut b = bench();
    let draft = Draft { url: "https://status.example/api".into(), auth: AuthChoice::None, ..Draft::new() };
    let begin = boot(Ok(ACME));
    b.begin(Boot { saved: Saved { draft, ..begin.saved }, config: begin.config, ..boot(Ok(ACME)) });
    first(&mut b, sandbox(), &[]).keys("Esc").script(ok()).keys("s").run();
    assert_eq!(b.started, ["GetToken(acme-uat)", "Call(acme-uat)"]);
    assert!(b.app.is_org_open(b.app.profile.as_ref().unwrap()), "nobody has said yes by that");
}

#[test]
fn an_org_is_not_shown_under_the_fingers_of_who_writes() {
    let mut b = bench();
    b.by_hand().keys("t 3 u");
    first_news(&mut b);
    b.types("limits").keys("Enter");
    assert!(asks(&b), "the Enter was the field's; now there is room");
    assert!(b.app.is_org_open(b.app.profile.as_ref().unwrap()) && b.started.len() == 1);
    let mut b = bench();
    b.by_hand().keys("t ?");
    first_news(&mut b);
    assert!(!asks(&b), "the help is open");
    b.keys("Esc");
    assert!(asks(&b));
}

fn first_news(b: &mut Bench) {
    came(b, sandbox(), Standing::First { odd: Vec::new() });
    assert!(!asks(b));
}

#[test]
fn another_profiles_org_waits_until_that_profile_is_in_use() {
    let mut b = bench();
    b.by_hand().keys("t").profile("acme-prod");
    came(&mut b, sandbox(), Standing::First { odd: Vec::new() });
    assert!(!asks(&b) && b.notice().contains("token for acme-uat"), "{}", b.notice());
    b.profile("acme-uat");
    assert!(asks(&b));
}

#[test]
fn an_accepted_org_is_that_of_the_token_that_was_shown() {
    let mut b = bench();
    first(&mut b, sandbox(), &[]);
    b.keys("a Esc");
    assert!(!asks(&b));
    let mut b = bench();
    first(&mut b, sandbox(), &[]);
    b.reread(&ACME.replacen("ada@acme.com.uat", "eve@acme.com.uat", 1)).keys("a");
    assert_eq!(b.started, ["GetToken(acme-uat)"], "{}", b.notice());
    assert!(b.notice().starts_with("not accepted"), "{}", b.notice());
}

#[test]
fn an_org_that_tells_nothing_is_production() {
    let mut b = bench();
    unreadable(&mut b);
    assert!(!asks(&b) && b.app.is_production() && b.sees("PRODUCTION"), "{}", b.screen());
    assert!(b.notice().contains("held to be production"), "{}", b.notice());
    b.keys("o").types("create a record in json").keys("Enter s");
    assert!(b.sees("Write to PRODUCTION") && b.sees("did not say what it is"), "{}", b.screen());
}

#[test]
fn an_org_that_says_production_outweighs_a_profile_that_says_sandbox() {
    let mut b = bench();
    came(b.by_hand().keys("t"), OrgFacts { kind: OrgKind::Production, ..sandbox() }, Standing::AsBefore);
    assert!(b.app.is_production() && b.sees("▌PROD") && b.sees("╔"), "{}", b.screen());
    b.keys("o").types("create a record in json").keys("Enter s");
    assert!(b.sees("but the org says"), "{}", b.screen());
}

#[test]
fn an_answer_while_the_question_is_open_is_not_its_answer() {
    let mut b = bench();
    first(&mut b, sandbox(), &[]).keys("x s F5");
    assert!(asks(&b) && b.started.len() == 1, "{:?}", b.started);
    assert!(!b.effects.iter().any(|e| matches!(e, Effect::Quit)));
}

#[test]
fn the_token_that_replaces_an_unaccepted_one_is_judged_anew() {
    let mut b = bench();
    first(&mut b, sandbox(), &[]).keys("Esc").by_hand().keys("t");
    came(&mut b, sandbox(), Standing::AsBefore);
    assert!(!b.app.is_org_open(b.app.profile.as_ref().unwrap()));
    b.script(ok()).url("limits").keys("s").run();
    assert!(b.sees("DailyApiRequests"));
}
