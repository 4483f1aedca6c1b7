//! What lies over the panes: lists to choose from, questions, forms, help.

pub mod ask;
pub mod confirm;
pub mod editor;
pub mod help;
pub mod picker;

use super::{field::Field, keymap::Where};
use ask::AskSecrets;
use confirm::Confirm;
use editor::ProfileEditor;
use help::Help;
use picker::Picker;
use std::path::PathBuf;

/// One layer over the panes; the last one has the keys.
#[derive(Debug)]
pub enum Overlay {
    /// A list to choose from.
    Picker(Picker),
    /// A question before something that cannot be undone.
    Confirm(Confirm),
    /// Secrets to be typed.
    Ask(AskSecrets),
    /// A profile's form.
    Editor(Box<ProfileEditor>),
    /// What the keys do.
    Help(Help),
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
            Self::Confirm(confirm) if confirm.expected.is_none() => &[Where::Menu],
            Self::Confirm(_) | Self::Ask(_) | Self::Search(_) | Self::SaveBody(_) => &[Where::Menu, Where::Text],
            Self::Editor(editor) if editor.editing.is_some() => &[Where::Text],
            Self::Editor(_) => &[Where::Form],
        }
    }

    /// Whether letters are text here.
    pub fn takes_text(&self) -> bool {
        self.chain().contains(&Where::Text)
    }
}

/// Where a response body is to be saved.
#[derive(Debug)]
pub struct SaveBody {
    /// The file's name as written.
    pub path: Field,
    /// This file is already there: `Enter` once more replaces it.
    pub exists: Option<PathBuf>,
}
