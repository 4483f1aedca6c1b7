//! The terminal: taken, given back, and written to in whole frames.

use crossterm::{
    cursor, event,
    event::{KeyCode, KeyEvent, KeyModifiers, KeyboardEnhancementFlags},
    execute, queue, style,
    terminal::{self, EnterAlternateScreen, LeaveAlternateScreen},
};
use ratatui::{Frame, Terminal, backend::CrosstermBackend, layout::Size};
use std::{
    cell::RefCell,
    io::{self, IsTerminal, Write},
    rc::Rc,
    sync::atomic::{AtomicBool, Ordering},
    thread::{self, ThreadId},
    time::Duration,
};
use url::Url;

/// Whether the terminal is ours, for the crash report: it must be given back before anything is printed.
static OURS: AtomicBool = AtomicBool::new(false);
/// Whether only the line discipline is ours, while a text stands alone.
static BARE: AtomicBool = AtomicBool::new(false);
static OWNER: std::sync::Mutex<Option<ThreadId>> = std::sync::Mutex::new(None);

/// The terminal while it is ours. Dropping it gives it back.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Frames>>,
    frames: Frames,
    /// The terminal may show something else than the last frame.
    stale: bool,
}

impl Screen {
    /// Takes the terminal. It is never asked anything: a silent one would hold the first frame up.
    pub fn open() -> io::Result<Self> {
        if !io::stdout().is_terminal() {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "standard output is no terminal: the workbench needs one; `orgdeck --help` tells what works without",
            ));
        }
        // Under NO_COLOR crossterm writes half sequences that wipe bold and reverse too; the mono theme has no
        // colours to begin with.
        style::force_color_output(true);
        let frames = Frames::default();
        let mut screen =
            Self { terminal: Terminal::new(CrosstermBackend::new(frames.clone()))?, frames, stale: true };
        screen.enter(false)?;
        Ok(screen)
    }

    /// Takes the terminal (again); the next frame is drawn whole.
    pub fn enter(&mut self, mouse: bool) -> io::Result<()> {
        if let Ok(mut owner) = OWNER.lock() {
            *owner = Some(thread::current().id());
        }
        OURS.store(true, Ordering::SeqCst);
        BARE.store(false, Ordering::SeqCst);
        terminal::enable_raw_mode()?;
        let out = self.terminal.backend_mut();
        queue!(
            out,
            EnterAlternateScreen,
            cursor::Hide,
            event::EnableBracketedPaste,
            event::PushKeyboardEnhancementFlags(KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES)
        )?;
        self.forget();
        self.capture_mouse(mouse)
    }

    /// Draws the next frame whole. A terminal that became small and large again has lost what it showed, though its
    /// size is the same.
    pub fn forget(&mut self) {
        self.stale = true;
    }

    /// Gives the terminal back for a while.
    pub fn leave(&mut self) {
        // What the last frame left unsent belongs to the screen that goes away.
        self.frames.0.borrow_mut().clear();
        restore();
    }

    /// Gives the terminal back but for its keys, and leaves an address on it, alone on its line, so that it can be
    /// selected or clicked whole however long it is. Keys stay ours: `Ctrl-C` must not be the end of the program.
    pub fn show_bare(&mut self, url: &Url) -> io::Result<()> {
        self.leave();
        OURS.store(true, Ordering::SeqCst);
        BARE.store(true, Ordering::SeqCst);
        terminal::enable_raw_mode()?;
        let url = linked(url, &std::env::var("TERM").unwrap_or_default());
        let text = format!(
            "Open this address in a browser, on any computer:\n\n{url}\n\nEnter goes back to orgdeck.\n"
        );
        let mut out = io::stdout().lock();
        out.write_all(text.replace('\n', "\r\n").as_bytes())?;
        out.flush()
    }

    /// Takes or frees the mouse.
    pub fn capture_mouse(&mut self, on: bool) -> io::Result<()> {
        let out = self.terminal.backend_mut();
        if on {
            queue!(out, event::EnableMouseCapture)?
        } else {
            queue!(out, event::DisableMouseCapture)?
        }
        self.frames.send()
    }

    /// The terminal's size.
    pub fn size(&self) -> io::Result<Size> {
        self.terminal.size()
    }

    /// Draws a frame; the terminal shows it whole or not at all, and gets it in one write.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), terminal::BeginSynchronizedUpdate)?;
        if std::mem::take(&mut self.stale) {
            // Unlike `clear` this does not ask the terminal where its cursor is, which a silent one answers never.
            let size = self.terminal.size()?;
            self.terminal.resize(size.into())?;
        }
        self.terminal.draw(render)?;
        queue!(self.terminal.backend_mut(), terminal::EndSynchronizedUpdate)?;
        self.frames.send()
    }

    /// Sends a control sequence that is no part of a frame.
    pub fn control(&mut self, sequence: &str) -> io::Result<()> {
        self.frames.write_all(sequence.as_bytes())?;
        self.frames.send()
    }
}

/// Whether a key says that a text that stands alone was read.
pub fn ends_bare(key: KeyEvent) -> bool {
    let ctrl_c = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
    ctrl_c || matches!(key.code, KeyCode::Enter | KeyCode::Esc)
}

/// The address as a link to click, where the terminal is not known to show the sequence as text.
fn linked(url: &Url, term: &str) -> String {
    let known_not = ["linux", "dumb", "screen", "vt"].iter().any(|name| term.starts_with(name));
    if known_not || term.is_empty() {
        url.to_string()
    } else {
        format!("\x1b]8;;{url}\x1b\\{url}\x1b]8;;\x1b\\")
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Collects what ratatui writes, flushes and all, until a whole frame can be sent. Shared, because the backend
/// keeps its writer to itself.
#[derive(Clone, Debug, Default)]
struct Frames(Rc<RefCell<Vec<u8>>>);

impl Frames {
    fn send(&self) -> io::Result<()> {
        let mut pending = self.0.borrow_mut();
        let mut out = io::stdout().lock();
        out.write_all(&pending)?;
        pending.clear();
        out.flush()
    }
}

impl Write for Frames {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Gives the terminal back as it was. Does nothing if it is not ours; errors have nobody to go to.
fn restore() {
    if !OURS.swap(false, Ordering::SeqCst) {
        return;
    }
    if BARE.swap(false, Ordering::SeqCst) {
        let _ = terminal::disable_raw_mode();
        return;
    }
    let _ = execute!(
        io::stdout(),
        terminal::EndSynchronizedUpdate,
        event::PopKeyboardEnhancementFlags,
        event::DisableMouseCapture,
        event::DisableBracketedPaste,
        cursor::Show,
        style::ResetColor,
        LeaveAlternateScreen
    );
    let _ = terminal::disable_raw_mode();
}

/// As [`restore`], for a process that ends at once: does not wait for a terminal that takes no output.
pub fn restore_soon() {
    let restoring = thread::spawn(restore);
    super::wait_for(&restoring, Duration::from_millis(300), || {});
    let _ = terminal::disable_raw_mode(); // this much needs no output
}

/// Called by the crash report before it prints: gives the terminal back if the screen's own thread crashed.
/// False if the screen lives on, because only a job crashed; then nothing may be printed over it.
pub fn make_way_for_a_crash() -> bool {
    if !OURS.load(Ordering::SeqCst) {
        return true;
    }
    let ours = OWNER.lock().is_ok_and(|owner| *owner == Some(thread::current().id()));
    if ours {
        restore();
    }
    ours
}

/// Stops the process as the terminal's own suspend key would; returns when the shell continues it.
#[cfg(unix)]
pub fn stop_until_continued() -> io::Result<()> {
    signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)
}

/// There is no job control to stop for.
#[cfg(not(unix))]
pub fn stop_until_continued() -> io::Result<()> {
    Ok(())
}
