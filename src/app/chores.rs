//! Chores: jobs that bring nothing to look at. They change what is known of an org or what the stores keep; each can be
//! done once more when the vault has been unlocked for it.

use super::{App, Effect, Effects, Kind, Now, Running, overlays::Overlay, vaults::Next};
use crate::{
    config::{Profile, ProfileId},
    jobs::{Answers, Checkup, Failure, FailureKind, Job, SecretField, StoresErrand},
    salesforce::Session,
    secrets::{Secret, Slot, StoreKind},
};
use std::sync::Arc;

/// What is to be done.
#[derive(Clone, Debug)]
pub enum Chore {
    /// A token is of the right org.
    AcceptOrg(Arc<Profile>, Arc<Session>),
    /// What is kept of a profile's login goes; of a deleted one all that is known.
    Forget(Arc<Profile>, bool),
    /// Keep a login beyond this run, after all.
    KeepLogin(Arc<Profile>, Arc<Session>),
    /// Look how the stores stand.
    Look,
    /// Put what was typed into a store.
    Put(StoreKind, Slot, Secret),
    /// Put a profile's secret into a store too, wherever it is.
    Copy(Arc<Profile>, SecretField, StoreKind),
    /// Take a secret out of a store.
    Remove(StoreKind, Slot),
    /// A profile has another name.
    Rename(ProfileId, ProfileId),
    /// Make a vault with this passphrase.
    CreateVault(Secret),
    /// Unlock it.
    UnlockVault(Secret),
    /// Give it another passphrase: the old one, the new one.
    RekeyVault(Secret, Secret),
    /// Forget its passphrase.
    LockVault,
    /// Look what does not work, and why.
    Examine(Box<Checkup>),
}

impl Chore {
    fn job(self, answers: Answers) -> Job {
        Job::Stores(match self {
            Self::AcceptOrg(profile, session) => return Job::AcceptOrg { profile, session },
            Self::Forget(profile, all) => return Job::Forget { profile, all },
            Self::Examine(checkup) => return Job::Examine(checkup),
            Self::KeepLogin(profile, session) => StoresErrand::KeepLogin(profile, session),
            Self::Look => StoresErrand::Look,
            Self::Put(kind, slot, secret) => StoresErrand::Put(kind, vec![(slot, secret)]),
            Self::Copy(profile, field, to) => StoresErrand::Copy { profile, field, to, answers },
            Self::Remove(kind, slot) => StoresErrand::Remove(kind, vec![slot]),
            Self::Rename(from, to) => StoresErrand::Rename { from, to },
            Self::CreateVault(passphrase) => StoresErrand::CreateVault(passphrase),
            Self::UnlockVault(passphrase) => StoresErrand::UnlockVault(passphrase),
            Self::RekeyVault(old, new) => StoresErrand::RekeyVault(old, new),
            Self::LockVault => StoresErrand::LockVault,
        })
    }

    /// Whose it is, where it is a profile's.
    fn profile(&self) -> Option<&Arc<Profile>> {
        match self {
            Self::AcceptOrg(profile, _)
            | Self::Forget(profile, _)
            | Self::KeepLogin(profile, _)
            | Self::Copy(profile, ..) => Some(profile),
            _ => None,
        }
    }

    /// In a word, for what runs.
    fn title(&self) -> &'static str {
        match self {
            Self::AcceptOrg(..) => "org",
            Self::Forget(..) => "forget",
            Self::KeepLogin(..) => "keep the login",
            Self::Look => "look at the stores",
            Self::Examine(_) => "doctor",
            Self::Put(kind, ..) | Self::Copy(_, _, kind) | Self::Remove(kind, _) => kind.label(),
            Self::Rename(..) => "rename",
            Self::CreateVault(_) | Self::UnlockVault(_) | Self::RekeyVault(..) | Self::LockVault => "vault",
        }
    }
}

/// What follows on a chore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sequel {
    /// Nothing.
    None,
    /// This is said.
    Say(String),
    /// The places are shown that a secret may go to.
    ShowPlaces(SecretField),
    /// The profile form goes on being saved.
    SaveForm,
    /// The profile says that its secret is there.
    Moved(Box<super::vaults::Move>),
    /// The vault's box closes, and what it was opened for goes on.
    CloseVault,
}

impl App {
    /// Starts a chore.
    pub(super) fn start_chore(&mut self, chore: Chore, sequel: Sequel, now: Now) -> Effects {
        let profile = chore.profile().cloned();
        let answers = profile.as_ref().and_then(|profile| self.answers.get(&profile.id)).cloned();
        let kind = Kind::Chore { chore: chore.clone(), sequel };
        let id = self.jobs.begin(kind, profile, chore.title().into(), now);
        Effect::Start(id, Box::new(chore.job(answers.unwrap_or_default()))).into()
    }

    pub(super) fn on_chore_done(&mut self, job: &Running, now: Now) -> Effects {
        let Kind::Chore { sequel, .. } = &job.kind else { return Effects::none() };
        match sequel.clone() {
            Sequel::None => Effects::none(),
            Sequel::Say(text) => {
                self.say(text, now);
                Effects::none()
            }
            Sequel::ShowPlaces(field) => {
                self.show_places(field, now);
                Effects::none()
            }
            Sequel::SaveForm => self.go_on_saving(Some(job.id), now),
            Sequel::Moved(moved) => self.write_move(&moved, now),
            Sequel::CloseVault => self.vault_opened(job.id, now),
        }
    }

    /// A chore was not done. The vault may be all that is missing.
    pub(super) fn on_chore_failed(&mut self, job: &Running, failure: &Failure, now: Now) {
        let Kind::Chore { chore, sequel } = &job.kind else { return };
        match (sequel, failure.kind) {
            (Sequel::SaveForm, FailureKind::VaultLocked) => {
                self.stop_saving(None);
                self.ask_for_vault(Next::SaveForm);
            }
            (Sequel::SaveForm, _) => self.stop_saving(Some(failure.message.clone())),
            (Sequel::CloseVault, _) => self.vault_refused(job.id, failure.message.clone()),
            (_, FailureKind::VaultLocked) => self.ask_for_vault(Next::Chore(chore.clone(), sequel.clone())),
            _ => self.complain(failure.message.clone(), now),
        }
    }

    /// A chore was given up.
    pub(super) fn on_chore_stopped(&mut self, job: &Running) {
        match &job.kind {
            Kind::Chore { sequel: Sequel::SaveForm, .. } => self.stop_saving(None),
            Kind::Chore { sequel: Sequel::CloseVault, .. } => {
                self.overlays
                    .retain(|overlay| !matches!(overlay, Overlay::Vault(vault) if vault.job == Some(job.id)));
            }
            _ => {}
        }
    }
}
