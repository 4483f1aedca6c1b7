//! Asking an org why it refused a login, with the token of somebody who is logged in there.
//!
//! What the org does not let be read is told, and the rest is asked all the same.

use super::{
    act::{Act, Halt},
    renewal::Renewal,
};
use crate::{
    config::Profile,
    http::{Purpose, Transport},
    jobs::{Answers, Failure, FailureKind, Outcome, Prepared},
    salesforce::{LoginWhy, Session, WhyQuestion, login_history, rest},
};
use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;
use std::sync::Arc;
use url::Url;

/// Who asks: what every query needs.
pub(super) struct Witness {
    pub(super) profile: Arc<Profile>,
    pub(super) session: Arc<Session>,
    pub(super) renewal: Option<Arc<Renewal>>,
    pub(super) answers: Answers,
}

impl Witness {
    /// The user, by name where that is known.
    fn who(&self) -> String {
        let username = self.session.org.facts().map(|facts| facts.username.clone());
        username.filter(|name| !name.is_empty()).unwrap_or_else(|| self.profile.id.to_string())
    }
}

impl<T: Transport> Act<T> {
    pub(super) async fn ask_why(&self, witness: &Witness, question: WhyQuestion) -> Result<Outcome, Halt> {
        let session = &*witness.session;
        let mut why = LoginWhy::new(question.clone());
        let Some(username) = &question.username else {
            why.take_history(self.read(witness, question.history(session, None), HISTORY).await?);
            return Ok(Outcome::Why(Box::new(why)));
        };
        // Without the user's id nothing can be asked.
        let found = self.read(witness, question.user(session, username), "the user").await?;
        let found = found.map_err(|told| Failure::new(FailureKind::Guard, told))?;
        why.has_user = Some(!found.is_empty());
        if found.is_empty() {
            return Ok(Outcome::Why(Box::new(why)));
        }
        if let Some((user_id, is_active)) = login_history::user_of(&found) {
            why.is_active = is_active;
            let (history, standing) = tokio::join!(
                self.read(witness, question.history(session, Some(&user_id)), HISTORY),
                self.read(witness, question.standing(session, &user_id), "User Login"),
            );
            why.take_history(history?);
            why.take_standing(standing?);
        } else {
            why.untold.push("the user was not read: the record has no id".to_owned());
        }
        Ok(Outcome::Why(Box::new(why)))
    }

    /// The records of a query; a sentence where the org does not give them.
    async fn read(
        &self,
        witness: &Witness,
        url: Url,
        what: &str,
    ) -> Result<Result<Vec<Value>, String>, Halt> {
        let Witness { profile, session, renewal, answers } = witness;
        let request = Prepared { method: Method::GET, url, headers: HeaderMap::new(), body: Bytes::new() };
        let token = Some(session.clone()).zip(renewal.clone());
        let answered = match self.send_renewing(profile, token, &request, Purpose::Metadata, answers).await {
            Ok(answered) => answered,
            Err(Halt::Failed(failure)) => {
                return Ok(Err(format!("{what} was not read: {}", failure.message)));
            }
            Err(Halt::Cancelled) => return Err(Halt::Cancelled),
        };
        let body = answered.exchange.reply.as_ref().ok().map(|reply| reply.body.bytes().clone());
        let body = body.unwrap_or_default();
        if rest::is_session_expired(answered.status, &body) {
            let ended = format!("the session of {} has ended", profile.id);
            let failure = Failure::new(FailureKind::OAuth, ended);
            return Err(Failure { fix: Some("get a token there".into()), ..failure }.into());
        }
        Ok(login_history::records(answered.status, &body, &witness.who(), what))
    }
}

const HISTORY: &str = "Login History";
