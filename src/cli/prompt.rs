//! Asking a person at the terminal for a secret, with nothing of it shown.
//!
//! Standard output may be piped, standard input too: question and answer go to the terminal itself.

use super::{Exit, drive::cancelled, trouble::Trouble};
use crate::secrets::{Masked, Secret};
use crossterm::{
    event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers},
    terminal,
};
use std::{
    io::{self, IsTerminal, Write},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// How often a passphrase may be mistyped.
pub(super) const TRIES: usize = 3;
/// How long a signal that ends the program may go unnoticed while nothing is typed.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Whether somebody is there to answer: a script has neither end of a terminal.
pub(super) fn is_possible() -> bool {
    io::stderr().is_terminal() || io::stdin().is_terminal()
}

/// What the person types up to Enter; it may be nothing. `otherwise` says what to do where there is no terminal.
pub(super) fn secret(question: &str, otherwise: &str) -> Result<Secret, Trouble> {
    if !is_possible() {
        let mut trouble =
            Trouble::new(Exit::PersonNeeded, format!("there is no terminal to ask for {question}"));
        trouble.fix(otherwise);
        return Err(trouble);
    }
    let typed = typed(question).map_err(|error| {
        Trouble::new(Exit::Config, format!("{question} cannot be asked for on this terminal: {error}"))
    })?;
    typed.ok_or_else(cancelled)
}

/// The same passphrase typed twice, or [`cancelled`]; nothing typed is no passphrase.
pub(super) fn new_passphrase(question: &str, otherwise: &str) -> Result<Secret, Trouble> {
    for _ in 0..TRIES {
        let first = secret(question, otherwise)?;
        if first.is_empty() {
            say("it is empty; type one");
        } else if secret(&format!("{question} again"), otherwise)? == first {
            return Ok(first);
        } else {
            say("they differ; type it again");
        }
    }
    Err(Trouble::new(Exit::Config, format!("{question} was not typed twice the same")))
}

/// A line for the person at the terminal.
pub(super) fn say(line: &str) {
    let _ = write_line(line); // nobody is left to tell
}

fn write_line(line: &str) -> io::Result<()> {
    writeln!(terminal()?, "{line}")
}

fn terminal() -> io::Result<Box<dyn Write>> {
    if cfg!(unix)
        && let Ok(terminal) = std::fs::OpenOptions::new().write(true).open("/dev/tty")
    {
        return Ok(Box::new(terminal));
    }
    Ok(Box::new(io::stderr()))
}

/// `None` where the person, or a signal, says that it is to end.
fn typed(question: &str) -> io::Result<Option<Secret>> {
    let mut terminal = terminal()?;
    let typed = {
        let _raw = Raw::on()?; // before the question: who types fast is not echoed either
        write!(terminal, "{question}: ")?;
        terminal.flush()?;
        read()
    };
    writeln!(terminal)?;
    typed
}

fn read() -> io::Result<Option<Secret>> {
    let ending = Ending::watch()?;
    let mut line = Masked::new();
    loop {
        if ending.asked_for() {
            return Ok(None);
        }
        if !event::poll(LOOK_EVERY)? {
            continue;
        }
        let Event::Key(key) = event::read()? else { continue };
        match judge(key, line.is_empty()) {
            Key::Typed(c) => line.insert(c),
            Key::Back => line.backspace(),
            Key::Clear => line.clear(),
            Key::Done => return Ok(Some(line.take())),
            Key::Cancel => return Ok(None),
            Key::Nothing => {}
        }
    }
}

#[derive(Debug, PartialEq)]
enum Key {
    Typed(char),
    Back,
    Clear,
    Done,
    Cancel,
    Nothing,
}

fn judge(key: KeyEvent, empty: bool) -> Key {
    if key.kind == KeyEventKind::Release {
        return Key::Nothing;
    }
    // AltGr is Control and Alt to Windows.
    let control = key.modifiers.contains(KeyModifiers::CONTROL) && !key.modifiers.contains(KeyModifiers::ALT);
    match key.code {
        KeyCode::Enter => Key::Done,
        KeyCode::Char('j' | 'm') if control => Key::Done,
        KeyCode::Char('c') if control => Key::Cancel,
        KeyCode::Char('d') if control && empty => Key::Cancel,
        KeyCode::Char('u' | 'w') if control => Key::Clear,
        KeyCode::Char('h') if control => Key::Back,
        KeyCode::Backspace => Key::Back,
        KeyCode::Char(c) if !control => Key::Typed(c),
        _ => Key::Nothing,
    }
}

/// The terminal without echo. Dropping it, also by a panic, gives it back.
struct Raw;

impl Raw {
    fn on() -> io::Result<Self> {
        terminal::enable_raw_mode().map(|()| Self)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        let _ = terminal::disable_raw_mode(); // nobody is left to tell
    }
}

/// Signals that end the program, while something is asked for: they are only noted, so that the terminal is given back
/// first. Dropped, they end the program again.
struct Ending(&'static Signals);

#[derive(Default)]
struct Signals {
    /// One has come.
    came: Arc<AtomicBool>,
    /// They do as they would without us.
    end: Arc<AtomicBool>,
}

impl Ending {
    fn watch() -> io::Result<Self> {
        static SIGNALS: OnceLock<Signals> = OnceLock::new();
        let signals = match SIGNALS.get() {
            Some(signals) => signals,
            None => {
                let signals = Signals::default();
                #[cfg(unix)]
                for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
                    signal_hook::flag::register_conditional_default(signal, signals.end.clone())?;
                    signal_hook::flag::register(signal, signals.came.clone())?;
                }
                SIGNALS.get_or_init(|| signals)
            }
        };
        signals.end.store(false, Ordering::SeqCst);
        Ok(Self(signals))
    }

    fn asked_for(&self) -> bool {
        self.0.came.load(Ordering::SeqCst)
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.end.store(true, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_a_terminal_do_what_a_password_prompt_s_do() {
        let press = |code, modifiers| judge(KeyEvent::new(code, modifiers), false);
        let (none, control) = (KeyModifiers::NONE, KeyModifiers::CONTROL);
        for (code, modifiers, does) in [
            (KeyCode::Char('x'), none, Key::Typed('x')),
            (KeyCode::Char('Ä'), KeyModifiers::SHIFT, Key::Typed('Ä')),
            (KeyCode::Char('@'), control | KeyModifiers::ALT, Key::Typed('@')),
            (KeyCode::Enter, none, Key::Done),
            (KeyCode::Char('j'), control, Key::Done),
            (KeyCode::Backspace, none, Key::Back),
            (KeyCode::Char('u'), control, Key::Clear),
            (KeyCode::Char('c'), control, Key::Cancel),
            (KeyCode::Char('d'), control, Key::Nothing),
            (KeyCode::Up, none, Key::Nothing),
        ] {
            assert_eq!(press(code, modifiers), does, "{code:?} {modifiers:?}");
        }
        assert_eq!(judge(KeyEvent::new(KeyCode::Char('d'), control), true), Key::Cancel);
        let release = KeyEvent::new_with_kind(KeyCode::Char('x'), none, KeyEventKind::Release);
        assert_eq!(judge(release, false), Key::Nothing, "Windows tells of both");
    }
}
