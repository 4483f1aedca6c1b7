//! What a check-up looks at and what it finds: types only. The worker makes findings, screen and `orgdeck doctor` show
//! them.

use crate::config::{Profile, ProfileField, ProfileId};
use std::{fmt, sync::Arc};

/// What is to be looked at.
#[derive(Clone, Debug, Default)]
pub struct Checkup {
    /// Only these profiles and their hosts; all where none is named.
    pub profiles: Vec<ProfileId>,
    /// No host is asked.
    pub offline: bool,
    /// What the program was started in.
    pub surroundings: Surroundings,
    /// The profiles to look at where the configuration cannot be read: those of its last good state.
    pub last_good: Vec<Arc<Profile>>,
}

/// What the environment says of terminal and desktop. The terminal itself is never asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// `TERM`.
    pub term: Option<String>,
    /// How many colours the terminal says it has.
    pub colours: Colours,
    /// `NO_COLOR` is set.
    pub no_color: bool,
    /// The locale of characters, where one is set: `LC_ALL`, else `LC_CTYPE`, else `LANG`.
    pub locale: Option<String>,
    /// Columns and rows; `None` where there is no terminal.
    pub size: Option<(u16, u16)>,
    /// What runs between orgdeck and the terminal: `tmux`, `screen`, `zellij`.
    pub multiplexer: Option<&'static str>,
    /// Where the person sits.
    pub seat: Seat,
    /// Where copied text goes.
    pub clipboard: ClipboardWay,
}

/// A seat alone, the rest as it mostly is.
impl From<Seat> for Surroundings {
    fn from(seat: Seat) -> Self {
        Self { seat, ..Self::default() }
    }
}

/// How many colours a terminal says it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colours {
    /// The sixteen of old.
    #[default]
    Sixteen,
    /// 256.
    Indexed,
    /// 24 bits.
    True,
}

/// Where the person sits: whether a browser that is opened here would be seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Seat {
    /// Before this computer.
    #[default]
    Desktop,
    /// Somewhere else, connected by SSH.
    Remote,
    /// Before a terminal without a display: a console, a container.
    NoDisplay,
}

/// Where copied text goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClipboardWay {
    /// Through the terminal.
    Terminal,
    /// Through tmux, which keeps OSC 52 to itself as it is set up at first.
    Tmux,
    /// The desktop's.
    #[default]
    Desktop,
}

/// What findings are about. Prints as a heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The file and the folders.
    Configuration,
    /// Keyring and vault.
    Stores,
    /// Terminal, clipboard, browser.
    Surroundings,
    /// A profile and its secrets.
    Profile(ProfileId),
    /// A host and the way to it, in words that name no other one.
    Host(String),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configuration => f.write_str("configuration"),
            Self::Stores => f.write_str("secret stores"),
            Self::Surroundings => f.write_str("terminal"),
            Self::Profile(id) => write!(f, "profile {id}"),
            Self::Host(name) => write!(f, "host {name}"),
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What, in a word or two.
    pub about: String,
    /// How it is.
    pub state: State,
    /// What was seen, lower case, no full stop, without a secret.
    pub seen: String,
    /// What to do about it, a sentence; what is to be typed stands between backticks.
    pub fix: Option<String>,
    /// What in the screen mends it.
    pub mend: Option<Mend>,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// As it should be.
    Ok,
    /// It works, or may, and should be looked at.
    Warning,
    /// It does not work.
    Broken,
}

impl State {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Broken => "broken",
        }
    }

    /// As a mark.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Ok => "✓",
            Self::Warning => "!",
            Self::Broken => "✗",
        }
    }
}

/// Where in the screen something is mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mend {
    /// In a field of a profile's form.
    Field(ProfileId, ProfileField),
    /// By the vault's passphrase.
    UnlockVault,
    /// By a new vault.
    CreateVault,
}

impl Finding {
    /// As it should be.
    pub fn ok(about: impl Into<String>, seen: impl Into<String>) -> Self {
        Self::new(State::Ok, about, seen)
    }

    /// Worth a look.
    pub fn warning(about: impl Into<String>, seen: impl Into<String>) -> Self {
        Self::new(State::Warning, about, seen)
    }

    /// Does not work.
    pub fn broken(about: impl Into<String>, seen: impl Into<String>) -> Self {
        Self::new(State::Broken, about, seen)
    }

    /// Of that state, without a fix.
    pub fn new(state: State, about: impl Into<String>, seen: impl Into<String>) -> Self {
        Self { about: about.into(), state, seen: seen.into(), fix: None, mend: None }
    }

    /// With what to do about it.
    pub fn fix(self, fix: impl Into<String>) -> Self {
        Self { fix: Some(fix.into()), ..self }
    }

    /// With what in the screen mends it.
    pub fn mend(self, mend: Mend) -> Self {
        Self { mend: Some(mend), ..self }
    }

    /// Of a sentence that ends in what to do: `what is wrong; what to do`.
    pub fn said(state: State, about: impl Into<String>, sentence: &str) -> Self {
        match sentence.split_once("; ") {
            Some((seen, fix)) => Self::new(state, about, seen).fix(fix),
            None => Self::new(state, about, sentence),
        }
    }
}

/// How many findings there are of each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// As they should be.
    pub ok: usize,
    /// Worth a look.
    pub warnings: usize,
    /// Broken.
    pub broken: usize,
}

impl Tally {
    /// Counts.
    pub fn of<'a>(findings: impl Iterator<Item = &'a Finding>) -> Self {
        let mut tally = Self::default();
        for finding in findings {
            match finding.state {
                State::Ok => tally.ok += 1,
                State::Warning => tally.warnings += 1,
                State::Broken => tally.broken += 1,
            }
        }
        tally
    }
}

/// `1 broken, 2 warnings, 14 ok`.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.warnings == 1 { "" } else { "s" };
        match self {
            Self { ok, warnings: 0, broken: 0 } => write!(f, "all {ok} ok"),
            Self { ok, warnings, broken: 0 } => {
                write!(f, "nothing broken, {warnings} warning{plural}, {ok} ok")
            }
            Self { ok, warnings, broken } => {
                write!(f, "{broken} broken, {warnings} warning{plural}, {ok} ok")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_divided_into_what_is_and_what_to_do() {
        let found = Finding::said(State::Broken, "password", "it is not there; put it there: `x; y`");
        assert_eq!(found.seen, "it is not there");
        assert_eq!(found.fix.as_deref(), Some("put it there: `x; y`"));
        assert_eq!(Finding::said(State::Ok, "a", "b").fix, None);
    }

    #[test]
    fn the_last_line_says_first_what_matters() {
        let tally = |ok, warnings, broken| Tally { ok, warnings, broken }.to_string();
        assert_eq!(tally(3, 0, 0), "all 3 ok");
        assert_eq!(tally(3, 1, 0), "nothing broken, 1 warning, 3 ok");
        assert_eq!(tally(3, 2, 1), "1 broken, 2 warnings, 3 ok");
    }
}
