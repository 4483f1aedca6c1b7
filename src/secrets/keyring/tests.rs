//! Patience with a keyring that does not answer. What a real one does is in `tests/keyring/`.

use super::*;
use std::{future::Future, pin::pin, sync::mpsc, task::Poll};

const SOON: Duration = Duration::from_millis(1);
const LATE: Duration = Duration::from_secs(60);

/// A call that hangs until the sender is dropped or used.
fn hanging() -> (mpsc::Sender<()>, impl FnOnce() -> Result<(), StoreError> + Send + 'static) {
    let (answer, answered) = mpsc::channel();
    (answer, move || {
        let _ = answered.recv();
        Ok(())
    })
}

async fn until_it_answers(patience: &Patience) {
    while patience.still_silent() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_answer_is_an_answer() {
    let patience = Patience::default();
    for n in 0..100 {
        assert_eq!(patience.call(LATE, move || Ok(n)).await.unwrap(), n);
    }
    let error = patience.call(LATE, || Err::<(), _>(StoreError::KeyringLocked)).await;
    assert!(matches!(error, Err(StoreError::KeyringLocked)));
}

#[tokio::test]
async fn a_call_that_hangs_is_given_up_and_no_other_is_made_meanwhile() {
    let patience = Patience::default();
    let (answer, call) = hanging();
    let error = patience.call(SOON, call).await.unwrap_err();
    assert!(matches!(error, StoreError::KeyringTimedOut(SOON)));
    for _ in 0..3 {
        let next = patience.call(LATE, || -> Result<(), _> { panic!("no call is made") }).await;
        assert!(matches!(next, Err(StoreError::KeyringStillSilent)));
    }
    drop(answer);
    until_it_answers(&patience).await;
    patience.call(LATE, || Ok(())).await.unwrap();
}

#[tokio::test]
async fn whoever_stops_waiting_has_given_up_too() {
    let patience = Patience::default();
    let (answer, call) = hanging();
    {
        let mut waiting = pin!(patience.call(LATE, call));
        let first = std::future::poll_fn(|context| Poll::Ready(waiting.as_mut().poll(context))).await;
        assert!(first.is_pending());
    }
    assert!(matches!(patience.call(LATE, || Ok(())).await, Err(StoreError::KeyringStillSilent)));
    drop(answer);
    until_it_answers(&patience).await;
}

#[tokio::test]
async fn those_who_wait_behind_a_hanging_call_give_up_as_well() {
    let patience = Patience::default();
    let (answer, call) = hanging();
    let second = || -> Result<(), _> { panic!("its turn never comes") };
    let (first, second) = tokio::join!(patience.call(SOON, call), patience.call(SOON, second));
    assert!(matches!(first, Err(StoreError::KeyringTimedOut(_))));
    assert!(matches!(second, Err(StoreError::KeyringTimedOut(_) | StoreError::KeyringStillSilent)));
    drop(answer);
}

#[tokio::test]
async fn a_library_that_crashes_is_an_error() {
    let patience = Patience::default();
    let error = patience.call(LATE, || -> Result<(), _> { panic!("as libraries do") }).await.unwrap_err();
    assert!(error.to_string().contains("crashed"), "{error}");
}

#[test]
fn what_the_library_says_is_told_in_our_words() {
    let io = || Box::new(std::io::Error::other("the bus is gone"));
    assert_eq!(
        explain(Error::PlatformFailure(io())).to_string(),
        "the keyring failed (the bus is gone); try again, or use the vault"
    );
    assert!(matches!(explain(Error::BadEncoding(vec![0xff])), StoreError::NotText));
    assert!(explain(Error::TooLong("secret".into(), 2560)).to_string().contains("2560 bytes"));
}

#[cfg(all(unix, not(target_os = "macos")))]
#[test]
fn a_locked_keyring_and_one_without_a_collection_are_told_apart() {
    use secret_service::Error as Cause;
    let explained = |cause| explain(Error::NoStorageAccess(Box::new(cause)));
    assert!(matches!(explained(Cause::Locked), StoreError::KeyringLocked));
    assert!(matches!(explained(Cause::Prompt), StoreError::KeyringLocked));
    assert!(matches!(explained(Cause::NoResult), StoreError::NoCollection));
}
