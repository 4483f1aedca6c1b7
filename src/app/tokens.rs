//! Tokens: getting them, asking about them, keeping and forgetting them; with the questions that come between.

use super::{
    About, Action, App, Chore, Effect, Effects, Errand, Kind, Now, Pane, Running, Seat, Secretable, Sequel,
    Task,
    overlays::{
        Overlay,
        ask::AskSecrets,
        confirm::{Confirm, Then},
    },
    panes::token::RowKind,
    vaults::Next,
};
use crate::{
    config::{Flow, Profile, ProfileField},
    jobs::{Answers, Failure, FailureKind, Job, JobId, Question, SecretField, Wanted, Wish},
    salesforce::{Session, Standing},
    secrets::{Secret, SecretRef},
};
use std::sync::Arc;

impl App {
    /// Gets a token for the profile in use, a new one if it has one; while one is being got, stops that.
    pub(super) fn get_token(&mut self, now: Now) -> Effects {
        let running = self.profile.as_ref().and_then(|id| self.jobs.token_of(id)).map(|job| job.id);
        let wanted = if self.session().is_some() { Wanted::Fresh } else { Wanted::Any };
        match running {
            Some(job) => self.cancel_job(job, now),
            None => self.get_token_by(wanted, None, now),
        }
    }

    /// Gets a token in this way for the profile in use.
    pub(super) fn get_token_by(&mut self, wanted: Wanted, prompt: Option<&str>, now: Now) -> Effects {
        let wish = Wish { wanted, prompt: prompt.map(str::to_owned), ..Wish::default() };
        self.begin(Task::Token(Errand { wish, ..Errand::default() }), now)
    }

    /// Begins a task for the profile in use, or asks first for what only the person knows.
    pub(super) fn begin(&mut self, task: Task, now: Now) -> Effects {
        let tried = match &task {
            Task::Token(Errand { trial: Some(trial), .. }) => Some(Arc::clone(&trial.profile)),
            _ => None,
        };
        let Some(profile) = tried.or_else(|| self.active().cloned()) else {
            self.complain("no profile is in use: p chooses one, a in Profiles writes one", now);
            return Effects::none();
        };
        let is_token = matches!(task, Task::Token(_));
        if is_token && self.jobs.token_of(&profile.id).is_some() {
            self.complain("the token is still being got: Esc stops it", now);
            return Effects::none();
        }
        let asked = self.to_be_asked(&profile, &task);
        if !asked.is_empty() {
            let mut ask = AskSecrets::new(profile.id.clone(), &asked, task);
            if let Some(answers) = self.answers.get(&profile.id) {
                ask.prefill(answers);
            }
            self.overlays.push(Overlay::Ask(ask));
            return Effects::none();
        }
        let answers = self.answers.get(&profile.id).cloned().unwrap_or_default();
        match task {
            Task::Token(errand) => self.start_token(profile, answers, errand, now),
            Task::About(about) => self.start_about(profile, answers, about, now),
        }
    }

    pub(super) fn start_token(
        &mut self,
        profile: Arc<Profile>,
        answers: Answers,
        errand: Errand,
        now: Now,
    ) -> Effects {
        self.token_failures.remove(&profile.id);
        self.held_back = None;
        self.forget_later_of(&profile.id);
        let holding = self.sessions.get(&profile.id).cloned();
        let wish = Wish { holding, ..errand.wish.clone() };
        let id = self.jobs.begin(Kind::Token(errand), Some(Arc::clone(&profile)), "token".into(), now);
        Effect::Start(id, Box::new(Job::GetToken { profile, answers, wish })).into()
    }

    fn start_about(&mut self, profile: Arc<Profile>, answers: Answers, about: About, now: Now) -> Effects {
        let Some(session) = self.sessions.get(&profile.id).cloned() else {
            self.complain("there is no token yet: t gets one", now);
            return Effects::none();
        };
        // To end a token one need not know whose it is; everything else would use it.
        if about.question != Question::Revoke && self.is_org_open(&profile.id) {
            self.ask_which_org(None, now);
            return Effects::none();
        }
        let kind = Kind::About { about, session: Arc::clone(&session) };
        let id = self.jobs.begin(kind, Some(Arc::clone(&profile)), title(about.question).into(), now);
        if about.is_question() {
            self.response.wait_for(id);
            self.go_to(Pane::Response);
        }
        let question = about.question;
        Effect::Start(id, Box::new(Job::AboutToken { profile, session, answers, question })).into()
    }

    /// The secrets that must be typed: `ask` references, and needed ones that the profile does not have.
    fn to_be_asked(&self, profile: &Profile, task: &Task) -> Vec<SecretField> {
        let answers = self.answers.get(&profile.id);
        // What was refused is shown to be mended, but where something else is tried with it.
        let is_trial = matches!(task, Task::Token(Errand { trial: Some(_), .. }));
        let doubted = self.doubted.contains(&profile.id) && !is_trial;
        let answered = |field: SecretField| !doubted && answers.is_some_and(|a| a.get(field).is_some());
        let missing = profile.missing();
        let needed = |field: SecretField| match profile.secret(field) {
            Some(reference) => *reference == SecretRef::Ask,
            None => missing.contains(&ProfileField::of_secret(field)),
        };
        // To ask about a token takes the token; these two are asked by the app itself.
        let is_for_task = |field: SecretField| match task {
            Task::Token(_) => true,
            Task::About(About { question: Question::Introspect | Question::Revoke, .. }) => {
                field == SecretField::ConsumerSecret
            }
            Task::About(_) => false,
        };
        profile.secrets_in_use().filter(|f| needed(*f) && is_for_task(*f) && !answered(*f)).collect()
    }

    /// A token has come: it is kept, and used unless somebody has to look at its org first.
    pub(super) fn on_token(
        &mut self,
        job: &Running,
        session: Arc<Session>,
        standing: Standing,
        now: Now,
    ) -> Effects {
        self.response.stop_waiting(job.id);
        let Some(profile) = &job.profile else { return Effects::none() };
        if let Kind::Token(Errand { trial: Some(trial), .. }) = &job.kind {
            let mut effects =
                self.on_proven(job, trial, &session, &standing, now).unwrap_or_else(|problem| {
                    self.complain(problem, now);
                    Effects::none()
                });
            effects.extend(self.use_proven(now)); // where nothing has to be written
            return effects;
        }
        if !self.keep_session(profile, Arc::clone(&session)) {
            self.complain(format!("a token came for {}, which was changed meanwhile", profile.id), now);
            return Effects::none();
        }
        let draft = match &job.kind {
            Kind::Token(errand) => errand.then_send.clone(),
            _ => None,
        };
        if self.profile.as_ref() == Some(&profile.id) {
            self.show_news_of_token(now);
        }
        if let Some(draft) = self.judge_org(&profile.id, &session, standing, draft, now) {
            return self.send_for(profile, *draft, now);
        }
        Effects::none()
    }

    /// Sends what waited for a token, if its profile is still the one in use.
    pub(super) fn send_for(
        &mut self,
        profile: &Profile,
        draft: crate::workspace::Draft,
        now: Now,
    ) -> Effects {
        if self.profile.as_ref() == Some(&profile.id) {
            return self.send_draft(draft, now);
        }
        self.complain("not sent: another profile is in use by now", now);
        Effects::none()
    }

    /// Brings what is new of the token into sight: what follows the button.
    pub(super) fn show_news_of_token(&mut self, now: Now) {
        let rows = super::panes::token::rows(self, now);
        let button = rows.iter().position(|row| row.kind == RowKind::Button);
        self.token.cursor = button.map_or(0, |at| (at + 1).min(rows.len() - 1));
    }

    /// Keeps a token that was got for a profile, if the profile is still there and still the same login.
    fn keep_session(&mut self, profile: &Profile, session: Arc<Session>) -> bool {
        let same = self.config.profile(&profile.id).is_some_and(|current| profile.same_login(current));
        if same {
            self.token_failures.remove(&profile.id);
            self.doubted.remove(&profile.id);
            self.note_login(profile);
            self.setups.works(&profile.id);
            self.sessions.insert(profile.id.clone(), session);
        }
        same
    }

    /// A call got a new token on its way: it replaces the one that the call was started with, no other.
    pub(super) fn on_renewed(&mut self, id: JobId, session: Arc<Session>, now: Now) {
        let Some((profile, started)) = self.started_with(id) else { return };
        if self.sessions.get(&profile.id).is_some_and(|current| Arc::ptr_eq(current, &started)) {
            self.say(format!("{}: the session had ended; a new token was got", profile.id), now);
            self.keep_session(&profile, session);
        }
    }

    /// The session had ended and no new token was got: the token is dropped, or every request would try again with
    /// secrets that were refused, which locks the user out.
    pub(super) fn on_not_renewed(&mut self, id: JobId, failure: Failure, now: Now) {
        let Some((profile, started)) = self.started_with(id) else { return };
        let Some(job) = self.jobs.get(id).cloned().filter(|_| self.drop_session(&profile, &started)) else {
            return;
        };
        if failure.kind == FailureKind::OAuth {
            self.doubted.insert(profile.id.clone());
        }
        self.complain(format!("the session had ended, and no new token was got: {}", failure.message), now);
        if failure.kind == FailureKind::VaultLocked && self.profile.as_ref() == Some(&profile.id) {
            self.ask_for_vault(Next::Begin(Task::Token(Errand::default())));
        }
        let refused = self.refused(&profile, &job, &failure, now);
        self.token_failures.insert(profile.id.clone(), refused);
    }

    /// Whose job it is, and with which token it was started.
    fn started_with(&self, id: JobId) -> Option<(Arc<Profile>, Arc<Session>)> {
        let job = self.jobs.get(id)?;
        match &job.kind {
            Kind::Call { session: Some(session), .. }
            | Kind::About { session, .. }
            | Kind::Why { session, .. }
            | Kind::Limits { session } => Some((job.profile.clone()?, Arc::clone(session))),
            _ => None,
        }
    }

    /// Drops a token, if it is still the profile's.
    fn drop_session(&mut self, profile: &Profile, session: &Arc<Session>) -> bool {
        let is_current = self.sessions.get(&profile.id).is_some_and(|current| Arc::ptr_eq(current, session));
        if is_current {
            self.sessions.remove(&profile.id);
            self.unaccepted.remove(&profile.id);
        }
        is_current
    }

    /// A token is dead in the org, so it goes here too.
    pub(super) fn on_revoked(&mut self, job: &Running, now: Now) {
        let (Kind::About { session, .. }, Some(profile)) = (&job.kind, &job.profile) else { return };
        self.drop_session(profile, session);
        self.say(format!("{}: the token is revoked", profile.id), now);
    }

    /// A link that logs in: to the browser, where one is seen; else, or if it was asked for so, to the clipboard.
    pub(super) fn on_link(&mut self, job: &Running, link: Secret) -> Effects {
        let copies = matches!(job.kind, Kind::About { about: About { copies: true, .. }, .. });
        let url = Secretable::Secret(link);
        if copies || self.surroundings.seat != Seat::Desktop {
            return Effect::Copy { text: url, what: "the link (good once, for a minute)" }.into();
        }
        Effect::OpenUrl { url, private: false }.into()
    }

    /// To revoke a token takes more than it seems: asks first.
    pub(super) fn ask_to_revoke(&mut self, now: Now) {
        let Some(profile) = self.active().filter(|_| self.session().is_some()) else {
            return self.complain("there is no token to revoke", now);
        };
        let lines = vec![
            format!("The org ends the token of {}.", profile.id),
            "A refresh token ends with all its access tokens: other clients of this app and user may be logged out."
                .into(),
            "To forget it here alone: x in the token pane.".into(),
        ];
        let revoke = Action::AskAbout(About { question: Question::Revoke, copies: false });
        let mut confirm = Confirm::plain("Revoke the token?", lines, Then::Do(revoke));
        confirm.production = self.is_production();
        self.overlays.push(Overlay::Confirm(confirm));
    }

    /// Drops the token of the profile in use, also where it is kept, and what was typed for it.
    pub(super) fn forget_token(&mut self, now: Now) -> Effects {
        let Some(profile) = self.active().cloned() else { return Effects::none() };
        self.answers.remove(&profile.id);
        self.token_failures.remove(&profile.id);
        self.unaccepted.remove(&profile.id);
        let says = match self.sessions.remove(&profile.id) {
            Some(_) => "forgotten here; in the org it stays valid until it expires or is revoked",
            None => "there is no token to forget; what an earlier run has kept is forgotten",
        };
        self.say(says, now);
        self.start_chore(Chore::Forget(profile, false), Sequel::None, now)
    }

    /// Shows why a job brought nothing, where that concerns a person.
    pub(super) fn take_failure(&mut self, job: &Running, failure: Failure, now: Now) {
        let locked = failure.kind == FailureKind::VaultLocked;
        let task = match &job.kind {
            Kind::Chore { .. } => return self.on_chore_failed(job, &failure, now),
            Kind::Limits { .. } => return self.on_limits_failed(job, failure),
            Kind::Why { .. } => return self.on_why_failed(job, &failure, now),
            Kind::Token(errand) => Some(Task::Token(errand.clone())),
            Kind::About { about, .. } => Some(Task::About(*about)),
            Kind::Call { .. } => None,
        };
        if !locked {
            let tried = matches!(&job.kind, Kind::Token(Errand { trial: Some(_), .. }));
            let nothing = if tried { "; nothing was changed" } else { "" };
            self.complain(format!("{}{nothing}", failure.message), now);
        }
        let refused = job.profile.as_ref().map(|profile| self.refused(profile, job, &failure, now));
        if let (Kind::Token(errand), Some(profile)) = (&job.kind, &job.profile) {
            self.hold_back(profile, errand, &failure);
            // Sending a mistyped password again and again locks the user out.
            if failure.kind == FailureKind::OAuth {
                self.doubted.insert(profile.id.clone());
            }
            self.token_failures.extend(refused.clone().map(|refused| (profile.id.clone(), refused)));
            if self.profile.as_ref() == Some(&profile.id) {
                self.show_news_of_token(now);
            }
        }
        let in_use = job.profile.as_ref().is_some_and(|profile| self.profile.as_ref() == Some(&profile.id));
        match task.filter(|_| locked && in_use) {
            Some(task) => return self.ask_for_vault(Next::Begin(task)), // and then it is done once more
            None if locked => self.complain(failure.message.clone(), now),
            None => {}
        }
        self.tell_of_own_hints(now);
        let hints = refused.map(|refused| refused.hints).unwrap_or_default();
        self.response.show_failure(job, failure, hints, now.wall);
    }
}

/// Whether a login by that flow can be told by `prompt` what to ask.
pub(super) fn has_prompt(flow: Flow) -> bool {
    matches!(flow, Flow::AuthorizationCode | Flow::UserAgent)
}

/// A question in a word, for what runs.
fn title(question: Question) -> &'static str {
    match question {
        Question::UserInfo => "userinfo",
        Question::Identity => "identity",
        Question::Introspect => "introspect",
        Question::Revoke => "revoke",
        Question::OpenOrg => "link to the org",
    }
}
