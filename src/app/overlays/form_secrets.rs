//! Secrets typed into a profile's form: shown as dots, put into the keyring or the vault before the file is written,
//! which only says where they are.

use super::ask::edit_masked;
use crate::{
    app::{field::Edit, vaults::store_of},
    config::{FormValue, ProfileField, ProfileForm, SecretField, SecretKind},
    jobs::JobId,
    secrets::{Masked, Secret, StoreKind},
};

/// What was typed, and how far it is put away.
#[derive(Debug, Default)]
pub struct FormSecrets {
    typed: Vec<(SecretField, Masked)>,
    /// The field being written.
    pub writing: Option<SecretField>,
    /// Whether its text is shown.
    pub revealed: bool,
    /// The job that puts one away.
    pub job: Option<JobId>,
    /// What that job puts away.
    storing: Option<SecretField>,
    stored: Vec<SecretField>,
}

/// A secret that has to be in a store before the file says so.
#[derive(Debug)]
pub struct ToStore {
    /// Which.
    pub field: SecretField,
    /// Where it goes.
    pub store: StoreKind,
    /// What was typed; `None` takes it from where it is now.
    pub typed: Option<Secret>,
}

impl FormSecrets {
    /// What was typed for a field.
    pub fn typed(&self, field: SecretField) -> Option<&Masked> {
        self.typed.iter().find(|(f, _)| *f == field).map(|(_, text)| text).filter(|text| !text.is_empty())
    }

    /// What is being typed.
    pub fn text(&self) -> Option<&Masked> {
        let writing = self.writing?;
        self.typed.iter().find(|(field, _)| *field == writing).map(|(_, text)| text)
    }

    /// Whether anything was typed.
    pub fn any(&self) -> bool {
        self.typed.iter().any(|(_, text)| !text.is_empty())
    }

    /// Begins to type a field's secret; what was typed before stays, to be mended.
    pub fn begin(&mut self, field: SecretField) {
        self.writing = Some(field);
        self.revealed = false;
        if !self.typed.iter().any(|(f, _)| *f == field) {
            self.typed.push((field, Masked::new()));
        }
    }

    /// Takes a secret that came with others, as if it had been typed.
    pub fn put(&mut self, field: SecretField, secret: &Secret) {
        self.typed.retain(|(f, _)| *f != field);
        let mut masked = Masked::new();
        masked.paste(secret.expose());
        self.typed.push((field, masked));
        self.stored.retain(|f| *f != field);
    }

    /// Changes the text being typed.
    pub fn edit(&mut self, edit: Edit) {
        self.change(|text| edit_masked(text, edit));
    }

    /// Takes a pasted secret; says what was cleaned off it.
    pub fn paste(&mut self, pasted: &str) -> Option<String> {
        let mut cleaned = Vec::new();
        self.change(|text| cleaned = text.paste(pasted));
        let says: Vec<&str> = cleaned.iter().map(|cleaned| cleaned.says()).collect();
        (!says.is_empty()).then(|| format!("cleaned: {}", says.join(", ")))
    }

    fn change(&mut self, change: impl FnOnce(&mut Masked)) {
        let Some(writing) = self.writing else { return };
        if let Some((_, text)) = self.typed.iter_mut().find(|(field, _)| *field == writing) {
            change(text);
            self.stored.retain(|field| *field != writing);
        }
    }

    /// The next secret that has to be put away before the form can be saved over `original`.
    pub fn next(&self, form: &ProfileForm, original: &ProfileForm) -> Option<ToStore> {
        SecretField::ALL.iter().filter(|field| !self.stored.contains(field)).find_map(|field| {
            let (now, before) = (kind_of(form, *field), kind_of(original, *field));
            let store = store_of(now)?;
            if let Some(typed) = self.typed(*field) {
                let typed = Some(Secret::new(typed.reveal()));
                return Some(ToStore { field: *field, store, typed });
            }
            // It goes along to its new place by itself, from wherever it can be read.
            let readable = !matches!(before, SecretKind::None | SecretKind::Ask);
            (now != before && readable).then_some(ToStore { field: *field, store, typed: None })
        })
    }

    /// A job puts this one away.
    pub fn begin_storing(&mut self, field: SecretField, job: JobId) {
        (self.storing, self.job) = (Some(field), Some(job));
    }

    /// The job has done it.
    pub fn end_storing(&mut self) {
        self.job = None;
        self.stored.extend(self.storing.take());
    }

    /// The job has not; answers which one it was.
    pub fn give_up(&mut self) -> Option<SecretField> {
        self.job = None;
        self.storing.take()
    }
}

/// Where a form says that a secret is.
pub fn kind_of(form: &ProfileForm, field: SecretField) -> SecretKind {
    match form.get(ProfileField::of_secret(field)) {
        FormValue::Secret(input) => input.kind,
        _ => SecretKind::None,
    }
}
