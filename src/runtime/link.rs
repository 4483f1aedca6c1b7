//! The worker as the event loop talks to it: told what to do without ever waiting for it.
//!
//! Both directions are bounded. If the loop waited for the worker to listen while the worker waits for the loop, both
//! would wait for ever.

use crate::{
    app,
    jobs::{Command, Event, Failure, FailureKind, Job, JobId},
    secrets::Secret,
};
use std::{collections::VecDeque, time::Duration};
use tokio::sync::mpsc::{Receiver, Sender, error::TrySendError};

/// The two channels, and what the worker had no room for yet.
pub struct Link {
    commands: Sender<Command>,
    events: Receiver<Event>,
    /// In the order in which they were asked for.
    unsaid: VecDeque<Command>,
    /// The worker's end has been told.
    ended: bool,
}

/// What comes from the worker.
#[derive(Debug)]
pub enum News {
    /// Something happened.
    Event(Event),
    /// It stopped, and will say nothing any more. Comes once.
    Stopped,
}

impl Link {
    /// To a worker that was just started.
    pub fn new((commands, events): (Sender<Command>, Receiver<Event>)) -> Self {
        Self { commands, events, unsaid: VecDeque::new(), ended: false }
    }

    /// Starts a job; answers with its end if nobody can take it.
    pub fn start(&self, id: JobId, job: Job) -> Option<Event> {
        let failure = match self.commands.try_send(Command::Start(id, job)) {
            Ok(()) => return None,
            Err(TrySendError::Full(_)) => app::busy(),
            Err(TrySendError::Closed(_)) => stopped(),
        };
        Some(Event::Ended(id, Err(failure)))
    }

    /// Stops a job, as soon as the worker has room for it: a person asks once.
    pub fn cancel(&mut self, id: JobId) {
        self.say_soon(Command::Cancel(id));
    }

    /// Gives a waiting job what a person said, as soon as the worker has room for it.
    pub fn say(&mut self, id: JobId, text: Secret) {
        self.say_soon(Command::Say(id, text));
    }

    fn say_soon(&mut self, command: Command) {
        self.unsaid.push_back(command);
        self.catch_up();
    }

    /// Says what the worker had no room for.
    pub fn catch_up(&mut self) {
        while let Some(command) = self.unsaid.pop_front() {
            if let Err(TrySendError::Full(command)) = self.commands.try_send(command) {
                return self.unsaid.push_front(command);
            }
        }
    }

    /// Waits for the next news.
    pub async fn next(&mut self) -> News {
        if self.ended {
            return std::future::pending().await;
        }
        match self.events.recv().await {
            Some(event) => News::Event(event),
            None => {
                self.ended = true;
                News::Stopped
            }
        }
    }

    /// An event that is there already.
    pub fn next_at_once(&mut self) -> Option<Event> {
        self.events.try_recv().ok()
    }

    /// Stops what runs and waits for its end, not longer than that: a refresh that has been sent still has its answer
    /// saved.
    pub async fn finish(self, within: Duration) {
        let Self { commands, mut events, .. } = self;
        drop(commands);
        let _ = tokio::time::timeout(within, async { while events.recv().await.is_some() {} }).await;
    }
}

/// Why a job ended, or did not begin: nobody is there to do it.
pub fn stopped() -> Failure {
    Failure::new(FailureKind::Bug, "the worker stopped; quit and start orgdeck again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config,
        jobs::{Answers, Wish},
    };
    use tokio::sync::mpsc;

    fn job() -> Job {
        let config =
            config::parse("[profiles.a]\nenvironment = \"sandbox\"\nflow = \"access_token\"\n").unwrap();
        Job::GetToken {
            profile: config.profiles[0].clone(),
            answers: Answers::default(),
            wish: Wish::default(),
        }
    }

    fn failure(event: Event) -> String {
        match event {
            Event::Ended(JobId(7), Err(failure)) => failure.message,
            event => panic!("{event:?}"),
        }
    }

    #[test]
    fn what_is_asked_waits_for_room_and_keeps_its_order() {
        let (commands, mut worker) = mpsc::channel(2);
        let mut link = Link::new((commands, mpsc::channel(1).1));
        (1..=4).for_each(|n| link.cancel(JobId(n)));
        link.say(JobId(5), Secret::new("hush"));
        let mut seen = Vec::new();
        while let Ok(command) = worker.try_recv() {
            seen.push(format!("{command:?}"));
            link.catch_up();
        }
        let mut asked: Vec<_> = (1..=4).map(|n| format!("Cancel(JobId({n}))")).collect();
        asked.push("Say(JobId(5), Secret(••••))".into());
        assert_eq!(seen, asked);
    }

    #[test]
    fn a_busy_worker_is_not_a_stopped_one() {
        let (commands, worker) = mpsc::channel(1);
        let mut link = Link::new((commands, mpsc::channel(1).1));
        assert!(link.start(JobId(6), job()).is_none());
        assert_eq!(failure(link.start(JobId(7), job()).unwrap()), app::busy().message);
        drop(worker);
        assert_eq!(failure(link.start(JobId(7), job()).unwrap()), stopped().message);
        link.cancel(JobId(7));
        assert!(link.unsaid.is_empty(), "there is nobody to keep it for");
    }

    #[tokio::test]
    async fn the_end_of_the_worker_is_told_once() {
        let (events, receiver) = mpsc::channel(1);
        let mut link = Link::new((mpsc::channel(1).0, receiver));
        events.try_send(Event::Ended(JobId(1), Err(stopped()))).unwrap();
        drop(events);
        assert!(matches!(link.next().await, News::Event(_)));
        assert!(matches!(link.next().await, News::Stopped));
        tokio::select! {
            biased;
            news = link.next() => panic!("{news:?}"),
            () = std::future::ready(()) => {}
        }
    }
}
