//! Refresh tokens: who gets one, how it renews, how it ends; what introspection tells; a sandbox made anew.

use super::authorizing::{authorize, code_of, exchange, grant, refresh, text, works};
use super::browser::Browser;
use super::*;

const ADA: &str = "ada@nordlicht.example";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

#[test]
fn a_refresh_token_comes_if_its_scope_was_granted() {
    let world = world();
    let spec = &world.orgs[0].spec;
    let [login, secret] = ["Browser Login", "Browser Login with Secret"].map(|name| app(spec, name));
    for (app, scope, expected) in [
        (login, "api", false),
        (login, "api refresh_token", true),
        (login, "api offline_access", true),
        (secret, "full", false),
        (secret, "full refresh_token", true),
    ] {
        let mut browser = Browser::at(&world, Door::Login);
        let code = code_of(&browser.authorizes(&authorize(app, &[("scope", scope)]), ADA));
        let answer = exchange(&world, Door::Login, app, &code, &[]);
        assert_eq!(text(&answer, "scope"), scope);
        assert_eq!(answer.json()["refresh_token"].is_string(), expected, "{scope}");
        assert!(answer.json()["id_token"].is_null(), "{scope}");
    }
}

fn tokens(world: &World, app: &AppSpec) -> (String, String) {
    let code = code_of(&Browser::at(world, Door::Login).authorizes(&authorize(app, &[]), ADA));
    let answer = exchange(world, Door::Login, app, &code, &[]);
    (text(&answer, "access_token"), text(&answer, "refresh_token"))
}

#[test]
fn a_refresh_renews_until_it_is_revoked() {
    let world = world();
    let spec = &world.orgs[0].spec;
    let [login, secret] = ["Browser Login", "Browser Login with Secret"].map(|name| app(spec, name));
    let (first, token) = tokens(&world, login);
    let answer = refresh(&world, Door::Production, login, &token);
    assert!(answer.json()["refresh_token"].is_null(), "without rotation the old one stays");
    assert_eq!(text(&answer, "scope"), "api id openid web refresh_token");
    let second = text(&answer, "access_token");
    assert!(
        first != second
            && works(&world, Door::Production, &first)
            && works(&world, Door::Production, &second)
    );
    let expired = grant("expired access/refresh token");
    for (door, app, token) in [
        (Door::Login, secret, token.as_str()),
        (Door::Test, login, token.as_str()),
        (Door::Login, login, "5Aep861unknown"),
    ] {
        assert_eq!(refused(&refresh(&world, door, app, token)), expired);
    }
    let with_verifier = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token.as_str()),
        ("client_id", login.consumer_key.as_str()),
        ("code_verifier", VERIFIER),
    ];
    let answer = oauth_of(&world, Door::Login, "token", &with_verifier);
    assert_eq!(refused(&answer), grant("unexpected code verifier"));
    assert_eq!(oauth_of(&world, Door::Login, "revoke", &[("token", &token)]).status, 200);
    assert!(!works(&world, Door::Production, &first) && !works(&world, Door::Production, &second));
    assert_eq!(refused(&refresh(&world, Door::Login, login, &token)), expired);
    // The last authorisation has gone: the app must ask again.
    let mut browser = Browser::at(&world, Door::Login);
    let page = browser.get(&authorize(login, &[]));
    assert!(browser.log_in(&page, ADA).text.contains("oaapprove"));
}

#[test]
fn an_access_token_is_revoked_alone() {
    let world = world();
    let login = app(&world.orgs[0].spec, "Browser Login");
    let (first, token) = tokens(&world, login);
    let by_get = format!("/services/oauth2/revoke?{}", form(&[("token", &first), ("callback", "done")]));
    let answer = ask_of(&world, Door::Login, "GET", &by_get, &[], "");
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "done({});"));
    assert!(!works(&world, Door::Production, &first));
    assert_eq!(refresh(&world, Door::Login, login, &token).status, 200);
    assert_eq!(ask_of(&world, Door::Login, "GET", &by_get, &[], "").status, 400);
}

#[test]
fn rotation_replaces_the_token_and_a_replayed_one_ends_everything() {
    let world = world();
    let rotating = app(&world.orgs[0].spec, "Rotating Tokens");
    let (_, first) = tokens(&world, rotating);
    let answer = refresh(&world, Door::Login, rotating, &first);
    let (second, access) = (text(&answer, "refresh_token"), text(&answer, "access_token"));
    assert_ne!(first, second);
    let expired = grant("expired access/refresh token");
    assert_eq!(refused(&refresh(&world, Door::Login, rotating, &first)), expired);
    assert_eq!(refused(&refresh(&world, Door::Login, rotating, &second)), expired);
    assert!(!works(&world, Door::Production, &access));
}

#[test]
fn a_refresh_token_is_used_by_one_at_a_time() {
    let world = world();
    let login = app(&world.orgs[0].spec, "Browser Login");
    let (_, token) = tokens(&world, login);
    let held = world.authorizations.hold(&token).ok();
    let busy = grant("token request is already being processed");
    assert_eq!(refused(&refresh(&world, Door::Login, login, &token)), busy);
    drop(held);
    assert_eq!(refresh(&world, Door::Login, login, &token).status, 200);
}

#[test]
fn a_refresh_token_ends_by_policy() {
    let world = world();
    let day = app(&world.orgs[0].spec, "Day Pass");
    let (access, token) = tokens(&world, day);
    world.clock.advance(23 * 3_600_000);
    assert!(!works(&world, Door::Production, &access), "a session ends long before");
    assert_eq!(refresh(&world, Door::Login, day, &token).status, 200);
    world.clock.advance(3_600_000);
    assert_eq!(refused(&refresh(&world, Door::Login, day, &token)), grant("expired access/refresh token"));
}

#[test]
fn introspection_tells_what_a_token_is() {
    let world = world();
    let spec = &world.orgs[0].spec;
    let [secret, other] = ["Browser Login with Secret", "Orgdeck Workbench"].map(|name| app(spec, name));
    let (access, token) = tokens(&world, secret);
    let ask = |app: &AppSpec, token: &str| {
        let pairs =
            [("token", token), ("client_id", &app.consumer_key), ("client_secret", &app.consumer_secret)];
        oauth_of(&world, Door::Login, "introspect", &pairs).json()
    };
    let about = ask(secret, &access);
    assert_eq!((&about["token_type"], &about["username"]), (&json!("access_token"), &json!(ADA)));
    assert_eq!(about["exp"].as_i64().unwrap() - about["iat"].as_i64().unwrap(), 7200);
    let about = ask(secret, &token);
    assert_eq!(
        (&about["token_type"], &about["scope"]),
        (&json!("refresh_token"), &json!("full refresh_token"))
    );
    assert_eq!(ask(other, &token), json!({"active": false}));
    let wrong = AppSpec { consumer_secret: "0".to_owned(), ..secret.clone() };
    assert_eq!(ask(&wrong, &token)["error"], "invalid_client");
}

#[test]
fn a_sandbox_made_anew_is_another_org_behind_the_same_address() {
    let world = world();
    let login = app(&world.orgs[1].spec, "Browser Login");
    let log_in = || {
        let mut browser = Browser::at(&world, Door::Test);
        let code = code_of(&browser.authorizes(&authorize(login, &[]), "ada@nordlicht.example.uat"));
        exchange(&world, Door::Test, login, &code, &[])
    };
    let organization = |token: &str| {
        let query = "SELECT Id, Name, OrganizationType, IsSandbox, TrialExpirationDate, InstanceName, NamespacePrefix FROM Organization";
        let path = format!("/services/data/v66.0/query?{}", form(&[("q", query)]));
        let bearer = format!("Bearer {token}");
        ask_of(&world, Door::Sandbox, "GET", &path, &[("authorization", &bearer)], "").json()["records"][0]
            .clone()
    };
    let before = log_in();
    let told = organization(&text(&before, "access_token"));
    assert_eq!((&told["Id"], &told["IsSandbox"]), (&json!("00D9O000002NordUAC"), &json!(true)));
    let made = ask_of(&world, Door::Login, "POST", "/demo/refresh-sandbox", &[], "").json();
    let id = made["organization_id"].as_str().unwrap();
    assert!(id.starts_with("00D9O000003Nord"), "{id}");
    assert!(!works(&world, Door::Sandbox, &text(&before, "access_token")));
    let dead = refresh(&world, Door::Test, login, &text(&before, "refresh_token"));
    assert_eq!(refused(&dead), grant("expired access/refresh token"));
    let after = log_in();
    assert!(text(&after, "id").contains(id) && text(&after, "access_token").starts_with(&id[..15]));
    assert_eq!(text(&after, "instance_url"), text(&before, "instance_url"));
    let told = organization(&text(&after, "access_token"));
    assert_eq!((&told["Id"], &told["IsSandbox"]), (&json!(id), &json!(true)));
    assert_eq!(ask_of(&world, Door::Login, "GET", "/demo/refresh-sandbox", &[], "").status, 405);
}
