//! A keyring that never answers. `tests/keyring/run` starts this with a bus address of its own, and beside it a real
//! keyring.

#![cfg(unix)]

use std::{
    net::Shutdown,
    os::unix::net::{UnixListener, UnixStream},
    sync::{Arc, Mutex},
    thread,
};

use orgdeck::secrets::{Slot, StoreError, StoreKind, Stores};

/// Takes every connection and says nothing.
struct DeadBus(Arc<Mutex<Vec<UnixStream>>>);

impl DeadBus {
    fn at(path: &str) -> Self {
        let listener = UnixListener::bind(path).expect("a socket in the folder of this test");
        let taken = Arc::new(Mutex::new(Vec::new()));
        let dead = Self(taken.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                taken.lock().unwrap().push(stream);
            }
        });
        dead
    }

    fn end(&self) {
        for stream in self.0.lock().unwrap().drain(..) {
            stream.shutdown(Shutdown::Both).unwrap();
        }
    }
}

#[test]
#[ignore = "tests/keyring/run gives it a bus address of its own"]
fn a_dead_bus_is_given_up_and_tried_again_later() {
    let address = std::env::var("DBUS_SESSION_BUS_ADDRESS").expect("tests/keyring/run sets it");
    let path = address.strip_prefix("unix:path=").expect("the address of a socket");
    let bus = DeadBus::at(path);
    let stores = Stores::new("orgdeck-test", "/nowhere/vault.age".into());
    let slot = Slot::new("acme", "password");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        assert!(matches!(stores.probe_keyring().await, Err(StoreError::KeyringTimedOut(_))));
        for _ in 0..3 {
            let read = stores.read(StoreKind::Keyring, &slot).await;
            assert!(matches!(read, Err(StoreError::KeyringStillSilent)), "{read:?}");
        }
        assert_eq!(stores.preferred().await, Some(StoreKind::Vault));
        assert_eq!(bus.0.lock().unwrap().len(), 1, "one call hangs, no other was made");

        bus.end();
        let again = loop {
            match stores.probe_keyring().await {
                Err(StoreError::KeyringStillSilent) => tokio::task::yield_now().await,
                other => break other,
            }
        };
        assert!(matches!(again, Err(StoreError::KeyringTimedOut(_))), "it was asked again: {again:?}");
        bus.end();
    });
}
