//! The event loop: what happens becomes a message, what must be done is carried out, and a frame is drawn when
//! something changed. The only place that knows terminal, clock, files and worker at once.
//!
//! ```text
//! keys, signals, files, worker ──▶ Msg ──▶ App::update ──▶ Effects ──▶ worker, files, clipboard, editor
//!                                              └──▶ dirty? ──▶ one frame for the whole burst
//! ```

pub mod browser;
mod clipboard;
mod editor;
mod files;
mod input;
mod link;
pub mod surroundings;
mod terminal;

pub use terminal::make_way_for_a_crash;

use crate::{
    app::{self, App, Boot, Done, Effect, Effects, Msg, Now},
    config::{self, OwnHints, Paths},
    http::Network,
    jobs::Event,
    secrets::Stores,
    ui::{self, theme::Theme},
    worker::{self, Bodies, Home},
};
use browser::Browser;
use clipboard::Clipboard;
use editor::Editing;
use files::Files;
use input::Input;
use link::{Link, News};
use ratatui::layout::Size;
use std::{
    collections::VecDeque,
    io::{self, Write},
    path::PathBuf,
    thread::{self, JoinHandle},
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

/// How long what has been sent may still be answered when the program ends; nothing in flight, nothing to wait for.
const LAST_ANSWERS: Duration = Duration::from_secs(3);

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

impl Options {
    fn paths(&self) -> Paths {
        Paths { config_file: self.config_file.clone(), data_dir: self.data_dir.clone() }
    }
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
    /// What was wrong with the person's hints and the saved drafts.
    problems: Vec<String>,
}

impl Front {
    fn open(options: &Options) -> io::Result<Self> {
        // Files first: one that hangs is met in a terminal that still takes Ctrl-C.
        let config = files::load_config(&options.config_file);
        let own = OwnHints::read(&options.paths());
        let (saved, problem) = files::load_state(&options.data_dir);
        let unread = Some(own.problems.join("; ")).filter(|text| !text.is_empty());
        let mut screen = Screen::open()?;
        let (columns, rows) = crossterm::terminal::size()?;
        let boot = Boot {
            config,
            config_file: options.config_file.display().to_string(),
            saved,
            no_color: std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()),
            size: Size::new(columns, rows),
            demo: options.demo,
            has_demo: cfg!(feature = "demo"),
            surroundings: surroundings::look(),
            own_hints: own.files,
            logged_in: Home::new(&options.paths()).logged_in().collect(),
        };
        let app = App::new(boot, now());
        screen.capture_mouse(app.mouse)?;
        let theme = (app.palette(), Theme::named(app.palette()));
        Ok(Self { app, screen, theme, problems: unread.into_iter().chain(problem).collect() })
    }

    /// The terminal's size, if it is not the one that is known: a resize can overtake its own message.
    fn new_size(&self) -> io::Result<Option<Size>> {
        let size = self.screen.size()?;
        Ok((size != self.app.size).then_some(size))
    }

    fn draw(&mut self) -> io::Result<()> {
        if self.theme.0 != self.app.palette() {
            self.theme = (self.app.palette(), Theme::named(self.app.palette()));
        }
        let (app, theme, now) = (&self.app, &self.theme.1, now());
        self.screen.draw(|frame| ui::draw(app, theme, now, frame))
    }
}

/// Who has the terminal.
enum Holder {
    Us(Input),
    Editor(Editing),
    /// A text that stands alone, until a key says that it was read.
    Bare(Input),
    Nobody,
}

impl Holder {
    /// Waits for what comes of it.
    async fn next(&mut self) -> Msg {
        match self {
            Self::Us(input) | Self::Bare(input) => input.next().await,
            Self::Editor(editing) => Msg::Edited(editing.done().await),
            Self::Nobody => std::future::pending().await,
        }
    }

    fn is_us(&self) -> bool {
        matches!(self, Self::Us(_))
    }
}

struct Workbench {
    front: Front,
    files: Files,
    clipboard: Clipboard,
    browser: Browser,
    link: Link,
    /// They are told what the configuration says, each time it is read.
    stores: Stores,
    news: mpsc::Receiver<Msg>,
    holder: Holder,
    /// What needs the terminal and waits until it is ours again.
    held: Effects,
    /// What the loop has to tell itself.
    own: VecDeque<Msg>,
    end: Option<End>,
    _watch: Option<config::Watch>,
}

impl Workbench {
    fn new(mut front: Front, options: &Options) -> Self {
        let (tell, news) = mpsc::channel(NEWS);
        for problem in front.problems.drain(..) {
            let _ = tell.try_send(Msg::Done(Done::Badly(problem))); // the first of the news find room
        }
        let holder = Holder::Us(Input::start());
        let home = Home::new(&options.paths());
        home.stores.tell(front.app.config.told());
        let stores = home.stores.clone();
        let link = Link::new(worker::spawn(Network::new(), Bodies::Indexed, home));
        let watch = files::watch_config(&options.config_file, front.app.config_text(), tell.clone());
        watch_signals(tell.clone());
        Self {
            front,
            files: Files::new(options.config_file.clone(), options.data_dir.clone(), tell.clone()),
            browser: Browser::new(&options.data_dir, tell.clone()),
            clipboard: Clipboard::new(tell),
            link,
            stores,
            news,
            holder,
            held: Effects::none(),
            own: VecDeque::new(),
            end: None,
            _watch: watch,
        }
    }

    async fn run(mut self) -> io::Result<End> {
        let end = self.work().await;
        if end.is_err() {
            // The terminal is gone; what was written with it is saved all the same.
            self.holder = Holder::Nobody;
            let effects = self.front.app.update(Msg::Shutdown, now());
            let _ = self.carry_out(effects); // the first error is the one to tell
        }
        self.close().await;
        end
    }

    /// Gives the terminal back at once, then ends what is still being done.
    async fn close(mut self) {
        self.holder = Holder::Nobody;
        self.front.screen.leave();
        for problem in self.files.finish(&mut self.news) {
            let _ = writeln!(io::stderr(), "orgdeck: {problem}"); // there may be no terminal any more
        }
        self.news.close();
        self.clipboard.finish();
        self.browser.finish();
        self.link.finish(LAST_ANSWERS).await;
    }

    async fn work(&mut self) -> io::Result<End> {
        // Whatever happened to the size before anybody listened is seen here.
        if self.front.new_size()?.is_some() {
            self.draw()?;
        }
        loop {
            let mut next = Some(self.next().await);
            let mut taken = 0;
            while let Some(msg) = next {
                self.take(msg)?;
                if let Some(end) = self.end {
                    return Ok(end);
                }
                taken += 1;
                next = if taken < BURST { self.next_at_once() } else { None };
            }
            self.link.catch_up();
            if self.holder.is_us() && self.front.app.take_dirty() {
                self.draw()?;
            }
        }
    }

    fn draw(&mut self) -> io::Result<()> {
        if let Some(size) = self.front.new_size()? {
            self.take(Msg::Resize(size))?;
        }
        self.front.draw()
    }

    /// Waits for the next thing that happens.
    async fn next(&mut self) -> Msg {
        loop {
            if let Some(msg) = self.own.pop_front() {
                return msg;
            }
            let wake = self.front.app.next_wake(now());
            let news = tokio::select! {
                msg = self.holder.next() => return msg,
                Some(msg) = self.news.recv() => return msg,
                () = sleep_until(wake) => return Msg::Tick,
                news = self.link.next() => news,
            };
            match news {
                News::Event(event) => return Msg::Worker(event),
                News::Stopped => {
                    let ended = |job: &app::Running| Msg::Worker(Event::Ended(job.id, Err(link::stopped())));
                    self.own.extend(self.front.app.jobs.all().iter().map(ended));
                }
            }
        }
    }

    /// What has happened already.
    fn next_at_once(&mut self) -> Option<Msg> {
        if let Holder::Us(input) | Holder::Bare(input) = &mut self.holder
            && let Some(msg) = input.next_at_once()
        {
            return Some(msg);
        }
        self.link.next_at_once().map(Msg::Worker).or_else(|| self.news.try_recv().ok())
    }

    fn take(&mut self, msg: Msg) -> io::Result<()> {
        #[cfg(debug_assertions)]
        panic_if_asked(&msg);
        if matches!(msg, Msg::Resize(_)) {
            self.front.screen.forget();
        }
        let editing = match &self.holder {
            Holder::Editor(editing) => editing,
            Holder::Bare(_) => return self.take_beside_bare(msg),
            Holder::Us(_) | Holder::Nobody => return self.tell(msg),
        };
        match msg {
            // The editor's end then comes as a message, with what was saved in it.
            Msg::Shutdown => editing.stop(),
            Msg::Edited(_) if editing.is_stopped() => {
                self.holder = Holder::Nobody;
                self.tell(msg)?;
                return self.tell(Msg::Shutdown);
            }
            Msg::Edited(_) => {
                let back = self.come_back();
                self.tell(msg)?;
                let held = std::mem::take(&mut self.held);
                return back.and(self.carry_out(held));
            }
            msg => return self.tell(msg),
        }
        Ok(())
    }

    /// While a text stands alone, keys only say that it was read; whatever else happens is told.
    fn take_beside_bare(&mut self, msg: Msg) -> io::Result<()> {
        match msg {
            Msg::Key(key) if terminal::ends_bare(key) => {
                self.come_back()?;
                self.tell(Msg::Resize(self.front.app.size))?; // nothing else may be new on the screen
                let held = std::mem::take(&mut self.held);
                self.carry_out(held)
            }
            Msg::Key(_) | Msg::Mouse(_) | Msg::Paste(_) => Ok(()),
            msg => self.tell(msg),
        }
    }

    fn tell(&mut self, msg: Msg) -> io::Result<()> {
        let is_config = matches!(msg, Msg::Config(_));
        let effects = self.front.app.update(msg, now());
        if is_config {
            self.stores.tell(self.front.app.config.told());
        }
        self.carry_out(effects)
    }

    /// Carries all of them out, also if one fails: the others may be what a person has written.
    fn carry_out(&mut self, effects: Effects) -> io::Result<()> {
        let mut todo: VecDeque<Effect> = effects.into_iter().collect();
        let mut result = Ok(());
        while let Some(effect) = todo.pop_front() {
            match self.carry_out_one(effect) {
                Ok(more) => todo.extend(more),
                Err(error) => result = result.and(Err(error)),
            }
        }
        result
    }

    /// Carries one out; answers with what follows from it.
    fn carry_out_one(&mut self, effect: Effect) -> io::Result<Effects> {
        if needs_terminal(&effect) && !self.holder.is_us() {
            self.held.push(effect);
            return Ok(Effects::none());
        }
        match effect {
            Effect::Start(id, job) => {
                if let Some(ended) = self.link.start(id, *job) {
                    return Ok(self.front.app.update(Msg::Worker(ended), now()));
                }
            }
            Effect::Cancel(id) => self.link.cancel(id),
            Effect::Say(id, text) => self.link.say(id, text),
            Effect::OpenUrl { url, private } => self.browser.open(url, private, self.hidden()),
            Effect::PrintBare(url) => {
                self.holder = Holder::Nobody;
                self.front.screen.show_bare(&url)?;
                self.holder = Holder::Bare(Input::start());
            }
            Effect::SaveConfig { base, text, done } => self.files.save_config(base.0, text.0, done),
            Effect::SaveState(text) => self.files.save_state(text),
            Effect::SaveBody { path, body, overwrite } => self.files.save_body(path, body, overwrite),
            Effect::Copy { text, what } => {
                let hidden = self.hidden();
                let says = self.clipboard.copy(text, what, hidden, &mut self.front.screen)?;
                return Ok(self.front.app.update(Msg::Done(says), now()));
            }
            Effect::EditExternally { text, ending } => {
                self.go_away();
                self.holder = Holder::Editor(Editing::start(text, ending, self.hidden()));
            }
            Effect::CaptureMouse(on) => self.front.screen.capture_mouse(on)?,
            Effect::Suspend => {
                self.go_away();
                terminal::stop_until_continued()?;
                self.come_back()?;
            }
            Effect::OpenDemo => self.end = Some(End::OpenDemo),
            Effect::Quit => self.end = Some(End::Left),
        }
        Ok(Effects::none())
    }

    /// The variables that what we start must not see.
    fn hidden(&self) -> Vec<String> {
        self.front.app.config.told().withheld
    }

    /// Leaves the terminal to somebody else.
    fn go_away(&mut self) {
        self.holder = Holder::Nobody;
        self.front.screen.leave();
    }

    /// Takes the terminal again.
    fn come_back(&mut self) -> io::Result<()> {
        self.holder = Holder::Nobody;
        self.front.screen.enter(self.front.app.mouse)?;
        self.holder = Holder::Us(Input::start());
        Ok(())
    }
}

fn needs_terminal(effect: &Effect) -> bool {
    use Effect as E;
    matches!(
        effect,
        E::Copy { .. } | E::CaptureMouse(_) | E::EditExternally { .. } | E::PrintBare(_) | E::Suspend
    )
}

/// Waits for a thread's end, but not for ever; false if it has not come. Meanwhile it looks around again and again.
fn wait_for(thread: &JoinHandle<()>, patience: Duration, mut look: impl FnMut()) -> bool {
    let until = Instant::now() + patience;
    while !thread.is_finished() && Instant::now() < until {
        look();
        thread::sleep(Duration::from_millis(1));
    }
    look();
    thread.is_finished()
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

/// Being ended from outside still saves what was written; asked once more, it ends at once.
fn watch_signals(tell: mpsc::Sender<Msg>) {
    #[cfg(unix)]
    tokio::spawn(async move {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut term), Ok(mut hup)) = (signal(SignalKind::terminate()), signal(SignalKind::hangup()))
        else {
            return;
        };
        let mut asked = false;
        loop {
            let kind = tokio::select! {
                _ = term.recv() => SignalKind::terminate(),
                _ = hup.recv() => SignalKind::hangup(),
            };
            if std::mem::replace(&mut asked, true) {
                terminal::restore_soon();
                std::process::exit(128 + kind.as_raw_value());
            }
            let tell = tell.clone();
            tokio::spawn(async move { tell.send(Msg::Shutdown).await });
        }
    });
    #[cfg(not(unix))]
    let _ = tell;
}
