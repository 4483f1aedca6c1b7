//! Configurations for the demo orgs.

use serde_json::Value;

use super::command::{DemoServer, Orgdeck};

/// Which org, user and connected app of the demo a profile is for.
pub struct Login<'a> {
    pub org: &'a str,
    pub username: &'a str,
    pub app: &'a str,
}

/// The administrator of production, who may all.
pub const ADA: Login<'_> = Login { org: "production", username: "ada@", app: "Orgdeck Workbench" };

impl DemoServer {
    pub fn org(&self, key: &str) -> &Value {
        let orgs = self.told["orgs"].as_array().expect("orgs");
        orgs.iter().find(|org| org["key"] == key).unwrap_or_else(|| panic!("no org {key} in {}", self.told))
    }

    /// The user whose username begins so.
    pub fn user(&self, org: &str, username: &str) -> &Value {
        let users = self.org(org)["users"].as_array().expect("users");
        let is = |user: &&Value| user["username"].as_str().is_some_and(|name| name.starts_with(username));
        users.iter().find(is).unwrap_or_else(|| panic!("no user {username} in {org}"))
    }

    pub fn app(&self, org: &str, name: &str) -> &Value {
        let apps = self.org(org)["apps"].as_array().expect("apps");
        apps.iter().find(|app| app["name"] == name).unwrap_or_else(|| panic!("no app {name} in {org}"))
    }

    /// A profile for the username-password flow; its secrets come from the environment of [`Self::orgdeck`].
    pub fn password_profile(&self, name: &str, login: &Login<'_>) -> String {
        let (user, app) = (self.user(login.org, login.username), self.app(login.org, login.app));
        let (login_url, key, username) =
            (&self.org(login.org)["login_url"], &app["consumer_key"], &user["username"]);
        let environment = login.org;
        format!(
            r#"
[profiles.{name}]
environment = "{environment}"
login_url = {login_url}
flow = "password"
consumer_key = {key}
consumer_secret = {{ env = "TEST_CONSUMER_SECRET" }}
username = {username}
password = {{ env = "TEST_PASSWORD" }}
security_token = {{ env = "TEST_SECURITY_TOKEN" }}
api_version = "66.0"
"#
        )
    }

    /// A command with the secrets of a login in its environment.
    pub fn orgdeck(&self, login: &Login<'_>, arguments: &[&str]) -> Orgdeck {
        let (user, app) = (self.user(login.org, login.username), self.app(login.org, login.app));
        Orgdeck::new(&self.home, arguments)
            .env("TEST_CONSUMER_SECRET", text(&app["consumer_secret"]))
            .env("TEST_PASSWORD", text(&user["password"]))
            .env("TEST_SECURITY_TOKEN", text(&user["security_token"]))
    }

    /// The secrets of a login: none of them may ever be written.
    pub fn secrets(&self, login: &Login<'_>) -> [&str; 3] {
        let (user, app) = (self.user(login.org, login.username), self.app(login.org, login.app));
        [text(&app["consumer_secret"]), text(&user["password"]), text(&user["security_token"])]
    }
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("a text, not {value}"))
}
