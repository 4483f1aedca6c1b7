//! The worker over a network that does as the test says.

mod codes;
mod refusals;

use super::*;
use crate::{
    config::{ApiVersion, Flow, Paths, Profile, VersionChoice},
    http::{
        Observer, Outgoing, Phase, Purpose, Reply, RequestSpec, Sent, Timings, TransportFailure, Unmasked,
        redact::Masker,
    },
    jobs::{Answers, Prepared, SecretField, Wish},
    salesforce::{
        Session,
        tests::{profile, session},
    },
    secrets::{Secret, SecretRef, SecretStore, Told},
};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Version, header};
use std::{sync::Mutex, time::SystemTime};
use tokio::sync::Notify;

/// Answers by the path of the request; `token` numbers the tokens it hands out.
#[derive(Clone, Default)]
struct Fake(Arc<State>);

#[derive(Default)]
struct State {
    tokens: Mutex<u32>,
    /// How many of the tokens, from the first on, the org has ended.
    ended: Mutex<u32>,
    refuses_tokens: bool,
    /// The only authorization code that is taken, as it stands in a form; `expired` has every one expired.
    good_code: Option<&'static str>,
    seen: Mutex<Vec<String>>,
    /// Held back until this is notified, if the path is `/wait`.
    go: Notify,
}

const EXPIRED: &str = r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#;

impl Fake {
    fn answer(&self, spec: &RequestSpec) -> (u16, String) {
        let bearer = spec
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|v| v.to_str().ok())
            .unwrap_or("none")
            .to_owned();
        let path = spec.url.path().to_owned();
        self.0.seen.lock().unwrap().push(format!("{path} {bearer}"));
        match path.as_str() {
            "/services/oauth2/token" if self.refuses_code(spec) => {
                let which = if self.0.good_code == Some("expired") { "expired" } else { "invalid" };
                let says = format!("{which} authorization code");
                (400, format!(r#"{{"error":"invalid_grant","error_description":"{says}"}}"#))
            }
            "/services/oauth2/token" if self.0.refuses_tokens => {
                (400, r#"{"error":"invalid_grant","error_description":"authentication failure"}"#.into())
            }
            "/services/oauth2/token" => {
                let mut tokens = self.0.tokens.lock().unwrap();
                *tokens += 1;
                let token = format!("00D58000000arpq!new.{}", *tokens);
                (
                    200,
                    format!(
                        r#"{{"access_token":"{token}","instance_url":"https://acme.my.salesforce.com"}}"#
                    ),
                )
            }
            "/services/data" => (200, r#"[{"version":"65.0"},{"version":"67.0"}]"#.into()),
            "/echo" => (200, bearer),
            _ if self.is_good(&bearer) => (200, "{}".into()),
            _ => (401, EXPIRED.into()),
        }
    }

    fn refuses_code(&self, spec: &RequestSpec) -> bool {
        let crate::http::RequestBody::Bytes(body) = &spec.body else { return false };
        let body = String::from_utf8_lossy(body);
        self.0.good_code.is_some_and(|code| !body.contains(&format!("&code={code}&")))
    }

    fn is_good(&self, bearer: &str) -> bool {
        let number = bearer.split_once("!new.").and_then(|(_, number)| number.parse::<u32>().ok());
        number.is_some_and(|number| number > *self.0.ended.lock().unwrap())
    }

    fn token_requests(&self) -> usize {
        self.0.seen.lock().unwrap().iter().filter(|line| line.starts_with("/services/oauth2/token")).count()
    }
}

impl Transport for Fake {
    async fn send(&self, outgoing: Outgoing, observer: &dyn Observer, stop: CancellationToken) -> Sent {
        let Outgoing { spec, purpose, known, .. } = outgoing;
        let masker = Masker::new(&spec, purpose, &known);
        let mut broken = None;
        match spec.url.path() {
            "/panic" => panic!("a bug"),
            "/hang" => stop.cancelled().await,
            "/wait" => self.0.go.notified().await,
            "/half" => {
                observer.head(StatusCode::OK, Some(10));
                observer.bytes(5, Some(10));
                stop.cancelled().await;
                broken = Some(TransportFailure {
                    phase: Phase::Receive,
                    cancelled: true,
                    message: "cancelled".into(),
                });
            }
            _ => {}
        }
        let (status, body) = self.answer(&spec);
        let body = Bytes::from(body);
        let reply = if spec.url.path() == "/hang" {
            Err(TransportFailure { phase: Phase::Wait, cancelled: true, message: "cancelled".into() })
        } else if spec.url.path() == "/refused" {
            Err(TransportFailure { phase: Phase::Connect, cancelled: false, message: "refused".into() })
        } else {
            Ok(Reply {
                status: StatusCode::from_u16(status).unwrap(),
                version: Version::HTTP_11,
                peer: None,
                headers: masker.headers(&HeaderMap::new()),
                body: masker.reply_body(body.clone()),
                wire_len: body.len() as u64,
                incomplete: broken,
                note: None,
            })
        };
        Sent {
            started: SystemTime::UNIX_EPOCH,
            request: masker.request(&spec),
            reply,
            timings: Timings::default(),
            redirects: Vec::new(),
            unmasked: (purpose == Purpose::Token).then_some(Unmasked { body, location: None }),
        }
    }
}

/// A worker over [`Fake`], and everything it has said.
struct Bench {
    fake: Fake,
    commands: mpsc::Sender<Command>,
    events: mpsc::Receiver<Event>,
    folder: Arc<tempfile::TempDir>,
}

impl Bench {
    fn new(fake: Fake) -> Self {
        Self::within(Arc::new(tempfile::tempdir().unwrap()), fake)
    }

    /// Another orgdeck of the same person.
    fn beside(other: &Self, fake: Fake) -> Self {
        Self::within(other.folder.clone(), fake)
    }

    fn within(folder: Arc<tempfile::TempDir>, fake: Fake) -> Self {
        let home = Home::new(&Paths {
            config_file: folder.path().join("config.toml"),
            data_dir: folder.path().to_owned(),
        });
        let told = Told { store: SecretStore::Session, ..Told::default() };
        home.stores.tell(told);
        let (commands, events) = spawn(fake.clone(), Bodies::Indexed, home);
        Self { fake, commands, events, folder }
    }

    async fn start(&self, id: u64, job: Job) {
        self.commands.send(Command::Start(JobId(id), job)).await.unwrap();
    }

    /// Events until so many jobs have ended.
    async fn until_ended(&mut self, jobs: usize) -> Vec<Event> {
        let mut events = Vec::new();
        while ended(&events).len() < jobs {
            events.push(self.events.recv().await.expect("the worker lives"));
        }
        events
    }

    /// Events until the worker is gone.
    async fn close(self) -> Vec<Event> {
        drop(self.commands);
        let mut receiver = self.events;
        let mut events = Vec::new();
        while let Some(event) = receiver.recv().await {
            events.push(event);
        }
        events
    }
}

fn ended(events: &[Event]) -> Vec<(u64, &Result<Outcome, Failure>)> {
    let ended = |event: &Event| matches!(event, Event::Ended(..));
    events
        .iter()
        .filter(|e| ended(e))
        .map(|e| match e {
            Event::Ended(id, result) => (id.0, result),
            _ => unreachable!(),
        })
        .collect()
}

fn able() -> Arc<Profile> {
    Arc::new(profile(Flow::Password))
}

fn answers() -> Answers {
    Answers(vec![
        (SecretField::ConsumerSecret, Secret::new("the consumer secret")),
        (SecretField::Password, Secret::new("the password")),
    ])
}

fn call_as(path: &str, session: Option<Session>, answers: Answers) -> Job {
    Job::Call {
        profile: able(),
        session: session.map(Arc::new),
        request: Prepared {
            method: Method::GET,
            url: format!("https://acme.my.salesforce.com{path}").parse().unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        },
        answers,
    }
}

fn call(path: &str) -> Job {
    call_as(path, Some(session("https://acme.my.salesforce.com")), answers())
}

#[tokio::test]
async fn every_start_ends_once_after_cancel_panic_and_shutdown() {
    let mut bench = Bench::new(Fake::default());
    for (id, path) in [(1, "/hang"), (2, "/panic"), (3, "/half"), (4, "/echo"), (5, "/hang")] {
        bench.start(id, call(path)).await;
    }
    let mut events = bench.until_ended(2).await; // the panic and the echo: the rest waits
    for id in [1, 3, 99] {
        bench.commands.send(Command::Cancel(JobId(id))).await.unwrap();
    }
    events.extend(bench.until_ended(2).await);
    events.extend(bench.close().await);
    let mut results = ended(&events);
    results.sort_by_key(|(id, _)| *id);
    assert_eq!(results.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert!(matches!(results[0].1, Ok(Outcome::Cancelled(None))));
    assert!(matches!(results[1].1, Err(Failure { kind: FailureKind::Bug, .. })));
    assert!(matches!(results[2].1, Ok(Outcome::Cancelled(Some(_)))), "half a body is kept");
    assert!(matches!(results[3].1, Ok(Outcome::Response(_))));
    assert!(matches!(results[4].1, Ok(Outcome::Cancelled(None))), "stopped by the shutdown");
    let exchanges = events.iter().filter(|e| matches!(e, Event::Exchange(..))).count();
    assert_eq!(exchanges, 4, "cancelled exchanges are recorded too");
}

#[tokio::test]
async fn more_jobs_than_slots_wait_their_turn() {
    let mut bench = Bench::new(Fake::default());
    for id in 0..=AT_ONCE as u64 {
        bench.start(id, call_as("/wait", None, Answers::default())).await;
    }
    let mut queued = None;
    while queued.is_none() {
        if let Some(Event::Progress(id, Progress::Queued)) = bench.events.recv().await {
            queued = Some(id);
        }
    }
    assert_eq!(queued, Some(JobId(AT_ONCE as u64)));
    bench.commands.send(Command::Cancel(JobId(AT_ONCE as u64))).await.unwrap();
    let events = bench.until_ended(1).await;
    assert!(matches!(ended(&events)[..], [(id, Ok(Outcome::Cancelled(None)))] if id == AT_ONCE as u64));
    for _ in 0..AT_ONCE {
        bench.fake.0.go.notify_one();
    }
    assert_eq!(ended(&bench.until_ended(AT_ONCE).await).len(), AT_ONCE);
}

#[tokio::test]
async fn a_token_comes_with_the_orgs_newest_version() {
    let mut bench = Bench::new(Fake::default());
    bench.start(1, Job::GetToken { profile: able(), answers: answers(), wish: Wish::default() }).await;
    let events = bench.until_ended(1).await;
    let [(1, Ok(Outcome::Token(session, _)))] = ended(&events)[..] else { panic!("{events:?}") };
    assert_eq!(session.api_version, ApiVersion(67));
    assert_eq!(session.access_token.expose(), "00D58000000arpq!new.1");
    assert!(!format!("{events:?}").contains("the password"));
    assert!(!format!("{events:?}").contains("new.1"));
}

#[tokio::test]
async fn a_pinned_version_is_not_asked_for() {
    let mut bench = Bench::new(Fake::default());
    let mut pinned = profile(Flow::Password);
    pinned.api_version = VersionChoice::Pinned(ApiVersion(60));
    bench
        .start(1, Job::GetToken { profile: Arc::new(pinned), answers: answers(), wish: Wish::default() })
        .await;
    let events = bench.until_ended(1).await;
    let [(1, Ok(Outcome::Token(session, _)))] = ended(&events)[..] else { panic!("{events:?}") };
    assert_eq!(session.api_version, ApiVersion(60));
    let seen = bench.fake.0.seen.lock().unwrap();
    assert!(!seen.iter().any(|line| line.starts_with("/services/data ")), "{seen:?}");
}

#[tokio::test]
async fn a_secret_that_only_a_person_knows_is_asked_of_one() {
    let mut bench = Bench::new(Fake::default());
    bench
        .start(1, Job::GetToken { profile: able(), answers: Answers::default(), wish: Wish::default() })
        .await;
    let events = bench.until_ended(1).await;
    let [(1, Err(failure))] = ended(&events)[..] else { panic!("{events:?}") };
    assert_eq!(failure.kind, FailureKind::PersonNeeded);
    assert_eq!(bench.fake.token_requests(), 0);
}

#[tokio::test]
async fn a_token_of_another_org_is_refused() {
    let mut bench = Bench::new(Fake::default());
    let mut elsewhere = profile(Flow::Password);
    elsewhere.expected_org_id = Some("00D000000000001".into());
    bench
        .start(1, Job::GetToken { profile: Arc::new(elsewhere), answers: answers(), wish: Wish::default() })
        .await;
    let events = bench.until_ended(1).await;
    assert!(matches!(ended(&events)[..], [(1, Err(Failure { kind: FailureKind::Guard, .. }))]));
}

#[tokio::test]
async fn all_waiting_requests_share_one_new_token() {
    let mut bench = Bench::new(Fake::default());
    for id in 1..=5 {
        bench.start(id, call("/data")).await;
    }
    let events = bench.until_ended(5).await;
    assert_eq!(bench.fake.token_requests(), 1);
    assert!(
        ended(&events)
            .iter()
            .all(|(_, result)| matches!(result, Ok(Outcome::Response(answer)) if answer.exchange.replayed))
    );
    assert_eq!(events.iter().filter(|e| matches!(e, Event::Renewed(..))).count(), 5);
}

#[tokio::test]
async fn a_renewal_answers_the_token_that_it_replaced_alone() {
    let mut bench = Bench::new(Fake::default());
    bench.start(1, call("/wait")).await; // holds the first token's renewal open
    bench.start(2, call("/data")).await;
    bench.until_ended(1).await;
    bench.start(3, Job::GetToken { profile: able(), answers: answers(), wish: Wish::default() }).await;
    let events = bench.until_ended(1).await;
    let [(3, Ok(Outcome::Token(by_hand, _)))] = ended(&events)[..] else { panic!("{events:?}") };
    *bench.fake.0.ended.lock().unwrap() = 2;
    let before = bench.fake.token_requests();
    bench.start(4, call_as("/data", Some(Session::clone(by_hand)), answers())).await;
    let events = bench.until_ended(1).await;
    assert_eq!(bench.fake.token_requests() - before, 1);
    let [(4, Ok(Outcome::Response(answer)))] = ended(&events)[..] else { panic!("{events:?}") };
    assert_eq!(answer.exchange.reply.as_ref().unwrap().status, StatusCode::OK);
}

#[tokio::test]
async fn an_edited_profile_does_not_get_the_other_logins_token() {
    let mut bench = Bench::new(Fake::default());
    let mut sandbox = profile(Flow::Password);
    sandbox.login_url = Some("https://test.salesforce.com".parse().unwrap());
    let mut edited = call("/data");
    let Job::Call { profile, .. } = &mut edited else { unreachable!() };
    *profile = Arc::new(sandbox);
    bench.start(1, call("/data")).await;
    bench.start(2, edited).await;
    bench.until_ended(2).await;
    assert_eq!(bench.fake.token_requests(), 2);
}

#[tokio::test]
async fn a_refused_renewal_is_not_repeated_by_those_who_waited() {
    let fake = Fake(Arc::new(State { refuses_tokens: true, ..State::default() }));
    let mut bench = Bench::new(fake);
    for id in 1..=5 {
        bench.start(id, call("/wait")).await;
    }
    let mut sent = 0;
    while sent < 5 {
        let event = bench.events.recv().await;
        sent += u32::from(matches!(event, Some(Event::Progress(_, Progress::Sending))));
    }
    for _ in 0..5 {
        bench.fake.0.go.notify_one();
    }
    let events = bench.until_ended(5).await;
    assert_eq!(bench.fake.token_requests(), 1);
    let told =
        |event: &&Event| matches!(event, Event::NotRenewed(_, Failure { kind: FailureKind::OAuth, .. }));
    assert_eq!(events.iter().filter(told).count(), 5);
    assert!(ended(&events).iter().all(|(_, result)| matches!(
        result, Ok(Outcome::Response(answer))
            if answer.exchange.reply.as_ref().unwrap().status == StatusCode::UNAUTHORIZED
    )));
}

#[tokio::test]
async fn a_renewal_stopped_by_a_guard_is_told() {
    let mut bench = Bench::new(Fake::default());
    let mut elsewhere = call("/data");
    let Job::Call { profile, .. } = &mut elsewhere else { unreachable!() };
    Arc::make_mut(profile).expected_org_id = Some("00D000000000001".into());
    bench.start(1, elsewhere).await;
    let events = bench.until_ended(1).await;
    let told =
        |event: &Event| matches!(event, Event::NotRenewed(_, failure) if failure.kind == FailureKind::Guard);
    assert!(events.iter().any(told));
    assert!(matches!(ended(&events)[..], [(1, Ok(Outcome::Response(_)))]));
}

#[tokio::test]
async fn a_pasted_token_that_has_expired_is_told_to_be_the_same() {
    let mut bench = Bench::new(Fake::default());
    let pasted = Profile {
        access_token: Some(SecretRef::Ask),
        instance_url: Some("https://acme.my.salesforce.com".parse().unwrap()),
        ..profile(Flow::AccessToken)
    };
    let expired = session("https://acme.my.salesforce.com");
    let answers = Answers(vec![(SecretField::AccessToken, expired.access_token.clone())]);
    let mut job = call_as("/data", Some(expired), answers);
    let Job::Call { profile, .. } = &mut job else { unreachable!() };
    *profile = Arc::new(pasted);
    bench.start(1, job).await;
    let events = bench.until_ended(1).await;
    let told = |event: &Event| matches!(event, Event::NotRenewed(_, failure) if failure.message.contains("still the one"));
    assert!(events.iter().any(told), "{events:?}");
}

#[tokio::test]
async fn without_the_persons_secrets_the_401_stands() {
    let mut bench = Bench::new(Fake::default());
    let session = session("https://acme.my.salesforce.com");
    bench.start(1, call_as("/data", Some(session), Answers::default())).await;
    let events = bench.until_ended(1).await;
    assert_eq!(bench.fake.token_requests(), 0);
    assert!(matches!(ended(&events)[..], [(1, Ok(Outcome::Response(_)))]));
}

#[tokio::test]
async fn the_token_is_not_sent_to_another_host() {
    let mut bench = Bench::new(Fake::default());
    bench.start(1, call_as("/data", Some(session("https://other.my.salesforce.com")), answers())).await;
    let events = bench.until_ended(1).await;
    let [(1, Err(failure))] = ended(&events)[..] else { panic!("{events:?}") };
    assert_eq!(failure.kind, FailureKind::Guard);
    assert!(bench.fake.0.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_echoed_token_is_masked_in_the_record() {
    let mut bench = Bench::new(Fake::default());
    bench.start(1, call("/echo")).await;
    let events = bench.until_ended(1).await;
    let [(1, Ok(Outcome::Response(answer)))] = ended(&events)[..] else { panic!("{events:?}") };
    let body = answer.exchange.reply.as_ref().unwrap().body.bytes();
    assert_eq!(body, "Bearer 00D58000000arpq!••••");
}

#[tokio::test]
async fn no_answer_is_a_network_failure_and_a_record() {
    let mut bench = Bench::new(Fake::default());
    bench.start(1, call("/refused")).await;
    let events = bench.until_ended(1).await;
    let [(1, Err(failure))] = ended(&events)[..] else { panic!("{events:?}") };
    assert_eq!((failure.kind, failure.message.as_str()), (FailureKind::Network, "refused"));
    assert!(failure.exchange.is_some());
}
