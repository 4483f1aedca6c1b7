//! The vault's passphrase: to unlock it, to make one, to change it. Shown as dots until asked.

use super::ask::edit_masked;
use crate::{
    app::{Action, Chore, field::Edit, vaults::Next},
    jobs::JobId,
    secrets::Masked,
};

/// What the passphrase is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// There is a vault, and it is locked.
    Unlock,
    /// There is none yet.
    Create,
    /// It gets another passphrase.
    Change,
}

impl Purpose {
    /// What is asked, in order.
    fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Unlock => &["passphrase"],
            Self::Create => &["passphrase", "once more"],
            Self::Change => &["present one", "new passphrase", "once more"],
        }
    }

    /// The box's title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Unlock => "Unlock the vault",
            Self::Create => "Make a vault",
            Self::Change => "Another passphrase for the vault",
        }
    }

    /// What a person should know first.
    pub fn says(self) -> &'static str {
        match self {
            Self::Unlock => "Its passphrase is kept in memory for this run only.",
            Self::Create => {
                "A file for secrets and logins, encrypted with a passphrase. Without that nobody can read it, you neither."
            }
            Self::Change => "What is in the vault stays.",
        }
    }
}

/// The box.
#[derive(Debug)]
pub struct VaultBox {
    /// What for.
    pub purpose: Purpose,
    /// The fields and what was typed.
    pub fields: Vec<(&'static str, Masked)>,
    /// The field being written.
    pub at: usize,
    /// Whether its text is shown.
    pub revealed: bool,
    /// Why it was not done.
    pub problem: Option<String>,
    /// The job that does it.
    pub job: Option<JobId>,
    /// What goes on then.
    pub next: Next,
}

impl VaultBox {
    /// An empty box.
    pub fn new(purpose: Purpose, next: Next) -> Self {
        let fields = purpose.fields().iter().map(|label| (*label, Masked::new())).collect();
        Self { purpose, fields, at: 0, revealed: false, problem: None, job: None, next }
    }

    /// Carries out what concerns this box alone; while the vault is at work there is nothing to type.
    pub fn handle(&mut self, action: &Action) -> bool {
        match action {
            Action::NextField | Action::Down => self.step(true),
            Action::PreviousField | Action::Up => self.step(false),
            Action::ToggleReveal => self.revealed = !self.revealed,
            Action::Edit(edit) => self.edit(*edit),
            _ => return false,
        }
        true
    }

    fn step(&mut self, forward: bool) {
        let next = if forward { self.at + 1 } else { self.at.wrapping_sub(1) };
        if next < self.fields.len() {
            self.at = next;
            self.revealed = false;
        }
    }

    fn edit(&mut self, edit: Edit) {
        if self.job.is_none()
            && let Some((_, text)) = self.fields.get_mut(self.at)
        {
            edit_masked(text, edit);
            self.problem = None;
        }
    }

    /// Takes a pasted passphrase; blanks and quotes around it are taken off, as with any secret.
    pub fn paste(&mut self, text: &str) {
        if let Some((_, field)) = self.fields.get_mut(self.at).filter(|_| self.job.is_none()) {
            field.paste(text);
            self.problem = None;
        }
    }

    /// `Enter`: the next field, or what is to be done when all are typed and agree.
    pub fn accept(&mut self) -> Option<Chore> {
        if self.job.is_some() {
            return None;
        }
        if self.at + 1 < self.fields.len() && !self.fields[self.at].1.is_empty() {
            self.step(true);
            return None;
        }
        if let Some(empty) = self.fields.iter().position(|(_, text)| text.is_empty()) {
            self.at = empty;
            self.problem = Some("type it; an empty one protects nothing".into());
            return None;
        }
        let texts: Vec<_> =
            self.fields.iter().map(|(_, text)| crate::secrets::Secret::new(text.reveal())).collect();
        match (self.purpose, &texts[..]) {
            (Purpose::Unlock, [passphrase]) => Some(Chore::UnlockVault(passphrase.clone())),
            (Purpose::Create, [one, other]) if one == other => Some(Chore::CreateVault(one.clone())),
            (Purpose::Change, [old, one, other]) if one == other => {
                Some(Chore::RekeyVault(old.clone(), one.clone()))
            }
            _ => {
                self.refuse("the two differ: type the second once more".into());
                None
            }
        }
    }

    /// Says why it was not done; the last field is to be typed again.
    pub fn refuse(&mut self, problem: String) {
        self.job = None;
        self.problem = Some(problem);
        self.at = match self.purpose {
            Purpose::Unlock => 0,
            Purpose::Create => 1,
            Purpose::Change => 2,
        };
        if let Some((_, text)) = self.fields.get_mut(self.at) {
            text.clear();
        }
    }
}
