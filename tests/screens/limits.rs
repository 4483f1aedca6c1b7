//! Limits: the gauge in the status row, what is said when much is used, and the list with its history.

use super::{
    bench::{Bench, token_body},
    golden,
    network::Answered,
};
use orgdeck::{
    app::{Msg, overlays::Overlay},
    http::Phase,
    jobs::{Event, LimitsTold, Outcome},
    salesforce::limits::{Level, Limit, Reading},
};
use serde_json::{Value, json};
use std::{collections::HashMap, time::Duration};

golden! {
    limits_asking(b) { b.token().wait(7_000).by_hand().keys("L").wait(1_200) }

    limits(b) { told(b) }

    limits_all(b) { told(b).keys("a G") }

    limits_filtered(b) { told(b).keys("/").types("email") }

    limits_filter_kept(b) { told(b).keys("/").types("perm").keys("Enter Down") }

    limits_nothing_matches(b) { told(b).keys("/").types("qqq") }

    /// One reading is no line yet; the answer is a real worker's.
    limits_first(b) { b.token().wait(7_000).script(Answered::json(200, &body())).keys("L").run() }

    limits_nothing_used(b) {
        let unused = json!({"MassEmail": {"Max": 5000, "Remaining": 5000}, "SingleEmail": {"Max": 5000, "Remaining": 5000}});
        b.token().wait(7_000).script(Answered::json(200, &unused)).keys("L").run()
    }

    limits_none(b) { b.token().wait(7_000).script(Answered::json(200, &json!({}))).keys("L").run() }

    limits_no_answer(b) { b.token().wait(7_000).fails(Phase::Connect, "acme--uat.sandbox.my.salesforce.com refused the connection").keys("L").run() }

    limits_forbidden(b) {
        let no = json!([{"message": "This feature is not currently enabled for this user type or org: [Limits]", "errorCode": "FUNCTIONALITY_NOT_ENABLED"}]);
        b.token().wait(7_000).script(Answered::json(403, &no)).keys("L").run()
    }

    limits_not_limits(b) { b.token().wait(7_000).script(Answered::new(200, "text/html", "<html>a login page</html>")).keys("L").run() }

    /// What was told before stays below.
    limits_failed_again(b) { told(b).wait(300_000).fails(Phase::Dns, "the host's name is not known").keys("r").run() }

    limits_without_history(b) {
        let why = "/home/ada/.local/share/orgdeck/history.sqlite cannot grow: the disk is full";
        answered(b, LimitsTold { past: Err(why.into()), ..three_days(b) })
    }

    limits_without_a_token(b) { b.keys("L") }

    gauge_warning(b) { b.exchange("query", used("api-usage=12100/15000")) }

    gauge_alarm(b) { b.exchange("query", used("api-usage=14900/15000")) }

    /// The app's own limit is the tighter one.
    gauge_app(b) { b.exchange("query", used("api-usage=25/5000, per-app-api-usage=210/250(appName=Nightly sync)")) }
}

fn used(header: &str) -> Answered {
    let mut answered = Answered::json(200, &json!({"totalSize": 0, "done": true, "records": []}));
    answered.headers.retain(|(name, _)| *name != "sforce-limit-info");
    answered.headers.push(("sforce-limit-info", header.to_owned()));
    answered
}

fn body() -> Value {
    let limit = |max: u64, remaining: u64| json!({"Max": max, "Remaining": remaining});
    json!({
        "DailyApiRequests": {"Max": 15000, "Remaining": 13766, "Ant Migration Tool": limit(0, 0), "Nightly sync": limit(250, 40)},
        "DailyBulkV2QueryFileStorageMB": limit(976_562, 976_562),
        "DataStorageMB": limit(1024, 30),
        "HourlyODataCallout": limit(1000, 1000),
        "MassEmail": limit(5000, 5000),
        "PermissionSets": {"Max": 1500, "Remaining": 1499, "CreateCustom": limit(1000, 999)},
        "SingleEmail": limit(5000, 5000),
    })
}

/// What the org tells, with readings of the last three days.
fn three_days(b: &Bench) -> LimitsTold {
    let mut limits = orgdeck::salesforce::limits::parse(body().to_string().as_bytes()).unwrap();
    orgdeck::salesforce::limits::sort(&mut limits);
    let hours_ago = |hours: u64| b.now.wall - Duration::from_secs(hours * 3_600);
    let of_day = |hour: i64| [0, 10, 80, 400, 900, 1_234][(hour / 4) as usize];
    // Nothing is read at night.
    let hours = (0..=72).rev().filter(|hour| !matches!(hour % 24, 9..=16));
    let past = |limit: &Limit| -> Vec<Reading> {
        let level = |hour: u64| match limit.key.as_str() {
            "DailyApiRequests" => Level::used_of(of_day(23 - (hour as i64 % 24)), 15_000),
            "DataStorageMB" => Level::used_of(994 - hour as i64 / 3, 1024),
            _ => limit.level,
        };
        hours.clone().map(|hour| Reading { at: hours_ago(hour), level: level(hour) }).collect()
    };
    let past: HashMap<_, _> = limits.iter().map(|limit| (limit.key.clone(), past(limit))).collect();
    LimitsTold { limits, at: b.now.wall, past: Ok(past) }
}

/// The newest job ends with that.
fn answered(b: &mut Bench, told: LimitsTold) -> &mut Bench {
    if b.app.session().is_none() {
        b.token().wait(7_000).by_hand().keys("L");
    }
    let id = b.app.jobs.newest().expect("the org is being asked").id;
    b.tell(Msg::Worker(Event::Ended(id, Ok(Outcome::Limits(Box::new(told))))))
}

fn told(b: &mut Bench) -> &mut Bench {
    b.token().wait(7_000).by_hand().keys("L");
    let told = three_days(b);
    answered(b, told)
}

fn bench() -> Bench {
    Bench::at(120, 36)
}

fn is_open(b: &Bench) -> bool {
    matches!(b.app.overlays.last(), Some(Overlay::Limits(_)))
}

#[test]
fn without_a_token_nothing_is_asked_and_none_is_got() {
    let mut b = bench();
    b.keys("L");
    assert!(!is_open(&b) && b.started.is_empty());
    assert!(b.notice().contains("get a token first (t)"), "{}", b.notice());
    b.begin(super::bench::boot(Ok(""))).keys("L");
    assert!(b.started.is_empty());
}

#[test]
fn the_org_is_asked_with_its_token_and_not_as_a_call() {
    let mut b = bench();
    b.token().script(Answered::json(200, &body())).keys("L").run();
    assert_eq!(b.started[1..], ["Limits(acme-uat)"]);
    let seen = b.network.seen();
    let host = "https://acme--uat.sandbox.my.salesforce.com";
    assert_eq!(seen.last().unwrap(), &format!("GET {host}/services/data/v66.0/limits"));
    assert!(is_open(&b) && b.sees("Data storage MB") && !b.sees("Mass email"), "{}", b.screen());
    b.keys("a");
    assert!(b.sees("Mass email") && b.sees("all 10"), "{}", b.screen());
}

#[test]
fn esc_undoes_the_filter_then_closes_and_stops_what_runs() {
    let mut b = bench();
    told(&mut b).keys("/").types("mass").keys("Enter");
    assert!(b.sees("/mass · 1 of 10"), "{}", b.screen());
    b.keys("Esc");
    assert!(is_open(&b) && b.sees("in use"), "{}", b.screen());
    b.keys("/").types("l");
    assert!(is_open(&b), "a letter is the filter's");
    b.keys("Esc Esc");
    assert!(!is_open(&b));
    let mut b = bench();
    b.token().by_hand().keys("L Esc");
    assert!(!is_open(&b) && b.app.jobs.newest().is_some_and(|job| job.cancelled));
}

#[test]
fn asked_again_the_cursor_stays_on_its_limit_and_one_question_is_enough() {
    let mut b = bench();
    told(&mut b).keys("Down Down").by_hand().keys("r r");
    assert_eq!(b.started[1..], ["Limits(acme-uat)"; 2], "the second waits for the first");
    let chosen = |b: &Bench| match b.app.overlays.last() {
        Some(Overlay::Limits(shown)) => shown.chosen().map(|row| row.limit.key.clone()),
        _ => None,
    };
    let before = chosen(&b).unwrap();
    let mut again = three_days(&b);
    let other = again.limits.iter_mut().find(|limit| limit.key == "SingleEmail").unwrap();
    other.level.remaining = 0;
    orgdeck::salesforce::limits::sort(&mut again.limits);
    answered(&mut b, again);
    assert_eq!(chosen(&b), Some(before));
    assert!(b.sees("100 % !!") && b.sees("6 of 10"), "{}", b.screen());
}

#[test]
fn an_expired_session_gets_one_new_token() {
    let mut b = bench();
    let expired = json!([{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]);
    b.token().script(Answered::json(401, &expired));
    let mut renewed = token_body("acme-uat", "uat-hush-1");
    renewed["access_token"] = json!("00D58000000arpq!AQEAQ.hush-8");
    b.script(Answered::json(200, &renewed)).script(Answered::json(200, &body())).keys("L").run();
    assert!(is_open(&b) && b.sees("Data storage MB"), "{}", b.screen());
}

#[test]
fn a_session_that_cannot_be_renewed_is_said_with_the_way_out() {
    let mut b = bench();
    let expired = json!([{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]);
    let refused = json!({"error": "invalid_grant", "error_description": "authentication failure"});
    b.token().script(Answered::json(401, &expired)).script(Answered::json(400, &refused)).keys("L").run();
    assert!(b.sees("✗ 401 Unauthorized: INVALID_SESSION_ID"), "{}", b.screen());
    b.keys("r");
    assert!(b.sees("there is no token any more") && b.sees("t gets one"), "{}", b.screen());
}

#[test]
fn a_threshold_is_said_once_and_not_at_every_answer() {
    let mut b = bench();
    b.exchange("query", used("api-usage=11999/15000"));
    assert!(!b.notice().contains("API calls"), "{}", b.notice());
    b.answer(used("api-usage=12000/15000"));
    assert_eq!(b.notice(), "API calls of acme-uat: 80 % of 15,000 used");
    assert!(b.sees("12,000 / 15,000 !"), "{}", b.screen());
    b.wait(7_000).answer(used("api-usage=12100/15000"));
    assert_eq!(b.notice(), "");
    b.answer(used("api-usage=14250/15000"));
    assert_eq!(b.notice(), "API calls of acme-uat: 95 % of 15,000 used");
}

#[test]
fn the_threshold_is_a_setting() {
    let mut b = bench();
    let text = super::bench::ACME.replacen("[settings]", "[settings]\nlimit_warning = 9", 1);
    b.config(&text).exchange("query", used("api-usage=1400/15000"));
    assert_eq!(b.notice(), "API calls of acme-uat: 9 % of 15,000 used");
}

#[test]
fn a_history_in_trouble_is_told_and_breaks_nothing() {
    let mut b = bench();
    b.tell(Msg::Worker(Event::History("not recorded: the disk is full".into())));
    assert_eq!(b.notice(), "not recorded: the disk is full");
    b.exchange("query", used("api-usage=1/15000"));
    assert!(b.sees("200 OK"), "{}", b.screen());
}

#[test]
fn a_click_chooses_a_limit() {
    let mut b = bench();
    told(&mut b).click_on("Permission sets  ");
    assert!(b.sees("PermissionSets  1 of 1,500 used"), "{}", b.screen());
}
