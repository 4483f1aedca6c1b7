//! Token exchange and asset tokens: other tokens become ours.

use super::authorizing::{authorize, code_of, exchange, grant, refresh, text, works};
use super::browser::Browser;
use super::*;
use crate::demo_org::jwt::{self, Jwt};
use crate::demo_org::keys::PrivateKey;

const ADA: &str = "ada@nordlicht.example";
const OPAQUE: &str = "idp-token-of-ada-7Kx2QvT9";
const PROVIDER: &str = include_str!("../../../assets/demo/keys/identity-provider-key.pem");
const OTHER: &str = include_str!("../../../assets/demo/keys/other-key.pem");

fn kind(name: &str) -> String {
    format!("urn:ietf:params:oauth:token-type:{name}")
}

/// Exchanges as the app does; an empty value leaves a parameter out.
fn ask(world: &World, door: Door, app: &AppSpec, more: &[(&str, &str)]) -> Answer {
    let access = kind("access_token");
    let mut pairs = vec![
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("client_id", &app.consumer_key),
        ("subject_token", OPAQUE),
        ("subject_token_type", &access),
    ];
    if app.secret_for_token_exchange {
        pairs.push(("client_secret", &app.consumer_secret));
    }
    for (name, value) in more {
        pairs.retain(|(key, _)| key != name);
        if !value.is_empty() {
            pairs.push((name, value));
        }
    }
    oauth_of(world, door, "token", &pairs)
}

fn signed(pem: &str, claims: &Value) -> String {
    jwt::sign(&PrivateKey::of_pem(pem).unwrap(), "1", claims)
}

#[test]
fn a_handler_takes_the_tokens_of_its_provider() {
    let world = world();
    let broker = app(&world.orgs[0].spec, "Identity Broker");
    let answer = ask(&world, Door::Production, broker, &[]);
    assert_eq!(text(&answer, "issued_token_type"), kind("access_token"));
    assert!(
        works(&world, Door::Production, &text(&answer, "access_token"))
            && answer.json()["id_token"].is_string()
    );
    assert_eq!(refresh(&world, Door::Production, broker, &text(&answer, "refresh_token")).status, 200);
    let soon = world.clock.now().0 / 1000 + 300;
    let claims = json!({ "iss": "https://idp.nordlicht.example", "email": ADA, "exp": soon });
    for kind in ["jwt", "JWT", "id_token"].map(kind) {
        let more = [
            ("subject_token", signed(PROVIDER, &claims)),
            ("subject_token_type", kind),
            ("token_handler", "CompanyTokens".to_owned()),
            ("scope", "api".to_owned()),
        ];
        let more: Vec<(&str, &str)> = more.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = ask(&world, Door::Production, broker, &more);
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(answer.json()["refresh_token"].is_null());
    }
}

#[test]
fn each_fault_of_an_exchange_has_its_answer() {
    let world = world();
    let spec = &world.orgs[0].spec;
    let [broker, open] = ["Identity Broker", "Open Broker"].map(|name| app(spec, name));
    let soon = world.clock.now().0 / 1000 + 300;
    let issuer = "https://idp.nordlicht.example";
    let forged = signed(OTHER, &json!({ "iss": issuer, "email": ADA, "exp": soon }));
    let old = signed(PROVIDER, &json!({ "iss": issuer, "email": ADA, "exp": soon - 600 }));
    let elsewhere = signed(PROVIDER, &json!({ "iss": "https://other.example", "email": ADA, "exp": soon }));
    let long = "x".repeat(10_001);
    let (jwt, refresh_kind) = (kind("jwt"), kind("refresh_token"));
    let request = |text: &str| (400, "invalid_request".to_owned(), text.to_owned());
    let invalid = grant("invalid subject token");
    for (app, more, expected) in [
        (
            broker,
            vec![("client_secret", "")],
            (400, "invalid_client".to_owned(), "invalid client credentials".to_owned()),
        ),
        (broker, vec![("subject_token", "")], request("missing required parameter: subject_token")),
        (broker, vec![("subject_token_type", "")], request("missing required parameter: subject_token_type")),
        (broker, vec![("subject_token_type", "jwt")], request("invalid subject_token_type")),
        (broker, vec![("subject_token", long.as_str())], request("subject_token is too long")),
        (broker, vec![("token_handler", "NoSuchHandler")], request("invalid token_handler")),
        (broker, vec![("token_handler", "ShopTokens")], invalid.clone()),
        (broker, vec![("subject_token", "unknown"), ("subject_token_type", &refresh_kind)], invalid.clone()),
        (broker, vec![("subject_token", forged.as_str()), ("subject_token_type", &jwt)], invalid.clone()),
        (broker, vec![("subject_token", old.as_str()), ("subject_token_type", &jwt)], invalid.clone()),
        (broker, vec![("subject_token", elsewhere.as_str()), ("subject_token_type", &jwt)], invalid.clone()),
        (open, vec![], grant("user hasn't approved this consumer")),
        (
            broker,
            vec![("subject_token", "idp-token-of-kenji-3Rb8WnZ5")],
            (
                400,
                "invalid_app_access".to_owned(),
                "user is not admin approved to access this app".to_owned(),
            ),
        ),
        (
            broker,
            vec![("scope", "web")],
            (400, "invalid_scope".to_owned(), "the requested scope is not allowed".to_owned()),
        ),
    ] {
        assert_eq!(refused(&ask(&world, Door::Production, app, &more)), expected);
    }
    let generic = grant("request not supported on this domain");
    assert_eq!(refused(&ask(&world, Door::Login, broker, &[])), generic);
    let not_enabled = ask(&world, Door::Production, app(spec, "Browser Login with Secret"), &[]);
    assert_eq!(refused(&not_enabled).1, "oauth_flow_disabled");
}

#[test]
fn a_device_gets_a_token_of_its_own() {
    let world = world();
    let spec = &world.orgs[0].spec;
    let access_of = |name| {
        let app = app(spec, name);
        let code = code_of(&Browser::at(&world, Door::Login).authorizes(&authorize(app, &[]), ADA));
        text(&exchange(&world, Door::Login, app, &code, &[("client_secret", "")]), "access_token")
    };
    let access = access_of("Power Meters");
    let actor = signed(OTHER, &json!({ "did": "meter-17", "Name": "Meter 17", "SerialNumber": "17" }));
    let (access_kind, jwt_kind) = (kind("access_token"), kind("jwt"));
    let ask = |subject: &str, subject_kind: &str, actor: &str| {
        let pairs = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", subject),
            ("subject_token_type", subject_kind),
            ("actor_token", actor),
            ("actor_token_type", &jwt_kind),
        ];
        oauth_of(&world, Door::Login, "token", &pairs)
    };
    let answer = ask(&access, &access_kind, &actor);
    assert_eq!(text(&answer, "issued_token_type"), jwt_kind);
    let token = Jwt::read(&text(&answer, "access_token")).unwrap();
    assert_eq!((token.text("did"), token.text("sub")), (Some("meter-17"), Some(spec.user_id(0).as_str())));
    assert_eq!(refused(&ask("unknown", &access_kind, &actor)), grant("invalid subject token"));
    assert_eq!(refused(&ask(&access, &jwt_kind, &actor)).1, "invalid_request");
    assert_eq!(refused(&ask(&access, &access_kind, "no token")), grant("invalid assertion"));
    let nameless = signed(OTHER, &json!({ "Name": "Meter 18" }));
    assert_eq!(refused(&ask(&access, &access_kind, &nameless)), grant("invalid assertion"));
    assert_eq!(refused(&ask(&access_of("Browser Login"), &access_kind, &actor)).1, "oauth_flow_disabled");
}
