//! One new token for all requests of a profile that find theirs expired at the same time.

use super::act::Halt;
use crate::{config::ProfileId, jobs::Failure, salesforce::Session, secrets::Secret};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// The renewals of each profile.
#[derive(Default)]
pub(super) struct Renewals(Mutex<HashMap<ProfileId, Arc<Turn>>>);

/// The lock is held by the request that renews; the others wait for it.
#[derive(Default)]
pub(super) struct Turn {
    last: tokio::sync::Mutex<Option<Result<Arc<Session>, Box<Failure>>>>,
    count: AtomicU64,
}

/// How many renewals had ended when a call began: a later one is news for it, also if it failed.
/// So requests that waited together do not repeat a refused login one after the other.
#[derive(Clone, Copy)]
pub(super) struct Seen(u64);

impl Renewals {
    pub(super) fn of(&self, profile: &ProfileId) -> Arc<Turn> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        turns.entry(profile.clone()).or_default().clone()
    }
}

impl Turn {
    /// To be noted before the request is sent.
    pub(super) fn seen(&self) -> Seen {
        Seen(self.count.load(Ordering::SeqCst))
    }

    /// A token newer than `expired`: another request's, or the one that `renew` gets.
    pub(super) async fn session(
        &self,
        expired: &Secret,
        seen: Seen,
        renew: impl Future<Output = Result<Arc<Session>, Halt>>,
    ) -> Result<Arc<Session>, Halt> {
        let mut last = self.last.lock().await;
        match &*last {
            Some(Ok(session)) if session.access_token != *expired => return Ok(session.clone()),
            Some(Err(failure)) if self.seen().0 > seen.0 => return Err(Halt::Failed(failure.clone())),
            _ => {}
        }
        let result = match renew.await {
            Ok(session) => Ok(session),
            Err(Halt::Failed(failure)) => Err(failure),
            Err(Halt::Cancelled) => return Err(Halt::Cancelled),
        };
        self.count.fetch_add(1, Ordering::SeqCst);
        *last = Some(result.clone());
        result.map_err(Halt::Failed)
    }
}
