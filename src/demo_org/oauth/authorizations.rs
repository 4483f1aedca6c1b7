//! What users have allowed apps: approvals, codes on their way, refresh tokens and what they renew.
//!
//! May know users, apps and time. May not know HTTP or sessions.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::authorize::{Code, Pending};
use super::device::Devices;
use super::scopes;
use super::single_access::OneTimePassword;
use crate::demo_org::clock::{Clock, Moment};
use crate::demo_org::orgs::AppSpec;
use crate::demo_org::sessions::random_text;
use crate::demo_org::tickets::Tickets;

/// How long a person may take to log in and to allow, in seconds. Unconfirmed.
const PENDING_SECONDS: i64 = 3600;

/// How long a code is good, in seconds. Sources say between two minutes and fifteen.
pub(in crate::demo_org) const CODE_SECONDS: i64 = 15 * 60;

/// How long the name of a used assertion is remembered, in seconds: longer than any assertion is good.
const ASSERTION_SECONDS: i64 = 15 * 60;

/// Everything that was asked for and allowed. No `Debug`: it holds tokens.
pub(in crate::demo_org) struct Authorizations {
    clock: Clock,
    /// Requests that wait for a person, by the text that is their `source`.
    pub(in crate::demo_org) pending: Tickets<Pending>,
    pub(super) codes: Tickets<Code>,
    pub(in crate::demo_org) devices: Devices,
    /// Names of assertions that were used: consumer key and `jti`.
    pub(super) used_assertions: Tickets<()>,
    pub(in crate::demo_org) one_time_passwords: Tickets<OneTimePassword>,
    approvals: Mutex<HashMap<Approver, BTreeSet<String>>>,
    renewable: Mutex<Renewable>,
}

/// Org, user id, consumer key.
type Approver = (usize, String, String);

/// Somebody's standing permission for an app.
#[derive(Clone)]
pub(in crate::demo_org) struct Authorization {
    pub(super) org: usize,
    pub(super) user_id: String,
    pub(super) consumer_key: String,
    pub(super) scopes: Vec<String>,
}

#[derive(Default)]
struct Renewable {
    made: u64,
    /// Those that live.
    live: HashMap<u64, Live>,
    /// Every refresh token that there ever was, replaced ones too.
    tokens: HashMap<String, u64>,
}

struct Live {
    of: Authorization,
    current: String,
    issued: Moment,
    is_busy: bool,
}

/// Why a refresh token is not taken.
#[derive(Debug, PartialEq)]
pub(in crate::demo_org) enum NotTaken {
    /// Never given out, or revoked.
    Dead,
    /// Replaced by a later one; the authorisation that both belong to.
    Replaced(u64),
    /// Being used at this moment.
    Busy,
}

/// A refresh token in use; others that present it meanwhile are sent away.
pub(in crate::demo_org) struct Held<'a> {
    all: &'a Authorizations,
    pub(super) id: u64,
    pub(super) of: Authorization,
    pub(super) issued: Moment,
}

impl Authorizations {
    pub(in crate::demo_org) fn new(clock: &Clock) -> Self {
        Self {
            clock: clock.clone(),
            pending: Tickets::new(clock, PENDING_SECONDS),
            codes: Tickets::new(clock, CODE_SECONDS),
            devices: Devices::new(clock),
            used_assertions: Tickets::new(clock, ASSERTION_SECONDS),
            one_time_passwords: Tickets::new(clock, OneTimePassword::SECONDS),
            approvals: Mutex::default(),
            renewable: Mutex::default(),
        }
    }

    /// Forgets all that belongs to an org.
    pub(in crate::demo_org) fn forget_org(&self, org: usize) {
        self.pending.drop_if(|pending| pending.org == org);
        self.codes.drop_if(|code| code.pending.org == org);
        self.devices.forget_org(org);
        self.one_time_passwords.drop_if(|one| one.org == org);
        lock(&self.approvals).retain(|(of, ..), _| *of != org);
        lock(&self.renewable).live.retain(|_, live| live.of.org != org);
    }

    /// Notes that a user allowed an app these scopes.
    pub(in crate::demo_org) fn approve(&self, org: usize, user_id: &str, key: &str, scopes: &[String]) {
        let approver = (org, user_id.to_owned(), key.to_owned());
        lock(&self.approvals).entry(approver).or_default().extend(scopes.iter().cloned());
    }

    /// Whether the user has allowed the app all of these scopes before.
    pub(in crate::demo_org) fn has_approved(
        &self,
        org: usize,
        user_id: &str,
        key: &str,
        scopes: &[String],
    ) -> bool {
        let approver = (org, user_id.to_owned(), key.to_owned());
        let approvals = lock(&self.approvals);
        approvals.get(&approver).is_some_and(|approved| scopes.iter().all(|scope| approved.contains(scope)))
    }

    /// Whether the user has allowed the app to come back at any time: what assertions need.
    pub(super) fn may_return(&self, org: usize, user_id: &str, key: &str) -> bool {
        let approver = (org, user_id.to_owned(), key.to_owned());
        let approvals = lock(&self.approvals);
        approvals
            .get(&approver)
            .is_some_and(|approved| approved.iter().any(|scope| scopes::is_refresh(scope)))
    }

    /// Begins an authorisation that can be renewed; its number and its first refresh token.
    pub(super) fn begin(&self, of: Authorization) -> (u64, String) {
        let (token, issued) = (refresh_token(), self.clock.now());
        let mut all = lock(&self.renewable);
        all.made += 1;
        let id = all.made;
        all.tokens.insert(token.clone(), id);
        all.live.insert(id, Live { of, current: token.clone(), issued, is_busy: false });
        (id, token)
    }

    /// A refresh token that a user's app has from an earlier login, with all scopes of the app. The approval of
    /// then is not remembered, so that the first login by browser shows every page.
    pub(in crate::demo_org) fn earlier(&self, org: usize, user_id: &str, app: &AppSpec) -> String {
        let (user_id, consumer_key) = (user_id.to_owned(), app.consumer_key.clone());
        self.begin(Authorization { org, user_id, consumer_key, scopes: app.scopes.clone() }).1
    }

    /// Takes a refresh token into use.
    pub(in crate::demo_org) fn hold(&self, token: &str) -> Result<Held<'_>, NotTaken> {
        let mut all = lock(&self.renewable);
        let id = *all.tokens.get(token).ok_or(NotTaken::Dead)?;
        let live = all.live.get_mut(&id).ok_or(NotTaken::Dead)?;
        if live.is_busy {
            return Err(NotTaken::Busy);
        }
        if live.current != token {
            return Err(NotTaken::Replaced(id));
        }
        live.is_busy = true;
        Ok(Held { all: self, id, of: live.of.clone(), issued: live.issued })
    }

    /// The authorisation that a refresh token renews, if it does.
    pub(super) fn of_token(&self, token: &str) -> Option<(u64, Authorization)> {
        let all = lock(&self.renewable);
        let id = *all.tokens.get(token)?;
        let live = all.live.get(&id).filter(|live| live.current == token)?;
        Some((id, live.of.clone()))
    }

    /// Ends an authorisation. The app must ask its user again, if this was the last one.
    pub(super) fn revoke(&self, id: u64) {
        let mut all = lock(&self.renewable);
        let Some(Live { of, .. }) = all.live.remove(&id) else { return };
        let same = |live: &Live| {
            (live.of.org, &live.of.user_id, &live.of.consumer_key) == (of.org, &of.user_id, &of.consumer_key)
        };
        if !all.live.values().any(same) {
            lock(&self.approvals).remove(&(of.org, of.user_id, of.consumer_key));
        }
    }
}

impl Held<'_> {
    /// Gives out a new refresh token; the old one is dead at once.
    pub(in crate::demo_org) fn replace(&self) -> String {
        let token = refresh_token();
        let mut all = lock(&self.all.renewable);
        all.tokens.insert(token.clone(), self.id);
        if let Some(live) = all.live.get_mut(&self.id) {
            live.current.clone_from(&token);
        }
        token
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Some(live) = lock(&self.all.renewable).live.get_mut(&self.id) {
            live.is_busy = false;
        }
    }
}

/// Refresh tokens seen in public begin like this.
fn refresh_token() -> String {
    format!("5Aep861{}", random_text(80))
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Authorization {
        let scopes = vec!["api".to_owned(), "refresh_token".to_owned()];
        Authorization { org: 0, user_id: "005".to_owned(), consumer_key: "key".to_owned(), scopes }
    }

    #[test]
    fn one_at_a_time_uses_a_refresh_token() {
        let all = Authorizations::new(&Clock::default());
        let (id, token) = all.begin(some());
        let held = all.hold(&token).unwrap();
        assert_eq!(all.hold(&token).err(), Some(NotTaken::Busy));
        let next = held.replace();
        drop(held);
        assert_eq!(all.hold(&token).err(), Some(NotTaken::Replaced(id)));
        assert!(all.hold(&next).is_ok() && all.of_token(&next).is_some() && all.of_token(&token).is_none());
        all.revoke(id);
        assert_eq!(all.hold(&next).err(), Some(NotTaken::Dead));
    }

    #[test]
    fn an_approval_ends_with_its_last_authorisation() {
        let all = Authorizations::new(&Clock::default());
        let of = some();
        all.approve(0, "005", "key", &of.scopes);
        let ids = [all.begin(some()).0, all.begin(some()).0];
        all.revoke(ids[0]);
        assert!(all.may_return(0, "005", "key") && all.has_approved(0, "005", "key", &of.scopes[..1]));
        assert!(!all.has_approved(0, "005", "key", &["web".to_owned()]));
        all.revoke(ids[1]);
        assert!(!all.may_return(0, "005", "key") && !all.has_approved(0, "005", "key", &of.scopes[..1]));
    }
}
