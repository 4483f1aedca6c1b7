//! Keyring and vault: whether they could give a secret, without unlocking either or asking anybody.

use crate::{
    config::{Config, Profile},
    jobs::{Finding, Mend, State},
    secrets::{SecretRef, SecretStore, StoreError, Stores, VaultState},
};
use std::{path::Path, sync::Arc};

/// How the stores stand.
pub(super) struct Seen {
    /// Whether it is locked, or why there is none.
    pub(super) keyring: Result<bool, StoreError>,
    pub(super) vault: Vault,
}

/// How the vault stands.
pub(super) enum Vault {
    Absent,
    /// Only a person has its passphrase.
    Locked,
    /// Open, in these stores. Where the settings have its passphrase they are the check-up's own: the vault of this run
    /// stays locked.
    Open(Stores),
    Unusable(StoreError),
}

/// Which stores somebody counts on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Needs {
    keyring: bool,
    vault: bool,
}

impl Needs {
    pub(super) fn of(profiles: &[Arc<Profile>], config: Option<&Config>) -> Self {
        let store = config.map(|config| config.settings.secret_store);
        let from = config.and_then(|config| config.settings.vault_passphrase.as_ref());
        let uses = |kind: &SecretRef| {
            from == Some(kind)
                || profiles.iter().any(|profile| profile.secrets().any(|(_, reference)| reference == kind))
        };
        Self {
            keyring: store == Some(SecretStore::Keyring) || uses(&SecretRef::Keyring),
            vault: store == Some(SecretStore::Vault) || uses(&SecretRef::Vault),
        }
    }
}

pub(super) async fn look(stores: &Stores) -> Seen {
    let keyring = stores.is_keyring_locked().await;
    let vault = match stores.examine_vault().await {
        Ok(VaultState::Absent) => Vault::Absent,
        Ok(VaultState::Open) => Vault::Open(stores.clone()),
        Ok(VaultState::Locked) => match stores.passphrase_from() {
            None => Vault::Locked,
            // To read it there would ask somebody to unlock the keyring.
            Some(SecretRef::Keyring) if !matches!(keyring, Ok(false)) => Vault::Locked,
            Some(_) => open_apart(stores.apart()).await.map_or_else(Vault::Unusable, Vault::Open),
        },
        Err(error) => Vault::Unusable(error),
    };
    Seen { keyring, vault }
}

async fn open_apart(stores: Stores) -> Result<Stores, StoreError> {
    let passphrase = stores.told_passphrase().await?.ok_or(StoreError::VaultLocked)?;
    stores.unlock_vault(&passphrase).await?;
    Ok(stores)
}

pub(super) fn examine(seen: &Seen, needs: Needs, vault_file: &Path) -> Vec<Finding> {
    vec![keyring(&seen.keyring, needs.keyring), vault(&seen.vault, needs.vault, vault_file)]
}

fn keyring(seen: &Result<bool, StoreError>, needed: bool) -> Finding {
    match seen {
        Ok(false) => Finding::ok("keyring", "answers"),
        Ok(true) => Finding::warning("keyring", "is locked").fix(UNLOCK_KEYRING),
        Err(error) if needed => Finding::said(State::Broken, "keyring", &error.to_string()),
        Err(StoreError::NoKeyring(_) | StoreError::NoCollection) => Finding::ok(
            "keyring",
            "none answers here; new secrets go into the vault, and no profile looks here",
        ),
        Err(error) => Finding::said(State::Warning, "keyring", &error.to_string()),
    }
}

/// What to do about a locked keyring.
pub(super) const UNLOCK_KEYRING: &str =
    "unlock it with the desktop's own program; it also asks when orgdeck first reads from it on a desktop";

fn vault(seen: &Vault, needed: bool, file: &Path) -> Finding {
    let shown = file.display();
    match seen {
        Vault::Open(_) => Finding::ok("vault", format!("{shown} is there, and its passphrase is known")),
        Vault::Locked => Finding::warning("vault", format!("{shown} is there, locked"))
            .fix(UNLOCK_VAULT)
            .mend(Mend::UnlockVault),
        Vault::Absent if needed => Finding::broken("vault", format!("there is none at {shown}"))
            .fix("make one: `orgdeck vault create`")
            .mend(Mend::CreateVault),
        Vault::Absent => Finding::ok("vault", "there is none, and no profile looks for one"),
        Vault::Unusable(error) => Finding::said(State::Broken, "vault", &error.to_string()),
    }
}

/// What to do about a locked vault.
pub(super) const UNLOCK_VAULT: &str = "its passphrase is asked for when a secret in it is needed; for scripts give \
                                       --passphrase-file FILE, or set vault_passphrase in [settings]";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_nobody_counts_on_may_be_missing() {
        let none = || Err(StoreError::NoKeyring("no bus".into()));
        assert_eq!(keyring(&none(), false).state, State::Ok);
        assert_eq!(keyring(&none(), true).state, State::Broken);
        assert!(keyring(&none(), true).fix.unwrap().contains("orgdeck vault create"));
        assert_eq!(keyring(&Ok(true), false).state, State::Warning);
        let file = Path::new("/data/vault.age");
        assert_eq!(vault(&Vault::Absent, false, file).state, State::Ok);
        assert_eq!(vault(&Vault::Absent, true, file).mend, Some(Mend::CreateVault));
        assert_eq!(vault(&Vault::Locked, false, file).state, State::Warning);
        let damaged = StoreError::Damaged { path: file.into(), what: "is cut off" };
        let found = vault(&Vault::Unusable(damaged), false, file);
        assert_eq!((found.state, found.fix.is_some()), (State::Broken, true));
    }
}
