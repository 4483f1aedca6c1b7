//! One new token for all requests that wait with the same expired one.

use super::act::Halt;
use crate::{
    config::Profile,
    jobs::{Failure, Job},
    salesforce::Session,
    secrets::Secret,
};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::OnceCell;

/// The renewals that some job may still take part in. A job holds its own: with the last one a renewal is
/// gone, and its session with it.
#[derive(Default)]
pub(super) struct Renewals(Mutex<Vec<Weak<Renewal>>>);

/// What takes the place of one token, for one login.
pub(super) struct Renewal {
    profile: Arc<Profile>,
    replaces: Secret,
    /// A failure too: those who waited together do not repeat a refused login one after the other.
    ended: OnceCell<Result<Arc<Session>, Box<Failure>>>,
}

impl Renewals {
    /// The renewal that a job takes part in should its token have expired; `None` where it sends without one.
    /// To be joined when the job is given to the worker, so that jobs that wait for a slot share it.
    pub(super) fn join(&self, job: &Job) -> Option<Arc<Renewal>> {
        let (profile, session) = match job {
            Job::Call { profile, session: Some(session), .. }
            | Job::Limits { profile, session, .. }
            | Job::AskWhy { profile, session, .. } => (profile, session),
            _ => return None,
        };
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|renewal| renewal.strong_count() > 0);
        let shared = open.iter().filter_map(Weak::upgrade);
        if let Some(renewal) = { shared }.find(|renewal| renewal.serves(profile, &session.access_token)) {
            return Some(renewal);
        }
        let renewal = Arc::new(Renewal {
            profile: profile.clone(),
            replaces: session.access_token.clone(),
            ended: OnceCell::new(),
        });
        open.push(Arc::downgrade(&renewal));
        Some(renewal)
    }
}

impl Renewal {
    /// Whether a job may join. One that failed is over: who comes later may have mended the cause.
    fn serves(&self, profile: &Profile, expired: &Secret) -> bool {
        self.replaces == *expired
            && self.profile.same_login(profile)
            && !matches!(self.ended.get(), Some(Err(_)))
    }

    /// The new token: what another job's `renew` got, or this one's. Where the one that renews is cancelled,
    /// the next begins anew.
    pub(super) async fn session(
        &self,
        renew: impl Future<Output = Result<Session, Halt>>,
    ) -> Result<Arc<Session>, Halt> {
        let renew = async {
            match renew.await {
                Ok(session) => Ok(Ok(Arc::new(session))),
                Err(Halt::Failed(failure)) => Ok(Err(failure)),
                Err(Halt::Cancelled) => Err(Halt::Cancelled),
            }
        };
        self.ended.get_or_try_init(|| renew).await?.clone().map_err(Halt::Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::Flow,
        jobs::{Answers, Prepared},
        salesforce::tests::{profile, session},
    };

    const HOME: &str = "https://acme.my.salesforce.com";

    fn call(profile: Profile) -> Job {
        Job::Call {
            profile: Arc::new(profile),
            session: Some(Arc::new(session(HOME))),
            request: Prepared {
                method: http::Method::GET,
                url: HOME.parse().unwrap(),
                headers: http::HeaderMap::new(),
                body: bytes::Bytes::new(),
            },
            answers: Answers::default(),
        }
    }

    #[tokio::test]
    async fn the_session_goes_with_the_last_job_that_waited() {
        let renewals = Renewals::default();
        let job = call(profile(Flow::Password));
        let (first, second) = (renewals.join(&job).unwrap(), renewals.join(&job).unwrap());
        assert!(Arc::ptr_eq(&first, &second));
        let got = first.session(async { Ok(session(HOME)) }).await.unwrap();
        let kept = Arc::downgrade(&got);
        drop((first, got));
        assert!(kept.upgrade().is_some(), "one still waits");
        drop(second);
        assert!(kept.upgrade().is_none());
    }

    #[tokio::test]
    async fn a_failed_renewal_is_for_those_who_waited_alone() {
        let renewals = Renewals::default();
        let job = call(profile(Flow::Password));
        let waited = renewals.join(&job).unwrap();
        let refused = Failure::new(crate::jobs::FailureKind::OAuth, "no");
        assert!(waited.session(async { Err(refused.into()) }).await.is_err());
        assert!(waited.session(async { panic!("it has been refused") }).await.is_err());
        assert!(!Arc::ptr_eq(&waited, &renewals.join(&job).unwrap()));
    }

    #[tokio::test]
    async fn after_a_cancel_the_next_one_renews() {
        let renewal = Renewals::default().join(&call(profile(Flow::Password))).unwrap();
        assert!(matches!(renewal.session(async { Err(Halt::Cancelled) }).await, Err(Halt::Cancelled)));
        assert!(renewal.session(async { Ok(session(HOME)) }).await.is_ok());
    }

    #[test]
    fn an_edited_profile_has_renewals_of_its_own() {
        let renewals = Renewals::default();
        let before = renewals.join(&call(profile(Flow::Password))).unwrap();
        let sandbox = Some("https://test.salesforce.com".parse().unwrap());
        let edits = [
            Profile { login_url: sandbox.clone(), ..profile(Flow::Password) },
            Profile { instance_url: sandbox, ..profile(Flow::Password) },
            Profile { username: Some("someone.else@acme.com".into()), ..profile(Flow::Password) },
            Profile { consumer_key: Some("another".into()), ..profile(Flow::Password) },
            Profile { expected_org_id: Some("00D000000000001".into()), ..profile(Flow::Password) },
            profile(Flow::ClientCredentials),
        ];
        for edited in edits {
            assert!(!Arc::ptr_eq(&before, &renewals.join(&call(edited)).unwrap()));
        }
        let cosmetic = Profile { colour: Some("red".into()), ..profile(Flow::Password) };
        assert!(Arc::ptr_eq(&before, &renewals.join(&call(cosmetic)).unwrap()));
    }
}
