//! Errands to the keyring and the vault. A call can take as long as a person does: each can be given up.

use super::act::{Act, Halt};
use crate::{
    config::ProfileId,
    http::Transport,
    jobs::{Event, Failure, FailureKind, Progress, StoresErrand, StoresState},
    secrets::{Secret, Slot, StoreError, StoreKind, VaultState},
};

impl<T: Transport> Act<T> {
    pub(super) async fn run_errand(&self, errand: StoresErrand) -> Result<(), Halt> {
        let stores = &self.shared.keep.stores;
        match errand {
            StoresErrand::Look => {}
            StoresErrand::Put(kind, secrets) => self.put(kind, &secrets).await?,
            StoresErrand::Copy { profile, field, to, answers } => {
                let secrets = self.read_secrets(&profile, &answers, [field]).await?;
                let nothing =
                    || Failure::new(FailureKind::Config, format!("the profile has no {}", field.label()));
                let secret = secrets.get(field).cloned().ok_or_else(nothing)?;
                self.put(to, &[(Slot::new(profile.id.as_str(), field.key()), secret)]).await?;
            }
            StoresErrand::Remove(kind, slots) => {
                for slot in slots {
                    self.store(stores.remove(kind, &slot)).await?;
                }
            }
            StoresErrand::Rename { from, to } => self.rename(&from, &to).await?,
            StoresErrand::CreateVault(passphrase) => self.store(stores.create_vault(&passphrase)).await?,
            StoresErrand::UnlockVault(passphrase) => self.store(stores.unlock_vault(&passphrase)).await?,
            StoresErrand::RekeyVault(old, new) => self.store(stores.rekey_vault(&old, &new)).await?,
            StoresErrand::LockVault => stores.lock_vault(),
            StoresErrand::KeepLogin(profile, session) => self.keep(&profile, &session).await,
        }
        let keyring = self.unless_cancelled(stores.probe_keyring()).await?.map_err(|error| error.to_string());
        self.tell(Event::Stores(StoresState { keyring, vault: stores.vault_state() })).await;
        Ok(())
    }

    async fn put(&self, kind: StoreKind, secrets: &[(Slot, Secret)]) -> Result<(), Halt> {
        for (slot, secret) in secrets {
            self.store(self.shared.keep.stores.write(kind, slot, secret)).await?;
        }
        Ok(())
    }

    /// What a profile has in the stores goes with its new name: first it is there, then it is no longer here.
    async fn rename(&self, from: &ProfileId, to: &ProfileId) -> Result<(), Halt> {
        let stores = &self.shared.keep.stores;
        let mut kinds = Vec::new();
        if self.unless_cancelled(stores.probe_keyring()).await?.is_ok() {
            kinds.push(StoreKind::Keyring);
        }
        if stores.vault_state() != VaultState::Absent {
            kinds.push(StoreKind::Vault);
        }
        for kind in kinds {
            for slot in self.store(stores.slots(kind, from.as_str())).await? {
                let Some(secret) = self.store(stores.read(kind, &slot)).await? else { continue };
                self.store(stores.write(kind, &Slot::new(to.as_str(), &*slot.name), &secret)).await?;
                self.store(stores.remove(kind, &slot)).await?;
            }
        }
        self.shared.keep.rename(from, to).await.map_err(|why| Failure::new(FailureKind::Config, why).into())
    }

    async fn store<V>(&self, act: impl Future<Output = Result<V, StoreError>>) -> Result<V, Halt> {
        self.progress(Progress::WaitingForKeyring);
        self.unless_cancelled(act).await?.map_err(|error| {
            let kind = match error {
                StoreError::VaultLocked => FailureKind::VaultLocked,
                _ => FailureKind::Config,
            };
            Failure::new(kind, error.to_string()).into()
        })
    }
}
