//! What the worker and the files report, and what that changes.

use super::{
    App, Done, Effect, Effects, Kind, Loaded, Now, Running, SAVE_AFTER, Saved, overlays::Overlay,
    panes::token::RowKind,
};
use crate::{
    config::{Profile, ProfileId},
    jobs::{Answer, Event, Failure, JobId, Outcome},
    salesforce::{self, Context, Session},
};
use std::sync::Arc;

impl App {
    pub(super) fn on_worker(&mut self, event: Event, now: Now) -> Effects {
        match event {
            Event::Progress(id, progress) => self.jobs.progress(id, progress),
            Event::Exchange(id, exchange) => {
                self.learn_from(&exchange.profile.clone(), &exchange);
                self.response.keep(id, exchange, now.wall);
            }
            Event::Renewed(_, session) => {
                self.say(format!("{}: the session had ended; a new token was got", session.profile), now);
                self.keep_session(session);
            }
            Event::Ended(id, result) => return self.on_ended(id, result, now),
        }
        Effects::none()
    }

    fn on_ended(&mut self, id: JobId, result: Result<Outcome, Failure>, now: Now) -> Effects {
        let Some(job) = self.jobs.end(id) else {
            return Effects::none(); // given up before; nobody waits for it
        };
        if self.response.waiting == Some(id) {
            self.response.waiting = None;
        }
        match result {
            Ok(Outcome::Token(session)) => return self.on_token(&job, session, now),
            Ok(Outcome::Response(answer)) => {
                let hint = self.hint_of(&answer);
                self.response.show_answer(&answer, hint);
            }
            Ok(Outcome::Cancelled(answer)) => {
                match answer {
                    Some(answer) => self.response.show_answer(&answer, None),
                    None if job.kind == Kind::Call => self.response.show_last_of(id),
                    None => {}
                }
                self.say(format!("{} stopped", job.title), now);
            }
            Err(failure) => self.take_failure(&job, failure, now),
        }
        Effects::none()
    }

    /// What an error in the answer most likely means. Errors are short; anything longer is not looked at here.
    fn hint_of(&self, answer: &Answer) -> Option<String> {
        const LONGEST: usize = 64 * 1024;
        let reply = answer.exchange.reply.as_ref().ok()?;
        let profile = self.config.profile(&answer.exchange.profile)?;
        if reply.body.0.len() > LONGEST {
            return None;
        }
        let errors = salesforce::error::parse(reply.status, &reply.body.0);
        let context = Context { profile, at_token_endpoint: false };
        errors.iter().find_map(|error| {
            let hints = salesforce::explain(error.code.as_deref()?, &error.message, context);
            hints.first().map(|hint| format!("{}: {}", hint.cause, hint.fix))
        })
    }

    fn on_token(&mut self, job: &Running, session: Arc<Session>, now: Now) -> Effects {
        let org = session.org_id.as_ref().map(|org| format!(" · org {org}")).unwrap_or_default();
        self.say(format!("token for {}{org}", job.profile), now);
        self.keep_session(session);
        self.show_news_of_token(now);
        let wanted =
            job.kind == Kind::Token { then_send: true } && self.profile.as_ref() == Some(&job.profile);
        if wanted { self.send(now) } else { Effects::none() }
    }

    /// Brings what is new of the token into sight: what follows the button.
    pub(super) fn show_news_of_token(&mut self, now: Now) {
        let rows = super::panes::token::rows(self, now);
        let button = rows.iter().position(|row| row.kind == RowKind::Button);
        self.token.cursor = button.map_or(0, |at| (at + 1).min(rows.len() - 1));
    }

    fn keep_session(&mut self, session: Arc<Session>) {
        // The profile may have been deleted while the request was on its way.
        if self.config.profile(&session.profile).is_some() {
            self.token_failures.remove(&session.profile);
            self.sessions.insert(session.profile.clone(), session);
        }
    }

    pub(super) fn on_config(&mut self, read: Result<Box<Loaded>, String>, now: Now) -> Effects {
        match read {
            Ok(loaded) => {
                if loaded.text == self.config_text && self.config_problem.is_none() {
                    return Effects::none(); // touched, or told twice
                }
                // Our own writing comes back this way too, and has been told of.
                let own = self.written.take().is_some_and(|text| text == loaded.text);
                self.take_config(*loaded, now);
                if !own {
                    self.say("the configuration was read again", now);
                }
            }
            Err(problem) => {
                self.complain("the configuration has an error; the last good one stays", now);
                self.config_problem = Some(problem);
            }
        }
        Effects::none()
    }

    /// Takes a valid configuration over; tokens of profiles that are now something else are dropped.
    pub(super) fn take_config(&mut self, loaded: Loaded, now: Now) {
        let Loaded { config, text } = loaded;
        let old = std::mem::replace(&mut self.config, config);
        let config = &self.config;
        let same = |id: &ProfileId| match (old.profile(id), config.profile(id)) {
            (Some(old), Some(new)) => same_login(old, new),
            _ => false,
        };
        self.sessions.retain(|id, _| same(id));
        self.answers.retain(|id, _| same(id));
        self.token_failures.retain(|id, _| same(id));
        self.config_text = text;
        self.config_problem = None;
        if self.config.settings.theme != old.settings.theme {
            self.theme = self.config.settings.theme;
        }
        let (keymap, problems) = super::keymap::Keymap::with(&self.config.settings.keys);
        self.keymap = keymap;
        if let Some(problem) = problems.first() {
            self.complain(problem.clone(), now);
        }
        if let Some(id) = self.becoming.take().filter(|id| self.config.profile(id).is_some()) {
            self.profile = Some(id);
            self.select_active();
        }
        if self.active().is_none() {
            self.profile = self.config.profiles.first().map(|p| p.id.clone());
        }
        if self.config.profiles.is_empty() {
            return self.show_start_page();
        }
        self.overlays.retain(|overlay| !matches!(overlay, Overlay::Picker(picker) if picker.stays));
    }

    pub(super) fn on_done(&mut self, done: Done, now: Now) -> Effects {
        match done {
            Done::Well(Some(text)) => {
                self.overlays.retain(|overlay| !matches!(overlay, Overlay::SaveBody(_)));
                self.say(text, now);
            }
            Done::Well(None) => {}
            Done::ConfigSaved(text) => {
                self.overlays.retain(|overlay| !matches!(overlay, Overlay::Editor(_)));
                self.say(text, now);
            }
            Done::Badly(text) => self.complain(text, now),
            Done::ConfigMoved => {
                self.complain("not saved: the file was changed outside meanwhile; look, and save again", now);
            }
            Done::Exists(path) => {
                if let Some(Overlay::SaveBody(save)) = self.overlays.last_mut() {
                    save.exists = Some(path);
                }
            }
        }
        Effects::none()
    }

    /// Saves drafts a moment after the last change, and at once before leaving.
    pub(super) fn plan_saving(&mut self, effects: &mut Effects, now: Now) {
        if std::mem::take(&mut self.request.changed) {
            self.unsaved_since = Some(now.mono);
        }
        let Some(since) = self.unsaved_since else { return };
        let leaving =
            effects.as_slice().iter().any(|e| matches!(e, Effect::Quit | Effect::Suspend | Effect::OpenDemo));
        if leaving || now.mono >= since + SAVE_AFTER {
            self.unsaved_since = None;
            effects.push_first(Effect::SaveState(self.saved().print()));
        }
    }

    fn saved(&self) -> Saved {
        Saved {
            profile: self.profile.as_ref().map(ToString::to_string),
            draft: self.request.draft.clone(),
            shelf: self.request.shelf.clone(),
        }
    }
}

/// Whether a token of the one is a token of the other: same app, same host, same user, same way.
fn same_login(old: &Profile, new: &Profile) -> bool {
    let of = |p: &Profile| {
        (p.flow, p.login_url.clone(), p.consumer_key.clone(), p.username.clone(), p.instance_url.clone())
    };
    of(old) == of(new) && old.access_token == new.access_token
}
