//! The desktop's keyring, and the patience one needs with it.
//!
//! A call may block without limit: on a bus that is dead, on a question that nobody answers. So each runs on a thread
//! of its own, which the end of the program does not wait for; whoever waits gives up after a time; and while a
//! call that was given up is still running, no other is made.
//!
//! An entry has two attributes: `service` (see [`super::Stores::new`]) and the user (`username` in the Secret
//! Service), which is the slot: `acme-uat/password`. `secret-tool lookup service orgdeck username acme-uat/password`
//! finds the same.

#[cfg_attr(all(unix, not(target_os = "macos")), path = "secret_service.rs")]
#[cfg_attr(not(all(unix, not(target_os = "macos"))), path = "native.rs")]
mod platform;

use super::{Secret, Slot, StoreError};
use keyring_core::{CredentialStore, Entry, Error};
use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    thread,
    time::Duration,
};
use tokio::sync::{Mutex as Turns, oneshot};
use zeroize::Zeroize;

/// How long a probe may take: it asks nobody anything.
const PROBE: Duration = Duration::from_secs(1);
/// How long a call may take. A person may have to unlock the keyring in a window of its own.
const CALL: Duration = Duration::from_secs(60);

/// The keyring's entries of one configuration.
pub(super) struct Keyring {
    service: String,
    patience: Patience,
}

impl Keyring {
    pub(super) fn new(service: String) -> Self {
        Self { service, patience: Patience::default() }
    }

    pub(super) async fn probe(&self) -> Result<(), StoreError> {
        self.patience.call(PROBE, platform::probe).await
    }

    pub(super) async fn is_locked(&self) -> Result<bool, StoreError> {
        self.patience.call(PROBE, platform::is_locked).await
    }

    pub(super) async fn read(&self, slot: &Slot) -> Result<Option<Secret>, StoreError> {
        self.with(slot, |entry| match each(entry, Entry::get_password) {
            Ok(texts) => Ok(texts.into_iter().next().map(Secret::new)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(explain(error)),
        })
        .await
    }

    pub(super) async fn write(&self, slot: &Slot, secret: &Secret) -> Result<(), StoreError> {
        let secret = secret.clone();
        self.with(slot, move |entry| {
            each(entry, |entry| entry.set_password(secret.expose())).map(drop).map_err(explain)
        })
        .await
    }

    pub(super) async fn remove(&self, slot: &Slot) -> Result<(), StoreError> {
        self.with(slot, |entry| match each(entry, Entry::delete_credential) {
            Ok(_) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(explain(error)),
        })
        .await
    }

    pub(super) async fn slots(&self) -> Result<Vec<Slot>, StoreError> {
        let service = self.service.clone();
        self.patience
            .call(CALL, move || {
                let entries = open()?.search(&platform::search(&service)).map_err(explain)?;
                let ours = entries.iter().filter_map(Entry::get_specifiers).filter(|(of, _)| *of == service);
                let mut slots: Vec<_> = ours.filter_map(|(_, user)| Slot::parse(&user)).collect();
                slots.sort();
                slots.dedup();
                Ok(slots)
            })
            .await
    }

    async fn with<T: Send + 'static>(
        &self,
        slot: &Slot,
        act: impl FnOnce(&Entry) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (service, user) = (self.service.clone(), slot.to_string());
        let call = move || act(&open()?.build(&service, &user, None).map_err(explain)?);
        self.patience.call(CALL, call).await
    }
}

/// A new connection for each call: one that was broken off is not used again, and one that hangs holds nobody up.
fn open() -> Result<Arc<CredentialStore>, StoreError> {
    platform::open().map_err(|error| StoreError::NoKeyring(cause(&error)))
}

/// Does it to the entry, or to each of them where several collections have one of that name.
fn each<T>(entry: &Entry, act: impl Fn(&Entry) -> keyring_core::Result<T>) -> keyring_core::Result<Vec<T>> {
    match act(entry) {
        Err(Error::Ambiguous(entries)) => entries.iter().map(act).collect(),
        done => done.map(|done| vec![done]),
    }
}

fn explain(error: Error) -> StoreError {
    match error {
        Error::BadEncoding(mut bytes) | Error::BadDataFormat(mut bytes, _) => {
            bytes.zeroize();
            StoreError::NotText
        }
        Error::TooLong(_, limit) => StoreError::TooLong(limit),
        error => platform::explain(&error).unwrap_or_else(|| StoreError::KeyringFailed(cause(&error))),
    }
}

/// The system's own words, without the library's before them.
fn cause(error: &Error) -> String {
    match error {
        Error::PlatformFailure(cause) | Error::NoStorageAccess(cause) => cause.to_string(),
        other => other.to_string(),
    }
}

/// Makes one call after the other, each on its own thread, and knows those that it has given up.
#[derive(Default)]
struct Patience {
    turns: Turns<()>,
    given_up: Mutex<Vec<Weak<()>>>,
}

impl Patience {
    /// What `act` gives, unless it takes too long. Dropping the future gives up as well.
    async fn call<T: Send + 'static>(
        &self,
        deadline: Duration,
        act: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let called = async {
            let _turn = self.turns.lock().await;
            if self.still_silent() {
                return Err(StoreError::KeyringStillSilent);
            }
            let running = Arc::new(());
            let unanswered = Unanswered { patience: self, call: Arc::downgrade(&running) };
            let (tell, told) = oneshot::channel();
            let thread = thread::Builder::new().name("keyring".into()).spawn(move || {
                let answer = act();
                drop(running); // before the next call can begin
                let _ = tell.send(answer); // nobody waits any more
            });
            thread.map_err(|error| StoreError::KeyringFailed(error.to_string()))?;
            let answer =
                told.await.unwrap_or_else(|_| Err(StoreError::KeyringFailed("its library crashed".into())));
            drop(unanswered);
            answer
        };
        tokio::time::timeout(deadline, called).await.unwrap_or(Err(StoreError::KeyringTimedOut(deadline)))
    }

    fn still_silent(&self) -> bool {
        let mut given_up = self.given_up.lock().unwrap_or_else(PoisonError::into_inner);
        given_up.retain(|call| call.strong_count() > 0);
        !given_up.is_empty()
    }
}

/// A call that is waited for. Dropped while its thread still runs, it is remembered as given up.
struct Unanswered<'a> {
    patience: &'a Patience,
    call: Weak<()>,
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        let mut given_up = self.patience.given_up.lock().unwrap_or_else(PoisonError::into_inner);
        given_up.push(std::mem::take(&mut self.call));
    }
}

#[cfg(test)]
mod tests;
