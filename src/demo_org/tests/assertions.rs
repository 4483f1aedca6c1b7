//! What an app signs for a user: JWT bearer, and the app's own assertion instead of its secret.

use super::authorizing::{authorize, code_of, exchange, grant, refresh, text, works};
use super::browser::Browser;
use super::*;
use crate::demo_org::jwt;
use crate::demo_org::keys::PrivateKey;

const ADA: &str = "ada@nordlicht.example";
const KEY: &str = include_str!("../../../assets/demo/keys/build-server-key.pem");
const OTHER: &str = include_str!("../../../assets/demo/keys/other-key.pem");
const JWT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

fn claims(world: &World, app: &AppSpec, username: &str) -> Value {
    json!({
        "iss": app.consumer_key,
        "sub": username,
        "aud": "https://login.salesforce.com",
        "exp": world.clock.now().0 / 1000 + 120,
    })
}

fn signed(pem: &str, claims: &Value) -> String {
    jwt::sign(&PrivateKey::of_pem(pem).unwrap(), "1", claims)
}

fn post(world: &World, door: Door, assertion: &str) -> Answer {
    oauth_of(world, door, "token", &[("grant_type", JWT), ("assertion", assertion)])
}

#[test]
fn a_signed_token_vouches_for_an_approved_user() {
    let world = world();
    let build = app(&world.orgs[0].spec, "Build Server");
    for (door, audience) in [
        (Door::Login, "https://login.salesforce.com"),
        (Door::Login, "http://login.demo"),
        (Door::Production, "http://production.demo"),
        (Door::Production, "https://login.salesforce.com"),
    ] {
        let mut claims = claims(&world, build, ADA);
        claims["aud"] = json!(audience);
        let answer = post(&world, door, &signed(KEY, &claims));
        assert_eq!(answer.status, 200, "{audience}: {}", answer.text);
        assert!(answer.json()["refresh_token"].is_null());
        assert_eq!(text(&answer, "scope"), "api web");
        assert!(works(&world, Door::Production, &text(&answer, "access_token")));
    }
    let sandbox = app(&world.orgs[1].spec, "Build Server");
    let mut claims = claims(&world, sandbox, "ada@nordlicht.example.uat");
    claims["aud"] = json!(["https://test.salesforce.com", "x"]);
    claims["exp"] = json!(claims["exp"].to_string());
    claims["prn"] = claims["sub"].take();
    let answer = post(&world, Door::Test, &signed(KEY, &claims));
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[test]
fn each_fault_of_an_assertion_has_its_answer() {
    let world = world();
    let spec = &world.orgs[0].spec;
    let build = app(spec, "Build Server");
    let now = world.clock.now().0 / 1000;
    let with = |name: &str, value: Value| {
        let mut claims = claims(&world, build, ADA);
        claims[name] = value;
        signed(KEY, &claims)
    };
    let good = claims(&world, build, ADA);
    let says = |error: &str, text: &str| (400, error.to_owned(), text.to_owned());
    let tampered = {
        let text = signed(KEY, &good);
        let parts: Vec<&str> = text.split('.').collect();
        let other = signed(KEY, &claims(&world, build, "kenji@nordlicht.example"));
        format!("{}.{}.{}", parts[0], other.split('.').nth(1).unwrap(), parts[2])
    };
    for (assertion, expected) in [
        (signed(OTHER, &good), grant("invalid assertion")),
        (tampered, grant("invalid assertion")),
        ("no token".to_owned(), grant("invalid assertion")),
        (with("aud", json!("https://test.salesforce.com")), grant("audience is invalid")),
        (with("aud", json!("https://login.salesforce.com/")), grant("audience is invalid")),
        (with("aud", json!("http://production.demo/partners")), grant("audience is invalid")),
        (with("exp", json!(now - 1)), grant("expired authorization code")),
        (with("exp", json!(now + 3600)), grant("invalid assertion")),
        (with("exp", json!((now + 120) * 1000)), grant("invalid assertion")),
        (with("exp", Value::Null), grant("invalid assertion")),
        (with("iss", json!("3MVG9unknown")), says("invalid_client_id", "client identifier invalid")),
        (
            with("iss", json!(app(spec, "Browser Login").consumer_key)),
            says("invalid_client", "invalid client credentials"),
        ),
        (with("sub", json!("nobody@nordlicht.example")), grant("user hasn't approved this consumer")),
        (
            with("sub", json!("kenji@nordlicht.example")),
            says("invalid_app_access", "user is not admin approved to access this app"),
        ),
    ] {
        assert_eq!(refused(&post(&world, Door::Login, &assertion)), expected);
    }
    let missing = oauth_of(&world, Door::Login, "token", &[("grant_type", JWT)]);
    assert_eq!(refused(&missing).1, "invalid_request");
    let narrow = [("grant_type", JWT), ("assertion", &signed(KEY, &good)), ("scope", "refresh_token")];
    assert_eq!(refused(&oauth_of(&world, Door::Login, "token", &narrow)), grant("no valid scopes defined"));
}

#[test]
fn a_named_assertion_is_taken_once() {
    let world = world();
    let mut claims = claims(&world, app(&world.orgs[0].spec, "Build Server"), ADA);
    claims["jti"] = json!("once");
    let assertion = signed(KEY, &claims);
    assert_eq!(post(&world, Door::Login, &assertion).status, 200);
    assert_eq!(refused(&post(&world, Door::Login, &assertion)).1, "bad_jti_claim");
}

#[test]
fn a_user_may_approve_once_by_browser() {
    let world = world();
    let bot = app(&world.orgs[0].spec, "Release Bot");
    let assertion = || signed(KEY, &claims(&world, bot, ADA));
    let not_yet = grant("user hasn't approved this consumer");
    assert_eq!(refused(&post(&world, Door::Login, &assertion())), not_yet);
    let log_in = |scope: &str| {
        let mut browser = Browser::at(&world, Door::Login);
        let code = code_of(&browser.authorizes(&authorize(bot, &[("scope", scope)]), ADA));
        exchange(&world, Door::Login, bot, &code, &[])
    };
    log_in("api");
    assert_eq!(refused(&post(&world, Door::Login, &assertion())), not_yet, "not at any time");
    let answer = log_in("api refresh_token");
    assert_eq!(post(&world, Door::Login, &assertion()).status, 200);
    oauth_of(&world, Door::Login, "revoke", &[("token", &text(&answer, "refresh_token"))]);
    assert_eq!(refused(&post(&world, Door::Login, &assertion())), not_yet);
    let history = "SELECT COUNT(*) FROM LoginHistory WHERE Status = 'Failed: Not approved for access'";
    let data = world.orgs[0].data().unwrap();
    let rows: i64 = data.store.db().query_row(history, [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 3);
}

#[test]
fn an_app_may_prove_itself_by_an_assertion() {
    let world = world();
    let bot = app(&world.orgs[0].spec, "Release Bot");
    let mut claims = claims(&world, bot, &bot.consumer_key);
    claims["aud"] = json!("http://login.demo/services/oauth2/token");
    let ask = |key: &str, claims: &Value| {
        let mut browser = Browser::at(&world, Door::Login);
        let code = code_of(&browser.authorizes(&authorize(bot, &[]), ADA));
        let assertion = signed(key, claims);
        let more = [
            ("client_secret", ""),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion.as_str()),
        ];
        exchange(&world, Door::Login, bot, &code, &more)
    };
    let answer = ask(KEY, &claims);
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(refresh(&world, Door::Login, bot, &text(&answer, "refresh_token")).status, 200);
    assert_eq!(refused(&ask(OTHER, &claims)).1, "invalid_client");
    claims["aud"] = json!("http://login.demo");
    assert_eq!(refused(&ask(KEY, &claims)).1, "invalid_client");
}
