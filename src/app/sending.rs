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
    jobs::{Failure, FailureKind, Job, JobId, SecretField},
    secrets::SecretRef,
    workspace::{Prepared, Scope, is_write},
};
use std::sync::Arc;

impl App {
    /// Gets a token for the profile in use; while one is being got, stops that.
    pub(super) fn get_token(&mut self, now: Now) -> Effects {
        let running = self.profile.as_ref().and_then(|id| self.jobs.token_of(id)).map(|job| job.id);
        match running {
            Some(job) => self.cancel_job(job, now),
            None => self.begin_token(false, now),
        }
    }

    /// Starts a token request, or asks first for what only the person knows.
    pub(super) fn begin_token(&mut self, then_send: bool, now: Now) -> Effects {
        let Some(profile) = self.active().cloned() else {
            self.complain("there is no profile yet: a in Profiles writes one", now);
            return Effects::none();
        };
        if !profile.flow.is_available() {
            let flow = profile.flow.label();
            self.complain(format!("the flow “{flow}” is not in this version; e changes the profile"), now);
            return Effects::none();
        }
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
        let id = self.jobs.begin(Kind::Token { then_send }, profile.id.clone(), "token".into(), now);
        Effect::Start(id, Box::new(Job::GetToken { profile, answers })).into()
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

    /// Sends the draft: gets a token first if there is none, asks first if it writes to production.
    pub(super) fn send(&mut self, now: Now) -> Effects {
        let Some(profile) = self.active().cloned() else {
            self.complain("there is no profile yet: a in Profiles writes one", now);
            return Effects::none();
        };
        let session = self.session().cloned();
        let scope = Scope::new(&profile, session.as_deref());
        if session.is_none() && self.request.draft.needs_session(&scope) {
            if self.jobs.token_of(&profile.id).is_some() {
                self.complain("the token is still being got: Esc stops it", now);
                return Effects::none();
            }
            return self.begin_token(true, now);
        }
        match self.request.draft.prepare(&scope, &profile.headers) {
            Err(problems) => {
                if let Some(first) = problems.first() {
                    self.complain(format!("not sent: {first}"), now);
                }
                self.focus = Pane::Request;
                self.request.refuse(problems);
                Effects::none()
            }
            Ok(prepared) => self.guard(&profile, prepared, now),
        }
    }

    /// Holds back what writes where writes are not let through without a question.
    fn guard(&mut self, profile: &Arc<Profile>, prepared: Prepared, now: Now) -> Effects {
        if !is_write(&prepared.method, prepared.url.path()) {
            return self.begin_call(profile, prepared, now);
        }
        if profile.read_only {
            self.complain(format!("not sent: {} is read-only, and this request writes", profile.id), now);
            return Effects::none();
        }
        if !self.config.settings.confirms_writes(profile) {
            return self.begin_call(profile, prepared, now);
        }
        let production = profile.is_production();
        let lines = vec![
            format!("{} {}", prepared.method, prepared.url.path()),
            format!("on {}", prepared.url.host_str().unwrap_or_default()),
            format!("Type the profile's name to send it: {}", profile.id),
        ];
        let title = format!("Write to {}", profile.environment.word());
        let mut confirm = Confirm::typed(title, lines, profile.id.as_str(), Then::Send(Box::new(prepared)));
        confirm.production = production;
        self.overlays.push(Overlay::Confirm(confirm));
        Effects::none()
    }

    /// Starts the call itself.
    pub(super) fn begin_call(&mut self, profile: &Arc<Profile>, request: Prepared, now: Now) -> Effects {
        let session = match self.request.draft.auth {
            crate::workspace::AuthChoice::Profile => self.session().cloned(),
            crate::workspace::AuthChoice::None => None,
        };
        let title = wire::title(&request.method, &request.url);
        let id = self.jobs.begin(Kind::Call, profile.id.clone(), title, now);
        self.response.waiting = Some(id);
        self.request.problems.clear();
        // From a list the eyes go to the answer; who is writing goes on writing.
        if self.request.writing.is_none() {
            self.focus = Pane::Response;
        }
        let answers = self.answers.get(&profile.id).cloned().unwrap_or_default();
        let job = Job::Call { profile: Arc::clone(profile), session, request, answers };
        Effect::Start(id, Box::new(job)).into()
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
        let id = self.jobs.newest()?.id;
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
                self.doubted.insert(job.profile.clone());
            }
            self.token_failures.insert(job.profile.clone(), failure.clone());
            self.show_news_of_token(now);
        }
        self.complain(failure.message.clone(), now);
        self.response.show_failure(job.id, &job.profile, &job.title, failure, now.wall);
    }

    /// Keeps what an exchange tells besides its answer.
    pub(super) fn learn_from(&mut self, profile: &ProfileId, exchange: &crate::http::Exchange) {
        let Ok(reply) = &exchange.reply else { return };
        if let Some(usage) = crate::salesforce::rest::api_usage(&reply.headers) {
            self.usage.insert(profile.clone(), (usage.used, usage.limit));
        }
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
