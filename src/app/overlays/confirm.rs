//! A question before something that cannot be undone; in production it takes the profile's name, typed.

use crate::{
    app::{Action, Ready, field::Field, lockout::HeldBack, vaults::Move},
    workspace::Draft,
};

/// The question.
#[derive(Debug)]
pub struct Confirm {
    /// The box's title.
    pub title: String,
    /// What is about to happen.
    pub lines: Vec<String>,
    /// What must be typed; `None` if `Enter` is enough.
    pub expected: Option<String>,
    /// What has been typed.
    pub typed: Field,
    /// It concerns a production org.
    pub production: bool,
    /// What a yes does.
    pub then: Then,
}

/// What a yes does.
#[derive(Debug)]
pub enum Then {
    /// Carries out an action.
    Do(Action),
    /// Sends a request that was held back.
    Send(Box<Ready>),
    /// Sends a request as it was written.
    SendDraft(Box<Draft>),
    /// Sends a password that may lock its user out.
    SendPassword(Box<HeldBack>),
    /// Takes a secret from where it is kept.
    Move(Box<Move>),
    /// Closes the profile form without saving.
    CloseEditor,
}

impl Confirm {
    /// A question that `Enter` answers.
    pub fn plain(title: impl Into<String>, lines: Vec<String>, then: Then) -> Self {
        Self { title: title.into(), lines, expected: None, typed: Field::line(""), production: false, then }
    }

    /// A question that only the profile's name answers.
    pub fn typed(title: impl Into<String>, lines: Vec<String>, expected: &str, then: Then) -> Self {
        Self { expected: Some(expected.to_owned()), ..Self::plain(title, lines, then) }
    }

    /// Whether what was typed is what is asked for.
    pub fn agreed(&self) -> bool {
        self.expected.as_ref().is_none_or(|expected| self.typed.text().trim() == expected)
    }
}
