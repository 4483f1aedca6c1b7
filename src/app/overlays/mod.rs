//! What lies over the panes: lists to choose from, questions, forms, help.

pub mod address;
pub mod ask;
pub mod confirm;
pub mod doctor;
pub mod editor;
pub mod form_secrets;
pub mod geometry;
pub mod guide;
mod guide_rows;
pub mod help;
pub mod limits;
pub mod login;
pub mod org;
pub mod page;
pub mod picker;
pub mod vault;

use super::{Action, field::Field, keymap::Where};
use address::AddressBox;
use ask::AskSecrets;
use confirm::Confirm;
use doctor::DoctorPage;
use editor::ProfileEditor;
use guide::SetupGuide;
use help::Help;
use limits::LimitsBox;
use login::LoginBox;
use org::OrgBox;
use picker::Picker;
use ratatui::layout::Size;
use std::path::PathBuf;
use vault::VaultBox;

/// One layer over the panes; the last one has the keys.
#[derive(Debug)]
pub enum Overlay {
    /// A list to choose from.
    Picker(Picker),
    /// A question before something that cannot be undone.
    Confirm(Confirm),
    /// Secrets to be typed.
    Ask(AskSecrets),
    /// A job that waits for a person: a login in a browser, or a code.
    Login(Box<LoginBox>),
    /// The vault's passphrase.
    Vault(Box<VaultBox>),
    /// Which org a token is of.
    Org(Box<OrgBox>),
    /// A page that is opened elsewhere.
    Address(AddressBox),
    /// A profile's form.
    Editor(Box<ProfileEditor>),
    /// What the keys do.
    Help(Help),
    /// A flow's setup guide.
    Guide(SetupGuide),
    /// What a check-up has found.
    Doctor(DoctorPage),
    /// The limits of an org.
    Limits(Box<LimitsBox>),
    /// A line to write: what to search for.
    Search(Field),
    /// A file's name to write.
    SaveBody(SaveBody),
}

impl Overlay {
    /// The places in which its keys are looked up.
    pub fn chain(&self) -> &'static [Where] {
        match self {
            Self::Picker(picker) if picker.filters() => &[Where::Menu, Where::Text],
            Self::Picker(_) => &[Where::Menu, Where::List],
            Self::Help(_) => &[Where::Menu, Where::List],
            Self::Guide(_) => &[Where::Guide, Where::List],
            Self::Doctor(_) => &[Where::Doctor, Where::List],
            Self::Limits(limits) if limits.filtering => &[Where::Menu, Where::Text],
            Self::Limits(_) => &[Where::Limits, Where::List],
            Self::Confirm(confirm) if confirm.expected.is_none() => &[Where::Menu],
            Self::Confirm(_) | Self::Ask(_) | Self::Vault(_) | Self::Search(_) | Self::SaveBody(_) => {
                &[Where::Menu, Where::Text]
            }
            Self::Login(login) if login.writing => &[Where::Text],
            Self::Login(_) => &[Where::Login, Where::List],
            Self::Org(_) => &[Where::Org, Where::List],
            Self::Address(_) => &[Where::Address, Where::List],
            Self::Editor(editor) if editor.writes() => &[Where::Text],
            Self::Editor(_) => &[Where::Form],
        }
    }

    /// The field being written, if it is one of plain text.
    fn field_mut(&mut self) -> Option<&mut Field> {
        match self {
            Self::Picker(picker) => picker.filter.as_mut(),
            Self::Confirm(confirm) => confirm.expected.is_some().then_some(&mut confirm.typed),
            Self::Search(field) => Some(field),
            Self::Limits(limits) => limits.filtering.then_some(&mut limits.filter),
            Self::SaveBody(save) => Some(&mut save.path),
            Self::Editor(editor) => editor.field_mut(),
            Self::Ask(_)
            | Self::Vault(_)
            | Self::Login(_)
            | Self::Org(_)
            | Self::Address(_)
            | Self::Help(_)
            | Self::Guide(_)
            | Self::Doctor(_) => None,
        }
    }

    /// Carries out what concerns this overlay alone. False if the action is one for the app.
    pub fn handle(&mut self, action: &Action, size: Size) -> bool {
        let list = geometry::parts(self, size).list;
        let page = usize::from(list.height);
        match self {
            Self::Vault(vault) => return vault.handle(action),
            Self::Editor(editor) => return editor.handle(action, page),
            Self::Login(login) => return login.handle(action, list.width, list.height),
            Self::Org(org) => return org.page.handle(action, list.width, list.height),
            Self::Address(shown) => return shown.page.handle(action, list.width, list.height),
            _ => {}
        }
        if let Action::Edit(edit) = action {
            match self {
                Self::Ask(ask) => ask.edit(*edit),
                _ => {
                    if let Some(field) = self.field_mut() {
                        field.edit(*edit);
                    }
                    self.text_changed();
                }
            }
            return true;
        }
        match self {
            Self::Picker(picker) => picker.handle(action, page),
            Self::Help(help) => help.handle(action, page),
            Self::Guide(guide) => guide.handle(action, page),
            Self::Doctor(doctor) => doctor.handle(action, page),
            Self::Limits(limits) => limits.handle(action, page),
            Self::Ask(ask) => ask.handle(action),
            _ => false,
        }
    }

    /// Takes a pasted text: whether it fitted, or `None` if nothing is being written here.
    pub fn paste(&mut self, text: &str) -> Option<bool> {
        match self {
            Self::Ask(ask) => {
                ask.paste(text);
                return Some(true);
            }
            Self::Vault(vault) => {
                vault.paste(text);
                return Some(true);
            }
            _ => {}
        }
        match self {
            Self::Editor(editor) => return editor.paste(text),
            Self::Login(login) => return login.paste(text),
            _ => {}
        }
        let fits = self.field_mut()?.paste(text);
        self.text_changed();
        Some(fits)
    }

    fn text_changed(&mut self) {
        match self {
            Self::Picker(picker) => picker.refilter(),
            Self::Limits(limits) => limits.choose_rows(),
            Self::SaveBody(save) => save.exists = None,
            _ => {}
        }
    }

    /// Puts the cursor on a row of the list (a click).
    pub fn put_cursor(&mut self, row: usize) {
        match self {
            Self::Picker(picker) => picker.cursor = row,
            Self::Editor(editor) => editor.put_cursor(row),
            Self::Ask(ask) => ask.at = row,
            Self::Vault(vault) => vault.at = row,
            Self::Guide(guide) => guide.cursor = row,
            Self::Doctor(doctor) => doctor.cursor = row,
            Self::Limits(limits) => limits.cursor = row,
            _ => {}
        }
    }

    /// Keeps cursor and scroll within what the screen shows.
    pub fn settle(&mut self, size: Size) {
        let list = geometry::parts(self, size).list;
        let (width, height) = (usize::from(list.width), usize::from(list.height));
        match self {
            Self::Picker(picker) => picker.settle(height),
            Self::Help(help) => help.settle(height),
            Self::Guide(guide) => guide.settle(width, height),
            Self::Doctor(doctor) => doctor.settle(width, height),
            Self::Limits(limits) => limits.settle(height),
            Self::Editor(editor) => editor.settle(height),
            Self::Login(login) => login.page.settle(list.width, list.height),
            Self::Org(org) => org.page.settle(list.width, list.height),
            Self::Address(shown) => shown.page.settle(list.width, list.height),
            _ => {}
        }
        if let Some(field) = self.field_mut() {
            field.show_cursor(width.saturating_sub(4), 1);
        }
    }
}

/// Where a response body is to be saved.
#[derive(Clone)]
pub struct SaveBody {
    /// The file's name as written.
    pub path: Field,
    /// What is saved: the body that was on the screen when the box was opened.
    pub body: bytes::Bytes,
    /// This file is already there: `Enter` once more replaces it.
    pub exists: Option<PathBuf>,
}

impl std::fmt::Debug for SaveBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SaveBody({} bytes)", self.body.len())
    }
}
