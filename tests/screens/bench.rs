//! The workbench without a terminal: keys in, effects and cells out, with the real worker over a scripted network.

use super::{
    network::{Answered, Network, Reaction, SCRATCH_USER},
    stores::FakeStores,
};
use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_STANDARD};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use orgdeck::{
    app::{App, Boot, ConfigText, Done, Effect, Loaded, Msg, Now, Saved},
    config::{self, Paths},
    http::{Phase, TransportFailure},
    jobs::{Command, Event, Job, Progress},
    secrets::{SecretStore, Told},
    ui::{self, theme::Theme},
    worker::{self, Bodies, Home},
};
use ratatui::{Terminal, backend::TestBackend, buffer::Buffer, layout::Size};
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    time::{Duration, Instant, SystemTime},
};
use tokio::{runtime::Runtime, sync::mpsc};

/// Every secret of these tests has this word in it, and no innocent text has.
pub const SECRET_WORD: &str = "hush";

/// Profiles of every kind that this version knows; the sandbox is in use.
pub const ACME: &str = r#"
[settings]
plain_secrets = "allow"

# The sandbox of the next release.
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
variables = { account_id = "0015800000QmJwXAAV" }

[profiles.acme-prod]
environment = "production"
flow = "client_credentials"
login_url = "https://acme.my.salesforce.com"
consumer_key = "3MVG9ProdKey"
consumer_secret = "prod-hush-4"
expected_org_id = "00D58000000prodEAA"
api_version = "66.0"

[profiles.scratch-asks]
environment = "scratch"
flow = "password"
consumer_key = "3MVG9ScratchKey"
consumer_secret = { ask = true }
username = "ada@scratch.example"
password = { ask = true }
trusted_ip = true
expected_org_id = "00D58000000arpqEAA"
api_version = "66.0"

[profiles.half-written]
environment = "developer"
flow = "password"
consumer_key = "3MVG9HalfKey"
password = { env = "HALF_PASSWORD" }

[profiles.pasted]
environment = "custom"
flow = "access_token"
access_token = { ask = true }
instance_url = "https://acme--dev.sandbox.my.salesforce.com"
api_version = "66.0"
"#;

/// The moment at which every test begins. Long past: what the worker stamps itself is younger.
const BEGIN: u64 = 1_750_000_000;
/// A test that waits for the worker longer than this waits for something that never comes.
const PATIENCE: Duration = Duration::from_secs(20);

/// The workbench and the world around it.
pub struct Bench {
    pub app: App,
    pub now: Now,
    /// What the world was asked to do, jobs aside.
    pub effects: Vec<Effect>,
    /// The jobs that were started, in short.
    pub started: Vec<String>,
    pub network: Network,
    /// In place of keyring and vault of whoever runs the tests.
    pub stores: FakeStores,
    told: VecDeque<Event>,
    no_color: bool,
    /// The next job is not the worker's: the test itself says what comes of it.
    by_hand: bool,
    commands: mpsc::Sender<Command>,
    events: mpsc::Receiver<Event>,
    runtime: Runtime,
    _folder: tempfile::TempDir,
}

impl Bench {
    /// A workbench on [`ACME`] in a terminal of that size.
    pub fn at(columns: u16, rows: u16) -> Self {
        let size = Size::new(columns, rows);
        Self::boot(Boot { size, ..boot(Ok(ACME)) })
    }

    /// A workbench that begins like that.
    pub fn boot(boot: Boot) -> Self {
        let begin = SystemTime::UNIX_EPOCH + Duration::from_secs(BEGIN);
        let now = Now { wall: begin, mono: Instant::now() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let network = Network::default();
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(&Paths {
            config_file: folder.path().join("config.toml"),
            data_dir: folder.path().to_owned(),
        });
        // No test asks the keyring of whoever runs it.
        home.stores.tell(Told { store: SecretStore::Session, ..Told::default() });
        let (commands, events) =
            runtime.block_on(async { worker::spawn(network.clone(), Bodies::Indexed, home) });
        let no_color = boot.no_color;
        let app = App::new(boot, now);
        let (effects, started) = (Vec::new(), Vec::new());
        Self {
            app,
            now,
            effects,
            started,
            network,
            stores: FakeStores::default(),
            told: VecDeque::new(),
            no_color,
            by_hand: false,
            commands,
            events,
            runtime,
            _folder: folder,
        }
    }

    /// Begins anew on this configuration, or on what is wrong with it.
    pub fn config(&mut self, text: &str) -> &mut Self {
        self.begin(Boot { saved: Saved::default(), ..boot(Ok(text)) })
    }

    /// Begins anew with these changes; the terminal keeps its size.
    pub fn begin(&mut self, boot: Boot) -> &mut Self {
        *self = Self::boot(Boot { size: self.app.size, no_color: self.no_color, ..boot });
        self
    }

    /// Gives a message to the app and carries out what follows from it.
    pub fn tell(&mut self, msg: Msg) -> &mut Self {
        for effect in self.app.update(msg, self.now) {
            match effect {
                Effect::Start(id, job) => {
                    self.started.push(format!("{job:?}"));
                    let job = match *job {
                        Job::Stores(errand) => {
                            self.told.extend(self.stores.run(id, errand));
                            continue;
                        }
                        job => Box::new(job),
                    };
                    if std::mem::take(&mut self.by_hand) {
                        continue;
                    }
                    self.commands.try_send(Command::Start(id, *job)).expect("few jobs wait");
                }
                Effect::Cancel(id) => {
                    self.commands.try_send(Command::Cancel(id)).expect("few jobs wait");
                }
                other => self.effects.push(other),
            }
        }
        self
    }

    /// The next job that is started does what the test says of it.
    pub fn by_hand(&mut self) -> &mut Self {
        self.by_hand = true;
        self
    }

    /// Presses keys: `"2 t Enter Ctrl-C Alt-s F5"`.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        for key in keys.split_whitespace() {
            self.tell(Msg::Key(key_event(key)));
        }
        self
    }

    /// Types a text, letter by letter.
    pub fn types(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.tell(Msg::Key(KeyEvent::from(KeyCode::Char(c))));
        }
        self
    }

    /// Pastes a text.
    pub fn paste(&mut self, text: &str) -> &mut Self {
        self.tell(Msg::Paste(text.to_owned()))
    }

    /// Clicks on a cell.
    pub fn click(&mut self, column: u16, row: u16) -> &mut Self {
        let kind = MouseEventKind::Down(MouseButton::Left);
        self.tell(Msg::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }))
    }

    /// Clicks where this text stands on the screen for the first time.
    pub fn click_on(&mut self, text: &str) -> &mut Self {
        let (column, row) = self.find(text);
        self.click(column, row)
    }

    /// Lets time pass.
    pub fn wait(&mut self, ms: u64) -> &mut Self {
        let time = Duration::from_millis(ms);
        self.now = Now { wall: self.now.wall + time, mono: self.now.mono + time };
        self.tell(Msg::Tick)
    }

    /// Another profile, by the switcher.
    pub fn profile(&mut self, name: &str) -> &mut Self {
        self.keys("p").types(name).keys("Enter");
        assert_eq!(self.app.profile.as_ref().map(|id| id.as_str()), Some(name));
        self
    }

    /// A request with this URL in the composer, the focus on it.
    pub fn url(&mut self, url: &str) -> &mut Self {
        self.keys("3 u Ctrl-U").types(url).keys("Enter")
    }

    /// What the next exchange comes to.
    pub fn script(&mut self, answered: Answered) -> &mut Self {
        self.network.script(Reaction::Answer(answered));
        self
    }

    /// The next exchange gets no answer.
    pub fn fails(&mut self, phase: Phase, message: &str) -> &mut Self {
        let message = message.to_owned();
        self.network.script(Reaction::Failure(TransportFailure { phase, cancelled: false, message }));
        self
    }

    /// Lets the worker work until nothing runs.
    pub fn run(&mut self) -> &mut Self {
        self.run_until(|app| app.jobs.all().is_empty())
    }

    /// Lets the worker work until that holds.
    pub fn run_until(&mut self, done: impl Fn(&App) -> bool) -> &mut Self {
        while !done(&self.app) {
            if let Some(event) = self.told.pop_front() {
                self.tell(Msg::Worker(event));
                continue;
            }
            let events = &mut self.events;
            let event = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, events.recv()).await });
            let event = event.expect("the worker says something in time").expect("the worker lives");
            self.tell(Msg::Worker(event));
        }
        self
    }

    /// Gets a token for the profile in use.
    pub fn token(&mut self) -> &mut Self {
        self.script(token_answer(&self.app)).keys("t").run();
        assert!(self.app.session().is_some(), "{:?}", self.app.token_failure());
        self
    }

    /// Sends the draft and gets this answer.
    pub fn answer(&mut self, answered: Answered) -> &mut Self {
        self.script(answered).keys("s").run()
    }

    /// A token, then a moment later a request to the org, and this answer to it.
    pub fn exchange(&mut self, url: &str, answered: Answered) -> &mut Self {
        self.token().wait(7_000).url(url).answer(answered)
    }

    /// Says how far the newest job is.
    pub fn progress(&mut self, progress: Progress) -> &mut Self {
        let id = self.app.jobs.newest().expect("something runs").id;
        self.tell(Msg::Worker(Event::Progress(id, progress)))
    }

    /// The file is written as was asked for last, and is read again.
    pub fn written(&mut self) -> &mut Self {
        let (text, done) = self.saved_config();
        self.tell(Msg::Done(Done::ConfigSaved(done))).reread(&text)
    }

    /// The text of the last configuration that was to be written, and what is said of it.
    pub fn saved_config(&self) -> (String, String) {
        let saves = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::SaveConfig { text, done, .. } => Some((text.0.clone(), done.clone())),
            _ => None,
        });
        saves.expect("the configuration was to be written")
    }

    /// The configuration's file was read again.
    pub fn reread(&mut self, text: &str) -> &mut Self {
        self.tell(Msg::Config(loaded(text).map(Box::new)))
    }

    /// What the key row says.
    pub fn notice(&self) -> &str {
        self.app.notice.as_ref().map_or("", |notice| notice.text.as_str())
    }

    /// Draws, and draws again: the cells are the same.
    pub fn cells(&self) -> Buffer {
        let first = cells(&self.app, self.now);
        assert_eq!(first, cells(&self.app, self.now), "drawing changes nothing");
        first
    }

    /// The screen as text, a line for each row.
    pub fn screen(&self) -> String {
        text(&self.cells())
    }

    /// The cell where this text begins.
    pub fn find(&self, text: &str) -> (u16, u16) {
        let screen = self.screen();
        let found = screen.lines().enumerate().find_map(|(row, line)| {
            let at = line.find(text)?;
            Some((unicode_width::UnicodeWidthStr::width(&line[..at]) as u16, row as u16))
        });
        found.unwrap_or_else(|| panic!("“{text}” is not on the screen:\n{screen}"))
    }

    /// Whether this text is on the screen.
    pub fn sees(&self, text: &str) -> bool {
        self.screen().contains(text)
    }

    /// Whether the program was told to end.
    pub fn has_quit(&self) -> bool {
        self.effects.iter().any(|effect| matches!(effect, Effect::Quit))
    }
}

/// How the program begins: on this configuration, or on what is wrong with it.
pub fn boot(config: Result<&str, &str>) -> Boot {
    let config = match config {
        Ok(text) => loaded(text),
        Err(problem) => Err(problem.to_owned()),
    };
    Boot {
        config,
        config_file: "/home/ada/.config/orgdeck/config.toml".into(),
        saved: Saved { profile: Some("acme-uat".into()), ..Saved::default() },
        has_demo: true,
        ..Boot::default()
    }
}

fn loaded(text: &str) -> Result<Loaded, String> {
    let config = config::parse(text).map_err(|error| error.to_string())?;
    Ok(Loaded { config, text: ConfigText(text.to_owned()) })
}

/// One frame.
pub fn cells(app: &App, now: Now) -> Buffer {
    let theme = Theme::named(app.palette());
    let mut terminal = Terminal::new(TestBackend::new(app.size.width, app.size.height)).unwrap();
    terminal.draw(|frame| ui::draw(app, &theme, now, frame)).unwrap();
    terminal.backend().buffer().clone()
}

/// The cells as text; a wide character takes its two cells' place.
pub fn text(buffer: &Buffer) -> String {
    use unicode_width::UnicodeWidthStr;
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            out.push_str(symbol);
            x += symbol.width().max(1) as u16;
        }
        out.truncate(out.trim_end_matches(' ').len());
        out.push('\n');
    }
    out
}

/// A key by its name.
pub fn key_event(name: &str) -> KeyEvent {
    let mut modifiers = KeyModifiers::NONE;
    let mut rest = name;
    for (word, modifier) in
        [("Ctrl-", KeyModifiers::CONTROL), ("Alt-", KeyModifiers::ALT), ("Shift-", KeyModifiers::SHIFT)]
    {
        if let Some(after) = rest.strip_prefix(word).filter(|after| !after.is_empty()) {
            modifiers |= modifier;
            rest = after;
        }
    }
    let code = match rest {
        "Enter" => KeyCode::Enter,
        "Esc" => KeyCode::Esc,
        "Tab" if modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
        "Tab" => KeyCode::Tab,
        "Up" => KeyCode::Up,
        "Down" => KeyCode::Down,
        "Left" => KeyCode::Left,
        "Right" => KeyCode::Right,
        "Home" => KeyCode::Home,
        "End" => KeyCode::End,
        "PgUp" => KeyCode::PageUp,
        "PgDn" => KeyCode::PageDown,
        "Del" => KeyCode::Delete,
        "Backspace" => KeyCode::Backspace,
        "Space" => KeyCode::Char(' '),
        "F2" => KeyCode::F(2),
        "F5" => KeyCode::F(5),
        one => {
            let mut chars = one.chars();
            match (chars.next(), chars.next()) {
                (Some(c), None) => KeyCode::Char(c),
                _ => panic!("`{name}` is no key of these tests"),
            }
        }
    };
    KeyEvent::new(code, modifiers)
}

/// What the token endpoint says to the profile in use, signed with its consumer secret.
pub fn token_answer(app: &App) -> Answered {
    let profile = app.active().expect("a profile is in use").id.as_str();
    let secret = match profile {
        "acme-uat" => "uat-hush-1",
        "acme-prod" => "prod-hush-4",
        _ => "typed-hush-5",
    };
    Answered::json(200, &token_body(profile, secret))
}

/// A token response for a profile, signed with this consumer secret.
pub fn token_body(profile: &str, consumer_secret: &str) -> Value {
    let (org, host) = match profile {
        "acme-prod" => ("00D58000000prodEAA", "acme"),
        _ => ("00D58000000arpqEAA", "acme--uat.sandbox"),
    };
    let user = if profile == "scratch-asks" { SCRATCH_USER } else { "0055800000AdaLoAAJ" };
    let id = format!("https://{host}.my.salesforce.com/id/{org}/{user}");
    let issued = ((BEGIN - 18 * 60) * 1000).to_string();
    let key = hmac::Key::new(hmac::HMAC_SHA256, consumer_secret.as_bytes());
    let signature = BASE64_STANDARD.encode(hmac::sign(&key, format!("{id}{issued}").as_bytes()));
    json!({
        "access_token": format!("{}!AQEAQ.hush-6.hush-7", &org[..15]),
        "instance_url": format!("https://{host}.my.salesforce.com"),
        "id": id,
        "token_type": "Bearer",
        "scope": "api refresh_token",
        "issued_at": issued,
        "signature": signature,
    })
}
