//! The tokio task that does what takes time: tokens and calls.
//!
//! ```text
//! Command ─▶ Worker::run ─▶ one task a job, eight at a time ─▶ Transport
//! Event  ◀──────────────────── progress, exchanges ◀──┘
//! ```
//! Knows no pane and no argument of the command line: the screen and the headless subcommands drive the same
//! worker. Every [`Command::Start`] is answered by exactly one [`Event::Ended`].

mod about;
mod act;
mod call;
mod codes;
mod doctor;
mod failure;
mod keep;
mod known;
mod limits;
mod listener;
mod login;
mod org;
mod record;
mod refusals;
mod renewal;
mod shared_file;
mod stores;
mod token;
mod why;

pub use keep::Home;

use crate::{
    http::Transport,
    jobs::{Command, Event, Failure, FailureKind, Job, JobId, Outcome, Progress},
    secrets::Secret,
};
use act::{Act, Halt, Shared};
use renewal::Renewal;
use std::{collections::HashMap, sync::Arc};
use tokio::{
    sync::{Semaphore, mpsc},
    task::{Id, JoinError, JoinSet},
};
use tokio_util::sync::CancellationToken;
use why::Witness;

/// A person starts jobs, so this many waiting ones mean that the worker is stuck, not busy.
pub const COMMANDS: usize = 64;

/// Eight jobs report at most twenty times a second each; a screen that is this far behind is stopped, and the
/// worker waits for it. Progress is dropped instead.
pub const EVENTS: usize = 256;

/// Jobs that run at the same time; an org allows 25 long requests, five in a developer org.
pub const AT_ONCE: usize = 8;

/// What becomes of the bodies of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bodies {
    /// Each is indexed, to be looked at.
    Indexed,
    /// They are only passed on: an answer's document is empty. For scripts.
    PassedOn,
}

/// Starts a worker on the current tokio runtime. It ends when the sender is dropped: it stops what still runs,
/// reports that, and closes the events.
pub fn spawn<T: Transport>(
    transport: T,
    bodies: Bodies,
    home: Home,
) -> (mpsc::Sender<Command>, mpsc::Receiver<Event>) {
    let (command_sender, command_receiver) = mpsc::channel(COMMANDS);
    let (event_sender, event_receiver) = mpsc::channel(EVENTS);
    tokio::spawn(Worker::new(transport, event_sender, bodies, home).run(command_receiver));
    (command_sender, event_receiver)
}

/// The job loop.
pub struct Worker<T> {
    shared: Shared<T>,
    slots: Arc<Semaphore>,
    running: HashMap<Id, Running>,
    tasks: JoinSet<Result<Outcome, Failure>>,
}

/// How a running job is reached.
struct Running {
    job: JobId,
    stop: CancellationToken,
    say: mpsc::Sender<Secret>,
}

/// A person pastes one address after the other; what comes faster than a job reads is a mistake.
const SAID: usize = 4;

impl<T: Transport> Worker<T> {
    /// With nothing running.
    pub fn new(transport: T, events: mpsc::Sender<Event>, bodies: Bodies, home: Home) -> Self {
        Self {
            shared: Shared::new(transport, events, bodies, home),
            slots: Arc::new(Semaphore::new(AT_ONCE)),
            running: HashMap::new(),
            tasks: JoinSet::new(),
        }
    }

    /// Runs until `commands` closes, then stops what is left and waits for it.
    pub async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        loop {
            tokio::select! {
                Some(joined) = self.tasks.join_next_with_id() => self.end(joined).await,
                command = commands.recv() => match command {
                    Some(Command::Start(id, job)) => self.start(id, job),
                    Some(Command::Cancel(id)) => self.cancel(id),
                    Some(Command::Say(id, text)) => self.say(id, text),
                    None => break,
                },
            }
        }
        self.running.values().for_each(|running| running.stop.cancel());
        while let Some(joined) = self.tasks.join_next_with_id().await {
            self.end(joined).await;
        }
    }

    fn start(&mut self, id: JobId, job: Job) {
        let stop = CancellationToken::new();
        let renewal = self.shared.renewals.join(&job);
        let (say, said) = mpsc::channel(SAID);
        let act = Act::new(self.shared.clone(), id, stop.clone(), said);
        let task = self.tasks.spawn(perform(act, job, renewal, self.slots.clone()));
        self.running.insert(task.id(), Running { job: id, stop, say });
    }

    fn cancel(&self, id: JobId) {
        self.running.values().filter(|running| running.job == id).for_each(|running| running.stop.cancel());
    }

    fn say(&self, id: JobId, text: Secret) {
        if let Some(running) = self.running.values().find(|running| running.job == id) {
            let _ = running.say.try_send(text); // it waits for nothing, or has more than it can read
        }
    }

    async fn end(&mut self, joined: Result<(Id, Result<Outcome, Failure>), JoinError>) {
        let (task, result) = match joined {
            Ok(pair) => pair,
            Err(crash) => (crash.id(), Err(crashed())),
        };
        if let Some(running) = self.running.remove(&task) {
            self.shared.tell(Event::Ended(running.job, result)).await;
        }
    }
}

async fn perform<T: Transport>(
    act: Act<T>,
    job: Job,
    renewal: Option<Arc<Renewal>>,
    slots: Arc<Semaphore>,
) -> Result<Outcome, Failure> {
    if slots.available_permits() == 0 {
        act.progress(Progress::Queued);
    }
    let slot = act.stop.run_until_cancelled(slots.acquire_owned()).await;
    if slot.is_none() {
        return Ok(Outcome::Cancelled(None));
    }
    let result = match job {
        Job::GetToken { profile, answers, wish } => act
            .get_token(&profile, &answers, &wish)
            .await
            .map(|(session, standing)| Outcome::Token(session, Box::new(standing))),
        Job::AboutToken { profile, session, answers, question } => {
            act.about_token(&profile, &session, &answers, question).await
        }
        Job::Limits { profile, session, answers, past } => {
            act.limits(&profile, session, renewal, &answers, past).await
        }
        Job::AskWhy { profile, session, answers, question } => {
            act.ask_why(&Witness { profile, session, renewal, answers }, question).await
        }
        Job::AcceptOrg { profile, session } => {
            act.accept_org(&profile, &session).await.map(|()| Outcome::Done)
        }
        Job::Examine(checkup) => act.run_checkup(&checkup).await.map(|()| Outcome::Done),
        Job::Stores(errand) => act.run_errand(errand).await.map(|()| Outcome::Done),
        Job::Forget { profile, all } => act.forget(&profile, all).await.map(|()| Outcome::Done),
        Job::Call { profile, session, request, answers } => {
            act.call(&profile, session.zip(renewal), request, &answers).await
        }
    };
    match result {
        Ok(outcome) => Ok(outcome),
        Err(Halt::Cancelled) => Ok(Outcome::Cancelled(None)),
        Err(Halt::Failed(failure)) => Err(*failure),
    }
}

fn crashed() -> Failure {
    Failure::new(FailureKind::Bug, "this job crashed; that is a bug in orgdeck")
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod keep_tests;

#[cfg(test)]
mod limits_tests;

#[cfg(test)]
mod why_tests;
