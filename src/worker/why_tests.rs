//! Asking an org why, over an org that answers as the test says.

use super::*;
use crate::{
    config::{Flow, Paths},
    http::{Observer, Outgoing, Purpose, Reply, Sent, Timings, redact::Masker},
    jobs::Answers,
    salesforce::{
        LoginWhy, WhyQuestion,
        tests::{profile, session},
    },
    secrets::{SecretStore, Told},
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, Version};
use std::{
    sync::Mutex,
    time::{Duration, SystemTime},
};

const USER: &str = "005xx000001SwiUAAS";
const HIDDEN: &str = r#"[{"message":"sObject type is not supported.","errorCode":"INVALID_TYPE"}]"#;
const ENDED: &str = r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#;

/// What is said of each sObject; what was asked.
#[derive(Clone)]
struct Org {
    user: (u16, String),
    history: (u16, String),
    login: (u16, String),
    seen: Arc<Mutex<Vec<String>>>,
}

impl Org {
    fn new() -> Self {
        let records = |record: &str| (200, format!(r#"{{"records":[{record}]}}"#));
        Self {
            user: records(&format!(r#"{{"Id":"{USER}","IsActive":true}}"#)),
            history: records(
                r#"{"LoginTime":"2025-06-15T15:06:40.000+0000","Status":"Restricted IP","SourceIp":"203.0.113.7"}"#,
            ),
            login: records(r#"{"IsFrozen":false,"IsPasswordLocked":true}"#),
            seen: Arc::default(),
        }
    }
}

impl Transport for Org {
    async fn send(&self, outgoing: Outgoing, _: &dyn Observer, _: CancellationToken) -> Sent {
        let Outgoing { spec, purpose, known, .. } = outgoing;
        let masker = Masker::new(&spec, purpose, &known);
        let soql = spec.url.query_pairs().find(|(name, _)| name == "q").map(|(_, soql)| soql.into_owned());
        let soql = soql.unwrap_or_default();
        let of = |name: &str| soql.contains(&format!("FROM {name} "));
        let (status, body) = match () {
            () if of("User") => self.user.clone(),
            () if of("LoginHistory") => self.history.clone(),
            () if of("UserLogin") => self.login.clone(),
            () => (404, spec.url.path().to_owned()),
        };
        assert_eq!(purpose, Purpose::Metadata, "{soql}");
        self.seen.lock().unwrap().push(soql);
        let body = Bytes::from(body);
        Sent {
            started: SystemTime::UNIX_EPOCH,
            request: masker.request(&spec),
            reply: Ok(Reply {
                status: StatusCode::from_u16(status).unwrap(),
                version: Version::HTTP_11,
                peer: None,
                headers: masker.headers(&HeaderMap::new()),
                wire_len: body.len() as u64,
                body: masker.reply_body(body),
                incomplete: None,
                note: None,
            }),
            timings: Timings::default(),
            redirects: Vec::new(),
            unmasked: None,
        }
    }
}

async fn ask(org: &Org, username: Option<&str>) -> Result<LoginWhy, Failure> {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::new(&Paths {
        config_file: folder.path().join("config.toml"),
        data_dir: folder.path().to_owned(),
    });
    home.stores.tell(Told { store: SecretStore::Session, ..Told::default() });
    let (commands, mut events) = spawn(org.clone(), Bodies::Indexed, home);
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_750_000_000);
    let job = Job::AskWhy {
        profile: Arc::new(profile(Flow::AccessToken)),
        session: Arc::new(session("https://acme.my.salesforce.com")),
        answers: Answers::default(),
        question: WhyQuestion::new(username, at, Duration::from_secs(1), true),
    };
    commands.send(Command::Start(JobId(1), job)).await.unwrap();
    loop {
        match events.recv().await.expect("the worker lives") {
            Event::Ended(_, Ok(Outcome::Why(why))) => return Ok(*why),
            Event::Ended(_, Ok(other)) => panic!("{other:?}"),
            Event::Ended(_, Err(failure)) => return Err(failure),
            _ => {}
        }
    }
}

#[tokio::test]
async fn user_history_and_standing_are_read() {
    let org = Org::new();
    let why = ask(&org, Some("o'neil@acme.com")).await.unwrap();
    assert_eq!(
        (why.has_user, why.is_active, why.is_frozen, why.is_locked),
        (Some(true), Some(true), Some(false), Some(true))
    );
    assert_eq!(why.of_attempt()[0].status, "Restricted IP");
    assert_eq!(why.untold, Vec::<String>::new());
    let seen = org.seen.lock().unwrap();
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[0], r"SELECT Id, IsActive FROM User WHERE Username = 'o\'neil@acme.com'");
    assert!(seen[1..].iter().all(|soql| soql.contains(&format!("UserId = '{USER}'"))), "{seen:?}");
}

#[tokio::test]
async fn what_is_denied_is_told_and_the_rest_is_read() {
    let hidden = (400, HIDDEN.to_owned());
    let why = ask(&Org { history: hidden.clone(), ..Org::new() }, Some("ada@acme.com")).await.unwrap();
    assert_eq!((why.attempts.as_ref(), why.is_locked), (None, Some(true)));
    assert_eq!(
        why.untold,
        ["acme may not read Login History: ask an administrator for Manage Users or View Setup"]
    );
    let both = Org { history: hidden.clone(), login: (502, String::new()), ..Org::new() };
    let why = ask(&both, Some("ada@acme.com")).await.unwrap();
    assert_eq!(why.untold[1], "User Login was not read: 502 Bad Gateway");
    // Not even the user: there is nothing to tell.
    let failure = ask(&Org { user: hidden, ..Org::new() }, Some("ada@acme.com")).await.unwrap_err();
    assert!(failure.message.starts_with("acme may not read the user"), "{}", failure.message);
}

#[tokio::test]
async fn a_user_that_is_not_there_ends_the_questions() {
    let org = Org { user: (200, r#"{"records":[]}"#.into()), ..Org::new() };
    let why = ask(&org, Some("nobody@acme.com")).await.unwrap();
    assert_eq!((why.has_user, why.attempts.as_ref()), (Some(false), None));
    assert_eq!(org.seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn without_a_username_the_logins_of_that_time_are_read() {
    let org = Org::new();
    let why = ask(&org, None).await.unwrap();
    assert_eq!((why.has_user, why.of_attempt().len()), (None, 1));
    let seen = org.seen.lock().unwrap();
    assert!(seen.len() == 1 && !seen[0].contains("UserId"), "{seen:?}");
}

#[tokio::test]
async fn a_session_that_has_ended_is_told_as_such() {
    let failure = ask(&Org { user: (401, ENDED.into()), ..Org::new() }, Some("a@b.c")).await.unwrap_err();
    assert_eq!(failure.message, "the session of acme has ended");
    assert!(failure.fix.is_some());
    // Between two questions, too.
    let failure = ask(&Org { login: (401, ENDED.into()), ..Org::new() }, Some("a@b.c")).await.unwrap_err();
    assert_eq!(failure.message, "the session of acme has ended");
}
