//! The vault as several programs, mistakes and accidents find it.

use super::*;
use std::future::Future;

const SERVICE: &str = "orgdeck";

/// A vault in a folder of its own. scrypt works as little as it may.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("data/vault.age")
    }

    /// Another program's view of the file: nothing in memory is shared.
    fn program(&self) -> Vault {
        Vault { work_factor: 4, ..Vault::new(self.file()) }
    }

    async fn open(&self) -> Vault {
        let vault = self.program();
        vault.unlock(&secret("open sesame")).await.unwrap();
        vault
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(self.file()).unwrap()
    }
}

async fn created() -> Place {
    let place = Place::new();
    place.program().create(&secret("open sesame")).await.unwrap();
    place
}

fn secret(text: &str) -> Secret {
    Secret::new(text)
}

fn slot(name: &str) -> Slot {
    Slot::new("acme-uat", name)
}

async fn put(vault: &Vault, name: &str, text: &str) -> Result<(), StoreError> {
    vault.write(SERVICE, &slot(name), &secret(text)).await
}

async fn get(vault: &Vault, name: &str) -> Option<String> {
    vault.read(SERVICE, &slot(name)).await.unwrap().map(|secret| secret.expose().to_owned())
}

async fn says<T>(act: impl Future<Output = Result<T, StoreError>>) -> String {
    act.await.err().unwrap().to_string()
}

#[tokio::test]
async fn secrets_outlive_the_program() {
    let place = created().await;
    let vault = place.open().await;
    put(&vault, "password", "hunter2").await.unwrap();
    put(&vault, "security_token", "AbC").await.unwrap();
    vault.write("orgdeck:/other.toml", &slot("password"), &secret("other")).await.unwrap();
    let later = place.open().await;
    assert_eq!(get(&later, "password").await.as_deref(), Some("hunter2"));
    assert_eq!(later.slots(SERVICE).await.unwrap(), [slot("password"), slot("security_token")]);
    later.remove(SERVICE, &slot("password")).await.unwrap();
    later.remove(SERVICE, &slot("never_there")).await.unwrap();
    assert_eq!(get(&vault, "password").await, None);
    let other = vault.read("orgdeck:/other.toml", &slot("password")).await.unwrap();
    assert_eq!(other, Some(secret("other")), "another configuration's secrets are its own");
}

#[tokio::test]
async fn a_vault_is_absent_then_open_then_locked() {
    let place = Place::new();
    let vault = place.program();
    assert_eq!(vault.state(), VaultState::Absent);
    for said in [
        says(vault.read(SERVICE, &slot("password"))).await,
        says(put(&vault, "password", "x")).await,
        says(vault.unlock(&secret("open sesame"))).await,
        says(vault.rekey(&secret("a"), &secret("b"))).await,
    ] {
        assert!(said.contains("no vault yet") && said.contains("orgdeck vault create"), "{said}");
    }
    assert!(!place.file().parent().unwrap().exists(), "looking makes nothing");
    assert!(matches!(vault.create(&secret("")).await, Err(StoreError::EmptyPassphrase)));
    vault.create(&secret("open sesame")).await.unwrap();
    assert_eq!(vault.state(), VaultState::Open);
    vault.lock();
    assert_eq!(vault.state(), VaultState::Locked);
    assert!(matches!(vault.read(SERVICE, &slot("password")).await, Err(StoreError::VaultLocked)));
    assert!(matches!(put(&vault, "password", "x").await, Err(StoreError::VaultLocked)));
}

#[tokio::test]
async fn a_second_vault_is_not_made_over_the_first() {
    let place = created().await;
    put(&place.open().await, "password", "hunter2").await.unwrap();
    let before = place.bytes();
    let said = says(place.program().create(&secret("another"))).await;
    assert!(said.starts_with("there is a vault already: ") && said.ends_with("vault.age"), "{said}");
    assert_eq!(place.bytes(), before);
}

#[tokio::test]
async fn a_wrong_passphrase_opens_nothing_and_changes_nothing() {
    let place = created().await;
    let before = place.bytes();
    let vault = place.program();
    assert!(matches!(vault.unlock(&secret("wrong")).await, Err(StoreError::WrongPassphrase)));
    assert!(matches!(vault.rekey(&secret("wrong"), &secret("new")).await, Err(StoreError::WrongPassphrase)));
    assert_eq!(vault.state(), VaultState::Locked);
    assert_eq!(place.bytes(), before);
    let open = place.open().await;
    assert!(matches!(open.unlock(&secret("wrong")).await, Err(StoreError::WrongPassphrase)));
    assert_eq!(open.state(), VaultState::Open, "a mistyped word does not lock what is open");
}

#[tokio::test]
async fn what_another_program_wrote_is_kept_and_seen() {
    let place = created().await;
    let (one, two) = (place.open().await, place.open().await);
    put(&one, "password", "from one").await.unwrap();
    put(&two, "security_token", "from two").await.unwrap();
    put(&one, "consumer_secret", "from one again").await.unwrap();
    for vault in [one, two, place.open().await] {
        let names: Vec<_> = vault.slots(SERVICE).await.unwrap().into_iter().map(|slot| slot.name).collect();
        assert_eq!(names, ["consumer_secret", "password", "security_token"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_who_write_at_once_lose_nothing() {
    let place = created().await;
    let mut writers = Vec::new();
    for n in 0..8 {
        let vault = place.open().await;
        writers.push(tokio::spawn(async move {
            for round in 0..3 {
                put(&vault, &format!("secret{n}_{round}"), "x").await.unwrap();
            }
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(place.open().await.slots(SERVICE).await.unwrap().len(), 24);
}

#[tokio::test]
async fn another_passphrase_locks_out_who_has_the_old_one_and_loses_nothing() {
    let place = created().await;
    let (one, two) = (place.open().await, place.open().await);
    put(&one, "password", "hunter2").await.unwrap();
    one.rekey(&secret("open sesame"), &secret("new")).await.unwrap();
    assert_eq!(get(&one, "password").await.as_deref(), Some("hunter2"), "it stays open for who changed it");
    put(&one, "security_token", "AbC").await.unwrap();

    let before = place.bytes();
    assert!(matches!(put(&two, "password", "lost?").await, Err(StoreError::PassphraseChanged)));
    assert_eq!(place.bytes(), before);
    assert_eq!(two.state(), VaultState::Locked);
    assert!(matches!(two.unlock(&secret("open sesame")).await, Err(StoreError::WrongPassphrase)));
    two.unlock(&secret("new")).await.unwrap();
    put(&two, "password", "kept").await.unwrap();
    assert_eq!(get(&one, "password").await.as_deref(), Some("kept"));
}

#[tokio::test]
async fn a_damaged_file_is_named_and_left_alone() {
    let place = created().await;
    put(&place.open().await, "password", "hunter2").await.unwrap();
    let vault = place.open().await;
    let whole = place.bytes();
    for (bytes, what) in [
        (&whole[..whole.len() / 2], "is cut off"),
        (&whole[..whole.len() - 1], "is cut off or was altered"),
        (b"", "is cut off"),
        (b"not a vault at all", "is not a vault's file"),
    ] {
        fs::write(place.file(), bytes).unwrap();
        for said in
            [says(put(&vault, "password", "x")).await, says(vault.unlock(&secret("open sesame"))).await]
        {
            assert!(said.contains(what) && said.contains("vault.age"), "{said}");
            assert!(said.contains("nothing was changed"), "{said}");
        }
        assert_eq!(place.bytes(), bytes);
    }
    fs::write(place.file(), &whole).unwrap();
    assert_eq!(get(&vault, "password").await.as_deref(), Some("hunter2"), "the copy that was put back");
}

#[tokio::test]
async fn a_write_that_fails_leaves_the_old_vault() {
    let place = created().await;
    let vault = place.open().await;
    put(&vault, "password", "hunter2").await.unwrap();
    let before = place.bytes();
    // Where the file should be put there is a folder now: the last step, the rename, fails.
    let aside = place.file().with_extension("aside");
    fs::rename(place.file(), &aside).unwrap();
    fs::create_dir(place.file()).unwrap();
    let failed = vault.replace(Contents::default(), secret("open sesame"));
    assert!(matches!(failed, Err(StoreError::File(_))));
    fs::remove_dir(place.file()).unwrap();
    fs::rename(&aside, place.file()).unwrap();
    assert_eq!(get(&vault, "password").await.as_deref(), Some("hunter2"), "nor does memory forget it");
    assert_eq!(place.bytes(), before);
    let names: Vec<_> =
        fs::read_dir(place.file().parent().unwrap()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "the vault and its lock, and nothing half-written: {names:?}");
}

#[tokio::test]
async fn locking_while_it_is_written_leaves_it_locked() {
    let place = created().await;
    let vault = place.open().await;
    let held = Lock::take(&place.file()).await.unwrap();
    let writing = tokio::spawn({
        let vault = vault.clone();
        async move { put(&vault, "password", "x").await }
    });
    tokio::task::yield_now().await; // now it waits for its turn
    vault.lock();
    drop(held);
    assert!(matches!(writing.await.unwrap(), Err(StoreError::VaultLocked)));
    assert_eq!(vault.state(), VaultState::Locked);

    let vault = place.open().await;
    let open = vault.replace(Contents::default(), secret("open sesame")).unwrap();
    vault.lock();
    vault.keep(open);
    assert_eq!(vault.state(), VaultState::Locked, "nor does the end of a write unlock it");
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_look() {
    use std::os::unix::fs::PermissionsExt;
    let place = created().await;
    let folder = place.file().parent().unwrap().to_owned();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&place.file())), (0o700, 0o600));
    fs::set_permissions(place.file(), fs::Permissions::from_mode(0o644)).unwrap();
    put(&place.open().await, "password", "x").await.unwrap();
    assert_eq!(mode(&place.file()), 0o600, "a write mends it");
}
