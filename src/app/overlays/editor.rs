//! A profile's form: the rows that the chosen flow uses, one value each.

use super::form_secrets::{FormSecrets, ToStore, kind_of};
use crate::{
    app::{
        Action,
        field::Field,
        panes::{moved, scrolled},
        vaults::store_of,
    },
    config::{
        Environment, FieldKind, Flow, FormValue, Profile, ProfileField, ProfileForm, ProfileId, SecretField,
        SecretKind, environment_of_host, login_host_of_page,
    },
    salesforce::sfdx_auth_url::SfdxAuthUrl,
    workspace::sfdx,
};

/// The form.
#[derive(Debug)]
pub struct ProfileEditor {
    /// What stands in it.
    pub form: ProfileForm,
    /// The profile it was opened on; `None` for a new one.
    pub old: Option<ProfileId>,
    /// The row of the cursor.
    pub cursor: usize,
    /// The first row on the screen.
    pub first: usize,
    /// The text being written.
    pub editing: Option<Field>,
    /// Why it was not saved, and at which field.
    pub problem: Option<(Option<ProfileField>, String)>,
    /// What became of an address or a secret that was pasted or written, until the next key.
    pub said: Option<String>,
    /// Secrets that were typed here.
    pub secrets: FormSecrets,
    original: ProfileForm,
}

impl ProfileEditor {
    /// A form on a profile, or an empty one.
    pub fn new(profile: Option<&Profile>) -> Self {
        let form = profile.map_or_else(ProfileForm::blank, ProfileForm::of);
        Self {
            original: form.clone(),
            form,
            old: profile.map(|p| p.id.clone()),
            cursor: 0,
            first: 0,
            editing: None,
            problem: None,
            said: None,
            secrets: FormSecrets::default(),
        }
    }

    /// An empty form for a flow.
    pub fn of_flow(flow: Flow) -> Self {
        let mut editor = Self::new(None);
        editor.form.set_text(ProfileField::Flow, flow.name());
        editor.original = editor.form.clone();
        editor
    }

    /// The fields that the chosen flow uses, and those that every flow does.
    pub fn rows(&self) -> Vec<ProfileField> {
        ProfileField::all().filter(|field| self.form.shows(*field)).collect()
    }

    /// The field of the cursor.
    pub fn field(&self) -> Option<ProfileField> {
        self.rows().get(self.cursor).copied()
    }

    /// Whether anything was written.
    pub fn changed(&self) -> bool {
        self.form != self.original || self.secrets.any()
    }

    /// The next secret that has to be put away before the file can say where it is.
    pub fn to_store(&self) -> Option<ToStore> {
        self.secrets.next(&self.form, &self.original)
    }

    /// Whether a secret can be typed into the field of the cursor: a store will have it.
    fn secret_of_cursor(&self) -> Option<SecretField> {
        let FieldKind::Secret(field) = self.field()?.kind() else { return None };
        store_of(kind_of(&self.form, field)).map(|_| field)
    }

    /// Whether a secret is, or is to be, in a store.
    pub fn uses_store(&self) -> bool {
        SecretField::ALL.iter().any(|field| store_of(kind_of(&self.form, *field)).is_some())
    }

    /// How a secret stands that a store has or will have, and that nothing was typed for.
    pub fn untyped(&self, field: SecretField) -> &'static str {
        match kind_of(&self.original, field) {
            before if before == kind_of(&self.form, field) => "kept there",
            SecretKind::None | SecretKind::Ask => "Enter types it",
            _ => "goes there when saved",
        }
    }

    /// Whether letters are text.
    pub fn writes(&self) -> bool {
        self.editing.is_some() || self.secrets.writing.is_some()
    }

    /// The form as it is to be saved: what was changed here, on what the profile is by now. What was changed in the
    /// file meanwhile, a `read_only` say, must not be undone by a form that was opened before.
    pub fn on_top_of(&self, current: Option<&Profile>) -> ProfileForm {
        let Some(current) = current else { return self.form.clone() };
        let mut merged = ProfileForm::of(current);
        for field in ProfileField::all() {
            if self.form.get(field) != self.original.get(field) {
                merged.set(field, self.form.get(field).clone());
            }
        }
        merged
    }

    /// The text being written.
    pub fn field_mut(&mut self) -> Option<&mut Field> {
        self.editing.as_mut()
    }

    /// Carries out what concerns the form alone.
    pub fn handle(&mut self, action: &Action, page: usize) -> bool {
        self.said = None;
        if self.writes() {
            return self.handle_writing(action);
        }
        match action {
            Action::NextField => self.cursor = (self.cursor + 1).min(self.rows().len().saturating_sub(1)),
            Action::PreviousField => self.cursor = self.cursor.saturating_sub(1),
            Action::BeginEditing | Action::Enter => self.begin(),
            Action::Right => self.turn(true),
            Action::Left => self.turn(false),
            _ => match moved(self.cursor, self.rows().len(), page, action) {
                Some(at) => self.cursor = at,
                None => return false,
            },
        }
        true
    }

    fn handle_writing(&mut self, action: &Action) -> bool {
        match action {
            Action::Edit(edit) => {
                if let Some(field) = &mut self.editing {
                    field.edit(*edit);
                }
                self.secrets.edit(*edit);
                self.keep_text();
            }
            Action::ToggleReveal => self.secrets.revealed = !self.secrets.revealed,
            Action::Back => self.end_writing(),
            Action::Enter => {
                self.end_writing();
                self.step(1);
            }
            Action::NextField => self.step_writing(1),
            Action::PreviousField => self.step_writing(-1),
            Action::SaveForm => {
                self.end_writing();
                return false;
            }
            _ => return false,
        }
        true
    }

    /// Takes a pasted text; outside a field it begins to write in the one of the cursor.
    pub fn paste(&mut self, text: &str) -> Option<bool> {
        if self.old.is_none() && text.trim_start().starts_with("force://") {
            self.take_login(text);
            return Some(true);
        }
        if !self.writes() {
            self.begin();
        }
        if self.secrets.writing.is_some() {
            self.said = self.secrets.paste(text);
            self.problem = None;
            return Some(true);
        }
        let fits = self.editing.as_mut()?.paste(text.trim());
        self.keep_text();
        if self.put_login_host() {
            self.begin();
        }
        Some(fits)
    }

    /// A new profile takes a whole sfdxAuthUrl, wherever it is pasted.
    fn take_login(&mut self, text: &str) {
        self.end_writing();
        let url = match SfdxAuthUrl::read(text) {
            Ok(url) => url,
            Err(error) => return self.refuse(None, error.to_string()),
        };
        let name = self.form.text(ProfileField::Name).to_owned();
        let (form, secrets) = sfdx::profile_of(&url, &name, SecretKind::Vault);
        self.form = form;
        for (field, secret) in secrets {
            self.secrets.put(field, &secret);
        }
        self.problem = None;
        self.said = Some("filled in from the sfdxAuthUrl; saved, its secrets go into the vault".into());
    }

    /// Puts the cursor on a row.
    pub fn put_cursor(&mut self, row: usize) {
        self.end_writing();
        self.cursor = row;
    }

    fn end_writing(&mut self) {
        self.secrets.writing = None;
        if self.editing.take().is_some() {
            self.put_login_host();
        }
    }

    /// Puts the host that gives tokens in the place of a page's address, and says so; a new profile takes what the
    /// host says of its org. False if the address stays.
    fn put_login_host(&mut self) -> bool {
        let Some(field @ (ProfileField::LoginUrl | ProfileField::InstanceUrl)) = self.field() else {
            return false;
        };
        let environment = self.form.environment().unwrap_or(Environment::Custom);
        let better = login_host_of_page(self.form.text(field), environment);
        let changed = better.is_some();
        if let Some((host, says)) = better {
            self.form.set_text(field, host);
            self.said = Some(says);
        }
        self.put_environment(field);
        changed
    }

    /// A new profile is for production until something says otherwise.
    fn put_environment(&mut self, field: ProfileField) {
        let untouched = self.old.is_none() && self.form.environment() == self.original.environment();
        let named = environment_of_host(self.form.text(field)).filter(|_| untouched);
        let Some(environment) = named.filter(|named| self.form.environment() != Some(*named)) else { return };
        let word = environment.name();
        self.form.set_text(ProfileField::Environment, word);
        self.said = Some(match self.said.take() {
            Some(said) => format!("{said}; environment: {word}"),
            None => format!("the environment is {word}, as the host says"),
        });
    }

    fn step(&mut self, by: isize) {
        let last = self.rows().len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(by).min(last);
    }

    fn step_writing(&mut self, by: isize) {
        self.end_writing();
        self.step(by);
        if self.text_of_cursor().is_some() || self.secret_of_cursor().is_some() {
            self.begin();
        }
    }

    /// The text that can be written at the cursor.
    fn text_of_cursor(&self) -> Option<String> {
        let field = self.field()?;
        match (self.form.get(field), field.kind()) {
            (_, FieldKind::OneOf { .. }) => None,
            (FormValue::Text(text), _) => Some(text.clone()),
            (FormValue::Secret(input), _) if input.kind.has_text() => Some(input.text.clone()),
            (FormValue::Pairs(pairs), _) => print_pairs(pairs),
            _ => None,
        }
    }

    fn begin(&mut self) {
        if let Some(field) = self.secret_of_cursor() {
            return self.secrets.begin(field);
        }
        match self.text_of_cursor() {
            Some(text) => self.editing = Some(Field::line(&text)),
            None => self.turn(true),
        }
    }

    fn keep_text(&mut self) {
        let (Some(field), Some(writing)) = (self.field(), &self.editing) else { return };
        let text = writing.text();
        let value = match self.form.get(field) {
            FormValue::Text(_) => FormValue::Text(text),
            FormValue::Secret(input) => {
                let mut input = input.clone();
                input.text = text;
                FormValue::Secret(input)
            }
            FormValue::Pairs(_) => FormValue::Pairs(read_pairs(&text)),
            FormValue::Flag(on) => FormValue::Flag(*on),
        };
        self.form.set(field, value);
        self.problem = None;
    }

    /// The next or previous choice, where there are choices.
    fn turn(&mut self, forward: bool) {
        let Some(field) = self.field() else { return };
        let value = match (self.form.get(field), field.kind()) {
            (FormValue::Flag(on), _) => FormValue::Flag(!on),
            (FormValue::Text(word), FieldKind::OneOf { words, optional }) => {
                let mut all: Vec<&str> = words.to_vec();
                if optional {
                    all.insert(0, "");
                }
                FormValue::Text((*next(&all, &word.as_str(), forward)).to_owned())
            }
            (FormValue::Secret(input), _) => {
                let kinds: Vec<_> = input.kinds().collect();
                let kind = *next(&kinds, &input.kind, forward);
                let mut input = input.clone();
                input.kind = kind;
                FormValue::Secret(input)
            }
            _ => return,
        };
        self.form.set(field, value);
        self.problem = None;
    }

    /// Puts the cursor on a field.
    pub fn go_to(&mut self, field: ProfileField) {
        self.cursor = self.rows().iter().position(|row| *row == field).unwrap_or(self.cursor);
    }

    /// Says why it was not saved, with the cursor at the field.
    pub fn refuse(&mut self, field: Option<ProfileField>, message: String) {
        if let Some(field) = field {
            self.go_to(field);
        }
        self.problem = Some((field, message));
    }

    /// Keeps cursor and scroll within the rows.
    pub fn settle(&mut self, height: usize) {
        let len = self.rows().len();
        self.cursor = self.cursor.min(len.saturating_sub(1));
        self.first = scrolled(self.first, self.cursor, len, height);
        if let Some(field) = &mut self.editing {
            field.show_cursor(40, 1);
        }
    }
}

fn next<'a, T: PartialEq>(all: &'a [T], now: &T, forward: bool) -> &'a T {
    let at = all.iter().position(|one| one == now).unwrap_or(0);
    let by = if forward { 1 } else { all.len() - 1 };
    &all[(at + by) % all.len()]
}

/// Names and values in one line: `name=value; other=value`. `None` if a value has what would break the line.
pub fn print_pairs(pairs: &[(String, String)]) -> Option<String> {
    let breaks = |text: &String| text.contains([';', '\n']);
    if pairs.iter().any(|(name, value)| breaks(name) || breaks(value)) {
        return None;
    }
    Some(pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; "))
}

fn read_pairs(text: &str) -> Vec<(String, String)> {
    text.split(';')
        .filter(|part| !part.trim().is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (name.trim().to_owned(), value.trim().to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_survive_one_line() {
        let pairs = vec![("account_id".to_owned(), "001".to_owned()), ("q".to_owned(), "a=b".to_owned())];
        assert_eq!(read_pairs(&print_pairs(&pairs).unwrap()), pairs);
        assert_eq!(print_pairs(&[("a".into(), "b;c".into())]), None);
    }

    #[test]
    fn a_choice_turns_both_ways_and_comes_round() {
        let mut editor = ProfileEditor::new(None);
        editor.cursor = editor.rows().iter().position(|f| *f == ProfileField::Environment).unwrap();
        editor.handle(&Action::Left, 10);
        assert_eq!(editor.form.text(ProfileField::Environment), "site");
        editor.handle(&Action::Right, 10);
        assert_eq!(editor.form.text(ProfileField::Environment), "production");
        assert!(!editor.changed());
    }
}
