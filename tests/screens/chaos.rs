//! What no sequence of keys, pastes, clicks, sizes and news may do: panic, draw differently twice, lose a cursor,
//! or let through to a cell what a terminal would obey.

use super::{
    bench::{cells, key_event, token_body},
    laws::tame,
    network::{Answered, reply, timings},
};
use bytes::Bytes;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use http::{HeaderMap, Method, StatusCode};
use orgdeck::{
    app::{
        App, Boot, ConfigText, Done, Effect, Loaded, Msg, Now, Saved, Seat, overlays::Overlay,
        panes::response::Showing,
    },
    config::{self, ApiVersion, ProfileField, ProfileId},
    document::Document,
    http::{
        Exchange, ExchangeId, Phase, Purpose, RequestBody, RequestSpec, TransportFailure, redact::Masker,
    },
    jobs::{
        Answer, Event, Failure, FailureKind, Finding, JobId, Kept, Listening, Mend, Outcome, Progress,
        SecretField, StoresState, Subject, Waiting,
    },
    salesforce::{
        OrgFacts, OrgId, OrgKind, OrgReading, Session, Standing, UserId,
        oauth::{self, Asking, Credentials, DeviceCode, Login, Nonces, Reply},
    },
    secrets::{Secret, StoreKind, VaultState},
    workspace::{BodyKind, Draft, Entry},
};
use proptest::prelude::*;
use ratatui::layout::Size;
use std::{
    path::PathBuf,
    sync::{Arc, LazyLock},
    time::{Duration, Instant, SystemTime},
};

/// Text that a terminal, a bidi algorithm or a careless cut would stumble over.
const HOSTILE: &str = "\u{1b}[2J\u{1b}]52;c;aGk=\u{7}a\u{202e}txt\u{2066}b\0c\u{9b}31m\u{200b}d\u{feff}e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\
                       \u{85}f\u{2028}g\u{e000}日本語👩‍👩‍👧\u{ad}h\ti\r\nj\u{61c}\u{fe0f}\u{e0041}\u{7f}";

/// The worst name that a profile may have: controls are refused by the configuration itself.
const NAME: &str = "a\u{202e}txt\u{2066}\u{200b}\u{feff}e\u{301}\u{301}\u{301}\u{301}\u{2028}\u{e000}日本語👩‍👩‍👧\u{ad}\u{e0041}";

/// Profiles whose every text is hostile.
static HOSTILE_CONFIG: LazyLock<String> = LazyLock::new(|| {
    // In one line, as a key must be.
    let text: String = HOSTILE.chars().map(|c| format!("\\U{:08X}", u32::from(c))).collect();
    let text = format!("\"{text}\"");
    format!(
        "[settings]\nplain_secrets = \"warn\"\n[profiles.\"{NAME}\"]\nenvironment = \"production\"\nflow = \"password\"\n\
         consumer_key = {text}\nconsumer_secret = {{ command = [{text}, {text}] }}\nusername = {text}\npassword = {{ ask = true }}\n\
         [profiles.\"{NAME}\".variables]\nv = {text}\n\
         [profiles.plain]\nenvironment = \"sandbox\"\nflow = \"client_credentials\"\n\
         login_url = \"https://acme.my.salesforce.com\"\nconsumer_key = \"k\"\nconsumer_secret = \"s3cr3t\"\nheaders = {{ X-A = \"b\" }}\n\
         [profiles.pasted]\nenvironment = \"custom\"\nflow = \"access_token\"\naccess_token = {{ ask = true }}\n\
         instance_url = \"https://acme.my.salesforce.com\"\n"
    )
});

/// Answers of every kind, made once.
static ANSWERS: LazyLock<Vec<Answer>> = LazyLock::new(|| {
    let json = serde_json::json!({
        "totalSize": 3, "done": false, "nextRecordsUrl": HOSTILE,
        "records": [{"Id": HOSTILE, HOSTILE: [1, null, true, {"a": {"b": {"c": []}}}]}, {}, []]
    });
    let error = serde_json::json!([{"message": HOSTILE, "errorCode": HOSTILE, "fields": [HOSTILE]}]);
    let xml = "<a b='\u{202e}'>\u{9b}31m<c/>&lt;<!--x--><d>1</d></a>";
    let bodies: [(u16, &str, Bytes); 9] = [
        (200, "application/json", json.to_string().into()),
        (400, "application/json", error.to_string().into()),
        (200, "application/json", Bytes::from(json.to_string()).slice(..90)),
        (200, "application/xml", xml.into()),
        (200, "text/csv", format!("Id,Name\n1,\"{HOSTILE}\"\n2\n").into()),
        (503, "text/html", format!("<html><title>{HOSTILE}</title><p>{HOSTILE}</html>").into()),
        (200, "text/plain", HOSTILE.into()),
        (200, "image/png", Bytes::from((0..=255).cycle().take(3_000).collect::<Vec<u8>>())),
        (204, "", Bytes::new()),
    ];
    let answers = bodies.into_iter().enumerate().map(|(i, (status, kind, body))| {
        let document = Document::build(body.clone(), Some(kind));
        let mut answered = Answered::new(status, kind, body);
        answered.headers.push(("x-hostile", "a\u{9b}31m\u{202e}b".to_owned()));
        if i % 3 == 2 {
            answered = answered.cut(HOSTILE);
        }
        Answer {
            exchange: exchange(i as u64, Some(answered)),
            document: Arc::new(document),
            said: Arc::default(),
        }
    });
    answers.collect()
});

fn exchange(id: u64, answered: Option<Answered>) -> Arc<Exchange> {
    let spec = RequestSpec {
        method: Method::GET,
        url: "https://acme.my.salesforce.com/services/%1B%5B2J%E2%80%AE?q=%00".parse().unwrap(),
        headers: HeaderMap::new(),
        body: RequestBody::Bytes(HOSTILE.into()),
    };
    let masker = Masker::new(&spec, Purpose::Api, &[]);
    let failure =
        TransportFailure { phase: Phase::Tls, cancelled: id.is_multiple_of(2), message: HOSTILE.into() };
    Arc::new(Exchange {
        id: ExchangeId(id),
        purpose: if id % 4 == 3 { Purpose::Token } else { Purpose::Api },
        profile: ProfileId::new("plain"),
        started: SystemTime::UNIX_EPOCH,
        request: masker.request(&spec),
        reply: answered.map(|answered| reply(&masker, answered)).ok_or(failure),
        timings: timings(),
        redirects: vec![masker.request(&spec)],
        replayed: id % 5 == 1,
    })
}

/// What a job may wait for; the texts are the network's and the configuration's.
fn waiting(how: u8) -> Waiting {
    let url: url::Url = "https://acme.my.salesforce.com/%1B%5B2J%E2%80%AE?q=%00".parse().unwrap();
    let login = Login {
        authorize: url.clone(),
        redirect_uri: HOSTILE.into(),
        state: HOSTILE.into(),
        in_fragment: how.is_multiple_of(2),
    };
    match how % 4 {
        0 => Waiting::Code(DeviceCode {
            user_code: HOSTILE.into(),
            verification_uri: url,
            lives: Duration::from_secs(u64::from(how)),
        }),
        1 => Waiting::Browser { login, listening: Listening::At(url) },
        2 => Waiting::Browser { login, listening: Listening::Busy { port: 0, cause: HOSTILE.into() } },
        _ => Waiting::Browser { login, listening: Listening::Elsewhere },
    }
}

/// What a new token's org may say of itself; the first that is asked is the known one.
fn standing(how: u8, session: &mut Session) -> Standing {
    let facts = |kind| OrgFacts {
        org_id: OrgId(HOSTILE.into()),
        name: HOSTILE.into(),
        edition: HOSTILE.into(),
        kind,
        instance: Some(HOSTILE.into()),
        instance_url: session.instance_url.clone(),
        user_id: UserId(HOSTILE.into()),
        username: HOSTILE.into(),
    };
    let (now, before) = (facts(OrgKind::Production), facts(OrgKind::Sandbox));
    let standing = match how / 20 % 4 {
        0 => return Standing::AsBefore,
        1 => Standing::First { odd: vec![HOSTILE.into()] },
        2 => Standing::Differs { before: Box::new(before), refreshed: how.is_multiple_of(2) },
        _ => {
            session.org = OrgReading::Unreadable(HOSTILE.into());
            return Standing::Unchecked(HOSTILE.into());
        }
    };
    session.org = OrgReading::Read(now);
    standing
}

/// One thing that happens.
#[derive(Clone, Debug)]
enum Happening {
    Key(KeyEvent),
    Paste(String),
    Mouse(MouseEventKind, u16, u16),
    Resize(u16, u16),
    Wait(u64),
    /// The newest job goes on, or ends, in one of many ways.
    Job(u8),
    /// News of a job that nobody knows.
    Stray(u8),
    Config(u8),
    Done(u8),
}

fn keys() -> impl Strategy<Value = Happening> {
    let letters = prop_oneof![
        4 => prop::sample::select("1234psotTnyYzvVbBHJKaedxumhjklgGwqic?/:[]>!ESMCUUf ".chars().collect::<Vec<_>>()),
        1 => any::<char>(),
    ];
    let named = prop::sample::select(vec![
        KeyCode::Enter,
        KeyCode::Enter,
        KeyCode::Esc,
        KeyCode::Tab,
        KeyCode::BackTab,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::Home,
        KeyCode::End,
        KeyCode::PageUp,
        KeyCode::PageDown,
        KeyCode::Delete,
        KeyCode::Backspace,
        KeyCode::F(2),
        KeyCode::F(5),
    ]);
    let code = prop_oneof![2 => letters.prop_map(KeyCode::Char), 1 => named];
    let modifiers = prop_oneof![
        6 => Just(KeyModifiers::NONE),
        1 => Just(KeyModifiers::CONTROL),
        1 => Just(KeyModifiers::ALT),
        1 => Just(KeyModifiers::SHIFT),
    ];
    (code, modifiers).prop_map(|(code, modifiers)| Happening::Key(KeyEvent::new(code, modifiers)))
}

fn happening() -> impl Strategy<Value = Happening> {
    let mouse = prop::sample::select(vec![
        MouseEventKind::Down(MouseButton::Left),
        MouseEventKind::Down(MouseButton::Left),
        MouseEventKind::ScrollUp,
        MouseEventKind::ScrollDown,
        MouseEventKind::Moved,
    ]);
    let pasted = prop_oneof![Just(HOSTILE.to_owned()), any::<String>(), Just("acme\nb".to_owned())];
    let size = prop_oneof![
        4 => prop::sample::select(vec![(120, 36), (80, 24), (40, 12), (200, 60)]),
        1 => (0u16..260, 0u16..100),
    ];
    prop_oneof![
        12 => keys(),
        1 => pasted.prop_map(Happening::Paste),
        3 => (mouse, 0u16..130, 0u16..40).prop_map(|(kind, x, y)| Happening::Mouse(kind, x, y)),
        1 => size.prop_map(|(w, h)| Happening::Resize(w, h)),
        1 => (0u64..20_000).prop_map(Happening::Wait),
        4 => any::<u8>().prop_map(Happening::Job),
        1 => any::<u8>().prop_map(Happening::Stray),
        1 => any::<u8>().prop_map(Happening::Config),
        1 => any::<u8>().prop_map(Happening::Done),
    ]
}

/// The state and the world that answers it.
struct World {
    app: App,
    now: Now,
}

impl World {
    /// With hostile drafts on a hostile profile; or on a plain one, with a token, a request and its answer.
    fn new(columns: u16, rows: u16, hostile: bool) -> Self {
        let now =
            Now { wall: SystemTime::UNIX_EPOCH + Duration::from_secs(1_750_000_000), mono: Instant::now() };
        let text = HOSTILE_CONFIG.clone();
        let draft = Draft {
            name: HOSTILE.into(),
            url: format!("query/{{{{v}}}}/{HOSTILE}"),
            params: vec![Entry::new(HOSTILE, HOSTILE)],
            body_kind: BodyKind::Json,
            body: format!("{{\"a\": \"{HOSTILE}\"}}\n{HOSTILE}"),
            ..Draft::new()
        };
        let boot = Boot {
            config: Ok(Loaded {
                config: config::parse(&text).expect("valid, if strange"),
                text: ConfigText(text),
            }),
            config_file: HOSTILE.into(),
            saved: Saved { profile: Some(NAME.into()), draft: draft.clone(), shelf: vec![draft] },
            size: Size::new(columns, rows),
            surroundings: if columns.is_multiple_of(40) { Seat::Remote } else { Seat::Desktop }.into(),
            ..Boot::default()
        };
        let mut world = Self { app: App::new(boot, now), now };
        if !hostile {
            world.press("p Down Enter t").news(JobId(1), 5);
            world.press("n u l i m i t s Enter s").news(JobId(2), 16); // an answer
            assert!(world.app.response.view().is_some(), "an answer is there");
        }
        world
    }

    fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split_whitespace() {
            self.tell(Msg::Key(key_event(key)));
        }
        self
    }

    fn happens(&mut self, what: Happening) {
        let msg = match what {
            Happening::Key(key) => Msg::Key(key),
            Happening::Paste(text) => Msg::Paste(text),
            Happening::Mouse(kind, column, row) => {
                Msg::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })
            }
            Happening::Resize(width, height) => Msg::Resize(Size::new(width, height)),
            Happening::Wait(ms) => {
                let time = Duration::from_millis(ms);
                self.now = Now { wall: self.now.wall + time, mono: self.now.mono + time };
                Msg::Tick
            }
            Happening::Job(how) => match self.app.jobs.newest().map(|job| job.id) {
                Some(id) => return self.news(id, how),
                None => return,
            },
            Happening::Stray(how) => return self.news(JobId(u64::MAX), how),
            Happening::Config(0..128) => Msg::Config(Err(HOSTILE.into())),
            Happening::Config(_) => {
                let text = HOSTILE_CONFIG.clone();
                let config = config::parse(&text).unwrap();
                Msg::Config(Ok(Box::new(Loaded { config, text: ConfigText(text) })))
            }
            Happening::Done(how) => Msg::Done(match how % 5 {
                0 => Done::Well(Some(HOSTILE.into())),
                1 => Done::Badly(HOSTILE.into()),
                2 => Done::ConfigMoved,
                3 => Done::ConfigSaved(HOSTILE.into()),
                _ => Done::Exists(PathBuf::from(HOSTILE)),
            }),
        };
        self.tell(msg);
    }

    /// What the worker may say of a job.
    fn news(&mut self, id: JobId, how: u8) {
        let failed = || Failure {
            fix: Some(HOSTILE.into()),
            code: Some(HOSTILE.into()),
            description: Some(HOSTILE.into()),
            status: Some(400),
            ..Failure::new(FailureKind::OAuth, HOSTILE)
        };
        match how % 22 {
            0 => self.worker(Event::Progress(id, Progress::ReadingSecret(SecretField::Password))),
            1 => self
                .worker(Event::Progress(id, Progress::Receiving { bytes: u64::MAX, of: Some(how.into()) })),
            2 => self.worker(Event::Progress(id, Progress::Receiving { bytes: 0, of: Some(u64::MAX) })),
            3 => self.worker(Event::Exchange(id, exchange(1_000 + u64::from(how), None))),
            4 => self.worker(Event::Ended(id, Err(failed()))),
            5 => {
                // A call never ends with a token.
                let profile = self.app.active().cloned().filter(|_| self.app.response.waiting() != Some(id));
                let Some(profile) = profile else { return };
                let body = token_body(HOSTILE, "s").to_string();
                let asking = Asking {
                    profile: &profile,
                    secrets: &Credentials::default(),
                    version: ApiVersion(66),
                    nonces: Nonces::default(),
                };
                let reply = Reply { status: StatusCode::OK, location: None, body: body.as_bytes() };
                let mut session = oauth::read(&asking, &reply, self.now.wall).unwrap();
                let standing = standing(how, &mut session);
                self.worker(Event::Ended(id, Ok(Outcome::Token(Arc::new(session), Box::new(standing)))));
            }
            6 => self.worker(Event::Ended(id, Ok(Outcome::Cancelled(None)))),
            7 | 8 => self.worker(Event::Waiting(id, Arc::new(waiting(how)))),
            9 => {
                self.worker(Event::NotThat(id, HOSTILE.into()));
                self.worker(Event::CodeRefused(id, HOSTILE.into()))
            }
            10 => self.worker(Event::Ended(id, Ok(Outcome::OrgLink(Secret::new(HOSTILE))))),
            12 => self.worker(Event::Ended(id, Ok(Outcome::Done))),
            20 => {
                self.worker(Event::Examining(id, vec![Subject::Configuration, Subject::Host(HOSTILE.into())]))
            }
            21 => {
                let finding = Finding::broken(HOSTILE, HOSTILE).fix(HOSTILE);
                let mend = Mend::Field(ProfileId::new(NAME), ProfileField::Username);
                let subject = if how.is_multiple_of(2) {
                    Subject::Configuration
                } else {
                    Subject::Host(HOSTILE.into())
                };
                self.worker(Event::Examined(id, subject, vec![finding.clone(), finding.mend(mend)]));
            }
            13 => self.worker(Event::Kept(
                id,
                match how / 20 % 4 {
                    0 => Kept::In(StoreKind::Vault),
                    1 => Kept::ForThisRun,
                    2 => Kept::VaultWanted,
                    _ => Kept::NotSaved(HOSTILE.into()),
                },
            )),
            14 => self.worker(Event::Stores(StoresState {
                keyring: if how.is_multiple_of(2) { Ok(()) } else { Err(HOSTILE.into()) },
                vault: [VaultState::Absent, VaultState::Locked, VaultState::Open][usize::from(how / 20 % 3)],
            })),
            15 => self.worker(Event::Ended(id, Err(Failure { kind: FailureKind::VaultLocked, ..failed() }))),
            11 => {
                let answer = ANSWERS[usize::from(how) % ANSWERS.len()].clone();
                self.worker(Event::Ended(id, Ok(Outcome::Revoked(answer))));
            }
            _ => {
                let answer = ANSWERS[usize::from(how) % ANSWERS.len()].clone();
                self.worker(Event::Exchange(id, answer.exchange.clone()));
                self.worker(Event::Ended(id, Ok(Outcome::Response(answer))));
            }
        }
    }

    fn worker(&mut self, event: Event) {
        self.tell(Msg::Worker(event));
    }

    fn tell(&mut self, msg: Msg) {
        for effect in self.app.update(msg, self.now) {
            if let Effect::EditExternally { text, .. } = effect {
                self.tell(Msg::Edited(Ok(format!("{text}{HOSTILE}"))));
            }
        }
    }

    /// What must hold now.
    fn holds(&self) -> Result<(), TestCaseError> {
        let app = &self.app;
        let first = cells(app, self.now);
        prop_assert_eq!(&first, &cells(app, self.now), "drawing changes nothing");
        tame(&first).map_err(TestCaseError::fail)?;
        prop_assert!(app.profiles.cursor < app.config.profiles.len().max(1));
        let rows = orgdeck::app::panes::token::rows(app, self.now).len();
        prop_assert!(app.token.cursor < rows.max(1));
        prop_assert!(app.request.row < app.request.rows());
        if let Some(view) = app.response.view() {
            prop_assert!(view.position() < view.len().max(1) && view.top() <= view.position());
        }
        if matches!(app.response.showing, Showing::Record(_)) {
            assert!(app.response.record().is_some(), "the record on the screen is gone");
        }
        prop_assert!(app.profile.is_none() || app.active().is_some(), "the profile in use is there");
        for overlay in &app.overlays {
            if let Overlay::Login(login) = overlay {
                prop_assert!(app.jobs.get(login.job).is_some(), "a login's box goes with its job");
            }
        }
        if let Some(job) = app.response.waiting() {
            prop_assert!(app.jobs.get(job).is_some(), "it waits only for what runs");
        }
        let _ = app.next_wake(self.now);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_screen_stands(
        size in prop::sample::select(vec![(120, 36), (80, 24), (40, 12)]),
        hostile: bool,
        happenings in prop::collection::vec(happening(), 1..60),
    ) {
        let mut world = World::new(size.0, size.1, hostile);
        world.holds()?;
        for what in happenings {
            world.happens(what);
            world.holds()?;
        }
    }

    #[test]
    fn it_can_be_drawn_at_any_size(columns in 0u16..250, rows in 0u16..80, keys in prop::collection::vec(happening(), 0..12)) {
        let mut world = World::new(columns, rows, true);
        world.holds()?;
        for what in keys {
            world.happens(what);
        }
        world.happens(Happening::Resize(columns, rows));
        world.holds()?;
    }
}
