//! Refresh tokens and remembered sessions: who may use one, where it is kept, and that a new one is saved before it
//! is used.
//!
//! An org may replace the refresh token at each use and take the use of an old one for theft: it then ends all of
//! them. So one job of one orgdeck at a time refreshes a profile's token: a lock in memory for the jobs of this
//! program, a lock on a file for the other programs, and what is in the store counts, not what was read before.
//!
//! Source: Salesforce Help, Refresh Token Rotation.

use super::{
    known::{Known, KnownLogin},
    refusals::Refusals,
};
use crate::{
    config::{Flow, Paths, Profile, ProfileId},
    fsio,
    jobs::Kept,
    salesforce::{
        OrgFacts, OrgReading, Session,
        kept::{self, LoginId},
    },
    secrets::{Secret, Slot, StoreError, StoreKind, Stores, VaultState},
};
use std::{
    collections::HashMap,
    fs::{File, TryLockError},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// Where a run keeps what outlives it.
#[derive(Clone)]
pub struct Home {
    /// Keyring and vault.
    pub stores: Stores,
    /// Whose profiles these are: the same name as the stores have.
    pub service: String,
    /// The configuration file, which need not be there.
    pub config_file: PathBuf,
    /// The data folder; without one nothing but the stores outlives the run.
    pub data_dir: PathBuf,
}

impl Home {
    /// That of a configuration.
    pub fn new(paths: &Paths) -> Self {
        Self {
            stores: paths.stores(),
            service: paths.service(),
            config_file: paths.config_file.clone(),
            data_dir: paths.data_dir.clone(),
        }
    }
}

impl Home {
    /// Every profile with each host that it has logged in at, as this run or one before noted it.
    pub fn logged_in(&self) -> impl Iterator<Item = (ProfileId, String)> + use<> {
        Known::new(self.service.clone(), self.data_dir.join(LOGINS)).hosts()
    }
}

/// The file that says what is known of logins.
const LOGINS: &str = "logins.json";

/// Everything that is kept of logins.
pub(super) struct Keep {
    pub(super) stores: Stores,
    pub(super) config_file: PathBuf,
    pub(super) data_dir: PathBuf,
    /// Passwords that were refused lately.
    pub(super) refusals: Refusals,
    known: Known,
    locks: PathBuf,
    logins: Mutex<HashMap<ProfileId, Arc<AsyncMutex<Held>>>>,
}

/// What this run holds of a profile's login.
#[derive(Default)]
struct Held {
    /// For which login: a changed profile does not get the old one's token.
    of: Option<Arc<Profile>>,
    refresh_token: Option<Secret>,
    /// When the token response came that brought it.
    since: Option<SystemTime>,
}

/// How long another orgdeck is waited for; a refresh takes a second or two.
const TURN_WITHIN: Duration = Duration::from_secs(30);
const TURN_TRIED_EVERY: Duration = Duration::from_millis(50);

/// The names of orgdeck's own slots. A profile's own `refresh_token` is in another: forgetting must not take it.
const REFRESH_TOKEN: &str = "kept_refresh_token";
const SESSION: &str = "session";

impl Keep {
    pub(super) fn new(home: Home) -> Self {
        let Home { stores, service, config_file, data_dir } = home;
        Self {
            stores,
            refusals: Refusals::new(data_dir.join("refusals.json")),
            known: Known::new(service, data_dir.join(LOGINS)),
            config_file,
            locks: data_dir.join("locks"),
            data_dir,
            logins: Mutex::default(),
        }
    }

    /// What is known of a profile from earlier runs.
    pub(super) async fn known(&self, profile: &Profile) -> KnownLogin {
        self.known.of(&profile.id).await
    }

    /// Notes the profile's org and user, and where it logged in.
    pub(super) async fn learn(&self, profile: &Profile, facts: OrgFacts) -> Result<(), String> {
        let host = profile.login_host();
        let learn = move |login: &mut KnownLogin| {
            login.org = Some(facts);
            login.hosts.extend(host);
        };
        let learned = self.known.change(&profile.id, learn).await;
        learned.map_err(|error| error.to_string())
    }

    /// This job's turn to use or change the profile's refresh token; ends when it is dropped.
    pub(super) async fn turn(&self, profile: &Arc<Profile>) -> Result<Turn<'_>, String> {
        let mut held = self.held(&profile.id).lock_owned().await;
        if !held.of.as_ref().is_some_and(|of| of.same_login(profile)) {
            *held = Held { of: Some(profile.clone()), ..Held::default() };
        }
        let lock = self.lock(profile.id.as_str()).await?;
        // Only now: another orgdeck may have saved one while this one waited.
        let known = self.known.of(&profile.id).await;
        let kept_in = known.kept_in.as_deref().and_then(StoreKind::parse);
        let is_ours = known.kept_for.is_some_and(|login| login == LoginId::of(profile));
        Ok(Turn { keep: self, profile: profile.clone(), held, kept_in, is_ours, _lock: lock })
    }

    async fn stores_there(&self) -> Vec<StoreKind> {
        let keyring = self.stores.probe_keyring().await.is_ok().then_some(StoreKind::Keyring);
        let vault = (self.stores.vault_state() != VaultState::Absent).then_some(StoreKind::Vault);
        keyring.into_iter().chain(vault).collect()
    }

    /// What is known cannot be read, if that is so: a sentence.
    pub(super) async fn damage(&self) -> Option<String> {
        self.known.damage().await
    }

    fn held(&self, profile: &ProfileId) -> Arc<AsyncMutex<Held>> {
        let mut logins = self.logins.lock().unwrap_or_else(PoisonError::into_inner);
        logins.entry(profile.clone()).or_default().clone()
    }

    /// The session that an earlier run has left is dead: it must not come back.
    pub(super) async fn drop_remembered(&self, profile: &Profile, dead: &Session) {
        let Ok(Some(remembered)) = self.remembered(profile).await else { return };
        let kind = self.known.of(&profile.id).await.kept_in.as_deref().and_then(StoreKind::parse);
        if let (true, Some(kind)) = (remembered.access_token == dead.access_token, kind) {
            let _ = self.stores.remove(kind, &slot(profile, SESSION)).await; // else it is refused once more
        }
    }

    /// Waits until no other orgdeck is at it: at a profile's login, or at what else is called so.
    pub(super) async fn lock(&self, whose: &str) -> Result<File, String> {
        fsio::create_private_dir(&self.locks).map_err(|error| error.to_string())?;
        let name: String =
            percent_encoding::utf8_percent_encode(whose, percent_encoding::NON_ALPHANUMERIC).to_string();
        let path = self.locks.join(name);
        let failed =
            |error| format!("cannot hold {} to take turns with other programs: {error}", path.display());
        let file = File::create(&path).map_err(failed)?;
        let taken = async {
            loop {
                match file.try_lock() {
                    Ok(()) => return Ok(()),
                    Err(TryLockError::WouldBlock) => tokio::time::sleep(TURN_TRIED_EVERY).await,
                    Err(TryLockError::Error(error)) => return Err(failed(error)),
                }
            }
        };
        match tokio::time::timeout(TURN_WITHIN, taken).await {
            Ok(taken) => taken.map(|()| file),
            Err(_) => Err(format!("another orgdeck has been getting a token for {whose} for 30 seconds")),
        }
    }

    /// The session that an earlier run has left, if the profile's tokens are remembered.
    pub(super) async fn remembered(&self, profile: &Profile) -> Result<Option<Session>, StoreError> {
        let kind = self.known.of(&profile.id).await.kept_in.as_deref().and_then(StoreKind::parse);
        let (true, Some(kind)) = (profile.remember_tokens, kind) else { return Ok(None) };
        let text = self.stores.read(kind, &slot(profile, SESSION)).await?;
        Ok(text.and_then(|text| kept::parse(&text, profile, SystemTime::now())))
    }

    /// Leaves a session to the next run, if the profile's tokens are remembered.
    pub(super) async fn remember(&self, profile: &Profile, session: &Session) -> Option<Kept> {
        // A pasted token is where it was pasted from; a dead one is not worth it.
        if !profile.remember_tokens
            || profile.flow == Flow::AccessToken
            || session.org == OrgReading::NotAsked
        {
            return None;
        }
        let kind = self.kind_for(profile, None).await;
        Some(self.save(profile, kind, SESSION, &kept::print(session, profile)).await)
    }

    /// Forgets the profile's tokens, here and in the stores; with `all`, its org too.
    pub(super) async fn forget(&self, profile: &ProfileId, all: bool) -> Result<(), StoreError> {
        // Not while a job refreshes it: that one would put it back.
        let held = self.held(profile);
        *held.lock().await = Held::default();
        let kept_in = self.known.of(profile).await.kept_in;
        let kinds = match kept_in.as_deref().and_then(StoreKind::parse) {
            Some(kind) => vec![kind],
            // What was known may be lost: then every store is asked that is there.
            None if all => self.stores_there().await,
            None => Vec::new(),
        };
        for kind in kinds {
            for name in [REFRESH_TOKEN, SESSION] {
                self.stores.remove(kind, &Slot::new(profile.as_str(), name)).await?;
            }
        }
        let forgotten = self.known.change(profile, move |login| {
            (login.kept_in, login.kept_for) = (None, None);
            if all {
                (login.org, login.hosts) = (None, Default::default());
            }
        });
        let _ = forgotten.await; // it holds no secret; at worst a store is asked in vain
        Ok(())
    }

    /// What is known of a profile goes with its new name.
    pub(super) async fn rename(&self, from: &ProfileId, to: &ProfileId) -> Result<(), String> {
        let known = self.known.of(from).await;
        let noted = self.known.change(to, move |login| *login = known).await;
        noted.map_err(|error| error.to_string())?;
        let forgotten = self.known.change(from, |login| *login = KnownLogin::default()).await;
        forgotten.map_err(|error| error.to_string())
    }

    /// Which store takes a profile's tokens: the one that has them, else the preferred one.
    async fn kind_for(&self, profile: &Profile, kept_in: Option<StoreKind>) -> Option<StoreKind> {
        let kept_in = match kept_in {
            Some(kind) => Some(kind),
            None => self.known.of(&profile.id).await.kept_in.as_deref().and_then(StoreKind::parse),
        };
        match kept_in {
            Some(kind) => Some(kind),
            None => self.stores.preferred().await,
        }
    }

    async fn save(&self, profile: &Profile, kind: Option<StoreKind>, name: &str, text: &Secret) -> Kept {
        let Some(kind) = kind else { return Kept::ForThisRun };
        match self.stores.write(kind, &slot(profile, name), text).await {
            Ok(()) => {
                let (label, of) = (kind.label().to_owned(), LoginId::of(profile));
                let note =
                    move |login: &mut KnownLogin| (login.kept_in, login.kept_for) = (Some(label), Some(of));
                match self.known.change(&profile.id, note).await {
                    Ok(()) => Kept::In(kind),
                    Err(error) => Kept::NotSaved(error.to_string()),
                }
            }
            Err(StoreError::VaultAbsent(_) | StoreError::VaultLocked) => Kept::VaultWanted,
            Err(error) => Kept::NotSaved(error.to_string()),
        }
    }
}

fn slot(profile: &Profile, name: &str) -> Slot {
    Slot::new(profile.id.as_str(), name)
}

/// One job's turn at a profile's refresh token.
pub(super) struct Turn<'a> {
    keep: &'a Keep,
    profile: Arc<Profile>,
    held: OwnedMutexGuard<Held>,
    kept_in: Option<StoreKind>,
    /// What is kept is of this very login, not of what the profile was before it was changed.
    is_ours: bool,
    _lock: File,
}

impl Turn<'_> {
    /// The refresh token as it is now; another orgdeck may have replaced the one that this run has seen.
    pub(super) async fn refresh_token(&self) -> Result<Option<Secret>, StoreError> {
        let Some(kind) = self.kept_in.filter(|_| self.is_ours) else {
            return Ok(self.held.refresh_token.clone());
        };
        let stored = self.keep.stores.read(kind, &slot(&self.profile, REFRESH_TOKEN)).await;
        match (stored, &self.held.refresh_token) {
            (Ok(Some(token)), _) => Ok(Some(token)),
            (Ok(None), held) => Ok(held.clone()),
            // The store has gone meanwhile; this run's own is as good, unless another program has used it.
            (Err(_), Some(held)) => Ok(Some(held.clone())),
            (Err(error), None) => Err(error),
        }
    }

    /// Takes a new refresh token over, saved before anybody uses it. One that has been replaced since it was issued is
    /// not taken back.
    pub(super) async fn save(&mut self, token: &Secret, issued_at: SystemTime) -> Kept {
        let newer =
            self.held.refresh_token.clone().filter(|_| self.held.since.is_some_and(|at| at > issued_at));
        let token = newer.as_ref().unwrap_or(token);
        self.held.since = self.held.since.max(Some(issued_at));
        if self.held.refresh_token.as_ref() == Some(token)
            && self.is_ours
            && let Some(kind) = self.kept_in
        {
            return Kept::In(kind);
        }
        self.held.refresh_token = Some(token.clone());
        let kind = self.keep.kind_for(&self.profile, self.kept_in).await;
        let kept = self.keep.save(&self.profile, kind, REFRESH_TOKEN, token).await;
        if let Kept::In(kind) = kept {
            (self.kept_in, self.is_ours) = (Some(kind), true);
        }
        kept
    }

    /// The refresh token is dead: nobody shall try it again.
    pub(super) async fn discard(&mut self) {
        self.held.refresh_token = None;
        if let Some(kind) = self.kept_in.filter(|_| self.is_ours) {
            // It opens nothing any more; where the store does not answer it stays, and is refused once more.
            let _ = self.keep.stores.remove(kind, &slot(&self.profile, REFRESH_TOKEN)).await;
        }
    }
}
