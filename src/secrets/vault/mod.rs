//! orgdeck's vault: one file, encrypted with a passphrase, that several orgdecks may use at the same time.
//!
//! ```text
//! read:   file ─▶ the bytes last seen? ─▶ contents in memory
//!                 else ─▶ open with the passphrase in memory ─▶ contents
//! change: lock ─▶ read as above ─▶ change ─▶ seal ─▶ replace the file at once ─▶ unlock
//! ```
//! What is in memory is never written over what another program has written. Nothing here asks anybody.

mod contents;
mod lock;
mod sealed;

use super::{Secret, Slot, StoreError, VaultState};
use crate::fsio::{self, Access, FileError};
use contents::Contents;
use lock::Lock;
use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// No vault is larger: thousands of secrets fit.
const LARGEST: u64 = 16 << 20;

/// The vault of a configuration. Clones are the same vault.
#[derive(Clone)]
pub(super) struct Vault {
    file: Arc<Path>,
    work_factor: u8,
    open: Arc<Mutex<Option<Open>>>,
}

/// What an unlocked vault keeps in memory.
#[derive(Clone)]
struct Open {
    passphrase: Secret,
    /// The file as it was when `contents` was in it.
    seen: Arc<[u8]>,
    contents: Arc<Contents>,
}

impl Vault {
    pub(super) fn new(file: PathBuf) -> Self {
        Self { file: file.into(), work_factor: sealed::WORK_FACTOR, open: Arc::default() }
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    pub(super) fn state(&self) -> VaultState {
        match (self.file.exists(), self.memory().is_some()) {
            (false, _) => VaultState::Absent,
            (true, false) => VaultState::Locked,
            (true, true) => VaultState::Open,
        }
    }

    pub(super) fn lock(&self) {
        *self.memory() = None;
    }

    /// Makes an empty vault, and unlocks it.
    pub(super) async fn create(&self, passphrase: &Secret) -> Result<(), StoreError> {
        if passphrase.is_empty() {
            return Err(StoreError::EmptyPassphrase);
        }
        if let Some(folder) = self.file.parent() {
            fsio::create_private_dir(folder)?;
        }
        self.locked(passphrase.clone(), |vault, passphrase| {
            // Also a link to nowhere is somebody's file.
            if fs::symlink_metadata(&vault.file).is_ok() {
                return Err(StoreError::VaultThere(vault.file.to_path_buf()));
            }
            let open = vault.replace(Contents::default(), passphrase)?;
            *vault.memory() = Some(open);
            Ok(())
        })
        .await
    }

    pub(super) async fn unlock(&self, passphrase: &Secret) -> Result<(), StoreError> {
        let (vault, passphrase) = (self.clone(), passphrase.clone());
        blocking(move || {
            let seen = vault.bytes()?;
            let contents = sealed::open(&seen, &passphrase, &vault.file)?.into();
            *vault.memory() = Some(Open { passphrase, seen, contents });
            Ok(())
        })
        .await
    }

    /// How it stands, and whether its file is one: all of it where it is open, its head where it is locked.
    pub(super) async fn examine(&self) -> Result<VaultState, StoreError> {
        let vault = self.clone();
        blocking(move || match vault.state() {
            VaultState::Absent => Ok(VaultState::Absent),
            VaultState::Locked => sealed::check(&vault.bytes()?, &vault.file).map(|()| VaultState::Locked),
            VaultState::Open => vault.current().map(|_| VaultState::Open),
        })
        .await
    }

    /// Seals what is in the vault with another passphrase, and unlocks it.
    pub(super) async fn rekey(&self, old: &Secret, new: &Secret) -> Result<(), StoreError> {
        if new.is_empty() {
            return Err(StoreError::EmptyPassphrase);
        }
        let old = old.clone();
        self.locked(new.clone(), move |vault, new| {
            let contents = sealed::open(&vault.bytes()?, &old, &vault.file)?;
            let open = vault.replace(contents, new)?;
            *vault.memory() = Some(open);
            Ok(())
        })
        .await
    }

    pub(super) async fn read(&self, service: &str, slot: &Slot) -> Result<Option<Secret>, StoreError> {
        Ok(self.contents().await?.get(service, slot).cloned())
    }

    pub(super) async fn slots(&self, service: &str) -> Result<Vec<Slot>, StoreError> {
        Ok(self.contents().await?.slots(service))
    }

    pub(super) async fn write(&self, service: &str, slot: &Slot, secret: &Secret) -> Result<(), StoreError> {
        let (service, slot, secret) = (service.to_owned(), slot.clone(), secret.clone());
        self.change(move |contents| contents.put(&service, &slot, secret)).await
    }

    pub(super) async fn remove(&self, service: &str, slot: &Slot) -> Result<(), StoreError> {
        let (service, slot) = (service.to_owned(), slot.clone());
        self.change(move |contents| contents.remove(&service, &slot)).await
    }

    /// Changes what is in the file now, whoever wrote it. `change` says whether there is anything to write.
    async fn change(
        &self,
        change: impl FnOnce(&mut Contents) -> bool + Send + 'static,
    ) -> Result<(), StoreError> {
        self.locked((), move |vault, ()| {
            let now = vault.current()?;
            let mut contents = Contents::clone(&now.contents);
            if change(&mut contents) {
                let open = vault.replace(contents, now.passphrase)?;
                vault.keep(open);
            }
            Ok(())
        })
        .await
    }

    async fn contents(&self) -> Result<Arc<Contents>, StoreError> {
        let vault = self.clone();
        blocking(move || vault.current().map(|open| open.contents)).await
    }

    /// Does something that writes while no other program does. It is done to its end even if nobody waits any more.
    async fn locked<T: Send + 'static>(
        &self,
        with: T,
        act: impl FnOnce(&Self, T) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), StoreError> {
        // Where there is no folder there is no vault either; a missing lock file's error would not say so.
        if !self.file.parent().is_some_and(Path::is_dir) {
            return Err(StoreError::VaultAbsent(self.file.to_path_buf()));
        }
        let lock = Lock::take(&self.file).await?;
        let vault = self.clone();
        blocking(move || {
            let done = act(&vault, with);
            drop(lock);
            done
        })
        .await
    }

    /// What is in the file now, opened with the passphrase in memory.
    fn current(&self) -> Result<Open, StoreError> {
        let seen = self.bytes()?;
        let Some(open) = self.memory().clone() else { return Err(StoreError::VaultLocked) };
        if open.seen == seen {
            return Ok(open);
        }
        match sealed::open(&seen, &open.passphrase, &self.file) {
            Ok(contents) => {
                let open = Open { seen, contents: contents.into(), ..open };
                self.keep(open.clone());
                Ok(open)
            }
            Err(StoreError::WrongPassphrase) => {
                self.memory().take_if(|now| now.passphrase == open.passphrase);
                Err(StoreError::PassphraseChanged)
            }
            Err(error) => Err(error),
        }
    }

    /// Remembers what the file is now, unless the vault was locked or got another passphrase in the meantime.
    fn keep(&self, open: Open) {
        let mut memory = self.memory();
        if memory.as_ref().is_some_and(|now| now.passphrase == open.passphrase) {
            *memory = Some(open);
        }
    }

    fn bytes(&self) -> Result<Arc<[u8]>, StoreError> {
        let mut bytes = Vec::new();
        let read = File::open(&self.file).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
        match read {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                Err(StoreError::VaultAbsent(self.file.to_path_buf()))
            }
            Err(cause) => Err(FileError::of("read", &self.file)(cause).into()),
            Ok(_) if bytes.len() as u64 > LARGEST => {
                Err(StoreError::Damaged { path: self.file.to_path_buf(), what: "is larger than 16 MiB" })
            }
            Ok(_) => Ok(bytes.into()),
        }
    }

    /// The lock is held. If this fails the file is as it was.
    fn replace(&self, contents: Contents, passphrase: Secret) -> Result<Open, StoreError> {
        let sealed = sealed::seal(&contents, &passphrase, self.work_factor);
        fsio::write_atomic(&self.file, &sealed, Access::Owner)?;
        Ok(Open { passphrase, seen: sealed.into(), contents: contents.into() })
    }

    fn memory(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Files and scrypt, away from the threads that must not wait.
async fn blocking<T: Send + 'static>(act: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(act).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is shutting down and polls nobody again.
            Err(_) => std::future::pending().await,
        },
    }
}

#[cfg(test)]
mod tests;
