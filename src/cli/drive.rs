//! Drives the worker for one subcommand: one job after the other, Ctrl-C cancels, a person at the terminal is asked.

use super::{Exit, person::Person, prompt, stores, trouble::Trouble};
use crate::{
    config::{Profile, ProfileField},
    http::Network,
    jobs::{Answers, Command, Event, Failure, FailureKind, Job, JobId, Kept, Outcome, SecretField, Wish},
    salesforce::{OrgFacts, Session, Standing},
    secrets::{SecretRef, StoreError, Stores},
    worker::{self, Bodies, Home},
};
use std::{sync::Arc, time::Duration};
use tokio::{
    runtime::{Builder, Runtime},
    sync::mpsc,
};

/// A worker and the runtime it lives on.
pub(super) struct Driver {
    runtime: Runtime,
    commands: mpsc::Sender<Command>,
    events: mpsc::Receiver<Event>,
    stores: Stores,
    person: Person,
    /// What the person has typed, for all jobs of this run.
    answers: Answers,
    jobs: u64,
    /// Why the last job got no new token for an expired one.
    not_renewed: Option<Failure>,
}

/// How long the last writing into the history may take: it takes some milliseconds.
const LAST_WRITES: Duration = Duration::from_millis(500);

/// How a token is to be had, and which org is taken.
#[derive(Default)]
pub(super) struct Login {
    /// Which token, by which prompt.
    pub(super) wish: Wish,
    /// The org and user may be others than before.
    pub(super) accept_org: bool,
}

impl Driver {
    /// One thread is enough for one request, and starts faster than many.
    pub(super) fn new(home: Home, person: Person) -> Result<Self, Trouble> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Trouble::new(Exit::Bug, format!("no runtime could be started: {error}")))?;
        let stores = home.stores.clone();
        let (commands, events) = {
            let _inside = runtime.enter();
            worker::spawn(Network::new(), Bodies::PassedOn, home)
        };
        let answers = Answers::default();
        Ok(Self { runtime, commands, events, stores, person, answers, jobs: 0, not_renewed: None })
    }

    /// A session for the profile, of the org that it is for.
    pub(super) fn session(&mut self, profile: &Arc<Profile>, login: &Login) -> Result<Arc<Session>, Trouble> {
        let wish = &login.wish;
        let job = |answers| Job::GetToken { profile: profile.clone(), answers, wish: wish.clone() };
        match self.outcome(job, profile)? {
            Outcome::Token(session, standing) => {
                self.judge(profile, &session, *standing, login.accept_org)?;
                Ok(session)
            }
            Outcome::Cancelled(_) => Err(cancelled()),
            _ => Err(Trouble::new(Exit::Bug, "a token was asked for, and something else came")),
        }
    }

    /// Asks for what only the person knows; false if there is nothing of that kind.
    fn ask(&mut self, profile: &Profile) -> Result<bool, Trouble> {
        let before = self.answers.0.len();
        let missing = profile.missing();
        for field in profile.secrets_in_use() {
            let ask = match profile.secret(field) {
                Some(reference) => *reference == SecretRef::Ask,
                None => missing.contains(&ProfileField::of_secret(field)),
            };
            if ask && self.answers.get(field).is_none() {
                let question = format!("the {} of {}", SecretField::label(field), profile.id);
                self.answers.0.push((field, prompt::secret(&question, "keep it where it can be read")?));
            }
        }
        Ok(self.answers.0.len() > before)
    }

    /// The first org of a profile is noted and said; another one than before is taken only if that is meant.
    fn judge(
        &mut self,
        profile: &Arc<Profile>,
        session: &Arc<Session>,
        standing: Standing,
        accept: bool,
    ) -> Result<(), Trouble> {
        match standing {
            Standing::AsBefore => return Ok(()),
            Standing::Unchecked(why) => {
                eprintln!(
                    "note: which org this is could not be checked ({why}); it is treated as production"
                );
                return Ok(());
            }
            Standing::First { odd } => {
                if let Some(facts) = session.org.facts() {
                    eprintln!("note: first token of {}: {}", profile.id, described(facts));
                }
                odd.iter().for_each(|odd| eprintln!("warning: {odd}"));
            }
            Standing::Differs { before, refreshed } => {
                let now = session.org.facts().map(described).unwrap_or_default();
                let message = format!(
                    "the token of {} is of another org or user: before {}; now {now}",
                    profile.id,
                    described(&before)
                );
                if !accept {
                    let mut trouble = Trouble::new(Exit::Guard, message);
                    trouble.fix(match refreshed {
                        true => "probably the sandbox was refreshed: --accept-org takes the new one",
                        false => "log in as the right user (--new), or take this org with --accept-org",
                    });
                    return Err(trouble);
                }
                eprintln!("note: {message}");
            }
        }
        let job = |_| Job::AcceptOrg { profile: profile.clone(), session: session.clone() };
        match self.outcome(job, profile)? {
            Outcome::Cancelled(_) => Err(cancelled()),
            _ => Ok(()),
        }
    }

    /// How a job ends. What turns out to be needed of the person at the terminal is asked for, and the job begun again:
    /// the vault's passphrase, a secret that is kept nowhere.
    pub(super) fn outcome(
        &mut self,
        job: impl Fn(Answers) -> Job,
        profile: &Profile,
    ) -> Result<Outcome, Trouble> {
        loop {
            match self.attempt(job(self.answers.clone())) {
                Err(failure) if failure.kind == FailureKind::VaultLocked && prompt::is_possible() => {
                    self.unlock_vault()?;
                }
                Err(failure)
                    if failure.kind == FailureKind::PersonNeeded
                        && prompt::is_possible()
                        && self.ask(profile)? => {}
                result => return result.map_err(|failure| Trouble::failure(failure, profile)),
            }
        }
    }

    fn unlock_vault(&self) -> Result<(), Trouble> {
        let mut tries = 1;
        loop {
            let passphrase = prompt::secret("the vault's passphrase", stores::OTHERWISE)?;
            match self.runtime.block_on(self.stores.unlock_vault(&passphrase)) {
                Err(error @ StoreError::WrongPassphrase) if tries < prompt::TRIES => {
                    prompt::say(&error.to_string());
                    tries += 1;
                }
                done => return Ok(done?),
            }
        }
    }

    fn attempt(&mut self, job: Job) -> Result<Outcome, Failure> {
        self.jobs += 1;
        self.not_renewed = None;
        let id = JobId(self.jobs);
        let run = run(&self.commands, &mut self.events, id, job, &mut self.not_renewed, &mut self.person);
        self.runtime.block_on(run)
    }

    /// What comes of something else that takes time.
    pub(super) fn wait_for<F: Future>(&self, act: F) -> F::Output {
        self.runtime.block_on(act)
    }

    /// Why the last job got no new token, if it needed one.
    pub(super) fn why_not_renewed(&mut self) -> Option<Failure> {
        self.not_renewed.take()
    }

    /// Lets the worker write what it has read of limits, then ends without waiting for what may hang, as a name server
    /// that does not answer.
    pub(super) fn close(self) {
        let Self { runtime, commands, mut events, .. } = self;
        drop(commands);
        let ended = async { while events.recv().await.is_some() {} };
        let _ = runtime.block_on(async { tokio::time::timeout(LAST_WRITES, ended).await });
        runtime.shutdown_background();
    }
}

/// An org and its user in one line.
fn described(facts: &OrgFacts) -> String {
    let OrgFacts { org_id, name, edition, kind, username, .. } = facts;
    format!("{name} ({org_id}, {edition}, {}) as {username}", kind.label())
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
    person: &mut Person,
) -> Result<Outcome, Failure> {
    let gone = || Failure::new(FailureKind::Bug, "the worker is gone");
    commands.send(Command::Start(id, job)).await.map_err(|_| gone())?;
    let mut asked_to_stop = false;
    loop {
        let say = tokio::select! {
            event = events.recv() => match event {
                Some(Event::Ended(ended, result)) if ended == id => return result,
                Some(Event::NotRenewed(_, failure)) => {
                    *not_renewed = Some(failure);
                    None
                }
                Some(Event::Waiting(_, waiting)) => {
                    if let Err(failure) = person.wait_for(&waiting) {
                        // The job is left to end by itself: nobody listens to it any more.
                        let _ = commands.send(Command::Cancel(id)).await;
                        return Err(failure);
                    }
                    None
                }
                Some(Event::NotThat(_, why)) => {
                    eprintln!("that is not it: {why}");
                    None
                }
                Some(Event::CodeRefused(_, why)) => {
                    eprintln!("refused: {why}; paste it whole, or end it with Ctrl-C:");
                    None
                }
                Some(Event::History(sentence)) => {
                    eprintln!("warning: {sentence}");
                    None
                }
                Some(Event::Kept(_, kept)) => {
                    tell_kept(&kept);
                    None
                }
                Some(_) => None,
                None => return Err(gone()),
            },
            Some(line) = person.line() => Some(Command::Say(id, line)),
            Ok(()) = tokio::signal::ctrl_c() => {
                if asked_to_stop {
                    return Ok(Outcome::Cancelled(None));
                }
                asked_to_stop = true;
                Some(Command::Cancel(id))
            }
        };
        if let Some(command) = say {
            commands.send(command).await.map_err(|_| gone())?;
        }
    }
}

/// Only what a person should act on: a script has asked for a token, not for news.
fn tell_kept(kept: &Kept) {
    match kept {
        Kept::In(_) | Kept::ForThisRun => {}
        Kept::VaultWanted => eprintln!(
            "note: the login is not kept for the next time: there is no keyring, and no open vault; \
             `orgdeck vault create` makes one"
        ),
        Kept::Refused(why) => eprintln!("note: the org did not take the kept login: {why}"),
        Kept::NotSaved(why) => eprintln!("warning: the login could not be kept for the next time: {why}"),
    }
}
