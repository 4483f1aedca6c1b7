//! What runs, as the screen knows it.

use super::Now;
use crate::{
    config::ProfileId,
    jobs::{JobId, Progress},
};
use std::time::{Duration, Instant};

/// What a running job is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A token; `then_send` sends the request when it is there.
    Token {
        /// Send the request when the token is there.
        then_send: bool,
    },
    /// A composed request.
    Call,
}

/// A running job.
#[derive(Clone, Debug)]
pub struct Running {
    /// Its number.
    pub id: JobId,
    /// What it is for.
    pub kind: Kind,
    /// For whom.
    pub profile: ProfileId,
    /// `GET query`, `token`.
    pub title: String,
    /// When it began.
    pub started: Instant,
    /// How far it is.
    pub progress: Progress,
    /// A person has asked to stop it.
    pub cancelled: bool,
}

impl Running {
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
    pub fn begin(&mut self, kind: Kind, profile: ProfileId, title: String, now: Now) -> JobId {
        self.last += 1;
        let id = JobId(self.last);
        let started = now.mono;
        let progress = Progress::Queued;
        self.running.push(Running { id, kind, profile, title, started, progress, cancelled: false });
        id
    }

    /// Notes how far a job is.
    pub fn progress(&mut self, id: JobId, progress: Progress) {
        if let Some(job) = self.running.iter_mut().find(|job| job.id == id) {
            job.progress = progress;
        }
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

    /// A running job.
    pub fn get(&self, id: JobId) -> Option<&Running> {
        self.running.iter().find(|job| job.id == id)
    }

    /// The newest job, which `Esc` stops.
    pub fn newest(&self) -> Option<&Running> {
        self.running.iter().rev().find(|job| !job.cancelled).or(self.running.last())
    }

    /// The running token request of a profile.
    pub fn token_of(&self, profile: &ProfileId) -> Option<&Running> {
        self.running.iter().find(|job| matches!(job.kind, Kind::Token { .. }) && job.profile == *profile)
    }

    /// All, oldest first.
    pub fn all(&self) -> &[Running] {
        &self.running
    }
}
