//! What a vault holds, and how that is written: JSON, so that `age -d vault.age` shows it to its owner.
//!
//! Knows no file and no passphrase.

use crate::secrets::{Secret, Slot};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// The version of the format below; a vault with a higher one is not touched.
const VERSION: u32 = 1;

/// Secrets by service (see [`super::super::Stores::new`]) and slot. Wiped when dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Contents(BTreeMap<String, BTreeMap<String, Kept>>);

/// Why the text is no vault's.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    TooNew,
    Malformed,
}

#[derive(Serialize, Deserialize)]
struct File<T> {
    version: u32,
    secrets: T,
}

impl Contents {
    pub(super) fn get(&self, service: &str, slot: &Slot) -> Option<&Secret> {
        self.0.get(service)?.get(&slot.to_string()).map(|kept| &kept.0)
    }

    /// Whether that changed anything.
    pub(super) fn put(&mut self, service: &str, slot: &Slot, secret: Secret) -> bool {
        let secret = Kept(secret);
        let slots = self.0.entry(service.to_owned()).or_default();
        slots.insert(slot.to_string(), secret.clone()).as_ref() != Some(&secret)
    }

    /// Whether there was something to remove.
    pub(super) fn remove(&mut self, service: &str, slot: &Slot) -> bool {
        let Some(slots) = self.0.get_mut(service) else { return false };
        let was_there = slots.remove(&slot.to_string()).is_some();
        if slots.is_empty() {
            self.0.remove(service);
        }
        was_there
    }

    pub(super) fn slots(&self, service: &str) -> Vec<Slot> {
        self.0.get(service).into_iter().flat_map(BTreeMap::keys).filter_map(|key| Slot::parse(key)).collect()
    }

    pub(super) fn read(text: &[u8]) -> Result<Self, Unreadable> {
        #[derive(Deserialize)]
        struct Head {
            version: u32,
        }
        let Head { version } = serde_json::from_slice(text).map_err(|_| Unreadable::Malformed)?;
        if version > VERSION {
            return Err(Unreadable::TooNew);
        }
        let file: File<_> = serde_json::from_slice(text).map_err(|_| Unreadable::Malformed)?;
        Ok(Self(file.secrets))
    }

    pub(super) fn write(&self) -> Zeroizing<Vec<u8>> {
        let mut text = Zeroizing::new(Vec::with_capacity(self.longest()));
        let file = File { version: VERSION, secrets: &self.0 };
        serde_json::to_writer(&mut *text, &file).expect("maps of text are JSON, and memory takes it");
        text
    }

    /// More than the text can be long (a character is at most six times as long in JSON), so that it never moves and
    /// leaves a copy behind.
    fn longest(&self) -> usize {
        const MARKS: usize = 64;
        let longest = |text: &str| text.len() * 6 + MARKS;
        let entry = |(slot, kept): (&String, &Kept)| longest(slot) + longest(kept.0.expose());
        let services = self.0.iter();
        MARKS
            + services
                .map(|(name, slots)| longest(name) + slots.iter().map(entry).sum::<usize>())
                .sum::<usize>()
    }
}

/// A secret in the vault: the only one that can be written as data, and only here.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Kept(Secret);

impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_text_is_json_of_a_known_shape() {
        let mut contents = Contents::default();
        contents.put("orgdeck", &Slot::new("acme-uat", "password"), Secret::new("p\"w"));
        assert_eq!(
            str::from_utf8(&contents.write()).unwrap(),
            r#"{"version":1,"secrets":{"orgdeck":{"acme-uat/password":"p\"w"}}}"#
        );
        assert_eq!(Contents::read(br#"{"version":2,"other":[]}"#), Err(Unreadable::TooNew));
        assert_eq!(Contents::read(br#"{"version":1,"secrets":[]}"#), Err(Unreadable::Malformed));
        assert_eq!(Contents::read(b""), Err(Unreadable::Malformed));
    }

    #[test]
    fn a_debug_print_shows_no_secret() {
        let mut contents = Contents::default();
        contents.put("orgdeck", &Slot::new("acme-uat", "password"), Secret::new("hunter2"));
        assert!(!format!("{contents:?}").contains("hunter2"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_and_never_moves(entries in prop::collection::vec((".{1,8}", "[a-z_]{1,8}", any::<String>()), 0..8)) {
            let mut contents = Contents::default();
            for (profile, name, secret) in entries {
                contents.put(&profile, &Slot::new(profile.clone(), name), Secret::new(secret));
            }
            let text = contents.write();
            prop_assert!(text.len() < contents.longest());
            prop_assert_eq!(Contents::read(&text), Ok(contents));
        }
    }
}
