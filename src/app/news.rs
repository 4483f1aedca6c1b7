//! What the worker and the files report, and what that changes.

use super::{App, Done, Effect, Effects, Kind, Loaded, Now, SAVE_AFTER, Saved, Sequel, overlays::Overlay};
use crate::{
    config::ProfileId,
    jobs::{Event, Failure, JobId, Outcome},
};

impl App {
    pub(super) fn on_worker(&mut self, event: Event, now: Now) -> Effects {
        match event {
            Event::Progress(id, progress) => self.jobs.progress(id, progress),
            Event::Exchange(id, exchange) => {
                self.learn_from(&exchange.profile.clone(), &exchange, now);
                self.response.keep(id, exchange, now.wall);
            }
            Event::Renewed(id, session) => self.on_renewed(id, session, now),
            Event::NotRenewed(id, failure) => self.on_not_renewed(id, failure, now),
            Event::Waiting(id, waiting) => return self.on_waiting(id, waiting, now),
            Event::NotThat(id, sentence) => self.on_not_that(id, sentence),
            Event::CodeRefused(id, sentence) => self.on_code_refused(id, &sentence),
            Event::Kept(id, kept) => return self.on_kept(id, kept, now),
            Event::Stores(stores) => self.stores = Some(stores),
            Event::Examining(id, subjects) => self.on_examining(id, subjects),
            Event::Examined(id, subject, findings) => self.on_examined(id, &subject, findings),
            Event::History(sentence) => self.complain(sentence, now),
            Event::Ended(id, result) => return self.on_ended(id, result, now),
        }
        Effects::none()
    }

    fn on_ended(&mut self, id: JobId, result: Result<Outcome, Failure>, now: Now) -> Effects {
        let Some(job) = self.jobs.end(id) else {
            return Effects::none(); // given up before; nobody waits for it
        };
        self.close_login(id);
        self.on_examination_over(id);
        let mut effects = Effects::none();
        match result {
            Ok(Outcome::Token(session, standing)) => effects = self.on_token(&job, session, *standing, now),
            Ok(Outcome::Limits(told)) => self.on_limits(&job, *told),
            Ok(Outcome::Why(why)) => self.on_why(&job, *why, now),
            Ok(Outcome::Response(answer)) if matches!(job.kind, Kind::Limits { .. }) => {
                self.on_limits_refused(&job, &answer, now);
            }
            Ok(Outcome::Response(answer)) => {
                let hints = self.explain_answer(&job, &answer, now);
                self.tell_of_own_hints(now);
                if let (true, Kind::Call { draft, .. }) = (hints.is_empty(), &job.kind) {
                    self.take_success(draft.as_deref());
                }
                let shown = self.response.show_answer(&job, &answer, hints);
                match job.kind {
                    // Something else was wanted of these than an answer to read.
                    Kind::About { about, .. } if !about.is_question() => {
                        let status = answer.exchange.reply.as_ref().map_or_else(
                            |failure| failure.message.clone(),
                            |reply| super::wire::status(reply.status),
                        );
                        self.complain(format!("{}: {status}; H shows the answer", job.title), now);
                    }
                    _ if !shown => self.say(format!("{} is there: H shows it", job.title), now),
                    _ => {}
                }
            }
            Ok(Outcome::Revoked(_)) => self.on_revoked(&job, now),
            Ok(Outcome::OrgLink(link)) => effects = self.on_link(&job, link),
            Ok(Outcome::Done) => effects = self.on_chore_done(&job, now),
            Ok(Outcome::Cancelled(answer)) => {
                match answer {
                    Some(answer) => drop(self.response.show_answer(&job, &answer, Vec::new())),
                    None => self.response.stop_waiting(id),
                }
                self.say(format!("{} stopped", job.title), now);
                self.on_chore_stopped(&job);
                self.on_limits_stopped(&job);
            }
            Err(failure) => self.take_failure(&job, failure, now),
        }
        // Whatever became of it, nobody waits for it any longer.
        self.response.stop_waiting(id);
        effects
    }

    pub(super) fn on_config(&mut self, read: Result<Box<Loaded>, String>, now: Now) -> Effects {
        match read {
            Ok(loaded) => {
                if loaded.text == self.config_text && self.config_problem.is_none() {
                    return Effects::none(); // touched, or told twice
                }
                // Editors empty a file before they write it; losing every profile for that would be wrong.
                let emptied = loaded.config.profiles.is_empty() && loaded.text.0.trim().is_empty();
                if emptied && !self.config.profiles.is_empty() && self.own_text.is_none() {
                    self.config_problem = Some("the file is empty or gone; the last good one stays".into());
                    return Effects::none();
                }
                // Our own writing comes back this way too, and has been told of.
                let own = self.own_text.take().is_some_and(|text| text == loaded.text);
                let in_use = self.profile.is_some();
                self.take_config(*loaded, now);
                let effects = self.use_proven(now);
                let lost = in_use && self.profile.is_none();
                if !own && !lost {
                    self.say("the configuration was read again", now);
                }
                return effects;
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
            (Some(old), Some(new)) => old.same_login(new),
            _ => false,
        };
        self.sessions.retain(|id, _| same(id));
        self.usage.retain(|id, _| same(id));
        self.unaccepted.retain(|id, _| same(id));
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
            let gone = self.profile.take().filter(|_| !old.profiles.is_empty());
            match gone {
                // Never another org in its place without a word.
                Some(id) => self.complain(format!("{id} is no longer in the file: p chooses another"), now),
                None => self.profile = self.config.profiles.first().map(|p| p.id.clone()),
            }
        }
        self.close_lost_guides();
        if self.config.profiles.is_empty() {
            return self.show_start_page();
        }
        self.overlays.retain(|overlay| !matches!(overlay, Overlay::Picker(picker) if picker.stays));
    }

    pub(super) fn on_done(&mut self, done: Done, now: Now) -> Effects {
        match done {
            Done::Well(Some(text)) => self.say(text, now),
            Done::Well(None) => {}
            Done::BodySaved(text) => {
                self.overlays.retain(|overlay| !matches!(overlay, Overlay::SaveBody(_)));
                self.say(text, now);
            }
            Done::ConfigSaved(text) => {
                if let Some(save) = self.saves.pop_front() {
                    if save.from_form {
                        self.guides_follow();
                        self.overlays.retain(|overlay| !matches!(overlay, Overlay::Editor(_)));
                    }
                    self.becoming = save.becoming;
                    self.own_text = Some(save.text);
                    self.say(text, now);
                    let mut effects = Effects::none();
                    for chore in save.then {
                        effects.extend(self.start_chore(chore, Sequel::None, now));
                    }
                    return effects;
                }
                self.say(text, now);
            }
            Done::ConfigNotSaved(text) => {
                // Those behind it were made on a text that never came to be.
                self.saves.clear();
                self.forget_proven();
                self.complain(text, now);
            }
            Done::Badly(text) => self.complain(text, now),
            Done::ConfigMoved => {
                self.saves.clear();
                self.forget_proven();
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
