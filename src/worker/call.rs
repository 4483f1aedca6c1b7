//! Sending a composed request, and once more with a new token where the old one had expired.

use super::{
    Bodies,
    act::{Act, Answered, Halt},
    failure,
    renewal::Renewal,
};
use crate::{
    config::Profile,
    document::Document,
    http::{Exchange, Purpose, Reply, RequestBody, RequestSpec, Transport},
    jobs::{Answer, Answers, Event, Failure, FailureKind, Outcome, Prepared, Progress},
    salesforce::{Session, error::Said, rest},
};
use bytes::Bytes;
use http::header;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// What is read at once, in bytes; handing it to another thread would take longer.
const SMALL: usize = 64 * 1024;

impl<T: Transport> Act<T> {
    pub(super) async fn call(
        &self,
        profile: &Arc<Profile>,
        token: Option<(Arc<Session>, Arc<Renewal>)>,
        request: Prepared,
        answers: &Answers,
    ) -> Result<Outcome, Halt> {
        let answered = self.send_renewing(profile, token, &request, Purpose::Api, answers).await?;
        self.outcome(answered.exchange).await
    }

    /// Sends, and once more with a new token where the old one had expired.
    pub(super) async fn send_renewing(
        &self,
        profile: &Arc<Profile>,
        token: Option<(Arc<Session>, Arc<Renewal>)>,
        request: &Prepared,
        purpose: Purpose,
        answers: &Answers,
    ) -> Result<Answered, Halt> {
        let session = token.as_ref().map(|(session, _)| &**session);
        let answered = self.send(profile, session, request, purpose, false).await?;
        if let Some((expired, renewal)) = token
            && is_expired(request, &answered)
            && let Some(session) = self.renew(profile, &expired, &renewal, answers).await?
        {
            drop((expired, renewal));
            return self.send(profile, Some(&session), request, purpose, true).await;
        }
        Ok(answered)
    }

    /// A session in the expired one's place; `None` where there is none: that is told, and the answer that it
    /// has expired stands.
    async fn renew(
        &self,
        profile: &Arc<Profile>,
        expired: &Arc<Session>,
        renewal: &Arc<Renewal>,
        answers: &Answers,
    ) -> Result<Option<Arc<Session>>, Halt> {
        // A task of its own: who gives up stops waiting, not the refresh that others wait for and that the org may
        // have answered already with a new refresh token.
        let act = self.unheard(CancellationToken::new());
        let (renewal, profile_, expired_, answers) =
            (renewal.clone(), profile.clone(), expired.clone(), answers.clone());
        let renewing =
            tokio::spawn(async move { renewal.session(act.renewed(&profile_, &answers, &expired_)).await });
        let renewed = self.unless_cancelled(renewing).await?;
        match renewed.unwrap_or_else(|_| Err(super::crashed().into())) {
            Ok(session) if session.access_token != expired.access_token => {
                self.tell(Event::Renewed(self.id, session.clone())).await;
                Ok(Some(session))
            }
            Ok(_) => self.not_renewed(failure::same_token(profile)).await,
            Err(Halt::Failed(failure)) => self.not_renewed(*failure).await,
            Err(Halt::Cancelled) => Err(Halt::Cancelled),
        }
    }

    async fn not_renewed(&self, failure: Failure) -> Result<Option<Arc<Session>>, Halt> {
        self.tell(Event::NotRenewed(self.id, failure)).await;
        Ok(None)
    }

    async fn send(
        &self,
        profile: &Profile,
        session: Option<&Session>,
        request: &Prepared,
        purpose: Purpose,
        replayed: bool,
    ) -> Result<Answered, Halt> {
        let mut spec = spec(request);
        let mut known = Vec::new();
        if let Some(session) = session {
            rest::authorize(&mut spec, session).map_err(|error| failure::refusal(&error))?;
            known.push(session.access_token.clone());
            known.extend(session.refresh_token.clone());
        }
        self.progress(Progress::Sending);
        let answered = self.exchange(profile, spec, purpose, known, replayed).await?;
        // A request with an authorization of its own may have gone to another org than the token's.
        let session = session.filter(|_| !request.headers.contains_key(header::AUTHORIZATION));
        self.note_usage(profile, session, &answered);
        Ok(answered)
    }

    pub(super) async fn outcome(&self, exchange: Arc<Exchange>) -> Result<Outcome, Halt> {
        let Ok(reply) = &exchange.reply else { return Ok(Outcome::Cancelled(None)) };
        let cancelled = reply.incomplete.as_ref().is_some_and(|broken| broken.cancelled);
        let document = match self.shared.bodies {
            Bodies::PassedOn => Document::build(Bytes::new(), None),
            Bodies::Indexed => self.indexed(reply).await?,
        };
        let said = Arc::new(self.failures(&exchange, reply).await);
        let answer = Answer { document: Arc::new(document), exchange: Arc::clone(&exchange), said };
        Ok(if cancelled { Outcome::Cancelled(Some(answer)) } else { Outcome::Response(answer) })
    }

    /// What the answer says of failures; that of a large body is read on another thread.
    async fn failures(&self, exchange: &Arc<Exchange>, reply: &Reply) -> Said {
        let read = |exchange: &Exchange, status, body: &[u8]| {
            Said::read(status, exchange.request.url.path(), &exchange.request.body, body)
        };
        let (status, body) = (reply.status, reply.body.bytes().clone());
        if body.len() <= SMALL {
            return read(exchange, status, &body);
        }
        let exchange = Arc::clone(exchange);
        let said = tokio::task::spawn_blocking(move || read(&exchange, status, &body)).await;
        said.unwrap_or_default() // the answer itself is there all the same
    }

    /// The body as something to look at. A small one is made so here: handing it to another thread takes longer.
    async fn indexed(&self, reply: &Reply) -> Result<Document, Halt> {
        let body = reply.body.bytes().clone();
        let kind = reply.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).map(str::to_owned);
        if body.len() <= SMALL {
            return Ok(Document::build(body, kind.as_deref()));
        }
        self.progress(Progress::Indexing);
        let built = tokio::task::spawn_blocking(move || Document::build(body, kind.as_deref())).await;
        built.map_err(|_| {
            let message = "the body could not be made ready to be looked at";
            Failure::new(FailureKind::Bug, message).into()
        })
    }
}

fn spec(request: &Prepared) -> RequestSpec {
    RequestSpec {
        method: request.method.clone(),
        url: request.url.clone(),
        headers: request.headers.clone(),
        body: if request.body.is_empty() {
            RequestBody::Empty
        } else {
            RequestBody::Bytes(request.body.clone())
        },
    }
}

/// Whether the answer, whole, says that the session's own token has expired.
fn is_expired(request: &Prepared, answered: &Answered) -> bool {
    let Ok(reply) = &answered.exchange.reply else { return false };
    !request.headers.contains_key(header::AUTHORIZATION)
        && reply.incomplete.is_none()
        && rest::is_session_expired(answered.status, reply.body.bytes())
}
