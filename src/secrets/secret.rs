//! The two types every other module sees: a secret, and where one is kept.

use super::Shape;
use std::fmt;
use zeroize::Zeroizing;

/// A value that is never printed: no `Display`, no `Serialize`, a `Debug` that masks, zeroised on drop.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over; the caller's copy, if there was one, is the caller's to wipe.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The only way out: search for `.expose()` to see each place where a secret leaves memory.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What it looks like, which tells a slip of copying and nothing more.
    pub fn shapes(&self) -> Vec<Shape> {
        Shape::of(&self.0)
    }

    /// Whether there is nothing to hide.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(••••)")
    }
}

/// Where a secret is kept, as the configuration says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretRef {
    /// `{ env = "NAME" }`: an environment variable.
    Env(String),
    /// `{ command = ["pass", "show", "sf/uat"] }`: what a command prints, without its line end.
    Command(Vec<String>),
    /// `{ ask = true }`: asked of the person once per run.
    Ask,
    /// `{ keyring = true }`: the desktop's keyring.
    Keyring,
    /// `{ vault = true }`: orgdeck's encrypted vault.
    Vault,
    /// `"text"`: plain text in the configuration; works, with a warning that stays.
    Plain(Secret),
}

impl SecretRef {
    /// Which kind of place, and what it is called there. Of a command only the program is told: its arguments may be
    /// secrets themselves.
    pub fn place(&self) -> (&'static str, &str) {
        match self {
            Self::Env(name) => ("env", name),
            Self::Command(words) => ("command", words.first().map_or("", String::as_str)),
            Self::Ask => ("ask", ""),
            Self::Keyring => ("keyring", ""),
            Self::Vault => ("vault", ""),
            Self::Plain(_) => ("plain", ""),
        }
    }
}
