//! What the demo hands to its user: the config with ready profiles, and the summary for scripts.

use serde_json::{Value, json};

use super::call::Door;
use super::orgs::OrgSpec;
use super::sessions::Owner;
use super::world::World;

/// Opens the session whose token the profiles with a pasted token hold.
pub(super) fn ready_token(world: &World, org: usize) -> String {
    let spec = &world.orgs[org].spec;
    let scopes = vec!["api".to_owned(), "id".to_owned()];
    let owner = Owner { org, user_id: spec.user_id(0), scopes, ..Owner::default() };
    world.sessions.open(&world.orgs[org].id(), owner).token
}

/// `assets/demo/profiles.toml` with the addresses and tokens of this run.
pub(super) fn config_toml(world: &World, tokens: &[String; 2]) -> String {
    let mut text = include_str!("../../assets/demo/profiles.toml").to_owned();
    for (name, value) in [
        ("{login}", world.base(Door::Login)),
        ("{test}", world.base(Door::Test)),
        ("{production}", world.base(Door::Production)),
        ("{sandbox}", world.base(Door::Sandbox)),
        ("{production_token}", &tokens[0]),
        ("{sandbox_token}", &tokens[1]),
    ] {
        text = text.replace(name, value);
    }
    text
}

/// One object with everything that a script needs to log in.
pub(super) fn summary(world: &World, tokens: &[String; 2]) -> Value {
    let orgs: Vec<Value> = world
        .orgs
        .iter()
        .enumerate()
        .map(|(place, org)| {
            let login = if org.spec.sandbox { Door::Test } else { Door::Login };
            org_summary(&org.spec, world.base(login), world.base(Door::instance_of(place)), &tokens[place])
        })
        .collect();
    json!({
        "login_url": world.base(Door::Login),
        "test_url": world.base(Door::Test),
        "production_url": world.base(Door::Production),
        "sandbox_url": world.base(Door::Sandbox),
        "orgs": orgs,
    })
}

fn org_summary(spec: &OrgSpec, login: &str, instance: &str, token: &str) -> Value {
    let users: Vec<Value> = spec
        .users
        .iter()
        .map(|user| {
            json!({
                "username": user.username,
                "password": user.password,
                "security_token": user.security_token,
                "trusted_ip": user.trusted_ip,
                "note": user.title,
            })
        })
        .collect();
    let apps: Vec<Value> = spec
        .apps
        .iter()
        .map(|app| {
            json!({
                "name": app.name,
                "consumer_key": app.consumer_key,
                "consumer_secret": app.consumer_secret,
                "flows": app.flows,
                "run_as": app.run_as,
            })
        })
        .collect();
    json!({
        "key": spec.key,
        "name": spec.name,
        "id": spec.id,
        "sandbox": spec.sandbox,
        "login_url": login,
        "instance_url": instance,
        "newest_version": format!("{}.0", spec.newest_version),
        "access_token": token,
        "users": users,
        "apps": apps,
    })
}
