//! The orgs with their users and connected apps, read from `assets/demo/orgs.toml`.
//!
//! May know the file. May not know records, tokens or HTTP.

use serde::Deserialize;

use super::ids;

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
    #[serde(rename = "user")]
    pub(super) users: Vec<UserSpec>,
    #[serde(rename = "app")]
    pub(super) apps: Vec<AppSpec>,
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
    #[serde(default)]
    pub(super) locked: bool,
    /// The profile's login IP ranges leave this machine out.
    #[serde(default)]
    pub(super) ip_restricted: bool,
    #[serde(default = "yes")]
    pub(super) api_enabled: bool,
    #[serde(default)]
    pub(super) password_expired: bool,
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
}

fn yes() -> bool {
    true
}

impl OrgSpec {
    /// All orgs of the file: production, then the sandbox.
    pub(super) fn all() -> Vec<Self> {
        #[derive(Deserialize)]
        struct File {
            org: Vec<OrgSpec>,
        }
        let text = include_str!("../../assets/demo/orgs.toml");
        toml::from_str::<File>(text).expect("the orgs are checked by a test").org
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
}

impl UserSpec {
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
            for app in &org.apps {
                let run_as = app.run_as.as_deref().map(|name| org.user(name).is_some());
                assert_ne!(run_as, Some(false), "{} runs as nobody", app.name);
                assert!(
                    app.consumer_key.starts_with("3MVG9") && app.consumer_secret.len() == 64,
                    "{}",
                    app.name
                );
            }
            for user in &org.users {
                assert_eq!(user.security_token.len(), 24, "{}", user.username);
            }
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let text = format!("{:?}", OrgSpec::all());
        assert!(!text.contains("Fjord-2026") && !text.contains("8F2C91D0"), "{text}");
    }
}
