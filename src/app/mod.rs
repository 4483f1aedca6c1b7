//! State and decisions: what a message changes, and what the world must do because of it.
//!
//! [`App::update`] is the only place where state changes. It does no I/O, reads no clock and awaits nothing;
//! the time comes with the message, what must be done goes out as [`Effects`]. `ui` draws from `&App`.
#![deny(clippy::disallowed_methods)]

mod action;
mod answering;
mod chores;
mod dispatch;
mod doctor;
mod effect;
pub mod field;
pub mod footer;
pub mod guides;
mod hints;
mod input;
mod jobs;
pub mod keymap;
pub mod layout;
pub mod limits;
pub mod lockout;
mod logins;
pub mod mending;
mod menus;
mod news;
mod orgs;
pub mod overlays;
pub mod panes;
pub mod preflight;
mod profiles;
mod reading;
mod saved;
mod saving;
mod sending;
mod tokens;
pub mod vaults;
mod why;
pub mod wire;

pub use crate::jobs::Seat;
pub use action::{Action, Copied, Pane};
pub use chores::{Chore, Sequel};
pub use effect::{Done, Effect, Effects, Secretable};
pub use hints::Refused;
pub use input::pane_tabs;
pub use jobs::{About, Errand, Jobs, Kind, Running, Task};
pub use menus::{PreviewLine, PreviewPart};
pub use saved::Saved;
pub use sending::{Ready, busy};

use crate::{
    config::{Config, Profile, ProfileId, Theme},
    format,
    jobs::{Answers, Event, StoresState, Surroundings},
    salesforce::{OrgKind, OrgReading, Session},
};
use crossterm::event::{KeyEvent, MouseEvent};
use keymap::{Keymap, Where};
use overlays::Overlay;
use panes::{ListCursor, request::RequestPane, response::ResponsePane};
use ratatui::layout::{Rect, Size};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};
use url::Url;

/// How long an unsaved draft may wait for the next key, so that not every key writes a file.
const SAVE_AFTER: Duration = Duration::from_millis(500);

/// Everything that happens, in one order.
pub enum Msg {
    /// A key.
    Key(KeyEvent),
    /// A bracketed paste.
    Paste(String),
    /// The mouse.
    Mouse(MouseEvent),
    /// The terminal's new size.
    Resize(Size),
    /// Time alone: [`App::next_wake`] asked for it.
    Tick,
    /// The worker's news.
    Worker(Event),
    /// The configuration was read again: it and its text, or what is wrong with it.
    Config(Result<Box<Loaded>, String>),
    /// What a file operation came to.
    Done(Done),
    /// The text that an editor outside left.
    Edited(Result<String, String>),
    /// The program is asked to end by a signal.
    Shutdown,
}

/// Keys and pastes may be secrets, so they are not told.
impl std::fmt::Debug for Msg {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Key(_) => f.write_str("Key"),
            Self::Paste(_) => f.write_str("Paste"),
            Self::Mouse(event) => write!(f, "Mouse({event:?})"),
            Self::Resize(size) => write!(f, "Resize({size})"),
            Self::Tick => f.write_str("Tick"),
            Self::Worker(event) => write!(f, "Worker({event:?})"),
            Self::Config(read) => write!(f, "Config({:?})", read.as_ref().err()),
            Self::Done(done) => write!(f, "Done({done:?})"),
            Self::Edited(text) => write!(f, "Edited({:?})", text.as_ref().err()),
            Self::Shutdown => f.write_str("Shutdown"),
        }
    }
}

/// The time, as the runtime read it.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// The calendar's.
    pub wall: SystemTime,
    /// The stop-watch's.
    pub mono: Instant,
}

/// A configuration and the text it was read from.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// What it says.
    pub config: Config,
    /// How it says it.
    pub text: ConfigText,
}

/// A configuration's text. It may have secrets in plain text, so it has no `Debug` worth the name.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ConfigText(pub String);

impl std::ops::Deref for ConfigText {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for ConfigText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ConfigText({} bytes)", self.0.len())
    }
}

/// What the runtime knows before the first frame.
#[derive(Debug)]
pub struct Boot {
    /// The configuration, or what is wrong with it.
    pub config: Result<Loaded, String>,
    /// Where it is, for messages.
    pub config_file: String,
    /// What was saved by the last run.
    pub saved: Saved,
    /// `NO_COLOR` is set.
    pub no_color: bool,
    /// The terminal's size.
    pub size: Size,
    /// This is the workbench on the demo orgs.
    pub demo: bool,
    /// The demo orgs are built in.
    pub has_demo: bool,
    /// What the program was started in.
    pub surroundings: Surroundings,
    /// The files of the person's own hints: name and text of each.
    pub own_hints: Vec<(String, String)>,
    /// At which hosts each profile has logged in before.
    pub logged_in: HashSet<(ProfileId, String)>,
}

impl Default for Boot {
    fn default() -> Self {
        Self {
            config: Ok(Loaded::default()),
            config_file: String::new(),
            saved: Saved::default(),
            no_color: false,
            size: Size::new(80, 24),
            demo: false,
            has_demo: false,
            surroundings: Surroundings::default(),
            own_hints: Vec::new(),
            logged_in: HashSet::new(),
        }
    }
}

/// What the last key row message is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Good to know.
    Info,
    /// Something did not work.
    Error,
}

/// A message in the key row; it goes by itself.
#[derive(Clone, Debug)]
pub struct Notice {
    /// What it says.
    pub text: String,
    /// What it is worth.
    pub weight: Weight,
    /// When it goes.
    pub until: Instant,
}

/// The whole state.
#[derive(Debug)]
pub struct App {
    /// The terminal's size.
    pub size: Size,
    /// The pane with the keys.
    pub focus: Pane,
    /// The focused pane has the whole screen.
    pub zoomed: bool,
    /// Profiles and settings, the last good ones.
    pub config: Config,
    /// What is wrong with the file as it is now.
    pub config_problem: Option<String>,
    /// Where the file is.
    pub config_file: String,
    /// Colours.
    pub theme: Theme,
    /// The profile in use.
    pub profile: Option<ProfileId>,
    /// The tokens, by profile.
    pub sessions: HashMap<ProfileId, Arc<Session>>,
    /// Why the last token request of a profile brought none.
    pub token_failures: HashMap<ProfileId, Refused>,
    /// API calls used and allowed, by profile, as the org said last.
    pub usage: HashMap<ProfileId, limits::Gauge>,
    /// The profiles pane.
    pub profiles: ListCursor,
    /// The token pane.
    pub token: ListCursor,
    /// The request pane.
    pub request: RequestPane,
    /// The response pane.
    pub response: ResponsePane,
    /// What lies over the panes; the last has the keys.
    pub overlays: Vec<Overlay>,
    /// What runs.
    pub jobs: Jobs,
    /// The keys.
    pub keymap: Keymap,
    /// The message in the key row.
    pub notice: Option<Notice>,
    /// Whether the mouse is ours.
    pub mouse: bool,
    /// This is the workbench on the demo orgs.
    pub demo: bool,
    has_demo: bool,
    surroundings: Surroundings,
    no_color: bool,
    config_text: ConfigText,
    /// Changes of the file that are being written, oldest first.
    saves: VecDeque<profiles::Save>,
    /// What was written last and has not come back as news yet.
    own_text: Option<ConfigText>,
    /// The profile to use once it comes back.
    becoming: Option<ProfileId>,
    answers: HashMap<ProfileId, Answers>,
    /// What is ticked off and waited for in the setup guides.
    pub setups: guides::Setups,
    /// Tokens whose org nobody has looked at yet: they are not used before.
    unaccepted: HashMap<ProfileId, orgs::Unaccepted>,
    /// A password that is not sent before a person was asked.
    held_back: Option<lockout::HeldBack>,
    /// How the stores that keep secrets stand, once it was asked.
    pub stores: Option<StoresState>,
    /// A login that no store could keep, until somebody is asked about it.
    wanted_vault: Option<ProfileId>,
    offered_vault: bool,
    offer: Option<vaults::Offer>,
    /// Profiles whose typed secrets were refused: they are shown to be mended before they are sent again.
    doubted: HashSet<ProfileId>,
    rules: hints::OwnRules,
    /// What was mended last.
    undo: Option<mending::Undo>,
    /// A token that a change of the profile has brought, until the file has the change.
    proven: Option<mending::Proven>,
    /// A request that was sent again after its error had been put right.
    resent: Option<mending::Resent>,
    /// What is tried again after a while.
    pub later: Option<mending::Later>,
    /// What is worth a word before something is sent.
    pub preflight: preflight::Preflight,
    /// At which hosts each profile has logged in, in this run or before.
    logged_in: HashSet<(ProfileId, String)>,
    interrupted: bool,
    unsaved_since: Option<Instant>,
    last_click: Option<(Instant, u16, u16)>,
    dirty: bool,
}

impl App {
    /// The state before the first frame.
    pub fn new(boot: Boot, now: Now) -> Self {
        let Boot { config, config_file, saved, no_color, size, demo, has_demo, .. } = boot;
        let (surroundings, own_hints, logged_in) = (boot.surroundings, boot.own_hints, boot.logged_in);
        let Saved { profile, draft, shelf } = saved;
        let mut app = Self {
            size,
            focus: Pane::Profiles,
            zoomed: false,
            config: Config::default(),
            config_problem: None,
            config_file,
            theme: Theme::Dark,
            profile: profile.map(ProfileId::new),
            sessions: HashMap::new(),
            token_failures: HashMap::new(),
            usage: HashMap::new(),
            profiles: ListCursor::default(),
            token: ListCursor::default(),
            request: RequestPane::new(draft, shelf),
            response: ResponsePane::default(),
            overlays: Vec::new(),
            jobs: Jobs::default(),
            keymap: Keymap::default(),
            notice: None,
            mouse: true,
            demo,
            has_demo,
            surroundings,
            no_color,
            config_text: ConfigText::default(),
            saves: VecDeque::new(),
            own_text: None,
            becoming: None,
            answers: HashMap::new(),
            setups: guides::Setups::default(),
            unaccepted: HashMap::new(),
            held_back: None,
            stores: None,
            wanted_vault: None,
            offered_vault: false,
            offer: None,
            doubted: HashSet::new(),
            rules: hints::OwnRules::new(own_hints),
            undo: None,
            proven: None,
            resent: None,
            later: None,
            preflight: preflight::Preflight::default(),
            logged_in,
            interrupted: false,
            unsaved_since: None,
            last_click: None,
            dirty: true,
        };
        match config {
            Ok(loaded) => {
                app.take_config(loaded, now);
                app.mouse = app.config.settings.mouse;
            }
            Err(problem) => app.config_problem = Some(problem),
        }
        app.show_start_page();
        app.select_active();
        app.look_before_sending(now);
        app.settle(now);
        app
    }

    /// Takes one message, changes the state, says what the world must do.
    pub fn update(&mut self, msg: Msg, now: Now) -> Effects {
        // How far a job is shows with the next turn of its spinner: a frame for each such piece of news would only
        // keep the answer waiting.
        let small = matches!(msg, Msg::Tick | Msg::Worker(Event::Progress(..) | Event::Exchange(..)));
        self.dirty |= !small;
        let mut effects = match msg {
            Msg::Key(key) => self.on_key(key, now),
            Msg::Paste(text) => self.on_paste(&text, now),
            Msg::Mouse(event) => self.on_mouse(event, now),
            Msg::Resize(size) => {
                self.size = size;
                Effects::none()
            }
            Msg::Tick => self.on_tick(now),
            Msg::Worker(event) => self.on_worker(event, now),
            Msg::Config(read) => self.on_config(read, now),
            Msg::Done(done) => self.on_done(done, now),
            Msg::Edited(text) => self.on_edited(text, now),
            Msg::Shutdown => Effect::Quit.into(),
        };
        self.ask_about_lockout_where_free(now);
        self.show_org_where_free();
        self.offer_vault_where_free();
        effects.extend(self.look_for_form(now));
        self.look_before_sending(now);
        self.settle(now);
        self.plan_saving(&mut effects, now);
        effects
    }

    /// When time alone would change the screen, or something waits to be saved.
    pub fn next_wake(&self, now: Now) -> Option<Instant> {
        let spinner = (!self.jobs.all().is_empty()).then(|| now.mono + Duration::from_millis(100));
        let search = self.response.view().and_then(crate::document::View::matches);
        let search = search.filter(|m| m.running).map(|_| now.mono);
        let saving = self.unsaved_since.map(|since| since + SAVE_AFTER);
        let notice = self.notice.as_ref().map(|notice| notice.until);
        let age = self.session().map(|session| {
            let age = now.wall.duration_since(session.issued_at).unwrap_or_default();
            now.mono + Duration::from_secs(60 - age.as_secs() % 60)
        });
        // A second at a time: the key row counts down.
        let later = self.later.as_ref().map(|later| later.until.min(now.mono + Duration::from_secs(1)));
        [spinner, search, saving, notice, age, later, self.clock_wake(now)].into_iter().flatten().min()
    }

    /// Whether the screen must be drawn anew; asking resets it.
    pub fn take_dirty(&mut self) -> bool {
        std::mem::take(&mut self.dirty)
    }

    fn on_tick(&mut self, now: Now) -> Effects {
        self.dirty |= !self.jobs.all().is_empty() || self.session().is_some();
        self.dirty |= self.clock_in_sight(now).is_some() || self.tell_clocks(now);
        if self.notice.as_ref().is_some_and(|notice| notice.until <= now.mono) {
            self.notice = None;
            self.dirty = true;
        }
        if let Some(view) = self.response.view_mut()
            && view.matches().is_some_and(|m| m.running)
        {
            view.search_more();
            self.dirty = true;
        }
        self.dirty |= self.later.is_some();
        self.try_if_due(now)
    }

    /// The text that the configuration was read from.
    pub fn config_text(&self) -> &str {
        &self.config_text
    }

    /// The parts of the screen as it is now.
    pub fn screen(&self) -> layout::Screen {
        layout::Screen::new(self.size, self.focus, self.zoomed)
    }

    /// The profile in use.
    pub fn active(&self) -> Option<&Arc<Profile>> {
        self.config.profile(self.profile.as_ref()?)
    }

    /// The token in use.
    pub fn session(&self) -> Option<&Arc<Session>> {
        self.sessions.get(self.profile.as_ref()?)
    }

    /// Why the last token request of the profile in use brought none.
    pub fn token_failure(&self) -> Option<&Refused> {
        self.token_failures.get(self.profile.as_ref()?)
    }

    /// Whether the profile in use is for a production org.
    pub fn is_production(&self) -> bool {
        let session = self.session().map(AsRef::as_ref);
        self.active().is_some_and(|profile| crate::workspace::guard::is_production(profile, session))
    }

    /// What kind of org the profile in use is for, in a loud word: by the org itself where it has been asked.
    pub fn org_word(&self) -> Option<&'static str> {
        let word = self.active()?.environment.word();
        Some(match self.session().map(|session| &session.org) {
            None | Some(OrgReading::NotAsked) => word,
            Some(_) if self.is_production() => "PRODUCTION",
            Some(reading) => match reading.facts().map(|facts| facts.kind) {
                Some(OrgKind::Sandbox) => "SANDBOX",
                Some(OrgKind::Scratch) => "SCRATCH ORG",
                Some(OrgKind::Developer) => "DEVELOPER",
                Some(OrgKind::Trial) => "TRIAL ORG",
                Some(OrgKind::Production) | None => word,
            },
        })
    }

    /// The palette, or none at all where `NO_COLOR` is set.
    pub fn palette(&self) -> Theme {
        if self.no_color { Theme::Mono } else { self.theme }
    }

    /// The places in which a key is looked up now.
    pub fn chain(&self) -> Vec<Where> {
        use panes::request::Writing;
        if let Some(overlay) = self.overlays.last() {
            return overlay.chain().to_vec();
        }
        match (self.focus, &self.request.writing) {
            (Pane::Request, Some(Writing::Line(_))) => vec![Where::Text],
            (Pane::Request, Some(Writing::Body)) => vec![Where::Lines, Where::Text],
            (Pane::Request, None) => vec![Where::Request, Where::List, Where::Anywhere],
            (Pane::Profiles, _) => vec![Where::Profiles, Where::List, Where::Anywhere],
            (Pane::Token, _) => vec![Where::Token, Where::List, Where::Anywhere],
            (Pane::Response, _) if self.response.searching() => {
                vec![Where::Matches, Where::Response, Where::List, Where::Anywhere]
            }
            (Pane::Response, _) => vec![Where::Response, Where::List, Where::Anywhere],
        }
    }

    /// Says something in the key row.
    fn say(&mut self, text: impl Into<String>, now: Now) {
        self.notice = Some(Notice {
            text: text.into(),
            weight: Weight::Info,
            until: now.mono + Duration::from_secs(6),
        });
    }

    /// Says in the key row what did not work.
    fn complain(&mut self, text: impl Into<String>, now: Now) {
        self.notice = Some(Notice {
            text: text.into(),
            weight: Weight::Error,
            until: now.mono + Duration::from_secs(12),
        });
    }

    /// What is wrong with the configuration, or should be mended in it.
    pub fn config_message(&self) -> Option<(Weight, String)> {
        if let Some(problem) = &self.config_problem {
            return Some((Weight::Error, format!("✗ {problem}")));
        }
        let warning = self.config.warnings.first()?;
        let more = match self.config.warnings.len() {
            1 => String::new(),
            n => format!(" (+{})", n - 1),
        };
        Some((Weight::Info, format!("! {warning}{more}")))
    }

    /// The profiles pane's list and the message below it.
    pub fn profiles_parts(&self, inside: Rect) -> (Rect, Rect) {
        let rows = |(_, text): (Weight, String)| format::rows_of(&text, inside.width);
        let message = self.config_message().map_or(0, rows);
        layout::profiles_parts(inside, self.config.profiles.len(), message)
    }

    /// The request pane's tab, and below it what stops the sending.
    pub fn request_parts(&self, inside: Rect) -> (Rect, Rect) {
        let rows = self.request_note().map_or(0, |(_, text)| format::rows_of(&text, inside.width));
        layout::request_parts(inside, rows)
    }

    /// What stops the sending, else what is worth a word before it.
    pub fn request_note(&self) -> Option<(Weight, String)> {
        let problem = self.request.problem_text().map(|text| (Weight::Error, text));
        problem.or_else(|| self.warning_text().map(|text| (Weight::Info, text)))
    }

    /// The cells of the answer's rows in the response pane.
    pub fn response_body(&self, inside: Rect) -> Rect {
        let note = self.response.record().and_then(panes::response::Record::note);
        layout::response_parts(inside, note.is_some()).1
    }

    /// Keeps every cursor and scroll within what the screen shows.
    fn settle(&mut self, now: Now) {
        let screen = self.screen();
        let inside = |pane| screen.inside(pane).unwrap_or_default();
        let list = self.profiles_parts(inside(Pane::Profiles)).0;
        self.profiles.settle(self.config.profiles.len(), usize::from(list.height));
        let rows = panes::token::rows(self, now).len();
        let area = layout::token_list(inside(Pane::Token));
        self.token.settle(rows, usize::from(area.height));
        let area = self.request_parts(inside(Pane::Request)).0;
        let preview = match self.request.tab {
            panes::request::Tab::Preview => self.preview(area.width).len(),
            _ => 0,
        };
        self.request.settle(usize::from(area.width), usize::from(area.height), preview);
        let area = self.response_body(inside(Pane::Response));
        // One cell for the cursor's mark, one for the scrollbar.
        let width = area.width.saturating_sub(2).max(1);
        if let Some(view) = self.response.view_mut() {
            view.set_size(width, area.height.max(1));
        }
        let offer = self.why_offer_of_record().map(|offer| (self.why_key(), offer));
        // A pane that is not seen keeps its place for when it is.
        if let Some(hints) = self.response.hints_mut().filter(|_| !area.is_empty()) {
            hints.set_offer(offer);
            hints.settle(width, area.height);
        }
        self.fill_guide();
        let size = self.size;
        if let Some(overlay) = self.overlays.last_mut() {
            overlay.settle(size);
        }
    }
}

/// A login host as it is shown: host and port, and the path of a site.
pub fn host_of(url: &Url) -> String {
    format!("{}{}", crate::config::host_and_port(url), url.path().trim_end_matches('/'))
}
