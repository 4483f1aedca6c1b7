//! Passwords that were refused lately: counted per host and user, so that nothing locks a user out by trying again.
//!
//! The count outlives the run and is shared by all orgdecks of the user, in one JSON file in the data folder; no secret
//! is in it. A file that cannot be read is no reason not to log in.
//!
//! Source: Salesforce Help, Set Password Policies: orgs lock a user out after 3, 5 or 10 wrong passwords. How long and
//! how many refusals are remembered is this program's own choice.

use super::{
    act::{Act, Halt},
    failure,
    shared_file::SharedFile,
};
use crate::{
    config::{Profile, host_and_port},
    http::Transport,
    jobs::{Attempts, FailureKind},
    salesforce::Session,
};
use std::{
    collections::BTreeMap,
    path::PathBuf,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// How long a refusal counts.
pub(super) const WITHIN: Duration = Duration::from_secs(15 * 60);

/// After how many refusals a password is not sent without a question.
pub(super) const ASKS_AFTER: usize = 2;

/// After how many refusals a password is not sent where nobody asked for a login.
pub(super) const ALONE_AFTER: usize = 1;

/// Host (with its port) → user → when, in seconds since 1970.
type Content = BTreeMap<String, BTreeMap<String, Vec<u64>>>;

/// The file.
pub(super) struct Refusals(SharedFile<Content>);

/// Whose password it is.
#[derive(Clone, Debug)]
struct Account {
    host: String,
    username: String,
}

impl Account {
    /// That of a profile whose flow sends a password.
    fn of(profile: &Profile) -> Option<Self> {
        let host = host_and_port(profile.login_url.as_ref().filter(|_| profile.flow.sends_password())?);
        let username = profile.username.as_ref()?.trim().to_owned();
        Some(Self { host, username })
    }

    /// Usernames are the same in whatever case they are written.
    fn key(&self) -> String {
        self.username.to_lowercase()
    }
}

impl Refusals {
    pub(super) fn new(file: PathBuf) -> Self {
        Self(SharedFile::new(file))
    }

    /// The refusals that count at that time, the oldest first.
    async fn of(&self, account: &Account, now: SystemTime) -> Vec<SystemTime> {
        let content = self.0.read().await;
        let times = content.get(&account.host).and_then(|users| users.get(&account.key()));
        let lately = times.into_iter().flatten().filter(|at| counts(**at, now));
        let mut lately: Vec<_> = lately.map(|at| UNIX_EPOCH + Duration::from_secs(*at)).collect();
        lately.sort_unstable();
        lately
    }

    /// Counts a refusal. Where the file cannot be written it is not counted.
    async fn add(&self, account: &Account, now: SystemTime) {
        let Account { host, .. } = account.clone();
        let key = account.key();
        let noted = self.0.change(move |content| {
            content.entry(host).or_default().entry(key).or_default().push(seconds(now));
            drop_old(content, now);
        });
        let _ = noted.await;
    }

    /// The password was right: what was refused before was another one.
    async fn clear(&self, account: &Account, now: SystemTime) {
        let Account { host, .. } = account.clone();
        let key = account.key();
        let cleared = self.0.change(move |content| {
            content.get_mut(&host).and_then(|users| users.remove(&key));
            drop_old(content, now);
        });
        let _ = cleared.await;
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Whether a refusal still counts. A clock that was put right may have left one a little in the future.
fn counts(at: u64, now: SystemTime) -> bool {
    at.abs_diff(seconds(now)) < WITHIN.as_secs()
}

fn drop_old(content: &mut Content, now: SystemTime) {
    for users in content.values_mut() {
        users.values_mut().for_each(|times| times.retain(|at| counts(*at, now)));
        users.retain(|_, times| !times.is_empty());
    }
    content.retain(|_, users| !users.is_empty());
}

impl<T: Transport> Act<T> {
    /// Does what gets a token and may send a password for it. After `most` refusals nothing is sent: the failure says
    /// so. A refusal of the password is counted, a success forgets those before.
    pub(super) async fn counting(
        &self,
        profile: &Profile,
        most: usize,
        get: impl Future<Output = Result<Session, Halt>>,
    ) -> Result<Session, Halt> {
        let Some(account) = Account::of(profile) else { return get.await };
        let keep = &self.shared.keep;
        // One password of a user is on its way at a time, or ten programs at once would not know of each other's
        // refusals. A turn that does not come is no reason not to log in.
        let whose = format!("@{} {}", account.host, account.key());
        let _turn = self.unless_cancelled(keep.lock(&whose)).await?.ok();
        let now = SystemTime::now();
        let attempts = |refused| {
            let Account { host, username } = account.clone();
            Attempts { host, username, refused }
        };
        let refused = keep.refusals.of(&account, now).await;
        if refused.len() >= most {
            return Err(failure::lockout_near(attempts(refused), now, most < ASKS_AFTER).into());
        }
        match get.await {
            Ok(session) => {
                keep.refusals.clear(&account, SystemTime::now()).await;
                Ok(session)
            }
            Err(Halt::Failed(mut failure)) if failure.kind == FailureKind::OAuth => {
                let now = SystemTime::now();
                if failure::may_count_against_user(&failure) {
                    keep.refusals.add(&account, now).await;
                }
                let refused = keep.refusals.of(&account, now).await;
                failure.attempts = Some(Box::new(attempts(refused)));
                Err(Halt::Failed(failure))
            }
            Err(halt) => Err(halt),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Flow, fsio, salesforce::tests::profile};

    const NOON: SystemTime = UNIX_EPOCH;

    fn at(minutes: u64) -> SystemTime {
        NOON + Duration::from_secs(1_000_000_000 + minutes * 60)
    }

    fn account(host: &str, username: &str) -> Account {
        Account { host: host.into(), username: username.into() }
    }

    fn refusals(folder: &tempfile::TempDir) -> Refusals {
        Refusals::new(folder.path().join("data/refusals.json"))
    }

    #[tokio::test]
    async fn refusals_count_for_a_quarter_of_an_hour_per_host_and_user() {
        let folder = tempfile::tempdir().unwrap();
        let ada = account("localhost:8700", "Ada@acme.com");
        refusals(&folder).add(&ada, at(0)).await;
        refusals(&folder).add(&ada, at(10)).await;
        let count = async |account: &Account, minute| refusals(&folder).of(account, at(minute)).await.len();
        assert_eq!(count(&ada, 14).await, 2, "another run knows of them");
        assert_eq!(count(&account("localhost:8700", "ada@acme.com"), 14).await, 2, "in whatever case");
        assert_eq!(count(&account("localhost:8701", "ada@acme.com"), 14).await, 0, "another host");
        assert_eq!(count(&account("localhost:8700", "eve@acme.com"), 14).await, 0, "another user");
        assert_eq!(count(&ada, 15).await, 1);
        assert_eq!(count(&ada, 25).await, 0);
        assert_eq!(refusals(&folder).of(&ada, at(14)).await, [at(0), at(10)]);
    }

    #[tokio::test]
    async fn a_success_forgets_and_nothing_old_stays_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let (ada, eve) = (account("a.example", "ada@acme.com"), account("b.example", "eve@acme.com"));
        let text = || std::fs::read_to_string(folder.path().join("data/refusals.json")).unwrap();
        refusals(&folder).clear(&ada, at(0)).await;
        assert!(!folder.path().join("data/refusals.json").exists(), "nothing to say, nothing written");
        refusals(&folder).add(&eve, at(0)).await;
        refusals(&folder).add(&ada, at(1)).await;
        refusals(&folder).clear(&ada, at(2)).await;
        assert!(text().contains("eve") && !text().contains("ada"), "{}", text());
        refusals(&folder).add(&ada, at(20)).await;
        assert!(!text().contains("eve"), "{}", text());
    }

    #[tokio::test]
    async fn a_damaged_file_counts_nothing_and_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        fsio::create_private_dir(&folder.path().join("data")).unwrap();
        std::fs::write(folder.path().join("data/refusals.json"), "{\"a\": [").unwrap();
        let ada = account("a.example", "ada@acme.com");
        assert!(refusals(&folder).of(&ada, at(0)).await.is_empty());
        refusals(&folder).add(&ada, at(0)).await;
        assert_eq!(refusals(&folder).of(&ada, at(1)).await.len(), 1);
        let aside = std::fs::read_to_string(folder.path().join("data/refusals.damaged.json")).unwrap();
        assert_eq!(aside, "{\"a\": [");
    }

    #[test]
    fn only_flows_that_send_a_password_are_counted() {
        for flow in Flow::ALL {
            let sends = matches!(flow, Flow::Password | Flow::SoapLogin | Flow::HeadlessCode);
            assert_eq!(Account::of(&profile(*flow)).is_some(), sends, "{flow:?}");
        }
    }
}
