//! What the demo hands to its user: the config with ready profiles, the key files that they name, and the summary for
//! scripts.

use std::path::Path;

use serde_json::{Value, json};

use super::call::Door;
use super::jwt;
use super::keys::PrivateKey;
use super::orgs::{AppSpec, OrgSpec};
use super::sessions::Owner;
use super::world::World;

/// The private keys that profiles name, by file name.
pub(super) const KEY_FILES: &[(&str, &str)] = &[
    ("build-server-key.pem", include_str!("../../assets/demo/keys/build-server-key.pem")),
    ("other-key.pem", include_str!("../../assets/demo/keys/other-key.pem")),
];

/// Tokens that are there from the beginning, for the profiles that hold one. No `Debug`: they open doors.
pub(super) struct Ready {
    /// Access tokens, of production and of the sandbox.
    access: [String; 2],
    /// Refresh tokens: one that is good, and one that a later one has replaced.
    refresh: String,
    replaced: String,
    /// An access token of production whose session has ended.
    ended: String,
    /// The access token of a user whose devices may have tokens of their own.
    subject: String,
}

impl Ready {
    /// Opens what the tokens stand for.
    pub(super) fn new(world: &World) -> Self {
        let scopes = vec!["api".to_owned(), "id".to_owned()];
        let open = |org: usize, app: Option<&AppSpec>| {
            let user_id = world.orgs[org].spec.user_id(0);
            let consumer_key = app.map(|app| app.consumer_key.clone());
            let owner = Owner { org, user_id, consumer_key, scopes: scopes.clone(), authorization: None };
            world.sessions.open(&world.orgs[org].id(), owner).token
        };
        let production = &world.orgs[0].spec;
        let app = |flow: &str| production.apps.iter().find(|app| app.allows(flow));
        let login = |rotates: bool| {
            let is_meant =
                |app: &&AppSpec| app.allows("authorization_code") && app.rotates_refresh_tokens == rotates;
            let app = production.apps.iter().find(is_meant);
            let app = app.expect("apps for the browser, checked by a test that uses these tokens");
            world.authorizations.earlier(0, &production.user_id(0), app)
        };
        let replaced = login(true);
        if let Ok(held) = world.authorizations.hold(&replaced) {
            held.replace();
        }
        let ended = open(0, None);
        world.sessions.end(&ended);
        Self {
            access: [open(0, None), open(1, None)],
            refresh: login(false),
            replaced,
            ended,
            subject: open(0, app("asset")),
        }
    }
}

/// `assets/demo/profiles.toml` with the addresses and tokens of this run; the key files stand in `keys`.
pub(super) fn config_toml(world: &World, ready: &Ready, keys: &Path) -> String {
    let mut text = world.with_addresses(include_str!("../../assets/demo/profiles.toml"));
    for (name, value) in [
        ("{production_id}", world.orgs[0].id()),
        ("{sandbox_id}", world.orgs[1].id()),
        ("{production_token}", ready.access[0].clone()),
        ("{sandbox_token}", ready.access[1].clone()),
        ("{ended_token}", ready.ended.clone()),
        ("{broken_token}", broken(&ready.access[0])),
        ("{refresh_token}", ready.refresh.clone()),
        ("{replaced_refresh_token}", ready.replaced.clone()),
        ("{subject_token}", ready.subject.clone()),
        ("{actor_token}", actor_token()),
        ("{keys}", keys.display().to_string()),
    ] {
        text = text.replace(name, &value);
    }
    text
}

/// A token as it is copied from a screen that breaks lines: with a blank where the line ended.
fn broken(token: &str) -> String {
    let (head, tail) = token.split_at(token.len() / 2);
    format!("{head} {tail}")
}

/// What a device says of itself.
fn actor_token() -> String {
    let (_, pem) = KEY_FILES[1];
    let key = PrivateKey::of_pem(pem).expect("the program's own key, read by a test");
    jwt::sign(&key, "meter-17", &json!({ "did": "meter-17", "Name": "Meter 17", "SerialNumber": "NL-0017" }))
}

/// One object with everything that a script needs to log in.
pub(super) fn summary(world: &World, ready: &Ready) -> Value {
    let orgs: Vec<Value> =
        (0..world.orgs.len()).map(|place| org_summary(world, place, &ready.access[place])).collect();
    json!({
        "login_url": world.base(Door::Login),
        "test_url": world.base(Door::Test),
        "production_url": world.base(Door::Production),
        "sandbox_url": world.base(Door::Sandbox),
        "site_url": world.base(Door::Site),
        // Of the first user of production, for the first app with a login by browser.
        "refresh_token": ready.refresh,
        "orgs": orgs,
    })
}

fn org_summary(world: &World, place: usize, token: &str) -> Value {
    let spec = &world.orgs[place].spec;
    let apps: Vec<Value> = spec.apps.iter().map(|app| app_summary(world, app)).collect();
    let handlers: Vec<Value> = spec
        .token_handlers
        .iter()
        .map(|one| json!({ "name": one.name, "issuer": one.issuer, "tokens": one.opaque }))
        .collect();
    json!({
        "key": spec.key,
        "name": spec.name,
        "id": world.orgs[place].id(),
        "sandbox": spec.sandbox,
        "login_url": world.base(Door::generic_of(place)),
        "instance_url": world.base(Door::instance_of(place)),
        "newest_version": format!("{}.0", spec.newest_version),
        "access_token": token,
        "users": users_summary(spec),
        "apps": apps,
        "token_handlers": handlers,
    })
}

fn users_summary(spec: &OrgSpec) -> Vec<Value> {
    spec.users
        .iter()
        .map(|user| {
            json!({
                "username": user.username,
                "password": user.password,
                "security_token": user.security_token,
                "trusted_ip": user.trusted_ip,
                "site_member": user.site_member,
                "note": user.title,
            })
        })
        .collect()
}

fn app_summary(world: &World, app: &AppSpec) -> Value {
    let callbacks: Vec<String> = app.callbacks.iter().map(|one| world.with_addresses(one)).collect();
    json!({
        "name": app.name,
        "consumer_key": app.consumer_key,
        "consumer_secret": app.consumer_secret,
        "flows": app.flows,
        "scopes": app.scopes,
        "run_as": app.run_as,
        "callbacks": callbacks,
        "requires_secret": app.secret_for_web_server,
        "requires_pkce": app.requires_pkce,
        "pre_authorized": app.pre_authorized,
        // The only certificate of apps is that of this key.
        "private_key": app.certificate.as_ref().map(|_| KEY_FILES[0].1),
    })
}
