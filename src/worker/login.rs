//! Carrying a grant out: ask, wait for a person, wait for a while, until there is a session.

use super::{
    act::{Act, Halt},
    codes::CameBack,
    failure,
    listener::{Bound, Listener},
};
use crate::{
    config::Profile,
    http::{Purpose, RequestSpec, Transport},
    jobs::{Event, Failure, FailureKind, Listening, Progress, Waiting},
    salesforce::{
        Session,
        oauth::{Credentials, Grant, Login, Nonces, Reply, Step, TokenError},
    },
    secrets::Secret,
};
use aws_lc_rs::rand;
use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

/// How long a person has to log in; the page that Salesforce shows does not live longer either.
///
/// Unconfirmed: this program's own choice.
pub(super) const LOGIN_WITHIN: Duration = Duration::from_secs(15 * 60);

impl<T: Transport> Act<T> {
    /// Does what the grant says until it has a session.
    pub(super) async fn carry_out(
        &self,
        profile: &Profile,
        secrets: &Credentials,
        (mut grant, mut step): (Grant<'_>, Step),
    ) -> Result<Session, Halt> {
        let refused = |error: TokenError| Halt::from(failure::token(&error, profile, None));
        self.progress(Progress::GettingToken);
        let mut back = None;
        loop {
            step = match step {
                Step::Have(session) => return Ok(*session),
                Step::Ask(spec) => self.ask(profile, secrets, &mut grant, *spec, back).await?,
                Step::LogIn(login) => {
                    let within = tokio::time::timeout(LOGIN_WITHIN, self.log_in(profile, &mut grant, *login));
                    let (step, came) = within.await.map_err(|_| Halt::from(too_late()))??;
                    back = Some(came);
                    step
                }
                // Only an answer leads there, and `ask` has dealt with it.
                Step::GiveAgain(error) => return Err(refused(*error)),
                Step::ShowCode(code) => {
                    self.tell(Event::Waiting(self.id, Arc::new(Waiting::Code(*code)))).await;
                    grant.go_on().map_err(refused)?
                }
                Step::Wait(pause) => {
                    self.unless_cancelled(tokio::time::sleep(pause)).await?;
                    grant.go_on().map_err(refused)?
                }
            };
        }
    }

    async fn ask(
        &self,
        profile: &Profile,
        secrets: &Credentials,
        grant: &mut Grant<'_>,
        spec: RequestSpec,
        back: Option<CameBack>,
    ) -> Result<Step, Halt> {
        let code_sent = self.look_at_code(grant, back);
        let known = secrets.all().cloned().collect();
        let answered = self.exchange(profile, spec, Purpose::Token, known, false).await?;
        if let Ok(reply) = &answered.exchange.reply
            && let Some(broken) = &reply.incomplete
        {
            return Err(match broken.cancelled {
                true => Halt::Cancelled,
                false => failure::network(broken, &answered.exchange).into(),
            });
        }
        // What a refusal says is shown and printed: it must not be able to say our secrets back to us. A grant
        // that polls is told "not yet" by a refusal, in which there is nothing to mask.
        let body = match &answered.exchange.reply {
            Ok(reply) if answered.status.is_client_error() || answered.status.is_server_error() => {
                reply.body.bytes()
            }
            _ => &answered.unmasked.body,
        };
        let location = answered.unmasked.location.as_deref();
        let reply = Reply { status: answered.status, location, body };
        let refused = |error: &TokenError| Failure {
            code_sent,
            ..failure::token(error, profile, Some(&answered.exchange))
        };
        match grant.answered(&reply, SystemTime::now()) {
            Ok(Step::GiveAgain(error)) => self.given_again(profile, grant, refused(&error), back).await,
            Ok(step) => Ok(step),
            Err(error) => Err(refused(&error).into()),
        }
    }

    /// Waits for the browser to come back, or for a person to paste where it ended.
    async fn log_in(
        &self,
        profile: &Profile,
        grant: &mut Grant<'_>,
        login: Login,
    ) -> Result<(Step, CameBack), Halt> {
        let began = Instant::now();
        let (mut listener, listening) = match Listener::bind(&login).await {
            Bound::Here(listener) => {
                let page = listener.page.clone();
                (Some(listener), Listening::At(page))
            }
            Bound::Busy { port, cause } => (None, Listening::Busy { port, cause }),
            Bound::Elsewhere => (None, Listening::Elsewhere),
        };
        self.tell(Event::Waiting(self.id, Arc::new(Waiting::Browser { login, listening }))).await;
        loop {
            let caught = async {
                match &mut listener {
                    Some(listener) => listener.answer().await,
                    None => std::future::pending().await,
                }
            };
            let text = self.unless_cancelled(async {
                tokio::select! {
                    address = caught => (Secret::new(address), false),
                    text = self.said() => (text, true),
                }
            });
            let (text, pasted) = text.await?;
            match grant.returned(text.expose()) {
                Ok(step) => return Ok((step, CameBack { pasted, began, came: Instant::now() })),
                Err(error) if is_another_text(&error) => {
                    self.tell(Event::NotThat(self.id, error.to_string())).await;
                }
                Err(error) => return Err(failure::token(&error, profile, None).into()),
            }
        }
    }
}

/// Whether a person has pasted something else than the answer, so that the answer may still come.
fn is_another_text(error: &TokenError) -> bool {
    matches!(error, TokenError::NotThisLogin(_))
}

fn too_late() -> Failure {
    Failure {
        fix: Some("get a token again".into()),
        ..Failure::new(FailureKind::PersonNeeded, "nobody logged in within 15 minutes")
    }
}

/// Random values for one login.
pub(super) fn nonces() -> Result<Nonces, Halt> {
    let mut nonces = Nonces::default();
    let drawn = rand::fill(&mut nonces.state)
        .and_then(|()| rand::fill(&mut nonces.verifier))
        .and_then(|()| rand::fill(&mut nonces.assertion));
    match drawn {
        Ok(()) => Ok(nonces),
        Err(_) => Err(Failure::new(FailureKind::Bug, "the system gives no random numbers").into()),
    }
}
