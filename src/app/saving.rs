//! Saving a profile's form: first the secrets go where the form says that they are, then the file says so, then what is
//! kept follows a new name.

use super::{
    App, Chore, Effects, Now, Sequel,
    overlays::{
        Overlay,
        editor::ProfileEditor,
        form_secrets::{ToStore, kind_of},
    },
    vaults::{Next, store_behind, store_of},
};
use crate::{
    config::{Profile, ProfileField, ProfileForm, ProfileId, SecretField, upsert_profile},
    jobs::JobId,
    secrets::{Slot, StoreKind},
};
use std::sync::Arc;

impl App {
    /// Saves the form; what is wrong with it is said at its field, and nothing is written. Secrets that were typed
    /// are put away first: a file that says where they are must not be wrong.
    pub(super) fn save_profile(&mut self, now: Now) -> Effects {
        let Some(Overlay::Editor(editor)) = self.overlays.last_mut() else { return Effects::none() };
        if editor.secrets.job.is_some() {
            return Effects::none(); // one is being put away
        }
        let name = editor.form.text(ProfileField::Name).trim().to_owned();
        let base = self.saves.back().map_or(&self.config_text, |save| &save.text);
        let old = editor.old.clone();
        let current = old.as_ref().and_then(|id| self.config.profile(id)).cloned();
        let form = editor.on_top_of(current.as_deref());
        let text = match upsert_profile(base, old.as_ref(), &form) {
            Ok(text) => text,
            Err(error) => {
                editor.refuse(error.profile_field(&name), error.message.clone());
                return Effects::none();
            }
        };
        if let Some(to_store) = editor.to_store() {
            return self.store_of_form(to_store, &name, now);
        }
        // The form stays open until the file is written: a full disk must not lose it.
        let id = ProfileId::new(name.as_str());
        let becoming = (old.is_none() || old == self.profile).then(|| id.clone());
        let then = current.as_deref().map_or_else(Vec::new, |current| follows(current, &id, &form));
        let effects = self.write_config(Ok(text), format!("{name} is saved"), true, becoming, now);
        if let Some(save) = self.saves.back_mut().filter(|_| !effects.as_slice().is_empty()) {
            save.then = then;
        }
        effects
    }

    /// Puts one of the form's secrets away, then goes on saving. A profile that gets another name has its secrets
    /// under the old one until the file says the new one.
    fn store_of_form(&mut self, to_store: ToStore, name: &str, now: Now) -> Effects {
        let ToStore { field, store, typed } = to_store;
        let Some(Overlay::Editor(editor)) = self.overlays.last() else { return Effects::none() };
        let old = editor.old.as_ref().and_then(|id| self.config.profile(id)).cloned();
        if store == StoreKind::Vault {
            if self.stores.is_none() {
                return self.look_at_stores(Sequel::SaveForm, now);
            }
            if self.vault_wants_person() {
                self.ask_for_vault(Next::SaveForm);
                return Effects::none();
            }
        }
        let chore = match (typed, &old) {
            (Some(secret), _) => {
                let profile = old.as_ref().map_or(name, |old| old.id.as_str());
                Chore::Put(store, Slot::new(profile, field.key()), secret)
            }
            (None, Some(old)) => Chore::Copy(Arc::clone(old), field, store),
            (None, None) => return Effects::none(), // a new profile has nothing to take it from
        };
        let effects = self.start_chore(chore, Sequel::SaveForm, now);
        let job = self.jobs.newest().map(|job| job.id);
        if let (Some(Overlay::Editor(editor)), Some(job)) = (self.overlays.last_mut(), job) {
            editor.secrets.begin_storing(field, job);
        }
        effects
    }

    /// A secret of the form is put away, or the vault is open for it: the form goes on being saved, if it is still there.
    pub(super) fn go_on_saving(&mut self, done: Option<JobId>, now: Now) -> Effects {
        if let Some(editor) = self.form().filter(|editor| done.is_some() && editor.secrets.job == done) {
            editor.secrets.end_storing();
        }
        // Something may lie over the form by now; who goes on there saves again.
        self.save_profile(now)
    }

    /// The profile form, whatever lies over it.
    fn form(&mut self) -> Option<&mut ProfileEditor> {
        self.overlays.iter_mut().find_map(|overlay| match overlay {
            Overlay::Editor(editor) => Some(&mut **editor),
            _ => None,
        })
    }

    /// A secret of the form was not put away: nothing is written.
    pub(super) fn stop_saving(&mut self, problem: Option<String>) {
        let Some(editor) = self.form() else { return };
        let field = editor.secrets.give_up();
        if let Some(problem) = problem {
            editor.refuse(field.map(ProfileField::of_secret), problem);
        }
    }
}

/// What is done when a form is saved over a profile: a secret leaves the store that it was moved from, and all of them
/// go with a new name.
fn follows(old: &Profile, id: &ProfileId, form: &ProfileForm) -> Vec<Chore> {
    let moved = SecretField::ALL.iter().filter_map(|field| {
        let from = store_behind(old.secret(*field))?;
        let to = store_of(kind_of(form, *field))?;
        (from != to).then(|| Chore::Remove(from, Slot::new(old.id.as_str(), field.key())))
    });
    let renamed = (old.id != *id).then(|| Chore::Rename(old.id.clone(), id.clone()));
    moved.chain(renamed).collect()
}
