//! Asking an org for its limits.

use super::{
    act::{Act, Halt},
    renewal::Renewal,
};
use crate::{
    config::Profile,
    http::{Purpose, Transport},
    jobs::{Answers, Failure, FailureKind, LimitsTold, Outcome, Past, Prepared},
    salesforce::{Session, limits},
};
use bytes::Bytes;
use http::{HeaderMap, Method};
use std::{sync::Arc, time::SystemTime};

impl<T: Transport> Act<T> {
    pub(super) async fn limits(
        &self,
        profile: &Arc<Profile>,
        session: Arc<Session>,
        renewal: Option<Arc<Renewal>>,
        answers: &Answers,
        past: Past,
    ) -> Result<Outcome, Halt> {
        let request = Prepared {
            method: Method::GET,
            url: limits::url(&session),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        };
        let token = Some(session.clone()).zip(renewal);
        let answered = self.send_renewing(profile, token, &request, Purpose::Metadata, answers).await?;
        let Ok(reply) = &answered.exchange.reply else { return Ok(Outcome::Cancelled(None)) };
        if !answered.status.is_success() {
            return self.outcome(answered.exchange).await;
        }
        let failed = |message: String| Failure {
            exchange: Some(Arc::clone(&answered.exchange)),
            ..Failure::new(FailureKind::Network, message)
        };
        if let Some(broken) = &reply.incomplete {
            return match broken.cancelled {
                true => Ok(Outcome::Cancelled(None)),
                false => Err(failed(format!("the answer is not whole: {}", broken.message)).into()),
            };
        }
        let Some(mut told) = limits::parse(reply.body.bytes()) else {
            return Err(failed("the answer is no list of limits; H shows what came".into()).into());
        };
        limits::sort(&mut told);
        let at = SystemTime::now();
        let past = self.unless_cancelled(self.keep_limits(profile, &session, told.clone(), at, past)).await?;
        Ok(Outcome::Limits(Box::new(LimitsTold { limits: told, at, past })))
    }
}
