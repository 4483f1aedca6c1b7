//! Writing, changing, copying, moving and deleting profiles: always on the file's text, comments kept.

use super::{
    Action, App, Chore, ConfigText, Effect, Effects, Now, Pane,
    overlays::{
        Overlay,
        confirm::{Confirm, Then},
        editor::ProfileEditor,
    },
};
use crate::config::{
    Direction, Profile, ProfileField, ProfileId, delete_profile, duplicate_profile, move_profile,
};
use std::sync::Arc;

/// A change of the file that is being written.
#[derive(Debug)]
pub(super) struct Save {
    /// What is written.
    pub text: ConfigText,
    /// It came from the form, which stays open until it is written.
    pub from_form: bool,
    /// The profile to use then.
    pub becoming: Option<ProfileId>,
    /// What is done then: what is kept follows what the file says.
    pub then: Vec<Chore>,
}

impl App {
    pub(super) fn change_profiles(&mut self, action: &Action, now: Now) -> Effects {
        if self.file_is_broken(now) {
            return Effects::none();
        }
        if *action == Action::AddProfile {
            self.overlays.push(Overlay::Editor(Box::new(ProfileEditor::new(None))));
            return Effects::none();
        }
        if let Action::DeleteProfileNow(id) = action {
            let id = ProfileId::new(id.as_str());
            let text = delete_profile(self.text_to_change(), &id);
            let deleted = self.config.profile(&id).cloned();
            let effects = self.save_config(text.map_err(|e| e.to_string()), format!("{id} was deleted"), now);
            if let Some(save) = self.saves.back_mut().filter(|_| !effects.as_slice().is_empty()) {
                save.then.extend(deleted.map(|profile| Chore::Forget(profile, true)));
            }
            return effects;
        }
        let Some(profile) = self.chosen_profile() else {
            self.complain("there is no profile here: a writes one", now);
            return Effects::none();
        };
        match action {
            Action::EditProfile => {
                self.overlays.push(Overlay::Editor(Box::new(ProfileEditor::new(Some(&profile)))));
                Effects::none()
            }
            Action::DuplicateProfile => {
                let name = self.free_name(profile.id.as_str());
                let text = duplicate_profile(self.text_to_change(), &profile.id, &name);
                self.save_config(
                    text.map_err(|e| e.to_string()),
                    format!("{name} is a copy: e edits it"),
                    now,
                )
            }
            Action::DeleteProfile => {
                self.ask_to_delete(&profile);
                Effects::none()
            }
            Action::MoveProfileUp => self.move_profile(&profile.id, Direction::Up, now),
            Action::MoveProfileDown => self.move_profile(&profile.id, Direction::Down, now),
            _ => Effects::none(),
        }
    }

    /// Opens a form, unless the file could not be read.
    pub(super) fn open_editor(&mut self, editor: ProfileEditor, now: Now) {
        if !self.file_is_broken(now) {
            self.overlays.push(Overlay::Editor(Box::new(editor)));
        }
    }

    fn file_is_broken(&mut self, now: Now) -> bool {
        let broken = self.config_problem.is_some();
        if broken {
            self.complain(
                "the configuration file has an error: mend it first, so that nothing in it is lost",
                now,
            );
        }
        broken
    }

    /// Opens the form with the cursor at a field.
    pub(super) fn edit_profile_at(&mut self, field: ProfileField, now: Now) -> Effects {
        let effects = self.change_profiles(&Action::EditProfile, now);
        if let Some(Overlay::Editor(editor)) = self.overlays.last_mut() {
            editor.go_to(field);
        }
        effects
    }

    /// The profile of the cursor in its pane; elsewhere the one in use.
    pub(super) fn chosen_profile(&self) -> Option<Arc<Profile>> {
        let chosen = match self.focus {
            Pane::Profiles => self.config.profiles.get(self.profiles.cursor),
            _ => self.active(),
        };
        chosen.cloned()
    }

    fn free_name(&self, name: &str) -> String {
        let taken = |name: &str| self.config.profiles.iter().any(|p| p.id.as_str() == name);
        let first = format!("{name}-copy");
        let others = (2..).map(|n| format!("{name}-copy-{n}"));
        std::iter::once(first).chain(others).find(|name| !taken(name)).expect("the numbers do not end")
    }

    fn ask_to_delete(&mut self, profile: &Profile) {
        let lines = vec![
            format!("{} · {}", profile.id, profile.environment.word()),
            "It goes from the configuration file, with its comment, and its kept tokens go. Secrets kept elsewhere \
             stay there."
                .into(),
        ];
        let then = Then::Do(Action::DeleteProfileNow(profile.id.to_string()));
        let mut confirm = Confirm::plain("Delete this profile?", lines, then);
        let session = self.sessions.get(&profile.id).map(AsRef::as_ref);
        confirm.production = crate::workspace::guard::is_production(profile, session);
        self.overlays.push(Overlay::Confirm(confirm));
    }

    fn move_profile(&mut self, id: &ProfileId, direction: Direction, now: Now) -> Effects {
        let text = move_profile(self.text_to_change(), id, direction);
        let last = self.config.profiles.len().saturating_sub(1);
        let effects = self.save_config(text.map_err(|e| e.to_string()), format!("{id} was moved"), now);
        if !effects.as_slice().is_empty() {
            self.profiles.cursor = match direction {
                Direction::Up => self.profiles.cursor.saturating_sub(1),
                Direction::Down => (self.profiles.cursor + 1).min(last),
            };
        }
        effects
    }

    /// What the file says, or will say when everything is written that is on its way.
    pub(super) fn text_to_change(&self) -> &ConfigText {
        self.saves.back().map_or(&self.config_text, |save| &save.text)
    }

    pub(super) fn save_config(&mut self, text: Result<String, String>, done: String, now: Now) -> Effects {
        self.write_config(text, done, false, None, now)
    }

    pub(super) fn write_config(
        &mut self,
        text: Result<String, String>,
        done: String,
        from_form: bool,
        becoming: Option<ProfileId>,
        now: Now,
    ) -> Effects {
        match text {
            Ok(text) if text == self.text_to_change().0 => {
                if from_form {
                    self.overlays.retain(|overlay| !matches!(overlay, Overlay::Editor(_)));
                }
                Effects::none()
            }
            Ok(text) => {
                let base = self.text_to_change().clone();
                let text = ConfigText(text);
                self.saves.push_back(Save { text: text.clone(), from_form, becoming, then: Vec::new() });
                Effect::SaveConfig { base, text, done }.into()
            }
            Err(problem) => {
                self.complain(problem, now);
                Effects::none()
            }
        }
    }
}
