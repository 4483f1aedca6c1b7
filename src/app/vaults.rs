//! The stores that keep secrets, as the screen deals with them: the vault's passphrase, a login that could be kept, a
//! secret that moves.

use super::{
    Action, App, Chore, Effects, Now, Sequel, Task,
    overlays::{
        Overlay,
        confirm::{Confirm, Then},
        picker::{Item, Picker},
        vault::{Purpose, VaultBox},
    },
};
use crate::{
    config::{FormValue, Profile, ProfileField, ProfileForm, SecretInput, SecretKind, upsert_profile},
    jobs::{JobId, Kept, SecretField},
    salesforce::Session,
    secrets::{SecretRef, Slot, StoreKind, VaultState},
};
use std::sync::Arc;

/// What goes on when the vault is open.
#[derive(Debug)]
pub enum Next {
    /// Nothing.
    Nothing,
    /// What a person asked for.
    Begin(Task),
    /// A chore.
    Chore(Chore, Sequel),
    /// The profile form is saved.
    SaveForm,
}

/// A secret on its way from one place to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Whose.
    pub profile: crate::config::ProfileId,
    /// Which.
    pub field: SecretField,
    /// Where it will be.
    pub to: SecretKind,
    /// The store that it leaves.
    pub from: Option<StoreKind>,
}

/// A login that could be kept for the next run.
#[derive(Debug)]
pub(super) struct Offer {
    profile: Arc<Profile>,
    session: Arc<Session>,
}

/// The store behind a place, if it is one.
pub fn store_of(kind: SecretKind) -> Option<StoreKind> {
    match kind {
        SecretKind::Keyring => Some(StoreKind::Keyring),
        SecretKind::Vault => Some(StoreKind::Vault),
        _ => None,
    }
}

/// The store behind a reference, if it leads to one.
pub(super) fn store_behind(reference: Option<&SecretRef>) -> Option<StoreKind> {
    match reference? {
        SecretRef::Keyring => Some(StoreKind::Keyring),
        SecretRef::Vault => Some(StoreKind::Vault),
        _ => None,
    }
}

impl App {
    /// Looks how the stores stand, and goes on then; one look at a time.
    pub(super) fn look_at_stores(&mut self, sequel: Sequel, now: Now) -> Effects {
        match self.jobs.looking() {
            Some(follows) if sequel == Sequel::None || *follows != Sequel::None => Effects::none(),
            Some(follows) => {
                *follows = sequel;
                Effects::none()
            }
            None => self.start_chore(Chore::Look, sequel, now),
        }
    }

    /// A form that says where a secret is has to know what there is.
    pub(super) fn look_for_form(&mut self, now: Now) -> Effects {
        let asks = self.stores.is_none()
            && self
                .overlays
                .iter()
                .any(|overlay| matches!(overlay, Overlay::Editor(form) if form.uses_store()));
        if asks { self.look_at_stores(Sequel::None, now) } else { Effects::none() }
    }

    fn vault_state(&self) -> Option<VaultState> {
        self.stores.as_ref().map(|stores| stores.vault)
    }

    /// Opens the box for the vault's passphrase, for something that waits.
    pub(super) fn ask_for_vault(&mut self, next: Next) {
        let purpose = match self.vault_state() {
            Some(VaultState::Absent) => Purpose::Create,
            _ => Purpose::Unlock,
        };
        self.overlays.push(Overlay::Vault(Box::new(VaultBox::new(purpose, next))));
    }

    /// Whether the vault can be written to, as far as is known. The settings may have its passphrase.
    pub(super) fn vault_wants_person(&self) -> bool {
        match self.vault_state() {
            Some(VaultState::Absent) => true,
            Some(VaultState::Locked) => self.config.settings.vault_passphrase.is_none(),
            Some(VaultState::Open) | None => false,
        }
    }

    /// `Enter` in the vault's box.
    pub(super) fn accept_vault(&mut self, now: Now) -> Effects {
        let Some(Overlay::Vault(vault)) = self.overlays.last_mut() else { return Effects::none() };
        let Some(chore) = vault.accept() else { return Effects::none() };
        let effects = self.start_chore(chore, Sequel::CloseVault, now);
        let job = self.jobs.newest().map(|job| job.id);
        if let Some(Overlay::Vault(vault)) = self.overlays.last_mut() {
            vault.job = job;
        }
        effects
    }

    /// The vault is open: its box goes, and what waited goes on.
    pub(super) fn vault_opened(&mut self, job: JobId, now: Now) -> Effects {
        let of_job = |overlay: &Overlay| matches!(overlay, Overlay::Vault(vault) if vault.job == Some(job));
        let Some(at) = self.overlays.iter().position(of_job) else { return Effects::none() };
        let Overlay::Vault(vault) = self.overlays.remove(at) else { return Effects::none() };
        match vault.purpose {
            Purpose::Unlock => self.say("the vault is open for this run", now),
            Purpose::Create => self.say("there is a vault now, open for this run", now),
            Purpose::Change => self.say("the vault has another passphrase", now),
        }
        match vault.next {
            Next::Nothing => Effects::none(),
            Next::Begin(task) => self.begin(task, now),
            Next::Chore(chore, sequel) => self.start_chore(chore, sequel, now),
            Next::SaveForm => self.go_on_saving(None, now),
        }
    }

    /// The vault was not opened; its box says why.
    pub(super) fn vault_refused(&mut self, job: JobId, problem: String) {
        for overlay in &mut self.overlays {
            if let Overlay::Vault(vault) = overlay
                && vault.job == Some(job)
            {
                return vault.refuse(problem);
            }
        }
    }

    /// What became of a token that should outlive the run.
    pub(super) fn on_kept(&mut self, id: JobId, kept: Kept, now: Now) -> Effects {
        let Some(job) = self.jobs.get(id) else { return Effects::none() };
        let is_chore = matches!(job.kind, super::Kind::Chore { .. });
        let Some(profile) = job.profile.clone() else { return Effects::none() };
        match kept {
            Kept::In(kind) if is_chore => {
                self.say(format!("{}: the login is kept in the {}", profile.id, kind.label()), now);
            }
            Kept::In(_) | Kept::ForThisRun => {}
            Kept::Refused(why) => self.complain(format!("the org did not take the kept login: {why}"), now),
            Kept::NotSaved(why) => {
                self.complain(format!("the login of {} is held for this run only: {why}", profile.id), now);
            }
            Kept::VaultWanted if is_chore_keep(job) => {
                self.complain("the vault was not open, so the login is held for this run only", now);
            }
            Kept::VaultWanted => {
                self.wanted_vault = Some(profile.id.clone());
                if self.stores.is_none() {
                    return self.look_at_stores(Sequel::None, now);
                }
            }
        }
        Effects::none()
    }

    /// Offers, once, to keep the login whose refresh token found no store; when nothing else is open.
    pub(super) fn offer_vault_where_free(&mut self) {
        let Some(id) = self.wanted_vault.clone() else { return };
        if self.offered_vault {
            self.wanted_vault = None;
            return;
        }
        // What is not known to be of the right org is not kept either; and what there is must be known.
        let ready = self.stores.is_some()
            && self.overlays.is_empty()
            && self.request.writing.is_none()
            && !self.is_org_open(&id);
        let found = self.config.profile(&id).zip(self.sessions.get(&id));
        let Some((profile, session)) = found.filter(|_| ready) else { return };
        self.offer = Some(Offer { profile: Arc::clone(profile), session: Arc::clone(session) });
        self.offered_vault = true;
        self.wanted_vault = None;
        let makes = match self.vault_state() {
            Some(VaultState::Absent) => "in a vault, which is made now",
            _ => "in the vault, which is unlocked now",
        };
        let items = vec![
            Item::new(makes, Action::KeepLogin).detail("no login is needed the next time"),
            Item::new("only for this run", Action::DoNotKeepLogin).detail("asked no more in this run"),
        ];
        let mut picker = Picker::menu("Keep this login?", items);
        picker.intro = vec![format!(
            "{id} has a refresh token, which gets new tokens without a login. No keyring answers here that could keep it."
        )];
        self.overlays.push(Overlay::Picker(picker));
    }

    /// Keeps the offered login in the vault.
    pub(super) fn keep_login(&mut self, now: Now) -> Effects {
        let Some(Offer { profile, session }) = self.offer.take() else { return Effects::none() };
        let chore = Chore::KeepLogin(profile, session);
        if self.vault_wants_person() || self.vault_state().is_none() {
            self.ask_for_vault(Next::Chore(chore, Sequel::None));
            return Effects::none();
        }
        self.start_chore(chore, Sequel::None, now)
    }

    /// The offered login is held for this run only.
    pub(super) fn do_not_keep_login(&mut self, now: Now) {
        self.offer = None;
        self.say("the login is held for this run only", now);
    }

    /// Chooses where the secret in the row of the token pane is to be kept.
    pub(super) fn move_secret_of_row(&mut self, now: Now) -> Effects {
        let Some(field) = super::panes::token::secret_of_row(self) else {
            self.complain("there is no secret in this row", now);
            return Effects::none();
        };
        self.choose_place(field, now)
    }

    /// Where a secret of the profile in use may go; first it is looked what there is.
    fn choose_place(&mut self, field: SecretField, now: Now) -> Effects {
        if self.stores.is_none() {
            return self.look_at_stores(Sequel::ShowPlaces(field), now);
        }
        self.show_places(field, now);
        Effects::none()
    }

    pub(super) fn show_places(&mut self, field: SecretField, now: Now) {
        let Some(reference) = self.active().and_then(|profile| profile.secret(field)) else {
            return self.complain(format!("the profile has no {}: e sets it", field.label()), now);
        };
        let keyring = match self.stores.as_ref().map(|stores| &stores.keyring) {
            Some(Err(why)) => why.as_str(),
            _ => "the desktop's: Secret Service, Keychain, Credential Manager",
        };
        let vault = match self.vault_state() {
            Some(VaultState::Absent) => {
                "a file encrypted with a passphrase; there is none yet, it is made now"
            }
            _ => "a file encrypted with a passphrase",
        };
        let places = [
            (SecretKind::Keyring, keyring, *reference == SecretRef::Keyring),
            (SecretKind::Vault, vault, *reference == SecretRef::Vault),
            (SecretKind::Ask, "nowhere: typed once a run", *reference == SecretRef::Ask),
        ];
        let items = places.into_iter().filter(|(.., here)| !here).map(|(kind, detail, _)| {
            Item::new(kind.label(), Action::MoveSecretTo(field, kind)).detail(detail)
        });
        let menu = Picker::menu(format!("Move the {} to", field.label()), items.collect());
        self.overlays.push(Overlay::Picker(menu));
    }

    /// Moves a secret of the profile in use: first it is there, then the profile says so, then it leaves the old place.
    pub(super) fn move_secret(&mut self, field: SecretField, to: SecretKind, now: Now) -> Effects {
        let Some(profile) = self.active().cloned() else { return Effects::none() };
        let from = store_behind(profile.secret(field));
        let moved = Move { profile: profile.id.clone(), field, to, from };
        let Some(kind) = store_of(to) else {
            self.ask_to_drop(moved);
            return Effects::none();
        };
        let (chore, sequel) = (Chore::Copy(profile, field, kind), Sequel::Moved(Box::new(moved)));
        if kind == StoreKind::Vault && self.vault_wants_person() {
            self.ask_for_vault(Next::Chore(chore, sequel));
            return Effects::none();
        }
        self.start_chore(chore, sequel, now)
    }

    /// A secret that is kept nowhere any more must be known to somebody.
    fn ask_to_drop(&mut self, moved: Move) {
        let lines = vec![
            format!(
                "{}: the {} is kept nowhere then, and asked for once a run.",
                moved.profile,
                moved.field.label()
            ),
            "Whoever has to type it must know it.".into(),
        ];
        let then = Then::Move(Box::new(moved));
        self.overlays.push(Overlay::Confirm(Confirm::plain("Ask for it each time?", lines, then)));
    }

    /// The secret is in its new place: the profile says so, and it leaves the old one.
    pub(super) fn write_move(&mut self, moved: &Move, now: Now) -> Effects {
        let Some(profile) = self.config.profile(&moved.profile) else {
            self.complain(format!("{} is no longer in the file", moved.profile), now);
            return Effects::none();
        };
        let mut form = ProfileForm::of(profile);
        let field = ProfileField::of_secret(moved.field);
        form.set(field, FormValue::Secret(SecretInput::new(moved.to, "")));
        let text = upsert_profile(self.text_to_change(), Some(&moved.profile), &form);
        let place = match store_of(moved.to) {
            Some(kind) => format!("in the {} now", kind.label()),
            None => "asked for each time now".to_owned(),
        };
        let says = format!("{}: the {} is {place}", moved.profile, moved.field.label());
        let effects = self.save_config(text.map_err(|error| error.to_string()), says, now);
        if let (Some(save), Some(kind)) = (self.saves.back_mut(), moved.from)
            && !effects.as_slice().is_empty()
        {
            save.then.push(Chore::Remove(kind, Slot::new(moved.profile.as_str(), moved.field.key())));
        }
        effects
    }

    /// What can be done with the vault, for the palette.
    pub(super) fn vault_items(&self) -> Vec<Item> {
        let state = self.vault_state();
        let mut items = Vec::new();
        if matches!(state, None | Some(VaultState::Locked)) {
            items.push(Item::new("unlock the vault…", Action::OpenVault(Purpose::Unlock)));
        }
        if matches!(state, None | Some(VaultState::Absent)) {
            items.push(Item::new("make a vault…", Action::OpenVault(Purpose::Create)));
        }
        if matches!(state, Some(VaultState::Open)) {
            items.push(Item::new("lock the vault", Action::LockVault));
        }
        if state != Some(VaultState::Absent) {
            items.push(Item::new("change the vault's passphrase…", Action::OpenVault(Purpose::Change)));
        }
        items.into_iter().map(|item| item.detail("vault")).collect()
    }
}

/// Whether a job does nothing but keep a login.
fn is_chore_keep(job: &super::Running) -> bool {
    matches!(job.kind, super::Kind::Chore { chore: Chore::KeepLogin(..), .. })
}
