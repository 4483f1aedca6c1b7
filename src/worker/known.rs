//! What is known of each profile from one run to the next: its org and user, and where its login is kept.
//!
//! One JSON file in the data folder, shared by all orgdecks of the user; no secret is in it. What cannot be read is
//! as good as not there: the org is then confirmed once more.

use crate::{
    config::ProfileId,
    fsio::{self, Access, FileError},
    salesforce::{OrgFacts, kept::LoginId},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    path::PathBuf,
};

/// What is known of one profile.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KnownLogin {
    /// The org and the user that a person has accepted for the profile, or that it began with.
    #[serde(default)]
    pub(super) org: Option<OrgFacts>,
    /// At which hosts it has logged in.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) hosts: BTreeSet<String>,
    /// Which store has the profile's refresh token: `keyring`, `vault`.
    #[serde(default)]
    pub(super) kept_in: Option<String>,
    /// For which login it is kept there: no other host may ever see it.
    #[serde(default)]
    pub(super) kept_for: Option<LoginId>,
}

/// The file.
pub(super) struct Known {
    /// Whose profiles: those of one configuration file.
    service: String,
    file: PathBuf,
}

/// Service → profile → what is known.
type Content = BTreeMap<String, BTreeMap<String, KnownLogin>>;

impl Known {
    pub(super) fn new(service: String, file: PathBuf) -> Self {
        Self { service, file }
    }

    /// What is known of a profile.
    pub(super) async fn of(&self, profile: &ProfileId) -> KnownLogin {
        let file = self.file.clone();
        let read = tokio::task::spawn_blocking(move || read(&file)).await;
        let mut content = read.unwrap_or_default();
        let mine = content.get_mut(&self.service);
        mine.and_then(|profiles| profiles.remove(profile.as_str())).unwrap_or_default()
    }

    /// Every profile with each host that it has logged in at.
    pub(super) fn hosts(&self) -> impl Iterator<Item = (ProfileId, String)> + use<> {
        let profiles = read(&self.file).remove(&self.service).unwrap_or_default();
        profiles.into_iter().flat_map(|(name, login)| {
            let profile = ProfileId::new(name);
            login.hosts.into_iter().map(move |host| (profile.clone(), host))
        })
    }

    /// A file that is there and cannot be read, said in a sentence.
    pub(super) async fn damage(&self) -> Option<String> {
        let file = self.file.clone();
        let damaged = tokio::task::spawn_blocking(move || is_damaged(&file)).await.unwrap_or_default();
        damaged.then(|| {
            format!("{} cannot be read, so what was known of orgs before is lost", self.file.display())
        })
    }

    /// Changes what is known of a profile; nothing known is nothing written.
    pub(super) async fn change(
        &self,
        profile: &ProfileId,
        change: impl FnOnce(&mut KnownLogin) + Send + 'static,
    ) -> Result<(), FileError> {
        let (file, service, profile) = (self.file.clone(), self.service.clone(), profile.to_string());
        let written = tokio::task::spawn_blocking(move || {
            let _turn = turn(&file)?;
            set_aside_damaged(&file);
            let mut content = read(&file);
            let profiles = content.entry(service).or_default();
            let login = profiles.entry(profile.clone()).or_default();
            let before = login.clone();
            change(login);
            if *login == before {
                return Ok(());
            }
            if *login == KnownLogin::default() {
                profiles.remove(&profile);
            }
            let text = serde_json::to_vec_pretty(&content).unwrap_or_default();
            fsio::write_atomic(&file, &text, Access::Owner)
        });
        written.await.unwrap_or(Ok(()))
    }
}

/// What is there but cannot be read is kept beside, in case somebody wants to know what it said.
fn set_aside_damaged(file: &std::path::Path) {
    if is_damaged(file) {
        let _ = std::fs::rename(file, file.with_extension("damaged.json")); // else it is replaced
    }
}

fn is_damaged(file: &std::path::Path) -> bool {
    std::fs::read(file).is_ok_and(|text| serde_json::from_slice::<Content>(&text).is_err())
}

fn read(file: &std::path::Path) -> Content {
    let text = std::fs::read(file).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// Holds other orgdecks back while this one changes the file; they hold it for a moment only.
fn turn(file: &std::path::Path) -> Result<File, FileError> {
    let folder = file.parent().unwrap_or(std::path::Path::new("."));
    fsio::create_private_dir(folder)?;
    let path = file.with_extension("lock");
    let lock = File::create(&path).map_err(FileError::of("create", &path))?;
    lock.lock().map_err(FileError::of("lock", &path))?;
    Ok(lock)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(folder: &tempfile::TempDir, service: &str) -> Known {
        Known::new(service.into(), folder.path().join("data/logins.json"))
    }

    #[tokio::test]
    async fn what_is_known_outlives_the_run_and_stays_with_its_configuration() {
        let folder = tempfile::tempdir().unwrap();
        let uat = ProfileId::new("uat");
        assert_eq!(known(&folder, "a").of(&uat).await, KnownLogin::default());
        known(&folder, "a").change(&uat, |login| login.kept_in = Some("vault".into())).await.unwrap();
        assert_eq!(known(&folder, "a").of(&uat).await.kept_in.as_deref(), Some("vault"));
        assert_eq!(known(&folder, "b").of(&uat).await, KnownLogin::default());
        assert_eq!(known(&folder, "a").of(&ProfileId::new("prod")).await, KnownLogin::default());
        known(&folder, "a").change(&uat, |login| *login = KnownLogin::default()).await.unwrap();
        let text = std::fs::read_to_string(folder.path().join("data/logins.json")).unwrap();
        assert!(!text.contains("uat"), "{text}");
    }

    #[tokio::test]
    async fn hosts_are_known_of_one_s_own_profiles() {
        let folder = tempfile::tempdir().unwrap();
        let note = |login: &mut KnownLogin| login.hosts.extend(["test.salesforce.com".to_owned()]);
        known(&folder, "a").change(&ProfileId::new("uat"), note).await.unwrap();
        let expected = (ProfileId::new("uat"), "test.salesforce.com".to_owned());
        assert_eq!(known(&folder, "a").hosts().collect::<Vec<_>>(), [expected]);
        assert_eq!(known(&folder, "b").hosts().count(), 0);
    }

    #[tokio::test]
    async fn a_damaged_file_is_as_good_as_none_and_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let known = known(&folder, "a");
        fsio::create_private_dir(&folder.path().join("data")).unwrap();
        std::fs::write(folder.path().join("data/logins.json"), "{\"a\": [").unwrap();
        let uat = ProfileId::new("uat");
        assert_eq!(known.of(&uat).await, KnownLogin::default());
        known.change(&uat, |login| login.kept_in = Some("keyring".into())).await.unwrap();
        assert_eq!(known.of(&uat).await.kept_in.as_deref(), Some("keyring"));
    }
}
