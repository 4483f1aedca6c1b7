//! Users and the permissions of their profiles, as the file describes them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Deserialize;

use super::yes;

/// The permissions of a user profile (Setup, Profiles).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::demo_org) struct ProfileSpec {
    pub(in crate::demo_org) name: String,
    /// Manage Users: sees Login History, freezes, unlocks, activates.
    #[serde(default)]
    pub(in crate::demo_org) manages_users: bool,
    /// Creates, changes and deletes records.
    #[serde(default = "yes")]
    pub(in crate::demo_org) writes: bool,
    /// The sObjects that it may not even read.
    #[serde(default)]
    pub(in crate::demo_org) hides: Vec<String>,
}

/// A person or an integration that can log in, or would like to.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::demo_org) struct UserSpec {
    pub(in crate::demo_org) username: String,
    pub(in crate::demo_org) first_name: String,
    pub(in crate::demo_org) last_name: String,
    pub(in crate::demo_org) title: String,
    pub(in crate::demo_org) password: String,
    pub(in crate::demo_org) security_token: String,
    pub(in crate::demo_org) profile: String,
    /// Calls come from a trusted IP range: no security token needed.
    #[serde(default)]
    pub(in crate::demo_org) trusted_ip: bool,
    #[serde(default = "yes")]
    pub(in crate::demo_org) active: bool,
    /// Locked out until an administrator unlocks.
    #[serde(default)]
    pub(in crate::demo_org) locked: bool,
    /// Frozen by an administrator: active, but may not log in.
    #[serde(default)]
    pub(in crate::demo_org) frozen: bool,
    /// Password policy, maximum invalid login attempts: so many wrong passwords lock the user out for a while.
    #[serde(default)]
    pub(in crate::demo_org) invalid_login_attempts: Option<u32>,
    /// From a trusted address, a password with the security token behind it is refused.
    #[serde(default)]
    pub(in crate::demo_org) refuses_security_token: bool,
    /// The profile's login IP ranges leave this machine out.
    #[serde(default)]
    pub(in crate::demo_org) ip_restricted: bool,
    #[serde(default = "yes")]
    pub(in crate::demo_org) api_enabled: bool,
    #[serde(default)]
    pub(in crate::demo_org) password_expired: bool,
    /// A customer or partner: logs in at the site, and nowhere else.
    #[serde(default)]
    pub(in crate::demo_org) site_member: bool,
    /// The permission Approve Uninstalled Connected Apps.
    #[serde(default)]
    pub(in crate::demo_org) approves_uninstalled: bool,
    /// The user as an administrator leaves it in Setup. In the file: what changes.
    #[serde(default)]
    pub(in crate::demo_org) mended: Option<Box<UserSpec>>,
    #[serde(skip)]
    pub(in crate::demo_org) is_mended: Arc<AtomicBool>,
}

impl UserSpec {
    /// As it is now: an administrator may have mended it.
    pub(super) fn now(&self) -> &Self {
        self.mended.as_deref().filter(|_| self.is_mended.load(Ordering::Relaxed)).unwrap_or(self)
    }

    /// May call APIs and do nothing else.
    pub(in crate::demo_org) fn is_api_only(&self) -> bool {
        self.profile.contains("API Only")
    }

    /// First and last name.
    pub(in crate::demo_org) fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }
}

impl std::fmt::Debug for UserSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserSpec").field("username", &self.username).finish_non_exhaustive()
    }
}
