//! The orgs with their users and connected apps, read from `assets/demo/orgs.toml`.
//!
//! May know the file. May not know records, tokens or HTTP.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::ids;
use super::keys::PublicKey;

/// One org as the file describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OrgSpec {
    /// `production` or `sandbox`.
    pub(super) key: String,
    pub(super) name: String,
    pub(super) id: String,
    pub(super) edition: String,
    /// Two characters that its record ids share.
    pub(super) pod: String,
    pub(super) instance_name: String,
    /// `66` for v66.0; a sandbox may be one ahead.
    pub(super) newest_version: u16,
    #[serde(default)]
    pub(super) sandbox: bool,
    pub(super) accounts: u64,
    pub(super) contacts: u64,
    pub(super) opportunities: u64,
    pub(super) leads: u64,
    pub(super) cases: u64,
    pub(super) tasks: u64,
    pub(super) invoices: u64,
    /// The first label of its My Domain, as a person types it under "Use Custom Domain".
    pub(super) my_domain: String,
    /// Setup, OAuth and OpenID Connect Settings: Allow OAuth User-Agent Flows.
    #[serde(default = "yes")]
    pub(super) user_agent_flow: bool,
    /// An Experience Cloud site, served below its path of the My Domain.
    #[serde(default)]
    pub(super) site: Option<SiteSpec>,
    #[serde(rename = "user")]
    pub(super) users: Vec<UserSpec>,
    #[serde(rename = "app")]
    pub(super) apps: Vec<AppSpec>,
    /// Apps of the first org that came along when this one was made from it.
    #[serde(default)]
    pub(super) copied_apps: Vec<String>,
    /// What usernames got at their end then.
    #[serde(default)]
    pub(super) username_suffix: String,
    /// The permissions of its users' profiles, the same in all orgs.
    #[serde(skip)]
    pub(super) profiles: Vec<ProfileSpec>,
    /// Apex classes that judge the tokens of token exchange.
    #[serde(default, rename = "token_handler")]
    pub(super) token_handlers: Vec<HandlerSpec>,
}

/// An Experience Cloud site.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SiteSpec {
    pub(super) id: String,
    pub(super) path: String,
}

/// An Apex token exchange handler: whose tokens it takes, and for whom.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HandlerSpec {
    pub(super) name: String,
    /// Who signs tokens, and the certificate of the key.
    pub(super) issuer: String,
    pub(super) certificate: String,
    /// Tokens without a content, and the username that the identity provider tells for each.
    #[serde(default)]
    pub(super) opaque: BTreeMap<String, String>,
}

/// The permissions of a user profile (Setup, Profiles).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProfileSpec {
    pub(super) name: String,
    /// Manage Users: sees Login History, freezes, unlocks, activates.
    #[serde(default)]
    pub(super) manages_users: bool,
    /// Creates, changes and deletes records.
    #[serde(default = "yes")]
    pub(super) writes: bool,
    /// The sObjects that it may not even read.
    #[serde(default)]
    pub(super) hides: Vec<String>,
}

/// A person or an integration that can log in, or would like to.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UserSpec {
    pub(super) username: String,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) title: String,
    pub(super) password: String,
    pub(super) security_token: String,
    pub(super) profile: String,
    /// Calls come from a trusted IP range: no security token needed.
    #[serde(default)]
    pub(super) trusted_ip: bool,
    #[serde(default = "yes")]
    pub(super) active: bool,
    /// Locked out until an administrator unlocks.
    #[serde(default)]
    pub(super) locked: bool,
    /// Frozen by an administrator: active, but may not log in.
    #[serde(default)]
    pub(super) frozen: bool,
    /// Password policy, maximum invalid login attempts: so many wrong passwords lock the user out for a while.
    #[serde(default)]
    pub(super) invalid_login_attempts: Option<u32>,
    /// From a trusted address, a password with the security token behind it is refused.
    #[serde(default)]
    pub(super) refuses_security_token: bool,
    /// The profile's login IP ranges leave this machine out.
    #[serde(default)]
    pub(super) ip_restricted: bool,
    #[serde(default = "yes")]
    pub(super) api_enabled: bool,
    #[serde(default)]
    pub(super) password_expired: bool,
    /// A customer or partner: logs in at the site, and nowhere else.
    #[serde(default)]
    pub(super) site_member: bool,
    /// The permission Approve Uninstalled Connected Apps.
    #[serde(default)]
    pub(super) approves_uninstalled: bool,
}

/// A connected app or External Client App.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AppSpec {
    pub(super) name: String,
    pub(super) consumer_key: String,
    pub(super) consumer_secret: String,
    /// The flows that are switched on.
    pub(super) flows: Vec<String>,
    pub(super) scopes: Vec<String>,
    /// Whom client credentials act as.
    #[serde(default)]
    pub(super) run_as: Option<String>,
    /// External Client Apps never do the username-password flow.
    #[serde(default)]
    pub(super) external_client_app: bool,
    /// Callback URLs; `{login}` and its like stand for the addresses of this run, a port `*` for any port. The
    /// latter is the demo's own: Salesforce knows no such thing, but tests listen wherever a port is free.
    #[serde(default)]
    pub(super) callbacks: Vec<String>,
    /// Require Secret for Web Server Flow.
    #[serde(default = "yes")]
    pub(super) secret_for_web_server: bool,
    /// Require Secret for Refresh Token Flow.
    #[serde(default = "yes")]
    pub(super) secret_for_refresh: bool,
    /// Require Secret for Token Exchange Flow.
    #[serde(default = "yes")]
    pub(super) secret_for_token_exchange: bool,
    /// Require Proof Key for Code Exchange (PKCE).
    #[serde(default)]
    pub(super) requires_pkce: bool,
    /// Refresh token rotation.
    #[serde(default)]
    pub(super) rotates_refresh_tokens: bool,
    /// Refresh Token Policy: expires so many hours after it was issued; without it, when it is revoked.
    #[serde(default)]
    pub(super) refresh_token_hours: Option<i64>,
    /// Use Digital Signatures: a certificate of `assets/demo/keys/`.
    #[serde(default)]
    pub(super) certificate: Option<String>,
    /// Permitted Users: Admin approved users are pre-authorized.
    #[serde(default)]
    pub(super) admin_approved_only: bool,
    /// The usernames whom an administrator approved.
    #[serde(default)]
    pub(super) pre_authorized: Vec<String>,
    /// Created just now: not known until so many minutes after it was first asked for.
    #[serde(default)]
    pub(super) settles_after_minutes: Option<i64>,
    /// How long its codes are good, in seconds, where that is not as usual.
    #[serde(default)]
    pub(super) code_seconds: Option<i64>,
    /// Seconds between two questions of a device.
    #[serde(default)]
    pub(super) device_interval: Option<i64>,
    #[serde(default = "yes")]
    pub(super) installed: bool,
    /// Blocked under Connected Apps OAuth Usage.
    #[serde(default)]
    pub(super) blocked: bool,
    /// The token exchange handlers that are enabled for it; the first is the default.
    #[serde(default)]
    pub(super) token_handlers: Vec<String>,
}

/// The certificates that apps and handlers name.
const CERTIFICATES: &[(&str, &str)] = &[
    ("build-server-certificate.pem", include_str!("../../assets/demo/keys/build-server-certificate.pem")),
    (
        "identity-provider-certificate.pem",
        include_str!("../../assets/demo/keys/identity-provider-certificate.pem"),
    ),
];

/// The public key of a certificate of `assets/demo/keys/`.
pub(super) fn certified_key(name: &str) -> Option<PublicKey> {
    let (_, pem) = CERTIFICATES.iter().find(|(file, _)| *file == name)?;
    PublicKey::of_certificate(pem)
}

fn yes() -> bool {
    true
}

impl OrgSpec {
    /// All orgs of the file: production, then the sandbox.
    pub(super) fn all() -> Vec<Self> {
        #[derive(Deserialize)]
        struct File {
            profile: Vec<ProfileSpec>,
            org: Vec<OrgSpec>,
        }
        let text = include_str!("../../assets/demo/orgs.toml");
        let File { profile, org: mut orgs } =
            toml::from_str::<File>(text).expect("the orgs are checked by a test");
        orgs.iter_mut().for_each(|org| org.profiles.clone_from(&profile));
        if let Some((first, copies)) = orgs.split_first_mut() {
            copies.iter_mut().for_each(|copy| copy.take_apps_of(first));
        }
        orgs
    }

    /// What making a sandbox does: apps come along with key and secret, usernames get an ending.
    fn take_apps_of(&mut self, other: &Self) {
        let copied = other.apps.iter().filter(|app| self.copied_apps.contains(&app.name));
        let renamed = |name: &String| format!("{name}{}", self.username_suffix);
        let copied: Vec<AppSpec> = copied
            .map(|app| AppSpec {
                run_as: app.run_as.as_ref().map(renamed),
                pre_authorized: app.pre_authorized.iter().map(renamed).collect(),
                ..app.clone()
            })
            .collect();
        self.apps.splice(0..0, copied);
    }

    /// The user of that username (case does not matter) and the user's place in the list.
    pub(super) fn user(&self, username: &str) -> Option<(&UserSpec, String)> {
        let place = self.users.iter().position(|user| user.username.eq_ignore_ascii_case(username.trim()))?;
        Some((&self.users[place], self.user_id(place)))
    }

    /// The user of that record id.
    pub(super) fn user_of_id(&self, id: &str) -> Option<&UserSpec> {
        (0..self.users.len()).find(|place| self.user_id(*place) == id).map(|place| &self.users[place])
    }

    /// The record id of the user at a place of the list.
    pub(super) fn user_id(&self, place: usize) -> String {
        ids::id18("005", &self.pod, place as u64 + 1)
    }

    /// What a user's profile permits.
    pub(super) fn profile(&self, user: &UserSpec) -> Option<&ProfileSpec> {
        self.profiles.iter().find(|profile| profile.name == user.profile)
    }

    /// The app of that consumer key.
    pub(super) fn app(&self, consumer_key: &str) -> Option<&AppSpec> {
        self.apps.iter().find(|app| app.consumer_key == consumer_key)
    }
}

impl AppSpec {
    /// Whether a flow is switched on.
    pub(super) fn allows(&self, flow: &str) -> bool {
        self.flows.iter().any(|one| one == flow)
    }

    /// Whether an administrator approved the user.
    pub(super) fn pre_authorizes(&self, user: &UserSpec) -> bool {
        self.pre_authorized.iter().any(|name| name.eq_ignore_ascii_case(&user.username))
    }

    /// The key that checks what the app signs.
    pub(super) fn public_key(&self) -> Option<PublicKey> {
        certified_key(self.certificate.as_deref()?)
    }
}

impl HandlerSpec {
    /// The key of the identity provider whose tokens it takes.
    pub(super) fn public_key(&self) -> Option<PublicKey> {
        certified_key(&self.certificate)
    }
}

impl UserSpec {
    /// May call APIs and do nothing else.
    pub(super) fn is_api_only(&self) -> bool {
        self.profile.contains("API Only")
    }

    /// First and last name.
    pub(super) fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }
}

impl std::fmt::Debug for UserSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserSpec").field("username", &self.username).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for AppSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppSpec").field("name", &self.name).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for HandlerSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HandlerSpec").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_holds_a_production_org_and_its_sandbox() {
        let orgs = OrgSpec::all();
        let keys: Vec<&str> = orgs.iter().map(|org| org.key.as_str()).collect();
        assert_eq!(keys, ["production", "sandbox"]);
        for org in &orgs {
            assert_eq!(ids::canonical(&org.id).as_deref(), Some(org.id.as_str()));
            let mut names: Vec<&str> = org.apps.iter().map(|app| app.name.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), org.apps.len(), "{}: two apps of one name", org.key);
            for name in &org.copied_apps {
                assert!(names.contains(&name.as_str()), "{}: {name} was not copied", org.key);
            }
            for handler in &org.token_handlers {
                assert!(handler.public_key().is_some(), "{}", handler.name);
                for username in handler.opaque.values() {
                    assert!(org.user(username).is_some(), "{} maps to nobody", handler.name);
                }
            }
            for app in &org.apps {
                for name in &app.token_handlers {
                    assert!(org.token_handlers.iter().any(|one| one.name == *name), "{name}");
                }
                for name in app.run_as.iter().chain(&app.pre_authorized) {
                    assert!(org.user(name).is_some(), "{}: there is no {name}", app.name);
                }
                assert_eq!(app.certificate.is_some(), app.public_key().is_some(), "{}", app.name);
                assert!(
                    app.consumer_key.starts_with("3MVG9") && app.consumer_secret.len() == 64,
                    "{}",
                    app.name
                );
            }
            for user in &org.users {
                assert_eq!(user.security_token.len(), 24, "{}", user.username);
                assert!(org.profile(user).is_some(), "{}: there is no {}", user.username, user.profile);
            }
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let text = format!("{:?}", OrgSpec::all());
        assert!(
            !text.contains("Fjord-2026") && !text.contains("8F2C91D0") && !text.contains("idp-token"),
            "{text}"
        );
    }
}
