//! The orgs with their users and connected apps, read from `assets/demo/orgs.toml`.
//!
//! May know the file. May not know records, tokens or HTTP.

mod apps;
mod users;

use std::sync::atomic::Ordering;

use serde::Deserialize;

use super::ids;
pub(in crate::demo_org) use apps::{AppSpec, HandlerSpec};
pub(in crate::demo_org) use users::{ProfileSpec, UserSpec};

/// One org as the file describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::demo_org) struct OrgSpec {
    /// `production` or `sandbox`.
    pub(in crate::demo_org) key: String,
    pub(in crate::demo_org) name: String,
    pub(in crate::demo_org) id: String,
    pub(in crate::demo_org) edition: String,
    /// Two characters that its record ids share.
    pub(in crate::demo_org) pod: String,
    pub(in crate::demo_org) instance_name: String,
    /// `66` for v66.0; a sandbox may be one ahead.
    pub(in crate::demo_org) newest_version: u16,
    #[serde(default)]
    pub(in crate::demo_org) sandbox: bool,
    pub(in crate::demo_org) accounts: u64,
    pub(in crate::demo_org) contacts: u64,
    pub(in crate::demo_org) opportunities: u64,
    pub(in crate::demo_org) leads: u64,
    pub(in crate::demo_org) cases: u64,
    pub(in crate::demo_org) tasks: u64,
    pub(in crate::demo_org) invoices: u64,
    /// The first label of its My Domain, as a person types it under "Use Custom Domain".
    pub(in crate::demo_org) my_domain: String,
    /// Setup, OAuth and OpenID Connect Settings: Allow OAuth User-Agent Flows.
    #[serde(default = "yes")]
    pub(in crate::demo_org) user_agent_flow: bool,
    /// An Experience Cloud site, served below its path of the My Domain.
    #[serde(default)]
    pub(in crate::demo_org) site: Option<SiteSpec>,
    #[serde(rename = "user")]
    pub(in crate::demo_org) users: Vec<UserSpec>,
    #[serde(rename = "app")]
    pub(in crate::demo_org) apps: Vec<AppSpec>,
    /// Apps of the first org that came along when this one was made from it.
    #[serde(default)]
    pub(in crate::demo_org) copied_apps: Vec<String>,
    /// What usernames got at their end then.
    #[serde(default)]
    pub(in crate::demo_org) username_suffix: String,
    /// The permissions of its users' profiles, the same in all orgs.
    #[serde(skip)]
    pub(in crate::demo_org) profiles: Vec<ProfileSpec>,
    /// Apex classes that judge the tokens of token exchange.
    #[serde(default, rename = "token_handler")]
    pub(in crate::demo_org) token_handlers: Vec<HandlerSpec>,
}

/// An Experience Cloud site.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::demo_org) struct SiteSpec {
    pub(in crate::demo_org) id: String,
    pub(in crate::demo_org) path: String,
}

impl OrgSpec {
    /// All orgs of the file: production, then the sandbox.
    pub(in crate::demo_org) fn all() -> Vec<Self> {
        #[derive(Deserialize)]
        struct File {
            profile: Vec<ProfileSpec>,
            org: Vec<OrgSpec>,
        }
        let text = include_str!("../../../assets/demo/orgs.toml");
        let mut table: toml::Table = text.parse().expect("the orgs are checked by a test");
        complete_mended(&mut table);
        let File { profile, org: mut orgs } = table.try_into().expect("the orgs are checked by a test");
        orgs.iter_mut().for_each(|org| org.profiles.clone_from(&profile));
        if let Some((first, copies)) = orgs.split_first_mut() {
            copies.iter_mut().for_each(|copy| copy.take_apps_of(first));
        }
        orgs
    }

    /// What making a sandbox does: apps come along with key and secret, usernames get an ending.
    fn take_apps_of(&mut self, other: &Self) {
        let copied = other.apps.iter().filter(|app| self.copied_apps.contains(&app.name));
        let copied: Vec<AppSpec> = copied.map(|app| app.copied(&self.username_suffix)).collect();
        self.apps.splice(0..0, copied);
    }

    /// The user of that username (case does not matter) and the user's place in the list.
    pub(in crate::demo_org) fn user(&self, username: &str) -> Option<(&UserSpec, String)> {
        let place = self.users.iter().position(|user| user.username.eq_ignore_ascii_case(username.trim()))?;
        Some((self.users[place].now(), self.user_id(place)))
    }

    /// The user of that record id.
    pub(in crate::demo_org) fn user_of_id(&self, id: &str) -> Option<&UserSpec> {
        (0..self.users.len()).find(|place| self.user_id(*place) == id).map(|place| self.users[place].now())
    }

    /// The record id of the user at a place of the list.
    pub(in crate::demo_org) fn user_id(&self, place: usize) -> String {
        ids::id18("005", &self.pod, place as u64 + 1)
    }

    /// What a user's profile permits.
    pub(in crate::demo_org) fn profile(&self, user: &UserSpec) -> Option<&ProfileSpec> {
        self.profiles.iter().find(|profile| profile.name == user.profile)
    }

    /// The app of that consumer key.
    pub(in crate::demo_org) fn app(&self, consumer_key: &str) -> Option<&AppSpec> {
        self.apps.iter().find(|app| app.consumer_key == consumer_key).map(AppSpec::now)
    }

    /// Does in Setup what an app of this name, or a user of this username, is in need of; `false` if there is none
    /// that is in need of something.
    pub(in crate::demo_org) fn mend(&self, name: &str) -> bool {
        let app = self.apps.iter().find(|app| app.name.eq_ignore_ascii_case(name) && app.mended.is_some());
        let user =
            self.users.iter().find(|user| user.username.eq_ignore_ascii_case(name) && user.mended.is_some());
        let found = app.map(|app| &app.is_mended).or(user.map(|user| &user.is_mended));
        found.inspect(|is_mended| is_mended.store(true, Ordering::Relaxed)).is_some()
    }
}

/// `mended` in the file holds what changes; the rest of the user or the app is put beside it.
fn complete_mended(file: &mut toml::Table) {
    fn tables<'a>(of: &'a mut toml::Table, name: &str) -> impl Iterator<Item = &'a mut toml::Table> {
        let all = of.get_mut(name).and_then(toml::Value::as_array_mut).into_iter().flatten();
        all.filter_map(toml::Value::as_table_mut)
    }
    for org in tables(file, "org") {
        for list in ["user", "app"] {
            for one in tables(org, list) {
                let Some(toml::Value::Table(changes)) = one.remove("mended") else { continue };
                let mut mended = one.clone();
                mended.extend(changes);
                one.insert("mended".to_owned(), toml::Value::Table(mended));
            }
        }
    }
}

fn yes() -> bool {
    true
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
                // Not everyone of production is in the sandbox too.
                let mended = app.mended.as_deref().filter(|_| !org.sandbox).unwrap_or(app);
                for name in
                    [app, mended].into_iter().flat_map(|app| app.run_as.iter().chain(&app.pre_authorized))
                {
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
