//! The Keychain of macOS, the Credential Manager of Windows: always there, opened with the login.

use crate::secrets::StoreError;
use keyring_core::{CredentialStore, Error};
use std::{collections::HashMap, sync::Arc};

#[cfg(target_os = "macos")]
use apple_native_keyring_store::keychain::Store;
#[cfg(windows)]
use windows_native_keyring_store::Store;

pub(super) fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(Store::new()?)
}

pub(super) fn probe() -> Result<(), StoreError> {
    open().map(drop).map_err(|error| StoreError::NoKeyring(error.to_string()))
}

/// Opened with the login.
pub(super) fn is_locked() -> Result<bool, StoreError> {
    probe().map(|()| false)
}

/// What to look for: every entry of the service, or all entries where the store cannot tell them apart.
pub(super) fn search(service: &str) -> HashMap<&str, &str> {
    if cfg!(windows) { HashMap::new() } else { HashMap::from([("service", service)]) }
}

pub(super) fn explain(error: &Error) -> Option<StoreError> {
    matches!(error, Error::NoStorageAccess(_)).then_some(StoreError::KeyringLocked)
}
