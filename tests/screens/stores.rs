//! A keyring and a vault that live as long as a test: what the worker does with the real ones, told at once.

use orgdeck::{
    jobs::{Event, Failure, FailureKind, JobId, Outcome, StoresErrand, StoresState},
    secrets::{Secret, Slot, StoreKind, VaultState},
};

/// The stores and what is in them.
#[derive(Default)]
pub struct FakeStores {
    /// Whether a keyring answers.
    pub keyring: bool,
    /// Nothing is no vault.
    passphrase: Option<Secret>,
    open: bool,
    pub secrets: Vec<(StoreKind, Slot, Secret)>,
    /// What was asked, in short.
    pub asked: Vec<String>,
}

impl FakeStores {
    /// There is a vault with this passphrase, locked.
    pub fn vault(&mut self, passphrase: &str) {
        (self.passphrase, self.open) = (Some(Secret::new(passphrase)), false);
    }

    /// What is there for that slot, as `store: secret`.
    pub fn of(&self, slot: &str) -> Vec<String> {
        let mine = self.secrets.iter().filter(|(_, s, _)| s.to_string() == slot);
        mine.map(|(kind, _, secret)| format!("{}: {}", kind.label(), secret.expose())).collect()
    }

    pub fn state(&self) -> StoresState {
        let keyring = if self.keyring { Ok(()) } else { Err("no keyring answers here".to_owned()) };
        let vault = match (&self.passphrase, self.open) {
            (None, _) => VaultState::Absent,
            (Some(_), false) => VaultState::Locked,
            (Some(_), true) => VaultState::Open,
        };
        StoresState { keyring, vault }
    }

    /// Does an errand; what the worker would say of it.
    pub fn run(&mut self, id: JobId, errand: StoresErrand) -> Vec<Event> {
        match self.act(errand) {
            Ok(()) => vec![Event::Stores(self.state()), Event::Ended(id, Ok(Outcome::Done))],
            Err(failure) => vec![Event::Ended(id, Err(failure))],
        }
    }

    fn act(&mut self, errand: StoresErrand) -> Result<(), Failure> {
        let says = match errand {
            StoresErrand::Look => "look".to_owned(),
            StoresErrand::Put(kind, secrets) => {
                for (slot, secret) in secrets {
                    self.put(kind, slot, secret)?;
                }
                format!("put in the {}", kind.label())
            }
            StoresErrand::Copy { profile, field, to, answers } => {
                let secret = answers.get(field).cloned().unwrap_or_else(|| Secret::new("hush-copied"));
                self.put(to, Slot::new(profile.id.as_str(), field.key()), secret)?;
                format!("copy the {} to the {}", field.label(), to.label())
            }
            StoresErrand::Remove(kind, slots) => {
                self.secrets.retain(|(k, slot, _)| *k != kind || !slots.contains(slot));
                format!("remove from the {}: {}", kind.label(), slots[0])
            }
            StoresErrand::Rename { from, to } => {
                for (_, slot, _) in self.secrets.iter_mut().filter(|(_, s, _)| s.profile == from.as_str()) {
                    slot.profile = to.to_string();
                }
                format!("rename {from} to {to}")
            }
            StoresErrand::CreateVault(passphrase) => {
                (self.passphrase, self.open) = (Some(passphrase), true);
                "make the vault".to_owned()
            }
            StoresErrand::UnlockVault(passphrase) => {
                self.is(&passphrase)?;
                self.open = true;
                "unlock".to_owned()
            }
            StoresErrand::RekeyVault(old, new) => {
                self.is(&old)?;
                (self.passphrase, self.open) = (Some(new), true);
                "another passphrase".to_owned()
            }
            StoresErrand::LockVault => {
                self.open = false;
                "lock".to_owned()
            }
            StoresErrand::KeepLogin(profile, _) => format!("keep the login of {}", profile.id),
        };
        self.asked.push(says);
        Ok(())
    }

    fn is(&self, passphrase: &Secret) -> Result<(), Failure> {
        let right = self.passphrase.as_ref() == Some(passphrase);
        let wrong = || Failure::new(FailureKind::Config, "that is not the vault's passphrase");
        right.then_some(()).ok_or_else(wrong)
    }

    fn put(&mut self, kind: StoreKind, slot: Slot, secret: Secret) -> Result<(), Failure> {
        match (kind, self.state()) {
            (StoreKind::Keyring, StoresState { keyring: Err(why), .. }) => {
                return Err(Failure::new(FailureKind::Config, why));
            }
            (StoreKind::Vault, StoresState { vault: VaultState::Locked, .. }) => {
                return Err(Failure::new(FailureKind::VaultLocked, "the vault is locked"));
            }
            (StoreKind::Vault, StoresState { vault: VaultState::Absent, .. }) => {
                return Err(Failure::new(FailureKind::Config, "there is no vault yet"));
            }
            _ => {}
        }
        self.secrets.retain(|(k, s, _)| *k != kind || *s != slot);
        self.secrets.push((kind, slot, secret));
        Ok(())
    }
}
