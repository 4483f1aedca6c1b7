//! The terminal behind the PTY: what it shows between two updates, which modes are on, and what it
//! answers when it is asked. No process, thread or file lives here.

use std::collections::BTreeSet;

use vt100::{Callbacks, MouseProtocolMode, Parser, Screen};

/// Synchronized output: between `CSI ? 2026 h` and `l` the screen is half drawn.
const SYNCHRONIZED: u16 = 2026;

pub struct Emulator {
    parser: Parser<Terminal>,
}

/// What outlives a single escape sequence.
struct Terminal {
    /// The screen as it was when the last update was complete.
    shown: Screen,
    /// The text of every complete frame so far, each different from the one before.
    frames: Vec<String>,
    updating: bool,
    /// Private modes that are on and that the screen itself does not keep, like focus events (1004).
    modes: BTreeSet<u16>,
    keyboard_flags_pushed: usize,
    titles: Vec<String>,
    clipboard: Vec<u8>,
    answers: Vec<u8>,
    /// What the program asked the terminal, as the answers to it.
    asked: Vec<String>,
}

/// The emulating crate cannot wrap in a grid of one row or one column. The program is told the true size all the same;
/// only what is kept of its output is two cells wide and high at least.
fn at_least(rows: u16, columns: u16) -> (u16, u16) {
    (rows.max(2), columns.max(2))
}

impl Emulator {
    pub fn new(columns: u16, rows: u16) -> Self {
        let (rows, columns) = at_least(rows, columns);
        let blank = Parser::new(rows, columns, 0).screen().clone();
        let terminal = Terminal {
            shown: blank,
            frames: vec![String::new()],
            updating: false,
            modes: BTreeSet::new(),
            keyboard_flags_pushed: 0,
            titles: Vec::new(),
            clipboard: Vec::new(),
            answers: Vec::new(),
            asked: Vec::new(),
        };
        Self { parser: Parser::new_with_callbacks(rows, columns, 0, terminal) }
    }

    /// Takes output of the program; answers with what the terminal writes back.
    pub fn process(&mut self, output: &[u8]) -> Vec<u8> {
        self.parser.process(output);
        let screen = self.parser.screen().clone();
        let terminal = self.parser.callbacks_mut();
        if !terminal.updating {
            terminal.complete(&screen);
        }
        std::mem::take(&mut terminal.answers)
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        let (rows, columns) = at_least(rows, columns);
        self.parser.screen_mut().set_size(rows, columns);
    }

    /// The last whole screen.
    pub fn shown(&self) -> &Screen {
        &self.parser.callbacks().shown
    }

    pub fn frames(&self) -> &[String] {
        &self.parser.callbacks().frames
    }

    /// What the program asked the terminal, told by the answers.
    pub fn asked(&self) -> &[String] {
        &self.parser.callbacks().asked
    }

    pub fn titles(&self) -> &[String] {
        &self.parser.callbacks().titles
    }

    /// What the program last put into the clipboard by OSC 52, still in base64.
    pub fn clipboard(&self) -> &[u8] {
        &self.parser.callbacks().clipboard
    }

    pub fn hears_mouse(&self) -> bool {
        self.parser.screen().mouse_protocol_mode() != MouseProtocolMode::None
    }

    pub fn brackets_paste(&self) -> bool {
        self.parser.screen().bracketed_paste()
    }

    /// Modes that a program has to undo before it ends, by name.
    pub fn left_on(&self) -> Vec<String> {
        let (screen, terminal) = (self.parser.screen(), self.parser.callbacks());
        let known = [
            (screen.alternate_screen(), "the alternate screen"),
            (screen.hide_cursor(), "the hidden cursor"),
            (screen.bracketed_paste(), "bracketed paste"),
            (self.hears_mouse(), "mouse reports"),
            (screen.application_cursor(), "application cursor keys"),
            (terminal.updating, "a synchronized update"),
            (terminal.keyboard_flags_pushed > 0, "keyboard flags"),
        ];
        let known = known.iter().filter(|(on, _)| *on).map(|(_, name)| (*name).to_owned());
        known.chain(terminal.modes.iter().map(|mode| format!("private mode {mode}"))).collect()
    }
}

/// The rows of a screen as text, blanks at their ends cut off.
pub fn text(screen: &Screen) -> String {
    let (_, columns) = screen.size();
    let rows: Vec<String> = screen.rows(0, columns).map(|row| row.trim_end().to_owned()).collect();
    rows.join("\n").trim_end().to_owned()
}

impl Terminal {
    fn complete(&mut self, screen: &Screen) {
        self.shown = screen.clone();
        let text = text(screen);
        if self.frames.last() != Some(&text) {
            self.frames.push(text);
        }
    }

    fn set_mode(&mut self, screen: &Screen, mode: u16, on: bool) {
        match (mode, on) {
            (SYNCHRONIZED, true) => {
                if !self.updating {
                    self.complete(screen);
                }
                self.updating = true;
            }
            (SYNCHRONIZED, false) => {
                self.updating = false;
                self.complete(screen);
            }
            // vt100 keeps these itself, but hands us a sequence that names them beside an unknown one.
            (1 | 6 | 9 | 25 | 47 | 1000 | 1002 | 1003 | 1005 | 1006 | 1049 | 2004, _) => {}
            // rxvt's mouse encoding only says how reports look; `hears_mouse` tells whether there are any.
            (1015, _) => {}
            // The blinking cursor and autowrap are on unless turned off.
            (7 | 12, _) => {}
            (_, true) => _ = self.modes.insert(mode),
            (_, false) => _ = self.modes.remove(&mode),
        }
    }

    fn answer(&mut self, text: &str) {
        self.asked.push(text.escape_debug().to_string());
        self.answers.extend_from_slice(text.as_bytes());
    }

    fn report_mode(&mut self, mode: u16) {
        let state = match mode {
            SYNCHRONIZED if self.updating => 1,
            SYNCHRONIZED => 2,
            _ if self.modes.contains(&mode) => 1,
            _ => 0, // not recognised
        };
        self.answer(&format!("\x1b[?{mode};{state}$y"));
    }
}

impl Callbacks for Terminal {
    fn set_window_title(&mut self, _: &mut Screen, title: &[u8]) {
        self.titles.push(String::from_utf8_lossy(title).into_owned());
    }

    fn copy_to_clipboard(&mut self, _: &mut Screen, _: &[u8], data: &[u8]) {
        self.clipboard = data.to_vec();
    }

    fn unhandled_csi(
        &mut self,
        screen: &mut Screen,
        first: Option<u8>,
        second: Option<u8>,
        params: &[&[u16]],
        last: char,
    ) {
        let param = params.first().and_then(|p| p.first()).copied().unwrap_or(0);
        let (row, column) = screen.cursor_position();
        let (rows, columns) = screen.size();
        match (first, second, last, param) {
            (Some(b'?'), None, 'h' | 'l', _) => {
                for mode in params.iter().filter_map(|p| p.first()) {
                    self.set_mode(screen, *mode, last == 'h');
                }
            }
            (Some(b'?'), Some(b'$'), 'p', mode) => self.report_mode(mode),
            (None, None, 'c', 0) => self.answer("\x1b[?62;22c"),
            (Some(b'>'), None, 'c', 0) => self.answer("\x1b[>1;10;0c"),
            (Some(b'>'), None, 'q', 0) => self.answer("\x1bP>|a test\x1b\\"),
            (None, None, 'n', 5) => self.answer("\x1b[0n"),
            (None, None, 'n', 6) => self.answer(&format!("\x1b[{};{}R", row + 1, column + 1)),
            (Some(b'?'), None, 'n', 6) => self.answer(&format!("\x1b[?{};{};1R", row + 1, column + 1)),
            (Some(b'?'), None, 'n', 996) => self.answer("\x1b[?997;1n"),
            (None, None, 't', 18) => self.answer(&format!("\x1b[8;{rows};{columns}t")),
            (None, None, 't', 14) => self.answer(&format!("\x1b[4;{};{}t", rows * 16, columns * 8)),
            (None, None, 't', 16) => self.answer("\x1b[6;16;8t"),
            (Some(b'?'), None, 'u', _) => self.answer("\x1b[?0u"),
            (Some(b'>'), None, 'u', _) => self.keyboard_flags_pushed += 1,
            (Some(b'<'), None, 'u', count) => {
                let popped = usize::from(count.max(1));
                self.keyboard_flags_pushed = self.keyboard_flags_pushed.saturating_sub(popped);
            }
            _ => {}
        }
    }

    fn unhandled_osc(&mut self, _: &mut Screen, params: &[&[u8]]) {
        match params {
            [b"10", b"?"] => self.answer("\x1b]10;rgb:e0e0/e0e0/e0e0\x1b\\"),
            [b"11", b"?"] => self.answer("\x1b]11;rgb:1010/1010/1010\x1b\\"),
            [b"12", b"?"] => self.answer("\x1b]12;rgb:e0e0/e0e0/e0e0\x1b\\"),
            [b"4", index, b"?"] => {
                let index = String::from_utf8_lossy(index).into_owned();
                self.answer(&format!("\x1b]4;{index};rgb:8080/8080/8080\x1b\\"));
            }
            _ => {}
        }
    }
}

#[test]
fn a_half_drawn_screen_is_never_shown() {
    let mut terminal = Emulator::new(20, 2);
    terminal.process(b"old\x1b[?2026h\x1b[2J\x1b[Hne");
    assert_eq!(text(terminal.shown()), "old");
    terminal.process(b"w\x1b[?2026l");
    assert_eq!(text(terminal.shown()), "new");
}

#[test]
fn frames_within_one_read_are_all_kept() {
    let mut terminal = Emulator::new(20, 2);
    terminal.process(b"\x1b[?2026h\x1b[Hone\x1b[?2026l\x1b[?2026h\x1b[Htwo\x1b[?2026l\x1b[?2026h\x1b[Hthr");
    assert_eq!(terminal.frames(), ["", "one", "two"]);
}

#[test]
fn questions_are_answered() {
    let mut terminal = Emulator::new(20, 5);
    let mut ask = |question: &str| String::from_utf8(terminal.process(question.as_bytes())).unwrap();
    assert_eq!(ask("\x1b[3;7H\x1b[6n"), "\x1b[3;7R");
    assert_eq!(ask("\x1b[c"), "\x1b[?62;22c");
    assert_eq!(ask("\x1b[?u\x1b[c"), "\x1b[?0u\x1b[?62;22c");
    assert_eq!(ask("\x1b]11;?\x1b\\"), "\x1b]11;rgb:1010/1010/1010\x1b\\");
    assert_eq!(ask("\x1b[?2026$p"), "\x1b[?2026;2$y");
    assert_eq!(ask("\x1b[18t"), "\x1b[8;5;20t");
    assert_eq!(ask("no question"), "");
    assert_eq!(terminal.asked().len(), 7);
}

#[test]
fn modes_left_on_are_named() {
    let mut terminal = Emulator::new(20, 5);
    terminal.process(b"\x1b[?1049h\x1b[?25l\x1b[?1000h\x1b[?1006h\x1b[?2004h\x1b[?1004h\x1b[>1u");
    assert_eq!(terminal.left_on().len(), 6, "{:?}", terminal.left_on());
    terminal.process(b"\x1b[<1u\x1b[?1004l\x1b[?2004l\x1b[?1006l\x1b[?1000l\x1b[?25h\x1b[?1049l");
    assert_eq!(terminal.left_on(), Vec::<String>::new());
}
