//! How users stand with their org, which changes while the orgs run: active, frozen, locked out.
//!
//! May know users and time. May not know flows, HTTP or records.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::clock::{Clock, Moment};
use super::orgs::{OrgSpec, UserSpec};

/// How long too many wrong passwords lock a user out, in milliseconds: the default of Password Policies.
///
/// Source: Salesforce Help, Set Password Policies (lockout effective period).
pub(super) const LOCKOUT: i64 = 15 * 60 * 1000;

/// The word of Login History for a password that is not the user's.
pub(super) const INVALID_PASSWORD: &str = "Invalid Password";

/// How one user stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Standing {
    pub(super) active: bool,
    pub(super) frozen: bool,
    pub(super) locked: bool,
}

/// What keeps a user out, however the login is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Barrier {
    Inactive,
    Frozen,
    Locked,
    RestrictedIp,
}

impl Barrier {
    /// The word of Login History.
    pub(super) fn status(self) -> &'static str {
        match self {
            Self::Inactive | Self::Frozen => "User is frozen/inactive",
            Self::Locked => "Password lockout",
            Self::RestrictedIp => "Restricted IP",
        }
    }
}

/// What is kept of one user.
#[derive(Clone, Copy)]
struct Kept {
    active: bool,
    frozen: bool,
    lock: Lock,
    /// Wrong passwords since the last right one.
    wrong: u32,
}

#[derive(Clone, Copy, PartialEq)]
enum Lock {
    Open,
    Until(Moment),
    /// Until an administrator unlocks.
    Shut,
}

impl Kept {
    fn of(user: &UserSpec) -> Self {
        let lock = if user.locked { Lock::Shut } else { Lock::Open };
        Self { active: user.active, frozen: user.frozen, lock, wrong: 0 }
    }

    fn at(&self, now: Moment) -> Standing {
        let locked = match self.lock {
            Lock::Open => false,
            Lock::Until(end) => now < end,
            Lock::Shut => true,
        };
        Standing { active: self.active, frozen: self.frozen, locked }
    }
}

/// How the users of one org stand.
pub(super) struct Standings {
    clock: Clock,
    /// By user id.
    kept: Mutex<HashMap<String, Kept>>,
}

impl Standings {
    /// As the file describes them.
    pub(super) fn new(spec: &OrgSpec, clock: &Clock) -> Self {
        let users = spec.users.iter().enumerate();
        let kept = users.map(|(place, user)| (spec.user_id(place), Kept::of(user))).collect();
        Self { clock: clock.clone(), kept: Mutex::new(kept) }
    }

    /// How a user stands now; `None` for one that never logs in.
    pub(super) fn of(&self, user_id: &str) -> Option<Standing> {
        self.lock().get(user_id).map(|kept| kept.at(self.clock.now()))
    }

    /// How all of them stand now.
    pub(super) fn all(&self) -> Vec<(String, Standing)> {
        let now = self.clock.now();
        self.lock().iter().map(|(id, kept)| (id.clone(), kept.at(now))).collect()
    }

    /// What keeps a user out.
    pub(super) fn barrier(&self, user: &UserSpec, user_id: &str) -> Option<Barrier> {
        let standing = self.of(user_id)?;
        if !standing.active {
            Some(Barrier::Inactive)
        } else if standing.frozen {
            Some(Barrier::Frozen)
        } else if standing.locked {
            Some(Barrier::Locked)
        } else {
            user.ip_restricted.then_some(Barrier::RestrictedIp)
        }
    }

    /// Notes what came of a password, and gives the word of Login History for one that is not taken. While a user is
    /// locked out none is, not even the right one.
    pub(super) fn password(
        &self,
        user: &UserSpec,
        user_id: &str,
        wrong: Option<&'static str>,
    ) -> Option<&'static str> {
        let now = self.clock.now();
        let mut all = self.lock();
        let kept = all.get_mut(user_id)?;
        if kept.at(now).locked {
            return Some(Barrier::Locked.status());
        }
        if let Lock::Until(_) = kept.lock {
            (kept.lock, kept.wrong) = (Lock::Open, 0);
        }
        match wrong {
            None => kept.wrong = 0,
            Some(INVALID_PASSWORD) => {
                kept.wrong += 1;
                if user.invalid_login_attempts.is_some_and(|most| kept.wrong >= most) {
                    kept.lock = Lock::Until(Moment(now.0 + LOCKOUT));
                }
            }
            Some(_) => {}
        }
        wrong
    }

    /// Activates or deactivates a user.
    pub(super) fn activate(&self, user_id: &str, active: bool) {
        self.change(user_id, |kept| kept.active = active);
    }

    /// Freezes or unfreezes a user.
    pub(super) fn freeze(&self, user_id: &str, frozen: bool) {
        self.change(user_id, |kept| kept.frozen = frozen);
    }

    /// Ends a lock-out.
    pub(super) fn unlock(&self, user_id: &str) {
        self.change(user_id, |kept| (kept.lock, kept.wrong) = (Lock::Open, 0));
    }

    fn change(&self, user_id: &str, change: impl FnOnce(&mut Kept)) {
        if let Some(kept) = self.lock().get_mut(user_id) {
            change(kept);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_wrong_passwords_lock_a_user_out_for_a_while() {
        let (spec, clock) = (&OrgSpec::all()[0], Clock::default());
        let standings = Standings::new(spec, &clock);
        let (user, id) = spec.user("finn@nordlicht.example").unwrap();
        for _ in 0..4 {
            assert_eq!(standings.password(user, &id, Some(INVALID_PASSWORD)), Some(INVALID_PASSWORD));
        }
        assert_eq!(standings.password(user, &id, None), None, "four are forgiven by a right one");
        for _ in 0..5 {
            assert_eq!(standings.password(user, &id, Some(INVALID_PASSWORD)), Some(INVALID_PASSWORD));
        }
        assert_eq!(standings.password(user, &id, None), Some("Password lockout"));
        assert_eq!(standings.barrier(user, &id), Some(Barrier::Locked));
        clock.advance(LOCKOUT);
        assert_eq!(standings.barrier(user, &id), None);
        assert_eq!(standings.password(user, &id, Some(INVALID_PASSWORD)), Some(INVALID_PASSWORD));
        assert_eq!(standings.password(user, &id, None), None, "the count began anew");
    }

    #[test]
    fn other_users_may_try_as_often_as_they_like() {
        let spec = &OrgSpec::all()[0];
        let standings = Standings::new(spec, &Clock::default());
        for _ in 0..20 {
            standings.password(&spec.users[0], &spec.user_id(0), Some(INVALID_PASSWORD));
        }
        assert_eq!(standings.barrier(&spec.users[0], &spec.user_id(0)), None);
    }
}
