//! Getting tokens and sending requests: from a key to a job, with the questions that come between.

use super::{
    App, Effect, Effects, Kind, Now, Pane, Running,
    overlays::{
        Overlay,
        ask::AskSecrets,
        confirm::{Confirm, Then},
    },
    wire,
};
use crate::{
    config::{Profile, ProfileId},
    jobs::{Failure, FailureKind, Job, JobId, SecretField, Wish},
    salesforce::Session,
    secrets::SecretRef,
    workspace::{
        AuthChoice, Draft, Prepared, Scope,
        guard::{Verdict, judge},
    },
};
use std::sync::Arc;

/// A request as it was asked for: with whose profile and token, so that nothing that changes while a question is
/// open changes it.
#[derive(Debug)]
pub struct Ready {
    /// With which profile.
    pub profile: Arc<Profile>,
    /// With which token.
    pub session: Option<Arc<Session>>,
    /// What.
    pub prepared: Prepared,
}

impl App {
    /// Gets a token for the profile in use; while one is being got, stops that.
    pub(super) fn get_token(&mut self, now: Now) -> Effects {
        let running = self.profile.as_ref().and_then(|id| self.jobs.token_of(id)).map(|job| job.id);
        match running {
            Some(job) => self.cancel_job(job, now),
            None => self.begin_token(None, now),
        }
    }

    /// Starts a token request, or asks first for what only the person knows.
    pub(super) fn begin_token(&mut self, then_send: Option<Box<Draft>>, now: Now) -> Effects {
        let Some(profile) = self.active().cloned() else {
            self.complain("no profile is in use: p chooses one, a in Profiles writes one", now);
            return Effects::none();
        };
        let asked = self.to_be_asked(&profile);
        if !asked.is_empty() {
            let mut ask = AskSecrets::new(profile.id.clone(), &asked, then_send);
            if let Some(answers) = self.answers.get(&profile.id) {
                ask.prefill(answers);
            }
            self.overlays.push(Overlay::Ask(ask));
            return Effects::none();
        }
        let answers = self.answers.get(&profile.id).cloned().unwrap_or_default();
        self.token_failures.remove(&profile.id);
        let id = self.jobs.begin(Kind::Token { then_send }, Arc::clone(&profile), "token".into(), now);
        Effect::Start(id, Box::new(Job::GetToken { profile, answers, wish: Wish::default() })).into()
    }

    /// The secrets that must be typed: `ask` references, and needed ones that the profile does not have.
    fn to_be_asked(&self, profile: &Profile) -> Vec<SecretField> {
        let answers = self.answers.get(&profile.id);
        let doubted = self.doubted.contains(&profile.id);
        let answered = |field: SecretField| !doubted && answers.is_some_and(|a| a.get(field).is_some());
        let missing = profile.missing();
        let needed = |field: SecretField| match profile.secret(field) {
            Some(reference) => *reference == SecretRef::Ask,
            None => missing.contains(&crate::config::ProfileField::of_secret(field)),
        };
        profile.secrets_in_use().filter(|field| needed(*field) && !answered(*field)).collect()
    }

    /// Sends the draft as it is now; gets a token first if there is none, asks first if it writes to production.
    pub(super) fn send(&mut self, now: Now) -> Effects {
        let draft = self.request.draft.clone();
        self.send_draft(draft, now)
    }

    /// Sends a draft with the profile in use.
    pub(super) fn send_draft(&mut self, draft: Draft, now: Now) -> Effects {
        let Some(profile) = self.active().cloned() else {
            self.complain("no profile is in use: p chooses one, a in Profiles writes one", now);
            return Effects::none();
        };
        let session = self.session().cloned();
        let scope = Scope::new(&profile, session.as_deref());
        if session.is_none() && draft.needs_session(&scope) {
            if self.jobs.token_of(&profile.id).is_some() {
                self.complain("the token is still being got: Esc stops it", now);
                return Effects::none();
            }
            return self.begin_token(Some(Box::new(draft)), now);
        }
        match draft.prepare(&scope, &profile.headers) {
            Ok(prepared) => {
                let session = session.filter(|_| draft.auth == AuthChoice::Profile);
                self.guard(Ready { profile, session, prepared }, now)
            }
            Err(problems) => {
                if let Some(first) = problems.first() {
                    self.complain(format!("not sent: {first}"), now);
                }
                // Only if it is still the one in the composer, and nobody is writing there by now.
                if draft == self.request.draft {
                    self.focus = Pane::Request;
                    self.request.refuse(problems);
                }
                Effects::none()
            }
        }
    }

    /// Holds back what writes where writes are not let through without a question.
    fn guard(&mut self, ready: Ready, now: Now) -> Effects {
        match self.judge(&ready) {
            Verdict::Pass => self.begin_call(ready, now),
            Verdict::ReadOnly => {
                let text = format!("not sent: {} is read-only, and this request writes", ready.profile.id);
                self.complain(text, now);
                Effects::none()
            }
            Verdict::Confirm { word, why, production } => {
                let name = ready.profile.id.to_string();
                let mut lines = vec![
                    format!("{} {}", ready.prepared.method, path_and_query(&ready.prepared.url)),
                    format!("on {}", ready.prepared.url.authority()),
                ];
                lines.extend(why);
                lines.push(format!("Type the profile's name to send it: {name}"));
                let then = Then::Send(Box::new(ready));
                let mut confirm = Confirm::typed(format!("Write to {word}"), lines, &name, then);
                confirm.production = production;
                self.overlays.push(Overlay::Confirm(confirm));
                Effects::none()
            }
        }
    }

    fn judge(&self, ready: &Ready) -> Verdict {
        let Ready { profile, session, prepared } = ready;
        judge(profile, &self.config.settings, session.as_deref(), prepared)
    }

    /// Sends what was confirmed, if the profile it was confirmed for is still the same.
    pub(super) fn send_confirmed(&mut self, mut ready: Ready, now: Now) -> Effects {
        let current = self.config.profile(&ready.profile.id).cloned();
        let Some(profile) = current.filter(|current| ready.profile.same_login(current)) else {
            self.complain("not sent: the profile was changed meanwhile", now);
            return Effects::none();
        };
        ready.profile = profile;
        if self.judge(&ready) == Verdict::ReadOnly {
            return self.guard(ready, now);
        }
        self.begin_call(ready, now)
    }

    /// Starts the call itself.
    fn begin_call(&mut self, ready: Ready, now: Now) -> Effects {
        let Ready { profile, session, prepared: request } = ready;
        let title = wire::title(&request.method, &request.url);
        let kind = Kind::Call { session: session.clone() };
        let id = self.jobs.begin(kind, Arc::clone(&profile), title, now);
        self.response.wait_for(id);
        self.request.problems.clear();
        // From a list the eyes go to the answer; who is writing goes on writing.
        if self.request.writing.is_none() {
            self.focus = Pane::Response;
        }
        let answers = self.answers.get(&profile.id).cloned().unwrap_or_default();
        Effect::Start(id, Box::new(Job::Call { profile, session, request, answers })).into()
    }

    /// Stops a job.
    pub(super) fn cancel_job(&mut self, id: JobId, now: Now) -> Effects {
        if !self.jobs.cancel(id) {
            return Effects::none();
        }
        self.say("stopping…", now);
        Effect::Cancel(id).into()
    }

    /// Stops what was started last. `None` if nothing runs.
    pub(super) fn cancel_newest(&mut self, now: Now) -> Option<Effects> {
        let id = self.jobs.to_stop()?.id;
        Some(self.cancel_job(id, now))
    }

    /// Drops the token of the profile in use from memory, and what was typed for it.
    pub(super) fn forget_token(&mut self, now: Now) {
        let Some(id) = self.profile.clone() else { return };
        self.answers.remove(&id);
        self.token_failures.remove(&id);
        match self.sessions.remove(&id) {
            Some(_) => {
                self.say("forgotten here; in the org it stays valid until it expires or is revoked", now)
            }
            None => self.say("there is no token to forget", now),
        }
    }

    /// Shows why a job brought nothing, where that concerns a person.
    pub(super) fn take_failure(&mut self, job: &Running, failure: Failure, now: Now) {
        let of_token = matches!(job.kind, Kind::Token { .. });
        if of_token {
            // Sending a mistyped password again and again locks the user out.
            if failure.kind == FailureKind::OAuth {
                self.doubted.insert(job.profile.id.clone());
            }
            self.token_failures.insert(job.profile.id.clone(), failure.clone());
            if self.profile.as_ref() == Some(&job.profile.id) {
                self.show_news_of_token(now);
            }
        }
        self.complain(failure.message.clone(), now);
        self.response.show_failure(job, failure, now.wall);
    }

    /// Keeps what an exchange tells besides its answer.
    pub(super) fn learn_from(&mut self, profile: &ProfileId, exchange: &crate::http::Exchange) {
        let Ok(reply) = &exchange.reply else { return };
        if let Some(usage) = crate::salesforce::rest::api_usage(&reply.headers) {
            self.usage.insert(profile.clone(), (usage.used, usage.limit));
        }
    }
}

/// Path and query as a person reads them, cut to what a question has room for.
fn path_and_query(url: &url::Url) -> String {
    const LONGEST: usize = 160;
    let text = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// A failure that never reached the worker.
pub fn busy() -> Failure {
    Failure {
        kind: FailureKind::Bug,
        message: "the worker takes no more jobs".into(),
        fix: Some("wait for what runs, or stop it with Esc".into()),
        code: None,
        description: None,
        status: None,
        exchange: None,
    }
}
