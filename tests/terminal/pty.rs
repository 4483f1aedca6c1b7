//! A program in a terminal of its own, used as a person would: look for a text, press a key.
//!
//! Every look is at a whole screen, never at one half drawn, and waits for the program with one deadline;
//! nothing here sleeps. A failed look prints the screen. Dropping a [`Pty`] kills all it has started.

use std::{
    ffi::OsString,
    io::{Read, Write},
    process::{Command, Stdio},
    sync::{Arc, Condvar, Mutex, MutexGuard, mpsc},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

use super::emulator::{Emulator, text};
use crate::home::Home;

/// How long a look waits. Never reached by a test that passes.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What to start, before it is started.
pub struct Launch {
    program: OsString,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    home: Arc<Home>,
    size: (u16, u16),
    answers: bool,
}

impl Launch {
    pub fn orgdeck<I: IntoIterator<Item: Into<OsString>>>(arguments: I) -> Self {
        Self::program(env!("CARGO_BIN_EXE_orgdeck"), arguments)
    }

    pub fn program<I: IntoIterator<Item: Into<OsString>>>(program: &str, arguments: I) -> Self {
        Self {
            program: program.into(),
            arguments: arguments.into_iter().map(Into::into).collect(),
            environment: Vec::new(),
            home: Arc::new(Home::new()),
            size: (120, 36),
            answers: true,
        }
    }

    pub fn size(mut self, columns: u16, rows: u16) -> Self {
        self.size = (columns, rows);
        self
    }

    /// Uses folders that another run has used, or will use.
    pub fn home(mut self, home: &Arc<Home>) -> Self {
        self.home = Arc::clone(home);
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// A terminal that leaves every question unanswered, as some do.
    pub fn silent(mut self) -> Self {
        self.answers = false;
        self
    }

    pub fn start(self) -> Pty {
        Pty::start(self)
    }

    /// The whole environment of the program: nothing of ours comes along.
    fn command(&self) -> CommandBuilder {
        let mut command = CommandBuilder::new(&self.program);
        command.args(&self.arguments);
        command.cwd(self.home.path());
        command.env_clear();
        command.env("TERM", "xterm-256color");
        command.env("SHELL", "/bin/sh"); // else the library looks for the user's
        for (name, value) in self.home.environment() {
            command.env(name, value);
        }
        for (name, value) in &self.environment {
            command.env(name, value);
        }
        command
    }
}

/// A running program and the terminal it runs in.
pub struct Pty {
    home: Arc<Home>,
    shared: Arc<Shared>,
    input: mpsc::Sender<Vec<u8>>,
    master: Box<dyn MasterPty + Send>,
    /// The line discipline before the program touched it, in words.
    discipline: Option<String>,
    process: u32,
    waiter: Option<JoinHandle<()>>,
    /// How many frames there were at the last key.
    typed_at: usize,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    terminal: Emulator,
    /// Everything the program wrote, as it came.
    output: Vec<u8>,
    exit: Option<ExitStatus>,
    /// Nobody holds the other end any more: no output will come.
    closed: bool,
}

impl State {
    fn ended(&self) -> bool {
        self.exit.is_some() && self.closed
    }
}

impl Pty {
    pub fn orgdeck<I: IntoIterator<Item: Into<OsString>>>(arguments: I, columns: u16, rows: u16) -> Self {
        Launch::orgdeck(arguments).size(columns, rows).start()
    }

    fn start(launch: Launch) -> Self {
        let (columns, rows) = launch.size;
        let pair = native_pty_system().openpty(size(columns, rows)).expect("a pseudo terminal");
        let (master, slave) = (pair.master, pair.slave);
        let discipline = discipline(&*master);
        let reader = master.try_clone_reader().expect("the master can be read");
        let writer = master.take_writer().expect("nobody else took the writer");
        let child = slave.spawn_command(launch.command()).expect("the program starts");
        drop(slave); // else the end of the output is never seen

        let terminal = Emulator::new(columns, rows);
        let state = State { terminal, output: Vec::new(), exit: None, closed: false };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let (input, keys) = mpsc::channel();
        let process = child.process_id().expect("a running process has an id");
        std::thread::spawn(move || type_into(writer, &keys));
        std::thread::spawn({
            let (shared, answers) = (Arc::clone(&shared), launch.answers.then(|| input.clone()));
            move || watch(reader, &shared, answers.as_ref())
        });
        let waiter = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || shared.wait_for_exit(child)
        });
        let home = launch.home;
        Self { home, shared, input, master, discipline, process, waiter: Some(waiter), typed_at: 0 }
    }

    pub fn home(&self) -> &Arc<Home> {
        &self.home
    }

    /// Waits until the screen shows `text`.
    #[track_caller]
    pub fn see(&mut self, text: &str) -> &mut Self {
        self.until(&format!("{text:?} on the screen"), |state| shows(state, text))
    }

    /// Waits until the screen no longer shows `text`.
    #[track_caller]
    pub fn gone(&mut self, text: &str) -> &mut Self {
        self.until(&format!("{text:?} gone from the screen"), |state| !shows(state, text))
    }

    /// Waits until some frame since the last key has shown `text`, however shortly.
    #[track_caller]
    pub fn saw(&mut self, text: &str) -> &mut Self {
        let since = self.typed_at;
        self.until(&format!("a frame with {text:?}"), |state| {
            state.terminal.frames()[since..].iter().any(|frame| frame.contains(text))
        })
    }

    /// Waits until the last whole screen is as `wanted` says.
    #[track_caller]
    pub fn see_that(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) -> &mut Self {
        self.until(what, |state| wanted(state.terminal.shown()))
    }

    /// Holds that `text` was in no frame, no title and nothing else written so far.
    #[track_caller]
    pub fn never_showed(&mut self, text: &str) -> &mut Self {
        let state = self.shared.lock();
        let terminal = &state.terminal;
        let written = state.output.windows(text.len()).any(|window| window == text.as_bytes());
        let shown = terminal.frames().iter().chain(terminal.titles()).any(|frame| frame.contains(text));
        drop(state);
        if written || shown {
            self.fail("a text kept off the terminal; it was written or shown there");
        }
        self
    }

    /// Holds that the program has not asked the terminal anything: one that does not answer would hold it up.
    #[track_caller]
    pub fn asked_nothing(&mut self) -> &mut Self {
        let asked = self.shared.lock().terminal.asked().join(", ");
        if !asked.is_empty() {
            self.fail(&format!("no question to the terminal; it had to answer {asked}"));
        }
        self
    }

    /// Types each character as a key.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        self.send(keys.as_bytes().to_vec())
    }

    /// Types text into a field: the same bytes as [`Self::keys`], said otherwise.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.keys(text)
    }

    /// Presses a key by name: `Esc`, `F5`, `Ctrl-P`, `Alt-s`, `Shift-Tab`, `PgDn`, or a character.
    #[track_caller]
    pub fn key(&mut self, name: &str) -> &mut Self {
        let bytes = encode(name).unwrap_or_else(|| panic!("no key is called {name:?}"));
        self.send(bytes)
    }

    /// Pastes, in brackets where the program asked for them.
    pub fn paste(&mut self, text: &str) -> &mut Self {
        let bracketed = self.shared.lock().terminal.brackets_paste();
        let text = text.replace('\n', "\r");
        self.send(if bracketed { format!("\x1b[200~{text}\x1b[201~") } else { text }.into_bytes())
    }

    /// Presses and releases the left button; both counted from 0.
    #[track_caller]
    pub fn click(&mut self, column: u16, row: u16) -> &mut Self {
        if !self.shared.lock().terminal.hears_mouse() {
            self.fail("to click, but the program does not listen to the mouse");
        }
        let (x, y) = (column + 1, row + 1);
        self.send(format!("\x1b[<0;{x};{y}M\x1b[<0;{x};{y}m").into_bytes())
    }

    /// Waits for `text` and clicks on its first character.
    #[track_caller]
    pub fn click_on(&mut self, text: &str) -> &mut Self {
        self.see(text);
        let place = find(self.shared.lock().terminal.shown(), text);
        let (column, row) =
            place.unwrap_or_else(|| self.fail(&format!("{text:?} still there to be clicked")));
        self.click(column, row)
    }

    pub fn resize(&mut self, columns: u16, rows: u16) -> &mut Self {
        let mut state = self.shared.lock();
        self.master.resize(size(columns, rows)).expect("a running terminal can be resized");
        state.terminal.resize(columns, rows);
        self.typed_at = state.terminal.frames().len();
        drop(state);
        self
    }

    /// The text of the last whole screen.
    pub fn screen(&self) -> String {
        text(self.shared.lock().terminal.shown())
    }

    /// The last whole screen with its colours and attributes.
    pub fn cells(&self) -> vt100::Screen {
        self.shared.lock().terminal.shown().clone()
    }

    /// Waits until the program put something into the clipboard by OSC 52.
    #[track_caller]
    pub fn clipboard(&mut self) -> String {
        self.until("a text in the clipboard", |state| !state.terminal.clipboard().is_empty());
        let copied = BASE64_STANDARD.decode(self.shared.lock().terminal.clipboard());
        String::from_utf8(copied.expect("OSC 52 carries base64")).expect("text was copied")
    }

    /// Waits for the end of the program and of its output.
    #[track_caller]
    pub fn exit_code(&mut self) -> u32 {
        self.until("the end of the program", State::ended);
        let exit = self.shared.lock().exit.clone().expect("it ended");
        match exit.signal() {
            Some(signal) => self.fail(&format!("an exit code, but it was killed: {signal}")),
            None => exit.exit_code(),
        }
    }

    /// Waits for the end, then holds that the terminal was left as it was found.
    #[track_caller]
    pub fn left_clean(&mut self) -> &mut Self {
        self.until("the end of the program", State::ended);
        let mut left = self.shared.lock().terminal.left_on();
        if discipline(&*self.master) != self.discipline {
            left.push("the line discipline (raw mode)".to_owned());
        }
        if !left.is_empty() {
            self.fail(&format!("a terminal left as it was found; still on: {}", left.join(", ")));
        }
        self
    }

    /// Sends a signal (`TERM`, `HUP`, …) to the program alone.
    pub fn signal(&mut self, name: &str) -> &mut Self {
        kill(name, &self.process.to_string());
        self
    }

    fn send(&mut self, bytes: Vec<u8>) -> &mut Self {
        self.typed_at = self.shared.lock().terminal.frames().len();
        _ = self.input.send(bytes); // a program that has ended reads no keys: the next look says so
        self
    }

    #[track_caller]
    fn until(&mut self, what: &str, wanted: impl Fn(&State) -> bool) -> &mut Self {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.shared.lock();
        while !wanted(&state) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || state.ended() {
                drop(state);
                self.fail(what);
            }
            state = self.shared.changed.wait_timeout(state, left).expect("no thread panicked").0;
        }
        drop(state);
        self
    }

    #[track_caller]
    fn fail(&self, wanted: &str) -> ! {
        let state = self.shared.lock();
        let ended = state.exit.as_ref().map_or("still running".to_owned(), ToString::to_string);
        let tail = &state.output[state.output.len().saturating_sub(400)..];
        let tail = String::from_utf8_lossy(tail).escape_debug().to_string();
        let screen = framed(state.terminal.shown());
        drop(state); // a poisoned lock would hide the message of the next failure
        panic!("wanted: {wanted}\nprogram: {ended}\n{screen}\nlast output: {tail}");
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        kill("KILL", &format!("-{}", self.process));
        if let Some(waiter) = self.waiter.take() {
            _ = waiter.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread panicked")
    }

    fn wait_for_exit(&self, mut child: Box<dyn Child + Send + Sync>) {
        let exit = child.wait().unwrap_or_else(|_| ExitStatus::with_signal("unknown"));
        self.lock().exit = Some(exit);
        self.changed.notify_all();
    }
}

/// Writes keys and answers; a program that reads nothing blocks this thread and no other.
fn type_into(mut writer: Box<dyn Write + Send>, keys: &mpsc::Receiver<Vec<u8>>) {
    for bytes in keys {
        if writer.write_all(&bytes).and_then(|()| writer.flush()).is_err() {
            return; // the program has ended
        }
    }
}

/// Reads what the program writes until its end.
fn watch(mut reader: Box<dyn Read + Send>, shared: &Shared, answers: Option<&mpsc::Sender<Vec<u8>>>) {
    let mut buffer = [0; 64 * 1024];
    while let Ok(read @ 1..) = reader.read(&mut buffer) {
        let mut state = shared.lock();
        state.output.extend_from_slice(&buffer[..read]);
        let answer = state.terminal.process(&buffer[..read]);
        drop(state);
        if let Some(answers) = answers.filter(|_| !answer.is_empty()) {
            _ = answers.send(answer);
        }
        shared.changed.notify_all();
    }
    shared.lock().closed = true;
    shared.changed.notify_all();
}

/// The shell's own `kill`, which is on every system; `whom` is a process or, with a minus, a group.
fn kill(signal: &str, whom: &str) {
    let script = format!("kill -{signal} {whom}");
    _ = Command::new("/bin/sh").arg("-c").arg(script).stdin(Stdio::null()).stderr(Stdio::null()).status();
}

fn size(cols: u16, rows: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

fn discipline(master: &dyn MasterPty) -> Option<String> {
    let now = master.get_termios()?;
    Some(format!("{:?} {:?} {:?}", now.input_flags, now.output_flags, now.local_flags))
}

fn shows(state: &State, wanted: &str) -> bool {
    text(state.terminal.shown()).contains(wanted)
}

/// Where `wanted` begins, as column and row.
fn find(screen: &vt100::Screen, wanted: &str) -> Option<(u16, u16)> {
    let (rows, columns) = screen.size();
    let starts =
        |row, column| screen.rows(column, columns - column).nth(row).is_some_and(|r| r.starts_with(wanted));
    (0..rows).find_map(|row| Some(((0..columns).find(|column| starts(usize::from(row), *column))?, row)))
}

fn framed(screen: &vt100::Screen) -> String {
    let (_, columns) = screen.size();
    let line = "─".repeat(usize::from(columns));
    let rows: Vec<String> = screen.rows(0, columns).map(|row| format!("│{row}")).collect();
    format!("┌{line}\n{}\n└{line}", rows.join("\n"))
}

/// The bytes xterm sends for a key.
fn encode(name: &str) -> Option<Vec<u8>> {
    if let Some(key) = name.strip_prefix("Ctrl-") {
        let [letter @ (b'a'..=b'z' | b'A'..=b'Z' | b'[' | b'\\' | b']')] = key.as_bytes() else {
            return None;
        };
        return Some(vec![letter & 0x1f]);
    }
    if let Some(key) = name.strip_prefix("Alt-") {
        return Some([vec![0x1b], encode(key)?].concat());
    }
    let sequence = match name {
        "Enter" => "\r",
        "Tab" => "\t",
        "Shift-Tab" => "\x1b[Z",
        "Esc" => "\x1b",
        "Backspace" => "\x7f",
        "Space" => " ",
        "Up" => "\x1b[A",
        "Down" => "\x1b[B",
        "Right" => "\x1b[C",
        "Left" => "\x1b[D",
        "Home" => "\x1b[H",
        "End" => "\x1b[F",
        "Insert" => "\x1b[2~",
        "Delete" => "\x1b[3~",
        "PgUp" => "\x1b[5~",
        "PgDn" => "\x1b[6~",
        "F1" => "\x1bOP",
        "F2" => "\x1bOQ",
        "F3" => "\x1bOR",
        "F4" => "\x1bOS",
        "F5" => "\x1b[15~",
        "F6" => "\x1b[17~",
        "F7" => "\x1b[18~",
        "F8" => "\x1b[19~",
        "F9" => "\x1b[20~",
        "F10" => "\x1b[21~",
        "F11" => "\x1b[23~",
        "F12" => "\x1b[24~",
        one if one.chars().count() == 1 => one,
        _ => return None,
    };
    Some(sequence.as_bytes().to_vec())
}
