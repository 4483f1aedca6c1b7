//! Each ready profile does what its name says: those that begin with `demo-` get a token for the org they expect and make
//! a call, the others meet their trouble, and are well after it was mended.

use std::path::Path;

use super::client::Profile;
use super::*;
use crate::demo_org::profiles::{Ready, config_toml};

/// A profile's trouble.
struct Trouble {
    /// Of the profile, without `trouble-`.
    name: &'static str,
    /// Part of what the org says.
    says: &'static str,
    mend: Mend,
    /// What is called once there is a token.
    calls: &'static str,
}

/// What takes the trouble away.
enum Mend {
    /// Other values in the profile; an empty one leaves the field out.
    Set(&'static [(&'static str, &'static str)]),
    /// The same once more.
    Again,
    /// So many minutes.
    Wait(i64),
    /// One login by browser with the same app and user.
    LogInOnce,
    /// An administrator's call of the API: method, resource, body.
    Admin(&'static str, &'static str, &'static str),
    /// An administrator in Setup, at an app or a user of this name.
    Setup(&'static str),
    /// A switch of the whole org, which stays as it is.
    Never,
}

use Mend::{Admin, Again, LogInOnce, Never, Set, Setup, Wait};

const CALLBACK: &str = "http://localhost:1717/OauthRedirect";

fn trouble(name: &'static str, says: &'static str, mend: Mend) -> Trouble {
    Trouble { name, says, mend, calls: "limits" }
}

fn troubles() -> Vec<Trouble> {
    const FAILURE: &str = "authentication failure";
    const KEY: &str = "client identifier invalid";
    const SECRET: &str = "invalid client credentials";
    const MISMATCH: &str = "redirect_uri_mismatch";
    const DEAD: &str = "Session expired or invalid";
    const SYNC_KEY: &str = "3MVG9nordlichtNightlySync.Pw3XnV8cTqLzR5bYmKd0HsJfGaUeW7iOxSvBtCrEyMzQkLhFgNjD2";
    const SYNC_SECRET: &str = "41B9E07C5D2A8F63E1C4079B6D3A5F28C7E0914BD5A2683F0E7C9B1D4A586F32";
    vec![
        trouble("missing-security-token", FAILURE, Set(&[("security_token", "k3VnQx8TzRb0WmLcYp5HsJd1")])),
        trouble(
            "sandbox-user-on-production",
            FAILURE,
            Set(&[("login_url", "{test}"), ("expected_org_id", "{sandbox_id}")]),
        ),
        trouble("production-user-on-sandbox", FAILURE, Set(&[("login_url", "{login}")])),
        trouble("security-token-refused", FAILURE, Set(&[("trusted_ip", "true")])),
        trouble("wrong-password", FAILURE, Set(&[("password", "Salted-Caramel-5")])),
        trouble("password-with-blank", FAILURE, Set(&[("password", "Fjord-2026+lantern")])),
        trouble("email-as-username", FAILURE, Set(&[("username", "ada@nordlicht.example")])),
        trouble(
            "user-locked-out",
            FAILURE,
            Admin("PATCH", "sobjects/UserLogin/{login_of:locked}", r#"{"IsPasswordLocked":false}"#),
        ),
        trouble(
            "user-frozen",
            "inactive user",
            Admin("PATCH", "sobjects/UserLogin/{login_of:frozen}", r#"{"IsFrozen":false}"#),
        ),
        trouble(
            "inactive-user",
            "inactive user",
            Admin("PATCH", "sobjects/User/{user:retired}", r#"{"IsActive":true}"#),
        ),
        trouble("ip-restricted", "IP restricted or invalid login hours", Setup("remote@nordlicht.example")),
        trouble(
            "password-flow-off",
            FAILURE,
            Set(&[("flow", "client_credentials"), ("login_url", "{production}")]),
        ),
        trouble("wrong-consumer-secret", SECRET, {
            Set(&[("consumer_secret", "8F2C91D04B7A6E35C0D1F4A98B27E6530A4C7D19E82B5F6038D1C9A7E4B25F60")])
        }),
        trouble("key-with-blank", KEY, Set(&[("consumer_key", SYNC_KEY)])),
        trouble("secret-with-blank", SECRET, Set(&[("consumer_secret", SYNC_SECRET)])),
        trouble("secret-in-quotes", SECRET, Set(&[("consumer_secret", SYNC_SECRET)])),
        trouble(
            "key-and-secret-swapped",
            KEY,
            Set(&[("consumer_key", SYNC_KEY), ("consumer_secret", SYNC_SECRET)]),
        ),
        trouble("key-of-another-org", KEY, Set(&[("login_url", "{sandbox}")])),
        trouble("new-app", KEY, Wait(2)),
        trouble("changed-app", FAILURE, Wait(2)),
        trouble("no-run-as-user", "no client credentials user enabled", Setup("Half Set Up")),
        trouble(
            "client-credentials-off",
            "client credentials flow not enabled",
            Set(&[("flow", "password")]),
        ),
        trouble(
            "generic-host",
            "request not supported on this domain",
            Set(&[("login_url", "{production}")]),
        ),
        trouble("redirect-mismatch", MISMATCH, Set(&[("redirect_uri", CALLBACK)])),
        trouble("callback-slash", MISMATCH, Set(&[("redirect_uri", CALLBACK)])),
        trouble("callback-https", MISMATCH, Set(&[("redirect_uri", CALLBACK)])),
        trouble("pkce-missing", "missing required code challenge", Set(&[("pkce", "true")])),
        trouble("scope", "the requested scope is not allowed", Set(&[("scopes", "api")])),
        trouble("code-too-old", "expired authorization code", Set(&[("redirect_uri", CALLBACK)])),
        trouble("app-not-installed", "app%20must%20be%20installed%20into%20org", Setup("Never Installed")),
        trouble("app-blocked", "OAUTH_APP_BLOCKED", Setup("Blocked App")),
        trouble(
            "user-not-approved",
            "user is not admin approved to access this app",
            Setup("Finance Reports"),
        ),
        trouble("user-agent-off", "response type not supported", Never),
        trouble("device-off", "device flow is not enabled", Setup("Nightly Sync")),
        trouble(
            "rotated-token",
            "expired access/refresh token",
            Set(&[("flow", "authorization_code"), ("redirect_uri", CALLBACK)]),
        ),
        trouble("jwt-not-approved", "user hasn't approved this consumer", LogInOnce),
        trouble(
            "jwt-not-admin-approved",
            "user is not admin approved to access this app",
            Setup("Build Server"),
        ),
        trouble(
            "jwt-wrong-key",
            "invalid assertion",
            Set(&[("jwt.private_key_file", "/keys/build-server-key.pem")]),
        ),
        trouble("jwt-audience", "audience is invalid", Set(&[("jwt.audience", "")])),
        trouble("headless-on-my-domain", "response type not supported", Set(&[("login_url", "{site}")])),
        trouble(
            "exchange-generic-host",
            "request not supported on this domain",
            Set(&[("login_url", "{production}")]),
        ),
        trouble("exchange-not-approved", "user hasn't approved this consumer", Setup("Open Broker")),
        trouble("wrong-org", "another org", Set(&[("expected_org_id", "{production_id}")])),
        trouble("soap-version", "UNSUPPORTED_API_VERSION", Set(&[("soap_api_version", "64.0")])),
        trouble(
            "soap-without-token",
            "LOGIN_MUST_USE_SECURITY_TOKEN",
            Set(&[("security_token", "k3VnQx8TzRb0WmLcYp5HsJd1")]),
        ),
        trouble("expired-session", DEAD, Set(&[("access_token", "{production_token}")])),
        trouble("token-line-break", DEAD, Set(&[("access_token", "{production_token}")])),
        trouble("token-other-org", DEAD, Set(&[("instance_url", "{production}")])),
        trouble("login-host-as-instance", "URL_NOT_RESET", Set(&[("instance_url", "{production}")])),
        trouble("no-api-scope", "not valid for use with the REST API", Set(&[("scopes", "id api")])),
        trouble("api-disabled", "API_DISABLED_FOR_ORG", Setup("noapi@nordlicht.example")),
        trouble(
            "password-expired",
            "INVALID_OPERATION_WITH_EXPIRED_PASSWORD",
            Setup("expired@nordlicht.example"),
        ),
        Trouble {
            calls: "query?q=SELECT+Id+FROM+Invoice__c+LIMIT+1",
            ..trouble(
                "no-permission",
                "sObject type 'Invoice__c' is not supported",
                Setup("reader@nordlicht.example"),
            )
        },
        trouble("version-too-new", "404 [{\"message\":\"The requested resource", Set(&[("api_version", "")])),
        trouble("version-retired", "UNSUPPORTED_API_VERSION", Set(&[("api_version", "")])),
        trouble("request-limit", "REQUEST_LIMIT_EXCEEDED", Set(&[("headers", "")])),
        trouble("row-locked", "UNABLE_TO_LOCK_ROW", Again),
        trouble("busy", "429", Again),
        trouble("maintenance", "We'll be back", Again),
        trouble("scratch-org-expired", "420 <html>Scratch org expired</html>", Set(&[("headers", "")])),
        trouble("moved-org", "301", Set(&[("headers", "")])),
    ]
}

/// The demo orgs with their config, and an administrator at hand.
struct Stage {
    world: World,
    config: toml::Table,
}

impl Stage {
    fn new() -> Self {
        let world = world();
        let ready = Ready::new(&world);
        let config = config_toml(&world, &ready, Path::new("/keys")).parse().unwrap();
        Self { world, config }
    }

    fn profile(&self, name: &str) -> &toml::Table {
        self.config["profiles"][name].as_table().unwrap()
    }

    /// The profile after the trouble was mended; `None` if nothing in reach does it.
    fn mended(&self, fields: &toml::Table, mend: &Mend) -> Option<toml::Table> {
        let mut fields = fields.clone();
        match mend {
            Set(changes) => changes.iter().for_each(|(name, value)| self.set(&mut fields, name, value)),
            Again => {}
            Wait(minutes) => self.world.clock.advance(minutes * 60_000),
            LogInOnce => {
                let mut once = fields.clone();
                self.set(&mut once, "flow", "authorization_code");
                self.set(&mut once, "redirect_uri", CALLBACK);
                let profile = Profile::new(&self.world, &once);
                profile.works("limits").unwrap();
            }
            Admin(method, resource, body) => self.administer(method, resource, body),
            Setup(name) => {
                let path = format!("/demo/setup?{}", form(&[("mend", name)]));
                let answer = ask_of(&self.world, Door::Production, "POST", &path, &[], "");
                assert_eq!(answer.status, 200, "{}", answer.text);
            }
            Never => return None,
        }
        Some(fields)
    }

    fn set(&self, fields: &mut toml::Table, name: &str, value: &str) {
        if let Some((table, name)) = name.split_once('.') {
            return self.set(fields[table].as_table_mut().unwrap(), name, value);
        }
        let token = self.profile("trouble-token-other-org")["access_token"].as_str().unwrap();
        let value = self
            .world
            .with_addresses(value)
            .replace("{production_id}", &self.world.orgs[0].id())
            .replace("{sandbox_id}", &self.world.orgs[1].id())
            .replace("{production_token}", token);
        let words = || value.split(' ').map(|word| toml::Value::String(word.to_owned())).collect();
        match (name, value.as_str()) {
            (_, "") => drop(fields.remove(name)),
            ("scopes", _) => drop(fields.insert(name.to_owned(), toml::Value::Array(words()))),
            (_, "true") => drop(fields.insert(name.to_owned(), toml::Value::Boolean(true))),
            _ => drop(fields.insert(name.to_owned(), toml::Value::String(value))),
        }
    }

    /// `{user:NAME}` and `{login_of:NAME}` are the ids of a user and of the user's `UserLogin`.
    fn administer(&self, method: &str, resource: &str, body: &str) {
        let mut resource = resource.to_owned();
        if let Some((before, name)) = resource.trim_end_matches('}').split_once("{user:") {
            let (_, id) = self.world.orgs[0].spec.user(&format!("{name}@nordlicht.example")).unwrap();
            resource = format!("{before}{id}");
        } else if let Some((before, name)) = resource.trim_end_matches('}').split_once("{login_of:") {
            let query = format!("SELECT Id FROM UserLogin WHERE User.Username = '{name}@nordlicht.example'");
            let answer = self.admin("GET", &format!("query?{}", form(&[("q", &query)])), "").json();
            resource = format!("{before}{}", answer["records"][0]["Id"].as_str().unwrap());
        }
        let answer = self.admin(method, &resource, body);
        assert_eq!(answer.status, 204, "{resource}: {}", answer.text);
    }

    fn admin(&self, method: &str, resource: &str, body: &str) -> Answer {
        let token = self.profile("trouble-token-other-org")["access_token"].as_str().unwrap();
        let headers =
            [("authorization", format!("Bearer {token}")), ("content-type", "application/json".to_owned())];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        let path = format!("/services/data/v66.0/{resource}");
        ask_of(&self.world, Door::Production, method, &path, &headers, body)
    }
}

#[test]
fn each_profile_that_works_works() {
    let stage = Stage::new();
    for (name, fields) in stage.config["profiles"].as_table().unwrap() {
        if name.starts_with("trouble-") {
            continue;
        }
        assert!(name.starts_with("demo-"), "{name}");
        let outcome = Profile::new(&stage.world, fields.as_table().unwrap()).works("limits");
        assert_eq!(outcome, Ok(()), "{name}");
    }
    login_history_names_every_app(&stage.world, &stage.config);
}

#[test]
fn each_trouble_is_met_and_goes_when_it_is_mended() {
    let (stage, troubles) = (Stage::new(), troubles());
    let profiles = stage.config["profiles"].as_table().unwrap();
    for name in profiles.keys().filter_map(|name| name.strip_prefix("trouble-")) {
        assert!(troubles.iter().any(|trouble| trouble.name == name), "{name} is not told here");
    }
    for Trouble { name, says, mend, calls } in &troubles {
        let fields = stage.profile(&format!("trouble-{name}"));
        let said = Profile::new(&stage.world, fields).works(calls).expect_err(name);
        assert!(said.contains(says), "{name}: {said}");
        if let Some(fields) = stage.mended(fields, mend) {
            assert_eq!(Profile::new(&stage.world, &fields).works(calls), Ok(()), "{name}, mended");
        }
    }
}

/// Whoever got in, and many who did not, stand in the Login History of their org.
fn login_history_names_every_app(world: &World, config: &toml::Table) {
    let data = world.orgs[0].data().unwrap();
    let sql = "SELECT COUNT(*) FROM LoginHistory WHERE Application = ?1 AND Status = 'Success'";
    for (name, profile) in config["profiles"].as_table().unwrap() {
        let field = |key: &str| profile.get(key).and_then(toml::Value::as_str).unwrap_or_default();
        let Some(app) = world.orgs[0].spec.app(field("consumer_key")) else { continue };
        if name.starts_with("demo-") && !name.contains("sandbox") {
            let count: i64 = data.store.db().query_row(sql, [&app.name], |row| row.get(0)).unwrap();
            assert!(count > 0, "{name}");
        }
    }
}
