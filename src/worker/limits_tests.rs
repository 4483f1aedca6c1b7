//! Limits over a network that always answers the same, and what of them comes into the history.

use super::*;
use crate::{
    config::{Flow, HistoryKeep, Paths, Profile},
    history::{History, OrgKey},
    http::{Observer, Outgoing, Reply, Sent, Timings, redact::Masker},
    jobs::{Answers, LimitsTold, Past, Prepared},
    salesforce::{
        OrgId, Session,
        tests::{profile, session},
    },
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Version, header};
use std::{path::Path, time::SystemTime};

const BODY: &str =
    r#"{"MassEmail":{"Max":5000,"Remaining":4000},"DailyApiRequests":{"Max":15000,"Remaining":14000}}"#;
const HOME: &str = "https://acme.my.salesforce.com";

/// Answers everything with this body, and with figures in its head.
#[derive(Clone)]
struct Always(u16, &'static str);

impl Transport for Always {
    async fn send(&self, outgoing: Outgoing, _: &dyn Observer, _: CancellationToken) -> Sent {
        let masker = Masker::new(&outgoing.spec, outgoing.purpose, &outgoing.known);
        let mut headers = HeaderMap::new();
        headers.insert("sforce-limit-info", HeaderValue::from_static("api-usage=1000/15000"));
        let body = Bytes::from_static(self.1.as_bytes());
        let reply = Reply {
            status: StatusCode::from_u16(self.0).unwrap(),
            version: Version::HTTP_11,
            peer: None,
            headers: masker.headers(&headers),
            body: masker.reply_body(body),
            wire_len: 0,
            incomplete: None,
            note: None,
        };
        Sent {
            started: SystemTime::UNIX_EPOCH,
            request: masker.request(&outgoing.spec),
            reply: Ok(reply),
            timings: Timings::default(),
            redirects: Vec::new(),
            unmasked: None,
        }
    }
}

fn able() -> Profile {
    profile(Flow::Password)
}

/// A session of an org that is known.
fn known() -> Session {
    Session { org_id: Some(OrgId("00D58000000arpqEAA".into())), ..session(HOME) }
}

fn limits(profile: Profile, past: Past) -> Job {
    Job::Limits { profile: Arc::new(profile), session: Arc::new(known()), answers: Answers::default(), past }
}

fn call(profile: Profile, session: Option<Session>, authorization: Option<&'static str>) -> Job {
    let mut headers = HeaderMap::new();
    headers.extend(authorization.map(|value| (header::AUTHORIZATION, HeaderValue::from_static(value))));
    let url = format!("{HOME}/services/data").parse().unwrap();
    let request = Prepared { method: Method::GET, url, headers, body: Bytes::new() };
    let session = session.map(Arc::new);
    Job::Call { profile: Arc::new(profile), session, request, answers: Answers::default() }
}

/// Runs jobs one after the other; all events, when the worker is gone.
async fn run(network: Always, data: &Path, jobs: Vec<Job>) -> Vec<Event> {
    let home = Home::new(&Paths { config_file: data.join("config.toml"), data_dir: data.to_owned() });
    let (commands, mut events) = spawn(network, Bodies::Indexed, home);
    let mut seen = Vec::new();
    for (id, job) in (1..).zip(jobs) {
        commands.send(Command::Start(JobId(id), job)).await.unwrap();
        loop {
            let event = events.recv().await.unwrap();
            let ended = matches!(event, Event::Ended(..));
            seen.push(event);
            if ended {
                break;
            }
        }
    }
    drop(commands);
    while let Some(event) = events.recv().await {
        seen.push(event);
    }
    seen
}

/// What is kept of an org: key, readings, used at last.
fn kept(data: &Path, org: &OrgKey) -> Vec<(String, usize, i64)> {
    let all = History::new(data).limit_readings(org).unwrap();
    let mut all: Vec<_> =
        all.into_iter().map(|(key, past)| (key, past.len(), past.last().unwrap().level.used())).collect();
    all.sort();
    all
}

fn acme() -> OrgKey {
    OrgKey::org(&OrgId("00D58000000arpq".into()))
}

fn told(events: &[Event]) -> &LimitsTold {
    let told = events.iter().rev().find_map(|event| match event {
        Event::Ended(_, Ok(Outcome::Limits(told))) => Some(&**told),
        _ => None,
    });
    told.unwrap_or_else(|| panic!("{events:?}"))
}

fn troubles<'a>(events: &'a [Event]) -> Vec<&'a str> {
    let trouble = |event: &'a Event| match event {
        Event::History(sentence) => Some(sentence.as_str()),
        _ => None,
    };
    events.iter().filter_map(trouble).collect()
}

#[tokio::test]
async fn limits_come_fullest_first_with_what_was_before_and_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let events = run(Always(200, BODY), folder.path(), vec![limits(able(), Past::Thinned)]).await;
    let LimitsTold { limits: all, past, .. } = told(&events);
    let order: Vec<_> = all.iter().map(|limit| (limit.key.as_str(), limit.level.percent())).collect();
    assert_eq!(order, [("MassEmail", Some(20)), ("DailyApiRequests", Some(6))]);
    assert_eq!(past.as_ref().unwrap()["MassEmail"].len(), 1, "the new one is among them");
    assert_eq!(troubles(&events), Vec::<&str>::new());
    let events = run(Always(200, BODY), folder.path(), vec![limits(able(), Past::None)]).await;
    assert!(told(&events).past.as_ref().unwrap().is_empty(), "not asked for");
    let kept = kept(folder.path(), &acme());
    assert_eq!((kept[1].0.as_str(), kept[1].2), ("MassEmail", 1_000));
    assert!(kept[0].1 >= 2, "of the header, too: {kept:?}");
}

#[tokio::test]
async fn a_calls_figures_are_kept_when_the_worker_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    run(Always(200, "{}"), folder.path(), vec![call(able(), Some(known()), None)]).await;
    assert_eq!(kept(folder.path(), &acme()), [("DailyApiRequests".to_owned(), 1, 1_000)]);
}

#[tokio::test]
async fn an_org_that_is_not_known_is_the_profile_and_the_host() {
    let folder = tempfile::tempdir().unwrap();
    let jobs = vec![
        call(able(), Some(session(HOME)), None),
        call(able(), Some(known()), Some("Bearer another org's")),
        call(able(), None, None),
    ];
    run(Always(200, "{}"), folder.path(), jobs).await;
    assert_eq!(kept(folder.path(), &acme()), []);
    let host = OrgKey::host(&able().id, "acme.my.salesforce.com");
    assert!(!kept(folder.path(), &host).is_empty());
}

#[tokio::test]
async fn a_profile_without_history_leaves_none() {
    let folder = tempfile::tempdir().unwrap();
    let off = || Profile { history: Some(HistoryKeep::Off), ..able() };
    let jobs = vec![call(off(), Some(known()), None), limits(off(), Past::Thinned)];
    let events = run(Always(200, BODY), folder.path(), jobs).await;
    assert!(told(&events).past.as_ref().unwrap().is_empty());
    assert_eq!(kept(folder.path(), &acme()), []);
}

#[tokio::test]
async fn an_answer_that_says_no_is_an_answer_and_keeps_nothing_of_its_body() {
    let folder = tempfile::tempdir().unwrap();
    let no = r#"[{"errorCode":"FUNCTIONALITY_NOT_ENABLED","message":"no"}]"#;
    let events = run(Always(403, no), folder.path(), vec![limits(able(), Past::Thinned)]).await;
    let refused = |event: &Event| matches!(event, Event::Ended(_, Ok(Outcome::Response(_))));
    assert!(events.iter().any(refused), "{events:?}");
    let events = run(Always(200, "<html>"), folder.path(), vec![limits(able(), Past::Thinned)]).await;
    let failed =
        |event: &Event| matches!(event, Event::Ended(_, Err(Failure { kind: FailureKind::Network, .. })));
    assert!(events.iter().any(failed), "{events:?}");
}

#[tokio::test]
async fn a_damaged_file_is_told_and_a_new_one_has_the_readings() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("history.sqlite"), "no database ".repeat(1_000)).unwrap();
    let events = run(Always(200, BODY), folder.path(), vec![limits(able(), Past::Thinned)]).await;
    assert_eq!(told(&events).past.as_ref().unwrap()["MassEmail"].len(), 1);
    let [trouble] = troubles(&events)[..] else { panic!("{events:?}") };
    assert!(trouble.contains("history.sqlite.damaged-1"), "{trouble}");
}

#[tokio::test]
async fn a_history_that_cannot_be_written_is_told_once_and_breaks_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::write(&data, "a file where the folder belongs").unwrap();
    let jobs = vec![
        call(able(), Some(known()), None),
        limits(able(), Past::Thinned),
        call(able(), Some(known()), None),
        limits(able(), Past::Whole),
    ];
    let events = run(Always(200, BODY), &data, jobs).await;
    let LimitsTold { limits, past, .. } = told(&events);
    assert_eq!(limits.len(), 2);
    assert!(past.as_ref().unwrap_err().contains("data"), "{past:?}");
    let [trouble] = troubles(&events)[..] else { panic!("{events:?}") };
    assert!(trouble.starts_with("not recorded: cannot "), "{trouble}");
    let well = |event: &&Event| matches!(event, Event::Ended(_, Ok(_)));
    assert_eq!(events.iter().filter(well).count(), 4);
}
