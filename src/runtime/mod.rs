//! The event loop: what happens becomes a message, what must be done is carried out, and a frame is drawn when
//! something changed. The only place that knows terminal, clock, files and worker at once.
//!
//! ```text
//! keys, signals, files, worker ──▶ Msg ──▶ App::update ──▶ Effects ──▶ worker, files, clipboard, editor
//!                                              └──▶ dirty? ──▶ one frame for the whole burst
//! ```

mod clipboard;
mod editor;
mod files;
mod input;
mod terminal;

pub use terminal::make_way_for_a_crash;

use crate::{
    app::{App, Boot, Effect, Effects, Msg, Now, Secretable},
    config,
    http::Network,
    jobs::{Command, Event},
    ui::{self, theme::Theme},
    worker::{self, Bodies},
};
use clipboard::Clipboard;
use files::Files;
use input::Input;
use ratatui::layout::Size;
use std::{
    io,
    path::PathBuf,
    time::{Duration, Instant, SystemTime},
};
use terminal::Screen;
use tokio::sync::mpsc;

/// News from files, signals and the clipboard; a person causes them, so a few are many.
const NEWS: usize = 32;
/// A burst of messages is taken together up to this many, so that a flood cannot keep frames away.
const BURST: usize = 64;
/// How long what runs in the background may take to end when the program does.
const GRACE: Duration = Duration::from_secs(1);

/// What the workbench opens with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The configuration file, there or not.
    pub config_file: PathBuf,
    /// Where drafts go.
    pub data_dir: PathBuf,
    /// This is the workbench on the demo orgs.
    pub demo: bool,
}

/// Why the workbench was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The person is done.
    Left,
    /// The person wants one on the demo orgs.
    OpenDemo,
}

/// Opens the workbench on the terminal and runs it until it is left. Must not be called on a tokio runtime.
///
/// # Errors
/// If there is no terminal, or it stops taking output.
pub fn run(options: &Options) -> io::Result<End> {
    // The first frame needs the terminal, the configuration and the drafts; all else comes after it.
    let mut front = Front::open(options)?;
    front.draw()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let end = runtime.block_on(async { Workbench::new(front, options).run().await });
    runtime.shutdown_timeout(GRACE);
    end
}

/// State and screen: what drawing needs.
struct Front {
    app: App,
    screen: Screen,
    theme: (config::Theme, Theme),
}

impl Front {
    fn open(options: &Options) -> io::Result<Self> {
        let mut screen = Screen::open()?;
        let (columns, rows) = crossterm::terminal::size()?;
        let boot = Boot {
            config: files::load_config(&options.config_file),
            config_file: options.config_file.display().to_string(),
            saved: files::load_state(&options.data_dir),
            no_color: std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()),
            size: Size::new(columns, rows),
            demo: options.demo,
            has_demo: cfg!(feature = "demo"),
        };
        let app = App::new(boot, now());
        screen.capture_mouse(app.mouse)?;
        let theme = (app.palette(), Theme::named(app.palette()));
        Ok(Self { app, screen, theme })
    }

    fn draw(&mut self) -> io::Result<()> {
        let size = self.screen.size()?;
        if size != self.app.size {
            // A resize overtook its own message.
            let _ = self.app.update(Msg::Resize(size), now());
        }
        if self.theme.0 != self.app.palette() {
            self.theme = (self.app.palette(), Theme::named(self.app.palette()));
        }
        let (app, theme, now) = (&self.app, &self.theme.1, now());
        self.screen.draw(|frame| ui::draw(app, theme, now, frame))
    }
}

struct Workbench {
    front: Front,
    files: Files,
    clipboard: Clipboard,
    commands: mpsc::Sender<Command>,
    events: mpsc::Receiver<Event>,
    news: mpsc::Receiver<Msg>,
    input: Option<Input>,
    _watch: Option<config::Watch>,
}

impl Workbench {
    fn new(front: Front, options: &Options) -> Self {
        let (tell, news) = mpsc::channel(NEWS);
        let input = Some(Input::start());
        let (commands, events) = worker::spawn(Network::new(), Bodies::Indexed);
        let watch = files::watch_config(&options.config_file, front.app.config_text(), tell.clone());
        watch_signals(tell.clone());
        Self {
            front,
            files: Files::new(options.config_file.clone(), options.data_dir.clone(), tell.clone()),
            clipboard: Clipboard::new(tell),
            commands,
            events,
            news,
            input,
            _watch: watch,
        }
    }

    async fn run(mut self) -> io::Result<End> {
        // Whatever happened to the size before anybody listened is seen here.
        self.front.draw()?;
        loop {
            let mut batch = vec![self.next().await];
            while batch.len() < BURST {
                let Some(msg) = self.next_at_once() else { break };
                batch.push(msg);
            }
            for msg in batch {
                #[cfg(debug_assertions)]
                panic_if_asked(&msg);
                let effects = self.front.app.update(msg, now());
                if let Some(end) = self.carry_out(effects).await? {
                    self.files.finish();
                    self.front.screen.close();
                    return Ok(end);
                }
            }
            if self.front.app.take_dirty() {
                self.front.draw()?;
            }
        }
    }

    /// Waits for the next thing that happens.
    async fn next(&mut self) -> Msg {
        let wake = self.front.app.next_wake(now());
        let input = self.input.as_mut().expect("only missing while something else has the terminal");
        tokio::select! {
            msg = input.next() => msg,
            Some(event) = self.events.recv() => Msg::Worker(event),
            Some(msg) = self.news.recv() => msg,
            () = sleep_until(wake) => Msg::Tick,
        }
    }

    /// What has happened already.
    fn next_at_once(&mut self) -> Option<Msg> {
        if let Some(msg) = self.input.as_mut().and_then(Input::next_at_once) {
            return Some(msg);
        }
        if let Ok(event) = self.events.try_recv() {
            return Some(Msg::Worker(event));
        }
        self.news.try_recv().ok()
    }

    async fn carry_out(&mut self, effects: Effects) -> io::Result<Option<End>> {
        let mut todo: std::collections::VecDeque<Effect> = effects.into_iter().collect();
        while let Some(effect) = todo.pop_front() {
            match effect {
                Effect::Start(id, job) => {
                    if self.commands.try_send(Command::Start(id, *job)).is_err() {
                        let ended = Event::Ended(id, Err(crate::app::busy()));
                        todo.extend(self.front.app.update(Msg::Worker(ended), now()));
                    }
                }
                Effect::Cancel(id) => {
                    // Never lost: a person asks once, and the queue is short.
                    let _ = self.commands.send(Command::Cancel(id)).await;
                }
                Effect::SaveConfig { base, text, done } => self.files.save_config(base.0, text.0, done),
                Effect::SaveState(text) => self.files.save_state(text),
                Effect::SaveBody { path, body, overwrite } => self.files.save_body(path, body, overwrite),
                Effect::Copy { text, what } => {
                    let (text, secret) = match &text {
                        Secretable::Plain(text) => (text.as_str(), false),
                        Secretable::Secret(secret) => (secret.expose(), true),
                    };
                    let says = self.clipboard.copy(text, secret, what, &mut self.front.screen)?;
                    todo.extend(self.front.app.update(Msg::Done(says), now()));
                }
                Effect::EditExternally { text, ending } => {
                    let edited = self.edit(&text, ending).await?;
                    todo.extend(self.front.app.update(Msg::Edited(edited), now()));
                }
                Effect::CaptureMouse(on) => self.front.screen.capture_mouse(on)?,
                Effect::Suspend => self.suspend()?,
                Effect::OpenDemo => return Ok(Some(End::OpenDemo)),
                Effect::Quit => return Ok(Some(End::Left)),
            }
        }
        Ok(None)
    }

    /// Gives the terminal to an editor; the worker's news are taken meanwhile, or it would wait.
    async fn edit(&mut self, text: &str, ending: &str) -> io::Result<Result<String, String>> {
        self.input = None;
        self.front.screen.leave();
        let mut editing = Box::pin(editor::edit(text, ending));
        let mut later = Effects::none();
        let edited = loop {
            tokio::select! {
                edited = &mut editing => break edited,
                Some(event) = self.events.recv() => {
                    later.extend(self.front.app.update(Msg::Worker(event), now()));
                }
            }
        };
        self.front.screen.enter(self.front.app.mouse)?;
        self.input = Some(Input::start());
        Box::pin(self.carry_out(later)).await?;
        Ok(edited)
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.input = None;
        self.front.screen.leave();
        terminal::stop_until_continued()?;
        self.front.screen.enter(self.front.app.mouse)?;
        self.input = Some(Input::start());
        Ok(())
    }
}

fn now() -> Now {
    Now { wall: SystemTime::now(), mono: Instant::now() }
}

async fn sleep_until(wake: Option<Instant>) {
    match wake {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

/// The tests see to it that a panic leaves the terminal as it was: they need one.
#[cfg(debug_assertions)]
fn panic_if_asked(msg: &Msg) {
    let asked = matches!(msg, Msg::Key(key) if key.code == crossterm::event::KeyCode::F(12));
    assert!(!(asked && std::env::var_os("ORGDECK_TEST_PANIC").is_some()), "asked to panic by a test");
}

/// Being ended from outside still saves what was written.
fn watch_signals(tell: mpsc::Sender<Msg>) {
    #[cfg(unix)]
    tokio::spawn(async move {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut term), Ok(mut hup)) = (signal(SignalKind::terminate()), signal(SignalKind::hangup()))
        else {
            return;
        };
        tokio::select! {
            _ = term.recv() => {}
            _ = hup.recv() => {}
        }
        let _ = tell.send(Msg::Shutdown).await;
    });
    #[cfg(not(unix))]
    let _ = tell;
}
