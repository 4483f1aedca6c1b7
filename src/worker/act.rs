//! What every job can do: report, exchange, stop.

use super::{Bodies, Home, codes::Codes, failure, keep::Keep, record::Recorder, renewal::Renewals};
use crate::{
    config::Profile,
    http::{
        Exchange, ExchangeId, Observer, Outgoing, Purpose, RequestSpec, Route, Transport, Unmasked,
        Unobserved,
    },
    jobs::{Event, Failure, JobId, Progress},
    salesforce::oauth::Credentials,
    secrets::Secret,
};
use http::StatusCode;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::{Mutex as AsyncMutex, mpsc};
use tokio_util::sync::CancellationToken;

/// Bytes received are reported no more often than this: twenty times a second.
const PROGRESS_EVERY: Duration = Duration::from_millis(50);

/// What all jobs of a worker share.
#[derive(Clone)]
pub(super) struct Shared<T> {
    pub(super) transport: T,
    pub(super) bodies: Bodies,
    pub(super) renewals: Arc<Renewals>,
    pub(super) keep: Arc<Keep>,
    pub(super) recorder: Recorder,
    /// The authorization codes that this run has sent.
    pub(super) codes: Codes,
    events: mpsc::Sender<Event>,
    exchanges: Arc<AtomicU64>,
}

impl<T> Shared<T> {
    pub(super) fn new(transport: T, events: mpsc::Sender<Event>, bodies: Bodies, home: Home) -> Self {
        let recorder = Recorder::start(&home.data_dir, events.clone());
        let keep = Arc::new(Keep::new(home));
        let (renewals, codes, exchanges) = (Arc::default(), Codes::default(), Arc::default());
        Self { transport, bodies, renewals, keep, recorder, codes, events, exchanges }
    }

    pub(super) async fn tell(&self, event: Event) {
        let _ = self.events.send(event).await; // the screen is gone: nobody to tell
    }
}

/// One job at work.
pub(super) struct Act<T> {
    pub(super) shared: Shared<T>,
    pub(super) id: JobId,
    pub(super) stop: CancellationToken,
    /// What the person gives to this job.
    said: AsyncMutex<mpsc::Receiver<Secret>>,
}

/// Why a job ends early.
#[derive(Debug)]
pub(super) enum Halt {
    Cancelled,
    Failed(Box<Failure>),
}

impl Halt {
    /// With what the secrets looked like that were sent: a blank too many is often why they were refused.
    pub(super) fn with(self, secrets: &Credentials) -> Self {
        match self {
            Self::Failed(mut failure) => {
                failure.shapes = secrets.shapes();
                Self::Failed(failure)
            }
            cancelled => cancelled,
        }
    }
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure))
    }
}

/// An exchange that was answered.
pub(super) struct Answered {
    pub(super) exchange: Arc<Exchange>,
    pub(super) status: StatusCode,
    /// The answer with its secrets; token requests alone have it.
    pub(super) unmasked: Unmasked,
}

impl<T: Transport> Act<T> {
    pub(super) fn new(
        shared: Shared<T>,
        id: JobId,
        stop: CancellationToken,
        said: mpsc::Receiver<Secret>,
    ) -> Self {
        Self { shared, id, stop, said: AsyncMutex::new(said) }
    }

    /// The same job, but heard by nobody and stopped by another hand.
    pub(super) fn unheard(&self, stop: CancellationToken) -> Self {
        let (_, said) = mpsc::channel(1);
        Self { shared: self.shared.clone(), id: self.id, stop, said: AsyncMutex::new(said) }
    }

    /// What the person gives next.
    pub(super) async fn said(&self) -> Secret {
        match self.said.lock().await.recv().await {
            Some(said) => said,
            None => std::future::pending().await, // nobody is there to say anything
        }
    }

    /// Reports how far the job is; dropped if the screen is far behind.
    pub(super) fn progress(&self, progress: Progress) {
        let _ = self.shared.events.try_send(Event::Progress(self.id, progress));
    }

    pub(super) async fn tell(&self, event: Event) {
        self.shared.tell(event).await;
    }

    /// The future's output, unless the job is cancelled first.
    pub(super) async fn unless_cancelled<F: Future>(&self, act: F) -> Result<F::Output, Halt> {
        self.stop.run_until_cancelled(act).await.ok_or(Halt::Cancelled)
    }

    /// Sends a request and reports the exchange, whatever becomes of it.
    pub(super) async fn exchange(
        &self,
        profile: &Profile,
        spec: RequestSpec,
        purpose: Purpose,
        known: Vec<Secret>,
        replayed: bool,
    ) -> Result<Answered, Halt> {
        let route = Route {
            proxy: profile.proxy.clone(),
            ca_file: profile.ca_file.clone(),
            timeout: profile.timeout,
        };
        let outgoing = Outgoing { spec, purpose, route, known };
        let watch = Watch { act: self, told: Mutex::new(None) };
        let observer: &dyn Observer = if purpose == Purpose::Api { &watch } else { &Unobserved };
        let mut sent = self.shared.transport.send(outgoing, observer, self.stop.clone()).await;
        let unmasked = sent.unmasked.take().unwrap_or_default();
        let id = ExchangeId(self.shared.exchanges.fetch_add(1, Ordering::Relaxed) + 1);
        let exchange = Arc::new(sent.into_exchange(id, profile.id.clone(), purpose, replayed));
        self.tell(Event::Exchange(self.id, exchange.clone())).await;
        let status = match &exchange.reply {
            Ok(reply) => reply.status,
            Err(failure) if failure.cancelled => return Err(Halt::Cancelled),
            Err(failure) => return Err(failure::network(failure, &exchange).into()),
        };
        Ok(Answered { exchange, status, unmasked })
    }
}

/// Passes on how much has come, not too often.
struct Watch<'a, T> {
    act: &'a Act<T>,
    told: Mutex<Option<Instant>>,
}

impl<T: Transport> Observer for Watch<'_, T> {
    fn head(&self, _: StatusCode, of: Option<u64>) {
        self.act.progress(Progress::Receiving { bytes: 0, of });
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn bytes(&self, bytes: u64, of: Option<u64>) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_none_or(|at| at.elapsed() >= PROGRESS_EVERY) {
            *told = Some(Instant::now());
            self.act.progress(Progress::Receiving { bytes, of });
        }
    }
}
