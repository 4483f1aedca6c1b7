//! Questions about a token: whose it is, whether it lives, that it end, a link into the org.

use super::{
    act::{Act, Halt},
    failure,
};
use crate::{
    config::{Profile, SecretField},
    http::{Purpose, Transport},
    jobs::{Answers, Event, Failure, FailureKind, Kept, Outcome, Progress, Question},
    salesforce::{
        Session, about,
        oauth::{Asking, Nonces},
    },
};
use std::sync::Arc;

impl<T: Transport> Act<T> {
    pub(super) async fn about_token(
        &self,
        profile: &Arc<Profile>,
        session: &Session,
        answers: &Answers,
        question: Question,
    ) -> Result<Outcome, Halt> {
        // Two are the app's questions; all others are the token's own.
        let fields: &[_] = match question {
            Question::Introspect | Question::Revoke => &[SecretField::ConsumerSecret],
            Question::UserInfo | Question::Identity | Question::OpenOrg => &[],
        };
        let secrets = self.read_secrets(profile, answers, fields.iter().copied()).await?;
        let mut whole = session.clone();
        if question == Question::Revoke && whole.refresh_token.is_none() {
            // A remembered session has left its refresh token in a place of its own.
            let turn = self.unless_cancelled(self.shared.keep.turn(profile)).await?;
            let turn = turn.map_err(|why| Failure::new(FailureKind::Config, why))?;
            let kept = self.unless_cancelled(turn.refresh_token()).await?;
            whole.refresh_token =
                kept.map_err(|error| failure::store(&error, profile, "the kept refresh token"))?;
        }
        let session = &whole;
        let version = session.api_version;
        let asking = Asking { profile, secrets: &secrets, version, nonces: Nonces::default() };
        let asked = match question {
            Question::UserInfo => about::userinfo(session),
            Question::Identity => about::identity(session),
            Question::Introspect => about::introspect(&asking, session),
            Question::Revoke => about::revoke(&asking, session),
            Question::OpenOrg => about::single_access(session, None),
        };
        let spec = asked.map_err(|error| failure::about(&error, profile))?;
        let purpose = match question {
            Question::UserInfo | Question::Identity => Purpose::Api,
            Question::Introspect | Question::Revoke | Question::OpenOrg => Purpose::Token,
        };
        let mut known = vec![session.access_token.clone()];
        known.extend(session.refresh_token.clone());
        known.extend(secrets.all().cloned());
        self.progress(Progress::Sending);
        let answered = self.exchange(profile, spec, purpose, known, false).await?;
        match question {
            Question::OpenOrg if answered.status.is_success() => {
                let link = about::org_link(session, &answered.unmasked.body);
                Ok(Outcome::OrgLink(link.map_err(|why| Failure::new(FailureKind::Guard, why))?))
            }
            Question::Revoke if answered.status.is_success() => {
                // A dead token must not come back with the next run.
                if let Err(error) = self.shared.keep.forget(&profile.id, false).await {
                    self.tell(Event::Kept(self.id, Kept::NotSaved(error.to_string()))).await;
                }
                match self.outcome(answered.exchange).await? {
                    Outcome::Response(answer) => Ok(Outcome::Revoked(answer)),
                    other => Ok(other),
                }
            }
            _ => self.outcome(answered.exchange).await,
        }
    }
}
