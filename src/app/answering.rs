//! Actions while an overlay has the keys: choosing, agreeing, typing secrets, closing.

use super::{
    Action, App, Effect, Effects, Now,
    overlays::{
        Overlay,
        confirm::{Confirm, Then},
    },
};
use crate::jobs::Answers;
use std::path::PathBuf;

impl App {
    pub(super) fn apply_in_overlay(&mut self, action: Action, now: Now) -> Effects {
        let size = self.size;
        if let Some(effects) = self.apply_in_guide(&action, now) {
            return effects;
        }
        if let Some(effects) = self.apply_in_doctor(&action, now) {
            return effects;
        }
        if let Some(effects) = self.apply_in_limits(&action, now) {
            return effects;
        }
        let Some(overlay) = self.overlays.last_mut() else { return Effects::none() };
        if overlay.handle(&action, size) {
            self.search_as_typed();
            return Effects::none();
        }
        match action {
            Action::OpenLogin { .. } | Action::CopyLogin | Action::CopyOther | Action::PrintLogin => {
                self.with_login(&action)
            }
            Action::MendCode => self.mend_code(now),
            Action::LogInAgain => self.log_in_again(now),
            Action::EditProfile => {
                self.edit_after_org();
                Effects::none()
            }
            Action::Back | Action::Interrupt => self.close_overlay(now),
            Action::Enter | Action::SaveForm => self.accept_overlay(now),
            Action::OpenGuide | Action::OpenGuideOf(_) | Action::ChooseGuide => {
                self.apply_anywhere(action, now)
            }
            _ => Effects::none(),
        }
    }

    /// The search goes along with every key.
    fn search_as_typed(&mut self) {
        if let Some(Overlay::Search(field)) = self.overlays.last() {
            let pattern = field.text();
            if let Some(view) = self.response.view_mut() {
                view.find(&pattern);
            }
        }
    }

    fn close_overlay(&mut self, now: Now) -> Effects {
        match self.overlays.last() {
            Some(Overlay::Picker(picker)) if picker.stays => return self.quit(),
            Some(Overlay::Editor(editor)) if editor.changed() => {
                let lines = vec!["What was written in the form is not saved.".to_owned()];
                let confirm = Confirm::plain("Close without saving?", lines, Then::CloseEditor);
                self.overlays.push(Overlay::Confirm(confirm));
                return Effects::none();
            }
            Some(Overlay::Login(login)) => {
                let (job, lines) = (login.job, vec!["Nothing of it is kept; t begins again.".to_owned()]);
                let confirm = Confirm::plain("Give this login up?", lines, Then::Do(Action::GiveUp(job)));
                self.overlays.push(Overlay::Confirm(confirm));
                return Effects::none();
            }
            Some(Overlay::Org(_)) => {
                self.leave_org(now);
                return Effects::none();
            }
            Some(Overlay::Vault(vault)) => {
                if let Some(job) = vault.job {
                    return self.cancel_job(job, now); // then the box goes
                }
            }
            Some(Overlay::Search(_)) => {
                if let Some(view) = self.response.view_mut() {
                    view.clear_search();
                }
            }
            _ => {}
        }
        self.overlays.pop();
        Effects::none()
    }

    fn accept_overlay(&mut self, now: Now) -> Effects {
        match self.overlays.last_mut() {
            Some(Overlay::Picker(picker)) => {
                let Some(action) = picker.chosen().cloned() else { return Effects::none() };
                // The start page stays below a form, so that closing the form leads back to it.
                if picker.stays {
                    return self.apply_anywhere(action, now);
                }
                self.overlays.pop();
                self.apply(action, now)
            }
            Some(Overlay::Confirm(confirm)) if confirm.agreed() => {
                let Some(Overlay::Confirm(confirm)) = self.overlays.pop() else { return Effects::none() };
                self.confirmed(confirm.then, now)
            }
            Some(Overlay::Search(_)) => {
                self.overlays.pop();
                Effects::none()
            }
            Some(Overlay::SaveBody(save)) => {
                let path = PathBuf::from(save.path.text());
                if path.as_os_str().is_empty() {
                    return Effects::none();
                }
                let overwrite = save.exists.as_ref() == Some(&path);
                Effect::SaveBody { path, body: save.body.clone(), overwrite }.into()
            }
            Some(Overlay::Ask(_)) => self.take_answers(now),
            Some(Overlay::Org(_)) => self.accept_org(now),
            Some(Overlay::Vault(_)) => self.accept_vault(now),
            Some(Overlay::Login(login)) => {
                login.pasted().map_or_else(Effects::none, |text| Effect::Say(login.job, text).into())
            }
            Some(Overlay::Editor(_)) => self.save_profile(now),
            _ => Effects::none(),
        }
    }

    fn confirmed(&mut self, then: Then, now: Now) -> Effects {
        match then {
            Then::Do(action) => self.apply_anywhere(action, now),
            Then::Send(ready) => self.send_confirmed(*ready, now),
            Then::SendDraft(draft) => self.send_draft(*draft, now),
            Then::SendPassword(held) => self.send_despite_lockout(*held, now),
            Then::Move(moved) => self.write_move(&moved, now),
            Then::CloseEditor => {
                self.overlays.pop();
                Effects::none()
            }
        }
    }

    /// Keeps what was typed for this run and goes on with what needed it.
    fn take_answers(&mut self, now: Now) -> Effects {
        let Some(Overlay::Ask(ask)) = self.overlays.last_mut() else { return Effects::none() };
        if ask.step(true) {
            return Effects::none();
        }
        if let Some(empty) = ask.fields.iter().position(|(_, text)| text.is_empty()) {
            ask.at = empty;
            return Effects::none();
        }
        let Some(Overlay::Ask(ask)) = self.overlays.pop() else { return Effects::none() };
        let known = self.answers.entry(ask.profile.clone()).or_default();
        let typed = ask.fields.into_iter().map(|(field, mut text)| (field, text.take()));
        let mut all: Vec<_> = known.0.drain(..).collect();
        for (field, secret) in typed {
            all.retain(|(f, _)| *f != field);
            all.push((field, secret));
        }
        *known = Answers(all);
        self.doubted.remove(&ask.profile);
        if self.profile.as_ref() == Some(&ask.profile) {
            return self.begin(ask.task, now);
        }
        Effects::none()
    }
}
