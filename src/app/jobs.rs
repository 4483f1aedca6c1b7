//! What runs, as the screen knows it.

use super::{Chore, Now, Sequel, mending::Trial};
use crate::{
    config::{Profile, ProfileId},
    jobs::{JobId, Progress, Question, Wish},
    salesforce::Session,
    workspace::Draft,
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// A token, how it is to be got, and what is sent when it is there: the draft as it was when the key was pressed.
#[derive(Clone, Debug, Default)]
pub struct Errand {
    /// How it is to be got.
    pub wish: Wish,
    /// What is sent with it.
    pub then_send: Option<Box<Draft>>,
    /// Other values in the profile that are being tried with it.
    pub trial: Option<Box<Trial>>,
}

/// A question about a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// What is asked, or done.
    pub question: Question,
    /// A link that comes of it is copied, not opened.
    pub copies: bool,
}

impl About {
    /// Whether it is the answer that is wanted.
    pub fn is_question(self) -> bool {
        matches!(self.question, Question::UserInfo | Question::Identity | Question::Introspect)
    }
}

/// What a person asked for, as it can be begun after a question, or once more.
#[derive(Clone, Debug)]
pub enum Task {
    /// A token.
    Token(Errand),
    /// Something about the token that is there.
    About(About),
}

/// What a running job is for.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A token.
    Token(Errand),
    /// A composed request.
    Call {
        /// The token it was started with.
        session: Option<Arc<Session>>,
        /// The request as it was written.
        draft: Option<Arc<Draft>>,
    },
    /// A question about a token.
    About {
        /// Which.
        about: About,
        /// The token.
        session: Arc<Session>,
    },
    /// What an org allows and what is left of it.
    Limits {
        /// The token it is asked with.
        session: Arc<Session>,
    },
    /// Why an org refused a login.
    Why {
        /// Whose login it was.
        of: ProfileId,
        /// In which job it was refused.
        refused: JobId,
        /// The token it is asked with.
        session: Arc<Session>,
    },
    /// Something that brings nothing to look at.
    Chore {
        /// What.
        chore: Chore,
        /// What follows.
        sequel: Sequel,
    },
}

/// A running job.
#[derive(Clone, Debug)]
pub struct Running {
    /// Its number.
    pub id: JobId,
    /// What it is for.
    pub kind: Kind,
    /// For whom, as the profile was then: what comes late is held against it. A chore may be nobody's.
    pub profile: Option<Arc<Profile>>,
    /// `GET query`, `token`.
    pub title: String,
    /// When it began.
    pub started: Instant,
    /// How far it is.
    pub progress: Progress,
    /// It waits for a person.
    pub waits: bool,
    /// A person has asked to stop it.
    pub cancelled: bool,
}

impl Running {
    /// Whether it is that profile's.
    pub fn is_of(&self, profile: &ProfileId) -> bool {
        self.profile.as_ref().is_some_and(|mine| mine.id == *profile)
    }

    /// How long it has been running.
    pub fn elapsed(&self, now: Now) -> Duration {
        now.mono.saturating_duration_since(self.started)
    }
}

/// All running jobs, oldest first.
#[derive(Debug, Default)]
pub struct Jobs {
    last: u64,
    running: Vec<Running>,
}

impl Jobs {
    /// Notes a new job.
    pub fn begin(&mut self, kind: Kind, profile: Option<Arc<Profile>>, title: String, now: Now) -> JobId {
        self.last += 1;
        let id = JobId(self.last);
        let started = now.mono;
        let progress = Progress::Queued;
        self.running.push(Running {
            id,
            kind,
            profile,
            title,
            started,
            progress,
            waits: false,
            cancelled: false,
        });
        id
    }

    /// Notes how far a job is.
    pub fn progress(&mut self, id: JobId, progress: Progress) {
        if let Some(job) = self.running.iter_mut().find(|job| job.id == id) {
            job.progress = progress;
            job.waits = false;
        }
    }

    /// Notes that a job waits for a person. `None` if nobody waits for the job any more.
    pub fn wait(&mut self, id: JobId) -> Option<&Running> {
        let job = self.running.iter_mut().find(|job| job.id == id && !job.cancelled)?;
        job.waits = true;
        job.title = "login".into();
        Some(job)
    }

    /// Takes a job out. An unknown one was given up before: its late news concern nobody.
    pub fn end(&mut self, id: JobId) -> Option<Running> {
        let at = self.running.iter().position(|job| job.id == id)?;
        Some(self.running.remove(at))
    }

    /// Marks a job as being stopped. False if it was already, or does not run.
    pub fn cancel(&mut self, id: JobId) -> bool {
        let job = self.running.iter_mut().find(|job| job.id == id && !job.cancelled);
        job.map(|job| job.cancelled = true).is_some()
    }

    /// The look at the stores that is under way; something else may follow on it.
    pub fn looking(&mut self) -> Option<&mut Sequel> {
        self.running.iter_mut().find_map(|job| match &mut job.kind {
            Kind::Chore { chore: Chore::Look, sequel } => Some(sequel),
            _ => None,
        })
    }

    /// The job that was begun last, if it runs.
    pub fn last(&self) -> Option<JobId> {
        self.running.last().map(|job| job.id)
    }

    /// A running job.
    pub fn get(&self, id: JobId) -> Option<&Running> {
        self.running.iter().find(|job| job.id == id)
    }

    /// The newest job, to be shown.
    pub fn newest(&self) -> Option<&Running> {
        self.to_stop().or(self.running.last())
    }

    /// The newest job that is not being stopped already: the one that `Esc` stops.
    pub fn to_stop(&self) -> Option<&Running> {
        self.running.iter().rev().find(|job| !job.cancelled)
    }

    /// The running token request of a profile.
    pub fn token_of(&self, profile: &ProfileId) -> Option<&Running> {
        self.running.iter().find(|job| matches!(job.kind, Kind::Token(_)) && job.is_of(profile))
    }

    /// All, oldest first.
    pub fn all(&self) -> &[Running] {
        &self.running
    }
}
