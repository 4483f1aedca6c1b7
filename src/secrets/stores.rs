//! All stores of one configuration behind one type: which store, which slot.
//!
//! Knows no profile and asks nobody: a store that needs a person says so in its error.

use super::{
    Secret, SecretRef, SecretStore, Slot, StoreError, StoreKind, VaultState, keyring::Keyring, resolve,
    vault::Vault,
};
use crate::fsio;
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// All stores of one configuration; cheap to clone, clones share what is unlocked.
#[derive(Clone)]
pub struct Stores(Arc<Inner>);

struct Inner {
    service: String,
    keyring: Keyring,
    vault: Vault,
    told: Mutex<Told>,
}

/// What the configuration says, and it may say something else tomorrow.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Where new secrets go.
    pub store: SecretStore,
    /// Where the vault's passphrase comes from when it is locked; nowhere: a person is needed.
    pub passphrase: Option<SecretRef>,
    /// The environment variables that hold secrets: no program that is started may inherit them.
    pub withheld: Vec<String>,
}

impl Stores {
    /// `service` names the entries of one configuration, in the keyring and in the vault: `orgdeck`, or
    /// `orgdeck:PATH` for another file than the default. `vault` is the vault's file; neither need be there.
    pub fn new(service: impl Into<String>, vault: PathBuf) -> Self {
        let (service, vault) = (service.into(), Vault::new(vault));
        Self(Arc::new(Inner {
            keyring: Keyring::new(service.clone()),
            service,
            vault,
            told: Mutex::default(),
        }))
    }

    /// Takes what the configuration says, each time it is read.
    pub fn tell(&self, told: Told) {
        *self.told() = told;
    }

    /// The environment variables that hold secrets: no program that is started may inherit them.
    pub fn withheld(&self) -> Vec<String> {
        self.told().withheld.clone()
    }

    /// The secret, if the store has it.
    pub async fn read(&self, kind: StoreKind, slot: &Slot) -> Result<Option<Secret>, StoreError> {
        match kind {
            StoreKind::Keyring => self.0.keyring.read(slot).await,
            StoreKind::Vault => self.vault().await?.read(&self.0.service, slot).await,
        }
    }

    /// Puts a secret there, in place of what was there.
    pub async fn write(&self, kind: StoreKind, slot: &Slot, secret: &Secret) -> Result<(), StoreError> {
        match kind {
            StoreKind::Keyring => self.0.keyring.write(slot, secret).await,
            StoreKind::Vault => self.vault().await?.write(&self.0.service, slot, secret).await,
        }
    }

    /// Removes a secret; one that is not there is no error.
    pub async fn remove(&self, kind: StoreKind, slot: &Slot) -> Result<(), StoreError> {
        match kind {
            StoreKind::Keyring => self.0.keyring.remove(slot).await,
            StoreKind::Vault => self.vault().await?.remove(&self.0.service, slot).await,
        }
    }

    /// Every slot of this configuration that the store holds, sorted.
    pub async fn list(&self, kind: StoreKind) -> Result<Vec<Slot>, StoreError> {
        let mut slots = match kind {
            StoreKind::Keyring => self.0.keyring.slots().await?,
            StoreKind::Vault => self.vault().await?.slots(&self.0.service).await?,
        };
        slots.sort();
        Ok(slots)
    }

    /// Every slot of a profile that the store holds, sorted.
    pub async fn slots(&self, kind: StoreKind, profile: &str) -> Result<Vec<Slot>, StoreError> {
        let mut slots = self.list(kind).await?;
        slots.retain(|slot| slot.profile == profile);
        Ok(slots)
    }

    /// Whether a keyring answers, within a second, and can take a secret without a window that nobody here sees. One
    /// that was started just now may answer the next time.
    pub async fn probe_keyring(&self) -> Result<(), StoreError> {
        self.0.keyring.probe().await
    }

    /// Whether reading from the keyring would first ask somebody to unlock it.
    pub async fn is_keyring_locked(&self) -> Result<bool, StoreError> {
        self.0.keyring.is_locked().await
    }

    /// How the vault stands, and whether its file is one. Unlocks nothing.
    pub async fn examine_vault(&self) -> Result<VaultState, StoreError> {
        self.0.vault.examine().await
    }

    /// The same stores, with a vault of their own to unlock: the one here stays as it is.
    pub fn apart(&self) -> Self {
        let apart = Self::new(self.0.service.clone(), self.vault_file().to_owned());
        apart.tell(self.told().clone());
        apart
    }

    /// Where the vault's passphrase comes from when it is locked; `None`: from a person.
    pub fn passphrase_from(&self) -> Option<SecretRef> {
        self.told().passphrase.clone()
    }

    /// Where new secrets go; `None` where they are kept for this run alone. It need not be unlocked, and a vault need
    /// not be there yet.
    pub async fn preferred(&self) -> Option<StoreKind> {
        let setting = self.told().store;
        match setting {
            SecretStore::Keyring => Some(StoreKind::Keyring),
            SecretStore::Vault => Some(StoreKind::Vault),
            SecretStore::Session => None,
            SecretStore::Auto => match self.probe_keyring().await {
                Ok(()) => Some(StoreKind::Keyring),
                Err(_) => Some(StoreKind::Vault),
            },
        }
    }

    /// Whether the vault can be read. Looks whether its file is there.
    pub fn vault_state(&self) -> VaultState {
        self.0.vault.state()
    }

    /// The vault's file, which need not be there.
    pub fn vault_file(&self) -> &Path {
        self.0.vault.file()
    }

    /// Makes an empty vault and unlocks it. Refuses where there is one.
    pub async fn create_vault(&self, passphrase: &Secret) -> Result<(), StoreError> {
        self.0.vault.create(passphrase).await
    }

    /// Opens the vault, for as long as this lives or until it is locked.
    pub async fn unlock_vault(&self, passphrase: &Secret) -> Result<(), StoreError> {
        self.0.vault.unlock(passphrase).await
    }

    /// The vault's passphrase as the settings lead to it; `None` where they do not.
    pub async fn told_passphrase(&self) -> Result<Option<Secret>, StoreError> {
        let Some(reference) = self.told().passphrase.clone() else { return Ok(None) };
        let slot = Slot::new("", "vault_passphrase");
        // Boxed, because a reference may lead back here; the configuration lets none lead into the vault itself.
        let passphrase = Box::pin(resolve(&reference, &slot, None, self)).await;
        passphrase.map(Some).map_err(|error| StoreError::NoPassphrase(Box::new(error)))
    }

    /// Gives the vault another passphrase, and unlocks it.
    pub async fn rekey_vault(&self, old: &Secret, new: &Secret) -> Result<(), StoreError> {
        self.0.vault.rekey(old, new).await
    }

    /// Forgets the passphrase and what was in the vault.
    pub fn lock_vault(&self) {
        self.0.vault.lock();
    }

    /// Who else may read what only its owner should: the vault and its folder.
    pub fn permissions_problems(&self) -> Vec<String> {
        let file = self.vault_file();
        let folder = file.parent().filter(|_| file.exists());
        folder.into_iter().chain([file]).filter_map(fsio::permissions_problem).collect()
    }

    /// The vault, unlocked as the settings say, if they do.
    async fn vault(&self) -> Result<&Vault, StoreError> {
        if self.vault_state() == VaultState::Locked
            && let Some(passphrase) = self.told_passphrase().await?
        {
            self.unlock_vault(&passphrase).await?;
        }
        Ok(&self.0.vault)
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.0.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
