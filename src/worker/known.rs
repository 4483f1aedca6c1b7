//! What is known of each profile from one run to the next: its org and user, and where its login is kept.
//!
//! One JSON file in the data folder, shared by all orgdecks of the user; no secret is in it. What cannot be read is
//! as good as not there: the org is then confirmed once more.

use super::shared_file::SharedFile;
use crate::{
    config::ProfileId,
    fsio::FileError,
    salesforce::{OrgFacts, kept::LoginId},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
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
    file: SharedFile<Content>,
}

/// Service → profile → what is known.
type Content = BTreeMap<String, BTreeMap<String, KnownLogin>>;

impl Known {
    pub(super) fn new(service: String, file: PathBuf) -> Self {
        Self { service, file: SharedFile::new(file) }
    }

    /// What is known of a profile.
    pub(super) async fn of(&self, profile: &ProfileId) -> KnownLogin {
        let mut content = self.file.read().await;
        let mine = content.get_mut(&self.service);
        mine.and_then(|profiles| profiles.remove(profile.as_str())).unwrap_or_default()
    }

    /// Every profile with each host that it has logged in at.
    pub(super) fn hosts(&self) -> impl Iterator<Item = (ProfileId, String)> + use<> {
        let profiles = self.file.read_now().remove(&self.service).unwrap_or_default();
        profiles.into_iter().flat_map(|(name, login)| {
            let profile = ProfileId::new(name);
            login.hosts.into_iter().map(move |host| (profile.clone(), host))
        })
    }

    /// A file that is there and cannot be read, said in a sentence.
    pub(super) async fn damage(&self) -> Option<String> {
        self.file.is_damaged().await.then(|| {
            format!("{} cannot be read, so what was known of orgs before is lost", self.file.path().display())
        })
    }

    /// Changes what is known of a profile; nothing known is nothing written.
    pub(super) async fn change(
        &self,
        profile: &ProfileId,
        change: impl FnOnce(&mut KnownLogin) + Send + 'static,
    ) -> Result<(), FileError> {
        let (service, profile) = (self.service.clone(), profile.to_string());
        let changed = self.file.change(move |content| {
            let mut login = content
                .get(&service)
                .and_then(|profiles| profiles.get(&profile))
                .cloned()
                .unwrap_or_default();
            change(&mut login);
            if login != KnownLogin::default() {
                content.entry(service).or_default().insert(profile, login);
            } else if let Some(profiles) = content.get_mut(&service) {
                profiles.remove(&profile);
            }
        });
        changed.await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fsio;

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
