//! The vault's file, sealed and opened: the age format with a passphrase (scrypt).
//!
//! Pure computing, some of it slow on purpose: callers run it on a thread that may block. Source of the format:
//! <https://c2sp.org/age>.

use super::contents::{Contents, Unreadable};
use crate::secrets::{Secret, StoreError};
use age::{
    DecryptError, Decryptor, Encryptor, Identity, Recipient,
    scrypt::{Identity as PassphraseIdentity, Recipient as PassphraseRecipient},
    secrecy::SecretString,
};
use std::{
    io::{Read, Write},
    iter,
    path::Path,
};
use zeroize::Zeroizing;

/// log2 of scrypt's N when a vault is written: 128 MiB and a fifth of a second or so.
///
/// Source: OWASP Password Storage Cheat Sheet, scrypt with N=2^17, r=8, p=1 (age's r and p).
pub(super) const WORK_FACTOR: u8 = 17;

/// The highest that is accepted: 512 MiB, a second or two. `age -p` writes 18. A file that asks for more is no
/// vault of ours, and must not be able to take the memory or hold the program up.
const HARDEST: u8 = 19;

/// The contents, sealed with the passphrase.
pub(super) fn seal(contents: &Contents, passphrase: &Secret, work_factor: u8) -> Vec<u8> {
    let mut recipient = PassphraseRecipient::new(words(passphrase));
    recipient.set_work_factor(work_factor);
    let recipient: &dyn Recipient = &recipient;
    let mut sealed = Vec::new();
    let written = Encryptor::with_recipients(iter::once(recipient))
        .expect("one recipient, a passphrase")
        .wrap_output(&mut sealed);
    let done = written.and_then(|mut writer| writer.write_all(&contents.write()).map(|()| writer)?.finish());
    done.expect("memory takes what is written to it");
    sealed
}

/// What is in the file at `path`, which `sealed` was read from.
pub(super) fn open(sealed: &[u8], passphrase: &Secret, path: &Path) -> Result<Contents, StoreError> {
    let damaged = |what| StoreError::Damaged { path: path.to_owned(), what };
    let decryptor = head(sealed, path)?;
    let mut identity = PassphraseIdentity::new(words(passphrase));
    identity.set_max_work_factor(HARDEST);
    let identity: &dyn Identity = &identity;
    let mut reader = decryptor.decrypt(iter::once(identity)).map_err(|error| match error {
        DecryptError::DecryptionFailed => StoreError::WrongPassphrase,
        DecryptError::ExcessiveWork { .. } => damaged("asks for more work than any vault of orgdeck's"),
        _ => damaged("was altered"),
    })?;
    // The text is shorter than what it is sealed in: the buffer never moves and leaves no copy behind.
    let mut text = Zeroizing::new(Vec::with_capacity(sealed.len()));
    reader.read_to_end(&mut text).map_err(|_| damaged("is cut off or was altered"))?;
    Contents::read(&text).map_err(|unreadable| match unreadable {
        Unreadable::TooNew => StoreError::TooNew(path.to_owned()),
        Unreadable::Malformed => damaged("holds something else than secrets"),
    })
}

/// Whether it begins as a vault's file does; whether the rest is whole only its passphrase tells.
pub(super) fn check(sealed: &[u8], path: &Path) -> Result<(), StoreError> {
    head(sealed, path).map(drop)
}

fn head<'a>(sealed: &'a [u8], path: &Path) -> Result<Decryptor<&'a [u8]>, StoreError> {
    let damaged = |what| StoreError::Damaged { path: path.to_owned(), what };
    let decryptor = Decryptor::new_buffered(sealed).map_err(|error| match error {
        DecryptError::Io(_) => damaged("is cut off"),
        _ => damaged("is not a vault's file"),
    })?;
    match decryptor.is_scrypt() {
        true => Ok(decryptor),
        false => Err(damaged("is encrypted to a key, not with a passphrase")),
    }
}

fn words(passphrase: &Secret) -> SecretString {
    passphrase.expose().to_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::Slot;

    const PATH: &str = "/x/vault.age";

    fn contents() -> Contents {
        let mut contents = Contents::default();
        contents.put("orgdeck", &Slot::new("acme-uat", "password"), Secret::new("hunter2"));
        contents
    }

    fn opened(sealed: &[u8], passphrase: &str) -> Result<Contents, StoreError> {
        open(sealed, &Secret::new(passphrase), Path::new(PATH))
    }

    fn said(sealed: &[u8]) -> String {
        opened(sealed, "open sesame").unwrap_err().to_string()
    }

    #[test]
    fn it_opens_with_its_passphrase_alone() {
        let sealed = seal(&contents(), &Secret::new("open sesame"), 4);
        assert!(!sealed.windows(7).any(|bytes| bytes == b"hunter2"));
        assert_eq!(opened(&sealed, "open sesame").unwrap(), contents());
        for wrong in ["open Sesame", "open sesame ", ""] {
            assert!(matches!(opened(&sealed, wrong), Err(StoreError::WrongPassphrase)), "{wrong:?}");
        }
    }

    #[test]
    fn a_file_cut_off_anywhere_is_damaged_not_empty() {
        let sealed = seal(&contents(), &Secret::new("open sesame"), 4);
        for end in 0..sealed.len() {
            let said = said(&sealed[..end]);
            assert!(
                said.starts_with("the vault /x/vault.age is ") && said.contains("nothing was changed"),
                "{end}: {said}"
            );
        }
    }

    #[test]
    fn an_altered_file_is_found_out() {
        let sealed = seal(&contents(), &Secret::new("open sesame"), 4);
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(opened(&altered, "open sesame").is_err(), "byte {at}");
        }
    }

    #[test]
    fn what_is_no_vault_is_called_so() {
        assert!(said(b"").contains("is cut off"), "{}", said(b""));
        assert!(said(b"[profiles.acme]\n").contains("is not a vault's file"));
        let mut other = Vec::new();
        let key = age::x25519::Identity::generate().to_public();
        let recipient: &dyn Recipient = &key;
        let encryptor = Encryptor::with_recipients(iter::once(recipient)).unwrap();
        encryptor.wrap_output(&mut other).unwrap().finish().unwrap();
        assert!(said(&other).contains("is encrypted to a key"));
    }

    #[test]
    fn a_file_that_asks_for_too_much_work_is_refused_before_any_is_done() {
        let sealed = seal(&contents(), &Secret::new("open sesame"), 4);
        let text = String::from_utf8_lossy(&sealed);
        let line = text.lines().nth(1).unwrap();
        let harder = format!("{} 60", line.strip_suffix(" 4").unwrap());
        let at = sealed.windows(line.len()).position(|bytes| bytes == line.as_bytes()).unwrap();
        let hostile = [&sealed[..at], harder.as_bytes(), &sealed[at + line.len()..]].concat();
        assert!(said(&hostile).contains("asks for more work"), "{}", said(&hostile));
    }
}
