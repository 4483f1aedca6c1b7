//! Sending requests: from a key to a job, with the questions that come between.

use super::{
    App, Effect, Effects, Errand, Kind, Now, Pane, Task,
    overlays::{
        Overlay,
        confirm::{Confirm, Then},
    },
    wire,
};
use crate::{
    config::Profile,
    jobs::{Failure, FailureKind, Job, JobId},
    salesforce::Session,
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
    /// How it was written.
    pub draft: Arc<Draft>,
}

impl App {
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
        let needs_session = draft.needs_session(&scope);
        if session.is_some() && needs_session && self.is_org_open(&profile.id) {
            self.ask_which_org(Some(Box::new(draft)), now);
            return Effects::none();
        }
        if session.is_none() && needs_session {
            if self.jobs.token_of(&profile.id).is_some() {
                self.complain("the token is still being got: Esc stops it", now);
                return Effects::none();
            }
            let errand = Errand { then_send: Some(Box::new(draft)), ..Errand::default() };
            return self.begin(Task::Token(errand), now);
        }
        match draft.prepare(&scope, &profile.headers) {
            Ok(prepared) => {
                let session = session.filter(|_| draft.auth == AuthChoice::Profile);
                self.guard(Ready { profile, session, prepared, draft: Arc::new(draft) }, now)
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
        let Ready { profile, session, prepared, .. } = ready;
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
        let Ready { profile, session, prepared: request, draft } = ready;
        self.forget_later_of(&profile.id);
        let title = wire::title(&request.method, &request.url);
        let kind = Kind::Call { session: session.clone(), draft: Some(draft) };
        let id = self.jobs.begin(kind, Some(Arc::clone(&profile)), title, now);
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
        fix: Some("wait for what runs, or stop it with Esc".into()),
        ..Failure::new(FailureKind::Bug, "the worker takes no more jobs")
    }
}
