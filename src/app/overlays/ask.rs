//! Secrets that the profile does not keep, typed for this run; they are shown as dots until asked.

use crate::{
    app::{
        Action, Task,
        field::{Edit, Motion},
    },
    config::ProfileId,
    jobs::{Answers, SecretField},
    secrets::Masked,
};

/// The box with the secrets to be typed.
#[derive(Debug)]
pub struct AskSecrets {
    /// Whose.
    pub profile: ProfileId,
    /// The fields and what has been typed.
    pub fields: Vec<(SecretField, Masked)>,
    /// The field being written.
    pub at: usize,
    /// Whether its text is shown.
    pub revealed: bool,
    /// What was cleaned away from a pasted secret.
    pub cleaned: Option<String>,
    /// What they are needed for.
    pub task: Task,
}

impl AskSecrets {
    /// A box for these fields.
    pub fn new(profile: ProfileId, fields: &[SecretField], task: Task) -> Self {
        let fields = fields.iter().map(|field| (*field, Masked::new())).collect();
        Self { profile, fields, at: 0, revealed: false, cleaned: None, task }
    }

    /// Puts in what was typed before, to be mended.
    pub fn prefill(&mut self, answers: &Answers) {
        for (field, text) in &mut self.fields {
            if let Some(known) = answers.get(*field) {
                text.paste(known.expose());
            }
        }
    }

    /// To the next field, or back; false at the ends.
    pub fn step(&mut self, forward: bool) -> bool {
        let next = if forward { self.at + 1 } else { self.at.wrapping_sub(1) };
        let there = next < self.fields.len();
        if there {
            self.at = next;
            self.revealed = false;
        }
        there
    }

    /// Carries out what concerns this box alone.
    pub fn handle(&mut self, action: &Action) -> bool {
        match action {
            Action::NextField | Action::Down => self.step(true),
            Action::PreviousField | Action::Up => self.step(false),
            Action::ToggleReveal => {
                self.revealed = !self.revealed;
                true
            }
            _ => return false,
        };
        true
    }

    /// Takes a pasted secret, cleaned of what came along with it, and says so.
    pub fn paste(&mut self, text: &str) {
        let Some((_, masked)) = self.fields.get_mut(self.at) else { return };
        let cleaned = masked.paste(text);
        let says: Vec<&str> = cleaned.iter().map(|c| c.says()).collect();
        self.cleaned = (!says.is_empty()).then(|| says.join(", "));
    }

    /// Changes the text being written.
    pub fn edit(&mut self, edit: Edit) {
        let Some((_, text)) = self.fields.get_mut(self.at) else { return };
        edit_masked(text, edit);
    }
}

/// Carries out an edit in a masked text; there is no undo and no yank, which would keep copies.
pub fn edit_masked(text: &mut Masked, edit: Edit) {
    match edit {
        Edit::Insert(c) => text.insert(c),
        Edit::Delete(Motion::Left) => text.backspace(),
        Edit::Delete(Motion::Right) => text.delete(),
        Edit::Delete(Motion::LineEnd | Motion::End) => text.delete_to_end(),
        Edit::Delete(_) => text.delete_to_start(),
        Edit::Move { to: Motion::Left, .. } => text.left(),
        Edit::Move { to: Motion::Right, .. } => text.right(),
        Edit::Move { to: Motion::LineStart | Motion::Start, .. } => text.home(),
        Edit::Move { to: Motion::LineEnd | Motion::End, .. } => text.end(),
        _ => {}
    }
}
