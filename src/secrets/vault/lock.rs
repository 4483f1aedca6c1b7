//! One writer at a time, among all programs on this machine.

use crate::{fsio::FileError, secrets::StoreError};
use std::{
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
    time::Duration,
};

/// How long another writer is waited for: it needs a second or two; one that was suspended may need for ever.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is looked whether the other has done.
const EVERY: Duration = Duration::from_millis(20);

/// Held while a vault is written. The file stays: removing it would let two in.
pub(super) struct Lock(#[expect(dead_code, reason = "closing it gives the lock back")] File);

impl Lock {
    /// Waits for its turn, at most ten seconds. Dropping the future gives up.
    pub(super) async fn take(vault: &Path) -> Result<Self, StoreError> {
        Self::within(PATIENCE, vault).await
    }

    async fn within(patience: Duration, vault: &Path) -> Result<Self, StoreError> {
        let path = beside(vault);
        let file = open(&path).map_err(FileError::of("open", &path))?;
        let turn = async {
            loop {
                match file.try_lock() {
                    Ok(()) => return Ok(()),
                    Err(TryLockError::WouldBlock) => tokio::time::sleep(EVERY).await,
                    Err(TryLockError::Error(cause)) => return Err(FileError::of("lock", &path)(cause).into()),
                }
            }
        };
        let waited = tokio::time::timeout(patience, turn).await;
        waited.unwrap_or_else(|_| Err(StoreError::VaultBusy { path: path.clone(), after: patience }))?;
        Ok(Self(file))
    }
}

/// `vault.age` → `vault.age.lock`.
fn beside(vault: &Path) -> PathBuf {
    let mut name = vault.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_at_a_time_and_not_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let vault = folder.path().join("vault.age");
        let held = Lock::take(&vault).await.unwrap();
        let busy = Lock::within(Duration::ZERO, &vault).await.err().unwrap().to_string();
        assert!(busy.contains("vault.age.lock"), "{busy}");
        drop(held);
        Lock::within(Duration::ZERO, &vault).await.unwrap();
    }
}
