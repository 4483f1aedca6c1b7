//! The places of secrets in a store: words for them, no store.

use std::fmt;

/// One secret's place in a store: of which profile, and which of its secrets. Prints as `acme-uat/password`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot {
    /// The profile's name.
    pub profile: String,
    /// Which of its secrets: a field's key in the configuration, or a name of orgdeck's own. Has no `/`.
    pub name: String,
}

impl Slot {
    /// The place of that profile's secret.
    pub fn new(profile: impl Into<String>, name: impl Into<String>) -> Self {
        Self { profile: profile.into(), name: name.into() }
    }

    /// Reads what it prints as; a profile's name may have a `/` in it, a secret's may not.
    pub fn parse(text: &str) -> Option<Self> {
        let (profile, name) = text.rsplit_once('/')?;
        (!profile.is_empty() && !name.is_empty()).then(|| Self::new(profile, name))
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.profile, self.name)
    }
}

/// A store that keeps secrets beyond the end of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StoreKind {
    /// The desktop's keyring (Secret Service, Keychain, Credential Manager).
    Keyring,
    /// orgdeck's own encrypted file.
    Vault,
}

impl StoreKind {
    /// Its name in a sentence, and the subcommand that is about it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::Vault => "vault",
        }
    }

    /// The store of that name.
    pub fn parse(label: &str) -> Option<Self> {
        [Self::Keyring, Self::Vault].into_iter().find(|kind| kind.label() == label)
    }
}

/// Where new secrets and refresh tokens go: `secret_store` in `[settings]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecretStore {
    /// The keyring where one answers, else the vault.
    #[default]
    Auto,
    /// The keyring.
    Keyring,
    /// The vault.
    Vault,
    /// Nowhere: they are gone with the program.
    Session,
}

/// Whether the vault can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultState {
    /// There is none.
    Absent,
    /// Its passphrase is needed.
    Locked,
    /// Its passphrase is known.
    Open,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_read_as_it_prints() {
        for (profile, name) in [("acme-uat", "password"), ("a/b", "security_token"), ("ä c", "x")] {
            let slot = Slot::new(profile, name);
            assert_eq!(Slot::parse(&slot.to_string()), Some(slot));
        }
        assert_eq!([Slot::parse("password"), Slot::parse("/x"), Slot::parse("x/")], [None, None, None]);
    }
}
