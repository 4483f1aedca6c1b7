//! Writing into the history: beside the jobs, so that no call waits for the disk, and without harm to any if it cannot
//! be done.

use super::act::{Act, Answered};
use crate::{
    config::{HistoryKeep, Profile, host_and_port},
    history::{History, HistoryError, OrgKey, Source, Taken, thinned},
    http::Transport,
    jobs::{Event, Past},
    salesforce::{Session, limits, limits::Reading},
};
use std::{
    collections::HashMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::SystemTime,
};
use tokio::{sync::mpsc, task::spawn_blocking};

/// So many answers wait to be written; a disk that is further behind loses some, which a minute's next one makes good.
const WAITING: usize = 64;
/// As many readings of one limit as a wide screen has cells.
const CHART: u32 = 240;

/// The history, and what waits to be written into it.
#[derive(Clone)]
pub(super) struct Recorder {
    history: Arc<History>,
    queue: mpsc::Sender<Taken>,
    events: mpsc::Sender<Event>,
    /// What is wrong was said: once is enough for a run.
    told: Arc<AtomicBool>,
}

impl Recorder {
    /// Opens nothing yet. Its task ends, with everything written, when the last job and the worker are gone.
    pub(super) fn start(data_dir: &Path, events: mpsc::Sender<Event>) -> Self {
        let (queue, mut waiting) = mpsc::channel(WAITING);
        let history = Arc::new(History::new(data_dir));
        let told = Arc::new(AtomicBool::new(false));
        let (writes, to, once) = (history.clone(), events.clone(), told.clone());
        tokio::spawn(async move {
            while let Some(first) = waiting.recv().await {
                let mut taken = vec![first];
                while let Ok(more) = waiting.try_recv() {
                    taken.push(more);
                }
                let history = writes.clone();
                let done = spawn_blocking(move || history.record_limits(&taken, SystemTime::now())).await;
                let problem = done.ok().and_then(Result::err);
                tell(&writes, problem.as_ref(), &to, &once).await;
            }
        });
        Self { history, queue, events, told }
    }

    /// To be written soon.
    fn note(&self, taken: Taken) {
        let _ = self.queue.try_send(taken); // the next answer has figures again
    }

    /// Writes what was just read, if it is to be kept, and reads what was before; an error in a sentence.
    async fn keep_and_read(
        &self,
        taken: Taken,
        keep: bool,
        past: Past,
    ) -> Result<HashMap<String, Vec<Reading>>, String> {
        let history = self.history.clone();
        let work = move || {
            // A history that cannot be written may still be read.
            let kept = if keep {
                history.record_limits(std::slice::from_ref(&taken), SystemTime::now())
            } else {
                Ok(())
            };
            let read = match past {
                Past::None => Ok(HashMap::new()),
                Past::Whole | Past::Thinned => history.limit_readings(&taken.org),
            };
            (kept, read)
        };
        let Ok((kept, read)) = spawn_blocking(work).await else { return Err("it could not be read".into()) };
        tell(&self.history, kept.as_ref().err().or(read.as_ref().err()), &self.events, &self.told).await;
        let read = read.map_err(|error| error.to_string())?;
        let most = if past == Past::Thinned { CHART } else { u32::MAX };
        Ok(read.into_iter().map(|(key, readings)| (key, thinned(readings, most))).collect())
    }
}

/// Tells what became of the file, and what is wrong with it; the latter once.
async fn tell(
    history: &History,
    problem: Option<&HistoryError>,
    to: &mpsc::Sender<Event>,
    told: &AtomicBool,
) {
    if let Some(news) = history.take_news() {
        let _ = to.send(Event::History(news)).await;
    }
    if let Some(problem) = problem
        && !told.swap(true, Ordering::Relaxed)
    {
        let _ = to.send(Event::History(format!("not recorded: {problem}"))).await;
    }
}

impl<T: Transport> Act<T> {
    /// Notes what an answer's header says of the API calls. The session is that whose token was sent.
    pub(super) fn note_usage(&self, profile: &Profile, session: Option<&Session>, answered: &Answered) {
        let Ok(reply) = &answered.exchange.reply else { return };
        let Some(usage) = limits::api_usage(&reply.headers).filter(|_| is_kept(profile)) else { return };
        let host = host_and_port(&answered.exchange.request.url);
        self.shared.recorder.note(Taken {
            org: org_key(profile, session, &host),
            at: SystemTime::now(),
            source: Source::Header,
            limits: usage.limits(),
        });
    }

    /// Keeps what an org has told of its limits, and reads what it told before.
    pub(super) async fn keep_limits(
        &self,
        profile: &Profile,
        session: &Session,
        limits: Vec<limits::Limit>,
        at: SystemTime,
        past: Past,
    ) -> Result<HashMap<String, Vec<Reading>>, String> {
        let org = org_key(profile, Some(session), &host_and_port(&session.instance_url));
        let taken = Taken { org, at, source: Source::Limits, limits };
        self.shared.recorder.keep_and_read(taken, is_kept(profile), past).await
    }
}

fn is_kept(profile: &Profile) -> bool {
    profile.history != Some(HistoryKeep::Off)
}

fn org_key(profile: &Profile, session: Option<&Session>, host: &str) -> OrgKey {
    match session.and_then(|session| session.org_id.as_ref()) {
        Some(id) => OrgKey::org(id),
        None => OrgKey::host(&profile.id, host),
    }
}
