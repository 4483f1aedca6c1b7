//! Logins from one run to the next, over an org that replaces refresh tokens and takes a replayed one for theft.

use super::*;
use crate::{
    config::{Flow, Paths, Profile, VersionChoice},
    http::{Observer, Outgoing, Purpose, Reply, RequestBody, Sent, Timings, Unmasked, redact::Masker},
    jobs::{Answers, Kept, Prepared, Question, StoresErrand, Wanted, Wish},
    salesforce::{
        Session, Standing,
        tests::{profile, session},
    },
    secrets::{SecretStore, StoreKind, Told},
};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Version, header};
use std::{sync::Mutex, time::SystemTime};
use tokio::sync::Notify;

const HOME: &str = "https://acme.my.salesforce.com";

/// The org: whose refresh token is good, and what it has seen.
#[derive(Clone)]
struct Org(Arc<State>);

struct State {
    now: Mutex<Now>,
    /// A refresh is answered only when this is notified, if `holds`.
    go: Notify,
}

struct Now {
    /// The number of the refresh token that is good; the one before it is a replay. None: all are dead.
    refresh: Option<u32>,
    access: u32,
    replays: u32,
    refreshes: u32,
    busy: u32,
    holds: bool,
    org: &'static str,
    revoked: String,
    /// Logins from this address are refused.
    restricted: bool,
}

const ACME: &str = "00D58000000arpqEAA";
const OTHER: &str = "00D58000000zzzqEAA";

impl Org {
    fn new() -> Self {
        let now = Now {
            refresh: Some(1),
            access: 0,
            replays: 0,
            refreshes: 0,
            busy: 0,
            holds: false,
            org: ACME,
            revoked: String::new(),
            restricted: false,
        };
        Self(Arc::new(State { now: Mutex::new(now), go: Notify::new() }))
    }

    fn now(&self) -> std::sync::MutexGuard<'_, Now> {
        self.0.now.lock().unwrap()
    }

    /// How often it was asked to refresh, and how often with a token that was not the newest.
    fn counts(&self) -> (u32, u32) {
        let now = self.now();
        (now.refreshes, now.replays)
    }

    fn token_response(now: &mut Now) -> (u16, String) {
        now.access += 1;
        let refresh = now.refresh.unwrap_or_default();
        let (access, org) = (now.access, now.org);
        let id = format!("https://login.salesforce.com/id/{org}/005xx000001SwiUAAS");
        let body = format!(
            r#"{{"access_token":"{}!a.{access}","refresh_token":"5Aep.{refresh}","instance_url":"{HOME}","id":"{id}"}}"#,
            &org[..15]
        );
        (200, body)
    }

    fn refuse(description: &str) -> (u16, String) {
        (400, format!(r#"{{"error":"invalid_grant","error_description":"{description}"}}"#))
    }

    fn answer(&self, path: &str, body: &str, bearer: &str) -> (u16, String) {
        let mut now = self.now();
        let form = |name: &str| {
            url::form_urlencoded::parse(body.as_bytes())
                .find(|(key, _)| key == name)
                .map(|(_, v)| v.into_owned())
        };
        match path {
            "/services/oauth2/token" if now.restricted => Self::refuse("ip restricted"),
            "/services/oauth2/token" if now.busy > 0 => {
                now.busy -= 1;
                Self::refuse("token request is already being processed")
            }
            "/services/oauth2/token" if form("grant_type").as_deref() == Some("refresh_token") => {
                now.refreshes += 1;
                let given = form("refresh_token").and_then(|t| t.strip_prefix("5Aep.")?.parse().ok());
                if now.refresh.is_none() || given != now.refresh {
                    now.replays += 1;
                    now.refresh = None;
                    return Self::refuse("expired access/refresh token");
                }
                now.refresh = now.refresh.map(|number| number + 1);
                Self::token_response(&mut now)
            }
            "/services/oauth2/token" => Self::token_response(&mut now),
            "/services/oauth2/revoke" => {
                now.revoked = form("token").unwrap_or_default();
                (200, String::new())
            }
            path if path.starts_with("/services/data/v66.0/query") => {
                let org = now.org;
                (
                    200,
                    format!(
                        r#"{{"records":[{{"Id":"{org}","Name":"Acme","OrganizationType":"Enterprise Edition","IsSandbox":false}}]}}"#
                    ),
                )
            }
            path if path.starts_with("/id/") => {
                (200, r#"{"user_id":"005xx000001SwiUAAS","username":"ada@acme.com"}"#.into())
            }
            _ if bearer.ends_with(&format!("!a.{}", now.access)) => (200, "{}".into()),
            _ => {
                (401, r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#.into())
            }
        }
    }
}

impl Transport for Org {
    async fn send(&self, outgoing: Outgoing, _: &dyn Observer, _: CancellationToken) -> Sent {
        let Outgoing { spec, purpose, known, .. } = outgoing;
        let masker = Masker::new(&spec, purpose, &known);
        let body = match &spec.body {
            RequestBody::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            RequestBody::Empty => String::new(),
        };
        let bearer =
            spec.headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let (status, answer) = self.answer(spec.url.path(), &body, bearer);
        if self.now().holds && spec.url.path().ends_with("/token") {
            self.0.go.notified().await; // the org has done it already; only the answer is on its way
        }
        let answer = Bytes::from(answer);
        let reply = Reply {
            status: StatusCode::from_u16(status).unwrap(),
            version: Version::HTTP_11,
            peer: None,
            headers: masker.headers(&HeaderMap::new()),
            body: masker.reply_body(answer.clone()),
            wire_len: answer.len() as u64,
            incomplete: None,
            note: None,
        };
        Sent {
            started: SystemTime::UNIX_EPOCH,
            request: masker.request(&spec),
            reply: Ok(reply),
            timings: Timings::default(),
            redirects: Vec::new(),
            unmasked: (purpose == Purpose::Token).then_some(Unmasked { body: answer, location: None }),
        }
    }
}

/// One orgdeck; several may share a folder.
struct Orgdeck {
    commands: mpsc::Sender<Command>,
    events: mpsc::Receiver<Event>,
    home: Home,
    jobs: u64,
}

impl Orgdeck {
    fn start(org: &Org, folder: &tempfile::TempDir, store: SecretStore) -> Self {
        let (config_file, data_dir) = (folder.path().join("config.toml"), folder.path().join("data"));
        let home = Home::new(&Paths { config_file, data_dir });
        home.stores.tell(Told { store, ..Told::default() });
        let (commands, events) = spawn(org.clone(), Bodies::Indexed, home.clone());
        Self { commands, events, home, jobs: 0 }
    }

    /// With a vault that is open.
    async fn with_vault(org: &Org, folder: &tempfile::TempDir) -> Self {
        let orgdeck = Self::start(org, folder, SecretStore::Vault);
        let passphrase = Secret::new("open sesame");
        match orgdeck.home.stores.vault_state() {
            crate::secrets::VaultState::Absent => {
                orgdeck.home.stores.create_vault(&passphrase).await.unwrap()
            }
            _ => orgdeck.home.stores.unlock_vault(&passphrase).await.unwrap(),
        }
        orgdeck
    }

    async fn begin(&mut self, job: Job) -> JobId {
        self.jobs += 1;
        self.commands.send(Command::Start(JobId(self.jobs), job)).await.unwrap();
        JobId(self.jobs)
    }

    /// Runs a job to its end, with what was told meanwhile.
    async fn run(&mut self, job: Job) -> (Result<Outcome, Failure>, Vec<Event>) {
        let id = self.begin(job).await;
        let mut told = Vec::new();
        loop {
            match self.events.recv().await.expect("the worker lives") {
                Event::Ended(ended, result) if ended == id => return (result, told),
                event => told.push(event),
            }
        }
    }

    async fn token(&mut self, profile: &Arc<Profile>, wanted: Wanted) -> (Arc<Session>, Standing) {
        let wish = Wish { wanted, ..Wish::default() };
        let job = Job::GetToken { profile: profile.clone(), answers: Answers::default(), wish };
        match self.run(job).await {
            (Ok(Outcome::Token(session, standing)), _) => (session, *standing),
            (other, _) => panic!("{other:?}"),
        }
    }

    async fn call(&mut self, profile: &Arc<Profile>, session: &Arc<Session>) -> (u16, Vec<Event>) {
        match self.run(call(profile, session)).await {
            (Ok(Outcome::Response(answer)), told) => {
                (answer.exchange.reply.as_ref().unwrap().status.as_u16(), told)
            }
            (other, _) => panic!("{other:?}"),
        }
    }
}

fn call(profile: &Arc<Profile>, session: &Arc<Session>) -> Job {
    Job::Call {
        profile: profile.clone(),
        session: Some(session.clone()),
        request: Prepared {
            method: Method::GET,
            url: format!("{HOME}/limits").parse().unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        },
        answers: Answers::default(),
    }
}

/// A profile that holds the first refresh token itself, of an app without a secret.
fn refreshing() -> Arc<Profile> {
    Arc::new(Profile {
        consumer_secret: None,
        refresh_token: Some(crate::secrets::SecretRef::Plain(Secret::new("5Aep.1"))),
        api_version: VersionChoice::Pinned(crate::config::ApiVersion(66)),
        expected_org_id: Some(ACME.into()),
        ..profile(Flow::RefreshToken)
    })
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

async fn kept_token(orgdeck: &Orgdeck) -> Option<String> {
    let slot = crate::secrets::Slot::new("acme", "kept_refresh_token");
    orgdeck.home.stores.read(StoreKind::Vault, &slot).await.unwrap().map(|token| token.expose().to_owned())
}

#[tokio::test]
async fn a_replaced_refresh_token_is_in_the_store_and_used_by_the_next_run() {
    let (org, folder, profile) = (Org::new(), folder(), refreshing());
    let mut first = Orgdeck::with_vault(&org, &folder).await;
    first.token(&profile, Wanted::Any).await;
    assert_eq!(kept_token(&first).await.as_deref(), Some("5Aep.2"));
    first.token(&profile, Wanted::Fresh).await;
    assert_eq!(kept_token(&first).await.as_deref(), Some("5Aep.3"));
    let mut second = Orgdeck::with_vault(&org, &folder).await;
    second.token(&profile, Wanted::Any).await;
    assert_eq!(kept_token(&second).await.as_deref(), Some("5Aep.4"));
    assert_eq!(org.now().replays, 0);
}

#[tokio::test]
async fn without_a_store_it_is_held_for_the_run() {
    let (org, folder, profile) = (Org::new(), folder(), refreshing());
    let mut orgdeck = Orgdeck::start(&org, &folder, SecretStore::Session);
    let job = Job::GetToken { profile: profile.clone(), answers: Answers::default(), wish: Wish::default() };
    let (_, told) = orgdeck.run(job).await;
    assert!(told.iter().any(|event| matches!(event, Event::Kept(_, Kept::ForThisRun))), "{told:?}");
    orgdeck.token(&profile, Wanted::Fresh).await;
    assert_eq!(org.counts(), (2, 0));
    assert!(!folder.path().join("data/vault.age").exists());
}

#[tokio::test]
async fn many_expired_calls_wait_for_one_refresh_and_each_is_sent_once_more() {
    let (org, folder, profile) = (Org::new(), folder(), refreshing());
    let mut orgdeck = Orgdeck::with_vault(&org, &folder).await;
    let (session, _) = orgdeck.token(&profile, Wanted::Any).await;
    org.now().access += 1; // the org has ended the session
    for _ in 0..5 {
        orgdeck.begin(call(&profile, &session)).await;
    }
    let (mut ended, mut replayed) = (0, 0);
    while ended < 5 {
        match orgdeck.events.recv().await.unwrap() {
            Event::Ended(_, Ok(Outcome::Response(answer))) => {
                assert_eq!(answer.exchange.reply.as_ref().unwrap().status, StatusCode::OK);
                ended += 1;
            }
            Event::Exchange(_, exchange) if exchange.replayed => replayed += 1,
            Event::Ended(_, other) => panic!("{other:?}"),
            _ => {}
        }
    }
    assert_eq!((org.counts(), replayed), ((2, 0), 5));
}

#[tokio::test]
async fn two_orgdecks_do_not_replay_each_others_token() {
    let (org, folder, profile) = (Org::new(), folder(), refreshing());
    let mut one = Orgdeck::with_vault(&org, &folder).await;
    one.token(&profile, Wanted::Any).await;
    let mut two = Orgdeck::with_vault(&org, &folder).await;
    for _ in 0..3 {
        let (a, b) = tokio::join!(one.token(&profile, Wanted::Fresh), two.token(&profile, Wanted::Fresh));
        assert_ne!(a.0.access_token, b.0.access_token);
    }
    assert_eq!(org.counts(), (7, 0));
}

#[tokio::test]
async fn a_refresh_that_is_given_up_half_way_is_still_saved() {
    let (org, folder, profile) = (Org::new(), folder(), refreshing());
    let mut orgdeck = Orgdeck::with_vault(&org, &folder).await;
    orgdeck.token(&profile, Wanted::Any).await;
    org.now().holds = true;
    let wish = Wish { wanted: Wanted::Fresh, ..Wish::default() };
    let job = Job::GetToken { profile: profile.clone(), answers: Answers::default(), wish };
    let id = orgdeck.begin(job).await;
    while org.now().refreshes < 2 {
        tokio::task::yield_now().await;
    }
    orgdeck.commands.send(Command::Cancel(id)).await.unwrap();
    org.now().holds = false;
    org.0.go.notify_one();
    while !matches!(orgdeck.events.recv().await.unwrap(), Event::Ended(..)) {}
    assert_eq!(kept_token(&orgdeck).await.as_deref(), Some("5Aep.3"));
}

#[tokio::test]
async fn a_token_at_work_elsewhere_is_tried_again() {
    let (org, folder, profile) = (Org::new(), folder(), refreshing());
    org.now().busy = 2;
    let mut orgdeck = Orgdeck::start(&org, &folder, SecretStore::Session);
    orgdeck.token(&profile, Wanted::Any).await;
    assert_eq!(org.counts(), (1, 0));
}

#[tokio::test]
async fn a_dead_refresh_token_is_given_up_and_a_person_is_asked_for() {
    let (org, folder) = (Org::new(), folder());
    let browser = Arc::new(Profile { flow: Flow::AuthorizationCode, ..Profile::clone(&refreshing()) });
    let mut orgdeck = Orgdeck::with_vault(&org, &folder).await;
    let expired = Arc::new(Session { refresh_token: Some(Secret::new("5Aep.9")), ..session(HOME) });
    let (status, told) = orgdeck.call(&browser, &expired).await;
    assert_eq!(status, 401, "the answer stands");
    let why = told.iter().find_map(|event| match event {
        Event::NotRenewed(_, failure) => Some(failure.kind),
        _ => None,
    });
    assert_eq!(why, Some(FailureKind::PersonNeeded));
    assert_eq!(org.now().refreshes, 1, "it is not tried again and again");
}

#[tokio::test]
async fn a_new_token_of_another_org_is_not_used_in_the_old_ones_place() {
    let (org, folder, profile) = (Org::new(), folder(), refreshing());
    let mut orgdeck = Orgdeck::start(&org, &folder, SecretStore::Session);
    let (session, _) = orgdeck.token(&profile, Wanted::Any).await;
    let free = Arc::new(Profile { expected_org_id: None, ..Profile::clone(&profile) });
    org.now().access += 1;
    org.now().org = OTHER;
    let (status, told) = orgdeck.call(&free, &session).await;
    assert_eq!(status, 401);
    let guarded =
        |event: &Event| matches!(event, Event::NotRenewed(_, failure) if failure.kind == FailureKind::Guard);
    assert!(told.iter().any(guarded), "{told:?}");
}

#[tokio::test]
async fn the_first_org_is_kept_when_it_is_accepted_and_another_one_is_told() {
    let (org, folder) = (Org::new(), folder());
    let profile = Arc::new(Profile { expected_org_id: None, ..Profile::clone(&refreshing()) });
    let mut orgdeck = Orgdeck::start(&org, &folder, SecretStore::Session);
    let (session, standing) = orgdeck.token(&profile, Wanted::Any).await;
    assert_eq!(standing, Standing::First { odd: vec![] });
    assert_eq!(session.org.facts().unwrap().name, "Acme");
    // Not accepted, it is asked again.
    assert_eq!(orgdeck.token(&profile, Wanted::Fresh).await.1, Standing::First { odd: vec![] });
    let accepted = orgdeck.run(Job::AcceptOrg { profile: profile.clone(), session }).await.0;
    assert!(matches!(accepted, Ok(Outcome::Done)));
    assert_eq!(orgdeck.token(&profile, Wanted::Fresh).await.1, Standing::AsBefore);
    org.now().org = OTHER;
    let mut later = Orgdeck::start(&org, &folder, SecretStore::Session);
    org.now().refresh = Some(1); // the profile's own token again
    let standing = later.token(&profile, Wanted::Anew).await.1;
    let Standing::Differs { before, refreshed: false } = standing else { panic!("{standing:?}") };
    assert_eq!(before.org_id.0, ACME);
}

#[tokio::test]
async fn a_remembered_token_needs_no_request_until_it_is_forgotten() {
    let (org, folder) = (Org::new(), folder());
    let profile = Arc::new(Profile { remember_tokens: true, ..Profile::clone(&refreshing()) });
    let mut first = Orgdeck::with_vault(&org, &folder).await;
    let (got, _) = first.token(&profile, Wanted::Any).await;
    let mut second = Orgdeck::with_vault(&org, &folder).await;
    let (remembered, _) = second.token(&profile, Wanted::Any).await;
    assert_eq!(remembered.access_token, got.access_token);
    assert_eq!(org.now().access, 1);
    let forgotten = second.run(Job::Forget { profile: profile.clone(), all: false }).await.0;
    assert!(matches!(forgotten, Ok(Outcome::Done)), "{forgotten:?}");
    assert_eq!(kept_token(&second).await, None);
    let mut third = Orgdeck::with_vault(&org, &folder).await;
    org.now().refresh = Some(1);
    assert_ne!(third.token(&profile, Wanted::Any).await.0.access_token, got.access_token);
}

#[tokio::test]
async fn revoking_forgets_too() {
    let (org, folder, profile) = (Org::new(), folder(), refreshing());
    let mut orgdeck = Orgdeck::with_vault(&org, &folder).await;
    let (session, _) = orgdeck.token(&profile, Wanted::Any).await;
    let question = Question::Revoke;
    let job = Job::AboutToken { profile, session, answers: Answers::default(), question };
    let (ended, told) = orgdeck.run(job).await;
    assert!(matches!(ended, Ok(Outcome::Revoked(_))), "{ended:?}");
    assert!(!format!("{told:?}").contains("5Aep"));
    assert_eq!(org.now().revoked, "5Aep.2");
    assert_eq!(kept_token(&orgdeck).await, None);
}

#[tokio::test]
async fn a_call_that_is_given_up_while_its_session_is_renewed_loses_nothing() {
    let (org, folder, profile) = (Org::new(), folder(), refreshing());
    let mut orgdeck = Orgdeck::with_vault(&org, &folder).await;
    let (session, _) = orgdeck.token(&profile, Wanted::Any).await;
    org.now().access += 1;
    org.now().holds = true;
    let id = orgdeck.begin(call(&profile, &session)).await;
    while org.now().refreshes < 2 {
        tokio::task::yield_now().await;
    }
    orgdeck.commands.send(Command::Cancel(id)).await.unwrap();
    while !matches!(orgdeck.events.recv().await.unwrap(), Event::Ended(..)) {}
    org.now().holds = false;
    org.0.go.notify_one();
    while !matches!(orgdeck.events.recv().await.unwrap(), Event::Kept(_, Kept::In(StoreKind::Vault))) {}
    assert_eq!(kept_token(&orgdeck).await.as_deref(), Some("5Aep.3"));
}

#[tokio::test]
async fn a_changed_profile_does_not_get_the_old_login_s_token() {
    let (org, folder) = (Org::new(), folder());
    let browser = Profile { flow: Flow::HeadlessCode, ..Profile::clone(&refreshing()) };
    let mut orgdeck = Orgdeck::with_vault(&org, &folder).await;
    orgdeck.token(&refreshing(), Wanted::Any).await;
    let elsewhere = Arc::new(Profile { login_url: Some("https://evil.example".parse().unwrap()), ..browser });
    let wish = Wish { wanted: Wanted::Fresh, ..Wish::default() };
    let job = Job::GetToken { profile: elsewhere, answers: Answers::default(), wish };
    assert!(orgdeck.run(job).await.0.is_err(), "the flow itself lacks its password here");
    assert_eq!(org.counts(), (1, 0));
    assert_eq!(kept_token(&orgdeck).await.as_deref(), Some("5Aep.2"), "it is still the old login's");
}

#[tokio::test]
async fn a_login_refused_for_another_reason_leaves_the_token_where_it_is() {
    let (org, folder, profile) = (Org::new(), folder(), refreshing());
    let mut orgdeck = Orgdeck::with_vault(&org, &folder).await;
    orgdeck.token(&profile, Wanted::Any).await;
    org.now().restricted = true;
    let wish = Wish { wanted: Wanted::Fresh, ..Wish::default() };
    let job = Job::GetToken { profile, answers: Answers::default(), wish };
    assert!(orgdeck.run(job).await.0.unwrap_err().message.contains("ip restricted"));
    assert_eq!(kept_token(&orgdeck).await.as_deref(), Some("5Aep.2"));
}

#[tokio::test]
async fn a_remembered_token_that_is_dead_does_not_come_back() {
    let (org, folder) = (Org::new(), folder());
    let profile = Arc::new(Profile { remember_tokens: true, ..Profile::clone(&refreshing()) });
    let mut first = Orgdeck::with_vault(&org, &folder).await;
    let (session, _) = first.token(&profile, Wanted::Any).await;
    org.now().access += 1;
    org.now().restricted = true; // and no new one is to be had
    assert_eq!(first.call(&profile, &session).await.0, 401);
    org.now().restricted = false;
    let mut second = Orgdeck::with_vault(&org, &folder).await;
    assert_ne!(second.token(&profile, Wanted::Any).await.0.access_token, session.access_token);
}

#[tokio::test]
async fn revoking_a_remembered_session_revokes_the_refresh_token_beside_it() {
    let (org, folder) = (Org::new(), folder());
    let profile = Arc::new(Profile { remember_tokens: true, ..Profile::clone(&refreshing()) });
    Orgdeck::with_vault(&org, &folder).await.token(&profile, Wanted::Any).await;
    let mut later = Orgdeck::with_vault(&org, &folder).await;
    let (session, _) = later.token(&profile, Wanted::Any).await;
    let job = Job::AboutToken { profile, session, answers: Answers::default(), question: Question::Revoke };
    assert!(matches!(later.run(job).await.0, Ok(Outcome::Revoked(_))));
    assert_eq!(org.now().revoked, "5Aep.2");
}

#[tokio::test]
async fn a_locked_vault_is_said_to_be_locked() {
    let (org, folder, profile) = (Org::new(), folder(), refreshing());
    Orgdeck::with_vault(&org, &folder).await.token(&profile, Wanted::Any).await;
    let mut locked = Orgdeck::start(&org, &folder, SecretStore::Vault);
    let job =
        || Job::GetToken { profile: profile.clone(), answers: Answers::default(), wish: Wish::default() };
    let failure = locked.run(job()).await.0.unwrap_err();
    assert_eq!(failure.kind, FailureKind::VaultLocked, "{failure}");
    let unlock = |text: &str| Job::Stores(StoresErrand::UnlockVault(Secret::new(text)));
    assert!(locked.run(unlock("wrong")).await.0.is_err());
    assert!(locked.run(unlock("open sesame")).await.0.is_ok());
    assert!(locked.run(job()).await.0.is_ok());
    assert_eq!(org.now().replays, 0);
}
