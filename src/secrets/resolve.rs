//! From a reference to the secret: environment, command, store, or what a person typed.
//!
//! Runs in the worker. A secret is in no message that this makes.

use super::{Secret, SecretRef, Slot, StoreError, StoreKind, Stores, command};
use std::{ffi::OsString, io, time::Duration};

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The environment variable is not set.
    #[error("the environment variable {0} is not set")]
    EnvMissing(String),
    /// It is set to nothing.
    #[error("the environment variable {0} is empty")]
    EnvEmpty(String),
    /// It is not UTF-8.
    #[error("the environment variable {0} is not UTF-8 text")]
    EnvNotText(String),
    /// The command has no words.
    #[error("the secret's command is empty")]
    NoCommand,
    /// The command's program does not start.
    #[error("the command `{program}` does not start: {cause}")]
    NotStarted {
        /// Its first word.
        program: String,
        /// Why.
        cause: io::Error,
    },
    /// The command ended badly.
    #[error("the command `{program}` ended with {status}{}", after_colon(.says))]
    Failed {
        /// Its first word.
        program: String,
        /// "exit status 1", "signal 9".
        status: String,
        /// The first line it wrote on standard error, without control characters.
        says: String,
    },
    /// The command did not end in time, and was killed.
    #[error("the command `{program}` did not end within {} seconds and was stopped{}", .after.as_secs(), after_colon(.says))]
    TimedOut {
        /// Its first word.
        program: String,
        /// How long it had.
        after: Duration,
        /// The first line it wrote on standard error, without control characters.
        says: String,
    },
    /// The command printed nothing.
    #[error("the command `{0}` printed nothing")]
    NoOutput(String),
    /// The command printed something else than one line of UTF-8.
    #[error("the command `{program}` printed {what}, not a secret")]
    NotASecret {
        /// Its first word.
        program: String,
        /// "something that is not UTF-8 text".
        what: &'static str,
    },
    /// Only a person knows it.
    #[error("a person has to type it")]
    PersonNeeded,
    /// The store answers, and has no such secret.
    #[error("the {} has no {slot}; put it there: `orgdeck {} set {} {}`", .store.label(), .store.label(), .slot.profile, .slot.name)]
    NotStored {
        /// Which store.
        store: StoreKind,
        /// Where it was looked for.
        slot: Slot,
    },
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SecretError {
    /// Whether a person at the terminal can help: by typing the secret itself or the vault's passphrase.
    pub fn needs_person(&self) -> bool {
        matches!(self, Self::PersonNeeded | Self::Store(StoreError::VaultLocked))
    }
}

fn after_colon(says: &str) -> String {
    if says.is_empty() { String::new() } else { format!(": {says}") }
}

/// The secret behind a reference. `slot` is its place if a store keeps it; `answer` is what the person typed, if
/// they did.
///
/// Dropping the future stops a command, with what it started, and gives up on a keyring that does not answer.
pub async fn resolve(
    reference: &SecretRef,
    slot: &Slot,
    answer: Option<&Secret>,
    stores: &Stores,
) -> Result<Secret, SecretError> {
    match reference {
        SecretRef::Env(name) => from_environment(name, std::env::var_os(name)),
        SecretRef::Command(words) => command::read(words, &stores.withheld()).await,
        SecretRef::Ask => answer.cloned().ok_or(SecretError::PersonNeeded),
        SecretRef::Keyring => from_store(StoreKind::Keyring, slot, stores).await,
        SecretRef::Vault => from_store(StoreKind::Vault, slot, stores).await,
        SecretRef::Plain(secret) => Ok(secret.clone()),
    }
}

async fn from_store(store: StoreKind, slot: &Slot, stores: &Stores) -> Result<Secret, SecretError> {
    let secret = stores.read(store, slot).await?.filter(|secret| !secret.is_empty());
    secret.ok_or_else(|| SecretError::NotStored { store, slot: slot.clone() })
}

fn from_environment(name: &str, value: Option<OsString>) -> Result<Secret, SecretError> {
    let value = value.ok_or_else(|| SecretError::EnvMissing(name.to_owned()))?;
    let text = value.into_string().map_err(|_| SecretError::EnvNotText(name.to_owned()))?;
    if text.is_empty() { Err(SecretError::EnvEmpty(name.to_owned())) } else { Ok(Secret::new(text)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::Told;

    #[test]
    fn the_environment_is_named_when_it_lacks_the_secret() {
        let get = |value: Option<&str>| from_environment("ACME_PASSWORD", value.map(OsString::from));
        assert_eq!(get(Some("x ")).unwrap().expose(), "x ");
        assert_eq!(get(None).unwrap_err().to_string(), "the environment variable ACME_PASSWORD is not set");
        assert_eq!(get(Some("")).unwrap_err().to_string(), "the environment variable ACME_PASSWORD is empty");
    }

    #[tokio::test]
    async fn what_is_asked_for_is_the_answer_or_needs_a_person() {
        let stores = Stores::new("orgdeck-test", "/nowhere/vault.age".into());
        let slot = Slot::new("acme-uat", "password");
        let typed = Secret::new("typed");
        assert_eq!(resolve(&SecretRef::Ask, &slot, Some(&typed), &stores).await.unwrap(), typed);
        let error = resolve(&SecretRef::Ask, &slot, None, &stores).await.unwrap_err();
        assert!(error.needs_person(), "{error}");
    }

    #[tokio::test]
    async fn the_vault_gives_what_it_has_and_else_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let stores = Stores::new("orgdeck-test", folder.path().join("vault.age"));
        let slot = Slot::new("acme-uat", "password");
        let error = |error: SecretError| error.to_string();
        let absent = resolve(&SecretRef::Vault, &slot, None, &stores).await.map_err(error).unwrap_err();
        assert!(absent.contains("orgdeck vault create"), "{absent}");
        stores.create_vault(&Secret::new("open sesame")).await.unwrap();
        assert_eq!(
            resolve(&SecretRef::Vault, &slot, None, &stores).await.map_err(error).unwrap_err(),
            "the vault has no acme-uat/password; put it there: `orgdeck vault set acme-uat password`"
        );
        stores.write(StoreKind::Vault, &slot, &Secret::new("hunter2")).await.unwrap();
        let read = resolve(&SecretRef::Vault, &slot, None, &stores).await.unwrap();
        assert_eq!(read.expose(), "hunter2");
        stores.lock_vault();
        assert!(resolve(&SecretRef::Vault, &slot, None, &stores).await.unwrap_err().needs_person());

        // The settings say where the passphrase is.
        stores.tell(Told {
            passphrase: Some(SecretRef::Command(vec!["echo".into(), "open sesame".into()])),
            ..Told::default()
        });
        assert_eq!(resolve(&SecretRef::Vault, &slot, None, &stores).await.unwrap(), read);
        stores.lock_vault();
        stores.tell(Told { passphrase: Some(SecretRef::Command(vec!["false".into()])), ..Told::default() });
        let error = resolve(&SecretRef::Vault, &slot, None, &stores).await.map_err(error).unwrap_err();
        assert!(error.contains("vault_passphrase") && error.contains("`false`"), "{error}");
    }
}
