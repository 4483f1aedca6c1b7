//! Why a store does not do as it is told, each with what to do about it.

use crate::fsio::FileError;
use std::{path::PathBuf, time::Duration};

use super::SecretError;

/// Why a store cannot be read or written. Never holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no keyring on this machine, or none for this session.
    #[error("no keyring answers here ({0}); keep the secret in the vault: `orgdeck vault create`")]
    NoKeyring(String),
    /// It is locked, and its question was turned down or could not be shown.
    #[error("the keyring is locked, and was not unlocked; unlock it and try again, or use the vault")]
    KeyringLocked,
    /// It has no place for new secrets.
    #[error(
        "the keyring has no default collection; make one with the keyring's own program, or use the vault"
    )]
    NoCollection,
    /// It did not answer in time.
    #[error("the keyring did not answer within {} s; {LOOK}", .0.as_secs())]
    KeyringTimedOut(Duration),
    /// An earlier call is still waiting.
    #[error("the keyring still does not answer; {LOOK}")]
    KeyringStillSilent,
    /// It broke off.
    #[error("the keyring failed ({0}); try again, or use the vault")]
    KeyringFailed(String),
    /// It takes no secret of that length.
    #[error("the secret is longer than the {0} bytes that this keyring takes; use the vault")]
    TooLong(u32),
    /// Another program has put something else there.
    #[error("the keyring holds something there that is not UTF-8 text; set it anew")]
    NotText,

    /// There is no vault.
    #[error("there is no vault yet at {}; make one: `orgdeck vault create`", .0.display())]
    VaultAbsent(PathBuf),
    /// There is one already.
    #[error("there is a vault already: {}", .0.display())]
    VaultThere(PathBuf),
    /// Nobody has said the passphrase.
    #[error("the vault is locked: its passphrase is needed")]
    VaultLocked,
    /// It is another one.
    #[error("that is not the vault's passphrase")]
    WrongPassphrase,
    /// Another program has changed it since the vault was unlocked.
    #[error("the vault's passphrase was changed by another program; unlock it with the new one")]
    PassphraseChanged,
    /// An empty one protects nothing.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// `vault_passphrase` in the settings does not lead to one.
    #[error("the vault's passphrase (vault_passphrase in the settings) cannot be had: {0}")]
    NoPassphrase(Box<SecretError>),
    /// Another orgdeck does not stop writing.
    #[error("another orgdeck has held {} for {} s; end it and try again", .path.display(), .after.as_secs())]
    VaultBusy {
        /// The lock's file.
        path: PathBuf,
        /// How long it was waited for.
        after: Duration,
    },
    /// Its file is no vault, or not all of one.
    #[error("the vault {} {what}; nothing was changed: put a copy of it back, or move it away and make a new one", .path.display())]
    Damaged {
        /// The vault's file.
        path: PathBuf,
        /// "is cut off".
        what: &'static str,
    },
    /// It was written by a later version.
    #[error("the vault {} was written by a newer orgdeck; update this one", .0.display())]
    TooNew(PathBuf),
    /// Its file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
}

const LOOK: &str = "look for a window of it that asks something, or use the vault";
