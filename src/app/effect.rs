//! What the world must do: the runtime carries these out, `update` only says them.

use super::ConfigText;
use crate::{
    jobs::{Job, JobId},
    secrets::Secret,
};
use bytes::Bytes;
use std::{fmt, path::PathBuf};
use url::Url;

/// One thing for the runtime to do.
pub enum Effect {
    /// Give the worker a job.
    Start(JobId, Box<Job>),
    /// Ask the worker to stop a job.
    Cancel(JobId),
    /// Give a waiting job what the person pasted.
    Say(JobId, Secret),
    /// Open an address in the browser; it never waits for one.
    OpenUrl {
        /// Where. A secret one logs in by itself, and must not be seen in the process list.
        url: Secretable,
        /// In a window without the browser's open sessions.
        private: bool,
    },
    /// Leave the screen and show this address alone, until the person comes back.
    PrintBare(Url),
    /// Write the configuration, unless the file is no longer `base`.
    SaveConfig {
        /// The text that the change was made on.
        base: ConfigText,
        /// The new text.
        text: ConfigText,
        /// What to tell the person when it is written.
        done: String,
    },
    /// Write the state (drafts, last profile) to the data folder.
    SaveState(String),
    /// Write a response body to a file; an existing one only if `overwrite`.
    SaveBody {
        /// Where to.
        path: PathBuf,
        /// What.
        body: Bytes,
        /// The person has said that the file may be replaced.
        overwrite: bool,
    },
    /// Put text on the clipboard.
    Copy {
        /// What.
        text: Secretable,
        /// Its name for the message.
        what: &'static str,
    },
    /// Let the person edit a text in `$VISUAL` or `$EDITOR`; it comes back as `Msg::Edited`.
    EditExternally {
        /// The text.
        text: String,
        /// The file name's ending, so that the editor knows the language.
        ending: &'static str,
    },
    /// Take or free the mouse.
    CaptureMouse(bool),
    /// Stop as by job control, until the shell continues us.
    Suspend,
    /// Leave this workbench for one on the demo orgs.
    OpenDemo,
    /// Leave.
    Quit,
}

/// Names only: the texts are what a person wrote, and may hold secrets.
impl fmt::Debug for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(id, job) => write!(f, "Start({id:?}, {job:?})"),
            Self::Cancel(id) => write!(f, "Cancel({id:?})"),
            Self::Say(id, _) => write!(f, "Say({id:?})"),
            Self::OpenUrl { private, .. } => write!(f, "OpenUrl(private: {private})"),
            Self::PrintBare(_) => f.write_str("PrintBare"),
            Self::SaveConfig { done, .. } => write!(f, "SaveConfig({done:?})"),
            Self::SaveState(_) => f.write_str("SaveState"),
            Self::SaveBody { path, overwrite, .. } => write!(f, "SaveBody({path:?}, overwrite: {overwrite})"),
            Self::Copy { what, .. } => write!(f, "Copy({what})"),
            Self::EditExternally { ending, .. } => write!(f, "EditExternally({ending})"),
            Self::CaptureMouse(on) => write!(f, "CaptureMouse({on})"),
            Self::Suspend => f.write_str("Suspend"),
            Self::OpenDemo => f.write_str("OpenDemo"),
            Self::Quit => f.write_str("Quit"),
        }
    }
}

/// Text that may be a secret.
pub enum Secretable {
    /// Anybody may see it.
    Plain(String),
    /// Nobody may.
    Secret(Secret),
}

/// Effects in the order they are to be carried out.
#[must_use = "effects do nothing until the runtime carries them out"]
#[derive(Debug, Default)]
pub struct Effects(Vec<Effect>);

impl Effects {
    /// Nothing to do.
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, effect: Effect) {
        self.0.push(effect);
    }

    /// Adds others behind.
    pub fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// Adds one that must be carried out before the others.
    pub fn push_first(&mut self, effect: Effect) {
        self.0.insert(0, effect);
    }

    /// The effects, to look at.
    pub fn as_slice(&self) -> &[Effect] {
        &self.0
    }
}

impl From<Effect> for Effects {
    fn from(effect: Effect) -> Self {
        Self(vec![effect])
    }
}

impl IntoIterator for Effects {
    type Item = Effect;
    type IntoIter = std::vec::IntoIter<Effect>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// What a file operation came to, as told to the person.
#[derive(Debug)]
pub enum Done {
    /// It worked; a sentence, or nothing worth saying.
    Well(Option<String>),
    /// A body is written to a file; a sentence.
    BodySaved(String),
    /// The configuration could not be written; a sentence.
    ConfigNotSaved(String),
    /// The configuration is written; a sentence. What it now says follows as `Msg::Config`.
    ConfigSaved(String),
    /// It did not; a sentence.
    Badly(String),
    /// The configuration changed on disk before ours was written.
    ConfigMoved,
    /// A body's file is already there.
    Exists(PathBuf),
}
