//! The Secret Service on the session bus (GNOME Keyring, KWallet, KeePassXC).
//!
//! Source: <https://specifications.freedesktop.org/secret-service-spec/latest/>.

use crate::secrets::StoreError;
use keyring_core::{CredentialStore, Error};
use secret_service::{EncryptionType, Error as ServiceError, blocking::SecretService};
use std::{collections::HashMap, env, sync::Arc};
use zbus_secret_service_keyring_store::Store;

pub(super) fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(Store::new()?)
}

/// A service that can take a secret: it has a default collection, which is open or can ask to be opened on a display.
/// One that the bus starts for a login without a desktop has neither.
pub(super) fn probe() -> Result<(), StoreError> {
    match is_locked()? && !has_display() {
        true => Err(StoreError::KeyringLocked),
        false => Ok(()),
    }
}

/// Whether to read a secret would first ask somebody to unlock it.
pub(super) fn is_locked() -> Result<bool, StoreError> {
    let service = SecretService::connect(EncryptionType::Plain);
    let service = service.map_err(|error| StoreError::NoKeyring(error.to_string()))?;
    let locked = service.get_default_collection().and_then(|collection| collection.is_locked());
    locked.map_err(|error| told(&error).unwrap_or_else(|| StoreError::KeyringFailed(error.to_string())))
}

/// What to look for: every entry of the service.
pub(super) fn search(service: &str) -> HashMap<&str, &str> {
    HashMap::from([("service", service)])
}

pub(super) fn explain(error: &Error) -> Option<StoreError> {
    match error {
        Error::NoStorageAccess(cause) => cause.downcast_ref().and_then(told),
        _ => None,
    }
}

fn told(error: &ServiceError) -> Option<StoreError> {
    match error {
        ServiceError::Locked | ServiceError::Prompt => Some(StoreError::KeyringLocked),
        ServiceError::NoResult => Some(StoreError::NoCollection),
        _ => None,
    }
}

fn has_display() -> bool {
    ["WAYLAND_DISPLAY", "DISPLAY"].iter().any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}
