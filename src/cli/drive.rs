//! Drives the worker for one subcommand: one job after the other, Ctrl-C cancels.

use super::{Exit, trouble::Trouble};
use crate::{
    config::Profile,
    http::Network,
    jobs::{Answers, Command, Event, Failure, FailureKind, Job, JobId, Outcome, Wish},
    salesforce::Session,
    worker::{self, Bodies, Home},
};
use std::sync::Arc;
use tokio::{
    runtime::{Builder, Runtime},
    sync::mpsc,
};

/// A worker and the runtime it lives on.
pub(super) struct Driver {
    runtime: Runtime,
    commands: mpsc::Sender<Command>,
    events: mpsc::Receiver<Event>,
    jobs: u64,
    /// Why the last job got no new token for an expired one.
    not_renewed: Option<Failure>,
}

impl Driver {
    /// One thread is enough for one request, and starts faster than many.
    pub(super) fn new(home: Home) -> Result<Self, Trouble> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Trouble::new(Exit::Bug, format!("no runtime could be started: {error}")))?;
        let (commands, events) = {
            let _inside = runtime.enter();
            worker::spawn(Network::new(), Bodies::PassedOn, home)
        };
        Ok(Self { runtime, commands, events, jobs: 0, not_renewed: None })
    }

    /// A session for the profile.
    pub(super) fn session(&mut self, profile: &Arc<Profile>) -> Result<Arc<Session>, Trouble> {
        let job =
            Job::GetToken { profile: profile.clone(), answers: Answers::default(), wish: Wish::default() };
        match self.outcome(job, profile)? {
            Outcome::Token(session, _) => Ok(session),
            Outcome::Cancelled(_) => Err(cancelled()),
            _ => Err(Trouble::new(Exit::Bug, "a token was asked for, and something else came")),
        }
    }

    /// How a job ends.
    pub(super) fn outcome(&mut self, job: Job, profile: &Profile) -> Result<Outcome, Trouble> {
        self.jobs += 1;
        self.not_renewed = None;
        let id = JobId(self.jobs);
        let result =
            self.runtime.block_on(run(&self.commands, &mut self.events, id, job, &mut self.not_renewed));
        result.map_err(|failure| Trouble::failure(failure, profile))
    }

    /// Why the last job got no new token, if it needed one.
    pub(super) fn why_not_renewed(&mut self) -> Option<Failure> {
        self.not_renewed.take()
    }

    /// Ends without waiting for what may hang, as a name server that does not answer.
    pub(super) fn close(self) {
        self.runtime.shutdown_background();
    }
}

pub(super) fn cancelled() -> Trouble {
    Trouble::new(Exit::Cancelled, "cancelled")
}

async fn run(
    commands: &mpsc::Sender<Command>,
    events: &mut mpsc::Receiver<Event>,
    id: JobId,
    job: Job,
    not_renewed: &mut Option<Failure>,
) -> Result<Outcome, Failure> {
    let gone = || Failure::new(FailureKind::Bug, "the worker is gone");
    commands.send(Command::Start(id, job)).await.map_err(|_| gone())?;
    let mut asked_to_stop = false;
    loop {
        tokio::select! {
            event = events.recv() => match event {
                Some(Event::Ended(ended, result)) if ended == id => return result,
                Some(Event::NotRenewed(_, failure)) => *not_renewed = Some(failure),
                Some(_) => {}
                None => return Err(gone()),
            },
            Ok(()) = tokio::signal::ctrl_c() => {
                if asked_to_stop {
                    return Ok(Outcome::Cancelled(None));
                }
                asked_to_stop = true;
                commands.send(Command::Cancel(id)).await.map_err(|_| gone())?;
            }
        }
    }
}
